//! `backstay snapshots`: what there is to come back to.

use backstay_api::{commands, types::SnapshotsRequest};
use chrono::{DateTime, Utc};
use clap::Args;

use crate::{
    errors::Result,
    print::browse,
    session::{Exit, Session},
    time,
};

/// Arguments of `snapshots`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay snapshots --source notes
  backstay snapshots --at \"yesterday 14:00\"")]
pub struct Snapshots {
    /// Only of this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Only in this vault
    #[arg(long, value_name = "VAULT")]
    vault: Option<String>,
    /// Only the one that shows the state at this time
    #[arg(long, value_name = "TIME", value_parser = time::argument)]
    at: Option<DateTime<Utc>>,
    /// Also the safety copies made before restores
    #[arg(long)]
    all: bool,
}

/// Does it.
pub(super) fn run(args: &Snapshots, session: &Session<'_>) -> Result<Exit> {
    let request = SnapshotsRequest {
        source: args.source.clone(),
        vault: args.vault.clone(),
        at: args.at,
        all: args.all,
    };
    let reply = session.quick::<commands::Snapshots>(request)?;
    session.reply(&reply, browse::snapshots)?;
    Ok(if reply.problems.is_empty() {
        Exit::DONE
    } else {
        Exit::PARTIAL
    })
}
