// Made from the Rust types of crate `api`. Do not edit: UPDATE_TYPESCRIPT=1 cargo test -p backstay-api typescript

/**
 * About this program and where it keeps things.
 */
export type AboutReply = { 
/**
 * Version.
 */
version: string, 
/**
 * State directory.
 */
home: string, 
/**
 * Where secrets are kept, in words; `none` when nowhere.
 */
secrets: string, 
/**
 * Why the keychain cannot be used, if so.
 */
secretsProblem?: string | null, };

/**
 * What was installed or removed.
 */
export type AgentInstallReply = { 
/**
 * Files, with their content where only shown.
 */
files: Array<[string, string | null]>, 
/**
 * The system starts it from now on.
 */
enabled: boolean, 
/**
 * What is left to do by hand, as commands or sentences.
 */
nextSteps: Array<string>, 
/**
 * Nothing was changed.
 */
dryRun: boolean, };

/**
 * Installs the agent and the watchdog with the system's starter of programs.
 */
export type AgentInstallRequest = { 
/**
 * For the whole machine, so that plans run without anybody logged in.
 */
system?: boolean, 
/**
 * Overwrite files a person edited.
 */
force?: boolean, 
/**
 * Only show the files.
 */
dryRun?: boolean, 
/**
 * The user it runs as (system only).
 */
user?: string | null, };

/**
 * Whether somebody runs the plans.
 */
export type AgentReply = { 
/**
 * A process runs the plans now.
 */
running: boolean, 
/**
 * It is this one.
 */
here: boolean, 
/**
 * Which program, with its process number.
 */
process?: string | null, 
/**
 * Since when.
 */
since?: string | null, 
/**
 * When it last gave a sign of life.
 */
alive?: string | null, 
/**
 * The agent is installed with the system's starter of programs.
 */
installed: boolean, 
/**
 * The system starts it.
 */
enabled: boolean, 
/**
 * Who looks whether Backstay itself runs.
 */
watcher: Watcher, 
/**
 * On battery, if known.
 */
onBattery?: boolean | null, 
/**
 * On a network that costs by the byte, if known.
 */
metered?: boolean | null, 
/**
 * The next thing that happens, by any plan.
 */
next?: NextSlot | null, 
/**
 * Why something is unknown.
 */
notes: Array<string>, };

/**
 * An alarm that has not been taken back.
 */
export type AlertRow = { 
/**
 * What it is about; one alarm for one cause.
 */
cause: string, 
/**
 * The message as it was sent.
 */
message: Message, 
/**
 * Since when.
 */
since: string, 
/**
 * When it was seen last.
 */
last: string, 
/**
 * How often.
 */
count: number, };

/**
 * Alarms that have not been taken back, newest first.
 */
export type AlertsReply = { 
/**
 * Newest first.
 */
alerts: Array<AlertRow>, };

/**
 * What a command failed with.
 */
export type ApiError = { 
/**
 * The class; the window and scripts decide on this alone.
 */
code: ErrorKind, 
/**
 * What went wrong and what was not changed, in a sentence without secrets.
 */
message: string, 
/**
 * What to do next.
 */
hint?: string | null, 
/**
 * The errors below, outermost first.
 */
causes?: Array<string>, 
/**
 * The vault whose password is needed, when that is what went wrong.
 */
vault?: string | null, 
/**
 * Trying again later may help.
 */
retry: boolean, };

/**
 * A binary file a record refers to; its content lies under `assets/` in the snapshot.
 */
export type AssetRef = { 
/**
 * Name as the service shows it.
 */
name: string, 
/**
 * SHA-256 of the content, hexadecimal; `None` when it could not be fetched (the run is then partial).
 */
sha256?: string | null, 
/**
 * Size in bytes, if known.
 */
size?: number | null, 
/**
 * Media type, if known.
 */
mediaType?: string | null, };

/**
 * Where the audit trail stops fitting together.
 */
export type AuditBreak = { 
/**
 * How.
 */
kind: AuditBreakKind, 
/**
 * Number of the first entry that does not fit.
 */
entry: number, };

/**
 * How the audit trail stops fitting together.
 */
export type AuditBreakKind = "changed" | "missing" | "unlinked" | "cut" | "rewritten" | "unreadable";

/**
 * A page of the audit trail.
 */
export type AuditReply = { 
/**
 * In order; newest first when anything was asked of them.
 */
entries: Array<AuditRow>, 
/**
 * Entries in all, whatever was asked.
 */
total: number, 
/**
 * More entries fit: the next page begins `before` this number. Only when anything was asked of them.
 */
next?: number | null, };

/**
 * Pages through the audit trail: oldest first, from `after` on; or newest first what fits, when anything is asked of the entries.
 */
export type AuditRequest = { 
/**
 * Entries after this number.
 */
after?: number, 
/**
 * At most this many.
 */
limit?: number, 
/**
 * Newest first, and only entries before this number.
 */
before?: number | null, 
/**
 * Stands somewhere in actor, action, object or details; Latin letters in any case.
 */
text?: string | null, 
/**
 * The action begins with it (`plan.`).
 */
action?: string | null, 
/**
 * The object is called so; Latin letters in any case.
 */
object?: string | null, 
/**
 * Done by this user.
 */
actor?: string | null, 
/**
 * At or after.
 */
since?: string | null, 
/**
 * Before.
 */
until?: string | null, };

/**
 * One entry of the audit trail.
 */
export type AuditRow = { 
/**
 * Number, from 1, without holes.
 */
seq: number, 
/**
 * When.
 */
time: string, 
/**
 * Who (user of the operating system).
 */
actor: string, 
/**
 * With which program.
 */
program: string, 
/**
 * What was done (`vault.create`).
 */
action: string, 
/**
 * To what.
 */
object: string, 
/**
 * Details.
 */
detail: unknown, 
/**
 * Hash of the entry before.
 */
previous: string, 
/**
 * Hash of this entry.
 */
hash: string, };

/**
 * Whether the audit trail is whole.
 */
export type AuditVerifyReply = { 
/**
 * Nothing was changed, cut, moved or put in.
 */
intact: boolean, 
/**
 * Entries checked.
 */
entries: number, 
/**
 * Hash of the last entry.
 */
head: string, 
/**
 * Heads found in snapshots and confirmed.
 */
confirmedBySnapshots: number, 
/**
 * Where it stops fitting together, unless it is intact.
 */
broken?: AuditBreak | null, 
/**
 * What is wrong, in words.
 */
problems: Array<string>, };

/**
 * How backups ended, one report for each source and vault.
 */
export type BackupReply = { 
/**
 * The worst verdict.
 */
verdict: Verdict, 
/**
 * Each run.
 */
runs: Array<BackupReport>, };

/**
 * How one backup ended.
 */
export type BackupReport = { 
/**
 * The run.
 */
run: string, 
/**
 * Source.
 */
source: string, 
/**
 * Vault.
 */
vault: string, 
/**
 * Verdict.
 */
verdict: Verdict, 
/**
 * The snapshot; absent when none was written.
 */
snapshot?: string | null, 
/**
 * Start.
 */
started: string, 
/**
 * Seconds it took.
 */
seconds: number, 
/**
 * What is missing, by name.
 */
gaps: Array<Gap>, 
/**
 * Why it failed.
 */
error?: ApiError | null, 
/**
 * Files in the snapshot.
 */
files: number, 
/**
 * Their bytes.
 */
fileBytes: number, 
/**
 * Collections stored as records.
 */
collections: Array<CollectionSummary>, 
/**
 * Bytes read from the source.
 */
readBytes: number, 
/**
 * Bytes added to the vault.
 */
storedBytes: number, 
/**
 * Files taken over unread because nothing changed.
 */
unchangedFiles: number, 
/**
 * Guards that tripped: retention stands still for this source until a person answers.
 */
held?: Array<HoldRow>, };

/**
 * Backs up sources into vaults.
 */
export type BackupRequest = { 
/**
 * Names of sources.
 */
sources?: Array<string>, 
/**
 * Every source there is.
 */
all?: boolean, 
/**
 * Vaults; the source's own or the default one when empty.
 */
vaults?: Array<string>, 
/**
 * Tags for the snapshot.
 */
tags?: Array<string>, };

/**
 * Container of a bundle.
 */
export type BundleFormat = "zip" | "directory";

/**
 * One part of a bundle.
 */
export type BundlePart = { 
/**
 * Collection, or `files`, `assets`, `pages`.
 */
name: string, 
/**
 * Records or files.
 */
items: number, 
/**
 * Bytes, if known.
 */
bytes?: number | null, };

/**
 * What a bundle is.
 */
export type BundleReply = { 
/**
 * The file or folder, made absolute.
 */
path: string, 
/**
 * Container.
 */
format: BundleFormat, 
/**
 * Bytes of the container.
 */
bytes: number, 
/**
 * What it says about itself.
 */
metadata: SnapshotMeta, 
/**
 * What it holds.
 */
parts: Array<BundlePart>, 
/**
 * All checksums were compared and fit; absent when they were not compared.
 */
intact?: boolean | null, 
/**
 * Files that do not match, in words; the first hundred.
 */
damage: Array<string>, 
/**
 * How many files do not match.
 */
damaged: number, 
/**
 * Name of the source here that it came from, if it is known.
 */
source?: string | null, 
/**
 * What it is, when it is a file of another program; `format` says nothing then.
 */
foreign?: ForeignInfo | null, 
/**
 * Why it cannot be used at all, if so; everything above is then as far as it could be read.
 */
refused?: ApiError | null, };

/**
 * Looks into a bundle.
 */
export type BundleRequest = { 
/**
 * The file or folder.
 */
path: string, 
/**
 * Read everything and compare all checksums; otherwise only the directory of the bundle is checked.
 */
verify?: boolean, };

/**
 * What becomes of a slot that comes due while the plan's last run still goes.
 */
export type BusyRule = "queue" | "skip";

/**
 * What the caches take.
 */
export type CacheReply = { 
/**
 * Bytes.
 */
bytes: number, 
/**
 * Files.
 */
files: number, };

/**
 * What a source can do. Screens and tests choose by this record.
 */
export type Capabilities = { 
/**
 * Has collections of records.
 */
records: boolean, 
/**
 * Has files.
 */
files: boolean, 
/**
 * The service tells what changed since a cursor; without it every record is read and compared by hash.
 */
changeFeed: boolean, 
/**
 * Records have attachments.
 */
attachments: boolean, 
/**
 * Records can be created.
 */
create: boolean, 
/**
 * Records can be changed.
 */
update: boolean, 
/**
 * Records can be deleted.
 */
delete: boolean, 
/**
 * Deleted records can be taken out of a trash.
 */
trash: boolean, 
/**
 * Several writes succeed or fail together.
 */
transactions: boolean, 
/**
 * Records can have several versions at once, between which a person has to choose.
 */
conflicts: boolean, 
/**
 * Collections can be replicated to another source of the same kind.
 */
replicates: boolean, 
/**
 * Records can be chosen by a question in the service's own language.
 */
selectors: boolean, 
/**
 * How far one run sees one moment.
 */
consistent: ConsistentSnapshot, };

/**
 * Numbers of a comparison.
 */
export type ChangeCounts = { 
/**
 * Only in the later state.
 */
added: number, 
/**
 * In both, with other content.
 */
changed: number, 
/**
 * Only in the earlier state.
 */
removed: number, 
/**
 * The same in both.
 */
unchanged: number, };

/**
 * What happened to an item between two states.
 */
export type ChangeKind = "added" | "changed" | "removed";

/**
 * Where a channel leads. Secrets (URLs with tokens, passwords) are no part of it; see [`ChannelSetRequest`].
 */
export type ChannelKind = { "webhook": { 
/**
 * In the form Slack's incoming webhooks take (Mattermost, Rocket.Chat and Discord take it too).
 */
slack: boolean, } } | { "heartbeat": Record<symbol, never> } | { "mail": { 
/**
 * Name of the SMTP server.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * `none`, `startTls` or `tls`.
 */
security: string, 
/**
 * User name, if it wants one.
 */
user?: string | null, 
/**
 * Sender.
 */
from: string, 
/**
 * Receivers.
 */
to: Array<string>, } } | { "command": { 
/**
 * Seconds after which it is stopped.
 */
seconds: number, } };

/**
 * Names a channel.
 */
export type ChannelRef = { 
/**
 * Its name or id.
 */
channel: string, };

/**
 * A channel.
 */
export type ChannelRow = { 
/**
 * Stable id.
 */
id: string, 
/**
 * Name, unique.
 */
name: string, 
/**
 * Where it leads.
 */
kind: ChannelKind, 
/**
 * Where it leads, for people: scheme and host of its URL, the receivers, or the command.
 */
target: string, 
/**
 * What it tells.
 */
events: Array<Event>, 
/**
 * Only of these plans, by name; empty: of all, and of what belongs to no plan.
 */
plans: Array<string>, 
/**
 * It is used.
 */
enabled: boolean, 
/**
 * When it last got a message.
 */
delivered?: string | null, 
/**
 * Why the last message did not get through.
 */
problem?: string | null, };

/**
 * Adds a channel, or changes one.
 */
export type ChannelSetRequest = { 
/**
 * The channel to change; absent adds one.
 */
channel?: string | null, 
/**
 * Its (new) name.
 */
name: string, 
/**
 * Where it leads.
 */
kind: ChannelKind, 
/**
 * The URL of a webhook or heartbeat, the password of a mail server, the command line. Kept in the keychain. Absent leaves the
 * one there is.
 */
secret?: string | null, 
/**
 * What it tells; empty: everything that needs a person.
 */
events?: Array<Event>, 
/**
 * Only of these plans, by name.
 */
plans?: Array<string>, 
/**
 * It is used (default: yes).
 */
enabled?: boolean | null, };

/**
 * What a test of a channel showed.
 */
export type ChannelTestReply = { 
/**
 * Seconds it took.
 */
seconds: number, 
/**
 * What came back, in words (`202 Accepted`).
 */
answer: string, };

/**
 * All channels, and the last messages.
 */
export type ChannelsReply = { 
/**
 * By name.
 */
channels: Array<ChannelRow>, 
/**
 * The last 100 messages, newest first.
 */
sent: Array<SentRow>, };

/**
 * A named set of records with a schema: a table, a data source, a database.
 */
export type Collection = { 
/**
 * Stable name, unique in the source; may contain `/` (workspace before table). Used in `--only NAME[/ID]`.
 */
name: string, 
/**
 * What people call it, where that differs from the name.
 */
title?: string | null, 
/**
 * What it is at the source.
 */
kind: CollectionKind, 
/**
 * Its fields.
 */
schema: Schema, 
/**
 * Number of records, if known without reading them.
 */
records?: number | null, 
/**
 * The service's own description, unchanged.
 */
raw?: unknown | null, };

/**
 * Numbers of one collection.
 */
export type CollectionCounts = { 
/**
 * Its name.
 */
collection: string, 
/**
 * Numbers.
 */
counts: ChangeCounts, };

/**
 * What a collection is at its source.
 */
export type CollectionKind = "table" | "view" | "internal" | "aside";

/**
 * One collection of a snapshot.
 */
export type CollectionSummary = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its directory below `databases/` (its schema is `<slug>.json` beside it).
 */
slug: string, 
/**
 * Number of live records.
 */
records: number, 
/**
 * Order-independent checksum of all live records (FORMAT.md, "Collection checksum"), hexadecimal.
 */
checksum: string, 
/**
 * What this run changed in it.
 */
changes: ChangeCounts, };

/**
 * A column.
 */
export type Column = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its kind in the source's words.
 */
kind: string, };

/**
 * A column of another kind than before.
 */
