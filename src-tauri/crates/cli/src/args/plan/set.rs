//! What `plan add` and `plan edit` take: everything a plan says.

use std::str::FromStr;

use backstay_api::{
    schedule::{Busy, Missed, Moment, Quiet, Schedule, Timetable},
    types::{HookSpec, PlanSpec, Retry, Task},
};
use clap::{Args, ValueEnum};

use super::{
    super::rules::KeepRules,
    when::{Days, Minutes, OrOff, Seconds, When, WhenError, short},
};
use crate::errors::Result;

/// What a plan says.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Settings {
    /// A source (may be repeated)
    #[arg(long = "source", value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// A vault (may be repeated); none: each source goes where it goes otherwise
    #[arg(long = "vault", value_name = "VAULT")]
    pub vaults: Vec<String>,
    /// Only check it and show what it means
    #[arg(long)]
    pub dry_run: bool,
    /// When it backs up.
    #[command(flatten)]
    pub when: When,
    /// What happens when the moment is bad.
    #[command(flatten)]
    rules: StartArgs,
    /// What stays.
    #[command(flatten)]
    pub keep: KeepRules,
    /// How it looks after what it stores.
    #[command(flatten)]
    upkeep: UpkeepArgs,
    /// When an alarm is raised.
    #[command(flatten)]
    guards: GuardArgs,
    /// Commands around its backups.
    #[command(flatten)]
    hooks: HookArgs,
}

#[derive(Debug, Clone, Copy)]
struct Wait(Moment);

impl FromStr for Wait {
    type Err = WhenError;

    fn from_str(text: &str) -> Result<Self, WhenError> {
        let bad = || WhenError::Wait(text.to_owned());
        Ok(Self(match text.split_once('=') {
            None if text == "run" => Moment::Run,
            None if text == "wait" => Moment::default(),
            Some(("wait", most)) => Moment::Wait {
                max_minutes: most.parse::<Minutes>().map_err(|_| bad())?.0,
            },
            _ => return Err(bad()),
        }))
    }
}

#[derive(Debug, Clone)]
struct QuietHours(Quiet);

impl FromStr for QuietHours {
    type Err = WhenError;

    fn from_str(text: &str) -> Result<Self, WhenError> {
        let bad = || WhenError::Quiet(text.to_owned());
        let (hours, days) = text.split_once('/').map_or((text, None), |(hours, days)| (hours, Some(days)));
        let (from, to) = hours.split_once('-').ok_or_else(bad)?;
        let days = days.map(str::parse::<Days>).transpose()?;
        Ok(Self(Quiet {
            from: from.parse().map_err(|_| bad())?,
            to: to.parse().map_err(|_| bad())?,
            days: days.map(|days| days.0).unwrap_or_default(),
        }))
    }
}

#[derive(Debug, Clone, Copy)]
struct Tries(Retry);

impl FromStr for Tries {
    type Err = WhenError;

