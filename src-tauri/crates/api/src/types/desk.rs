//! What the window needs beside the commands of the command line: jobs, health, settings, lock, first run.

use backstay_model::{ErrorKind, Gap, Progress, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ForeignInfo, RunRow, SourceRow, VaultRow};
use crate::ApiError;

/// What a command may have made out of date; the window reads the queries of these topics again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum Topic {
    /// Sources and their settings.
    Sources,
    /// Vaults, their keys and kits.
    Vaults,
    /// Snapshots.
    Snapshots,
    /// Runs.
    Runs,
    /// The audit trail.
    Audit,
    /// Settings of Backstay itself.
    Settings,
    /// The app lock.
    Lock,
    /// Plans, their moments, and who runs them.
    Plans,
    /// Guards that tripped.
    Holds,
    /// Channels, messages and alarms.
    Channels,
    /// Replications.
    Replications,
    /// Records with several versions.
    Conflicts,
}

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum JobState {
    /// Another job, or a pause, stands before it.
    Waiting,
    /// It runs.
    Running,
    /// It ended; `reply` or `error` says how.
    Done,
}

/// Starts a command as a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct JobStartRequest {
    /// Name of the command.
    pub command: String,
    /// Its request.
    #[ts(type = "unknown")]
    pub request: serde_json::Value,
}

/// Names a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct JobRef {
    /// Its id.
    pub job: String,
}

/// A job as the window shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct JobView {
    /// Id, unique in this process.
    pub id: String,
    /// The command it runs.
    pub command: String,
    /// Its request, without passwords.
    #[ts(type = "unknown")]
    pub request: serde_json::Value,
    /// Where it is.
    pub state: JobState,
    /// When it was asked for.
    pub queued: DateTime<Utc>,
    /// When it began.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// How far it is.
    pub progress: Option<Progress>,
    /// Items a second, over the last seconds.
    pub items_per_second: Option<f64>,
    /// Bytes a second, over the last seconds.
    pub bytes_per_second: Option<f64>,
    /// Seconds left in this stage; only where the total is known.
    pub seconds_left: Option<f64>,
    /// It was asked to stop and has not yet.
    pub cancelling: bool,
    /// The first hundred things that are missing.
    pub gaps: Vec<Gap>,
    /// How many things are missing.
    pub gap_count: u64,
    /// What it waits for, as a code: `job` (another job), `pause`, `otherProcess`.
    pub waiting_for: Option<String>,
    /// The command's reply.
    #[ts(type = "unknown", optional)]
    pub reply: Option<serde_json::Value>,
    /// Why it failed.
    pub error: Option<ApiError>,
    /// How it ended: the reply's verdict, *failed* or *cancelled*.
    pub verdict: Option<Verdict>,
    /// The run it wrote into the journal, once known.
    pub run: Option<String>,
}

/// All jobs of this process.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct JobsReply {
    /// Running first, then waiting in order, then done, newest first.
    pub jobs: Vec<JobView>,
    /// No job starts before this time.
    pub paused_until: Option<DateTime<Utc>>,
}

/// Holds waiting jobs back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PauseRequest {
    /// Until when; absent ends the pause.
    pub until: Option<DateTime<Utc>>,
}

/// How a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum Health {
    /// The newest backup is complete.
    Complete,
    /// The newest backup has gaps.
    Partial,
    /// The newest run failed: nothing new was saved.
    Failed,
    /// The newest run was cancelled.
    Cancelled,
    /// There was no backup yet.
    None,
}

/// One backup run, as a point on the line of a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct RunPoint {
    /// The run.
    pub run: String,
    /// When it began.
    pub time: DateTime<Utc>,
    /// Seconds it took; absent while it runs.
    pub seconds: Option<f64>,
    /// How it ended; absent while it runs.
    pub verdict: Option<Verdict>,
    /// Snapshot it wrote.
    pub snapshot: Option<String>,
    /// Its vault.
    pub vault: Option<String>,
    /// Bytes it read.
    pub bytes: u64,
    /// Bytes it added to the vault.
    pub stored: u64,
    /// Things missing from it.
    pub gaps: u64,
    /// Why it failed.
    pub reason: Option<(ErrorKind, String)>,
}