export type ColumnChange = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its kind before, in the source's words.
 */
before: string, 
/**
 * Its kind now.
 */
now: string, };

/**
 * Content put together by a person.
 */
export type ConflictData = { 
/**
 * The content as JSON text: numbers keep all their digits.
 */
json: string, 
/**
 * Revision of the version whose attachments stay.
 */
from: string, };

/**
 * A field and the version it comes from.
 */
export type ConflictField = { 
/**
 * JSON Pointer (RFC 6901), as in [`ConflictVersion::differences`].
 */
field: string, 
/**
 * Revision of the version.
 */
rev: string, };

/**
 * A version with fields of others in it.
 */
export type ConflictFields = { 
/**
 * Revision of the version to begin with; its attachments stay.
 */
from: string, 
/**
 * Fields taken from other versions. A field the other version does not have is left out.
 */
fields: Array<ConflictField>, };

/**
 * What stays of a record in conflict.
 */
export type ConflictKeep = { "rev": string } | { "fields": ConflictFields } | { "data": ConflictData };

/**
 * A place in the list of conflicts.
 */
export type ConflictPlace = { 
/**
 * The collection.
 */
collection: string, 
/**
 * Where in it; absent: at its beginning.
 */
after?: string | null, };

/**
 * What to do with a record that exists on both sides with different content, and was changed since the backup.
 */
export type ConflictPolicy = "skip" | "local" | "remote" | "newest" | "both" | "ask";

/**
 * Names a record of a live source.
 */
export type ConflictRef = { 
/**
 * The source.
 */
source: string, 
/**
 * The collection.
 */
collection: string, 
/**
 * The record's id.
 */
id: string, };

/**
 * A record with all its versions.
 */
export type ConflictReply = { 
/**
 * The source.
 */
source: string, 
/**
 * The collection.
 */
collection: string, 
/**
 * The record's id.
 */
id: string, 
/**
 * Names what was looked at: settling is refused when the record is no longer that.
 */
expect: string, 
/**
 * All versions, the one the service shows first. One alone: the record is not (or no longer) in conflict.
 */
versions: Array<ConflictVersion>, 
/**
 * The vault in which all versions are saved before one is chosen; absent: there is none, and settling is refused.
 */
vault?: string | null, };

/**
 * A record in conflict.
 */
export type ConflictRow = { 
/**
 * Its collection.
 */
collection: string, 
/**
 * Its id.
 */
id: string, 
/**
 * Revision of the version the service shows.
 */
rev?: string | null, 
/**
 * When that changed, if the service tells it.
 */
changed?: string | null, 
/**
 * Number of live versions.
 */
versions: number, };

/**
 * What became of a record in conflict.
 */
export type ConflictSettleReply = { 
/**
 * The run; `backstay undo RUN` takes it back.
 */
run: string, 
/**
 * How it ended.
 */
verdict: Verdict, 
/**
 * Revision the record has now.
 */
rev?: string | null, 
/**
 * Versions that are gone.
 */
removed: number, 
/**
 * Safety snapshot that holds all versions.
 */
safetySnapshot: string, 
/**
 * Whether the run can be undone.
 */
canUndo: boolean, };

/**
 * Makes one version of a record the only one.
 */
export type ConflictSettleRequest = { 
/**
 * The source.
 */
source: string, 
/**
 * The collection.
 */
collection: string, 
/**
 * The record's id.
 */
id: string, 
/**
 * What stays.
 */
keep: ConflictKeep, 
/**
 * What was looked at ([`ConflictReply::expect`]).
 */
expect: string, };

/**
 * One version of a record.
 */
export type ConflictVersion = { 
/**
 * Its revision.
 */
rev: string, 
/**
 * The service shows this one.
 */
winner: boolean, 
/**
 * When it changed, if the service tells it.
 */
changed?: string | null, 
/**
 * Its content, without what belongs to the service alone (revisions).
 */
data: unknown, 
/**
 * Its attachments.
 */
assets: Array<AssetRef>, 
/**
 * What is different in it, beside the version the service shows (`before`); empty for that one.
 */
differences: Array<FieldChange>, };

/**
 * Some records in conflict.
 */
export type ConflictsReply = { 
/**
 * By collection, then id.
 */
conflicts: Array<ConflictRow>, 
/**
 * Where the next page begins; absent at the end.
 */
next?: ConflictPlace | null, 
/**
 * Collections that could not be looked at, and why.
 */
gaps: Array<Gap>, };

/**
 * Lists records in conflict of a live source.
 */
export type ConflictsRequest = { 
/**
 * The source.
 */
source: string, 
/**
 * Only in this collection; absent: in all of them, in the order of their names.
 */
collection?: string | null, 
/**
 * Where an earlier page ended ([`ConflictsReply::next`]).
 */
after?: ConflictPlace | null, 
/**
 * At most this many (default 100, at most 1000).
 */
limit?: number | null, };

/**
 * A kind of source.
 */
export type ConnectorRow = { 
/**
 * Short name.
 */
kind: string, 
/**
 * Name for people.
 */
title: string, 
/**
 * What it protects, in a sentence.
 */
summary: string, 
/**
 * Its settings.
 */
options: Array<OptionRow>, 
/**
 * How a restore into a source of this kind can be told to write.
 */
restoreOptions: Array<OptionRow>, 
/**
 * A new place in a source of this kind is a name (of a database), not a path.
 */
namedPlaces: boolean, 
/**
 * Its collections can be replicated.
 */
replicates: boolean, };

/**
 * Kinds of sources.
 */
export type ConnectorsReply = { 
/**
 * In the order of the registry.
 */
connectors: Array<ConnectorRow>, };

/**
 * How consistent the content of one run is.
 */
export type ConsistentSnapshot = "perItem" | "perFile" | "whole";

/**
 * A number of records.
 */
export type CountReply = { 
/**
 * Records.
 */
records: number, };

/**
 * Counts the records of collections that do not know their number; slow for large tables.
 */
export type CountRequest = { 
/**
 * Snapshot, `live:SOURCE` or `bundle:PATH`.
 */
at: SnapshotRef, 
/**
 * The collection.
 */
collection: string, };

/**
 * What a row is about.
 */
export type CoverageKind = "workspace" | "collection" | "folder" | "files" | "unknown";

/**
 * What the credentials see, against what is saved, against last time.
 */
export type CoverageReply = { 
/**
 * What needs the person first.
 */
rows: Array<CoverageRow>, 
/**
 * The newest backup that was compared.
 */
snapshot?: string | null, 
/**
 * When it was made.
 */
time?: string | null, 
/**
 * Why the source cannot be looked at now, if so; the rows are then the backup's.
 */
problem?: ApiError | null, };

/**
 * One thing a source has, had, or should have.
 */
export type CoverageRow = { 
/**
 * Its name; empty for the files at the top.
 */
name: string, 
/**
 * What people call it, where that differs.
 */
title?: string | null, 
/**
 * What it is.
 */
kind: CoverageKind, 
/**
 * Records (or files) the credentials see now; `None` when it is not seen, or they could not be counted.
 */
sees?: number | null, 
/**
 * Records (or files) in the newest backup.
 */
saved?: number | null, 
/**
 * Records (or files) in the backup before that.
 */
last?: number | null, 
/**
 * How it stands.
 */
state: CoverageState, 
/**
 * When the newest of the two backups that has it was taken.
 */
savedAt?: string | null, 
/**
 * How many gaps of the newest backup lie in it.
 */
gaps: number, 
/**
 * The first of them.
 */
gap?: Gap | null, };

/**
 * How a row stands.
 */
export type CoverageState = "covered" | "new" | "missing" | "outOfReach";

/**
 * One day of a source.
 */
export type DayPoint = { 
/**
 * The local day (`2026-11-20`).
 */
day: string, 
/**
 * How its backups ended.
 */
runs: RunCounts, 
/**
 * The worst of them.
 */
worst?: Verdict | null, 
/**
 * Bytes the newest snapshot of the day holds.
 */
size?: number | null, 
/**
 * Bytes the vaults grew by.
 */
stored: number, 
/**
 * Things added, changed and removed.
 */
changes: [number, number, number], 
/**
 * The longest backup of the day, in seconds.
 */
seconds?: number | null, 
/**
 * Age of the newest good backup at the end of the day (now, for today), in minutes: what could have been lost.
 */
ageMinutes?: number | null, };

/**
 * Whether a run may begin at such a moment. JSON: `"run"` or `{"wait":{"maxMinutes":720}}`.
 */
export type DelayRule = "run" | { "wait": { 
/**
 * Minutes.
 */
maxMinutes: number, } };

/**
 * Differences.
 */
export type DiffReply = { 
/**
 * Numbers by collection.
 */
collections: Array<CollectionCounts>, 
/**
 * Differences, if asked for.
 */
changes: Array<RecordChange>, 
/**
 * Some differences are counted but not listed.
 */
truncated: boolean, };

/**
 * Compares two snapshots, or a snapshot with the live source.
 */
export type DiffRequest = { 
/**
 * Earlier side.
 */
before: SnapshotRef, 
/**
 * Later side; `live` means the snapshot's source as it is now.
 */
after: SnapshotRef, 
/**
 * Only this collection.
 */
collection?: string | null, 
/**
 * Only numbers.
 */
summary?: boolean, 
/**
 * At most this many differences are listed (all are counted).
 */
limit: number, };

/**
 * A restore drill that was made.
 */
export type DrillRow = { 
/**
 * The run.
 */
run: string, 
/**
 * The source.
 */
source: string, 
/**
 * The vault.
 */
vault: string, 
/**
 * The snapshot.
 */
snapshot: string, 
/**
 * One record of each collection only.
 */
oneEach: boolean, 
/**
 * When it began.
 */
started: string, 
/**
 * Seconds until everything was back: the recovery time.
 */
seconds: number, 
/**
 * Bytes restored.
 */
bytes: number, 
/**
 * Records restored.
 */
records: number, 
/**
 * Files restored.
 */
files: number, 
/**
 * Records and files compared with the backup.
 */
compared: number, 
/**
 * Of them, those that differ.
 */
differing: number, 
/**
 * *Complete* only when everything is back and the same.
 */
verdict: Verdict, 
/**
 * Why it failed.
 */
reason?: [ErrorKind, string] | null, 
/**
 * The first differences, by name (only in the reply of the drill itself).
 */
differences: Array<string>, };

/**
 * Asks for a restore drill.
 */
export type DrillRunRequest = { 
/**
 * The source whose newest snapshot is tried.
 */
source: string, 
/**
 * From this vault (default: the first it goes to).
 */
vault?: string | null, 
/**
 * This snapshot instead of the newest.
 */
snapshot?: string | null, 
/**
 * One record of each collection instead of everything.
 */
oneEach?: boolean, };

/**
 * The drills of a source.
 */
export type DrillsReply = { 
/**
 * Newest first.
 */
drills: Array<DrillRow>, 
/**
 * A drill should not take longer (minutes), by the strictest of its plans.
 */
targetMinutes?: number | null, 
/**
 * When the next one is due by a plan.
 */
next?: string | null, 
/**
 * Age of the newest good backup at the end of each of the last 30 days, in minutes, oldest first (day, minutes).
 */
ages: Array<[string, number]>, 
/**
 * Longest age promised, in minutes.
 */
promiseMinutes?: number | null, };

/**
 * Asks for the drills of a source.
 */
export type DrillsRequest = { 
/**
 * The source.
 */
source: string, 
/**
 * At most this many (default 100).
 */
limit?: number | null, };

/**
 * The class of an error. One class has one exit code, part of the command line's contract.
 */
export type ErrorKind = "usage" | "notFound" | "refused" | "auth" | "appLocked" | "locked" | "damaged" | "changed" | "full" | "unreachable" | "limit" | "unsupported" | "cancelled" | "interrupted" | "io" | "internal";

/**
 * What happened.
 */
export type Event = "failed" | "partial" | "overdue" | "guard" | "drillFailed" | "damaged" | "failureRate" | "watchdog" | "meteredAsk" | "recovered" | "complete" | "test";

/**
 * How an export ended.
 */
export type ExportReply = { 
/**
 * The run.
 */
run: string, 
/**
 * *Complete*, or *partial* when something could not be read.
 */
verdict: Verdict, 
/**
 * The bundle.
 */
path: string, 
/**
 * Its size in bytes.
 */
bytes: number, 
/**
 * Files in it.
 */
files: number, 
/**
 * Records in it.
 */
records: number, 
/**
 * What is missing, by name.
 */
gaps: Array<Gap>, };

/**
 * Writes a snapshot into a bundle.
 */
export type ExportRequest = { 
/**
 * The snapshot.
 */
at: SnapshotRef, 
/**
 * File or folder to make.
 */
to: string, 
/**
 * Container.
 */
format: BundleFormat, 
/**
 * `COLLECTION`, `COLLECTION/ID` or a path below `files/`; empty means everything.
 */
only?: Array<string>, 
/**
 * Replace what lies there.
 */
overwrite?: boolean, 
/**
 * Write a format of another program in place of a bundle; `format` says nothing then.
 */
foreign?: ForeignExport, };

/**
 * One field of a schema.
 */
export type Field = { 
/**
 * Name, unique in the schema.
 */
name: string, 
/**
 * The type in the source's words (`INTEGER`, `rich_text`).
 */
kind: string, 
/**
 * The source computes it; a restore skips and names it.
 */
computed: boolean, };

/**
 * One field that differs.
 */
export type FieldChange = { 
/**
 * Where: a JSON Pointer (RFC 6901) into the record's data.
 */
field: string, 
/**
 * What happened to it.
 */
change: ChangeKind, 
/**
 * Earlier value; absent when added.
 */
before?: unknown, 
/**
 * Later value; absent when removed.
 */
after?: unknown, };

/**
 * A filter on one field.
 */
export type FieldFilter = { 
/**
 * The field's name (a member of the record's JSON).
 */
field: string, 
/**
 * How it compares.
 */
kind: FilterKind, 
/**
 * With what, as text.
 */
value?: string, };

/**
 * Some fields of one record.
 */
export type FieldPick = { 
/**
 * `COLLECTION/ID`.
 */
record: string, 
/**
 * JSON Pointers (RFC 6901) into the record's data, as in [`FieldChange::field`].
 */
fields: Array<string>, };

/**
 * Figures of all, and of each.
 */
export type FiguresReply = { 
/**
 * The first day (`2026-10-22`).
 */
from: string, 
/**
 * The last day: today.
 */
to: string, 
/**
 * By name.
 */
sources: Array<SourceFigures>, 
/**
 * How all backups of these days ended.
 */
runs: RunCounts, 
/**
 * Share of all backups that ended complete, in percent.
 */
successPercent?: number | null, 
/**
 * The oldest newest-good backup of all sources, in minutes: most you could lose now.
 */
rpoMinutes?: number | null, 
/**
 * Sum of the last full drills, in seconds; absent when some source was never tried.
 */
rtoSeconds?: number | null, 
/**
 * Sources that were never tried.
 */
neverDrilled: number, 
/**
 * Moments of timetables that are over, and of them those that were kept.
 */
moments: [number, number], 
/**
 * Bytes of all vaults, as last counted.
 */
used?: number | null, };

/**
 * Asks for figures.
 */
export type FiguresRequest = { 
/**
 * Of so many days, today included (default 30, at most 730).
 */
days?: number | null, 
/**
 * Only of this source.
 */
source?: string | null, };

/**
 * What a [`FileEntry`] is.
 */
export type FileKind = "file" | "directory" | { "symlink": string } | "other";

/**
 * One file in a list.
 */
