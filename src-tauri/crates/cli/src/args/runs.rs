//! `backstay runs`: what Backstay did.

use backstay_api::{commands, types::RunsRequest};
use backstay_model::{RunKind, Verdict};
use clap::{Args, ValueEnum};

use crate::{
    errors::Result,
    print::runs,
    session::{Exit, Session},
};

/// Arguments of `runs`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  backstay runs --source notes\n  backstay runs --plan nightly --verdict failed\n  backstay runs 0198c2f4-51d3"
)]
pub struct Runs {
    /// Show this run in detail (its id, or the beginning)
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// Only of this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Only of this kind
    #[arg(long, value_enum)]
    kind: Option<KindArg>,
    /// Only those that ended so
    #[arg(long, value_enum)]
    verdict: Option<VerdictArg>,
    /// Only of this plan
    #[arg(long, value_name = "PLAN")]
    plan: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindArg {
    Backup,
    Restore,
    Undo,
    Verify,
    Forget,
    Prune,
    Repair,
    Export,
    Drill,
    Replicate,
    Settle,
}

impl KindArg {
    fn kind(self) -> RunKind {
        match self {
            Self::Backup => RunKind::Backup,
            Self::Restore => RunKind::Restore,
            Self::Undo => RunKind::Undo,
            Self::Verify => RunKind::Check,
            Self::Forget => RunKind::Forget,
            Self::Prune => RunKind::Prune,
            Self::Repair => RunKind::Repair,
            Self::Export => RunKind::Export,
            Self::Drill => RunKind::Drill,
            Self::Replicate => RunKind::Replicate,
            Self::Settle => RunKind::Settle,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum VerdictArg {
    Complete,
    Partial,
    Failed,
    Cancelled,
}

impl VerdictArg {
    fn verdict(self) -> Verdict {
        match self {
            Self::Complete => Verdict::Complete,
            Self::Partial => Verdict::Partial,
            Self::Failed => Verdict::Failed,
            Self::Cancelled => Verdict::Cancelled,
        }
    }
}

/// Does it.
pub(super) fn run(args: &Runs, session: &Session<'_>) -> Result<Exit> {
    let request = RunsRequest {
        id: args.run.clone(),
        source: args.source.clone(),
        limit: args.limit,
        kind: args.kind.map(KindArg::kind),
        verdict: args.verdict.map(VerdictArg::verdict),
        plan: args.plan.clone(),
    };
    session.reply(&session.quick::<commands::Runs>(request)?, runs::runs)?;
    Ok(Exit::DONE)
}
