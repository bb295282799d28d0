//! Requests and replies of every command, as the window and scripts see them (JSON, camelCase).

mod browse;
mod bundle;
mod conflict;
mod desk;
mod figures;
mod hold;
mod listing;
mod notice;
mod plan;
mod replicate;
mod restore;
mod run;
mod settings;
mod setup;
mod vault;

pub use backstay_engine::{
    coverage::{CoverageKind, CoverageRow, CoverageState},
    guard::{GuardRules, Trip},
};
pub use backstay_source::{Probe, ProbePart, Replication, ReplicationProgress, ServerReplication, Via};
pub use browse::{
    CatRequest, CollectionCounts, DiffReply, DiffRequest, FileRow, GetRequest, HistoryReply, HistoryRequest, HistoryVersion,
    LsReply, LsRequest, RecordReply, ShowReply, SnapshotRef, SnapshotRow, SnapshotsReply, SnapshotsRequest,
};
pub use bundle::{
    BundleFormat, BundlePart, BundleReply, BundleRequest, ExportReply, ExportRequest, ForeignExport, ForeignInfo, ImportReply,
    ImportRequest,
};
pub use conflict::{
    ConflictData, ConflictField, ConflictFields, ConflictKeep, ConflictPlace, ConflictRef, ConflictReply, ConflictRow,
    ConflictSettleReply, ConflictSettleRequest, ConflictVersion, ConflictsReply, ConflictsRequest,
};
pub use desk::{
    ConnectorRow, ConnectorsReply, Health, Holdings, InspectReply, InspectRequest, JobRef, JobStartRequest, JobState, JobView,
    JobsReply, KitBeginReply, KitConfirmReply, KitConfirmRequest, KitRef, KitState, KitWriteRequest, OptionRow, OverviewReply,
    OverviewRequest, PathKind, PauseRequest, ProtectAs, RunPoint, SampleReply, SampleRequest, SnapshotRemoveRequest,
    SourceChangeRequest, SourceHealth, SourceTryRequest, Topic, VaultHealth, WrittenReply,
};
pub use figures::{DayPoint, FiguresReply, FiguresRequest, RunCounts, SourceFigures};
pub use hold::{
    CoverageReply, DrillRow, DrillRunRequest, DrillsReply, DrillsRequest, GoneRow, GuardBar, HoldReleaseRequest, HoldReviewReply,
    HoldReviewRequest, HoldRow, HoldsReply, HoldsRequest, PinRequest,
};
pub use listing::{
    CountReply, CountRequest, FieldFilter, FilterKind, FolderEntry, FolderReply, FolderRequest, ListingOpenRequest, ListingReply,
    LocateReply, LocateRequest, PreviewKind, PreviewReply, PreviewRequest, RecordTextReply, Row, RowsReply, RowsRequest,
    SaveReply, SaveRequest, SearchHit, SearchReply, SearchRequest, SortBy,
};
pub use notice::{
    AgentInstallReply, AgentInstallRequest, AgentReply, AlertRow, AlertsReply, ChannelKind, ChannelRef, ChannelRow,
    ChannelSetRequest, ChannelTestReply, ChannelsReply, LookReply, SentRow, Watcher,
};
pub use plan::{
    HookSpec, Hooks, KeepDay, KeepPreviewReply, KeepPreviewRequest, KeepRow, NextSlot, PlanPauseRequest, PlanRef, PlanRow,
    PlanRunReply, PlanRunRequest, PlanSetRequest, PlanSpec, PlanState, PlansReply, ProofReply, ProofRequest, Retry, SlotRef,
    SlotRow, SlotState, Task, TimetableReply, TimetableRequest, Upkeep, UpkeepReport, WaitingSlot,
};
pub use replicate::{
    ReplicationEnd, ReplicationRef, ReplicationReply, ReplicationRow, ReplicationStartRequest, ReplicationState,
    ReplicationsReply, ReplicationsRequest, ServiceReplication,
};
pub use restore::{
    PlanReply, PlanSaveRequest, ReadBack, ReadBackDifference, RestoreReply, RestoreRequest, RestoreSource, ResumeRequest,
    StepsReply, StepsRequest, TargetSource, TargetsReply, TargetsRequest, UndoRequest,
};
pub use run::{
    AuditBreak, AuditBreakKind, AuditReply, AuditRequest, AuditRow, AuditVerifyReply, BackupReply, BackupReport, BackupRequest,
    RunDetail, RunRow, RunsReply, RunsRequest,
};
pub use settings::{
    AboutReply, CacheReply, LockOpenRequest, LockScope, LockSetRequest, LockState, PathRequest, Scheme, Settings,
    SettingsImportReply, SettingsImportRequest,
};
pub use setup::{
    ConnectorInfo, ProbeReply, SourceAddRequest, SourceRow, SourcesReply, VaultCreateRequest, VaultRow, VaultsReply,
};
pub use vault::{
    ForgetReply, ForgetRequest, ForgetRow, KeepSpec, KeyRow, KeysReply, KitFormat, KitReply, ProblemRow, PruneReply,
    PruneRequest, RepairReply, RepairRequest, UnlockReply, VaultInfoReply, VerifyReply, VerifyRequest,
};

use serde::{Deserialize, Serialize};

/// A request that needs no arguments, or a reply that says nothing but *done*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Nothing {}

/// A request that names one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// Its name.
    pub name: String,
}
