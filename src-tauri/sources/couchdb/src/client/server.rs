//! A server: who it is, who asks, and which databases it has.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use backstay_model::RawJson;
use backstay_source::Cancel;
use backstay_source_http::{Client, HttpError, Observer, Request, Settings};
use bytes::Bytes;
use memchr::memchr2;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Database, Features, auth};
use crate::{
    config::CouchConfig,
    error::{CouchError, Refusal, Result},
};

/// Bytes of answers that have bounds: facts about servers and databases, pages of names.
pub(super) const SMALL: u64 = 64 << 20;
/// How long a server may be silent over what makes it work: queries without an index, many documents that are written.
pub(super) const SLOW: Duration = Duration::from_secs(300);
/// Names of databases that are asked for at once.
const NAMES: usize = 5_000;

/// A server, with somebody logged in. Clones are cheap and share connections, log-in and what is known about the server.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(super) http: Client,
    pub(super) features: Arc<Mutex<Option<Features>>>,
    /// It was asked for several documents at once and does not know how.
    pub(super) no_bulk_get: Arc<AtomicBool>,
}

/// What a server says about itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ServerInfo {
    /// Its greeting.
    pub couchdb: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What it is made of, in its words.
    pub features: Vec<String>,
    /// Who made it.
    pub vendor: Option<Vendor>,
    /// What tells it from others.
    pub uuid: Option<String>,
}

/// Who made a server.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Vendor {
    /// Name.
    pub name: Option<String>,
    /// The vendor's own version.
    pub version: Option<String>,
}

/// Who asks, as the server sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    /// The user; `None` for nobody in particular.
    pub name: Option<String>,
    /// The user's roles (`_admin`).
    pub roles: Vec<String>,
}

impl ServerInfo {
    /// The server's name and version, in its words.
    pub(crate) fn title(&self) -> String {
        let vendor = self.vendor.as_ref().and_then(|vendor| vendor.name.as_deref());
        let name = match vendor {
            Some(name) if !name.starts_with("The Apache") => name,
            _ => "CouchDB",
        };
        match &self.version {
            Some(version) => format!("{name} {version}"),
            None => name.to_owned(),
        }
    }
}

impl Server {
    /// The server of these settings. Nothing is sent yet.
    ///
    /// # Errors
    /// When the address or the certificates cannot be used.
    pub(crate) fn new(config: &CouchConfig) -> Result<Self> {
        let settings = Settings {
            authority: config.ca.clone(),
            rate: config.rate,
            ..Settings::default()
        };
        Self::with_settings(config, settings)
    }

    /// [`Server::new`] with other time limits and patience.
    pub(crate) fn with_settings(config: &CouchConfig, settings: Settings) -> Result<Self> {
        let login = auth::of(&config.login, &settings)?;
        Ok(Self {
            http: Client::new(&config.url, settings, login)?,
            features: Arc::default(),
            no_bulk_get: Arc::default(),
        })
    }

    /// The same server, whose calls end when `cancel` is set.
    #[must_use]
    pub(crate) fn with_cancel(&self, cancel: &Cancel) -> Self {
        Self {
            http: self.http.with_cancel(cancel),
            ..self.clone()
        }
    }

    /// The same server, which tells `observer` why it waits.
    #[must_use]
    pub(crate) fn with_observer(&self, observer: Arc<dyn Observer>) -> Self {
        Self {
            http: self.http.with_observer(observer),
            ..self.clone()
        }
    }

    /// The flag its calls look at.
    pub(crate) fn cancel(&self) -> &Cancel {
        self.http.cancel()
    }

    /// The address as it may be shown.
    pub(crate) fn place(&self) -> &str {
        self.http.place()
    }

    /// The client below, for calls that are not here.
    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    /// Who it is.
    ///
    /// # Errors
    /// When it cannot be reached, refuses, or is no CouchDB.
    pub(crate) fn info(&self) -> Result<ServerInfo> {
        let place = self.place();
        let no_couch = |found| CouchError::NoCouch {
            place: place.to_owned(),
            found,
        };
        let (_, body) = self
            .http
            .read(Request::get([""]), SMALL)
            .map_err(|error| CouchError::about(place, error))?;
        let answer: serde_json::Value =
            serde_json::from_slice(&body).map_err(|_| no_couch("it answers with something else than JSON"))?;
        if answer.get("db_name").is_some() {
            return Err(no_couch("it is the address of a database"));
        }
        if answer.get("couchdb").is_none() && answer.get("express-pouchdb").is_none() {
            return Err(no_couch("it does not greet like one"));
        }
        let known = serde_json::from_value(answer);
        known.map_err(|error| CouchError::BadAnswer {
            subject: place.to_owned(),
            reason: error.to_string(),
        })
    }

