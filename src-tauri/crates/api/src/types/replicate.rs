//! Replication of collections between sources of one kind.

use backstay_model::{Gap, Verdict};
use backstay_source::{Replication, ReplicationProgress, ServerReplication};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// One end of a replication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationEnd {
    /// The source.
    pub source: String,
    /// The collection.
    pub collection: String,
}

/// Starts a replication: one that ends runs until everything went through; a continuous one is kept, begins at once where somebody
/// watches the clock, and again whenever Backstay starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationStartRequest {
    /// Where it reads.
    pub from: ReplicationEnd,
    /// Where it writes.
    pub to: ReplicationEnd,
    /// What, and how.
    #[serde(default)]
    pub what: Replication,
    /// A continuous one goes on for as long as the call, and is not kept.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub stay: bool,
}

/// How a replication ended, or that it was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ReplicationReply {
    /// The run; absent of a continuous one, which makes runs of its own.
    pub run: Option<String>,
    /// The replication that was kept, if it is continuous and Backstay moves the data.
    pub kept: Option<String>,
    /// *Partial* when the target refused versions: `gaps` names them.
    pub verdict: Verdict,
    /// Where it reads.
    pub from: ReplicationEnd,
    /// Where it writes.
    pub to: ReplicationEnd,
    /// How far it got.
    pub progress: ReplicationProgress,
    /// What could not be replicated, by name.
    pub gaps: Vec<Gap>,
}

/// Lists replications.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct ReplicationsRequest {
    /// Only those this source is an end of; the source's own service is asked too.
    pub source: Option<String>,
    /// The services of all sources that replicate are asked too.
    #[ts(as = "Option<_>", optional)]
    pub services: bool,
}

/// Replications.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationsReply {
    /// Continuous ones of Backstay, oldest first.
    pub kept: Vec<ReplicationRow>,
    /// Those the services run by themselves.
    pub on_services: Vec<ServiceReplication>,
    /// Services that could not be asked, and why.
    pub gaps: Vec<Gap>,
}

/// A replication a service runs by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ServiceReplication {
    /// The source whose service it is.
    pub source: String,
    /// The replication.
    pub replication: ServerReplication,
}

/// What a continuous replication is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum ReplicationState {
    /// It moves data.
    Running,
    /// Everything went through; it waits for changes.
    Idle,
    /// Something is wrong; it tries again.
    Trying,
    /// A person stopped it.
    Stopped,
    /// Neither the app nor the agent runs.
    Nobody,
}

/// A continuous replication of Backstay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ReplicationRow {
    /// Its id.
    pub id: String,
    /// Where it reads.
    pub from: ReplicationEnd,
    /// Where it writes.
    pub to: ReplicationEnd,
    /// What, and how.
    pub what: Replication,
    /// What it is doing.
    pub state: ReplicationState,
    /// When it was set up.
    pub created: DateTime<Utc>,
    /// When it last got on.
    pub moved: Option<DateTime<Utc>>,
    /// How far it got since it last began.
    pub progress: Option<ReplicationProgress>,
    /// What is wrong.
    pub problem: Option<ApiError>,
    /// When it tries again.
    pub again: Option<DateTime<Utc>>,
    /// What could not be replicated, by name; the newest hundred.
    pub gaps: Vec<Gap>,
    /// How much could not be replicated since it was set up.
    pub gap_count: u64,
}

/// Names a replication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ReplicationRef {
    /// Its id, or the beginning of it.
    pub id: String,
    /// The source whose service runs it; absent: Backstay does.
    #[serde(default)]
    pub source: Option<String>,
}
