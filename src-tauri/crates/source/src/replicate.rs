//! Replication of one collection into another, at the sources themselves.

use crate::{Cancel, Result, Secrets, SourceConfig};

/// One end of a replication.
#[derive(Clone, Copy)]
pub struct Endpoint<'a> {
    /// The source.
    pub config: &'a SourceConfig,
    /// Its secrets.
    pub secrets: &'a dyn Secrets,
    /// The collection.
    pub collection: &'a str,
}

/// Who moves the data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum Via {
    /// The service, where it can reach both ends; else Backstay.
    #[default]
    Auto,
    /// The service itself, which goes on without Backstay.
    Server,
    /// Backstay: works where the two ends cannot see each other.
    Here,
}

/// What is replicated, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct Replication {
    /// Goes on for as long as it is not stopped.
    pub continuous: bool,
    /// Only these records; empty: all.
    pub ids: Vec<String>,
    /// Only records this question asks for ([`crate::Connector::selector`]).
    pub selector: Option<String>,
    /// Who moves the data.
    pub via: Via,
    /// Makes the target when it does not exist.
    pub create_target: bool,
}

/// How far a replication got.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct ReplicationProgress {
    /// Who moves the data.
    pub via: Via,
    /// Versions the source has and the target was asked about.
    pub checked: u64,
    /// Versions that were written.
    pub written: u64,
    /// Versions the target refused; each is told by name.
    pub failed: u64,
    /// Changes still to go through, if the source tells it.
    pub pending: Option<u64>,
    /// Bytes read.
    pub bytes: u64,
    /// Everything there is went through; a continuous one waits for changes.
    pub idle: bool,
    /// Why it waits for an end that is away, in a sentence.
    pub waiting: Option<String>,
    /// Position in the source's changes that is noted on both sides.
    pub checkpoint: Option<String>,
}

/// Told how a replication goes.
pub trait ReplicationWatch: Sync {
    /// It went on; called a few times a second at most.
    fn progress(&self, progress: &ReplicationProgress);
    /// A record could not be written, or a document not be read.
    fn gap(&self, gap: backstay_model::Gap);
    /// The flag to look at.
    fn cancel(&self) -> &Cancel;
}

/// Replicates collections between sources of one kind.
pub trait Replicator: Sync {
    /// Replicates until everything went through, or, a continuous one, until it is cancelled (no error then).
    ///
    /// # Errors
    /// When an end cannot be reached or read as a whole, or the target takes nothing.
    fn replicate(
        &self,
        from: &Endpoint<'_>,
        to: &Endpoint<'_>,
        what: &Replication,
        watch: &dyn ReplicationWatch,
    ) -> Result<ReplicationProgress>;

    /// Replications the service of `at` runs by itself.
    ///
    /// # Errors
    /// When the service cannot be asked.
    fn on_server(&self, at: &SourceConfig, secrets: &dyn Secrets) -> Result<Vec<ServerReplication>>;

    /// Ends a replication the service runs by itself.
    ///
    /// # Errors
    /// When there is none of that id, or the service refuses.
    fn stop_on_server(&self, at: &SourceConfig, secrets: &dyn Secrets, id: &str) -> Result<()>;
}

/// A replication a service runs by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ServerReplication {
    /// Its id.
    pub id: String,
    /// Where it reads, without credentials.
    pub from: String,
    /// Where it writes, without credentials.
    pub to: String,
    /// It goes on for ever.
    pub continuous: bool,
    /// State in the service's word.
    pub state: String,
    /// What is wrong, in the service's words.
    pub problem: Option<String>,
    /// How far it got.
    pub progress: Option<ReplicationProgress>,
}
