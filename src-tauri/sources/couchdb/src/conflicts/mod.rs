//! Documents with several living revisions: found, shown side by side, and settled.
//!
//! A conflict is settled by a new revision on top of the winner and tombstones for the others, each an edit that the server takes only
//! while the leaf is still one. The tombstones come after the winner stands: whatever interrupts it, no version is lost that nobody chose.

use std::{collections::BTreeSet, io::Read};

use backstay_model::{AssetRef, Collection, ContentHash, ErrorKind, RawJson, Record};
use backstay_source::{Cancel, ConflictPage, Conflicts, RecordView, Result, SourceError, Written};

use crate::{
    client::{ChangesQuery, Database, Server, Stub},
    convert::{Attachment, Document, Leaf, Names, Part, members},
    error::{CouchError, Refusal},
    write::{Branch, Live, Revised, look, rewrite},
};

/// Ids of documents with several leaves that are kept of one pass through the changes.
const CANDIDATES: usize = 4_096;
/// Documents that are looked at together.
const TOGETHER: usize = 100;

/// Conflicts in the databases of a server.
#[derive(Debug, Clone)]
pub(crate) struct CouchConflicts {
    server: Server,
    names: Names,
}

impl CouchConflicts {
    /// Conflicts in the databases that `names` tells.
    pub(crate) fn new(server: &Server, names: &Names) -> Self {
        Self {
            server: server.clone(),
            names: names.clone(),
        }
    }

    fn database(&self, collection: &str) -> Result<(Database, Part)> {
        let (name, part) = Part::split(collection);
        match part {
            Part::Documents | Part::Design => Ok((self.server.database(&self.names.there(name)), part)),
            Part::Local | Part::Settings => Err(SourceError::new(
                ErrorKind::Unsupported,
                collection,
                "has one version of everything at a time",
            )),
        }
    }
}

/// The document, whose absence is an error.
fn there(database: &Database, id: &str) -> Result<Live> {
    let live = look(database, &[id])?.pop().unwrap_or_else(|| Ok(Live::default()))?;
    if live.tree.lives() {
        return Ok(live);
    }
    Err(SourceError::new(ErrorKind::NotFound, database.part(id), "is not there"))
}

/// The smallest ids behind `after` of documents with several leaves, tombstones counted; and whether there are more.
fn candidates(database: &Database, part: Part, after: Option<&str>) -> Result<(BTreeSet<String>, bool), CouchError> {
    let query = ChangesQuery {
        leaves: true,
        seq_interval: Some(1_000),
        ..ChangesQuery::default()
    };
    let (mut found, mut more) = (BTreeSet::new(), false);
    for row in database.changes(&query)? {
        let row = row?;
        if row.revs.len() < 2 || Part::of_id(&row.id) != part || after.is_some_and(|after| row.id.as_str() <= after) {
            continue;
        }
        found.insert(row.id);
        if found.len() > CANDIDATES {
            found.pop_last();
            more = true;
        }
    }
    Ok((found, more))
}

impl Conflicts for CouchConflicts {
    fn own_fields(&self) -> &'static [&'static str] {
        &["_id", "_rev", "_revisions"]
    }

    fn list(&self, collection: &str, after: Option<&str>, limit: usize, cancel: &Cancel) -> Result<ConflictPage> {
        let (database, part) = self.database(collection)?;
        let database = database.with_cancel(cancel);
        let (ids, more) = candidates(&database, part, after)?;
        let last = ids.last().cloned();
        let mut page = ConflictPage::default();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        for together in ids.chunks(TOGETHER) {
            cancel.check()?;
            for (id, live) in together.iter().zip(look(&database, together)?) {
                let live = match live {
                    Err(error) if error.refusal() == Some(Refusal::Missing) => continue,
                    live => live?,
                };
                let versions = live.tree.living().count();
                if versions < 2 {
                    continue;
                }
                if page.found.len() == limit {
                    page.next = page.found.last().map(|(record, _)| record.id.clone());
                    return Ok(page);
                }
                let damaged =
                    |error: crate::convert::ConvertError| SourceError::new(error.kind(), database.part(id), error.to_string());
                let document = Document::new(live.leaves).map_err(damaged)?;
                if let Some(document) = document.without_tombstones() {
                    page.found.push((document.record(), versions as u64));
                }
            }
        }
        page.next = last.filter(|_| more);
        Ok(page)
    }

    fn versions(&self, collection: &str, id: &str) -> Result<Vec<Record>> {
        let (database, _) = self.database(collection)?;
        let live = there(&database, id)?;
        let hash = live.tree.hash();
        let records = live.tree.living().filter_map(|branch| {
            let leaf = live.leaf(branch.rev())?;
            let record = Record::new(id, leaf.text.clone()).with_canonical_hash(hash);
            Some(Record {
                rev: Some(branch.rev().to_owned()),
                assets: leaf.attachments.iter().map(Attachment::reference).collect(),
                ..record
            })
        });
        Ok(records.collect())
    }

    fn settle(&self, collection: &str, id: &str, data: &RawJson, from: &str, expect: ContentHash) -> Result<Written> {
        let (database, _) = self.database(collection)?;
        let live = there(&database, id)?;
        if live.tree.hash() != expect {
            let problem = "was changed since it was shown, so nothing was written";
            return Err(SourceError::new(ErrorKind::Changed, database.part(id), problem));
        }
        let chosen = live.tree.living().any(|leaf| leaf.rev() == from);
        let Some(chosen) = live.leaf(from).filter(|_| chosen) else {
            return Err(SourceError::new(
                ErrorKind::Usage,
                database.part(id),
                format!("has no version {from}"),
            ));
        };
        let (leaf, from) = merged(&database, id, data, chosen, &live)?;
        let content = FromServer {
            database: &database,
            id,
            from,
        };
        let others: Vec<&Branch> = live.tree.living().skip(1).collect();
        let after = rewrite(
            &Revised {
                database: &database,
                id,
                live: &live,
                leaf: &leaf,
                gone: &others,
            },
            &content,
        )?;
        Ok(Written {
            new_id: None,
            hash: Some(after.hash()),
        })
    }
}

