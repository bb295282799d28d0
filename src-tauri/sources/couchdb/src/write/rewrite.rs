//! One document gets a new revision on top of its winner, and all that should no longer live is deleted after that.

use backstay_model::Record;
use backstay_source::{RecordView, Result, SourceError};

use super::{
    carry::{Carry, Content, stream, tombstone},
    decide::Way,
    look::Live,
    meet::surely_holds,
    send::{Outgoing, again_when_in_doubt, send},
    tree::{Branch, Tree},
};
use crate::{client::Database, convert::Leaf, error::CouchError};

/// What becomes of a document.
pub(crate) struct Revised<'a> {
    /// Its database.
    pub database: &'a Database,
    /// Its id.
    pub id: &'a str,
    /// The document as it is.
    pub live: &'a Live,
    /// What the winner is to say.
    pub leaf: &'a Leaf,
    /// Living leaves that are to be deleted.
    pub gone: &'a [&'a Branch],
}

/// Writes it; gives the tree as it is then. `content` opens the attachments of the new revision.
///
/// # Errors
/// When somebody changed the document meanwhile, or why the server refused; no leaf was deleted unless the new revision stands.
pub(crate) fn rewrite(revised: &Revised<'_>, content: &dyn RecordView) -> Result<Tree> {
    let Revised { database, id, live, .. } = *revised;
    let Some(winner) = live.winner() else {
        return Err(SourceError::new(
            backstay_model::ErrorKind::NotFound,
            database.part(id),
            "is not there",
        ));
    };
    let own = Branch::of(winner);
    let mut after = live.tree.clone();
    let damaged = |error: crate::convert::ConvertError| SourceError::new(error.kind(), database.part(id), error.to_string());
    if !surely_holds(revised.leaf, winner).map_err(damaged)? {
        let rev = put(revised, winner, content)?;
        let path = [rev].into_iter().chain(own.path.iter().cloned()).collect();
        after = after.with(&Branch { path, deleted: false });
    }
    let landed = send(database, true, revised.gone.len(), |post| {
        for (number, gone) in revised.gone.iter().enumerate() {
            post.push(Outgoing {
                key: (0, number),
                id: id.to_owned(),
                doc: tombstone(id, gone.rev()),
                parent: Some(gone.rev().to_owned()),
            });
        }
    });
    for ((_, number), result) in landed {
        let rev = result.map_err(SourceError::from)?.unwrap_or_default();
        let path = [rev].into_iter().chain(revised.gone[number].path.iter().cloned()).collect();
        after = after.with(&Branch { path, deleted: true });
    }
    Ok(after)
}

fn put(revised: &Revised<'_>, winner: &Leaf, content: &dyn RecordView) -> Result<String> {
    let Revised { database, id, .. } = *revised;
    let rev = Branch::of(winner).rev().to_owned();
    let way = Way::Edit(Some(rev.clone()));
    let record = Record::new(id, revised.leaf.text.clone());
    let content = Content {
        view: content,
        collection: database.name(),
        record: &record,
    };
    let carry = Carry {
        leaf: revised.leaf,
        way: &way,
        id,
        parent: Some(winner),
        streams: database.features()?.multipart.there,
    };
    let carried = carry.pack(content)?;
    let sent = again_when_in_doubt(database, id, &carried.doc, Some(&rev), true, || {
        if carried.streams.is_empty() {
            return database.put(id, &carried.doc, true);
        }
        stream(database, id, &carried, content, true)
    });
    sent.map_err(CouchError::into)
}