export type FileRow = { 
/**
 * Path below `files/`.
 */
path: string, 
/**
 * What it is.
 */
kind: FileKind, 
/**
 * Bytes.
 */
size: number, 
/**
 * Last change.
 */
modified?: string | null, };

/**
 * How a filter compares.
 */
export type FilterKind = "contains" | "is" | "isNot" | "greater" | "less" | "empty" | "notEmpty";

/**
 * One entry of a folder.
 */
export type FolderEntry = { 
/**
 * Path below `files/`.
 */
path: string, 
/**
 * Last part of the path, for people (escapes resolved).
 */
name: string, 
/**
 * What it is.
 */
kind: FileKind, 
/**
 * Bytes.
 */
size: number, 
/**
 * Last change.
 */
modified?: string | null, };

/**
 * Entries of a folder: folders first, then by name.
 */
export type FolderReply = { 
/**
 * Entries.
 */
entries: Array<FolderEntry>, 
/**
 * Entries in all.
 */
total: number, };

/**
 * Lists what lies directly in a folder of a snapshot.
 */
export type FolderRequest = { 
/**
 * Snapshot, `live:SOURCE` or `bundle:PATH`.
 */
at: SnapshotRef, 
/**
 * Path below `files/`; empty: the top.
 */
path: string, 
/**
 * First entry.
 */
offset?: number, 
/**
 * Number of entries, at most 10 000.
 */
limit: number, };

/**
 * An export into a format of another program: a file for one unit (a database), a folder with one file each for several.
 */
export type ForeignExport = { 
/**
 * The format's short name (`couchbackup`, `ndjson`).
 */
format: string, 
/**
 * Attachments go into the file.
 */
attachments?: boolean, 
/**
 * That there are no attachments in the file is meant: they are no gaps then.
 */
withoutAttachments?: boolean, };

/**
 * What a file of another program is.
 */
export type ForeignInfo = { 
/**
 * The format's short name (`couchbackup`, `ndjson`, `json`).
 */
format: string, 
/**
 * The format's name for people.
 */
title: string, 
/**
 * Kind of connector that reads it: what it can be restored into.
 */
kind: string, 
/**
 * That kind's name for people.
 */
kindTitle: string, 
/**
 * What the file says about itself, in sentences; empty until it was read.
 */
notes: Array<string>, };

/**
 * What retention did or would do.
 */
export type ForgetReply = { 
/**
 * Every snapshot of the source, newest first.
 */
snapshots: Array<ForgetRow>, 
/**
 * Snapshots removed (or that would be).
 */
removed: number, 
/**
 * Bytes that removal makes free at the next prune.
 */
frees: number, 
/**
 * Nothing was changed.
 */
dryRun: boolean, 
/**
 * What the prune did, if one was asked for.
 */
pruned?: Array<PruneReply>, };

/**
 * Removes snapshots of a source by rule.
 */
export type ForgetRequest = { 
/**
 * The source.
 */
source: string, 
/**
 * Only in this vault.
 */
vault?: string | null, 
/**
 * What to keep.
 */
keep: KeepSpec, 
/**
 * Only show what would go and what it would free.
 */
dryRun: boolean, 
/**
 * Free the space at once.
 */
prune?: boolean, };

/**
 * One snapshot under retention.
 */
export type ForgetRow = { 
/**
 * The snapshot.
 */
id: string, 
/**
 * Its vault.
 */
vault: string, 
/**
 * Its time.
 */
time: string, 
/**
 * It stays.
 */
keep: boolean, 
/**
 * Why it stays.
 */
reasons: Array<string>, };

/**
 * One thing that is missing from a run, by name.
 */
export type Gap = { 
/**
 * What is missing: a path, a collection, `collection/id`, a workspace.
 */
subject: string, 
/**
 * Why, as a code.
 */
kind: ErrorKind, 
/**
 * Why, in a sentence, without secrets.
 */
message: string, };

/**
 * Reads one record.
 */
export type GetRequest = { 
/**
 * Snapshot, or `live:SOURCE`.
 */
at: SnapshotRef, 
/**
 * Its collection.
 */
collection: string, 
/**
 * Its id.
 */
id: string, };

/**
 * One thing that went.
 */
export type GoneRow = { 
/**
 * Its collection; absent for files.
 */
collection?: string | null, 
/**
 * Its id or path.
 */
id: string, 
/**
 * A few words of its content.
 */
summary?: string | null, };

/**
 * A collection against the limit of its guard.
 */
export type GuardBar = { 
/**
 * Its name.
 */
collection: string, 
/**
 * Records before.
 */
before: number, 
/**
 * Records now.
 */
now: number, 
/**
 * Records that went.
 */
gone: number, 
/**
 * From this many on the guard trips.
 */
limit: number, };

/**
 * When a guard trips. What is missing in stored rules has its default; `null` switches a limit off.
 */
export type GuardRules = { 
/**
 * Share of a collection, in percent, whose disappearance is a mass deletion; 25 by default.
 */
sharePercent: number | null, 
/**
 * Number of records (or files) whose disappearance is a mass deletion; 500 by default.
 */
count: number | null, 
/**
 * The share counts only for collections of at least this many; 20 by default.
 */
least: number, 
/**
 * A collection that lost its last record.
 */
emptied: boolean, 
/**
 * Columns that are gone or of another kind.
 */
schema: boolean, 
/**
 * Collections, workspaces or databases that are no longer there.
 */
coverage: boolean, };

/**
 * How a source is.
 */
export type Health = "complete" | "partial" | "failed" | "cancelled" | "none";

/**
 * All versions of one record, oldest first.
 */
export type HistoryReply = { 
/**
 * Oldest first.
 */
versions: Array<HistoryVersion>, 
/**
 * Snapshots that could not be read, in words.
 */
problems?: Array<string>, };

/**
 * All versions of one record.
 */
export type HistoryRequest = { 
/**
 * Source.
 */
source: string, 
/**
 * Collection, or `files`.
 */
collection: string, 
/**
 * Record id, or path.
 */
id: string, 
/**
 * Only in this vault.
 */
vault?: string | null, };

/**
 * One version of a record: what it became in a snapshot.
 */
export type HistoryVersion = { 
/**
 * First snapshot with this version.
 */
snapshot: string, 
/**
 * Its vault.
 */
vault: string, 
/**
 * Its time.
 */
time: string, 
/**
 * Content hash; absent when the record is gone in this snapshot.
 */
hash?: string | null, 
/**
 * Against the version before.
 */
fields: Array<FieldChange>, 
/**
 * Number of consecutive snapshots that hold it.
 */
snapshots: number, };

/**
 * Answers a guard: it was intended.
 */
export type HoldReleaseRequest = { 
/**
 * The guard that tripped, by id.
 */
hold: string, 
/**
 * The number that went, as the person typed it: proof that it was read.
 */
confirm?: number | null, 
/**
 * Why, for the audit trail.
 */
note?: string | null, 
/**
 * Pin the last snapshot that has what went.
 */
pin?: boolean, };

/**
 * What went.
 */
export type HoldReviewReply = { 
/**
 * The guard that tripped.
 */
hold: HoldRow, 
/**
 * A page of what went.
 */
rows: Array<GoneRow>, 
/**
 * Where the next page begins.
 */
next?: string | null, 
/**
 * Collections against their limits (first page only).
 */
bars: Array<GuardBar>, };

/**
 * Asks for what went.
 */
export type HoldReviewRequest = { 
/**
 * The guard that tripped, by id.
 */
hold: string, 
/**
 * Where the page before ended.
 */
from?: string | null, 
/**
 * At most this many.
 */
limit: number, };

/**
 * A guard that tripped: retention (and sync) for this source stand still until a person answers.
 */
export type HoldRow = { 
/**
 * Its id.
 */
id: string, 
/**
 * The source.
 */
source: string, 
/**
 * The vault whose snapshots were compared.
 */
vault?: string | null, 
/**
 * What tripped.
 */
trip: Trip, 
/**
 * When it was seen.
 */
at: string, 
/**
 * The run that saw it.
 */
run?: string | null, 
/**
 * The snapshot that run wrote.
 */
snapshot?: string | null, 
/**
 * The snapshot before: the last one that has what went.
 */
before?: string | null, 
/**
 * When that one was made.
 */
beforeTime?: string | null, 
/**
 * When a person answered.
 */
released?: string | null, 
/**
 * Who.
 */
releasedBy?: string | null, 
/**
 * What they said.
 */
note?: string | null, };

/**
 * What a snapshot holds, in numbers, as its run counted them.
 */
export type Holdings = { 
/**
 * Collections.
 */
collections: number, 
/**
 * Records, where they were counted.
 */
records?: number | null, 
/**
 * Files.
 */
files: number, 
/**
 * Bytes of the files and records, uncompressed.
 */
bytes: number, 
/**
 * Workspaces (databases).
 */
workspaces: number, };

/**
 * Guards that tripped, newest first.
 */
export type HoldsReply = { 
/**
 * Newest first.
 */
holds: Array<HoldRow>, };

/**
 * Asks for guards that tripped.
 */
export type HoldsRequest = { 
/**
 * Only of this source.
 */
source?: string | null, 
/**
 * Also those that were answered.
 */
all?: boolean, };

/**
 * A command of the person's own.
 */
export type HookSpec = { 
/**
 * The command line, run by the system's shell.
 */
command: string, 
/**
 * Stopped after this many seconds.
 */
seconds?: number, };

/**
 * Commands around the backups of a plan.
 */
export type Hooks = { 
/**
 * Before; when it fails, nothing is backed up and the run failed.
 */
before?: HookSpec | null, 
/**
 * After, however it ended.
 */
after?: HookSpec | null, };

/**
 * How an import ended.
 */
export type ImportReply = { 
/**
 * The run.
 */
run: string, 
/**
 * *Complete* or *partial*, as the bundle itself was, or worse.
 */
verdict: Verdict, 
/**
 * The snapshot made.
 */
snapshot: string, 
/**
 * Its vault.
 */
vault: string, 
/**
 * Bytes added to the vault.
 */
stored: number, 
/**
 * What is missing, by name.
 */
gaps: Array<Gap>, };

/**
 * Keeps a bundle in a vault, as one more point in time.
 */
export type ImportRequest = { 
/**
 * The bundle.
 */
path: string, 
/**
 * The vault; absent: the default one.
 */
vault?: string | null, 
/**
 * The source it becomes a point in time of: one that is set up here, or a new name. Absent: the one it is of.
 */
source?: string | null, };

/**
 * What a path is.
 */
export type InspectReply = { 
/**
 * The path, made absolute.
 */
path: string, 
/**
 * Its last part.
 */
name: string, 
/**
 * What it is.
 */
kind: PathKind, 
/**
 * Bytes (of a file).
 */
bytes?: number | null, 
/**
 * Kinds of sources that can protect it, best first, with the settings to start from.
 */
protect: Array<ProtectAs>, 
/**
 * Sources that it belongs to already: their names.
 */
protectedBy: Array<string>, 
/**
 * Why it cannot be used, if so.
 */
reason?: string | null, 
/**
 * Bytes free on its disk; of what is not there yet, on the disk it would lie on.
 */
free?: number | null, 
/**
 * Names that disk: two paths with the same name lie on one and the same.
 */
disk?: string | null, 
/**
 * What it is, when it is a file of another program.
 */
foreign?: ForeignInfo | null, };

/**
 * What a path on this computer is, and what can be done with it.
 */
export type InspectRequest = { 
/**
 * The path.
 */
path: string, };

/**
 * Names a job.
 */
export type JobRef = { 
/**
 * Its id.
 */
job: string, };

/**
 * Starts a command as a job.
 */
export type JobStartRequest = { 
/**
 * Name of the command.
 */
command: string, 
/**
 * Its request.
 */
request: unknown, };

/**
 * Where a job is in its life.
 */
export type JobState = "waiting" | "running" | "done";

/**
 * A job as the window shows it.
 */
export type JobView = { 
/**
 * Id, unique in this process.
 */
id: string, 
/**
 * The command it runs.
 */
command: string, 
/**
 * Its request, without passwords.
 */
request: unknown, 
/**
 * Where it is.
 */
state: JobState, 
/**
 * When it was asked for.
 */
queued: string, 
/**
 * When it began.
 */
started?: string | null, 
/**
 * When it ended.
 */
finished?: string | null, 
/**
 * How far it is.
 */
progress?: Progress | null, 
/**
 * Items a second, over the last seconds.
 */
itemsPerSecond?: number | null, 
/**
 * Bytes a second, over the last seconds.
 */
bytesPerSecond?: number | null, 
/**
 * Seconds left in this stage; only where the total is known.
 */
secondsLeft?: number | null, 
/**
 * It was asked to stop and has not yet.
 */
cancelling: boolean, 
/**
 * The first hundred things that are missing.
 */
gaps: Array<Gap>, 
/**
 * How many things are missing.
 */
gapCount: number, 
/**
 * What it waits for, as a code: `job` (another job), `pause`, `otherProcess`.
 */
waitingFor?: string | null, 
/**
 * The command's reply.
 */
reply?: unknown, 
/**
 * Why it failed.
 */
error?: ApiError | null, 
/**
 * How it ended: the reply's verdict, *failed* or *cancelled*.
 */
verdict?: Verdict | null, 
/**
 * The run it wrote into the journal, once known.
 */
run?: string | null, };

/**
 * All jobs of this process.
 */
export type JobsReply = { 
/**
 * Running first, then waiting in order, then done, newest first.
 */
jobs: Array<JobView>, 
/**
 * No job starts before this time.
 */
pausedUntil?: string | null, };

/**
 * Snapshots of one day under keep rules.
 */
export type KeepDay = { 
/**
 * The day, local (`2026-11-20`).
 */
day: string, 
/**
 * Snapshots that stay.
 */
stay: number, 
/**
 * Snapshots that would go.
 */
go: number, };

/**
 * What keep rules would do.
 */
export type KeepPreviewReply = { 
/**
 * Snapshots that stay.
 */
stay: number, 
/**
 * Snapshots that would go.
 */
go: number, 
/**
 * Bytes that would become free, if counted.
 */
frees?: number | null, 
/**
 * Bytes the vaults take now, as last counted.
 */
used?: number | null, 
/**
 * By day, oldest first; days without snapshots are left out.
 */
days: Array<KeepDay>, 
/**
 * The newest 500 snapshots with their reasons, and all that would go up to 500.
 */
rows: Array<KeepRow>, 
/**
 * Sources a guard holds: nothing of theirs goes, whatever the rules say.
 */
held: Array<string>, 
/**
 * Vaults that could not be looked at, by name, with the reason.
 */
unreachable: Array<[string, ApiError]>, 
/**
 * When it would happen next.
 */
next?: string | null, };

/**
 * Shows what keep rules would remove, without removing anything.
 */
export type KeepPreviewRequest = { 
/**
 * The plan whose sources and vaults are looked at.
 */
plan: string, 
/**
 * The rules; absent: the plan's.
 */
keep?: KeepSpec | null, 
/**
 * Count what would become free, which reads the index of each vault and takes a moment.
 */
bytes?: boolean, };

/**
 * One snapshot under keep rules, of one source.
 */
export type KeepRow = { 
/**
 * The source.
 */
source: string, 
/**
 * The snapshot.
 */
row: ForgetRow, };

/**
 * Keep rules.
 */
