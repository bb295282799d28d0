//! Plans: which sources go to which vaults, when, how long they are kept, how they are checked, who is told.

use backstay_engine::guard::GuardRules;
use backstay_model::{ErrorKind, Verdict};
use backstay_schedule::{Rules, Timetable};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{BackupReport, ForgetRow, KeepSpec};
use crate::ApiError;

/// One thing a plan does on a timetable of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum Task {
    /// Backs up the plan's sources into its vaults.
    Backup,
    /// Removes snapshots by the plan's keep rules.
    Forget,
    /// Frees the space of what was removed.
    Prune,
    /// Checks that every snapshot has all its parts.
    Structure,
    /// Reads a share of what is stored, another one each time.
    Sample,
    /// Reads everything.
    Full,
    /// Restores everything into a scratch place and compares.
    Drill,
    /// Restores one record of each collection into a scratch place and compares.
    DrillOne,
}

impl Task {
    /// All, in the order of a day.
    pub const ALL: [Self; 8] = [
        Self::Backup,
        Self::Forget,
        Self::Prune,
        Self::Structure,
        Self::Sample,
        Self::Full,
        Self::Drill,
        Self::DrillOne,
    ];

    /// Its name in JSON, in the state database and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Forget => "forget",
            Self::Prune => "prune",
            Self::Structure => "structure",
            Self::Sample => "sample",
            Self::Full => "full",
            Self::Drill => "drill",
            Self::DrillOne => "drillOne",
        }
    }

    /// The task of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }
}

/// How a plan looks after what it stores. Every timetable may be `manual`: then it is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct Upkeep {
    /// When snapshots are removed by the keep rules.
    pub forget: Timetable,
    /// When the space of removed snapshots is freed.
    pub prune: Timetable,
    /// When the structure of the vaults is checked.
    pub structure: Timetable,
    /// When a share of what is stored is read.
    pub sample: Timetable,
    /// How large that share is, in percent.
    pub sample_percent: f64,
    /// When everything is read.
    pub full: Timetable,
    /// When everything is restored into a scratch place and compared.
    pub drill: Timetable,
    /// When one record of each collection is restored and compared.
    pub drill_one: Timetable,
    /// A drill that takes longer than this is told as a warning (minutes).
    pub target_minutes: Option<u32>,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            forget: Timetable::default(),
            prune: Timetable::default(),
            structure: Timetable::default(),
            sample: Timetable::default(),
            sample_percent: 5.0,
            full: Timetable::default(),
            drill: Timetable::default(),
            drill_one: Timetable::default(),
            target_minutes: None,
        }
    }
}

impl PlanSpec {
    /// The timetable of a task.
    #[must_use]
    pub fn timetable(&self, task: Task) -> &Timetable {
        match task {
            Task::Backup => &self.timetable,
            Task::Forget => &self.upkeep.forget,
            Task::Prune => &self.upkeep.prune,
            Task::Structure => &self.upkeep.structure,
            Task::Sample => &self.upkeep.sample,
            Task::Full => &self.upkeep.full,
            Task::Drill => &self.upkeep.drill,
            Task::DrillOne => &self.upkeep.drill_one,
        }
    }
}

/// A command of the person's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct HookSpec {
    /// The command line, run by the system's shell.
    pub command: String,
    /// Stopped after this many seconds.
    #[serde(default = "hook_seconds")]
    #[ts(as = "Option<_>", optional)]
    pub seconds: u32,
}

fn hook_seconds() -> u32 {
    300
}

/// Commands around the backups of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct Hooks {
    /// Before; when it fails, nothing is backed up and the run failed.
    pub before: Option<HookSpec>,
    /// After, however it ended.
    pub after: Option<HookSpec>,
}

/// How often a run is tried again when the source or the vault cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Retry {
    /// Further tries.
    pub times: u32,
    /// Minutes before the first of them; each next one waits twice as long, at most an hour.
    pub minutes: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self { times: 4, minutes: 2 }
    }
}

/// Everything a plan says but for its name, sources and vaults. Missing members have their default value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct PlanSpec {
    /// When it backs up.
    pub timetable: Timetable,
    /// What happens when the moment is bad.
    pub rules: Rules,
    /// Longest age of the newest good backup before a source is overdue (minutes). Absent: by the timetable.
    pub promise_minutes: Option<u32>,
    /// How long snapshots are kept. Without any rule everything stays.
    pub keep: KeepSpec,
    /// How it looks after what it stores.
    pub upkeep: Upkeep,
    /// When an alarm is raised about what vanished at the source.
    pub guards: GuardRules,
    /// Commands around its backups.
    pub hooks: Hooks,
    /// Further tries.
    pub retry: Retry,
}

