//! `backstay search`: everything that was ever saved.

use backstay_api::{commands, types::SearchRequest};
use clap::Args;

use crate::{
    errors::Result,
    print::listing,
    session::{Exit, Session},
};

/// Arguments of `search`.
#[derive(Debug, Args)]
#[command(after_help = "\
Looks into records and names of files, in any case, of the newest snapshot of
each source; with --earlier also into what changed before.

Examples:
  backstay search dentist
  backstay search dentist --source notes --earlier
  backstay search dentist --gone                    only what is there no more")]
pub struct Search {
    /// Text to find
    #[arg(value_name = "TEXT")]
    text: String,
    /// Only in this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Also in earlier snapshots
    #[arg(long)]
    earlier: bool,
    /// Only what is there no more (looks into earlier snapshots)
    #[arg(long)]
    gone: bool,
    /// Show this many hits
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u64,
}

/// Does it.
pub(super) fn run(args: &Search, session: &Session<'_>) -> Result<Exit> {
    let reply = session.quick::<commands::Search>(SearchRequest {
        text: args.text.clone(),
        source: args.source.clone(),
        earlier: args.earlier || args.gone,
        only_gone: args.gone,
        limit: args.limit,
    })?;
    session.reply(&reply, listing::search)?;
    // What could not be searched may hold what was looked for.
    Ok(if reply.problems.is_empty() {
        Exit::DONE
    } else {
        Exit::PARTIAL
    })
}
