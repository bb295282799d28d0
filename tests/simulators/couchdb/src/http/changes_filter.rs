//! Filters of the changes feed that need no program: ids, a selector, design documents.

use std::collections::HashSet;

use super::request::Query;
use super::selector::Selector;
use crate::error::ApiError;
use crate::json::Members;
use crate::store::database::Database;
use crate::store::document::Document;
use crate::store::render::{View, push_document};

/// Which documents pass.
#[derive(Debug)]
pub(crate) enum Filter {
    All,
    Ids(HashSet<String>),
    Design,
    Selector(Selector),
}

impl Filter {
    /// Reads `filter` and what belongs to it.
    pub(crate) fn parse(database: &Database, query: &Query, body: Option<&str>) -> Result<Self, ApiError> {
        let members = body.map(Members::parse).transpose()?;
        match query.get("filter") {
            // Ids in a body count without the filter's name, too: clients of old do so.
            None => Ok(Self::All),
            Some("_design") => Ok(Self::Design),
            Some("_doc_ids") => {
                let given = members.as_ref().and_then(|members| members.read("doc_ids"));
                let ids: Option<Vec<String>> = match given {
                    Some(ids) => Some(ids),
                    None => query.json("doc_ids")?,
                };
                let ids = ids.ok_or_else(|| ApiError::bad_request("`doc_ids` filter parameter is not a list."))?;
                Ok(Self::Ids(ids.into_iter().collect()))
            }
            Some("_selector") => {
                let raw = members.as_ref().and_then(|members| members.get("selector"));
                let raw = raw.ok_or_else(|| ApiError::bad_request("Selector must be specified in POST payload"))?;
                Ok(Self::Selector(Selector::parse(raw)?))
            }
            Some("_view") => Err(no_programs()),
            Some(name) => {
                let (ddoc, function) = name
                    .split_once('/')
                    .ok_or_else(|| ApiError::bad_request("filter parameter must be of the form `designname/filtername`"))?;
                let id = format!("_design/{ddoc}");
                let there = database.read(|state| state.docs.get(id.as_str()).is_some_and(|doc| !doc.tree.is_deleted()));
                if !there {
                    return Err(ApiError::missing());
                }
                let _ = function;
                Err(no_programs())
            }
        }
    }

    pub(crate) fn passes(&self, doc: &Document, winner: usize) -> bool {
        match self {
            Self::All => true,
            Self::Ids(ids) => ids.contains(&*doc.id),
            Self::Design => doc.id.starts_with("_design/"),
            Self::Selector(selector) => {
                let mut whole = String::new();
                let pushed = push_document(&mut whole, doc, winner, &View::default(), false);
                pushed.is_ok() && serde_json::from_str(&whole).is_ok_and(|value| selector.matches(&value))
            }
        }
    }
}

fn no_programs() -> ApiError {
    ApiError::new(501, "not_implemented", "this feature is not yet implemented")
}