    /// Who asks, as the server sees it; `None` where the server has no log-in.
    ///
    /// # Errors
    /// When it cannot be reached, or takes the credentials for wrong.
    pub(crate) fn session(&self) -> Result<Option<Session>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "userCtx", default)]
            user: Option<User>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct User {
            name: Option<String>,
            roles: Vec<String>,
        }
        match self.get::<Answer>(&["_session"], self.place()) {
            Ok(answer) => Ok(answer.user.map(|user| Session {
                name: user.name,
                roles: user.roles,
            })),
            Err(error)
                if matches!(
                    error.refusal(),
                    Some(Refusal::Unknown | Refusal::NoDatabase | Refusal::Missing | Refusal::BadName)
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The names of all databases, in the server's order.
    ///
    /// # Errors
    /// When the server cannot be reached, or tells its databases to administrators only: what to do then.
    pub(crate) fn all_dbs(&self) -> Result<Vec<String>> {
        self.names_by(NAMES)
    }

    /// [`Server::all_dbs`] in pages of `size` names.
    pub(super) fn names_by(&self, size: usize) -> Result<Vec<String>> {
        let mut all: Vec<String> = Vec::new();
        loop {
            let mut request = Request::get(["_all_dbs"]).query("limit", size.to_string());
            if let Some(last) = all.last() {
                // The smallest name behind the last one.
                request = request.query_json("startkey", &format!("{last}\0"))?;
            }
            let page: Vec<String> = self.http.json(request, SMALL).map_err(|error| self.no_list(error))?;
            // More than was asked for: the server does not know the limit, and these are all.
            let full = page.len() == size;
            let fresh: Vec<_> = match all.last() {
                Some(last) => page.into_iter().filter(|name| name > last).collect(),
                None => page,
            };
            if fresh.is_empty() {
                return Ok(all);
            }
            all.extend(fresh);
            if !full {
                return Ok(all);
            }
        }
    }

    fn no_list(&self, error: HttpError) -> CouchError {
        match CouchError::about(format!("The list of databases of {}", self.place()), error) {
            CouchError::Refused {
                subject,
                refusal: Refusal::Unauthorized | Refusal::Forbidden,
                ..
            } => CouchError::NoList { subject },
            other => other,
        }
    }

    /// One of its databases, which need not be there.
    pub(crate) fn database(&self, name: &str) -> Database {
        Database {
            server: self.clone(),
            name: name.to_owned(),
        }
    }

    /// What it answers to a GET of `path`, as JSON.
    ///
    /// # Errors
    /// When it cannot be reached or refuses.
    pub(crate) fn json(&self, path: &[&str], query: &[(&str, &str)]) -> Result<RawJson> {
        let request = query
            .iter()
            .fold(Request::get(path), |request, (name, value)| request.query(name, *value));
        let subject = format!("{} /{}", self.place(), path.join("/"));
        let (_, body) = self
            .http
            .read(request, SMALL)
            .map_err(|error| CouchError::about(&subject, error))?;
        raw(&subject, &body)
    }

    pub(super) fn get<T: serde::de::DeserializeOwned>(&self, path: &[&str], subject: &str) -> Result<T> {
        let answer = self.http.json(Request::get(path), SMALL);
        answer.map_err(|error| CouchError::about(subject, error))
    }
}

/// An answer's bytes as JSON.
pub(super) fn raw(subject: &str, bytes: &[u8]) -> Result<RawJson> {
    RawJson::parse(bytes).map_err(|error| CouchError::BadAnswer {
        subject: subject.to_owned(),
        reason: error.to_string(),
    })
}

/// A value within an answer's bytes, which were understood as a whole already: shares their memory.
pub(super) fn part(bytes: &Bytes, value: &RawValue) -> Result<RawJson, serde_json::Error> {
    let text = value.get().as_bytes();
    if memchr2(b'\n', b'\r', text).is_some() {
        return RawJson::parse(text);
    }
    Ok(RawJson::trusted(bytes.slice_ref(text)))
}
