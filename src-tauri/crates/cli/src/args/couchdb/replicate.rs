//! `backstay couchdb replicate` and what belongs to it.

use std::path::PathBuf;

use backstay_api::{
    commands,
    types::{Named, Replication, ReplicationEnd, ReplicationRef, ReplicationStartRequest, ReplicationsRequest, Via},
};
use clap::{Args, ValueEnum};

use crate::{
    ask,
    errors::{CliError, Result},
    output::somebody_is_there,
    print::replicate,
    session::{Exit, Session},
};

/// Arguments of `couchdb replicate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay couchdb replicate office/sales cloud/sales --create
  backstay couchdb replicate office/sales cloud/sales --continuous
  backstay couchdb replicate office/sales cloud/sales --continuous --keep
  backstay couchdb replicate office/sales office/invoices --selector '{\"type\":\"invoice\"}'

Without --continuous it ends when everything went through. --continuous goes on
until Ctrl-C; with --keep the app or the agent keeps it going, also after a
restart. A server that replicates by itself (--via server) goes on without
Backstay and keeps the other side's password in its own database.
Exit code 3: the target refused documents, which are named.")]
pub struct Replicate {
    /// The database that is read
    #[arg(value_name = "SOURCE[/DB]")]
    from: String,
    /// The database that is written (without /DB: the same name)
    #[arg(value_name = "TARGET[/DB]")]
    to: String,
    /// Go on when everything went through, and wait for changes
    #[arg(long)]
    continuous: bool,
    /// Have the app or the agent keep it going
    #[arg(long, requires = "continuous")]
    keep: bool,
    /// Only documents this Mango selector asks for
    #[arg(long, value_name = "JSON", conflicts_with = "selector_file")]
    selector: Option<String>,
    /// Only documents the Mango selector in this file asks for
    #[arg(long, value_name = "FILE")]
    selector_file: Option<PathBuf>,
    /// Only these documents
    #[arg(long, value_name = "ID,ID", value_delimiter = ',')]
    ids: Vec<String>,
    /// Who moves the data
    #[arg(long, value_name = "WHO", value_enum, default_value = "auto")]
    via: Who,
    /// Make the target when it does not exist
    #[arg(long)]
    create: bool,
}

/// `--via`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Who {
    /// The server where both databases are on one, else Backstay
    Auto,
    /// The server of the target
    Server,
    /// Backstay
    Here,
}

/// Arguments of `couchdb replications`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  backstay couchdb replications\n  backstay couchdb replications --source office")]
pub struct List {
    /// Only those this source is an end of, and those its server runs
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Do not ask servers: only those Backstay keeps
    #[arg(long, conflicts_with = "source")]
    kept: bool,
}

/// A replication.
#[derive(Debug, Args)]
pub struct Which {
    /// Its id, or the beginning of it
    id: String,
    /// The server of this source runs it
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
}

impl Which {
    fn wanted(&self) -> ReplicationRef {
        ReplicationRef {
            id: self.id.clone(),
            source: self.source.clone(),
        }
    }
}

/// Replicates.
pub(super) fn run(args: &Replicate, session: &Session<'_>) -> Result<Exit> {
    let from = whole(&args.from, None, session)?;
    let to = whole(&args.to, Some(&from.collection), session)?;
    let selector = match (&args.selector, &args.selector_file) {
        (Some(text), _) => Some(text.clone()),
        (None, Some(path)) => Some(std::fs::read_to_string(path).map_err(|error| CliError::File {
            path: path.clone(),
            verb: "read",
            error,
        })?),
        (None, None) => None,
    };
    let what = Replication {
        continuous: args.continuous,
        ids: args.ids.clone(),
        selector,
        via: match args.via {
            Who::Auto => Via::Auto,
            Who::Server => Via::Server,
            Who::Here => Via::Here,
        },
        create_target: args.create,
    };
    if args.continuous && !args.keep {
        session
            .output
            .note("Ctrl-C ends it; what went through is noted on both sides.");
    }
    let reply = session.long::<commands::ReplicationStart>(ReplicationStartRequest {
        from,
        to,
        what,
        stay: args.continuous && !args.keep,
    })?;
    let watched = commands::leader(&session.app)?.is_some();
    session.result(&reply, |reply| replicate::ended(reply, args.continuous, watched))?;
    Ok(Exit::verdict(reply.verdict, None))
}

