//! `backstay history`: all versions of one record or file.

use backstay_api::{commands, types::HistoryRequest};
use clap::Args;

use crate::{
    errors::Result,
    print::browse,
    session::{Exit, Session},
};

/// Arguments of `history`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  backstay history notes tasks 17\n  backstay history photos files 2026/beach.jpg")]
pub struct History {
    /// Name of the source
    #[arg(value_name = "SOURCE")]
    source: String,
    /// Collection, or "files"
    #[arg(value_name = "COLLECTION")]
    collection: String,
    /// Id of the record, or path of the file
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    id: String,
    /// Only in this vault
    #[arg(long, value_name = "VAULT")]
    vault: Option<String>,
}

/// Does it.
pub(super) fn run(args: &History, session: &Session<'_>) -> Result<Exit> {
    let reply = session.quick::<commands::History>(HistoryRequest {
        source: args.source.clone(),
        collection: args.collection.clone(),
        id: args.id.clone(),
        vault: args.vault.clone(),
    })?;
    session.reply(&reply, browse::history)?;
    Ok(if reply.problems.is_empty() {
        Exit::DONE
    } else {
        Exit::PARTIAL
    })
}
