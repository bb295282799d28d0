//! One database: facts, making and removing it, who may use it, its limits.

use backstay_model::RawJson;
use backstay_source_http::Request;
use serde::Deserialize;

use super::{
    Seq, Server,
    server::{SMALL, raw},
};
use crate::error::{CouchError, Refusal, Result};

/// A database of a server. It need not exist.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(super) server: Server,
    pub(super) name: String,
}

/// What a server says about a database. Everything a kind of server leaves out is `None`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DatabaseInfo {
    /// Its name.
    #[serde(default)]
    pub db_name: String,
    /// Documents that are not deleted, design documents among them.
    #[serde(default)]
    pub doc_count: u64,
    /// Tombstones.
    #[serde(default)]
    pub doc_del_count: Option<u64>,
    /// Position of the newest change.
    pub update_seq: Seq,
    /// Position of the newest purge.
    #[serde(default)]
    pub purge_seq: Option<Seq>,
    /// Sizes in bytes.
    #[serde(default)]
    pub sizes: Option<Sizes>,
    /// How it was made.
    #[serde(default)]
    pub props: Props,
    /// How it is spread.
    #[serde(default)]
    pub cluster: Option<Cluster>,
    /// When it was made, as microseconds in a text; another number for a database of the same name made anew.
    #[serde(default, deserialize_with = "text_of")]
    pub instance_start_time: Option<String>,
    /// The answer itself.
    #[serde(skip)]
    pub raw: Option<RawJson>,
}

/// Most servers say it as a text, some as a number.
fn text_of<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// Sizes of a database in bytes.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sizes {
    /// Of the files.
    pub file: Option<u64>,
    /// Of what is not compressed.
    pub external: Option<u64>,
    /// Of what is in use.
    pub active: Option<u64>,
}

/// How a database was made.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Props {
    /// Ids have a partition.
    pub partitioned: bool,
}

/// How a database is spread.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Cluster {
    /// Shards.
    pub q: Option<u64>,
    /// Copies.
    pub n: Option<u64>,
}

/// How a database is to be made; `None` leaves it to the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CreateOptions {
    /// Shards.
    pub q: Option<u64>,
    /// Copies.
    pub n: Option<u64>,
    /// Ids have a partition.
    pub partitioned: bool,
}

/// A setting of a database that is one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Revisions whose ids are kept (`_revs_limit`).
    Revisions,
    /// Purges that are remembered (`_purged_infos_limit`).
    Purges,
    /// Old tombstones are dropped by themselves (`_auto_purge`).
    AutoPurge,
}

impl Limit {
    /// The name it has below the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Revisions => "_revs_limit",
            Self::Purges => "_purged_infos_limit",
            Self::AutoPurge => "_auto_purge",
        }
    }
}

impl Database {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its server.
    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// How it is called in messages.
    pub(crate) fn subject(&self) -> String {
        format!("The database {}", self.name)
    }

    /// How something in it is called in messages.
    pub(crate) fn part(&self, what: &str) -> String {
        format!("{}/{what}", self.name)
    }

    /// The same database, whose calls end when `cancel` is set.
    #[must_use]
    pub(crate) fn with_cancel(&self, cancel: &backstay_source::Cancel) -> Self {
        Self {
            server: self.server.with_cancel(cancel),
            name: self.name.clone(),
        }
    }

    /// What the server says about it.
    ///
    /// # Errors
    /// [`Refusal::NoDatabase`] when there is none, or why it cannot be read.
    pub(crate) fn info(&self) -> Result<DatabaseInfo> {
        let (_, body) = self
            .server
            .http
            .read(Request::get([&self.name]), SMALL)
            .map_err(|error| self.failed(error))?;
        let bad = |error: serde_json::Error| CouchError::BadAnswer {
            subject: self.subject(),
            reason: error.to_string(),
        };
        let mut info: DatabaseInfo = serde_json::from_slice(&body).map_err(bad)?;
        info.raw = Some(raw(&self.subject(), &body)?);
        Ok(info)
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// When that cannot be told.
    pub(crate) fn exists(&self) -> Result<bool> {
        match self.info() {
            Ok(_) => Ok(true),
            Err(error) if error.refusal() == Some(Refusal::NoDatabase) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes it.
    ///
    /// # Errors
    /// [`Refusal::DatabaseExists`] when it is there, or why the server refused.
    pub(crate) fn create(&self, options: CreateOptions) -> Result<()> {
        let mut request = Request::put([&self.name]);
        if let Some(q) = options.q {
            request = request.query("q", q.to_string());
        }
        if let Some(n) = options.n {
            request = request.query("n", n.to_string());
        }
        if options.partitioned {
            request = request.query("partitioned", "true");
        }
        self.done(request, self.subject())
    }

    /// Removes it with everything in it.
    ///
    /// # Errors
    /// Why the server refused.
    pub(crate) fn delete(&self) -> Result<()> {
        self.done(Request::delete([&self.name]), self.subject())
    }

    /// Who may use it: its `_security` object.
    ///
    /// # Errors
    /// When it may not be seen, or the server has none.
    pub(crate) fn security(&self) -> Result<RawJson> {
        self.setting("_security")
    }

    /// Sets who may use it.
    ///
    /// # Errors
    /// Why the server refused.
    pub(crate) fn set_security(&self, security: &RawJson) -> Result<()> {
        let request = Request::put([&self.name, "_security"]).json_bytes(security.bytes());
        self.done(request, self.part("_security"))
    }

    /// A limit as JSON; `None` when the server knows no such limit.
    ///
    /// # Errors
    /// When it may not be seen.
    pub(crate) fn limit(&self, limit: Limit) -> Result<Option<RawJson>> {
        match self.setting(limit.name()) {
            Ok(value) => Ok(Some(value)),
            Err(error) => match error.refusal() {
                Some(Refusal::Missing | Refusal::Unknown | Refusal::BadRequest | Refusal::BadName | Refusal::Deleted) => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// Sets a limit.
    ///
    /// # Errors
    /// Why the server refused.
    pub(crate) fn set_limit(&self, limit: Limit, value: &RawJson) -> Result<()> {
        let request = Request::put([&self.name, limit.name()]).json_bytes(value.bytes());
        self.done(request, self.part(limit.name()))
    }

    fn setting(&self, name: &'static str) -> Result<RawJson> {
        let subject = self.part(name);
        let answer = self.server.http.read(Request::get([self.name.as_str(), name]), SMALL);
        let (_, body) = answer.map_err(|error| CouchError::about(&subject, error))?;
        raw(&subject, &body)
    }

    pub(super) fn done(&self, request: Request<'_>, subject: String) -> Result<()> {
        let answer = self.server.http.read(request, SMALL);
        answer.map(drop).map_err(|error| CouchError::about(subject, error))
    }

    pub(super) fn failed(&self, error: backstay_source_http::HttpError) -> CouchError {
        CouchError::about(self.subject(), error)
    }
}
