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
#[command(after_help = "\
Examples:
  backstay get notes@latest tasks 17
  backstay get live:notes tasks 17 --json
  backstay get notes@latest tasks 17 --raw          its JSON, byte for byte
  backstay get notes@latest files docs/letter.md    what is known of a file")]
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
    /// Only the record's JSON, as it was saved
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    #[command(flatten)]
    within: In,
}

/// Does it.
pub(super) fn run(args: &Get, session: &Session<'_>) -> Result<Exit> {
    let request = GetRequest {
        at: args.within.snapshot(&args.snapshot),
        collection: args.collection.clone(),
        id: args.id.clone(),
    };
    if args.raw {
        let reply = session.quick::<commands::RecordText>(request)?;
        session.output.bytes(reply.text.as_bytes())?;
        session.output.bytes(b"\n")?;
        return Ok(Exit::DONE);
    }
    let reply = session.quick::<commands::Get>(request)?;
    session.reply(&reply, browse::record)?;
    Ok(Exit::DONE)
}
