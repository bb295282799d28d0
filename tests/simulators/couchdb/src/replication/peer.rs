//! One end of a replication: any server with CouchDB's interface, spoken to over HTTP.

use std::sync::OnceLock;

use reqwest::{Client, Method};
use serde_json::Value;

/// Why a replication stopped.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum JobError {
    #[error("db_not_found: could not open {url}")]
    NoDatabase { url: String },
    #[error("unauthorized: unauthorized to access or create database {url}")]
    Unauthorized { url: String },
    #[error("{status}: {reason}")]
    Refused { status: u16, reason: String },
    #[error("econnrefused: {reason}")]
    Unreachable { reason: String },
    #[error("invalid_json: {reason}")]
    Garbled { reason: String },
}

/// A database somewhere.
#[derive(Clone)]
pub(super) struct Peer {
    /// Without credentials and without a slash at the end.
    pub(super) url: String,
    login: Option<(String, String)>,
    headers: Vec<(String, String)>,
}

/// What a database answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn json(&self) -> Result<Value, JobError> {
        serde_json::from_str(&self.text).map_err(|error| JobError::Garbled {
            reason: error.to_string(),
        })
    }

    /// The answer, if it is no refusal.
    pub(super) fn good(self) -> Result<Self, JobError> {
        if self.ok() {
            return Ok(self);
        }
        Err(JobError::Refused {
            status: self.status,
            reason: self.text.trim().to_owned(),
        })
    }
}

fn client() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT
        .get_or_init(|| {
            // Another part of the process may have chosen one already.
            let _ = rustls::crypto::ring::default_provider().install_default();
            Client::new()
        })
        .clone()
}

impl Peer {
    /// Reads `"http://user:password@host/db"` or `{"url", "headers", "auth"}`.
    pub(super) fn parse(value: &Value) -> Result<Self, String> {
        let text = value.as_str().or_else(|| value["url"].as_str());
        let text = text.ok_or("Missing replicator database")?;
        if !text.starts_with("http://") && !text.starts_with("https://") {
            return Err("local_endpoints_not_supported".to_owned());
        }
        let mut url = reqwest::Url::parse(text).map_err(|_| "endpoint has an invalid url".to_owned())?;
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let mut login =
            (!url.username().is_empty()).then(|| (decode(url.username()), decode(url.password().unwrap_or_default())));
        let basic = &value["auth"]["basic"];
        if let (Some(name), Some(password)) = (basic["username"].as_str(), basic["password"].as_str()) {
            login = Some((name.to_owned(), password.to_owned()));
        }
        // An address with a host takes both.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let headers = value["headers"].as_object().into_iter().flatten();
        Ok(Self {
            url: url.as_str().trim_end_matches('/').to_owned(),
            login,
            headers: headers
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect(),
        })
    }

    /// The address as it is shown: with a slash, and a password as stars.
    pub(super) fn shown(&self) -> String {
        let url = match (&self.login, self.url.split_once("://")) {
            (Some((name, _)), Some((scheme, rest))) => format!("{scheme}://{name}:*****@{rest}"),
            _ => self.url.clone(),
        };
        format!("{url}/")
    }

    pub(super) async fn send(&self, method: Method, path: &str, body: Option<String>) -> Result<Answer, JobError> {
        let unreachable = |error: reqwest::Error| JobError::Unreachable {
            reason: error.to_string(),
        };
        let mut request = client()
            .request(method, format!("{}{path}", self.url))
            .header("accept", "application/json");
        if let Some((name, password)) = &self.login {
            request = request.basic_auth(name, Some(password));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(unreachable)?;
        Ok(Answer { status, text })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Answer, JobError> {
        self.send(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: String) -> Result<Answer, JobError> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Makes sure the database is there.
    pub(super) async fn open(&self, create: bool) -> Result<(), JobError> {
        let url = || self.shown();
        match self.get("").await?.status {
            200 => Ok(()),
            404 if create => {
                let made = self.send(Method::PUT, "", None).await?;
                if made.ok() || made.status == 412 {
                    Ok(())
                } else {
                    Err(JobError::Unauthorized { url: url() })
                }
            }
            404 => Err(JobError::NoDatabase { url: url() }),
            401 | 403 => Err(JobError::Unauthorized { url: url() }),
            status => Err(JobError::Refused { status, reason: url() }),
        }
    }
}
