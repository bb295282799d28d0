//! One end of a replication: a database of a server, as the settings of its source say.

use backstay_source::{Cancel, Endpoint, Secrets, SourceConfig};

use crate::{
    client::{Database, Server},
    config::{CouchConfig, Login},
    error::{CouchError, Result},
};

/// A database at one end.
pub(super) struct End {
    config: CouchConfig,
    server: Server,
    name: String,
}

/// The server of a source.
///
/// # Errors
/// When its settings make no sense.
pub(super) fn server(config: &SourceConfig, secrets: &dyn Secrets) -> Result<Server> {
    Server::new(&CouchConfig::read(config, secrets)?)
}

impl End {
    /// Understands the settings; nothing is sent.
    pub(super) fn open(at: &Endpoint<'_>) -> Result<Self> {
        let config = CouchConfig::read(at.config, at.secrets)?;
        if at.collection.is_empty() || at.collection.contains('@') {
            return Err(CouchError::Setting {
                option: "database",
                problem: format!("{:?} is no database that can be replicated", at.collection),
                hint: "Name a database; its design documents are replicated with it.",
            });
        }
        Ok(Self {
            server: Server::new(&config)?,
            name: at.collection.to_owned(),
            config,
        })
    }

    /// The database, whose calls end with `cancel`.
    pub(super) fn database(&self, cancel: &Cancel) -> Database {
        self.server.with_cancel(cancel).database(&self.name)
    }

    /// The database, whose calls go on when the job was cancelled: the checkpoint is written then.
    pub(super) fn after_cancel(&self) -> Database {
        self.server.database(&self.name)
    }

    /// Its server.
    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// Address of the database, without credentials.
    pub(super) fn url(&self) -> String {
        format!(
            "{}/{}",
            self.config.url.trim_end_matches('/'),
            self.name.replace('+', "%2B").replace('/', "%2F")
        )
    }

    /// How to log in there.
    pub(super) fn login(&self) -> &Login {
        &self.config.login
    }

    /// Whether both are on one server, as far as their addresses tell.
    pub(super) fn has_same_server(&self, other: &Self) -> bool {
        self.config.url.trim_end_matches('/') == other.config.url.trim_end_matches('/')
    }

    /// Whether both are one database.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.has_same_server(other) && self.name == other.name
    }
}
