//! What a server can do, told by asking it and never by its version: Cloudant, PouchDB Server and what stands between differ in all of
//! it.

use backstay_model::RawJson;
use backstay_source_http::{Method, Request};
use serde::Deserialize;

use super::{
    Database,
    server::{SMALL, ServerInfo},
};
use crate::error::{CouchError, Refusal, Result};

/// Something a server may be able to do, and how that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Feature {
    /// It can.
    pub there: bool,
    /// What was asked and answered (`POST /db/_bulk_get: 200`).
    pub told_by: String,
}

/// What a server can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Features {
    /// Several documents with all revisions in one request.
    pub bulk_get: Feature,
    /// And that without naming the revisions.
    pub bulk_leaves: Feature,
    /// The changes feed says how many are still to come.
    pub pending: Feature,
    /// `_local` documents can be listed.
    pub local_docs: Feature,
    /// Documents with attachments as multipart/related.
    pub multipart: Feature,
    /// Revisions can be purged.
    pub purge: Feature,
    /// Facts about several databases in one request.
    pub dbs_info: Feature,
    /// Databases can be partitioned.
    pub partitioned: Feature,
    /// Databases have a `_security` object that can be read.
    pub security: Feature,
    /// Mango queries.
    pub find: Feature,
}

impl Database {
    /// What its server can do. Asked once for each [`super::Server`] and its clones; nothing is written.
    ///
    /// # Errors
    /// When the server cannot be reached, or the database not be read.
    pub(crate) fn features(&self) -> Result<Features> {
        if let Some(known) = self.server.features.lock().clone() {
            return Ok(known);
        }
        // Without the database nothing could be told.
        self.info()?;
        let server = self.server.info()?;
        let found = Features {
            // PouchDB Server never answers a question about no document.
            bulk_get: self.answers("POST", &["_bulk_get"], Some(r#"{"docs":[{"id":"backstay-asks"}]}"#))?,
            bulk_leaves: self.bulk_leaves()?,
            pending: self.pending()?,
            local_docs: self.answers("GET", &["_local_docs"], None)?,
            multipart: self.multipart()?,
            purge: self.answers("GET", &["_purged_infos_limit"], None)?,
            dbs_info: self.server_answers("_dbs_info", r#"{"keys":[]}"#)?,
            partitioned: partitioned(&server),
            security: self.answers("GET", &["_security"], None)?,
            find: self.answers("GET", &["_index"], None)?,
        };
        *self.server.features.lock() = Some(found.clone());
        Ok(found)
    }

    /// Whether a request below the database is answered. A permission that is missing shows that the server knows the request.
    fn answers(&self, method: &str, path: &[&str], body: Option<&str>) -> Result<Feature> {
        let name = [&[self.name()], path].concat();
        self.ask(method, &name, body)
    }

    fn server_answers(&self, path: &str, body: &str) -> Result<Feature> {
        self.ask("POST", &[path], Some(body))
    }

    fn ask(&self, method: &str, path: &[&str], body: Option<&str>) -> Result<Feature> {
        let verb = if method == "POST" { Method::POST } else { Method::GET };
        let mut request = Request::new(verb, path).harmless().once();
        if let Some(body) = body {
            request = request.json_bytes(body.to_owned());
        } else if path.contains(&"_local_docs") {
            request = request.query("limit", "1");
        }
        let asked = request.asked();
        let result = self.server.http.read(request, SMALL);
        match result {
            Ok((_, body)) => Ok(Feature {
                // Some servers answer what they do not know as if it were a document.
                there: RawJson::parse(&body).is_ok(),
                told_by: format!("{asked}: answered"),
            }),
            Err(error) => match error.refusal() {
                Some((status, _)) => {
                    let told = CouchError::about("", error);
                    Ok(Feature {
                        there: matches!(told.refusal(), Some(Refusal::Unauthorized | Refusal::Forbidden)),
                        told_by: format!("{asked}: {status}"),
                    })
                }
                None => Err(error.into()),
            },
        }
    }

    /// Asks for a document nobody has, without a revision. CouchDB says that it is not there; PouchDB Server, which gives the winner alone
    /// when no revision is named, says nothing.
    fn bulk_leaves(&self) -> Result<Feature> {
        let request = Request::post([self.name(), "_bulk_get"]).harmless().once();
        let request = request.json_bytes(r#"{"docs":[{"id":"backstay-asks"}]}"#);
        let asked = request.asked();
        let answer: Result<serde_json::Value, _> = self.server.http.json(request, SMALL);
        match answer {
            Ok(answer) => {
                let there =
                    answer.pointer("/results/0/docs/0/error").is_some() || answer.pointer("/results/0/docs/0/ok").is_some();
                Ok(Feature {
                    there,
                    told_by: format!("{asked}: {} what is not there", if there { "names" } else { "does not name" }),
                })
            }
            Err(error) => match error.refusal() {
                Some((status, _)) => Ok(Feature {
                    there: false,
                    told_by: format!("{asked}: {status}"),
                }),
                None => Err(error.into()),
            },
        }
    }

    fn pending(&self) -> Result<Feature> {
        #[derive(Deserialize)]
        struct Answer {
            pending: Option<serde_json::Number>,
        }
        let request = Request::get([self.name(), "_changes"])
            .query("limit", "1")
            .query("since", "now");
        let asked = request.asked();
        let answer: Answer = self
            .server
            .http
            .json(request, SMALL)
            .map_err(|error| CouchError::about(self.subject(), error))?;
        Ok(Feature {
            there: answer.pending.is_some(),
            told_by: format!(
                "{asked}: {} `pending`",
                if answer.pending.is_some() { "has" } else { "has no" }
            ),
        })
    }

    /// Asks for a revision nobody has as multipart/mixed: a server that reads and writes documents in parts answers in parts. Nothing in
    /// parts is sent to find out, because PouchDB Server ends at once when it is.
    fn multipart(&self) -> Result<Feature> {
        let request = Request::get([self.name(), "backstay-asks"])
            .query("open_revs", r#"["1-0"]"#)
            .accept("multipart/mixed")
            .once();
        let asked = request.asked();
        match self.server.http.open(request) {
            Ok(answer) => {
                let kind = answer.header("content-type").unwrap_or("nothing").to_owned();
                Ok(Feature {
                    there: kind.starts_with("multipart/"),
                    told_by: format!("{asked}: {}", kind.split(';').next().unwrap_or_default()),
                })
            }
            Err(error) => match error.refusal() {
                Some((status, _)) => Ok(Feature {
                    there: false,
                    told_by: format!("{asked}: {status}"),
                }),
                None => Err(error.into()),
            },
        }
    }
}

fn partitioned(server: &ServerInfo) -> Feature {
    Feature {
        there: server.features.iter().any(|feature| feature == "partitioned"),
        told_by: "GET /: `features`".to_owned(),
    }
}
