//! Documents as they are at the target: all leaves with their histories, some hundreds at a time.

use backstay_model::RawJson;
use backstay_source::SourceError;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::tree::{Branch, Tree};
use crate::{
    client::{self, Database},
    convert::Leaf,
    error::{CouchError, Refusal, Result},
};

/// Requests at a time.
const AT_ONCE: usize = 4;
/// Ids a request is worth making for.
const FEW: usize = 50;

/// A document at the target.
#[derive(Debug, Clone, Default)]
pub(crate) struct Live {
    /// Its revisions.
    pub tree: Tree,
    /// Its leaves, tombstones too, in any order.
    pub leaves: Vec<Leaf>,
}

impl Live {
    /// The document with these leaves.
    pub(crate) fn new(leaves: Vec<Leaf>) -> Self {
        Self {
            tree: Tree::new(leaves.iter().map(Branch::of).collect()),
            leaves,
        }
    }

    /// The leaf with this revision.
    pub(crate) fn leaf(&self, rev: &str) -> Option<&Leaf> {
        let is = |leaf: &&Leaf| leaf.rev.as_ref().is_some_and(|own| own.to_string() == rev);
        self.leaves.iter().find(is)
    }

    /// What a reader sees; `None` when it is deleted or never was.
    pub(crate) fn winner(&self) -> Option<&Leaf> {
        let winner = self.tree.winner().filter(|winner| !winner.deleted)?;
        self.leaf(winner.rev())
    }
}

/// Looks at documents; what concerns one alone stands in its place.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn look(database: &Database, ids: &[&str]) -> Result<Vec<Result<Live>>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // Servers that tell no `pending` (PouchDB Server) have a `_bulk_get` that gives winners alone.
    let whole = database.features()?.pending.there;
    let share = ids.len().div_ceil(AT_ONCE).max(if whole { FEW } else { 1 });
    std::thread::scope(|scope| {
        let asked: Vec<_> = ids
            .chunks(share)
            .map(|share| scope.spawn(move || if whole { many(database, share) } else { each(database, share) }))
            .collect();
        let mut found = Vec::with_capacity(ids.len());
        for asked in asked {
            let fault = |_| {
                CouchError::Taker(SourceError::new(
                    backstay_model::ErrorKind::Internal,
                    "a thread",
                    "ended early",
                ))
            };
            found.extend(asked.join().map_err(fault)??);
        }
        Ok(found)
    })
}

fn many(database: &Database, ids: &[&str]) -> Result<Vec<Result<Live>>> {
    let wanted: Vec<_> = ids.iter().map(|id| client::Wanted { id, revs: &[] }).collect();
    let mut found: Vec<Result<Live>> = ids.iter().map(|_| Ok(Live::default())).collect();
    database.fetch(&wanted, &mut |fetched| {
        let docs = fetched.leaves.map(|leaves| {
            leaves.into_iter().filter_map(|leaf| match leaf {
                client::Leaf::Doc(doc) => Some(doc),
                client::Leaf::Missing { .. } => None,
            })
        });
        found[fetched.index] = match docs {
            Ok(docs) => understood(database, &fetched.id, docs),
            Err(error) if gone(&error) => Ok(Live::default()),
            Err(error) => Err(error),
        };
        Ok(())
    })?;
    Ok(found)
}

fn gone(error: &CouchError) -> bool {
    matches!(error.refusal(), Some(Refusal::Missing | Refusal::Deleted | Refusal::Unknown))
}

fn understood(database: &Database, id: &str, docs: impl Iterator<Item = RawJson>) -> Result<Live> {
    let leaves: std::result::Result<Vec<_>, _> = docs.map(Leaf::parse).collect();
    let bad = |error: crate::convert::ConvertError| CouchError::BadAnswer {
        subject: database.part(id),
        reason: error.to_string(),
    };
    Ok(Live::new(leaves.map_err(bad)?))
}

fn each(database: &Database, ids: &[&str]) -> Result<Vec<Result<Live>>> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(match one(database, id) {
            Err(error) if error.refusal() == Some(Refusal::NoDatabase) => return Err(error),
            Err(error) if error.is_temporary() || error.kind() == backstay_model::ErrorKind::Cancelled => return Err(error),
            found => found,
        });
    }
    Ok(found)
}

/// One document by itself.
fn one(database: &Database, id: &str) -> Result<Live> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow, default)]
        ok: Option<&'a RawValue>,
    }
    let path: Vec<&str> = match id.strip_prefix("_design/") {
        Some(name) => vec![database.name(), "_design", name],
        None => vec![database.name(), id],
    };
    let answer = match database.server().json(&path, &[("open_revs", "all"), ("revs", "true")]) {
        Ok(answer) => answer,
        Err(error) if gone(&error) => return Ok(Live::default()),
        Err(error) => return Err(error),
    };
    let bad = |error: serde_json::Error| CouchError::BadAnswer {
        subject: database.part(id),
        reason: error.to_string(),
    };
    let answers: Vec<Answer<'_>> = serde_json::from_slice(answer.as_bytes()).map_err(bad)?;
    let docs: std::result::Result<Vec<_>, _> = answers
        .into_iter()
        .filter_map(|answer| answer.ok)
        .map(|ok| RawJson::parse(ok.get().as_bytes()))
        .collect();
    understood(database, id, docs.map_err(bad)?.into_iter())
}
