//! The assistant of `backstay source add`: asks for what is missing, tests it, and lets a person tick what is to be protected.

use backstay_api::{
    OptionSpec, commands,
    types::{ProbePart, ProbeReply, SourceAddRequest, SourceTryRequest},
};
use serde_json::{Map, Value};

use super::{source_add::settled, source_secret};
use crate::{
    ask,
    errors::{CliError, Result},
    print::{self, setup},
    session::Session,
};

/// Ways to sign in, with the settings each of them needs. A kind of source says by the choices of its setting `auth` which it has.
const WAYS: &[(&str, &str, &[&str])] = &[
    ("basic", "User and password", &["user", "password"]),
    ("cookie", "User and password, once (session cookie)", &["user", "password"]),
    ("jwt", "A JSON Web Token", &["token"]),
    (
        "proxy",
        "As a proxy that vouches for the user",
        &["user", "proxy-roles", "proxy-secret"],
    ),
    ("iam", "An API key of IBM Cloud (Cloudant)", &["api-key"]),
    ("none", "Not at all", &[]),
];

/// The setting that says how to sign in.
const AUTH: &str = "auth";

/// Whether a person has more to say than what must be given: how to sign in, and nothing was said of it.
pub(super) fn has_more(specs: &[OptionSpec], given: &Map<String, Value>) -> bool {
    let signs_in = specs.iter().any(|spec| spec.name == AUTH);
    let said = specs
        .iter()
        .any(|spec| (spec.secret || spec.name == AUTH || spec.name == "user") && given.contains_key(spec.name));
    let needs_secret = given.get(AUTH).and_then(Value::as_str).is_some_and(|how| {
        let way = WAYS.iter().find(|(name, ..)| *name == how);
        way.is_some_and(|(_, _, fields)| fields.iter().any(|field| !given.contains_key(*field)))
    });
    signs_in && (!said || needs_secret)
}

/// Asks until the settings can be used.
///
/// # Errors
/// [`CliError::NoAnswer`] when a question is not answered.
pub(super) fn complete(request: &mut SourceAddRequest, specs: &[OptionSpec], session: &Session<'_>) -> Result<()> {
    required(request, specs)?;
    loop {
        sign_in(request, specs)?;
        session.output.note("Testing …");
        match tried(request, session) {
            Ok(reply) => {
                session.output.complain(setup::probe(&reply).trim_end());
                parts(request, specs, &reply)?;
                break;
            }
            Err(error) => {
                error.show(session.output);
                if !again(request, specs)? {
                    break;
                }
            }
        }
    }
    if request.name.is_empty() {
        request.name = ask::line("Name for the source")?;
    }
    Ok(())
}

fn tried(request: &SourceAddRequest, session: &Session<'_>) -> Result<ProbeReply> {
    session.quick::<commands::SourceTry>(SourceTryRequest {
        kind: request.kind.clone(),
        options: request.options.clone(),
    })
}

fn required(request: &mut SourceAddRequest, specs: &[OptionSpec]) -> Result<()> {
    for spec in specs.iter().filter(|spec| spec.required) {
        if !request.options.contains_key(spec.name) {
            let text = ask::line(spec.help.trim_end_matches('.'))?;
            request
                .options
                .insert(spec.name.to_owned(), Value::from(settled(spec, text.trim())));
        }
    }
    Ok(())
}

/// Asks how to sign in, then for the settings that way needs and nobody gave.
fn sign_in(request: &mut SourceAddRequest, specs: &[OptionSpec]) -> Result<()> {
    let Some(auth) = specs.iter().find(|spec| spec.name == AUTH) else {
        return Ok(());
    };
    let ways: Vec<_> = WAYS.iter().filter(|(name, ..)| auth.choices.contains(name)).collect();
    let said = request.options.get(AUTH).and_then(Value::as_str).map(ToOwned::to_owned);
    let chosen = match said.as_deref().and_then(|said| ways.iter().find(|(name, ..)| *name == said)) {
        Some(way) => way,
        None => {
            let words: Vec<&str> = ways.iter().map(|(_, words, _)| *words).collect();
            match ways.get(ask::select("How does one sign in there?", &words)?) {
                Some(way) => way,
                None => return Ok(()),
            }
        }
    };
    request.options.insert(AUTH.to_owned(), Value::from(chosen.0));
    for name in chosen.2 {
        let Some(spec) = specs.iter().find(|spec| spec.name == *name) else {
            continue;
        };
        if request.options.contains_key(*name) {
            continue;
        }
        let prompt = spec.help.trim_end_matches('.');
        let value = if spec.secret {
            source_secret::ask(spec, prompt)?
        } else {
            ask::line(prompt)?
        };
        request.options.insert((*name).to_owned(), Value::from(value));
    }
    Ok(())
}

/// After a test that failed: what is to be said anew. `false`: it is added as it is.
fn again(request: &mut SourceAddRequest, specs: &[OptionSpec]) -> Result<bool> {
    let first = specs.iter().find(|spec| spec.required);
    let items = ["sign in in another way", "another address", "test again", "give up"];
    match ask::select("What now?", &items)? {
        0 => {
            for spec in specs {
                if spec.secret || matches!(spec.name, AUTH | "user" | "proxy-roles") {
                    request.options.shift_remove(spec.name);
                }
            }
        }
        1 => {
            if let Some(first) = first {
                request.options.shift_remove(first.name);
            }
            required(request, specs)?;
        }
        2 => {}
        _ => return Err(CliError::Declined),
    }
    Ok(true)
}

/// What of it is to be protected, where the kind lets one choose.
fn parts(request: &mut SourceAddRequest, specs: &[OptionSpec], reply: &ProbeReply) -> Result<()> {
    let found = &reply.probe.parts;
    // The setting that names parts: the first that may be given several times and leaves nothing out.
    let Some(spec) = specs.iter().find(|spec| spec.multiple && !spec.secret && !spec.path) else {
        return Ok(());
    };
    if found.is_empty() || request.options.contains_key(spec.name) {
        return Ok(());
    }
    let items = [
        "everything, what is new later too",
        "only what I tick now",
        "by a pattern (sales-*)",
    ];
    match ask::select("What is to be protected?", &items)? {
        1 => {
            let lines: Vec<String> = found.iter().map(line).collect();
            let ticked = ask::several("Space ticks, Enter goes on", &lines)?;
            let names: Vec<Value> = ticked
                .into_iter()
                .filter_map(|at| found.get(at))
                .map(|part| Value::from(part.name.clone()))
                .collect();
            if names.is_empty() {
                return Err(CliError::Declined);
            }
            request.options.insert(spec.name.to_owned(), Value::from(names));
        }
        2 => {
            let text = ask::line("Pattern, or several separated by commas")?;
            let names: Vec<Value> = text
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(Value::from)
                .collect();
            request.options.insert(spec.name.to_owned(), Value::from(names));
        }
        _ => {}
    }
    Ok(())
}

fn line(part: &ProbePart) -> String {
    let mut text = part.name.clone();
    if let Some(records) = part.records {
        text.push_str(&format!("  {}", print::counted(records, "record", "records")));
    }
    if let Some(bytes) = part.bytes {
        text.push_str(&format!(", {}", print::bytes(bytes)));
    }
    if let Some(problem) = &part.problem {
        text.push_str(&format!("  ({problem})"));
    }
    text
}
