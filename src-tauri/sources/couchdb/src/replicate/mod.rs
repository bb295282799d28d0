//! Replication by CouchDB's own protocol, by the server or by Backstay.

use backstay_model::ErrorKind;
use backstay_source::{
    Endpoint, Replication, ReplicationProgress, ReplicationWatch, Replicator, Result, Secrets, ServerReplication, SourceConfig,
    SourceError,
};

/// The replication protocol.
pub(crate) struct Protocol;

fn soon<T>() -> Result<T> {
    Err(SourceError::new(ErrorKind::Unsupported, "CouchDB", "is being built"))
}

impl Replicator for Protocol {
    fn replicate(
        &self,
        _: &Endpoint<'_>,
        _: &Endpoint<'_>,
        _: &Replication,
        _: &dyn ReplicationWatch,
    ) -> Result<ReplicationProgress> {
        soon()
    }
    fn on_server(&self, _: &SourceConfig, _: &dyn Secrets) -> Result<Vec<ServerReplication>> {
        soon()
    }
    fn stop_on_server(&self, _: &SourceConfig, _: &dyn Secrets, _: &str) -> Result<()> {
        soon()
    }
}
