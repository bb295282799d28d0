//! `backstay prune`: frees the space of removed snapshots.

use backstay_api::{commands, types::PruneRequest};
use clap::Args;

use crate::{
    errors::Result,
    print::keep,
    session::{Exit, Session},
};

/// Arguments of `prune`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  backstay prune safe --dry-run\n  backstay prune safe --max-unused 10")]
pub struct Prune {
    /// Name of the vault
    #[arg(value_name = "VAULT")]
    vault: String,
    /// Only show what would be freed
    #[arg(long)]
    dry_run: bool,
    /// Leave unused data in place up to this share of the vault, in percent (less rewriting)
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    max_unused: Option<u8>,
}

/// Does it.
pub(super) fn run(args: &Prune, session: &Session<'_>) -> Result<Exit> {
    let request = PruneRequest {
        vault: args.vault.clone(),
        dry_run: args.dry_run,
        max_unused: args.max_unused,
    };
    let reply = session.long::<commands::Prune>(request)?;
    session.result(&reply, keep::prune)?;
    Ok(Exit::DONE)
}
