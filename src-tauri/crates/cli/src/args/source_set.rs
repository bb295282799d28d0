//! `backstay source set` and `backstay source kinds`: changing a source that exists, and what kinds of sources there are.

use backstay_api::{
    OptionSpec, commands,
    types::{ConnectorRow, ConnectorsReply, Named, Nothing, OptionRow, SourceChangeRequest},
};
use clap::Args;
use serde_json::{Map, Value};

use super::{
    source_add::{settled, specs},
    source_secret,
};
use crate::{
    errors::{CliError, Result},
    print::setup,
    session::{Exit, Session},
};

/// Arguments of `source set`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay source set notes path=/new/place/notes.db
  backstay source set office database=sales database=crm --unset exclude
  backstay source set office --secret password
  backstay source set office --rename headquarters

The new settings are tested before anything is changed. A setting that can have several values gets exactly those given.
`backstay source kinds KIND` lists the settings.")]
pub struct Set {
    /// Name of the source
    name: String,
    /// Settings and their new values; true and false for switches
    #[arg(value_name = "OPTION=VALUE")]
    values: Vec<String>,
    /// Take a setting away (may be repeated)
    #[arg(long, value_name = "OPTION")]
    unset: Vec<String>,
    /// Ask for a secret setting, or take it from the environment (may be repeated)
    #[arg(long, value_name = "OPTION")]
    secret: Vec<String>,
    #[command(flatten)]
    given: source_secret::Given,
    /// Give it another name
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// Vaults it goes to from now on (may be repeated)
    #[arg(long, value_name = "VAULT")]
    vault: Vec<String>,
}

/// Arguments of `source kinds`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  backstay source kinds\n  backstay source kinds couchdb")]
pub struct Kinds {
    /// Only this kind, with everything it can be told
    kind: Option<String>,
}

/// Does it.
pub(super) fn run(args: &Set, session: &Session<'_>) -> Result<Exit> {
    let row = session.quick::<commands::SourceShow>(Named { name: args.name.clone() })?;
    let specs = specs(&row.kind);
    let asked = !(args.values.is_empty() && args.unset.is_empty() && args.secret.is_empty() && args.given.secret_file.is_empty());
    if !asked && args.rename.is_none() && args.vault.is_empty() {
        return Err(CliError::Usage {
            message: "nothing to change was given".to_owned(),
            hint: format!("Settings: {}.", names(specs)),
        });
    }
    let options = asked
        .then(|| changed(args, specs, row.options.as_object().cloned().unwrap_or_default()))
        .transpose()?;
    let row = session.quick::<commands::SourceChange>(SourceChangeRequest {
        name: args.name.clone(),
        rename: args.rename.clone(),
        options,
        vaults: (!args.vault.is_empty()).then(|| args.vault.clone()),
    })?;
    session.reply(&row, setup::source)?;
    Ok(Exit::DONE)
}

fn names(specs: &[OptionSpec]) -> String {
    specs.iter().map(|spec| spec.name).collect::<Vec<_>>().join(", ")
}

fn unknown(specs: &[OptionSpec], name: &str) -> CliError {
    CliError::Usage {
        message: format!("there is no setting {name:?}; nothing was changed"),
        hint: format!("Settings: {}.", names(specs)),
    }
}

/// All settings as they shall be.
fn changed(args: &Set, specs: &[OptionSpec], mut options: Map<String, Value>) -> Result<Map<String, Value>> {
    for name in &args.unset {
        if options.shift_remove(name).is_none() && !specs.iter().any(|spec| spec.name == name) {
            return Err(unknown(specs, name));
        }
    }
    let mut begun: Vec<&str> = Vec::new();
    for text in &args.values {
        let (name, value) = text.split_once('=').ok_or_else(|| CliError::Usage {
            message: format!("{text:?} is no setting with a value; nothing was changed"),
            hint: "Write OPTION=VALUE.".to_owned(),
        })?;
        let spec = specs
            .iter()
            .find(|spec| spec.name == name)
            .ok_or_else(|| unknown(specs, name))?;
        if spec.secret {
            return Err(CliError::Usage {
                message: format!("{name:?} is a secret, which other users could read in an argument; nothing was changed"),
                hint: format!("Use --secret {name} or --secret-file {name}=FILE."),
            });
        }
        if spec.flag {
            match value {
                "true" | "yes" => drop(options.insert(name.to_owned(), Value::Bool(true))),
                "false" | "no" => drop(options.shift_remove(name)),
                _ => {
                    return Err(CliError::Usage {
                        message: format!("{name:?} is a switch; nothing was changed"),
                        hint: format!("{name}=true or {name}=false."),
                    });
                }
            }
        } else if spec.multiple && begun.contains(&spec.name) {
            if let Some(Value::Array(items)) = options.get_mut(name) {
                items.push(Value::from(settled(spec, value)));
            }
        } else if spec.multiple {
            begun.push(spec.name);
            options.insert(name.to_owned(), Value::from(vec![settled(spec, value)]));
        } else {
            options.insert(name.to_owned(), Value::from(settled(spec, value)));
        }
    }
    secrets(args, specs, &mut options)?;
    Ok(options)
}