/// Adds a plan, or changes one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PlanSetRequest {
    /// The plan to change; absent adds one.
    #[serde(default)]
    pub plan: Option<String>,
    /// Its (new) name.
    pub name: String,
    /// Sources, by name, in the order they are backed up.
    pub sources: Vec<String>,
    /// Vaults, by name; none: each source goes where it goes otherwise.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub vaults: Vec<String>,
    /// The rest.
    pub spec: PlanSpec,
    /// Runs by its timetable (absent: as it was, or yes).
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Only check it.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub dry_run: bool,
}

/// Names a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanRef {
    /// Its name or id.
    pub plan: String,
}

/// How a plan stands. In order of severity, the worst first, but for the last three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum PlanState {
    /// A guard holds one of its sources.
    Guard,
    /// Its last run failed.
    Failed,
    /// A source's newest good backup is older than promised.
    Overdue,
    /// Its last run has gaps.
    Partial,
    /// It runs.
    Running,
    /// A slot waits for a better moment.
    Waiting,
    /// A person paused it, or switched it off.
    Paused,
    /// Everything ran on time.
    OnTime,
    /// It never ran.
    NotYet,
}

/// What a slot waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct WaitingSlot {
    /// What is to be done.
    pub task: Task,
    /// When it was due.
    pub due: DateTime<Utc>,
    /// Why it waits, as a code (`battery`, `metered`, `quiet`, `paused`, `busy`, `otherProcess`, `offline`, `retry`, …).
    pub reason: String,
    /// Until when at most, if that is known.
    pub until: Option<DateTime<Utc>>,
    /// A person has to say whether it may go on.
    pub ask: bool,
}

/// When a task of a plan comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct NextSlot {
    /// The task.
    pub task: Task,
    /// When.
    pub at: DateTime<Utc>,
}

/// A plan as the person sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PlanRow {
    /// Stable id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Its sources, by name.
    pub sources: Vec<String>,
    /// Its vaults, by name; empty: each source's own.
    pub vaults: Vec<String>,
    /// The rest.
    pub spec: PlanSpec,
    /// Runs by its timetable.
    pub enabled: bool,
    /// Nothing of it begins before this time.
    pub paused_until: Option<DateTime<Utc>>,
    /// Who paused it.
    pub paused_by: Option<String>,
    /// How it stands.
    pub state: PlanState,
    /// Sources of it that are overdue, by name.
    pub overdue: Vec<String>,
    /// Sources of it that a guard holds, by name.
    pub held: Vec<String>,
    /// Longest age of a good backup it allows, in minutes; absent when it only runs by hand.
    pub promise_minutes: Option<u64>,
    /// Its timetable in one English sentence.
    pub words: String,
    /// The same as a cron line, where one can say it.
    pub cron: Option<String>,
    /// The next slots of the backup.
    pub next: Vec<DateTime<Utc>>,
    /// The next slot of every other task that has one.
    pub next_upkeep: Vec<NextSlot>,
    /// Slots that wait.
    pub waiting: Vec<WaitingSlot>,
    /// Its last backup: when it began and how it ended.
    pub last: Option<(DateTime<Utc>, Option<Verdict>)>,
    /// Why it cannot be run by its timetable (a zone that is gone), if so.
    pub problem: Option<ApiError>,
}

/// All plans.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PlansReply {
    /// By name.
    pub plans: Vec<PlanRow>,
    /// Sources in no plan, by name: nobody backs them up by the clock.
    pub unplanned: Vec<String>,
    /// The system's time zone, as timetables with `local` understand it.
    pub zone: String,
}

/// Shows a timetable before it is saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct TimetableRequest {
    /// The timetable.
    pub timetable: Timetable,
    /// How many slots to show (at most 100).
    pub count: u32,
}

/// What a timetable means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct TimetableReply {
    /// One English sentence.
    pub words: String,
    /// As a cron line, where one can say it.
    pub cron: Option<String>,
    /// The next slots.
    pub next: Vec<DateTime<Utc>>,
    /// The zone it is read in.
    pub zone: String,
    /// The promise that follows from it, in minutes.
    pub promise_minutes: Option<u64>,
}

/// Runs a task of a plan now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PlanRunRequest {
    /// The plan.
    pub plan: String,
    /// What of it (default: its backup).
    #[serde(default)]
    pub task: Option<Task>,
    /// The slot this run stands for; only the scheduler says so.
    #[serde(default)]
    pub slot: Option<SlotRef>,
    /// Only these of its sources.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub sources: Vec<String>,
}

/// A slot the scheduler has taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SlotRef {
    /// When it was due.
    pub due: DateTime<Utc>,
    /// How often the clock was set back by a lot since the plan was made.
    pub epoch: u32,
}

/// What one task of a plan did to one source or vault, when that was no backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct UpkeepReport {
    /// The source, if it is about one.
    pub source: Option<String>,
    /// The vault, if it is about one.
    pub vault: Option<String>,
    /// The run, if one was begun.
    pub run: Option<String>,
    /// How it ended.
    pub verdict: Verdict,
    /// In a sentence: "42 of 497 backups removed".
    pub summary: String,
    /// Why it failed or was left alone.
    pub error: Option<ApiError>,
}