export type KeepSpec = { 
/**
 * The newest N.
 */
last?: number | null, 
/**
 * The newest of each of the last N hours that have one.
 */
hourly?: number | null, 
/**
 * … days.
 */
daily?: number | null, 
/**
 * … weeks.
 */
weekly?: number | null, 
/**
 * … months.
 */
monthly?: number | null, 
/**
 * … years.
 */
yearly?: number | null, 
/**
 * Everything within this time of the newest (`30d`, `1y6m`, `12h`).
 */
within?: string | null, 
/**
 * Everything with one of these tags.
 */
tags?: Array<string>, 
/**
 * Everything.
 */
forever?: boolean, 
/**
 * Drops only what is older than this (`90d`); alone: keeps everything younger.
 */
olderThan?: string | null, 
/**
 * `30d-hourly-12m-daily` or `30d-12w-12m`; the other rules add to it.
 */
preset?: string | null, };

/**
 * Removes one key.
 */
export type KeyRemoveRequest = { 
/**
 * The vault.
 */
name: string, 
/**
 * Beginning of the key's id.
 */
key: string, };

/**
 * One key of a vault.
 */
export type KeyRow = { 
/**
 * Id.
 */
id: string, 
/**
 * Who added it.
 */
user: string, 
/**
 * On which machine.
 */
host: string, 
/**
 * When.
 */
created?: string | null, 
/**
 * The vault was opened with it just now.
 */
inUse: boolean, };

/**
 * All keys.
 */
export type KeysReply = { 
/**
 * Oldest first.
 */
keys: Array<KeyRow>, };

/**
 * Begins a recovery kit: adds a key to the vault that a list of words opens.
 */
export type KitBeginReply = { 
/**
 * Names the kit in the calls that follow, until it is confirmed or given up.
 */
kit: string, 
/**
 * The words, in order. Shown once; nothing keeps them.
 */
words: Array<string>, 
/**
 * Numbers (from 1) of the words that will be asked for.
 */
ask: Array<number>, };

/**
 * Whether the words were right.
 */
export type KitConfirmReply = { 
/**
 * They were; the kit counts from now on, and the key of an earlier kit was removed.
 */
confirmed: boolean, };

/**
 * Confirms a kit with words read from the page.
 */
export type KitConfirmRequest = { 
/**
 * The kit.
 */
kit: string, 
/**
 * The words asked for, in the order asked.
 */
words: Array<string>, };

/**
 * Form of the recovery kit.
 */
export type KitFormat = "html" | "text";

/**
 * Gives up a kit that was begun: its key is removed again.
 */
export type KitRef = { 
/**
 * The kit.
 */
kit: string, };

/**
 * The recovery kit.
 */
export type KitReply = { 
/**
 * The document.
 */
content: string, };

/**
 * State of a recovery kit.
 */
export type KitState = { 
/**
 * When a kit was made; absent: none yet.
 */
made?: string | null, 
/**
 * When words were typed back from it.
 */
confirmed?: string | null, 
/**
 * The kit's key is no longer in the vault.
 */
outdated: boolean, };

/**
 * Writes the page of a kit that was begun.
 */
export type KitWriteRequest = { 
/**
 * The kit.
 */
kit: string, 
/**
 * Where to; absent: a private file of a few minutes' life, to be printed.
 */
path?: string | null, };

/**
 * Opens a table of records.
 */
export type ListingOpenRequest = { 
/**
 * Snapshot, `live:SOURCE` or `bundle:PATH`.
 */
at: SnapshotRef, 
/**
 * The collection.
 */
collection: string, 
/**
 * Only records that contain this text (any case).
 */
search?: string | null, 
/**
 * All of these must hold.
 */
filters?: Array<FieldFilter>, 
/**
 * Order; absent: the collection's own.
 */
sort?: SortBy | null, };

/**
 * An opened table of records.
 */
export type ListingReply = { 
/**
 * Names the listing in the calls that follow.
 */
listing: string, 
/**
 * Rows.
 */
total: number, 
/**
 * Records of the collection without search and filters.
 */
of: number, 
/**
 * The collection's fields, in its order; of collections without a schema those of the first records.
 */
fields: Array<Field>, 
/**
 * The field that names a record for people (a title), if one stands out.
 */
title: string | null, };

/**
 * The row number of a record.
 */
export type LocateReply = { 
/**
 * From 0; absent when the listing does not show it.
 */
index?: number | null, };

/**
 * Asks for the row number of a record.
 */
export type LocateRequest = { 
/**
 * The listing.
 */
listing: string, 
/**
 * The record.
 */
id: string, };

/**
 * Opens the lock.
 */
export type LockOpenRequest = { 
/**
 * The passphrase.
 */
passphrase: string, };

/**
 * What needs the app lock's passphrase, once one is set.
 */
export type LockScope = { 
/**
 * Opening the window.
 */
opening: boolean, 
/**
 * Removing snapshots, sources, vaults and keys; pruning.
 */
deleting: boolean, 
/**
 * Restoring and undoing.
 */
restoring: boolean, };

/**
 * Sets, changes or removes the passphrase of the app lock.
 */
export type LockSetRequest = { 
/**
 * The passphrase so far; needed when one is set.
 */
current?: string | null, 
/**
 * The new one; absent removes the lock.
 */
new?: string | null, };

/**
 * State of the app lock.
 */
export type LockState = { 
/**
 * A passphrase is set.
 */
set: boolean, 
/**
 * The window is locked now.
 */
locked: boolean, 
/**
 * After wrong tries: no try counts before this time.
 */
waitUntil?: string | null, };

/**
 * What the watchdog's look saw.
 */
export type LookReply = { 
/**
 * `running`; `away`: nobody runs the plans, not yet for long; `silent`: not for too long; `idle`: no plan needs anyone.
 */
saw: string, 
/**
 * When a process that runs plans last gave a sign of life.
 */
alive?: string | null, 
/**
 * Sources that are overdue, by name.
 */
overdue: Array<string>, 
/**
 * Messages that were sent.
 */
told: number, 
/**
 * Why a message could not be sent.
 */
problem?: ApiError | null, };

/**
 * What a list shows.
 */
export type LsReply = { 
/**
 * Collections, when no collection was named.
 */
collections?: Array<Collection>, 
/**
 * Records.
 */
records?: Array<SavedRecord>, 
/**
 * Found by a search over several collections: the collection of each record.
 */
recordCollections?: Array<string>, 
/**
 * Files.
 */
files?: Array<FileRow>, 
/**
 * Items in all, if known without reading everything.
 */
total?: number | null, 
/**
 * There are more items after these.
 */
more: boolean, };

/**
 * Lists collections, records of a collection, or files.
 */
export type LsRequest = { 
/**
 * Snapshot, or `live:SOURCE`.
 */
at: SnapshotRef, 
/**
 * A collection, `files`, or `files/<path>`; all collections when absent.
 */
collection?: string | null, 
/**
 * First item.
 */
offset?: number, 
/**
 * Number of items.
 */
limit: number, 
/**
 * Only items that contain this text (any case).
 */
search?: string | null, };

/**
 * One message. Contains no secrets; texts are for people and already in their language.
 */
export type Message = { 
/**
 * What happened.
 */
event: Event, 
/**
 * One line.
 */
title: string, 
/**
 * A few sentences, plain text.
 */
body: string, 
/**
 * When it happened.
 */
time: string, 
/**
 * Name of the computer.
 */
host: string, 
/**
 * Name of the plan.
 */
plan?: string | null, 
/**
 * Name of the source.
 */
source?: string | null, 
/**
 * Name of the vault.
 */
vault?: string | null, 
/**
 * Id of the run.
 */
run?: string | null, 
/**
 * How the run ended.
 */
verdict?: Verdict | null, 
/**
 * Things missing from the run.
 */
gaps: number, 
/**
 * Class of the error.
 */
code?: ErrorKind | null, 
/**
 * What one message is made for, the same every time: a later message of the same cause replaces the earlier one.
 */
cause: string, 
/**
 * Time of the newest complete backup.
 */
lastGood?: string | null, };

/**
 * What becomes of slots that passed while the computer slept, was off, or Backstay did not run.
 */
export type MissedRule = "catchUp" | "skip";

/**
 * Which day of every month. JSON: `{"day":12}`, `{"first":"sun"}`, `"last"`.
 */
export type MonthDay = { "day": number } | { "first": Weekday } | "last";

/**
 * A request that names one thing.
 */
export type Named = { 
/**
 * Its name.
 */
name: string, };

/**
 * When a task of a plan comes next.
 */
export type NextSlot = { 
/**
 * The task.
 */
task: Task, 
/**
 * When.
 */
at: string, };

/**
 * A request that needs no arguments, or a reply that says nothing but *done*.
 */
export type Nothing = Record<symbol, never>;

/**
 * A setting of a kind of source.
 */
export type OptionRow = { 
/**
 * Name.
 */
name: string, 
/**
 * What its value is called.
 */
value: string, 
/**
 * What it means, in a sentence.
 */
help: string, 
/**
 * Must be given.
 */
required: boolean, 
/**
 * May be given several times (a list).
 */
multiple: boolean, 
/**
 * A switch.
 */
flag: boolean, 
/**
 * Goes into the keychain.
 */
secret: boolean, 
/**
 * Its value is a path on this computer.
 */
path: boolean, 
/**
 * The values it can have; empty: any.
 */
choices: Array<string>, };

/**
 * How everything is.
 */
export type OverviewReply = { 
/**
 * By name.
 */
sources: Array<SourceHealth>, 
/**
 * By name.
 */
vaults: Array<VaultHealth>, };

/**
 * Asks how everything is.
 */
export type OverviewRequest = { 
/**
 * Points since this time (default: 14 days).
 */
since?: string | null, 
/**
 * Only this source.
 */
source?: string | null, };

/**
 * Kinds of things people drop on the window.
 */
export type PathKind = "bundle" | "vault" | "sqlite" | "folder" | "plan" | "settings" | "foreign" | "unknown" | "missing";

/**
 * A file to write to or to read from.
 */
export type PathRequest = { 
/**
 * The file.
 */
path: string, };

/**
 * Holds waiting jobs back.
 */
export type PauseRequest = { 
/**
 * Until when; absent ends the pause.
 */
until?: string | null, };

/**
 * Pins a snapshot: no retention removes it.
 */
export type PinRequest = { 
/**
 * Which, in the words of [`SnapshotRef`](super::SnapshotRef).
 */
snapshot: string, 
/**
 * Only in this vault.
 */
vault?: string | null, 
/**
 * What to remember it by; absent takes the pin away.
 */
name?: string | null, };

/**
 * Steps of a plan by action.
 */
export type PlanCounts = { 
/**
 * [`StepAction::Create`]
 */
create: number, 
/**
 * [`StepAction::Update`]
 */
update: number, 
/**
 * [`StepAction::Same`]
 */
same: number, 
/**
 * [`StepAction::Skip`]
 */
skip: number, 
/**
 * [`StepAction::Conflict`]
 */
conflict: number, 
/**
 * [`StepAction::KeepBoth`]
 */
keepBoth: number, 
/**
 * [`StepAction::Delete`]
 */
delete: number, 
/**
 * [`StepAction::Impossible`]
 */
impossible: number, };

/**
 * First line of a plan file; the steps follow, one a line.
 */
export type PlanHeader = { 
/**
 * Layout version of the plan file.
 */
version: number, 
/**
 * Id of the plan.
 */
planId: string, 
/**
 * When it was made.
 */
created: string, 
/**
 * Vault (name) it restores from; empty for a bundle.
 */
vault: string, 
/**
 * Full id of the snapshot; `bundle:` and the path for a bundle.
 */
snapshot: string, 
/**
 * SHA-256 of the bundle's list of checksums, hexadecimal: a bundle that was changed since is refused.
 */
bundle?: string | null, 
/**
 * Name of the source.
 */
source: string, 
/**
 * What was selected.
 */
selection: Selection, 
/**
 * Where it goes.
 */
target: TargetSpec, 
/**
 * Conflict policy it was made with.
 */
policy: ConflictPolicy, 
/**
 * How the target is to be written, by names of the kind's restore options; never a secret.
 */
options?: { [key in string]: string }, 
/**
 * Numbers.
 */
counts: PlanCounts, 
/**
 * Bytes that would be written.
 */
bytes: number, };

/**
 * Holds a plan back for a while, or lets it go on.
 */
export type PlanPauseRequest = { 
/**
 * The plan; absent: all.
 */
plan?: string | null, 
/**
 * Until when; absent ends the pause.
 */
until?: string | null, };

/**
 * Names a plan.
 */
export type PlanRef = { 
/**
 * Its name or id.
 */
plan: string, };

/**
 * A restore plan, as shown.
 */
export type PlanReply = { 
/**
 * The plan.
 */
plan: PlanHeader, 
/**
 * Where it lies.
 */
path: string, 
/**
 * The first steps.
 */
steps: Array<PlanStep>, 
/**
 * There are more steps than shown.
 */
more: boolean, 
/**
 * Collections of the backup that come back only when they are named: what a service keeps for its own running, which would mislead
 * it elsewhere or later.
 */
asides?: Array<string>, };

/**
 * A plan as the person sees it.
 */
export type PlanRow = { 
/**
 * Stable id.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * Its sources, by name.
 */
sources: Array<string>, 
/**
 * Its vaults, by name; empty: each source's own.
 */
vaults: Array<string>, 
/**
 * The rest.
 */
spec: PlanSpec, 
/**
 * Runs by its timetable.
 */
enabled: boolean, 
/**
 * Nothing of it begins before this time.
 */
pausedUntil?: string | null, 
/**
 * Who paused it.
 */
pausedBy?: string | null, 
/**
 * How it stands.
 */
state: PlanState, 
/**
 * Sources of it that are overdue, by name.
 */
overdue: Array<string>, 
/**
 * Sources of it that a guard holds, by name.
 */
held: Array<string>, 
/**
 * Longest age of a good backup it allows, in minutes; absent when it only runs by hand.
 */
promiseMinutes?: number | null, 
/**
 * Its timetable in one English sentence.
 */
words: string, 
/**
 * The same as a cron line, where one can say it.
 */
cron?: string | null, 
/**
 * The next slots of the backup.
 */
next: Array<string>, 
/**
 * The next slot of every other task that has one.
 */
nextUpkeep: Array<NextSlot>, 
/**
 * Slots that wait.
 */
waiting: Array<WaitingSlot>, 
/**
 * Its last backup: when it began and how it ended.
 */
last?: [string, Verdict | null] | null, 
/**
 * Why it cannot be run by its timetable (a zone that is gone), if so.
 */
problem?: ApiError | null, };

/**
 * What a run of a plan did.
 */
export type PlanRunReply = { 
/**
 * The plan.
 */
plan: string, 
/**
 * What was done.
 */
task: Task, 
/**
 * The worst of all.
 */
verdict: Verdict, 
/**
 * Backups, source by source and vault by vault.
 */
runs: Array<BackupReport>, 
/**
 * Other work.
 */
upkeep: Array<UpkeepReport>, 
/**
 * Why nothing could be done at all (a command before it failed).
 */
error?: ApiError | null, };

/**
 * Runs a task of a plan now.
 */
export type PlanRunRequest = { 
/**
 * The plan.
 */
plan: string, 
/**
 * What of it (default: its backup).
 */
task?: Task | null, 
/**
 * The slot this run stands for; only the scheduler says so.
 */
slot?: SlotRef | null, 
/**
 * Only these of its sources.
 */
sources?: Array<string>, };

/**
 * Copies a plan to where a person wants to keep it.
 */
export type PlanSaveRequest = { 
/**
 * The plan's file.
 */
path: string, 
/**
 * Where to.
 */
to: string, };

/**
 * Adds a plan, or changes one.
 */
