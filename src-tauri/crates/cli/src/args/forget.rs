//! `backstay forget`: removes old snapshots by rule.

use backstay_api::{
    commands,
    types::{ForgetRequest, KeepSpec},
};
use clap::{ArgGroup, Args, ValueEnum};

use crate::{
    errors::{CliError, Result},
    print::keep,
    session::{Exit, Session},
};

/// Arguments of `forget`.
#[derive(Debug, Args)]
#[command(override_usage = "backstay forget [OPTIONS] <RULE>... <SOURCE>")]
#[command(group = ArgGroup::new("rules").multiple(true).required(true).args([
    "keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly", "keep_within", "keep_tag", "keep_forever",
    "older_than", "preset",
]))]
#[command(after_help = "\
Examples:
  backstay forget notes --keep-daily 30 --keep-monthly 12 --dry-run
  backstay forget notes --preset 30d-12w-12m --prune --yes
  backstay forget notes --older-than 1y --dry-run

A snapshot stays when any rule keeps it. Needs --yes, or an answer at the terminal.")]
pub struct Forget {
    /// Name of the source
    #[arg(value_name = "SOURCE")]
    source: String,
    /// Only in this vault
    #[arg(long, value_name = "VAULT")]
    vault: Option<String>,
    /// Keep the newest N
    #[arg(long, value_name = "N", help_heading = "Rules")]
    keep_last: Option<u32>,
    /// Keep the newest of each of the last N hours
    #[arg(long, value_name = "N", help_heading = "Rules")]
    keep_hourly: Option<u32>,
    /// Keep the newest of each of the last N days
    #[arg(long, value_name = "N", help_heading = "Rules")]
    keep_daily: Option<u32>,
    /// Keep the newest of each of the last N weeks
    #[arg(long, value_name = "N", help_heading = "Rules")]
    keep_weekly: Option<u32>,
    /// Keep the newest of each of the last N months
    #[arg(long, value_name = "N", help_heading = "Rules")]
    keep_monthly: Option<u32>,
    /// Keep the newest of each of the last N years
    #[arg(long, value_name = "N", help_heading = "Rules")]
    keep_yearly: Option<u32>,
    /// Keep everything within this time of the newest (30d, 1y6m, 12h)
    #[arg(long, value_name = "TIME", help_heading = "Rules")]
    keep_within: Option<String>,
    /// Keep everything with this tag (may be repeated)
    #[arg(long, value_name = "TAG", help_heading = "Rules")]
    keep_tag: Vec<String>,
    /// Keep everything
    #[arg(long, help_heading = "Rules")]
    keep_forever: bool,
    /// Remove only what is older than this (90d); alone: keeps everything younger
    #[arg(long, value_name = "TIME", help_heading = "Rules")]
    older_than: Option<String>,
    /// A proven set of rules; rules given beside it add to it
    #[arg(long, value_enum, help_heading = "Rules")]
    preset: Option<Preset>,
    /// Only show what would go and the space it would free
    #[arg(long)]
    dry_run: bool,
    /// Free the space at once
    #[arg(long)]
    prune: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Preset {
    /// Every hour for 30 days, then daily for 12 months
    #[value(name = "30d-hourly-12m-daily")]
    HourlyThenDaily,
    /// 30 daily, 12 weekly, 12 monthly
    #[value(name = "30d-12w-12m")]
    DailyWeeklyMonthly,
}

impl Preset {
    fn name(self) -> &'static str {
        match self {
            Self::HourlyThenDaily => "30d-hourly-12m-daily",
            Self::DailyWeeklyMonthly => "30d-12w-12m",
        }
    }
}

impl Forget {
    fn rules(&self) -> KeepSpec {
        KeepSpec {
            last: self.keep_last,
            hourly: self.keep_hourly,
            daily: self.keep_daily,
            weekly: self.keep_weekly,
            monthly: self.keep_monthly,
            yearly: self.keep_yearly,
            within: self.keep_within.clone(),
            tags: self.keep_tag.clone(),
            forever: self.keep_forever,
            older_than: self.older_than.clone(),
            preset: self.preset.map(|preset| preset.name().to_owned()),
        }
    }

    fn request(&self, dry_run: bool) -> ForgetRequest {
        ForgetRequest {
            source: self.source.clone(),
            vault: self.vault.clone(),
            keep: self.rules(),
            dry_run,
            prune: self.prune && !dry_run,
        }
    }
}

/// Does it.
pub(super) fn run(args: &Forget, session: &Session<'_>) -> Result<Exit> {
    if args.dry_run && args.prune {
        return Err(CliError::Usage {
            message: "--dry-run removes nothing, so there is nothing to prune".to_owned(),
            hint: "The preview says how much a prune would free; leave --prune out.".to_owned(),
        });
    }
    if !args.dry_run && !session.yes {
        preview(args, session)?;
    }
    let reply = session.long::<commands::Forget>(args.request(args.dry_run))?;
    session.result(&reply, keep::forget)?;
    Ok(Exit::DONE)
}

/// Shows what would go before asking for it.
fn preview(args: &Forget, session: &Session<'_>) -> Result<()> {
    let would = session.quick::<commands::Forget>(args.request(true))?;
    if would.removed == 0 {
        return Ok(());
    }
    if !session.output.json {
        session.output.note(&keep::forget(&would));
    }
    let what = format!("removing {} snapshots of \"{}\"", would.removed, args.source);
    let look = format!("backstay forget {} … --dry-run", args.source);
    session.confirm(&format!("Remove {} snapshots for good?", would.removed), &what, Some(look))
}
