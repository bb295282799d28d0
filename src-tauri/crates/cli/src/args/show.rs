//! `backstay show`: one snapshot in detail.

use backstay_api::commands;
use clap::Args;

use super::In;
use crate::{
    errors::Result,
    print::browse,
    session::{Exit, Session},
};

/// Arguments of `show`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  backstay show 3f2a91c0\n  backstay show notes@latest")]
pub struct Show {
    /// Snapshot
    #[arg(value_name = "SNAPSHOT")]
    snapshot: String,
    #[command(flatten)]
    within: In,
}

/// Does it.
pub(super) fn run(args: &Show, session: &Session<'_>) -> Result<Exit> {
    let reply = session.quick::<commands::Show>(args.within.snapshot(&args.snapshot))?;
    session.reply(&reply, browse::show)?;
    Ok(Exit::DONE)
}
