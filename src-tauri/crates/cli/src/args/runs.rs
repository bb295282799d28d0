//! `backstay runs`: what Backstay did.

use backstay_api::{commands, types::RunsRequest};
use clap::Args;

use crate::{
    errors::Result,
    print::runs,
    session::{Exit, Session},
};

/// Arguments of `runs`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  backstay runs --source notes\n  backstay runs 0198c2f4-51d3")]
pub struct Runs {
    /// Show this run in detail (its id, or the beginning)
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// Only of this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u64,
}

/// Does it.
pub(super) fn run(args: &Runs, session: &Session<'_>) -> Result<Exit> {
    let request = RunsRequest {
        id: args.run.clone(),
        source: args.source.clone(),
        limit: args.limit,
        ..RunsRequest::default()
    };
    session.reply(&session.quick::<commands::Runs>(request)?, runs::runs)?;
    Ok(Exit::DONE)
}
