//! One request, taken apart: path, query, headers, body, who asks.

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::arriving::Arriving;
use crate::counters::Cell;
use crate::error::ApiError;
use crate::faults::Twist;

/// The query of an address, in its order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(pub(crate) Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (unquote(name), unquote(value))
                })
                .collect(),
        )
    }

    /// The last value of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// The value of `name` as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        serde_json::from_str(text)
            .map(Some)
            .map_err(|_| ApiError::bad_request("invalid UTF-8 JSON"))
    }

    /// The value of `name` as a number that is not negative.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let parsed = text.parse().map(Some);
        parsed.map_err(|_| ApiError::query_parse(format!("Invalid value for integer parameter: \"{text}\"")))
    }
}

/// Decodes `%20` and, as CouchDB does by default, `+`.
fn unquote(text: &str) -> String {
    let text: Cow<'_, str> = if text.contains('+') {
        text.replace('+', " ").into()
    } else {
        text.into()
    };
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

/// The parts of a path, decoded.
pub(crate) fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(unquote).collect()
}

/// Who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: Option<String>,
    pub(crate) roles: Vec<String>,
    /// The handler that knew them.
    pub(crate) handler: Option<&'static str>,
}

impl User {
    pub(crate) fn is_server_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "_admin")
    }
}

/// One request.
pub(crate) struct Request {
    /// HEAD counts as GET.
    pub(crate) method: Method,
    pub(crate) segments: Vec<String>,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) user: User,
    /// What faults make of the answer.
    pub(crate) twist: Twist,
    /// Largest body in bytes.
    pub(crate) limit: u64,
    body: Option<Arriving>,
}

impl Request {
    /// Takes a request apart.
    pub(crate) fn new(request: hyper::Request<Incoming>, limit: u64, cell: Arc<Cell>) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            method: if parts.method == Method::HEAD {
                Method::GET
            } else {
                parts.method
            },
            segments: segments(parts.uri.path()),
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            headers: parts.headers,
            user: User::default(),
            twist: Twist::default(),
            limit,
            body: Some(Arriving::new(body, cell)),
        }
    }

    /// The path as clients see it, decoded.
    pub(crate) fn path(&self) -> String {
        format!("/{}", self.segments.join("/"))
    }

    pub(crate) fn header(&self, name: impl AsHeader) -> Option<&str> {
        name.of(&self.headers)?.to_str().ok()
    }

    /// Whether the client takes answers of this type. Without a word of it, it takes all.
    pub(crate) fn accepts(&self, kind: &str) -> bool {
        let Some(accept) = self.header("accept") else { return true };
        let (group, _) = kind.split_once('/').unwrap_or((kind, ""));
        accept.split(',').any(|one| {
            let one = one.split(';').next().unwrap_or_default().trim();
            one == kind || one == "*/*" || one.strip_suffix("/*") == Some(group)
        })
    }

    /// The body as it comes.
    pub(crate) fn take_body(&mut self) -> Result<Arriving, ApiError> {
        self.body
            .take()
            .ok_or_else(|| ApiError::bad_request("The body was read already"))
    }

    /// The whole body, decompressed where the client says so.
    pub(crate) async fn bytes(&mut self) -> Result<Bytes, ApiError> {
        let too_large = || ApiError::too_large("too_large", "the request entity is too large");
        let mut body = self.take_body()?;
        if body.announced() > self.limit {
            return Err(too_large());
        }
        let mut first: Option<Bytes> = None;
        let mut all: Vec<u8> = Vec::new();
        while let Some(data) = body.next().await? {
            let so_far = first.as_ref().map_or(0, Bytes::len) + all.len();
            if (so_far + data.len()) as u64 > self.limit {
                return Err(too_large());
            }
            // One piece is passed on as it is.
            if first.is_none() && all.is_empty() {
                first = Some(data);
            } else {
                if let Some(first) = first.take() {
                    all.extend_from_slice(&first);
                }
                all.extend_from_slice(&data);
            }
        }
        let bytes = first.unwrap_or_else(|| all.into());
        match self.header("content-encoding") {
            None | Some("identity" | "") => Ok(bytes),
            Some("gzip") => {
                let mut out = Vec::new();
                let read = flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut out);
                read.map_err(|_| ApiError::bad_request("Body is not valid gzip"))?;
                Ok(out.into())
            }
            Some(_) => Err(ApiError::new(
                415,
                "bad_ctype",
                "Only gzip and identity content-encodings are supported",
            )),
        }
    }

    /// The whole body as text.
    pub(crate) async fn text(&mut self) -> Result<Text, ApiError> {
        let bytes = self.bytes().await?;
        std::str::from_utf8(&bytes).map_err(|_| ApiError::invalid_json())?;
        Ok(Text(bytes))
    }

    /// Demands JSON by its type.
    pub(crate) fn wants_json(&self) -> Result<(), ApiError> {
        self.wants("application/json")
    }

    pub(crate) fn wants(&self, kind: &str) -> Result<(), ApiError> {
        let given = self.header("content-type").unwrap_or_default();
        if given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(kind) {
            return Ok(());
        }
        Err(ApiError::new(415, "bad_content_type", format!("Content-Type must be {kind}")))
    }

    pub(crate) fn host(&self) -> &str {
        self.header("host").unwrap_or("localhost")
    }
}

/// A body that is known to be text.
pub(crate) struct Text(Bytes);

impl Text {
    pub(crate) fn as_str(&self) -> &str {
        // Checked when it was made.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A name of a header.
pub(crate) trait AsHeader {
    fn of(self, headers: &HeaderMap) -> Option<&HeaderValue>;
}

impl AsHeader for &str {
    fn of(self, headers: &HeaderMap) -> Option<&HeaderValue> {
        headers.get(self)
    }
}

impl AsHeader for HeaderName {
    fn of(self, headers: &HeaderMap) -> Option<&HeaderValue> {
        headers.get(self)
    }
}