fn secrets(args: &Set, specs: &[OptionSpec], options: &mut Map<String, Value>) -> Result<()> {
    let mut given = Map::new();
    args.given.read(specs, &mut given)?;
    for name in &args.secret {
        let spec = specs
            .iter()
            .find(|spec| spec.name == name && spec.secret)
            .ok_or_else(|| unknown(specs, name))?;
        if !given.contains_key(name) {
            given.insert(
                name.clone(),
                Value::from(source_secret::ask(spec, spec.help.trim_end_matches('.'))?),
            );
        }
    }
    // A variable of the environment that nobody named changes nothing.
    let named = |name: &str| {
        let from_file = |text: &String| text.split_once('=').is_some_and(|(of, _)| of == name);
        args.secret.iter().any(|of| of == name) || args.given.secret_file.iter().any(from_file)
    };
    options.extend(given.into_iter().filter(|(name, _)| named(name)));
    Ok(())
}

/// Lists the kinds of sources.
pub(super) fn kinds(args: &Kinds, session: &Session<'_>) -> Result<Exit> {
    let mut reply = session.quick::<commands::Connectors>(Nothing {})?;
    if let Some(kind) = &args.kind {
        let all: Vec<String> = reply.connectors.iter().map(|known| known.kind.clone()).collect();
        reply.connectors.retain(|known| known.kind == *kind);
        if reply.connectors.is_empty() {
            return Err(CliError::Usage {
                message: format!("there is no kind of source called {kind:?}"),
                hint: format!("Kinds: {}.", all.join(", ")),
            });
        }
    }
    session.reply(&reply, |reply| text(reply, args.kind.is_some()))?;
    Ok(Exit::DONE)
}

fn text(reply: &ConnectorsReply, whole: bool) -> String {
    if let (true, [kind]) = (whole, reply.connectors.as_slice()) {
        return one(kind);
    }
    let lines = reply
        .connectors
        .iter()
        .map(|kind| format!("{:10} {}: {}\n", kind.kind, kind.title, kind.summary));
    lines.collect()
}

fn one(kind: &ConnectorRow) -> String {
    let mut text = format!(
        "{} ({})\n{}\n\nSettings (source add, source set):\n",
        kind.title, kind.kind, kind.summary
    );
    text.extend(kind.options.iter().map(option));
    if !kind.restore_options.is_empty() {
        text.push_str("\nHow a restore writes (restore --set NAME=VALUE):\n");
        text.extend(kind.restore_options.iter().map(option));
    }
    if kind.named_places {
        text.push_str("\nA new place (restore --to) is a name: NAME for one, PREFIX-* for several.\n");
    }
    if kind.replicates {
        text.push_str("\nIts collections can be replicated: backstay couchdb replicate.\n");
    }
    text
}

fn option(row: &OptionRow) -> String {
    let marks = [
        (row.required, "needed"),
        (row.secret, "secret"),
        (row.multiple, "may be repeated"),
        (row.flag, "a switch"),
    ];
    let mut marks: Vec<String> = marks
        .iter()
        .filter(|(has, _)| *has)
        .map(|(_, word)| (*word).to_owned())
        .collect();
    if !row.choices.is_empty() {
        marks.push(row.choices.join("|"));
    }
    let marks = if marks.is_empty() {
        String::new()
    } else {
        format!(" [{}]", marks.join(", "))
    };
    format!("  {:14} {}{marks}\n", row.name, row.help)
}
