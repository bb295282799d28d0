//! What can go wrong between Backstay and a server, as facts, and what a server's refusal means.

use backstay_model::ErrorKind;
use backstay_source::SourceError;
use backstay_source_http::HttpError;
use serde::Deserialize;

/// What every call of the client gives.
pub(crate) type Result<T, E = CouchError> = std::result::Result<T, E>;

/// A call that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CouchError {
    /// A setting makes no sense.
    #[error("The setting {option} {problem}")]
    Setting {
        /// Its name.
        option: &'static str,
        /// What is wrong, as the rest of a sentence.
        problem: String,
        /// What to do.
        hint: &'static str,
    },
    /// No answer, or one that has nothing to do with CouchDB.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server refused.
    #[error("{subject} {}", .refusal.said(.status, .reason))]
    Refused {
        /// What it is about: a database, a document.
        subject: String,
        /// What the refusal means.
        refusal: Refusal,
        /// The HTTP status; the same number for errors within an answer.
        status: u16,
        /// The server's words.
        reason: String,
        /// The last failure below, when it came over HTTP by itself.
        http: Option<Box<HttpError>>,
    },
    /// The server is something else than a CouchDB.
    #[error("{place} is no CouchDB server: {found}")]
    NoCouch {
        /// The address.
        place: String,
        /// What is there.
        found: &'static str,
    },
    /// The server tells its databases to administrators only.
    #[error("{subject} is shown to administrators only")]
    NoList {
        /// The list.
        subject: String,
    },
    /// An answer that is not what CouchDB answers.
    #[error("{subject} cannot be understood: {reason}")]
    BadAnswer {
        /// What it is about.
        subject: String,
        /// Why.
        reason: String,
    },
    /// The server gave up in the middle of an answer.
    #[error("{subject} broke off: {reason}")]
    Stopped {
        /// What it is about.
        subject: String,
        /// The server's words.
        reason: String,
    },
    /// One value of an answer is larger than what may be held in memory.
    #[error("{subject} is larger than {limit} bytes")]
    TooLarge {
        /// What it is about.
        subject: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// An attachment is not what the document says it is.
    #[error("{subject} has the digest {found}, its document says {expected}")]
    Digest {
        /// The attachment.
        subject: String,
        /// The document's digest.
        expected: String,
        /// The content's digest.
        found: String,
    },
    /// A server cannot replicate by itself, or failed to.
    #[error("{place} did not replicate: {reason}")]
    NoReplicator {
        /// The server.
        place: String,
        /// Why, in its words.
        reason: String,
    },
    /// Whoever takes what is read failed.
    #[error(transparent)]
    Taker(SourceError),
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Refusal {
    /// Who asks is unknown (401).
    Unauthorized,
    /// Who asks may not (403), or a validation function does not want the document.
    Forbidden,
    /// There is no such database.
    NoDatabase,
    /// There is no such document, revision or attachment.
    Missing,
    /// The document is deleted.
    Deleted,
    /// The document changed meanwhile (409).
    Conflict,
    /// The database is there already (412).
    DatabaseExists,
    /// A revision refers to an attachment the server does not have (412).
    MissingStub,
    /// A document, attachment or request is larger than the server takes (413).
    TooLarge,
    /// Too many requests (429).
    Busy,
    /// A name or id the server does not take.
    BadName,
    /// The server does not know the request (404 without a document in question, 405, 501).
    Unknown,
    /// The request makes no sense to the server (400, 406, 415, …).
    BadRequest,
    /// No space, or a quota is used up (402, 507).
    Full,
    /// The server failed (5xx).
    Failed,
}

/// The body of a refusal.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Said {
    /// Its code.
    #[serde(default)]
    pub error: String,
    /// Its words.
    #[serde(default, deserialize_with = "words")]
    pub reason: String,
}

/// Reasons are texts, but validation functions may throw anything.
fn words<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    })
}

/// What CouchDB calls a bad request about cookies and tokens that are no good.
const CREDENTIALS: &[&str] = &[
    "AuthSession",
    "HMAC",
    "signature",
    "Malformed token",
    "Public key",
    "header parameter",
];

