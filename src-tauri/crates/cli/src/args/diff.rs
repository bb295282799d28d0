//! `backstay diff`: what changed between two states.

use backstay_api::{commands, types::DiffRequest};
use clap::Args;

use super::In;
use crate::{
    errors::Result,
    print::browse,
    session::{Exit, Session},
};

/// Arguments of `diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay diff notes@latest live             what changed since the last backup
  backstay diff 3f2a91c0 9be04d11 tasks       one collection between two snapshots
  backstay diff notes@yesterday notes@latest --summary

Exit code 0 whether or not there is a difference.")]
pub struct Diff {
    /// Earlier snapshot
    #[arg(value_name = "BEFORE")]
    before: String,
    /// Later snapshot, or "live"
    #[arg(value_name = "AFTER")]
    after: String,
    /// Only this collection, or "files"
    #[arg(value_name = "COLLECTION")]
    collection: Option<String>,
    /// Only numbers
    #[arg(long)]
    summary: bool,
    /// List at most this many differences (all are counted)
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: u64,
    #[command(flatten)]
    within: In,
}

/// Does it.
pub(super) fn run(args: &Diff, session: &Session<'_>) -> Result<Exit> {
    let reply = session.quick::<commands::Diff>(DiffRequest {
        before: args.within.snapshot(&args.before),
        after: args.within.snapshot(&args.after),
        collection: args.collection.clone(),
        summary: args.summary,
        limit: args.limit,
    })?;
    session.reply(&reply, |reply| {
        let mut text: String = reply.changes.iter().map(browse::change).collect();
        if reply.truncated && !args.summary {
            text.push_str(&format!(
                "… more differences follow; --limit {} shows more\n",
                args.limit.saturating_mul(10).max(1000)
            ));
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text + &browse::counts(&reply.collections)
    })?;
    Ok(Exit::DONE)
}
