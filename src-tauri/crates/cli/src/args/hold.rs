//! `backstay hold`: guards that tripped, and the answer to them.

use backstay_api::{
    commands,
    types::{HoldReleaseRequest, HoldReviewRequest, HoldRow, HoldsRequest},
};
use clap::{Args, Subcommand};

use crate::{
    ask,
    errors::{CliError, Result},
    output::somebody_is_there,
    print::holds,
    session::{Exit, Session},
};

/// `backstay hold …`
#[derive(Debug, Subcommand)]
pub enum HoldCommand {
    /// List guards that hold a source
    #[command(after_help = "Example:\n  backstay hold list --source notes --all")]
    List(List),
    /// Show what went
    #[command(after_help = "Example:\n  backstay hold show 0198c2f4-51d3-7cc0-9d2c-0f8f3c1f0a11 --limit 100")]
    Show(Show),
    /// Answer a guard: it was intended, old snapshots may go again
    #[command(after_help = "\
Example:
  backstay hold release 0198c2f4-51d3-7cc0-9d2c-0f8f3c1f0a11 --confirm 450 --note \"moved to the archive\" --pin

The number of things that went has to be given, as proof that it was read. Without it: exit code 4, and the number is named.")]
    Release(Release),
}

/// Arguments of `hold list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only of this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Also those that were answered
    #[arg(long)]
    all: bool,
}

/// Arguments of `hold show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Id of the hold
    id: String,
    /// At most this many of what went
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
    /// Go on where the page before ended
    #[arg(long, value_name = "N")]
    from: Option<String>,
}

/// Arguments of `hold release`.
#[derive(Debug, Args)]
pub struct Release {
    /// Id of the hold
    id: String,
    /// How much went
    #[arg(long, value_name = "N")]
    confirm: Option<u64>,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Pin the last snapshot that has what went, so that no rule removes it
    #[arg(long)]
    pin: bool,
}

/// Does it.
pub(super) fn run(command: &HoldCommand, session: &Session<'_>) -> Result<Exit> {
    match command {
        HoldCommand::List(args) => {
            let request = HoldsRequest {
                source: args.source.clone(),
                all: args.all,
            };
            session.reply(&session.quick::<commands::Holds>(request)?, holds::list)?;
        }
        HoldCommand::Show(args) => {
            let request = HoldReviewRequest {
                hold: args.id.clone(),
                from: args.from.clone(),
                limit: args.limit,
            };
            session.reply(&session.quick::<commands::HoldReview>(request)?, holds::review)?;
        }
        HoldCommand::Release(args) => release(args, session)?,
    }
    Ok(Exit::DONE)
}

fn release(args: &Release, session: &Session<'_>) -> Result<()> {
    let mut confirm = args.confirm;
    if confirm.is_none() && !session.output.json && somebody_is_there() {
        confirm = ask_number(args, session)?;
    }
    let reply = session.quick::<commands::HoldRelease>(HoldReleaseRequest {
        hold: args.id.clone(),
        confirm,
        note: args.note.clone(),
        pin: args.pin,
    })?;
    session.reply(&reply, holds::released)
}

/// `--yes` does not answer this: the number is the answer.
fn ask_number(args: &Release, session: &Session<'_>) -> Result<Option<u64>> {
    let all = session.quick::<commands::Holds>(HoldsRequest::default())?.holds;
    let Some(hold) = all.iter().find(|hold: &&HoldRow| hold.id == args.id) else {
        return Ok(None);
    };
    if holds::number(&hold.trip).is_none() {
        return Ok(None);
    }
    session.output.complain(&holds::trip(&hold.trip));
    let answer = ask::line("Type how many went, to say that this was intended")?;
    answer.trim().parse().map(Some).map_err(|_| CliError::Declined)
}