/// The document that is to be the only version: its own members from `data`, the attachments it names from `chosen`, or, where fields of
/// several versions were merged, from the version that has them; with the leaf each comes from.
fn merged<'a>(
    database: &Database,
    id: &str,
    data: &RawJson,
    chosen: &'a Leaf,
    live: &'a Live,
) -> Result<(Leaf, Vec<(String, &'a Leaf)>)> {
    let usage = |problem: String| SourceError::new(ErrorKind::Usage, database.part(id), problem);
    let found = members(data.as_bytes()).map_err(|error| usage(error.to_string()))?;
    let named = found.iter().find(|(name, _)| name == "_attachments");
    let (mut attachments, mut from) = (Vec::new(), Vec::new());
    if let Some((_, list)) = named {
        let list = members(list.get().as_bytes()).map_err(|error| usage(error.to_string()))?;
        let living = || live.tree.living().filter_map(|branch| live.leaf(branch.rev()));
        for (name, value) in list {
            let digest = serde_json::from_str::<Stub>(value.get()).ok().and_then(|stub| stub.digest);
            let fits = |known: &&Attachment| known.name == name && (digest.is_none() || known.digest == digest);
            let place = std::iter::once(chosen).chain(living());
            let mut places = place.filter_map(|leaf| Some((leaf, leaf.attachments.iter().find(fits)?)));
            let found = places.next();
            let (leaf, known) = found.ok_or_else(|| usage(format!("has no such attachment {name} in any version")))?;
            attachments.push(Attachment {
                // Its content is on the server, under its own name.
                asset: Some(AssetRef {
                    sha256: Some(String::new()),
                    ..known.reference()
                }),
                ..known.clone()
            });
            from.push((known.name.clone(), leaf));
        }
        attachments.sort_by(|a, b| a.name.cmp(&b.name));
    }
    let leaf = Leaf {
        id: id.to_owned(),
        rev: None,
        revisions: None,
        deleted: false,
        attachments,
        text: data.clone(),
    };
    Ok((leaf, from))
}

/// Attachments of versions that are still on the server.
struct FromServer<'a> {
    database: &'a Database,
    id: &'a str,
    /// Attachments by name, and the leaves they are taken from.
    from: Vec<(String, &'a Leaf)>,
}

fn nothing<T>(collection: &str) -> Result<T> {
    Err(SourceError::new(ErrorKind::NotFound, collection, "is not here"))
}

impl RecordView for FromServer<'_> {
    fn collections(&self) -> Result<Vec<Collection>> {
        Ok(Vec::new())
    }
    fn count(&self, collection: &str) -> Result<u64> {
        nothing(collection)
    }
    fn get(&self, collection: &str, _: &str) -> Result<Option<Record>> {
        nothing(collection)
    }
    fn page(&self, collection: &str, _: u64, _: u64) -> Result<Vec<Record>> {
        nothing(collection)
    }
    fn scan<'a>(&'a self, collection: &str, _: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        nothing(collection)
    }
    fn open_asset(&self, _: &str, _: &Record, asset: &AssetRef) -> Result<(u64, Box<dyn Read + Send>)> {
        let Some((_, leaf)) = self.from.iter().find(|(name, _)| *name == asset.name) else {
            return nothing(&asset.name);
        };
        let known = leaf.attachments.iter().find(|known| known.name == asset.name);
        let stub = Stub {
            length: known.and_then(|known| known.length),
            digest: known.and_then(|known| known.digest.clone()),
            ..Stub::default()
        };
        let rev = leaf.rev.as_ref().map(ToString::to_string);
        let reader = self.database.attachment(self.id, rev.as_deref(), &asset.name, &stub)?;
        let size = reader.length.or(stub.length).unwrap_or_default();
        Ok((size, Box::new(reader)))
    }
}

#[cfg(test)]
mod tests;
