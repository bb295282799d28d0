//! `backstay drill` and `backstay coverage`: whether what was saved comes back, and whether all that is seen is saved.

use backstay_api::{
    commands,
    types::{CoverageState, DrillRunRequest, DrillsRequest, Named},
};
use clap::Args;

use crate::{
    errors::Result,
    print::holds,
    session::{Exit, Session},
};

/// Arguments of `drill`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay drill notes
  backstay drill notes --one-each --vault offsite
  backstay drill --list notes

Restores into a scratch place, compares record by record with the backup and measures the time. The source is not
touched. A drill that failed ends with exit code 1 (8: damaged data) and is an alarm until one succeeds.")]
pub struct Drill {
    /// Name of the source
    source: String,
    /// Only show the drills there were
    #[arg(long, conflicts_with_all = ["vault", "snapshot", "one_each"])]
    list: bool,
    /// From this vault
    #[arg(long, value_name = "VAULT")]
    vault: Option<String>,
    /// This snapshot instead of the newest
    #[arg(long, value_name = "SNAPSHOT")]
    snapshot: Option<String>,
    /// One record of each collection instead of everything
    #[arg(long)]
    one_each: bool,
}

/// Arguments of `coverage`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  backstay coverage notes

Compares what the credentials see now with the newest backup and the one before. Exit code 3: something is missing or out of
reach, and was named.")]
pub struct Coverage {
    /// Name of the source
    source: String,
}

/// Does it.
pub(super) fn run(args: &Drill, session: &Session<'_>) -> Result<Exit> {
    if args.list {
        let reply = session.quick::<commands::Drills>(DrillsRequest {
            source: args.source.clone(),
            limit: None,
        })?;
        session.reply(&reply, holds::drills)?;
        return Ok(Exit::DONE);
    }
    let reply = session.long::<commands::DrillRun>(DrillRunRequest {
        source: args.source.clone(),
        vault: args.vault.clone(),
        snapshot: args.snapshot.as_deref().map(super::normal),
        one_each: args.one_each,
    })?;
    session.result(&reply, holds::drill)?;
    session.tell();
    Ok(Exit::verdict(reply.verdict, reply.reason.as_ref().map(|(kind, _)| *kind)))
}

/// Compares what is seen with what is saved.
pub(super) fn coverage(args: &Coverage, session: &Session<'_>) -> Result<Exit> {
    let reply = session.quick::<commands::SourceCoverage>(Named {
        name: args.source.clone(),
    })?;
    session.reply(&reply, holds::coverage)?;
    let bad = |state: CoverageState| matches!(state, CoverageState::Missing | CoverageState::OutOfReach);
    Ok(match &reply.problem {
        Some(problem) => Exit::of(problem.code),
        None if reply.rows.iter().any(|row| bad(row.state)) => Exit::PARTIAL,
        None => Exit::DONE,
    })
}
