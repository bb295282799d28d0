//! The menu of `backstay couchdb`: asks a few questions, shows the command they come to, and runs it.

use backstay_api::{
    commands,
    types::{Nothing, SnapshotsRequest, TargetsRequest},
};
use clap::Parser as _;

use crate::{
    args::{self, Cli, conflict},
    ask,
    errors::{CliError, Result},
    print,
    session::{Exit, Session},
};

/// The kind of source this is about.
const KIND: &str = "couchdb";

/// Asks what to do until the person is done.
pub(super) fn run(session: &mut Session<'_>) -> Result<Exit> {
    let items = [
        "Back up",
        "Restore",
        "Look at conflicts",
        "Replicate",
        "See what is replicated",
        "Add a server",
        "Quit",
    ];
    loop {
        let done = match ask::select("CouchDB", &items)? {
            0 => backup(session),
            1 => restore(session),
            2 => source(session).and_then(|source| conflict::walk(&source, session)),
            3 => replicate(session),
            4 => words(&["couchdb", "replications"], session),
            5 => words(&["source", "add", KIND], session),
            _ => return Ok(Exit::DONE),
        };
        match done {
            Ok(_) => {}
            // One thing that went wrong does not end the others.
            Err(CliError::NoAnswer | CliError::Cancelled) => return Ok(Exit::DONE),
            Err(error) => error.show(session.output),
        }
        if session.cancel.is_cancelled() {
            return Ok(Exit::of(backstay_model::ErrorKind::Cancelled));
        }
    }
}

/// Runs a command as if it had been typed, and shows it, so that next time it can be.
fn words(words: &[&str], session: &mut Session<'_>) -> Result<Exit> {
    session.output.note(&format!(
        "> backstay {}",
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    ));
    let line = std::iter::once("backstay").chain(words.iter().copied());
    let cli = Cli::try_parse_from(line).map_err(|error| CliError::Usage {
        message: error.to_string().lines().next().unwrap_or_default().to_owned(),
        hint: "`backstay --help` lists the commands.".to_owned(),
    })?;
    args::with_state(&cli.command, session)
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./@:=,+*".contains(c);
    if word.chars().all(plain) && !word.contains('*') {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A source of the kind; the only one, or chosen.
fn source(session: &Session<'_>) -> Result<String> {
    let all = session.quick::<commands::Sources>(Nothing {})?.sources;
    let names: Vec<&str> = all
        .iter()
        .filter(|source| source.kind == KIND)
        .map(|source| source.name.as_str())
        .collect();
    match names.as_slice() {
        [] => Err(CliError::Usage {
            message: "no CouchDB server is set up yet".to_owned(),
            hint: "Add one first.".to_owned(),
        }),
        [one] => Ok((*one).to_owned()),
        many => {
            let chosen = ask::select("Which server?", many)?;
            many.get(chosen).map(|name| (*name).to_owned()).ok_or(CliError::NoAnswer)
        }
    }
}

fn backup(session: &mut Session<'_>) -> Result<Exit> {
    let source = source(session)?;
    words(&["backup", &source], session)
}

fn restore(session: &mut Session<'_>) -> Result<Exit> {
    let source = source(session)?;
    let snapshots = session.quick::<commands::Snapshots>(SnapshotsRequest {
        source: Some(source),
        ..SnapshotsRequest::default()
    })?;
    let rows = snapshots.snapshots;
    if rows.is_empty() {
        return Err(CliError::Usage {
            message: "there is no backup of it yet".to_owned(),
            hint: "Back it up first.".to_owned(),
        });
    }
    let lines: Vec<String> = rows
        .iter()
        .map(|row| format!("{}  {}", print::time(row.time), print::short(&row.id)))
        .collect();
    let names: Vec<&str> = lines.iter().map(String::as_str).collect();
    let row = rows.get(ask::select("Which state?", &names)?).ok_or(CliError::NoAnswer)?;
    let targets = session.quick::<commands::Targets>(TargetsRequest {
        at: backstay_api::types::SnapshotRef {
            snapshot: row.id.clone(),
            vault: Some(row.vault.clone()),
        },
    })?;
    let only = ask::optional("Only these databases (empty: all), separated by commas")?;
    let place = ask::select(
        "Where to?",
        &["new databases beside the old ones", "where it came from", "another server"],
    )?;
    let mut line = vec!["restore".to_owned(), row.id.clone()];
    if !only.is_empty() {
        line.extend(["--only".to_owned(), only]);
    }
    match place {
        0 => line.extend([
            "--to".to_owned(),
            ask::with_default("Name (* stands for the old one)", &targets.suggested)?,
        ]),
        1 => line.push("--in-place".to_owned()),
        _ => {
            let others: Vec<&str> = targets
                .sources
                .iter()
                .filter(|other| !other.origin)
                .map(|other| other.name.as_str())
                .collect();
            if others.is_empty() {
                return Err(CliError::Usage {
                    message: "no other server is set up".to_owned(),
                    hint: "Add it first.".to_owned(),
                });
            }
            let other = others.get(ask::select("Which server?", &others)?).ok_or(CliError::NoAnswer)?;
            line.extend(["--into".to_owned(), (*other).to_owned()]);
        }
    }
    let line: Vec<&str> = line.iter().map(String::as_str).collect();
    words(&line, session)
}

fn replicate(session: &mut Session<'_>) -> Result<Exit> {
    let from = ask::line("From (SOURCE/DB)")?;
    let to = ask::line("To (TARGET/DB)")?;
    let kept = ask::select(
        "How long?",
        &["once", "continuously, by the app or the agent", "continuously, while I watch"],
    )?;
    let mut line = vec!["couchdb", "replicate", from.trim(), to.trim(), "--create"];
    match kept {
        1 => line.extend(["--continuous", "--keep"]),
        2 => line.push("--continuous"),
        _ => {}
    }
    words(&line, session)
}
