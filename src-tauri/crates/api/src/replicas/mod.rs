//! Replication between two sources of one kind: its two ends, who hears of it, and the threads of the ones that go on for ever.

mod standing;
mod watch;

use std::sync::Arc;

use backstay_journal::Source as SourceRecord;
use backstay_model::ErrorKind;
use backstay_source::{Connector, Endpoint, Replication, ReplicationProgress, ReplicationWatch, Replicator, SourceConfig};

pub(crate) use standing::{Standing, what as what_of};
pub(crate) use watch::Watching;

use crate::{ApiError, App, Result, app::SourceSecrets, types::ReplicationEnd};

/// The two ends of a replication.
pub(crate) struct Ends {
    connector: Arc<dyn Connector>,
    /// The source that is read.
    pub(crate) from: SourceRecord,
    /// The source that is written.
    pub(crate) to: SourceRecord,
    from_config: SourceConfig,
    to_config: SourceConfig,
    from_collection: String,
    to_collection: String,
}

impl Ends {
    /// Finds both ends, by names or ids of sources.
    pub(crate) fn find(app: &App, from: &ReplicationEnd, to: &ReplicationEnd) -> Result<Self> {
        let row = |end: &ReplicationEnd| app.journal().sources().get(&end.source);
        let (reads, writes) = (row(from)?, row(to)?);
        if reads.kind != writes.kind {
            let text = format!(
                "{:?} is a source of kind {:?} and {:?} one of kind {:?}; nothing was replicated",
                reads.name, reads.kind, writes.name, writes.kind
            );
            return Err(ApiError::new(ErrorKind::Usage, text).hint("Replication goes between sources of one kind."));
        }
        let connector = app.connector(&reads.kind)?;
        replicator(&*connector)?;
        Ok(Self {
            connector,
            from_config: app.source_config(&reads)?,
            to_config: app.source_config(&writes)?,
            from: reads,
            to: writes,
            from_collection: from.collection.clone(),
            to_collection: to.collection.clone(),
        })
    }

    /// Whether a question can be understood.
    pub(crate) fn check(&self, what: &Replication) -> Result<()> {
        if let Some(selector) = &what.selector {
            self.connector.selector(selector)?;
        }
        Ok(())
    }

    /// Moves what is there, or, a continuous one, what comes until it is cancelled.
    pub(crate) fn replicate(&self, app: &App, what: &Replication, watch: &dyn ReplicationWatch) -> Result<ReplicationProgress> {
        let secrets = SourceSecrets(app);
        let from = Endpoint {
            config: &self.from_config,
            secrets: &secrets,
            collection: &self.from_collection,
        };
        let to = Endpoint {
            config: &self.to_config,
            secrets: &secrets,
            collection: &self.to_collection,
        };
        Ok(replicator(&*self.connector)?.replicate(&from, &to, what, watch)?)
    }

    /// Both ends, as people read them.
    pub(crate) fn text(&self) -> String {
        format!(
            "{}/{} → {}/{}",
            self.from.name, self.from_collection, self.to.name, self.to_collection
        )
    }
}

/// Who replicates in this kind of source.
pub(crate) fn replicator(connector: &dyn Connector) -> Result<&dyn Replicator> {
    connector.replicator().ok_or_else(|| {
        ApiError::new(
            ErrorKind::Unsupported,
            format!("sources of kind {:?} cannot be replicated", connector.kind()),
        )
    })
}