    fn from_str(text: &str) -> Result<Self, WhenError> {
        let bad = || WhenError::Retry(text.to_owned());
        let (times, pause) = text.split_once('x').ok_or_else(bad)?;
        Ok(Self(Retry {
            times: times.parse().map_err(|_| bad())?,
            minutes: pause.parse::<Minutes>().map_err(|_| bad())?.0,
        }))
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MissedArg {
    /// One run makes up for all that was missed
    CatchUp,
    /// What was missed is written down, and nothing else
    Skip,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BusyArg {
    /// It runs after the run that still goes
    Queue,
    /// It is left out
    Skip,
}

#[derive(Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "When the moment is bad")]
struct StartArgs {
    /// On battery: wait (at most 12h), wait=TIME or run
    #[arg(long, value_name = "RULE")]
    on_battery: Option<Wait>,
    /// On a network that costs by the byte: wait (12h, then ask), wait=TIME or run
    #[arg(long, value_name = "RULE")]
    on_metered: Option<Wait>,
    /// What passed while the computer slept or was off
    #[arg(long, value_enum)]
    if_missed: Option<MissedArg>,
    /// When the last run still goes
    #[arg(long, value_enum)]
    if_busy: Option<BusyArg>,
    /// Nothing begins in these hours: 22:00-06:00, 22:00-06:00/mon-fri (may be repeated), or off
    #[arg(long, value_name = "HOURS")]
    quiet_hours: Vec<OrOff<QuietHours>>,
    /// Longest age of the newest good backup before a source is overdue (7h), or off: by the schedule
    #[arg(long, value_name = "TIME")]
    promise: Option<OrOff<Minutes>>,
    /// Try again when source or vault cannot be reached: 4x2m (the pause doubles), or off
    #[arg(long, value_name = "TRIES")]
    retry: Option<OrOff<Tries>>,
}

#[derive(Debug, Args)]
#[group(skip)]
#[command(
    next_help_heading = "Looking after backups (a schedule: \"daily 02:30\", \"weekly sun 03:30\", \"first sun 03:00\", a cron line, off)"
)]
struct UpkeepArgs {
    /// Remove snapshots by the rules
    #[arg(long, value_name = "WHEN", value_parser = short)]
    clean_at: Option<Schedule>,
    /// Free the space of what was removed
    #[arg(long, value_name = "WHEN", value_parser = short)]
    prune_at: Option<Schedule>,
    /// Check that every snapshot has all its parts
    #[arg(long, value_name = "WHEN", value_parser = short)]
    check_at: Option<Schedule>,
    /// Read a share of what is stored, another one each time
    #[arg(long, value_name = "WHEN", value_parser = short)]
    sample_at: Option<Schedule>,
    /// That share, in percent
    #[arg(long, value_name = "PERCENT")]
    sample: Option<f64>,
    /// Read everything
    #[arg(long, value_name = "WHEN", value_parser = short)]
    full_check_at: Option<Schedule>,
    /// Restore everything into a scratch place and compare
    #[arg(long, value_name = "WHEN", value_parser = short)]
    drill_at: Option<Schedule>,
    /// Restore one record of each collection and compare
    #[arg(long, value_name = "WHEN", value_parser = short)]
    drill_one_at: Option<Schedule>,
    /// A drill that takes longer is told (10m), or off
    #[arg(long, value_name = "TIME")]
    drill_target: Option<OrOff<Minutes>>,
}

#[derive(Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Guards: what at the source raises an alarm and holds retention")]
struct GuardArgs {
    /// This share of a collection is gone, in percent, or off
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    guard_share: Option<OrOff<f64>>,
    /// So many records or files are gone, or off
    #[arg(long, value_name = "N", value_parser = number)]
    guard_count: Option<OrOff<u64>>,
    /// A collection became empty
    #[arg(long, overrides_with = "no_guard_emptied")]
    guard_emptied: bool,
    /// … no longer
    #[arg(long)]
    no_guard_emptied: bool,
    /// Columns are gone or of another kind
    #[arg(long, overrides_with = "no_guard_schema")]
    guard_schema: bool,
    /// … no longer
    #[arg(long)]
    no_guard_schema: bool,
    /// Collections are out of reach
    #[arg(long, overrides_with = "no_guard_coverage")]
    guard_coverage: bool,
    /// … no longer
    #[arg(long)]
    no_guard_coverage: bool,
}

fn share(text: &str) -> Result<OrOff<f64>, WhenError> {
    let bad = |_| WhenError::Number(text.to_owned(), "of percent");
    text.trim_end_matches('%').parse().map_err(bad)
}

fn number(text: &str) -> Result<OrOff<u64>, WhenError> {
    text.parse().map_err(|_| WhenError::Number(text.to_owned(), "of things"))
}

#[derive(Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Commands around its backups")]
struct HookArgs {
    /// Run this before; when it fails, nothing is backed up (an empty text takes it out)
    #[arg(long, value_name = "CMD")]
    before: Option<String>,
    /// Run this after, however it ended (an empty text takes it out)
    #[arg(long, value_name = "CMD")]
    after: Option<String>,
    /// Stop these commands after this time (otherwise 5m)
    #[arg(long, value_name = "TIME")]
    hook_limit: Option<Seconds>,
}

impl Settings {
    /// Sets what was given.
    ///
    /// # Errors
    /// When arguments contradict each other.
    pub fn apply(&self, spec: &mut PlanSpec) -> Result<()> {
        self.when.apply(&mut spec.timetable)?;
        self.rules.apply(spec);
        if let Some(keep) = self.keep.given() {
            spec.keep = keep;
        }
        self.upkeep.apply(spec);
        if let Some(zone) = &self.when.zone {
            for task in Task::ALL {
                self::timetable(spec, task).zone.clone_from(zone);
            }
        }
        self.guards.apply(spec);
        self.hooks.apply(spec);
        Ok(())
    }