impl Refusal {
    /// What a status and CouchDB's own words mean. Names are of CouchDB 3 and PouchDB Server.
    pub(crate) fn of(status: u16, said: &Said) -> Self {
        match (status, said.error.as_str(), said.reason.as_str()) {
            (401, ..) | (_, "unauthorized", _) => Self::Unauthorized,
            (400, "bad_request", reason) if CREDENTIALS.iter().any(|word| reason.contains(word)) => Self::Unauthorized,
            (_, _, "no_db_file" | "Database does not exist.") => Self::NoDatabase,
            (_, "illegal_database_name" | "illegal_docid" | "bad_attachment_name", _) => Self::BadName,
            (_, "missing_stub", _) => Self::MissingStub,
            (_, "file_exists", _) => Self::DatabaseExists,
            (413, ..) | (_, "document_too_large" | "request_entity_too_large" | "too_large" | "attachment_too_large", _) => {
                Self::TooLarge
            }
            (404, _, "deleted") => Self::Deleted,
            (404, "not_found", "missing") => Self::Missing,
            (404, "not_found", reason) if reason.contains("missing attachment") => Self::Missing,
            (409, ..) | (_, "conflict", _) => Self::Conflict,
            (403, ..) | (_, "forbidden", _) => Self::Forbidden,
            (404 | 405 | 501, ..) => Self::Unknown,
            (412, ..) => Self::Conflict,
            (429, ..) => Self::Busy,
            (402 | 507, ..) => Self::Full,
            (400..=499, ..) => Self::BadRequest,
            _ => Self::Failed,
        }
    }

    /// The class.
    pub(crate) fn kind(self) -> ErrorKind {
        match self {
            Self::Unauthorized | Self::Forbidden => ErrorKind::Auth,
            Self::NoDatabase | Self::Missing | Self::Deleted => ErrorKind::NotFound,
            Self::Conflict => ErrorKind::Changed,
            Self::DatabaseExists => ErrorKind::Refused,
            Self::MissingStub | Self::BadRequest => ErrorKind::Io,
            Self::TooLarge | Self::Busy => ErrorKind::Limit,
            Self::BadName | Self::Unknown => ErrorKind::Unsupported,
            Self::Full => ErrorKind::Full,
            Self::Failed => ErrorKind::Unreachable,
        }
    }

    /// The rest of a sentence that begins with the subject.
    fn said(self, status: &u16, reason: &str) -> String {
        let words = match self {
            Self::Unauthorized => "needs other credentials",
            Self::Forbidden => "is forbidden for this user",
            Self::NoDatabase => return "does not exist".to_owned(),
            Self::Missing => return "is not there".to_owned(),
            Self::Deleted => return "is deleted".to_owned(),
            Self::Conflict => return "was changed meanwhile".to_owned(),
            Self::DatabaseExists => return "exists already".to_owned(),
            Self::MissingStub => "refers to an attachment the server does not have",
            Self::TooLarge => "is larger than the server takes",
            Self::Busy => "is asked for too often",
            Self::BadName => "has a name the server does not take",
            Self::Unknown => "is nothing this server knows",
            Self::BadRequest => "was refused",
            Self::Full => "finds no space left",
            Self::Failed => "made the server fail",
        };
        if reason.is_empty() {
            format!("{words} ({status})")
        } else {
            format!("{words} ({status}: {reason})")
        }
    }

    fn hint(self) -> Option<&'static str> {
        Some(match self {
            Self::Unauthorized => "Check user, password or token in the source's settings.",
            Self::Forbidden => {
                "Ask an administrator to make the user a member (or, for design documents and settings, an administrator) of the database; a validation function of the database may also stand in the way."
            }
            Self::NoDatabase => "Check the name, or whether the database was deleted.",
            Self::MissingStub => "The revision has to be written with its attachments.",
            Self::TooLarge => {
                "Raise the server's limit (couchdb/max_document_size, couchdb/max_attachment_size, chttpd/max_http_request_size)."
            }
            Self::Busy => "Set a lower rate in the source's settings.",
            Self::BadName => {
                "Names of databases begin with a lower-case letter and have a-z, 0-9, _ $ ( ) + - and / in them; in a partitioned database ids have the form partition:id."
            }
            Self::Full => "Make room on the server, or raise its quota.",
            Self::Failed => "Look into the server's log.",
            _ => return None,
        })
    }
}

impl CouchError {
    /// A failure about `subject`: a refusal in CouchDB's words where it is one.
    pub(crate) fn about(subject: impl Into<String>, error: HttpError) -> Self {
        let Some((status, said)) = error.refusal() else {
            return Self::Http(error);
        };
        let said: Said = serde_json::from_slice(said).unwrap_or_default();
        Self::Refused {
            subject: subject.into(),
            refusal: Refusal::of(status, &said),
            status,
            reason: one_line(if said.reason.is_empty() { &said.error } else { &said.reason }),
            http: Some(Box::new(error)),
        }
    }

