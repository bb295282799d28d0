//! A request as connectors write it down: method, path in parts, query, headers, body.

use std::{io, io::Read, time::Duration};

use bytes::Bytes;
use reqwest::{
    Method,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde::Serialize;

use crate::{Body, HttpError, Result};

/// A request to a service. Paths are given in parts that may hold any letters (`["db", "a/b?"]`); they are encoded here.
#[derive(Debug)]
pub struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body<'a>,
    pub(crate) harmless: bool,
    pub(crate) silence: Option<Duration>,
    pub(crate) once: bool,
}

impl Request<'_> {
    /// A request. GET, HEAD, PUT, DELETE and OPTIONS may be repeated (RFC 9110, section 9.2.2); POST only when
    /// [`Request::harmless`] says so.
    pub fn new<P: AsRef<str>>(method: Method, path: impl IntoIterator<Item = P>) -> Self {
        Self {
            harmless: method.is_idempotent(),
            method,
            path: path.into_iter().map(|part| part.as_ref().to_owned()).collect(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: Body::Empty,
            silence: None,
            once: false,
        }
    }

    /// Reads `path`.
    pub fn get<P: AsRef<str>>(path: impl IntoIterator<Item = P>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Sends to `path`.
    pub fn post<P: AsRef<str>>(path: impl IntoIterator<Item = P>) -> Self {
        Self::new(Method::POST, path)
    }

    /// Writes `path`.
    pub fn put<P: AsRef<str>>(path: impl IntoIterator<Item = P>) -> Self {
        Self::new(Method::PUT, path)
    }

    /// Removes `path`.
    pub fn delete<P: AsRef<str>>(path: impl IntoIterator<Item = P>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Adds a parameter to the query.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a parameter whose value is JSON.
    ///
    /// # Errors
    /// When `value` cannot be JSON.
    pub fn query_json<T: Serialize + ?Sized>(self, name: &str, value: &T) -> Result<Self> {
        let value = serde_json::to_string(value).map_err(|error| HttpError::Sending {
            place: name.to_owned(),
            error: error.into(),
        })?;
        Ok(self.query(name, value))
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Says what answers are understood.
    #[must_use]
    pub fn accept(self, media_type: &'static str) -> Self {
        self.header(ACCEPT, HeaderValue::from_static(media_type))
    }

    /// Sends `value` as JSON.
    ///
    /// # Errors
    /// When `value` cannot be JSON.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Result<Self> {
        let bytes = serde_json::to_vec(value).map_err(|error| HttpError::Sending {
            place: "the service".to_owned(),
            error: error.into(),
        })?;
        Ok(self.json_bytes(bytes))
    }

    /// Sends bytes that are JSON already.
    #[must_use]
    pub fn json_bytes(self, bytes: impl Into<Bytes>) -> Self {
        self.bytes(HeaderValue::from_static("application/json"), bytes)
    }

    /// Sends bytes.
    #[must_use]
    pub fn bytes(mut self, media_type: HeaderValue, bytes: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, media_type);
        self.body = Body::Bytes(bytes.into());
        self
    }

    /// Sends a stream. `open` is called for every try; `length` is sent as `Content-Length`, and the stream must keep to it.
    #[must_use]
    pub fn stream<'b>(
        self,
        media_type: HeaderValue,
        length: Option<u64>,
        open: impl FnMut() -> io::Result<Box<dyn Read + 'b>> + 'b,
    ) -> Request<'b> {
        let mut request = Request {
            method: self.method,
            path: self.path,
            query: self.query,
            headers: self.headers,
            body: Body::Stream {
                length,
                open: Box::new(open),
            },
            harmless: self.harmless,
            silence: self.silence,
            once: self.once,
        };
        request.headers.insert(CONTENT_TYPE, media_type);
        request
    }

    /// Sends a stream that can be read only once, so that the request is never repeated.
    #[must_use]
    pub fn stream_once<'b>(self, media_type: HeaderValue, length: Option<u64>, content: impl Read + 'b) -> Request<'b> {
        let mut content = Some(content);
        let mut request = self.stream(media_type, length, move || match content.take() {
            Some(content) => Ok(Box::new(content) as Box<dyn Read + 'b>),
            None => Err(io::Error::other("it can be read only once")),
        });
        request.once = true;
        request
    }

    /// Repeating it does no harm even when the service carried it out already.
    #[must_use]
    pub fn harmless(mut self) -> Self {
        self.harmless = true;
        self
    }

    /// Repeating it does harm once the service carried it out: only a request that surely was not is repeated.
    #[must_use]
    pub fn repeated_only_if_refused(mut self) -> Self {
        self.harmless = false;
        self
    }

    /// How long the service may say nothing; for feeds that wait.
    #[must_use]
    pub fn silence(mut self, most: Duration) -> Self {
        self.silence = Some(most);
        self
    }

    /// Never tries again by itself.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// Method and path, without the query, which may hold what nobody else should see.
    #[must_use]
    pub fn asked(&self) -> String {
        format!("{} /{}", self.method, self.path.join("/"))
    }
}