export type PlanSetRequest = { 
/**
 * The plan to change; absent adds one.
 */
plan?: string | null, 
/**
 * Its (new) name.
 */
name: string, 
/**
 * Sources, by name, in the order they are backed up.
 */
sources: Array<string>, 
/**
 * Vaults, by name; none: each source goes where it goes otherwise.
 */
vaults?: Array<string>, 
/**
 * The rest.
 */
spec: PlanSpec, 
/**
 * Runs by its timetable (absent: as it was, or yes).
 */
enabled?: boolean | null, 
/**
 * Only check it.
 */
dryRun?: boolean, };

/**
 * Everything a plan says but for its name, sources and vaults. Missing members have their default value.
 */
export type PlanSpec = { 
/**
 * When it backs up.
 */
timetable: Timetable, 
/**
 * What happens when the moment is bad.
 */
rules: StartRules, 
/**
 * Longest age of the newest good backup before a source is overdue (minutes). Absent: by the timetable.
 */
promiseMinutes?: number | null, 
/**
 * How long snapshots are kept. Without any rule everything stays.
 */
keep: KeepSpec, 
/**
 * How it looks after what it stores.
 */
upkeep: Upkeep, 
/**
 * When an alarm is raised about what vanished at the source.
 */
guards: GuardRules, 
/**
 * Commands around its backups.
 */
hooks: Hooks, 
/**
 * Further tries.
 */
retry: Retry, };

/**
 * How a plan stands. In order of severity, the worst first, but for the last three.
 */
export type PlanState = "guard" | "failed" | "overdue" | "partial" | "running" | "waiting" | "paused" | "onTime" | "notYet";

/**
 * One step of a restore plan.
 */
export type PlanStep = { 
/**
 * Number in the plan, from 0. Steps run in this order.
 */
index: number, 
/**
 * What it is about.
 */
subject: Subject, 
/**
 * What will happen.
 */
action: StepAction, 
/**
 * Hash of the live content the plan was made against, hexadecimal; `None` when nothing was there. Performing
 * refuses the step when the live side has another one by then.
 */
live?: string | null, 
/**
 * Hash of the content to restore, hexadecimal.
 */
backup?: string | null, 
/**
 * Only these fields (JSON Pointers) are written, everything else in the record stays as it is live; empty: all.
 */
only?: Array<string>, 
/**
 * Live value against result, field by field.
 */
fields?: Array<FieldChange>, 
/**
 * Fields that cannot be brought back (computed by the source).
 */
leftOut?: Array<string>, 
/**
 * Why it is skipped, conflicting or impossible.
 */
reason?: string | null, 
/**
 * What a person should know about how it comes back, in sentences.
 */
notes?: Array<string>, 
/**
 * Bytes of content it writes.
 */
bytes: number, };

/**
 * All plans.
 */
export type PlansReply = { 
/**
 * By name.
 */
plans: Array<PlanRow>, 
/**
 * Sources in no plan, by name: nobody backs them up by the clock.
 */
unplanned: Array<string>, 
/**
 * The system's time zone, as timetables with `local` understand it.
 */
zone: string, };

/**
 * What a file can be shown as.
 */
export type PreviewKind = "text" | "image" | "binary";

/**
 * The beginning of a file.
 */
export type PreviewReply = { 
/**
 * What it is shown as.
 */
kind: PreviewKind, 
/**
 * Media type, by content.
 */
mediaType: string, 
/**
 * Bytes of the whole file.
 */
size: number, 
/**
 * Text (at most 512 KiB).
 */
text?: string | null, 
/**
 * Image, Base64 (at most 16 MiB; larger ones are `binary`).
 */
base64?: string | null, 
/**
 * There is more text than shown.
 */
truncated: boolean, };

/**
 * Reads the beginning of a file of a snapshot, to show it.
 */
export type PreviewRequest = { 
/**
 * Snapshot, `live:SOURCE` or `bundle:PATH`.
 */
at: SnapshotRef, 
/**
 * Path in the snapshot (`files/…`, `assets/…`); `files/` may be left out.
 */
path: string, };

/**
 * What a probe found.
 */
export type Probe = { 
/**
 * Version of the service, library or format, in its words.
 */
version?: string | null, 
/**
 * What can be reached, by name (workspaces, databases, top folders), with a size or count in words.
 */
found: Array<string>, 
/**
 * What can be reached and chosen one by one, where the kind has settings for that.
 */
parts: Array<ProbePart>, 
/**
 * Bytes a first backup would read, if known.
 */
bytes?: number | null, 
/**
 * Things the person should know before relying on it.
 */
warnings: Array<string>, };

/**
 * Something that can be reached and chosen by itself: a database of a server.
 */
export type ProbePart = { 
/**
 * Its name, as the settings take it.
 */
name: string, 
/**
 * Number of records, if the source tells it.
 */
records?: number | null, 
/**
 * Size in bytes, if the source tells it.
 */
bytes?: number | null, 
/**
 * The settings choose it.
 */
chosen: boolean, 
/**
 * Why it cannot be read, in a sentence.
 */
problem?: string | null, };

/**
 * What a probe of a source found.
 */
export type ProbeReply = { 
/**
 * The source.
 */
source: string, 
/**
 * What was found.
 */
probe: Probe, 
/**
 * What it can do.
 */
capabilities: Capabilities, };

/**
 * One thing that is wrong with a vault.
 */
export type ProblemRow = { 
/**
 * What it is, as a code (`missingPack`, `damagedBlob`, …).
 */
problem: string, 
/**
 * In words.
 */
message: string, 
/**
 * Only worth knowing; no data is at risk.
 */
harmless: boolean, 
/**
 * Snapshots and paths that cannot be read fully because of it.
 */
affects: Array<string>, };

/**
 * State of a job at one moment. Counters only grow within a stage.
 */
export type Progress = { 
/**
 * Current stage.
 */
stage?: Stage | null, 
/**
 * What is being worked on, for people.
 */
current: string, 
/**
 * Items (records, files, steps, packs) done.
 */
items: number, 
/**
 * Items in all, if known; never a guess.
 */
itemsTotal?: number | null, 
/**
 * Bytes done.
 */
bytes: number, 
/**
 * Bytes in all, if known; never a guess.
 */
bytesTotal?: number | null, };

/**
 * How the moments of a plan went.
 */
export type ProofReply = { 
/**
 * Oldest first; a few that are to come at the end.
 */
slots: Array<SlotRow>, 
/**
 * Moments that are over.
 */
moments: number, 
/**
 * Of them, those that ran on time and ended complete.
 */
kept: number, 
/**
 * Moments that were not kept, by reason code (or error code), most first.
 */
reasons: Array<[string, number]>, 
/**
 * Who looks whether Backstay itself runs.
 */
watcher: Watcher, };

/**
 * Asks how the moments of a plan went.
 */
export type ProofRequest = { 
/**
 * The plan.
 */
plan: string, 
/**
 * The task (default: its backup).
 */
task?: Task | null, 
/**
 * As this source saw it; absent: the worst of all.
 */
source?: string | null, 
/**
 * Since when (default: 30 days).
 */
since?: string | null, };

/**
 * A way to protect a path.
 */
export type ProtectAs = { 
/**
 * Kind of connector.
 */
kind: string, 
/**
 * Settings to start from.
 */
options: { [key: string]: unknown }, };

/**
 * What a prune did or would do.
 */
export type PruneReply = { 
/**
 * The vault.
 */
vault: string, 
/**
 * Bytes of packs that were deleted.
 */
deletedBytes: number, 
/**
 * Bytes that were rewritten.
 */
repackedBytes: number, 
/**
 * Bytes freed in all.
 */
freedBytes: number, 
/**
 * Bytes of unused data left.
 */
unusedLeft: number, 
/**
 * Packs deleted.
 */
packsDeleted: number, 
/**
 * Nothing was changed.
 */
dryRun: boolean, };

/**
 * Frees space in a vault.
 */
export type PruneRequest = { 
/**
 * The vault.
 */
vault: string, 
/**
 * Only show.
 */
dryRun: boolean, 
/**
 * Unused bytes tolerated in the vault, in percent.
 */
maxUnused?: number | null, };

/**
 * Hours by the wall clock of the timetable's zone in which nothing begins. `to` may lie before `from`: 22:00 to 06:00 goes over
 * midnight. The same time twice is a whole day.
 */
export type QuietHours = { 
/**
 * The first minute that is quiet.
 */
from: TimeOfDay, 
/**
 * The first minute that is not.
 */
to: TimeOfDay, 
/**
 * The days they begin on; empty means all.
 */
days: Array<Weekday>, };

/**
 * Comparison of the target with the backup after a restore.
 */
export type ReadBack = { 
/**
 * Items read again.
 */
checked: number, 
/**
 * Items equal to the backup.
 */
equal: number, 
/**
 * `equal / checked` in percent, 100 when nothing was to be checked.
 */
score: number, 
/**
 * The first differences, by name.
 */
differences: Array<ReadBackDifference>, };

/**
 * One item that reads back differently.
 */
export type ReadBackDifference = { 
/**
 * `COLLECTION/ID` or path.
 */
subject: string, 
/**
 * What is different.
 */
message: string, };

/**
 * One record (or file) that differs.
 */
export type RecordChange = { 
/**
 * Its collection; `files` for files.
 */
collection: string, 
/**
 * Its id or path.
 */
id: string, 
/**
 * What happened.
 */
change: ChangeKind, 
/**
 * Field by field; empty when not asked for.
 */
fields?: Array<FieldChange>, };

/**
 * Records of one collection that are like something. With both a prefix and a selector, both must hold.
 */
export type RecordMatch = { 
/**
 * The collection's name.
 */
collection: string, 
/**
 * What the id begins with.
 */
prefix?: string | null, 
/**
 * A question in the language of the kind of source (CouchDB: a Mango selector).
 */
selector?: string | null, };

/**
 * One record.
 */
export type RecordReply = { 
/**
 * Its collection.
 */
collection: string, 
/**
 * The record.
 */
record: SavedRecord, 
/**
 * Content hash, hexadecimal.
 */
hash: string, };

/**
 * A record's text, exactly as it was saved.
 */
export type RecordTextReply = { 
/**
 * The JSON text, byte for byte.
 */
text: string, };

/**
 * Asks for the recovery kit.
 */
export type RecoveryKitRequest = { 
/**
 * The vault.
 */
name: string, 
/**
 * Its form.
 */
format: KitFormat, 
/**
 * Print the password (it must be given for this call) instead of a field to write it into.
 */
withPassword: boolean, };

/**
 * What a repair did or would do.
 */
export type RepairReply = { 
/**
 * The vault.
 */
vault: string, 
/**
 * Steps, in words.
 */
steps: Array<string>, 
/**
 * What could not be brought back, by name.
 */
lost: Array<string>, 
/**
 * Folder in the vault that damaged files were moved to.
 */
setAside?: string | null, 
/**
 * Nothing was changed.
 */
dryRun: boolean, };

/**
 * Mends a vault.
 */
export type RepairRequest = { 
/**
 * The vault.
 */
vault: string, 
/**
 * Only show.
 */
dryRun: boolean, 
/**
 * Set the originals of snapshots that had to be written anew aside; otherwise they stay beside the new ones.
 */
replaceSnapshots?: boolean, };

/**
 * What is replicated, and how.
 */
export type Replication = { 
/**
 * Goes on for as long as it is not stopped.
 */
continuous: boolean, 
/**
 * Only these records; empty: all.
 */
ids: Array<string>, 
/**
 * Only records this question asks for ([`crate::Connector::selector`]).
 */
selector?: string | null, 
/**
 * Who moves the data.
 */
via: Via, 
/**
 * Makes the target when it does not exist.
 */
createTarget: boolean, };

/**
 * One end of a replication.
 */
export type ReplicationEnd = { 
/**
 * The source.
 */
source: string, 
/**
 * The collection.
 */
collection: string, };

/**
 * How far a replication got.
 */
export type ReplicationProgress = { 
/**
 * Who moves the data.
 */
via: Via, 
/**
 * Versions the source has and the target was asked about.
 */
checked: number, 
/**
 * Versions that were written.
 */
written: number, 
/**
 * Versions the target refused; each is told by name.
 */
failed: number, 
/**
 * Changes still to go through, if the source tells it.
 */
pending?: number | null, 
/**
 * Bytes read.
 */
bytes: number, 
/**
 * Everything there is went through; a continuous one waits for changes.
 */
idle: boolean, 
/**
 * Why it waits for an end that is away, in a sentence.
 */
waiting?: string | null, 
/**
 * Position in the source's changes that is noted on both sides.
 */
checkpoint?: string | null, };

/**
 * Names a replication.
 */
export type ReplicationRef = { 
/**
 * Its id, or the beginning of it.
 */
id: string, 
/**
 * The source whose service runs it; absent: Backstay does.
 */
source?: string | null, };

/**
 * How a replication ended, or that it was kept.
 */
export type ReplicationReply = { 
/**
 * The run; absent of a continuous one, which makes runs of its own.
 */
run?: string | null, 
/**
 * The replication that was kept, if it is continuous and Backstay moves the data.
 */
kept?: string | null, 
/**
 * *Partial* when the target refused versions: `gaps` names them.
 */
verdict: Verdict, 
/**
 * Where it reads.
 */
from: ReplicationEnd, 
/**
 * Where it writes.
 */
to: ReplicationEnd, 
/**
 * How far it got.
 */
progress: ReplicationProgress, 
/**
 * What could not be replicated, by name.
 */
gaps: Array<Gap>, };

/**
 * A continuous replication of Backstay.
 */
export type ReplicationRow = { 
/**
 * Its id.
 */
id: string, 
/**
 * Where it reads.
 */
from: ReplicationEnd, 
/**
 * Where it writes.
 */
to: ReplicationEnd, 
/**
 * What, and how.
 */
what: Replication, 
/**
 * What it is doing.
 */
state: ReplicationState, 
/**
 * When it was set up.
 */
created: string, 
/**
 * When it last got on.
 */
moved?: string | null, 
/**
 * How far it got since it last began.
 */
progress?: ReplicationProgress | null, 
/**
 * What is wrong.
 */
problem?: ApiError | null, 
/**
 * When it tries again.
 */
again?: string | null, 
/**
 * What could not be replicated, by name; the newest hundred.
 */
gaps: Array<Gap>, 
/**
 * How much could not be replicated since it was set up.
 */
gapCount: number, };

/**
 * Starts a replication: one that ends runs until everything went through; a continuous one is kept, begins at once where somebody
 * watches the clock, and again whenever Backstay starts.
 */
export type ReplicationStartRequest = { 
/**
 * Where it reads.
 */
from: ReplicationEnd, 
/**
 * Where it writes.
 */
to: ReplicationEnd, 
/**
 * What, and how.
 */
what: Replication, 
/**
 * A continuous one goes on for as long as the call, and is not kept.
 */
stay?: boolean, };

/**
 * What a continuous replication is doing.
 */
export type ReplicationState = "running" | "idle" | "trying" | "stopped" | "nobody";

/**
 * Replications.
 */
export type ReplicationsReply = { 
/**
 * Continuous ones of Backstay, oldest first.
 */
kept: Array<ReplicationRow>, 
/**
 * Those the services run by themselves.
 */
onServices: Array<ServiceReplication>, 
/**
 * Services that could not be asked, and why.
 */
gaps: Array<Gap>, };

/**
 * Lists replications.
 */
export type ReplicationsRequest = { 
/**
 * Only those this source is an end of; the source's own service is asked too.
 */
source?: string | null, 
/**
 * The services of all sources that replicate are asked too.
 */
services?: boolean, };

/**
 * How a restore ended.
 */
