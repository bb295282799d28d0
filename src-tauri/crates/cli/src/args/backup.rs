//! `backstay backup`: sources into vaults.

use backstay_api::{
    commands,
    types::{BackupReply, BackupRequest},
};
use backstay_model::{ErrorKind, Verdict};
use clap::Args;

use crate::{
    errors::Result,
    print::runs,
    session::{Exit, Session},
};

/// Arguments of `backup`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay backup notes
  backstay backup --all --vault safe --vault offsite

Exit code 3: something could not be read and was named; the rest is in the snapshot.")]
pub struct Backup {
    /// Names of the sources
    #[arg(value_name = "NAME", required_unless_present = "all")]
    sources: Vec<String>,
    /// Every source
    #[arg(long, conflicts_with = "sources")]
    all: bool,
    /// Into this vault (may be repeated) instead of the default one
    #[arg(long, value_name = "VAULT")]
    vault: Vec<String>,
    /// Tag for the snapshot (may be repeated)
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
}

/// Does it.
pub(super) fn run(args: &Backup, session: &Session<'_>) -> Result<Exit> {
    let reply = session.long::<commands::Backup>(BackupRequest {
        sources: args.sources.clone(),
        all: args.all,
        vaults: args.vault.clone(),
        tags: args.tag.clone(),
    })?;
    session.result(&reply, runs::backup)?;
    session.tell();
    Ok(Exit::verdict(reply.verdict, reason(&reply)))
}

/// Why it failed, when all that failed did so for the same reason; otherwise no class is right.
fn reason(reply: &BackupReply) -> Option<ErrorKind> {
    let mut kinds = reply
        .runs
        .iter()
        .filter(|run| run.verdict == Verdict::Failed)
        .map(|run| run.error.as_ref().map(|e| e.code));
    let first = kinds.next()??;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}
