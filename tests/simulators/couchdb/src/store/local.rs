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

/// Writes, replaces or deletes one. The revision of a replaced one must fit, unless `any_rev`.
pub(crate) fn update(state: &mut State, doc: &Incoming, any_rev: bool) -> Result<Rev, ApiError> {
    let stored = state.local.get(&doc.id);
    let given: Option<u64> = match doc.rev() {
        Some(rev) if rev.pos == 0 => rev.id.parse().ok(),
        Some(_) => return Err(ApiError::bad_request("Invalid rev format")),
        None => None,
    };
    let fits = match (stored, given) {
        (Some(stored), Some(given)) => stored.version == given,
        (Some(_), None) => false,
        // A first write may name any revision: replicators do.
        (None, _) => true,
    };
    if !fits && !any_rev {
        return Err(ApiError::conflict());
    }
    let version = match stored {
        Some(stored) => stored.version + 1,
        None => given.map_or(1, |given| given + 1),
    };
    if doc.deleted {
        state.local.remove(&doc.id);
        return Ok(Rev { pos: 0, id: "0".into() });
    }
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