export type RestoreReply = { 
/**
 * The run.
 */
run: string, 
/**
 * *Complete* when every step that had to be written was written and reads back right.
 */
verdict: Verdict, 
/**
 * The plan that ran.
 */
plan: PlanHeader, 
/**
 * Where it was restored to, for people.
 */
target: string, 
/**
 * Steps written.
 */
written: number, 
/**
 * What could not be brought back, by name.
 */
gaps: Array<Gap>, 
/**
 * Reading back.
 */
readBack: ReadBack, 
/**
 * Safety snapshot of what was overwritten; `backstay undo RUN` uses it.
 */
safetySnapshot?: string | null, 
/**
 * Whether the run can be undone.
 */
canUndo: boolean, };

/**
 * Asks for a restore plan.
 */
export type RestoreRequest = { 
/**
 * From where.
 */
from: RestoreSource, 
/**
 * What.
 */
selection: Selection, 
/**
 * To where.
 */
target: TargetSpec, 
/**
 * What to do about conflicts.
 */
policy: ConflictPolicy, 
/**
 * Decisions for single items: `COLLECTION/ID` or a path, and what to do.
 */
decisions?: Array<[string, ConflictPolicy]>, 
/**
 * How the target is to be written, by names of the kind's restore options (`true` for switches); never a secret.
 */
options?: { [key in string]: string }, };

/**
 * Which snapshot to restore from.
 */
export type RestoreSource = { "snapshot": SnapshotRef } | { "source": { 
/**
 * The source.
 */
source: string, 
/**
 * The point in time.
 */
at: string | null, 
/**
 * Only in this vault.
 */
vault: string | null, } };

/**
 * Goes on with a restore that was interrupted.
 */
export type ResumeRequest = { 
/**
 * Id (or its beginning) of the run.
 */
run: string, };

/**
 * How often a run is tried again when the source or the vault cannot be reached.
 */
export type Retry = { 
/**
 * Further tries.
 */
times: number, 
/**
 * Minutes before the first of them; each next one waits twice as long, at most an hour.
 */
minutes: number, };

/**
 * One row: what a table shows of a record.
 */
export type Row = { 
/**
 * The record's id.
 */
id: string, 
/**
 * When the service says it changed.
 */
changed?: string | null, 
/**
 * Values by field. Long texts are cut to 300 characters; numbers that JavaScript would change (beyond 2^53, or with more
 * digits than a double holds) come as text; binary values as their first bytes and their length.
 */
values: { [key: string]: unknown }, 
/**
 * Number of attachments.
 */
assets: number, 
/**
 * It vanished from the live source since the list was opened; only its id is known.
 */
gone?: boolean, };

/**
 * Rows of a listing.
 */
export type RowsReply = { 
/**
 * In order from the offset on.
 */
rows: Array<Row>, };

/**
 * Reads rows of a listing.
 */
export type RowsRequest = { 
/**
 * The listing. A listing that is no longer known gives the error `notFound`: open it again.
 */
listing: string, 
/**
 * First row.
 */
offset: number, 
/**
 * Number of rows, at most 1000.
 */
limit: number, 
/**
 * Only these fields; empty: all.
 */
fields?: Array<string>, };

/**
 * How the runs of a time ended.
 */
export type RunCounts = { 
/**
 * Complete.
 */
complete: number, 
/**
 * With gaps.
 */
partial: number, 
/**
 * Failed.
 */
failed: number, 
/**
 * Stopped by a person; these count neither for nor against.
 */
cancelled: number, };

/**
 * One run with its gaps and events.
 */
export type RunDetail = { 
/**
 * The run.
 */
run: RunRow, 
/**
 * Items done.
 */
items: number, 
/**
 * Bytes read or written.
 */
bytes: number, 
/**
 * Bytes added to the vault.
 */
storedBytes: number, 
/**
 * What is missing, by name.
 */
gaps: Array<Gap>, 
/**
 * What happened, in order.
 */
events: Array<[string, string]>, };

/**
 * What a run does.
 */
export type RunKind = "backup" | "restore" | "undo" | "check" | "forget" | "prune" | "repair" | "export" | "drill" | "replicate" | "settle";

/**
 * Runs the plan stored in a file.
 */
export type RunPlanRequest = { 
/**
 * The plan's file, as [`PlanReply::path`] names it.
 */
path: string, };

/**
 * One backup run, as a point on the line of a source.
 */
export type RunPoint = { 
/**
 * The run.
 */
run: string, 
/**
 * When it began.
 */
time: string, 
/**
 * Seconds it took; absent while it runs.
 */
seconds?: number | null, 
/**
 * How it ended; absent while it runs.
 */
verdict?: Verdict | null, 
/**
 * Snapshot it wrote.
 */
snapshot?: string | null, 
/**
 * Its vault.
 */
vault?: string | null, 
/**
 * Bytes it read.
 */
bytes: number, 
/**
 * Bytes it added to the vault.
 */
stored: number, 
/**
 * Things missing from it.
 */
gaps: number, 
/**
 * Why it failed.
 */
reason?: [ErrorKind, string] | null, };

/**
 * One run in a list.
 */
export type RunRow = { 
/**
 * Id.
 */
id: string, 
/**
 * What it did.
 */
kind: RunKind, 
/**
 * Source, if any.
 */
source?: string | null, 
/**
 * Vault, if any.
 */
vault?: string | null, 
/**
 * Snapshot written or read.
 */
snapshot?: string | null, 
/**
 * Start.
 */
started: string, 
/**
 * End; absent while it runs.
 */
finished?: string | null, 
/**
 * Verdict; absent while it runs.
 */
verdict?: Verdict | null, 
/**
 * Why it failed.
 */
reason?: [ErrorKind, string] | null, 
/**
 * How many things are missing, if any.
 */
gaps?: number | null, 
/**
 * Bytes the vault grew by, if any.
 */
stored?: number | null, 
/**
 * The plan that ran it, if one did.
 */
plan?: string | null, 
/**
 * It is a restore that can be undone.
 */
canUndo: boolean, 
/**
 * It is a restore that was interrupted and can be resumed.
 */
canResume: boolean, };

/**
 * Runs, newest first.
 */
export type RunsReply = { 
/**
 * Newest first.
 */
runs: Array<RunRow>, 
/**
 * Details, when one run was asked for.
 */
detail?: RunDetail | null, };

/**
 * Lists runs.
 */
export type RunsRequest = { 
/**
 * One run, by the beginning of its id.
 */
id?: string | null, 
/**
 * Only of this source.
 */
source?: string | null, 
/**
 * Only of this kind.
 */
kind?: RunKind | null, 
/**
 * Only those that ended so.
 */
verdict?: Verdict | null, 
/**
 * Only of this plan.
 */
plan?: string | null, 
/**
 * At most this many, newest first.
 */
limit?: number, };

/**
 * The sample workspace.
 */
export type SampleReply = { 
/**
 * It exists.
 */
exists: boolean, 
/**
 * Where it lies.
 */
path?: string | null, 
/**
 * Its sources.
 */
sources: Array<string>, 
/**
 * Its vault.
 */
vault?: string | null, 
/**
 * What was changed by `sample.change`, in words.
 */
changes: Array<string>, 
/**
 * Something the person should know (there is no keychain).
 */
note?: string | null, };

/**
 * Makes the sample workspace: files and databases to try everything on, a source for it and a vault.
 */
export type SampleRequest = { 
/**
 * Where it goes; absent: in the state directory.
 */
path?: string | null, 
/**
 * Language of its content (`en`, `de`).
 */
language?: string | null, };

/**
 * A saved file.
 */
export type SaveReply = { 
/**
 * Where it lies now.
 */
path: string, 
/**
 * Bytes.
 */
bytes: number, };

/**
 * Saves a file of a snapshot on this computer.
 */
export type SaveRequest = { 
/**
 * Snapshot, `live:SOURCE` or `bundle:PATH`.
 */
at: SnapshotRef, 
/**
 * Path in the snapshot.
 */
path: string, 
/**
 * Where to.
 */
to: string, 
/**
 * Replace what lies there.
 */
overwrite?: boolean, };

/**
 * One addressable item of a collection.
 */
export type SavedRecord = { 
/**
 * Stable id, unique in its collection. Any text except the empty one.
 */
id: string, 
/**
 * The service's revision, where it has one.
 */
rev?: string | null, 
/**
 * When the service says the record changed last.
 */
changed?: string | null, 
/**
 * Binary content that belongs to the record.
 */
assets?: Array<AssetRef>, 
/**
 * The record as the service gave it.
 */
data: unknown, };

/**
 * When. Every list of days that is empty means all days.
 */
export type Schedule = "manual" | { "minutes": { 
/**
 * Minutes from one slot to the next.
 */
every: number, } } | { "hours": { 
/**
 * Hours from one slot to the next, 1 to 24.
 */
every: number, 
/**
 * The first of the day.
 */
from: TimeOfDay, 
/**
 * On these days.
 */
days: Array<Weekday>, } } | { "daily": { 
/**
 * At least one.
 */
times: Array<TimeOfDay>, } } | { "weekly": { 
/**
 * On these days.
 */
days: Array<Weekday>, 
/**
 * At least one.
 */
times: Array<TimeOfDay>, } } | { "monthly": { 
/**
 * On this day.
 */
on: MonthDay, 
/**
 * At this time.
 */
time: TimeOfDay, } } | { "cron": { 
/**
 * As a person writes it; also `@daily` and the like.
 */
expression: string, } };

/**
 * The fields of a collection.
 */
export type Schema = { 
/**
 * Fields in the source's order.
 */
fields: Array<Field>, 
/**
 * Names of the fields whose values make the record's id; empty when the id is the source's own (a rowid, a UUID).
 */
key: Array<string>, };

/**
 * Light or dark.
 */
export type Scheme = "system" | "light" | "dark";

/**
 * One thing that was found.
 */
export type SearchHit = { 
/**
 * Source.
 */
source: string, 
/**
 * Collection, or `files`.
 */
collection: string, 
/**
 * Record id or path.
 */
id: string, 
/**
 * What people call it.
 */
title: string, 
/**
 * The text around the first match.
 */
excerpt: string, 
/**
 * Newest snapshot that holds the matching version.
 */
snapshot: string, 
/**
 * Its vault.
 */
vault: string, 
/**
 * Time of that snapshot.
 */
time: string, 
/**
 * It is in the newest snapshot of the source.
 */
now: boolean, 
/**
 * What became of it afterwards, if it is not in the newest snapshot.
 */
fate?: ChangeKind | null, };

/**
 * What was found.
 */
export type SearchReply = { 
/**
 * Newest first.
 */
hits: Array<SearchHit>, 
/**
 * There are more.
 */
more: boolean, 
/**
 * Snapshots looked into.
 */
snapshots: number, 
/**
 * What could not be searched, in words.
 */
problems: Array<string>, };

/**
 * Searches what was ever saved.
 */
export type SearchRequest = { 
/**
 * Text, any case.
 */
text: string, 
/**
 * Only in this source.
 */
source?: string | null, 
/**
 * Also in earlier points in time, through what changed between them.
 */
earlier: boolean, 
/**
 * Only what is gone today.
 */
onlyGone?: boolean, 
/**
 * At most this many hits.
 */
limit: number, };

/**
 * What to restore.
 */
export type Selection = { 
/**
 * `COLLECTION`, `COLLECTION/ID` or a path below `files/`; empty means everything.
 */
only?: Array<string>, 
/**
 * Left out of that, in the same words.
 */
except?: Array<string>, 
/**
 * Records of which only some fields are brought back; everything else in them stays as it is live.
 */
fields?: Array<FieldPick>, 
/**
 * Records chosen by what they are like, in addition to `only`.
 */
matching?: Array<RecordMatch>, };

/**
 * A message that was sent, or is to be.
 */
export type SentRow = { 
/**
 * When it was written.
 */
time: string, 
/**
 * Name of its channel; `desktop` for the desktop's own notifications.
 */
channel: string, 
/**
 * What happened.
 */
event: Event, 
/**
 * In a sentence.
 */
title: string, 
/**
 * When it got through.
 */
delivered?: string | null, 
/**
 * Nobody tries any more.
 */
givenUp: boolean, 
/**
 * Why it did not get through.
 */
error?: string | null, 
/**
 * How often it was tried.
 */
attempts: number, };

/**
 * A replication a service runs by itself.
 */
export type ServerReplication = { 
/**
 * Its id.
 */
id: string, 
/**
 * Where it reads, without credentials.
 */
from: string, 
/**
 * Where it writes, without credentials.
 */
to: string, 
/**
 * It goes on for ever.
 */
continuous: boolean, 
/**
 * State in the service's word.
 */
state: string, 
/**
 * What is wrong, in the service's words.
 */
problem?: string | null, 
/**
 * How far it got.
 */
progress?: ReplicationProgress | null, };

/**
 * A replication a service runs by itself.
 */
export type ServiceReplication = { 
/**
 * The source whose service it is.
 */
source: string, 
/**
 * The replication.
 */
replication: ServerReplication, };

/**
 * Everything a person can set. Missing members have their default value, so that files of older versions can be read.
 */
export type Settings = { 
/**
 * Light or dark.
 */
scheme: Scheme, 
/**
 * Colours that people who confuse red and green can tell apart.
 */
colourBlind: boolean, 
/**
 * Size of everything in percent (80 to 200).
 */
zoom: number, 
/**
 * `system`, or a language tag (`en`, `de`).
 */
language: string, 
/**
 * No movement, whatever the desktop says.
 */
reducedMotion: boolean, 
/**
 * Single letters are shortcuts in lists.
 */
singleKeys: boolean, 
/**
 * Tell about runs that ended complete.
 */
notifyComplete: boolean, 
/**
 * Tell about runs with gaps.
 */
notifyPartial: boolean, 
/**
 * Tell about runs that failed.
 */
notifyFailed: boolean, 
/**
 * Tell when the newest good backup is older than promised.
 */
notifyOverdue: boolean, 
/**
 * Tell when a guard tripped.
 */
notifyGuard: boolean, 
/**
 * Tell about restores that ended while the window was closed.
 */
notifyRestore: boolean, 
/**
 * Bytes the caches of listings and previews may take.
 */
cacheLimit: number, 
/**
 * The window keeps running in the tray when it is closed.
 */
keepInTray: boolean, 
/**
 * What the app lock protects.
 */
lock: LockScope, 
/**
 * Minutes without input after which the window locks itself; 0: never.
 */
lockAfter: number, };

/**
 * What an import of settings did, or would do.
 */
export type SettingsImportReply = { 
/**
 * Nothing was changed.
 */
dryRun: boolean, 
/**
 * Sources added, by name.
 */
sources: Array<string>, 
/**
 * Vaults added, by name; their passwords are asked for at first use.
 */
vaults: Array<string>, 
/**
 * Plans added, by name.
 */
plans: Array<string>, 
/**
 * Channels added, by name.
 */
channels: Array<string>, 
/**
 * What was there already and stayed as it is, by name.
 */
kept: Array<string>, 
/**
 * Secrets that have to be entered again, by name.
 */
secrets: Array<string>, };

/**
 * Imports settings.
 */
export type SettingsImportRequest = { 
/**
 * The file.
 */
path: string, 
/**
 * Only show.
 */
dryRun: boolean, };

/**
 * Everything a snapshot says about itself.
 */
export type ShowReply = { 
/**
 * The snapshot.
 */
snapshot: SnapshotRow, 
/**
 * Its metadata; absent for snapshots of other programs.
 */
metadata?: SnapshotMeta | null, 
/**
 * Its collections.
 */
collections: Array<Collection>, };

/**
 * A slot the scheduler has taken.
 */
export type SlotRef = { 
/**
 * When it was due.
 */
due: string, 
/**
 * How often the clock was set back by a lot since the plan was made.
 */
epoch: number, };

