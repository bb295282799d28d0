//! Requests and replies of every command, as the window and scripts see them (JSON, camelCase).

mod browse;
mod restore;
mod run;
mod setup;
mod vault;

pub use browse::{
    CatRequest, CollectionCounts, DiffReply, DiffRequest, FileRow, GetRequest, HistoryReply, HistoryRequest, HistoryVersion,
    LsReply, LsRequest, RecordReply, ShowReply, SnapshotRef, SnapshotRow, SnapshotsReply, SnapshotsRequest,
};
pub use restore::{
    PlanReply, ReadBack, ReadBackDifference, RestoreReply, RestoreRequest, RestoreSource, ResumeRequest, UndoRequest,
};
pub use run::{
    AuditReply, AuditRequest, AuditRow, AuditVerifyReply, BackupReply, BackupReport, BackupRequest, RunDetail, RunRow, RunsReply,
    RunsRequest,
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// A request that names one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// Its name.
    pub name: String,
}
