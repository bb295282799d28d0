//! The rules by which snapshots stay, as `forget` and plans take them.

use backstay_api::types::KeepSpec;
use clap::{Args, ValueEnum};

/// Names of the arguments, for groups.
pub(super) const RULES: [&str; 11] = [
    "keep_last",
    "keep_hourly",
    "keep_daily",
    "keep_weekly",
    "keep_monthly",
    "keep_yearly",
    "keep_within",
    "keep_tag",
    "keep_forever",
    "older_than",
    "preset",
];

/// `--keep-…`
#[derive(Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Rules")]
pub struct KeepRules {
    /// Keep the newest N
    #[arg(long, value_name = "N")]
    keep_last: Option<u32>,
    /// Keep the newest of each of the last N hours
    #[arg(long, value_name = "N")]
    keep_hourly: Option<u32>,
    /// Keep the newest of each of the last N days
    #[arg(long, value_name = "N")]
    keep_daily: Option<u32>,
    /// Keep the newest of each of the last N weeks
    #[arg(long, value_name = "N")]
    keep_weekly: Option<u32>,
    /// Keep the newest of each of the last N months
    #[arg(long, value_name = "N")]
    keep_monthly: Option<u32>,
    /// Keep the newest of each of the last N years
    #[arg(long, value_name = "N")]
    keep_yearly: Option<u32>,
    /// Keep everything within this time of the newest (30d, 1y6m, 12h)
    #[arg(long, value_name = "TIME")]
    keep_within: Option<String>,
    /// Keep everything with this tag (may be repeated)
    #[arg(long, value_name = "TAG")]
    keep_tag: Vec<String>,
    /// Keep everything
    #[arg(long)]
    keep_forever: bool,
    /// Remove only what is older than this (90d); alone: keeps everything younger
    #[arg(long, value_name = "TIME")]
    older_than: Option<String>,
    /// A proven set of rules; rules given beside it add to it
    #[arg(long, value_enum)]
    preset: Option<Preset>,
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

impl KeepRules {
    /// The rules on the wire.
    pub(super) fn spec(&self) -> KeepSpec {
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

    /// The rules, if any was given.
    pub(super) fn given(&self) -> Option<KeepSpec> {
        let spec = self.spec();
        (spec != KeepSpec::default()).then_some(spec)
    }
}