/**
 * One moment, or several in a row of which the same is true.
 */
export type SlotRow = { 
/**
 * The first moment.
 */
due: string, 
/**
 * The last moment; the same when it is one.
 */
last: string, 
/**
 * How many.
 */
count: number, 
/**
 * How it went.
 */
state: SlotState, 
/**
 * Why, as a code: `asleep`, `off`, `notRunning`, `battery`, `metered`, `quiet`, `paused`, `busy`, `otherProcess`, `offline`,
 * `retry`, `clockAhead`, `superseded`, `interrupted`.
 */
reason?: string | null, 
/**
 * When it began.
 */
started?: string | null, 
/**
 * When it ended.
 */
finished?: string | null, 
/**
 * The run of the source asked for, or the first.
 */
run?: string | null, 
/**
 * Why it failed, as a code.
 */
code?: ErrorKind | null, 
/**
 * Why it failed, in a sentence.
 */
message?: string | null, 
/**
 * How often it was tried.
 */
attempts: number, 
/**
 * The moment whose run stands for it.
 */
coveredBy?: string | null, };

/**
 * How one moment of a timetable went.
 */
export type SlotState = "ran" | "caughtUp" | "partial" | "failed" | "cancelled" | "missed" | "skipped" | "waiting" | "running" | "notYet";

/**
 * The content of `metadata.json` at the root of every snapshot and bundle.
 */
export type SnapshotMeta = { 
/**
 * Layout version ([`FORMAT_VERSION`]).
 */
formatVersion: number, 
/**
 * Program and version that wrote it.
 */
program: string, 
/**
 * The source's stable id.
 */
sourceId: string, 
/**
 * The source's name at that time.
 */
sourceName: string, 
/**
 * Connector that wrote it (`sqlite`, `folder`, …).
 */
sourceKind: string, 
/**
 * Version of the connector's own conventions.
 */
connectorVersion: number, 
/**
 * Version of the service's API or library, in its words.
 */
apiVersion?: string | null, 
/**
 * Start of the run.
 */
started: string, 
/**
 * When reading the source ended.
 */
finished: string, 
/**
 * *Complete* or *partial*; other runs leave no snapshot.
 */
verdict: Verdict, 
/**
 * What is missing, by name.
 */
gaps: Array<Gap>, 
/**
 * Collections stored as records, by name.
 */
collections: Array<CollectionSummary>, 
/**
 * Number of files below `files/`.
 */
files: number, 
/**
 * Their size in bytes.
 */
fileBytes: number, 
/**
 * Number of assets below `assets/`.
 */
assets: number, 
/**
 * Workspaces or databases in it, with their own metadata.
 */
workspaces: Array<WorkspaceMeta>, 
/**
 * Where the next incremental run goes on; the connector's own.
 */
cursor?: unknown | null, 
/**
 * Head of the audit chain when the run started, hexadecimal.
 */
auditHead?: string | null, 
/**
 * Anything newer versions wrote.
 */
extra: { [key in string]: unknown }, };

/**
 * How a request names a snapshot.
 */
export type SnapshotRef = { 
/**
 * Id, beginning of an id, `latest`, or `SOURCE@latest`, `SOURCE@2026-11-20T14:00`.
 */
snapshot: string, 
/**
 * Only in this vault; otherwise all vaults are searched.
 */
vault?: string | null, };

/**
 * Removes one snapshot.
 */
export type SnapshotRemoveRequest = { 
/**
 * Which, in the words of [`SnapshotRef`](super::SnapshotRef).
 */
snapshot: string, 
/**
 * Only in this vault.
 */
vault?: string | null, 
/**
 * It may be the last complete one of its source in the vault.
 */
last?: boolean, };

/**
 * One snapshot in a list.
 */
export type SnapshotRow = { 
/**
 * Full id.
 */
id: string, 
/**
 * Vault.
 */
vault: string, 
/**
 * When reading began.
 */
time: string, 
/**
 * Source name; for snapshots of other programs their paths.
 */
source: string, 
/**
 * Stable id of the source, if Backstay wrote it.
 */
sourceId?: string | null, 
/**
 * Verdict, if Backstay wrote it.
 */
verdict?: Verdict | null, 
/**
 * Machine.
 */
host: string, 
/**
 * Tags.
 */
tags: Array<string>, 
/**
 * It is a safety copy made before a restore.
 */
safety: boolean, 
/**
 * It is pinned under this name: no retention removes it.
 */
pin?: string | null, 
/**
 * Bytes the run read.
 */
bytes?: number | null, 
/**
 * Bytes it added to the vault.
 */
stored?: number | null, };

/**
 * Snapshots found, newest last, and what stood in the way of finding more.
 */
export type SnapshotsReply = { 
/**
 * Oldest first.
 */
snapshots: Array<SnapshotRow>, 
/**
 * Vaults that could not be read and damaged snapshot files, in words.
 */
problems?: Array<string>, };

/**
 * Lists snapshots.
 */
export type SnapshotsRequest = { 
/**
 * Only of this source.
 */
source?: string | null, 
/**
 * Only in this vault.
 */
vault?: string | null, 
/**
 * Only the one that shows the state at this time, for each source and vault.
 */
at?: string | null, 
/**
 * Also the safety copies made before restores.
 */
all?: boolean, };

/**
 * Sorts by one field.
 */
export type SortBy = { 
/**
 * The field's name.
 */
field: string, 
/**
 * From the greatest to the least.
 */
descending?: boolean, };

/**
 * Adds a source.
 */
export type SourceAddRequest = { 
/**
 * Kind of connector.
 */
kind: string, 
/**
 * Name, unique here.
 */
name: string, 
/**
 * Settings by option name (text, list of texts, or `true`).
 */
options: { [key: string]: unknown }, 
/**
 * Add it although it cannot be reached now.
 */
force?: boolean, 
/**
 * Go on with the history of a source of this kind and name that the vaults hold: after a reinstallation, or on a new
 * machine that takes over from an old one.
 */
adopt?: boolean, };

/**
 * Changes a source.
 */
export type SourceChangeRequest = { 
/**
 * The source.
 */
name: string, 
/**
 * Its new name.
 */
rename?: string | null, 
/**
 * All its settings anew (secret ones only if they change).
 */
options?: { [key: string]: unknown }, 
/**
 * Vaults it goes to; absent: as before.
 */
vaults?: Array<string> | null, };

/**
 * A source in figures.
 */
export type SourceFigures = { 
/**
 * Its name.
 */
source: string, 
/**
 * Its kind.
 */
kind: string, 
/**
 * How it is.
 */
health: Health, 
/**
 * Its newest good backup is older than promised.
 */
overdue: boolean, 
/**
 * A guard holds it.
 */
held: boolean, 
/**
 * End of its last good backup.
 */
lastGood?: string | null, 
/**
 * Its next backup by a plan.
 */
next?: string | null, 
/**
 * Longest age promised, in minutes.
 */
promiseMinutes?: number | null, 
/**
 * How its backups of these days ended.
 */
runs: RunCounts, 
/**
 * Share of its backups that ended complete, in percent; absent without any.
 */
successPercent?: number | null, 
/**
 * What could be lost now, in minutes: the age of its newest good backup (RPO).
 */
rpoMinutes?: number | null, 
/**
 * Seconds its last full drill took (RTO).
 */
rtoSeconds?: number | null, 
/**
 * When that was.
 */
drilled?: string | null, 
/**
 * How that ended.
 */
drillVerdict?: Verdict | null, 
/**
 * Its last drills: when, and seconds; oldest first, at most 30.
 */
drills: Array<[string, number]>, 
/**
 * Day by day, oldest first; days without anything are left out.
 */
days: Array<DayPoint>, };

/**
 * A source with what a person wants to know first.
 */
export type SourceHealth = { 
/**
 * The source.
 */
source: SourceRow, 
/**
 * How it is.
 */
health: Health, 
/**
 * It is the sample workspace.
 */
sample: boolean, 
/**
 * The newest run.
 */
last?: RunPoint | null, 
/**
 * The newest run that ended *complete*: the last good backup.
 */
lastGood?: RunPoint | null, 
/**
 * What the newest snapshot holds, in numbers.
 */
holds?: Holdings | null, 
/**
 * Things missing from the newest backup; the first hundred.
 */
gaps: Array<Gap>, 
/**
 * Backup runs since the time asked for, oldest first.
 */
points: Array<RunPoint>, 
/**
 * Vaults it goes to.
 */
vaults: Array<string>, 
/**
 * Plans it is in, by name.
 */
plans: Array<string>, 
/**
 * Its next backup by a plan.
 */
next?: string | null, 
/**
 * Longest age of a good backup its plans promise, in minutes.
 */
promiseMinutes?: number | null, 
/**
 * The newest good backup is older than promised.
 */
overdue: boolean, 
/**
 * Guards that hold it.
 */
held: number, };

/**
 * A place in another source.
 */
export type SourcePlace = { 
/**
 * The source's name.
 */
source: string, 
/**
 * A new place in it, in the words of its kind; absent: where things of the same name are.
 */
place?: string | null, };

/**
 * A source as Backstay knows it.
 */
export type SourceRow = { 
/**
 * Stable id.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * Kind of connector.
 */
kind: string, 
/**
 * Settings, without secrets.
 */
options: unknown, 
/**
 * When it was added.
 */
created: string, 
/**
 * What it can do.
 */
capabilities?: Capabilities | null, 
/**
 * End of the last backup that ended *complete* or *partial*.
 */
lastBackup?: string | null, 
/**
 * How the last backup ended.
 */
lastVerdict?: Verdict | null, };

/**
 * Tests settings of a source that does not exist yet.
 */
export type SourceTryRequest = { 
/**
 * Kind of connector.
 */
kind: string, 
/**
 * Settings by option name.
 */
options: { [key: string]: unknown }, };

/**
 * All sources.
 */
export type SourcesReply = { 
/**
 * By name.
 */
sources: Array<SourceRow>, };

/**
 * Where a job is.
 */
export type Stage = "preparing" | "reading" | "comparing" | "saving" | "writing" | "verifying" | "finishing";

/**
 * All rules of a plan. What JSON leaves out has its default.
 */
export type StartRules = { 
/**
 * Slots that passed unseen.
 */
missed: MissedRule, 
/**
 * On battery.
 */
battery: DelayRule, 
/**
 * On a metered network.
 */
metered: DelayRule, 
/**
 * Beside the last run of the same plan.
 */
busy: BusyRule, 
/**
 * Hours in which nothing begins.
 */
quiet: Array<QuietHours>, };

/**
 * What a step does to its subject.
 */
export type StepAction = "create" | "update" | "same" | "skip" | "conflict" | "keepBoth" | "delete" | "impossible";

/**
 * Steps of a plan.
 */
export type StepsReply = { 
/**
 * In the plan's order.
 */
steps: Array<PlanStep>, 
/**
 * Steps that fit in all.
 */
total: number, };

/**
 * Pages through the steps of a plan.
 */
export type StepsRequest = { 
/**
 * The plan's file, as [`PlanReply::path`] names it.
 */
path: string, 
/**
 * First step of those that fit.
 */
offset: number, 
/**
 * Number of steps, at most 1000.
 */
limit: number, 
/**
 * Only steps that do this.
 */
action?: StepAction | null, 
/**
 * Only steps whose subject or fields contain this text (any case).
 */
search?: string | null, };

/**
 * What a step is about.
 */
export type Subject = { "record": { 
/**
 * The collection's name.
 */
collection: string, 
/**
 * The record's id.
 */
id: string, } } | { "file": { 
/**
 * Its path.
 */
path: string, } };

/**
 * A source a snapshot could be restored into.
 */
export type TargetSource = { 
/**
 * Its name.
 */
name: string, 
/**
 * Where it lies, for people (an address, a path).
 */
place?: string | null, 
/**
 * The snapshot is of this source.
 */
origin: boolean, 
/**
 * What it can do; absent when its settings cannot be understood.
 */
capabilities?: Capabilities | null, 
/**
 * Why it cannot be written, if so.
 */
problem?: string | null, };

/**
 * Where to restore to.
 */
export type TargetSpec = { "new": string } | "inPlace" | { "source": SourcePlace };

/**
 * Where a snapshot could be restored to.
 */
export type TargetsReply = { 
/**
 * A new place that is free now, to start from.
 */
suggested: string, 
/**
 * Where it came from, for people (a path); absent when the source is not known here.
 */
origin?: string | null, 
/**
 * Why it cannot go back to where it came from, if so.
 */
noInPlace?: string | null, 
/**
 * What the source can do.
 */
capabilities?: Capabilities | null, 
/**
 * Kind of source the snapshot is of.
 */
kind: string, 
/**
 * A new place is a name (`notes`, `restored-*` for several), not a path: [`TargetsReply::suggested`] is one.
 */
namedPlaces: boolean, 
/**
 * Sources of the kind that are set up here, by name; the one it came from among them.
 */
sources: Array<TargetSource>, 
/**
 * How a restore into this kind of source can be told to write.
 */
options: Array<OptionRow>, };

/**
 * Asks where a snapshot could be restored to.
 */
export type TargetsRequest = { 
/**
 * Snapshot or `bundle:PATH`.
 */
at: SnapshotRef, };

/**
 * One thing a plan does on a timetable of its own.
 */
export type Task = "backup" | "forget" | "prune" | "structure" | "sample" | "full" | "drill" | "drillOne";

/**
 * A wall-clock time, to the minute; "HH:MM" in JSON.
 */
export type TimeOfDay = string;

/**
 * A schedule with the clock it goes by.
 */
export type Timetable = { 
/**
 * When.
 */
schedule: Schedule, 
/**
 * The name of a zone as in the IANA database, or `local` for the system's.
 */
zone: string, 
/**
 * Starts are spread over that many minutes after their time, so that a hundred machines do not come at once.
 */
jitterMinutes: number, };

/**
 * What a timetable means.
 */
export type TimetableReply = { 
/**
 * One English sentence.
 */
words: string, 
/**
 * As a cron line, where one can say it.
 */
cron?: string | null, 
/**
 * The next slots.
 */
next: Array<string>, 
/**
 * The zone it is read in.
 */
zone: string, 
/**
 * The promise that follows from it, in minutes.
 */
promiseMinutes?: number | null, };

/**
 * Shows a timetable before it is saved.
 */
export type TimetableRequest = { 
/**
 * The timetable.
 */
timetable: Timetable, 
/**
 * How many slots to show (at most 100).
 */
count: number, };

/**
 * What a command may have made out of date; the window reads the queries of these topics again.
 */
export type Topic = "sources" | "vaults" | "snapshots" | "runs" | "audit" | "settings" | "lock" | "plans" | "holds" | "channels" | "replications" | "conflicts";

/**
 * What tripped. One cause has one entry.
 */
export type Trip = { "massDeletion": { 
/**
 * The collection.
 */
collection: string, 
/**
 * Records before.
 */
before: number, 
/**
 * Records now.
 */
now: number, 
/**
 * Records of before that are not there any more; one that was replaced under another id is gone.
 */
gone: number, 
/**
 * `gone` in percent of `before`.
 */
share: number, } } | { "emptied": { 
/**
 * The collection.
 */
collection: string, 
/**
 * Records before.
 */
before: number, } } | { "schemaChanged": { 
/**
 * The collection.
 */
collection: string, 
/**
 * Columns that are gone.
 */
gone: Array<Column>, 
/**
 * Columns of another kind.
 */
retyped: Array<ColumnChange>, } } | { "coverageLost": { 
/**
 * Their names; a workspace stands for all that was in it.
 */
names: Array<string>, } } | { "filesGone": { 
/**
 * Files before.
 */
before: number, 
/**
 * Files now.
 */
now: number, 
/**
 * Paths of before at which there is no file any more.
 */
gone: number, 
/**
 * `gone` in percent of `before`.
 */
share: number, } };

