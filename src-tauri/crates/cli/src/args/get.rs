//! `backstay get`: one record.

use backstay_api::{commands, types::GetRequest};
use clap::Args;

use super::In;
use crate::{
    errors::Result,
    print::browse,
    session::{Exit, Session},
};

/// Arguments of `get`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  backstay get notes@latest tasks 17\n  backstay get live:notes tasks 17 --json")]
pub struct Get {
    /// Snapshot, or live:SOURCE
    #[arg(value_name = "SNAPSHOT")]
    snapshot: String,
    /// Collection
    #[arg(value_name = "COLLECTION")]
    collection: String,
    /// Id of the record
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    id: String,
    #[command(flatten)]
    within: In,
}

/// Does it.
pub(super) fn run(args: &Get, session: &Session<'_>) -> Result<Exit> {
    let reply = session.quick::<commands::Get>(GetRequest {
        at: args.within.snapshot(&args.snapshot),
        collection: args.collection.clone(),
        id: args.id.clone(),
    })?;
    session.reply(&reply, browse::record)?;
    Ok(Exit::DONE)
}
