//! `backstay pin` and `unpin`: snapshots no rule removes.

use backstay_api::{commands, types::PinRequest};
use clap::Args;

use super::In;
use crate::{
    errors::Result,
    session::{Exit, Session},
};

/// Arguments of `pin`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  backstay pin notes@latest \"before the move\"

A pinned snapshot is removed by no rule. `backstay unpin` lets it go again.")]
pub struct Pin {
    /// Which snapshot
    #[arg(value_name = "SNAPSHOT")]
    snapshot: String,
    /// What to remember it by
    #[arg(value_name = "NAME")]
    name: String,
    /// Where.
    #[command(flatten)]
    place: In,
}

/// Arguments of `unpin`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  backstay unpin notes@2026-11-20")]
pub struct Unpin {
    /// Which snapshot
    #[arg(value_name = "SNAPSHOT")]
    snapshot: String,
    /// Where.
    #[command(flatten)]
    place: In,
}

/// Pins.
pub(super) fn run(args: &Pin, session: &Session<'_>) -> Result<Exit> {
    set(&args.snapshot, &args.place, Some(args.name.clone()), session)
}

/// Takes the pin away.
pub(super) fn unpin(args: &Unpin, session: &Session<'_>) -> Result<Exit> {
    set(&args.snapshot, &args.place, None, session)
}

fn set(snapshot: &str, place: &In, name: Option<String>, session: &Session<'_>) -> Result<Exit> {
    let at = place.snapshot(snapshot);
    let said = match &name {
        Some(name) => format!("Pinned {snapshot} as \"{name}\"; no rule removes it.\n"),
        None => format!("{snapshot} is not pinned any more.\n"),
    };
    let done = session.quick::<commands::Pin>(PinRequest {
        snapshot: at.snapshot,
        vault: at.vault,
        name,
    })?;
    session.reply(&done, |_| said)?;
    Ok(Exit::DONE)
}
