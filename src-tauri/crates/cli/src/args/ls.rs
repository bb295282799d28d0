//! `backstay ls`: what is in a snapshot or a live source.

use backstay_api::{commands, types::LsRequest};
use clap::Args;

use super::In;
use crate::{
    errors::Result,
    print::browse,
    session::{Exit, Session},
};

/// Arguments of `ls`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay ls notes@latest                          its collections
  backstay ls notes@latest tasks --search dentist   records that contain a word
  backstay ls 3f2a91c0 files/photos                 files of a folder
  backstay ls live:notes tasks --offset 1000        the source as it is now")]
pub struct Ls {
    /// Snapshot, or live:SOURCE
    #[arg(value_name = "SNAPSHOT")]
    snapshot: String,
    /// A collection, "files" or files/PATH; all collections if left out
    #[arg(value_name = "COLLECTION")]
    collection: Option<String>,
    /// Start at this item
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,
    /// Show this many items
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u64,
    /// Only items that contain this text
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    within: In,
}

/// Does it.
pub(super) fn run(args: &Ls, session: &Session<'_>) -> Result<Exit> {
    let reply = session.quick::<commands::Ls>(LsRequest {
        at: args.within.snapshot(&args.snapshot),
        collection: args.collection.clone(),
        offset: args.offset,
        limit: args.limit,
        search: args.search.clone(),
    })?;
    session.reply(&reply, |reply| browse::ls(reply, args.offset))?;
    Ok(Exit::DONE)
}
