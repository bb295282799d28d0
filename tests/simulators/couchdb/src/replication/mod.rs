//! The server's own replication: `_replicate`, the documents of `_replicator`, and what is told of both.

mod job;
mod peer;
mod registry;
mod scheduler;
mod spec;

pub(crate) use registry::Replications;
pub(crate) use scheduler::{replicate, scheduler, watch_replicator};
