//! `backstay status`: how everything is, in one look.

use backstay_api::{
    commands,
    tell::Event,
    types::{AlertRow, FiguresRequest, Health, Nothing, ReplicationRow, ReplicationState, ReplicationsRequest, SourceFigures},
};
use clap::Args;

use crate::{
    errors::Result,
    print::status::{self, Status as Shown},
    session::{Exit, Session},
};

/// Arguments of `status`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay status
  backstay status --days 90 --json | jq -r .state

GOOD: age of the last good backup. OK: share of runs that ended complete. RPO: what could be lost now, against what the plan
promises. RTO: how long the last full restore drill took. RUNS: one sign a day (· complete, P partial, F failed, c cancelled).
Exit codes: 0 fine, 3 something is partial, overdue or held or a replication stands still, 1 something failed.")]
pub struct Status {
    /// Of so many days, today included
    #[arg(long, value_name = "N", default_value_t = 30)]
    days: u32,
    /// Only of this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
}

/// Does it.
pub(super) fn run(args: &Status, session: &Session<'_>) -> Result<Exit> {
    let figures = session.quick::<commands::Figures>(FiguresRequest {
        days: Some(args.days),
        source: args.source.clone(),
    })?;
    let mut alerts = session.quick::<commands::Alerts>(Nothing {})?.alerts;
    if let Some(source) = &args.source {
        alerts.retain(|alert| alert.message.source.as_ref().is_none_or(|of| of == source));
    }
    let mut replications = session.quick::<commands::Replications>(ReplicationsRequest {
        source: None,
        services: false,
    })?;
    let about = |row: &ReplicationRow, source: &String| row.from.source == *source || row.to.source == *source;
    replications
        .kept
        .retain(|row| args.source.as_ref().is_none_or(|source| about(row, source)));
    let (state, exit) = verdict(&figures.sources, &alerts, &replications.kept);
    let shown = Shown {
        state,
        figures,
        alerts,
        replications: replications.kept,
        leader: commands::leader(&session.app)?.map(|(process, _)| process),
    };
    session.reply(&shown, status::status)?;
    Ok(exit)
}

fn verdict(sources: &[SourceFigures], alerts: &[AlertRow], replications: &[ReplicationRow]) -> (&'static str, Exit) {
    let bad = |alert: &AlertRow| {
        matches!(
            alert.message.event,
            Event::Failed | Event::DrillFailed | Event::Damaged | Event::Watchdog
        )
    };
    if sources.iter().any(|source| source.health == Health::Failed) || alerts.iter().any(bad) {
        return ("failed", Exit(1));
    }
    let needs = |source: &SourceFigures| source.overdue || source.held || source.health == Health::Partial;
    let stuck = |row: &ReplicationRow| matches!(row.state, ReplicationState::Trying | ReplicationState::Nobody);
    if sources.iter().any(needs) || !alerts.is_empty() || replications.iter().any(stuck) {
        return ("attention", Exit::PARTIAL);
    }
    ("fine", Exit::DONE)
}