/**
 * Takes a restore back.
 */
export type UndoRequest = { 
/**
 * Id (or its beginning) of the run.
 */
run: string, 
/**
 * What to do with items that were changed after the restore (default: leave them and name them).
 */
policy: ConflictPolicy, };

/**
 * Locks removed.
 */
export type UnlockReply = { 
/**
 * Locks removed, in words.
 */
removed: Array<string>, 
/**
 * Locks left because their owner is alive, in words.
 */
kept: Array<string>, };

/**
 * How a plan looks after what it stores. Every timetable may be `manual`: then it is left out.
 */
export type Upkeep = { 
/**
 * When snapshots are removed by the keep rules.
 */
forget: Timetable, 
/**
 * When the space of removed snapshots is freed.
 */
prune: Timetable, 
/**
 * When the structure of the vaults is checked.
 */
structure: Timetable, 
/**
 * When a share of what is stored is read.
 */
sample: Timetable, 
/**
 * How large that share is, in percent.
 */
samplePercent: number, 
/**
 * When everything is read.
 */
full: Timetable, 
/**
 * When everything is restored into a scratch place and compared.
 */
drill: Timetable, 
/**
 * When one record of each collection is restored and compared.
 */
drillOne: Timetable, 
/**
 * A drill that takes longer than this is told as a warning (minutes).
 */
targetMinutes?: number | null, };

/**
 * What one task of a plan did to one source or vault, when that was no backup.
 */
export type UpkeepReport = { 
/**
 * The source, if it is about one.
 */
source?: string | null, 
/**
 * The vault, if it is about one.
 */
vault?: string | null, 
/**
 * The run, if one was begun.
 */
run?: string | null, 
/**
 * How it ended.
 */
verdict: Verdict, 
/**
 * In a sentence: "42 of 497 backups removed".
 */
summary: string, 
/**
 * Why it failed or was left alone.
 */
error?: ApiError | null, };

/**
 * Creates a vault, or adds one that exists.
 */
export type VaultCreateRequest = { 
/**
 * Name for people, unique here.
 */
name: string, 
/**
 * Directory or URL.
 */
path: string, 
/**
 * Keep the master key in the keychain (or the encrypted file), so that nobody is asked again.
 */
remember: boolean, };

/**
 * How a vault is.
 */
export type VaultHealth = { 
/**
 * The vault.
 */
vault: VaultRow, 
/**
 * It can be reached now (its disk is there).
 */
reachable: boolean, 
/**
 * It opens without asking for a password.
 */
open: boolean, 
/**
 * Why it cannot be reached or opened.
 */
problem?: ApiError | null, 
/**
 * Bytes free on its disk, if known.
 */
free?: number | null, 
/**
 * Size of its disk in bytes, if known.
 */
total?: number | null, 
/**
 * Bytes the vault takes, as last counted.
 */
used?: number | null, 
/**
 * Snapshots in it, if it could be opened.
 */
snapshots?: number | null, 
/**
 * The last check: run, time, verdict.
 */
checked?: RunRow | null, 
/**
 * Share of its data that the last check read, in percent.
 */
checkedShare?: number | null, 
/**
 * Its recovery kit.
 */
kit: KitState, };

/**
 * A vault in numbers.
 */
export type VaultInfoReply = { 
/**
 * The vault.
 */
vault: VaultRow, 
/**
 * Snapshots in it.
 */
snapshots: number, 
/**
 * Newest snapshot.
 */
newest?: string | null, 
/**
 * Bytes of all its files.
 */
bytes: number, 
/**
 * Number of packs.
 */
packs: number, 
/**
 * Keys that open it.
 */
keys: number, 
/**
 * Locks held, in words.
 */
locks: Array<string>, 
/**
 * Damaged index or snapshot files met on the way, in words.
 */
problems: Array<string>, };

/**
 * A vault as Backstay knows it.
 */
export type VaultRow = { 
/**
 * Its name.
 */
name: string, 
/**
 * Directory or URL.
 */
path: string, 
/**
 * Id of the restic repository.
 */
repositoryId: string, 
/**
 * When it was created or added here.
 */
created: string, 
/**
 * New sources go here unless told otherwise.
 */
isDefault: boolean, 
/**
 * Its key is in the keychain or the encrypted file.
 */
remembered: boolean, 
/**
 * Something the person should know (the key could not be remembered).
 */
note?: string | null, };

/**
 * All vaults.
 */
export type VaultsReply = { 
/**
 * By name.
 */
vaults: Array<VaultRow>, };

/**
 * How a run ended. There is no fifth way, and only `Complete` is a success.
 */
export type Verdict = "complete" | "partial" | "failed" | "cancelled";

/**
 * What a check found.
 */
export type VerifyReply = { 
/**
 * The run.
 */
run: string, 
/**
 * The vault.
 */
vault: string, 
/**
 * *Complete* when nothing is wrong, *failed* when data is damaged.
 */
verdict: Verdict, 
/**
 * Class of the worst problem.
 */
kind?: ErrorKind | null, 
/**
 * Snapshots checked.
 */
snapshots: number, 
/**
 * Packs in the vault.
 */
packs: number, 
/**
 * Packs read fully.
 */
packsRead: number, 
/**
 * Bytes read.
 */
bytesRead: number, 
/**
 * What is wrong.
 */
problems: Array<ProblemRow>, };

/**
 * Checks a vault.
 */
export type VerifyRequest = { 
/**
 * The vault.
 */
vault: string, 
/**
 * Share of the packs to read, in percent; `None` checks the structure only, 100 reads everything.
 */
readData?: number | null, };

/**
 * Who moves the data.
 */
export type Via = "auto" | "server" | "here";

/**
 * What a slot waits for.
 */
export type WaitingSlot = { 
/**
 * What is to be done.
 */
task: Task, 
/**
 * When it was due.
 */
due: string, 
/**
 * Why it waits, as a code (`battery`, `metered`, `quiet`, `paused`, `busy`, `otherProcess`, `offline`, `retry`, …).
 */
reason: string, 
/**
 * Until when at most, if that is known.
 */
until?: string | null, 
/**
 * A person has to say whether it may go on.
 */
ask: boolean, };

/**
 * Who looks whether Backstay itself runs.
 */
export type Watcher = { 
/**
 * The system looks by a timer of its own.
 */
installed: boolean, 
/**
 * When it looked last.
 */
lastLook?: string | null, 
/**
 * What it saw, as a code: `running`, `away` (not for long), `silent`, `idle` (no plan needs anyone).
 */
saw?: string | null, 
/**
 * By what: `systemdUser`, `systemdSystem`, `launchd`, `taskScheduler`.
 */
by?: string | null, };

/**
 * A day of the week.
 */
export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/**
 * One workspace (SQLite file or LiveStore store) of a snapshot.
 */
export type WorkspaceMeta = { 
/**
 * Id of the instance: a LiveStore's store id, else the name of its folder or file.
 */
instanceId: string, 
/**
 * Whose workspace it is, if the source knows.
 */
userId?: string | null, 
/**
 * When the copy was taken.
 */
timestamp: string, 
/**
 * Size of the database in bytes.
 */
databaseSize: number, 
/**
 * `full`: the copy is whole. `unchanged`: the file had not changed since the previous snapshot, whose copy stands here.
 */
backupType: string, 
/**
 * Version of the workspace's own format: LiveStore storage format, else SQLite `user_version`.
 */
version: string, 
/**
 * `sha256:` and the SHA-256 of the database file, hexadecimal.
 */
checksum: string, 
/**
 * Path below `files/`.
 */
path: string, };

/**
 * Where something was written.
 */
export type WrittenReply = { 
/**
 * The file.
 */
path: string, };

export interface Commands {
  "about": { request: Nothing; reply: AboutReply };
  "agent.install": { request: AgentInstallRequest; reply: AgentInstallReply };
  "agent.look": { request: Nothing; reply: LookReply };
  "agent.status": { request: Nothing; reply: AgentReply };
  "agent.uninstall": { request: AgentInstallRequest; reply: AgentInstallReply };
  "alert.list": { request: Nothing; reply: AlertsReply };
  "audit.export": { request: PathRequest; reply: WrittenReply };
  "audit.list": { request: AuditRequest; reply: AuditReply };
  "audit.verify": { request: Nothing; reply: AuditVerifyReply };
  "backup": { request: BackupRequest; reply: BackupReply };
  "browse.count": { request: CountRequest; reply: CountReply };
  "browse.folder": { request: FolderRequest; reply: FolderReply };
  "browse.list": { request: LsRequest; reply: LsReply };
  "bundle.export": { request: ExportRequest; reply: ExportReply };
  "bundle.import": { request: ImportRequest; reply: ImportReply };
  "bundle.inspect": { request: BundleRequest; reply: BundleReply };
  "cache.clear": { request: Nothing; reply: CacheReply };
  "cache.info": { request: Nothing; reply: CacheReply };
  "channel.list": { request: Nothing; reply: ChannelsReply };
  "channel.remove": { request: ChannelRef; reply: Nothing };
  "channel.set": { request: ChannelSetRequest; reply: ChannelRow };
  "channel.test": { request: ChannelRef; reply: ChannelTestReply };
  "conflict.list": { request: ConflictsRequest; reply: ConflictsReply };
  "conflict.settle": { request: ConflictSettleRequest; reply: ConflictSettleReply };
  "conflict.show": { request: ConflictRef; reply: ConflictReply };
  "connector.list": { request: Nothing; reply: ConnectorsReply };
  "diff": { request: DiffRequest; reply: DiffReply };
  "drill.list": { request: DrillsRequest; reply: DrillsReply };
  "drill.run": { request: DrillRunRequest; reply: DrillRow };
  "figures": { request: FiguresRequest; reply: FiguresReply };
  "file.preview": { request: PreviewRequest; reply: PreviewReply };
  "file.save": { request: SaveRequest; reply: SaveReply };
  "hold.list": { request: HoldsRequest; reply: HoldsReply };
  "hold.release": { request: HoldReleaseRequest; reply: HoldRow };
  "hold.review": { request: HoldReviewRequest; reply: HoldReviewReply };
  "job.cancel": { request: JobRef; reply: Nothing };
  "job.dismiss": { request: JobRef; reply: Nothing };
  "job.list": { request: Nothing; reply: JobsReply };
  "job.pause": { request: PauseRequest; reply: JobsReply };
  "job.start": { request: JobStartRequest; reply: JobView };
  "kit.begin": { request: Named; reply: KitBeginReply };
  "kit.cancel": { request: KitRef; reply: Nothing };
  "kit.confirm": { request: KitConfirmRequest; reply: KitConfirmReply };
  "kit.write": { request: KitWriteRequest; reply: WrittenReply };
  "listing.locate": { request: LocateRequest; reply: LocateReply };
  "listing.open": { request: ListingOpenRequest; reply: ListingReply };
  "listing.rows": { request: RowsRequest; reply: RowsReply };
  "lock.close": { request: Nothing; reply: LockState };
  "lock.open": { request: LockOpenRequest; reply: LockState };
  "lock.set": { request: LockSetRequest; reply: LockState };
  "lock.state": { request: Nothing; reply: LockState };
  "overview": { request: OverviewRequest; reply: OverviewReply };
  "path.inspect": { request: InspectRequest; reply: InspectReply };
  "plan.keepPreview": { request: KeepPreviewRequest; reply: KeepPreviewReply };
  "plan.list": { request: Nothing; reply: PlansReply };
  "plan.pause": { request: PlanPauseRequest; reply: PlansReply };
  "plan.preview": { request: TimetableRequest; reply: TimetableReply };
  "plan.proof": { request: ProofRequest; reply: ProofReply };
  "plan.remove": { request: PlanRef; reply: Nothing };
  "plan.run": { request: PlanRunRequest; reply: PlanRunReply };
  "plan.set": { request: PlanSetRequest; reply: PlanRow };
  "record.get": { request: GetRequest; reply: RecordReply };
  "record.history": { request: HistoryRequest; reply: HistoryReply };
  "record.text": { request: GetRequest; reply: RecordTextReply };
  "replication.list": { request: ReplicationsRequest; reply: ReplicationsReply };
  "replication.remove": { request: ReplicationRef; reply: Nothing };
  "replication.resume": { request: ReplicationRef; reply: Nothing };
  "replication.start": { request: ReplicationStartRequest; reply: ReplicationReply };
  "replication.stop": { request: ReplicationRef; reply: Nothing };
  "restore.openPlan": { request: PathRequest; reply: PlanReply };
  "restore.plan": { request: RestoreRequest; reply: PlanReply };
  "restore.resume": { request: ResumeRequest; reply: RestoreReply };
  "restore.run": { request: RunPlanRequest; reply: RestoreReply };
  "restore.savePlan": { request: PlanSaveRequest; reply: WrittenReply };
  "restore.steps": { request: StepsRequest; reply: StepsReply };
  "restore.targets": { request: TargetsRequest; reply: TargetsReply };
  "restore.undo": { request: UndoRequest; reply: RestoreReply };
  "run.list": { request: RunsRequest; reply: RunsReply };
  "sample.change": { request: Nothing; reply: SampleReply };
  "sample.create": { request: SampleRequest; reply: SampleReply };
  "sample.remove": { request: Nothing; reply: Nothing };
  "sample.state": { request: Nothing; reply: SampleReply };
  "search": { request: SearchRequest; reply: SearchReply };
  "settings.export": { request: PathRequest; reply: WrittenReply };
  "settings.get": { request: Nothing; reply: Settings };
  "settings.import": { request: SettingsImportRequest; reply: SettingsImportReply };
  "settings.set": { request: Settings; reply: Settings };
  "snapshot.forget": { request: ForgetRequest; reply: ForgetReply };
  "snapshot.list": { request: SnapshotsRequest; reply: SnapshotsReply };
  "snapshot.pin": { request: PinRequest; reply: Nothing };
  "snapshot.remove": { request: SnapshotRemoveRequest; reply: Nothing };
  "snapshot.show": { request: SnapshotRef; reply: ShowReply };
  "source.add": { request: SourceAddRequest; reply: SourceRow };
  "source.change": { request: SourceChangeRequest; reply: SourceRow };
  "source.coverage": { request: Named; reply: CoverageReply };
  "source.list": { request: Nothing; reply: SourcesReply };
  "source.probe": { request: Named; reply: ProbeReply };
  "source.remove": { request: Named; reply: Nothing };
  "source.show": { request: Named; reply: SourceRow };
  "source.try": { request: SourceTryRequest; reply: ProbeReply };
  "vault.add": { request: VaultCreateRequest; reply: VaultRow };
  "vault.create": { request: VaultCreateRequest; reply: VaultRow };
  "vault.info": { request: Named; reply: VaultInfoReply };
  "vault.keyAdd": { request: Named; reply: KeysReply };
  "vault.keyRemove": { request: KeyRemoveRequest; reply: KeysReply };
  "vault.keys": { request: Named; reply: KeysReply };
  "vault.list": { request: Nothing; reply: VaultsReply };
  "vault.password": { request: Named; reply: KeysReply };
  "vault.prune": { request: PruneRequest; reply: PruneReply };
  "vault.recoveryKit": { request: RecoveryKitRequest; reply: KitReply };
  "vault.remove": { request: Named; reply: Nothing };
  "vault.repair": { request: RepairRequest; reply: RepairReply };
  "vault.unlock": { request: Named; reply: UnlockReply };
  "vault.verify": { request: VerifyRequest; reply: VerifyReply };
}