/// A source with what a person wants to know first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SourceHealth {
    /// The source.
    pub source: SourceRow,
    /// How it is.
    pub health: Health,
    /// It is the sample workspace.
    pub sample: bool,
    /// The newest run.
    pub last: Option<RunPoint>,
    /// The newest run that ended *complete*: the last good backup.
    pub last_good: Option<RunPoint>,
    /// What the newest snapshot holds, in numbers.
    pub holds: Option<Holdings>,
    /// Things missing from the newest backup; the first hundred.
    pub gaps: Vec<Gap>,
    /// Backup runs since the time asked for, oldest first.
    pub points: Vec<RunPoint>,
    /// Vaults it goes to.
    pub vaults: Vec<String>,
    /// Plans it is in, by name.
    pub plans: Vec<String>,
    /// Its next backup by a plan.
    pub next: Option<DateTime<Utc>>,
    /// Longest age of a good backup its plans promise, in minutes.
    pub promise_minutes: Option<u64>,
    /// The newest good backup is older than promised.
    pub overdue: bool,
    /// Guards that hold it.
    pub held: u64,
}

/// What a snapshot holds, in numbers, as its run counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct Holdings {
    /// Collections.
    pub collections: u64,
    /// Records, where they were counted.
    pub records: Option<u64>,
    /// Files.
    pub files: u64,
    /// Bytes of the files and records, uncompressed.
    pub bytes: u64,
    /// Workspaces (databases).
    pub workspaces: u64,
}

/// How a vault is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct VaultHealth {
    /// The vault.
    pub vault: VaultRow,
    /// It can be reached now (its disk is there).
    pub reachable: bool,
    /// It opens without asking for a password.
    pub open: bool,
    /// Why it cannot be reached or opened.
    pub problem: Option<ApiError>,
    /// Bytes free on its disk, if known.
    pub free: Option<u64>,
    /// Size of its disk in bytes, if known.
    pub total: Option<u64>,
    /// Bytes the vault takes, as last counted.
    pub used: Option<u64>,
    /// Snapshots in it, if it could be opened.
    pub snapshots: Option<u64>,
    /// The last check: run, time, verdict.
    pub checked: Option<RunRow>,
    /// Share of its data that the last check read, in percent.
    pub checked_share: Option<f64>,
    /// Its recovery kit.
    pub kit: KitState,
}

/// State of a recovery kit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct KitState {
    /// When a kit was made; absent: none yet.
    pub made: Option<DateTime<Utc>>,
    /// When words were typed back from it.
    pub confirmed: Option<DateTime<Utc>>,
    /// The kit's key is no longer in the vault.
    pub outdated: bool,
}

/// Asks how everything is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct OverviewRequest {
    /// Points since this time (default: 14 days).
    pub since: Option<DateTime<Utc>>,
    /// Only this source.
    pub source: Option<String>,
}

/// How everything is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct OverviewReply {
    /// By name.
    pub sources: Vec<SourceHealth>,
    /// By name.
    pub vaults: Vec<VaultHealth>,
}

/// A setting of a kind of source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct OptionRow {
    /// Name.
    pub name: String,
    /// What its value is called.
    pub value: String,
    /// What it means, in a sentence.
    pub help: String,
    /// Must be given.
    pub required: bool,
    /// May be given several times (a list).
    pub multiple: bool,
    /// A switch.
    pub flag: bool,
    /// Goes into the keychain.
    pub secret: bool,
    /// Its value is a path on this computer.
    pub path: bool,
    /// The values it can have; empty: any.
    pub choices: Vec<String>,
}

/// A kind of source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorRow {
    /// Short name.
    pub kind: String,
    /// Name for people.
    pub title: String,
    /// What it protects, in a sentence.
    pub summary: String,
    /// Its settings.
    pub options: Vec<OptionRow>,
    /// How a restore into a source of this kind can be told to write.
    pub restore_options: Vec<OptionRow>,
    /// A new place in a source of this kind is a name (of a database), not a path.
    pub named_places: bool,
    /// Its collections can be replicated.
    pub replicates: bool,
}

/// Kinds of sources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorsReply {
    /// In the order of the registry.
    pub connectors: Vec<ConnectorRow>,
}

/// Removes one snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SnapshotRemoveRequest {
    /// Which, in the words of [`SnapshotRef`](super::SnapshotRef).
    pub snapshot: String,
    /// Only in this vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// It may be the last complete one of its source in the vault.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub last: bool,
}

