//! `backstay couchdb`: what only databases of a CouchDB server have, and a menu that leads to everything else.

mod menu;
mod replicate;

use clap::{Args, Subcommand};

use crate::{
    errors::{CliError, Result},
    output::somebody_is_there,
    session::{Exit, Session},
};

/// `backstay couchdb [COMMAND]`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Without a command, at a terminal: a menu that leads through backing up,
restoring, conflicts and replication.")]
pub struct Couchdb {
    #[command(subcommand)]
    command: Option<CouchdbCommand>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum CouchdbCommand {
    /// Replicate a database into another
    Replicate(replicate::Replicate),
    /// List replications: those Backstay keeps going, and those servers run by themselves
    Replications(replicate::List),
    /// Stop a replication; `resume` lets it go on
    #[command(
        after_help = "Examples:\n  backstay couchdb stop 0198c2f4\n  backstay couchdb stop backup-to-cloud --source office"
    )]
    Stop(replicate::Which),
    /// Let a replication that was stopped go on
    #[command(after_help = "Example:\n  backstay couchdb resume 0198c2f4")]
    Resume(replicate::Which),
    /// Stop a replication and forget it
    #[command(after_help = "Example:\n  backstay couchdb remove 0198c2f4")]
    Remove(replicate::Which),
}

/// Does it.
pub(super) fn run(args: &Couchdb, session: &mut Session<'_>) -> Result<Exit> {
    match &args.command {
        Some(CouchdbCommand::Replicate(args)) => replicate::run(args, session),
        Some(CouchdbCommand::Replications(args)) => replicate::list(args, session),
        Some(CouchdbCommand::Stop(args)) => replicate::stop(args, session),
        Some(CouchdbCommand::Resume(args)) => replicate::resume(args, session),
        Some(CouchdbCommand::Remove(args)) => replicate::remove(args, session),
        None if somebody_is_there() && !session.output.json => menu::run(session),
        None => Err(CliError::Usage {
            message: "a command is needed: there is no terminal for the menu".to_owned(),
            hint: "`backstay couchdb --help` lists the commands.".to_owned(),
        }),
    }
}