/// `SOURCE/DB`; a database that is not named is `same`, else the only one the source has, else asked for. Names of sources hold no slash, names of
/// databases may.
fn whole(text: &str, same: Option<&str>, session: &Session<'_>) -> Result<ReplicationEnd> {
    let (source, collection) = text.split_once('/').unwrap_or((text, ""));
    let collection = match (collection, same) {
        ("", Some(same)) => same.to_owned(),
        ("", None) => only_one(source, session)?,
        (named, _) => named.to_owned(),
    };
    Ok(ReplicationEnd {
        source: source.to_owned(),
        collection,
    })
}

fn only_one(source: &str, session: &Session<'_>) -> Result<String> {
    let reply = session.quick::<commands::SourceProbe>(Named { name: source.to_owned() })?;
    let names: Vec<&str> = reply
        .probe
        .parts
        .iter()
        .filter(|part| part.chosen)
        .map(|part| part.name.as_str())
        .collect();
    match names.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err(CliError::Usage {
            message: format!("the source {source:?} has no databases to read; nothing was begun"),
            hint: format!("Name one: {source}/DB."),
        }),
        many if somebody_is_there() && !session.output.json => {
            let chosen = ask::select("Which database?", many)?;
            many.get(chosen).map(|name| (*name).to_owned()).ok_or(CliError::NoAnswer)
        }
        many => Err(CliError::Usage {
            message: format!("say which database of {source:?}; nothing was begun"),
            hint: format!(
                "{source}/DB, where DB is one of: {}.",
                many.iter().take(20).copied().collect::<Vec<_>>().join(", ")
            ),
        }),
    }
}

/// Lists replications.
pub(super) fn list(args: &List, session: &Session<'_>) -> Result<Exit> {
    let reply = session.quick::<commands::Replications>(ReplicationsRequest {
        source: args.source.clone(),
        services: !args.kept,
    })?;
    session.reply(&reply, replicate::list)?;
    Ok(if reply.gaps.is_empty() { Exit::DONE } else { Exit::PARTIAL })
}

/// Stops one.
pub(super) fn stop(args: &Which, session: &Session<'_>) -> Result<Exit> {
    let done = session.quick::<commands::ReplicationStop>(args.wanted())?;
    session.reply(&done, |_| match &args.source {
        Some(source) => format!("The server of \"{source}\" no longer runs the replication {}.\n", args.id),
        None => format!("Stopped. Go on with: backstay couchdb resume {}\n", args.id),
    })?;
    Ok(Exit::DONE)
}

/// Lets one go on.
pub(super) fn resume(args: &Which, session: &Session<'_>) -> Result<Exit> {
    let done = session.quick::<commands::ReplicationResume>(args.wanted())?;
    let watched = commands::leader(&session.app)?.is_some();
    session.reply(&done, |_| match watched {
        true => "It goes on.\n".to_owned(),
        false => format!("It goes on with the app or the agent. {}\n", replicate::NOBODY),
    })?;
    Ok(Exit::DONE)
}

/// Forgets one.
pub(super) fn remove(args: &Which, session: &Session<'_>) -> Result<Exit> {
    let what = format!("ending the replication {}", args.id);
    session.confirm(&format!("End the replication {} and forget it?", args.id), &what, None)?;
    let done = session.quick::<commands::ReplicationRemove>(args.wanted())?;
    session.reply(&done, |_| {
        "The replication is ended; both databases stay as they are.\n".to_owned()
    })?;
    Ok(Exit::DONE)
}
