//! The database that is written to: there already, or made for the restore with the options the backup recorded.

use backstay_model::{ErrorKind, RawJson};
use backstay_source::SourceError;
use serde::Deserialize;

use crate::{
    client::{CreateOptions, Database},
    error::{CouchError, Refusal, Result},
};

/// A database to write to.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The database.
    pub database: Database,
    /// Nothing was in it when it was opened, not even a deletion: no document can be in the way.
    pub fresh: bool,
    /// Requests may carry attachments as streams; found out when it matters.
    pub streams: Option<bool>,
}

/// What a backup recorded about how a database was made.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Made {
    cluster: Cluster,
    props: Props,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Cluster {
    q: Option<u64>,
    n: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Props {
    partitioned: bool,
}

impl Place {
    /// Enters a database; `None` when it is not there.
    ///
    /// # Errors
    /// When that cannot be told.
    pub(crate) fn enter(database: &Database) -> Result<Option<Self>> {
        match database.info() {
            Ok(info) => Ok(Some(Self {
                database: database.clone(),
                fresh: info.doc_count == 0 && info.doc_del_count == Some(0),
                streams: None,
            })),
            Err(error) if error.refusal() == Some(Refusal::NoDatabase) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Enters a database, which is made as `recorded` tells when it is not there.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub(crate) fn make(database: &Database, recorded: Option<&RawJson>) -> Result<Self> {
        if let Some(place) = Self::enter(database)? {
            return Ok(place);
        }
        let made: Made = recorded
            .and_then(|raw| serde_json::from_slice(raw.as_bytes()).ok())
            .unwrap_or_default();
        let options = CreateOptions {
            q: made.cluster.q,
            n: made.cluster.n,
            partitioned: made.props.partitioned,
        };
        match create(database, options) {
            Ok(()) => Ok(Self {
                database: database.clone(),
                fresh: true,
                streams: None,
            }),
            // Somebody else was faster.
            Err(error) if error.refusal() == Some(Refusal::DatabaseExists) => {
                let place = Self::enter(database)?;
                place.ok_or(error)
            }
            Err(error) => Err(no_leave(database, error)),
        }
    }

    /// Whether documents with attachments can be streamed to it.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub(crate) fn streams(&mut self) -> Result<bool> {
        if let Some(known) = self.streams {
            return Ok(known);
        }
        let streams = self.database.features()?.multipart.there;
        self.streams = Some(streams);
        Ok(streams)
    }
}

/// Makes a database. Numbers of shards and copies are wishes: a server of another size may not take them.
fn create(database: &Database, options: CreateOptions) -> Result<()> {
    match database.create(options) {
        Err(error) if error.refusal() == Some(Refusal::BadRequest) && (options.q, options.n) != (None, None) => {
            database.create(CreateOptions {
                partitioned: options.partitioned,
                ..CreateOptions::default()
            })
        }
        done => done,
    }
}

fn no_leave(database: &Database, error: CouchError) -> CouchError {
    if !matches!(error.refusal(), Some(Refusal::Unauthorized | Refusal::Forbidden)) {
        return error;
    }
    let problem = "does not exist, and this user may not make it";
    let hint = "Have an administrator make it, restore as one, or restore into a database that exists.";
    CouchError::Taker(SourceError::new(ErrorKind::Auth, database.subject(), problem).hint(hint))
}