    /// A refusal that stands within an answer, about one document of many.
    pub(crate) fn within(subject: impl Into<String>, said: &Said) -> Self {
        let status = match said.error.as_str() {
            "unauthorized" => 401,
            "forbidden" => 403,
            "not_found" => 404,
            "conflict" => 409,
            "missing_stub" => 412,
            "document_too_large" | "too_large" | "request_entity_too_large" | "attachment_too_large" => 413,
            "bad_request" | "doc_validation" | "illegal_docid" => 400,
            _ => 500,
        };
        Self::Refused {
            subject: subject.into(),
            refusal: Refusal::of(status, said),
            status,
            reason: one_line(if said.reason.is_empty() { &said.error } else { &said.reason }),
            http: None,
        }
    }

    /// What a refusal means, if it is one.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(*refusal),
            _ => None,
        }
    }

    /// The class.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Setting { .. } | Self::NoCouch { .. } => ErrorKind::Usage,
            Self::Http(error) => error.kind(),
            Self::Refused { refusal, .. } => refusal.kind(),
            Self::NoList { .. } => ErrorKind::Auth,
            Self::BadAnswer { .. } => ErrorKind::Io,
            Self::Stopped { .. } => ErrorKind::Unreachable,
            Self::TooLarge { .. } => ErrorKind::Limit,
            Self::Digest { .. } => ErrorKind::Damaged,
            Self::NoReplicator { .. } => ErrorKind::Unsupported,
            Self::Taker(error) => error.kind,
        }
    }

    /// Whether the same request may work a moment later.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Http(error) => error.is_temporary(),
            Self::Refused { refusal, http, .. } => {
                matches!(refusal, Refusal::Busy | Refusal::Failed) && http.as_ref().is_none_or(|http| http.is_temporary())
            }
            Self::Stopped { .. } => true,
            _ => false,
        }
    }

    /// Whether the layer below tried again already, until it gave up.
    pub(crate) fn was_tried(&self) -> bool {
        let gave_up = |error: &HttpError| matches!(error, HttpError::GaveUp { .. });
        match self {
            Self::Http(error) => gave_up(error),
            Self::Refused { http, .. } => http.as_ref().is_some_and(|http| gave_up(http)),
            _ => false,
        }
    }

    fn predicate(&self) -> (String, String) {
        match self {
            Self::Setting { option, problem, .. } => (format!("The setting {option}"), problem.clone()),
            Self::Refused {
                subject,
                refusal,
                status,
                reason,
                ..
            } => (subject.clone(), refusal.said(status, reason)),
            Self::NoCouch { place, found } => (place.clone(), format!("is no CouchDB server: {found}")),
            Self::NoList { subject } => (subject.clone(), "is shown to administrators only".to_owned()),
            Self::BadAnswer { subject, reason } => (subject.clone(), format!("cannot be understood: {reason}")),
            Self::Stopped { subject, reason } => (subject.clone(), format!("broke off: {reason}")),
            Self::TooLarge { subject, limit } => (subject.clone(), format!("is larger than {limit} bytes")),
            Self::Digest {
                subject,
                expected,
                found,
            } => (
                subject.clone(),
                format!("has the digest {found}, its document says {expected}"),
            ),
            Self::NoReplicator { place, reason } => (place.clone(), format!("did not replicate: {reason}")),
            Self::Http(_) | Self::Taker(_) => (String::new(), String::new()),
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Setting { hint, .. } => Some(hint),
            Self::Refused { refusal, .. } => refusal.hint(),
            Self::NoCouch { .. } => {
                Some("Give the address of the server itself, without a database; databases have a setting of their own.")
            }
            Self::NoList { .. } => {
                Some("Name the databases in the settings, log in as an administrator, or have admin_only_all_dbs set to false.")
            }
            Self::NoReplicator { .. } => Some("Let Backstay replicate (--via here): that needs nothing of the server."),
            Self::Digest { .. } => Some("The attachment may be damaged on the server; compare with a replica."),
            _ => None,
        }
    }
}

impl From<CouchError> for SourceError {
    fn from(error: CouchError) -> Self {
        let error = match error {
            CouchError::Http(error) => return error.into(),
            CouchError::Taker(error) => return error,
            error => error,
        };
        let (subject, message) = error.predicate();
        let mut made = Self::new(error.kind(), subject, message);
        if let Some(hint) = error.hint() {
            made = made.hint(hint);
        }
        if error.is_temporary() {
            made = made.temporary(None);
        }
        made
    }
}

fn one_line(text: &str) -> String {
    let line: Vec<_> = text.split_whitespace().collect();
    line.join(" ").chars().filter(|c| !c.is_control()).take(300).collect()
}
