//! Revisions: a generation and a text, ordered as CouchDB orders them.

use std::fmt;
use std::sync::Arc;

use crate::error::ApiError;

/// One revision, `generation-text`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rev {
    /// The generation: how many edits lead to it.
    pub pos: u64,
    /// The part after the dash; a digest in hexadecimal where CouchDB made it.
    pub id: Arc<str>,
}

impl Rev {
    /// Reads `3-abc`. What looks like a digest (32 characters) must be one.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let invalid = || ApiError::bad_request("Invalid rev format");
        let (pos, id) = text.split_once('-').ok_or_else(invalid)?;
        let pos: u64 = pos.parse().map_err(|_| invalid())?;
        Ok(Self {
            pos,
            id: parse_id(id).ok_or_else(invalid)?,
        })
    }
}

/// The text of a revision; nothing when it has the length of a digest and is none.
pub(crate) fn parse_id(id: &str) -> Option<Arc<str>> {
    if id.len() != 32 {
        return Some(id.into());
    }
    if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some(id.to_ascii_lowercase().into())
}

impl fmt::Display for Rev {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.pos, self.id)
    }
}
