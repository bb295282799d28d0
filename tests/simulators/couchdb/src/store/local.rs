//! `_local` documents: no revisions to speak of, in no feed, replicated nowhere.

use super::database::State;
use super::incoming::Incoming;
use super::rev::Rev;
use crate::error::ApiError;
use crate::json;

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct LocalDoc {
    /// Counts the writes: its revision is `0-N`.
    pub(crate) version: u64,
    pub(crate) members: String,
}

impl LocalDoc {
    /// The whole document; `id` begins with `_local/`.
    pub(crate) fn render(&self, id: &str) -> String {
        let mut out = String::with_capacity(self.members.len() + id.len() + 32);
        out.push_str("{\"_id\":");
        json::push_string(&mut out, id);
        out.push_str(&format!(",\"_rev\":\"0-{}\"", self.version));
        if !self.members.is_empty() {
            out.push(',');
            out.push_str(&self.members);
        }
        out.push('}');
        out
    }
}

/// Writes, replaces or deletes one. CouchDB looks for no conflict here: the revision that is given is counted on from.
pub(crate) fn update(state: &mut State, doc: &Incoming) -> Result<Rev, ApiError> {
    let given: u64 = match doc.rev() {
        None => 0,
        Some(rev) if rev.pos == 0 => rev.id.parse().map_err(|_| ApiError::bad_request("Invalid rev format"))?,
        Some(_) => return Err(ApiError::bad_request("Invalid rev format")),
    };
    if doc.deleted {
        state.local.remove(&doc.id);
        return Ok(Rev { pos: 0, id: "0".into() });
    }
    let version = given + 1;
    state.local.insert(
        doc.id.clone(),
        LocalDoc {
            version,
            members: doc.members.clone(),
        },
    );
    Ok(Rev {
        pos: 0,
        id: version.to_string().into(),
    })
}