    /// Whether something is to be removed by the rules, as far as the arguments say.
    pub fn says_when_to_clean(&self) -> bool {
        self.upkeep.clean_at.is_some() || self.upkeep.prune_at.is_some()
    }
}

/// The timetable of a task, to be changed.
pub(super) fn timetable(spec: &mut PlanSpec, task: Task) -> &mut Timetable {
    match task {
        Task::Backup => &mut spec.timetable,
        Task::Forget => &mut spec.upkeep.forget,
        Task::Prune => &mut spec.upkeep.prune,
        Task::Structure => &mut spec.upkeep.structure,
        Task::Sample => &mut spec.upkeep.sample,
        Task::Full => &mut spec.upkeep.full,
        Task::Drill => &mut spec.upkeep.drill,
        Task::DrillOne => &mut spec.upkeep.drill_one,
    }
}

impl StartArgs {
    fn apply(&self, spec: &mut PlanSpec) {
        let rules = &mut spec.rules;
        rules.battery = self.on_battery.map_or(rules.battery, |wait| wait.0);
        rules.metered = self.on_metered.map_or(rules.metered, |wait| wait.0);
        rules.missed = match self.if_missed {
            Some(MissedArg::CatchUp) => Missed::CatchUp,
            Some(MissedArg::Skip) => Missed::Skip,
            None => rules.missed,
        };
        rules.busy = match self.if_busy {
            Some(BusyArg::Queue) => Busy::Queue,
            Some(BusyArg::Skip) => Busy::Skip,
            None => rules.busy,
        };
        if !self.quiet_hours.is_empty() {
            let given = self.quiet_hours.iter().cloned().filter_map(OrOff::value);
            rules.quiet = given.map(|hours| hours.0).collect();
        }
        if let Some(promise) = self.promise {
            spec.promise_minutes = promise.value().map(|minutes| minutes.0);
        }
        if let Some(retry) = self.retry {
            spec.retry = retry.value().map_or(
                Retry {
                    times: 0,
                    ..Retry::default()
                },
                |tries| tries.0,
            );
        }
    }
}

impl UpkeepArgs {
    fn apply(&self, spec: &mut PlanSpec) {
        let given = [
            (Task::Forget, &self.clean_at),
            (Task::Prune, &self.prune_at),
            (Task::Structure, &self.check_at),
            (Task::Sample, &self.sample_at),
            (Task::Full, &self.full_check_at),
            (Task::Drill, &self.drill_at),
            (Task::DrillOne, &self.drill_one_at),
        ];
        for (task, schedule) in given {
            if let Some(schedule) = schedule {
                timetable(spec, task).schedule = schedule.clone();
            }
        }
        spec.upkeep.sample_percent = self.sample.unwrap_or(spec.upkeep.sample_percent);
        if let Some(target) = self.drill_target {
            spec.upkeep.target_minutes = target.value().map(|minutes| minutes.0);
        }
    }
}

impl GuardArgs {
    fn apply(&self, spec: &mut PlanSpec) {
        let guards = &mut spec.guards;
        if let Some(share) = self.guard_share {
            guards.share_percent = share.value();
        }
        if let Some(count) = self.guard_count {
            guards.count = count.value();
        }
        guards.emptied = (guards.emptied || self.guard_emptied) && !self.no_guard_emptied;
        guards.schema = (guards.schema || self.guard_schema) && !self.no_guard_schema;
        guards.coverage = (guards.coverage || self.guard_coverage) && !self.no_guard_coverage;
    }
}

impl HookArgs {
    fn apply(&self, spec: &mut PlanSpec) {
        let limit = self.hook_limit.map(|seconds| seconds.0);
        let set = |hook: &mut Option<HookSpec>, command: &Option<String>| {
            let seconds = hook.as_ref().map_or(300, |hook| hook.seconds);
            match command {
                Some(command) if command.is_empty() => *hook = None,
                Some(command) => {
                    *hook = Some(HookSpec {
                        command: command.clone(),
                        seconds,
                    });
                }
                None => {}
            }
            if let (Some(hook), Some(limit)) = (hook, limit) {
                hook.seconds = limit;
            }
        };
        set(&mut spec.hooks.before, &self.before);
        set(&mut spec.hooks.after, &self.after);
    }
}