/// What a run of a plan did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PlanRunReply {
    /// The plan.
    pub plan: String,
    /// What was done.
    pub task: Task,
    /// The worst of all.
    pub verdict: Verdict,
    /// Backups, source by source and vault by vault.
    pub runs: Vec<BackupReport>,
    /// Other work.
    pub upkeep: Vec<UpkeepReport>,
    /// Why nothing could be done at all (a command before it failed).
    pub error: Option<ApiError>,
}

/// Holds a plan back for a while, or lets it go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PlanPauseRequest {
    /// The plan; absent: all.
    #[serde(default)]
    pub plan: Option<String>,
    /// Until when; absent ends the pause.
    #[serde(default)]
    pub until: Option<DateTime<Utc>>,
}

/// Shows what keep rules would remove, without removing anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct KeepPreviewRequest {
    /// The plan whose sources and vaults are looked at.
    pub plan: String,
    /// The rules; absent: the plan's.
    #[serde(default)]
    pub keep: Option<KeepSpec>,
    /// Count what would become free, which reads the index of each vault and takes a moment.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub bytes: bool,
}

/// Snapshots of one day under keep rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct KeepDay {
    /// The day, local (`2026-11-20`).
    pub day: String,
    /// Snapshots that stay.
    pub stay: u64,
    /// Snapshots that would go.
    pub go: u64,
}

/// What keep rules would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct KeepPreviewReply {
    /// Snapshots that stay.
    pub stay: u64,
    /// Snapshots that would go.
    pub go: u64,
    /// Bytes that would become free, if counted.
    pub frees: Option<u64>,
    /// Bytes the vaults take now, as last counted.
    pub used: Option<u64>,
    /// By day, oldest first; days without snapshots are left out.
    pub days: Vec<KeepDay>,
    /// The newest 500 snapshots with their reasons, and all that would go up to 500.
    pub rows: Vec<KeepRow>,
    /// Sources a guard holds: nothing of theirs goes, whatever the rules say.
    pub held: Vec<String>,
    /// Vaults that could not be looked at, by name, with the reason.
    pub unreachable: Vec<(String, ApiError)>,
    /// When it would happen next.
    pub next: Option<DateTime<Utc>>,
}

/// One snapshot under keep rules, of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct KeepRow {
    /// The source.
    pub source: String,
    /// The snapshot.
    pub row: ForgetRow,
}

/// How one moment of a timetable went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum SlotState {
    /// It ran at its time and ended complete.
    Ran,
    /// It ran later than its time and ended complete.
    CaughtUp,
    /// It has gaps.
    Partial,
    /// It failed.
    Failed,
    /// A person stopped it.
    Cancelled,
    /// It did not run; a later run stands for it. The reason says why.
    Missed,
    /// It did not run by a rule of the plan.
    Skipped,
    /// It waits.
    Waiting,
    /// It runs.
    Running,
    /// It is still to come.
    NotYet,
}

/// One moment, or several in a row of which the same is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SlotRow {
    /// The first moment.
    pub due: DateTime<Utc>,
    /// The last moment; the same when it is one.
    pub last: DateTime<Utc>,
    /// How many.
    pub count: u64,
    /// How it went.
    pub state: SlotState,
    /// Why, as a code: `asleep`, `off`, `notRunning`, `battery`, `metered`, `quiet`, `paused`, `busy`, `otherProcess`, `offline`,
    /// `retry`, `clockAhead`, `superseded`, `interrupted`.
    pub reason: Option<String>,
    /// When it began.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// The run of the source asked for, or the first.
    pub run: Option<String>,
    /// Why it failed, as a code.
    pub code: Option<ErrorKind>,
    /// Why it failed, in a sentence.
    pub message: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// The moment whose run stands for it.
    pub covered_by: Option<DateTime<Utc>>,
}

/// Asks how the moments of a plan went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ProofRequest {
    /// The plan.
    pub plan: String,
    /// The task (default: its backup).
    #[serde(default)]
    pub task: Option<Task>,
    /// As this source saw it; absent: the worst of all.
    #[serde(default)]
    pub source: Option<String>,
    /// Since when (default: 30 days).
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
}

/// How the moments of a plan went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ProofReply {
    /// Oldest first; a few that are to come at the end.
    pub slots: Vec<SlotRow>,
    /// Moments that are over.
    pub moments: u64,
    /// Of them, those that ran on time and ended complete.
    pub kept: u64,
    /// Moments that were not kept, by reason code (or error code), most first.
    pub reasons: Vec<(String, u64)>,
    /// Who looks whether Backstay itself runs.
    pub watcher: super::Watcher,
}
