//! Purging: revisions vanish without a trace in the changes feed; only `purge_seq` and the counts tell.

use std::sync::Arc;

use super::database::State;
use super::edit;
use super::rev::Rev;

/// Purges leaves of one document. Tells which went.
pub(crate) fn purge(state: &mut State, id: &str, revs: &[Rev]) -> Vec<Rev> {
    state.purge_seq += 1;
    state.purged.push_back((id.to_owned(), revs.to_vec()));
    while state.purged.len() as u64 > state.purged_infos_limit {
        state.purged.pop_front();
    }
    let Some(doc) = state.docs.get_mut(id) else {
        return Vec::new();
    };
    let was = doc.tree.is_deleted();
    let gone = doc.tree.purge(revs);
    if gone.is_empty() {
        return gone;
    }
    let (key, seq, empty) = (Arc::clone(&doc.id), doc.seq, doc.tree.is_empty());
    if empty {
        state.by_seq.remove(&seq);
        state.docs.remove(&key);
        state.recount(Some(was), None);
        // The sequence goes on, though no row of the feed shows it.
        state.seq += 1;
    } else {
        state.moved(&key, Some(was));
    }
    edit::refresh_validator(state, &key);
    gone
}
