//! Which documents are replicated: judged by the source where it can, else here.

use std::collections::HashSet;

use backstay_source::Replication;
use serde_json::Value;

use crate::{
    client::{ChangeRow, ChangesQuery, Database, Only},
    error::{CouchError, Refusal, Result},
    select::Mango,
};

/// The id of a document nobody has: a filter that lets another one pass is none.
const NOBODY: &str = "backstay-asks-whether-filters-work-here-7f3a";

/// What is to be replicated.
pub(super) enum Filter {
    /// Everything.
    All,
    /// These documents; `here` where the source cannot tell them.
    Ids {
        ids: Vec<String>,
        here: Option<HashSet<String>>,
    },
    /// What a selector asks for; `here` where the source cannot judge it.
    Selector { selector: Value, here: Option<Mango> },
}

impl Filter {
    /// Understands the filter, and asks the source whether it can judge it.
    ///
    /// # Errors
    /// For a selector that is none, or when the source cannot be read.
    pub(super) fn of(what: &Replication, from: &Database) -> Result<Self> {
        let Some(text) = &what.selector else {
            return if what.ids.is_empty() {
                Ok(Self::All)
            } else {
                Self::of_ids(&what.ids, from)
            };
        };
        if !what.ids.is_empty() {
            return Err(CouchError::Setting {
                option: "selector",
                problem: "cannot be used together with chosen documents".to_owned(),
                hint: "Put the ids into the selector: {\"_id\": {\"$in\": [\"a\", \"b\"]}}.",
            });
        }
        let mango = Mango::parse(text).map_err(|error| CouchError::Taker(error.into()))?;
        let selector: Value = serde_json::from_str(text).unwrap_or_default();
        // PouchDB Server ends itself when it is asked for a filter it does not know, so that nobody may ask it. It does not tell
        // how many changes are to come either, which every server with this filter does.
        let works = from.features()?.pending.there && works(from, Only::Selector(&serde_json::json!({ "_id": NOBODY })))?;
        Ok(Self::Selector {
            selector,
            here: (!works).then_some(mango),
        })
    }

    fn of_ids(ids: &[String], from: &Database) -> Result<Self> {
        let works = works(from, Only::Ids(&[NOBODY.to_owned()]))?;
        Ok(Self::Ids {
            ids: ids.to_vec(),
            here: (!works).then(|| ids.iter().cloned().collect()),
        })
    }

    /// What the source is asked for.
    pub(super) fn only(&self) -> Only<'_> {
        match self {
            Self::Ids { ids, here: None } => Only::Ids(ids),
            Self::Selector { selector, here: None } => Only::Selector(selector),
            _ => Only::All,
        }
    }

    /// Whether a change may be of interest.
    pub(super) fn takes_row(&self, row: &ChangeRow) -> bool {
        match self {
            Self::Ids { here: Some(ids), .. } => ids.contains(&row.id),
            _ => true,
        }
    }

    /// Whether a leaf is wanted.
    pub(super) fn takes(&self, document: &[u8]) -> bool {
        match self {
            Self::Selector { here: Some(mango), .. } => serde_json::from_slice(document).is_ok_and(|value| mango.judges(&value)),
            _ => true,
        }
    }
}

/// Whether the source lets nothing pass that the filter does not want. One that does not know filters refuses, or gives everything.
fn works(from: &Database, only: Only<'_>) -> Result<bool> {
    let query = ChangesQuery {
        limit: Some(1),
        only,
        ..ChangesQuery::default()
    };
    let answer = from.changes(&query).and_then(|mut changes| changes.next().transpose());
    match answer {
        Ok(row) => Ok(row.is_none()),
        Err(error) => match error.refusal() {
            Some(Refusal::Unauthorized | Refusal::Forbidden | Refusal::NoDatabase | Refusal::Busy) => Err(error),
            Some(_) => Ok(false),
            None => Err(error),
        },
    }
}
