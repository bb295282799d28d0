//! `backstay repair`: mends a damaged vault as far as possible.

use backstay_api::{commands, types::RepairRequest};
use clap::Args;

use crate::{
    errors::Result,
    print::keep,
    session::{Exit, Session},
};

/// Arguments of `repair`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay repair safe --dry-run
  backstay repair safe --yes

Exit code 3: something is lost and was named; everything else is readable again.")]
pub struct Repair {
    /// Name of the vault
    #[arg(value_name = "VAULT")]
    vault: String,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
    /// Remove the originals of snapshots that had to be written anew without what is lost; otherwise they stay beside them
    #[arg(long)]
    replace_snapshots: bool,
}

/// Does it.
pub(super) fn run(args: &Repair, session: &Session<'_>) -> Result<Exit> {
    if !args.dry_run {
        let look = format!("backstay repair {} --dry-run", args.vault);
        let what = format!("repairing the vault \"{}\"", args.vault);
        session.confirm(
            &format!("Repair the vault \"{}\"? Damaged data is set aside for good.", args.vault),
            &what,
            Some(look),
        )?;
    }
    let request = RepairRequest {
        vault: args.vault.clone(),
        dry_run: args.dry_run,
        replace_snapshots: args.replace_snapshots,
    };
    let reply = session.long::<commands::Repair>(request)?;
    session.result(&reply, keep::repair)?;
    Ok(if reply.lost.is_empty() || reply.dry_run {
        Exit::DONE
    } else {
        Exit::PARTIAL
    })
}
