//! `backstay undo`: takes a restore back.

use backstay_api::{commands, types::UndoRequest};
use clap::Args;

use super::restore::Conflict;
use crate::{
    errors::Result,
    print::restore,
    session::{Exit, Session},
};

/// Arguments of `undo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  backstay undo 0198c2f4-51d3

Items that were changed after the restore are left as they are and named;
--on-conflict remote takes them back too.")]
pub struct Undo {
    /// Id of the restore, or its beginning
    #[arg(value_name = "RUN")]
    run: String,
    /// What to do with items that were changed after the restore
    #[arg(long, value_name = "POLICY", value_enum, default_value = "skip")]
    on_conflict: Conflict,
}

/// Does it.
pub(super) fn run(args: &Undo, session: &Session<'_>) -> Result<Exit> {
    let question = format!("Take the restore {} back?", args.run);
    session.confirm(
        &question,
        &format!("taking the restore {} back", args.run),
        Some(format!("backstay runs {}", args.run)),
    )?;
    let request = UndoRequest {
        run: args.run.clone(),
        policy: args.on_conflict.policy(),
    };
    let reply = session.long::<commands::Undo>(request)?;
    session.result(&reply, restore::undone)?;
    Ok(Exit::verdict(reply.verdict, None))
}
