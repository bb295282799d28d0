//! `backstay resume`: goes on with a restore that was interrupted.

use backstay_api::{commands, types::ResumeRequest};
use clap::Args;

use crate::{
    errors::Result,
    print::restore,
    session::{Exit, Session},
};

/// Arguments of `resume`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  backstay resume 0198c2f4-51d3

`backstay runs` names the restores that can be resumed. What was written already is not written twice.")]
pub struct Resume {
    /// Id of the restore, or its beginning
    #[arg(value_name = "RUN")]
    run: String,
}

/// Does it.
pub(super) fn run(args: &Resume, session: &Session<'_>) -> Result<Exit> {
    let reply = session.long::<commands::Resume>(ResumeRequest { run: args.run.clone() })?;
    session.result(&reply, restore::report)?;
    Ok(Exit::verdict(reply.verdict, None))
}
