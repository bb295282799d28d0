//! What the server refuses, with CouchDB's own words: clients decide on `error` and people read `reason`.

use std::borrow::Cow;

use crate::json;

/// A refusal: status, `error` and `reason` of the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {error}: {reason}")]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) error: Cow<'static, str>,
    pub(crate) reason: Cow<'static, str>,
    /// Further members of the answer, as JSON text beginning with a comma.
    pub(crate) more: String,
    /// Methods a 405 names.
    pub(crate) allow: Option<&'static str>,
}

impl ApiError {
    pub(crate) fn new(status: u16, error: impl Into<Cow<'static, str>>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            error: error.into(),
            reason: reason.into(),
            more: String::new(),
            allow: None,
        }
    }

    pub(crate) fn bad_request(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "bad_request", reason)
    }

    pub(crate) fn invalid_json() -> Self {
        Self::bad_request("invalid UTF-8 JSON")
    }

    pub(crate) fn query_parse(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "query_parse_error", reason)
    }

    pub(crate) fn doc_validation(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "doc_validation", reason)
    }

    pub(crate) fn illegal_id(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "illegal_docid", reason)
    }

    pub(crate) fn unauthorized(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(401, "unauthorized", reason)
    }

    pub(crate) fn forbidden(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(403, "forbidden", reason)
    }

    pub(crate) fn missing() -> Self {
        Self::not_found("missing")
    }

    pub(crate) fn deleted() -> Self {
        Self::not_found("deleted")
    }

    pub(crate) fn not_found(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(404, "not_found", reason)
    }

    pub(crate) fn no_database() -> Self {
        Self::not_found("Database does not exist.")
    }

    pub(crate) fn method(allow: &'static str) -> Self {
        let mut error = Self::new(405, "method_not_allowed", format!("Only {allow} allowed"));
        error.allow = Some(allow);
        error
    }

    pub(crate) fn conflict() -> Self {
        Self::new(409, "conflict", "Document update conflict.")
    }

    pub(crate) fn missing_stub(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(412, "missing_stub", reason)
    }

    pub(crate) fn too_large(what: &'static str, name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(413, what, name)
    }

    /// The members `error` and `reason` without braces.
    pub(crate) fn members(&self) -> String {
        let mut out = String::from("\"error\":");
        json::push_string(&mut out, &self.error);
        out.push_str(",\"reason\":");
        json::push_string(&mut out, &self.reason);
        out
    }

    /// The whole answer.
    pub(crate) fn body(&self) -> String {
        format!("{{{}{}}}\n", self.members(), self.more)
    }
}
