//! The contract of a connector: how a service, a database or a folder becomes a stream of collections, records, files
//! and gaps, how its live state is read, and how content is written back into it.
//!
//! A connector classifies errors and never sleeps, retries or prints. It never sees a vault or a vault's key: what it
//! finds goes into a [`Sink`]; what a restore brings back comes through a [`RecordWriter`] or [`FileWriter`].

mod cancel;
mod conflict;
mod connector;
mod error;
mod foreign;
mod replicate;
mod select;
mod sink;
mod view;
mod write;

pub use cancel::Cancel;
pub use conflict::{ConflictPage, Conflicts};
pub use connector::{Connector, OptionSpec, Probe, ProbePart, Secrets, Source, SourceConfig};
pub use error::SourceError;
pub use foreign::{ForeignFiles, ForeignFormat};
pub use replicate::{Endpoint, Replication, ReplicationProgress, ReplicationWatch, Replicator, ServerReplication, Via};
pub use select::Selector;
pub use sink::{FeedMode, FileHint, Outcome, Sink, Stored};
pub use view::{FileView, Print, ReadSeek, RecordView, Weighed};
pub use write::{Expect, FileWriter, Planned, RecordWriter, WriteStep, Written};

/// What every fallible call of a connector returns.
pub type Result<T, E = SourceError> = std::result::Result<T, E>;