/// Tests settings of a source that does not exist yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SourceTryRequest {
    /// Kind of connector.
    pub kind: String,
    /// Settings by option name.
    #[ts(type = "{ [key: string]: unknown }")]
    pub options: serde_json::Map<String, serde_json::Value>,
}

/// Changes a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SourceChangeRequest {
    /// The source.
    pub name: String,
    /// Its new name.
    #[serde(default)]
    pub rename: Option<String>,
    /// All its settings anew (secret ones only if they change).
    #[serde(default)]
    #[ts(type = "{ [key: string]: unknown }", optional)]
    pub options: Option<serde_json::Map<String, serde_json::Value>>,
    /// Vaults it goes to; absent: as before.
    #[serde(default)]
    pub vaults: Option<Vec<String>>,
}

/// What a path on this computer is, and what can be done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct InspectRequest {
    /// The path.
    pub path: String,
}

/// Kinds of things people drop on the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum PathKind {
    /// A ZIP or directory bundle.
    Bundle,
    /// A vault (restic repository).
    Vault,
    /// A SQLite database.
    Sqlite,
    /// A folder.
    Folder,
    /// A saved restore plan.
    Plan,
    /// Settings exported by Backstay.
    Settings,
    /// A file of another program that opens like a bundle (`couchbackup`, documents one a line): [`InspectReply::foreign`] says which.
    Foreign,
    /// Nothing Backstay can read.
    Unknown,
    /// Nothing lies there.
    Missing,
}

/// What a path is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct InspectReply {
    /// The path, made absolute.
    pub path: String,
    /// Its last part.
    pub name: String,
    /// What it is.
    pub kind: PathKind,
    /// Bytes (of a file).
    pub bytes: Option<u64>,
    /// Kinds of sources that can protect it, best first, with the settings to start from.
    pub protect: Vec<ProtectAs>,
    /// Sources that it belongs to already: their names.
    pub protected_by: Vec<String>,
    /// Why it cannot be used, if so.
    pub reason: Option<String>,
    /// Bytes free on its disk; of what is not there yet, on the disk it would lie on.
    pub free: Option<u64>,
    /// Names that disk: two paths with the same name lie on one and the same.
    pub disk: Option<String>,
    /// What it is, when it is a file of another program.
    #[serde(default)]
    pub foreign: Option<ForeignInfo>,
}

/// A way to protect a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ProtectAs {
    /// Kind of connector.
    pub kind: String,
    /// Settings to start from.
    #[ts(type = "{ [key: string]: unknown }")]
    pub options: serde_json::Map<String, serde_json::Value>,
}

/// Makes the sample workspace: files and databases to try everything on, a source for it and a vault.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct SampleRequest {
    /// Where it goes; absent: in the state directory.
    pub path: Option<String>,
    /// Language of its content (`en`, `de`).
    pub language: Option<String>,
}

/// The sample workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SampleReply {
    /// It exists.
    pub exists: bool,
    /// Where it lies.
    pub path: Option<String>,
    /// Its sources.
    pub sources: Vec<String>,
    /// Its vault.
    pub vault: Option<String>,
    /// What was changed by `sample.change`, in words.
    pub changes: Vec<String>,
    /// Something the person should know (there is no keychain).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Begins a recovery kit: adds a key to the vault that a list of words opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct KitBeginReply {
    /// Names the kit in the calls that follow, until it is confirmed or given up.
    pub kit: String,
    /// The words, in order. Shown once; nothing keeps them.
    pub words: Vec<String>,
    /// Numbers (from 1) of the words that will be asked for.
    pub ask: Vec<u32>,
}

/// Writes the page of a kit that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct KitWriteRequest {
    /// The kit.
    pub kit: String,
    /// Where to; absent: a private file of a few minutes' life, to be printed.
    pub path: Option<String>,
}

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct WrittenReply {
    /// The file.
    pub path: String,
}

/// Confirms a kit with words read from the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct KitConfirmRequest {
    /// The kit.
    pub kit: String,
    /// The words asked for, in the order asked.
    pub words: Vec<String>,
}

/// Whether the words were right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct KitConfirmReply {
    /// They were; the kit counts from now on, and the key of an earlier kit was removed.
    pub confirmed: bool,
}

/// Gives up a kit that was begun: its key is removed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct KitRef {
    /// The kit.
    pub kit: String,
}
