//! Keeping both: the backup's version under an id of its own beside the live document.

use backstay_model::{ErrorKind, Record};
use backstay_source::{Result, SourceError};

use super::{
    decide::{Way, What, Write},
    look::{Live, look},
    meet::surely_holds,
};
use crate::{
    client::Database,
    convert::{ConvertError, Document, Leaf},
};

/// Ids that are tried.
const TRIES: u32 = 100;

/// Where a version goes.
#[derive(Debug)]
pub(super) struct Beside {
    /// The id.
    pub id: String,
    /// What is written there; nothing when an interrupted restore did it already.
    pub writes: Vec<Write>,
    /// What is there.
    pub live: Live,
}

/// The version that is kept: the winner.
///
/// # Errors
/// When the record is no document.
pub(super) fn only(record: &Record) -> std::result::Result<Leaf, ConvertError> {
    let leaves = Document::of(record)?.into_leaves();
    leaves.into_iter().next().ok_or(ConvertError::NoLeaf)
}

/// The id of the copy: that of the document, so that it keeps its partition, and the revision, so that each version has one of its own.
fn name(leaf: &Leaf, number: u32) -> String {
    let rev = leaf
        .rev
        .as_ref()
        .map(|rev| format!(" {}-{}", rev.generation, rev.name.chars().take(7).collect::<String>()));
    let again = if number > 1 { format!(" {number}") } else { String::new() };
    format!("{} (backup{}{again})", leaf.id, rev.unwrap_or_default())
}

/// Finds an id for the copy.
///
/// # Errors
/// When the database cannot be read, or a copy would be in force as a design document.
pub(super) fn place(database: &Database, leaf: &Leaf) -> Result<Beside> {
    if leaf.id.starts_with("_design/") {
        let problem = "is a design document: beside the live one both would be in force";
        return Err(SourceError::new(ErrorKind::Unsupported, database.part(&leaf.id), problem)
            .hint("Restore it into another database, or choose one of the two."));
    }
    for number in 1..=TRIES {
        let id = name(leaf, number);
        let live = look(database, &[&id])?.pop().unwrap_or_else(|| Ok(Live::default()))?;
        let there = live.winner().map(|there| surely_holds(leaf, there).unwrap_or(false));
        let write = Write {
            what: What::Leaf(0),
            way: Way::Edit(None),
        };
        match there {
            Some(false) => {}
            Some(true) => {
                return Ok(Beside {
                    id,
                    writes: Vec::new(),
                    live,
                });
            }
            None => {
                return Ok(Beside {
                    id,
                    writes: vec![write],
                    live,
                });
            }
        }
    }
    Err(SourceError::new(
        ErrorKind::Limit,
        database.part(&leaf.id),
        "has too many copies already",
    ))
}
