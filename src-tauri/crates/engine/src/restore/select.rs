//! What a person's `--only` means in a given state.

use std::collections::{BTreeMap, BTreeSet};

use backstay_model::{CollectionKind, RecordMatch, Selection};
use backstay_source::Connector;

use super::matching::Matching;
use crate::{EngineError, FILES, Result, State};

/// A selection resolved against a state.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// Collections by name; with ids, or whole.
    pub collections: BTreeMap<String, Ids>,
    /// Files: `None` for none, an empty list for all, else paths of files and directories.
    pub files: Option<Vec<String>>,
    /// Left out of that.
    pub except: Except,
    /// Nothing was selected: everything as it is stored is meant.
    pub whole: bool,
    /// Records (collection, id) of which only some fields are meant, as JSON Pointers.
    pub fields: BTreeMap<(String, String), Vec<String>>,
}

/// What a selection leaves out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Except {
    /// Whole collections.
    collections: BTreeSet<String>,
    /// Single records, by collection.
    records: BTreeMap<String, BTreeSet<String>>,
    /// All files.
    all_files: bool,
    /// Files and directories with everything below them.
    files: Vec<String>,
}

impl Except {
    /// Whether a whole collection is left out.
    #[must_use]
    pub fn collection(&self, name: &str) -> bool {
        self.collections.contains(name)
    }

    /// Whether a record is left out.
    #[must_use]
    pub fn record(&self, collection: &str, id: &str) -> bool {
        self.collection(collection) || self.records.get(collection).is_some_and(|ids| ids.contains(id))
    }

    /// Whether a file, directory or link is left out.
    #[must_use]
    pub fn file(&self, path: &str) -> bool {
        self.all_files || self.files.iter().any(|left| covers(left, path))
    }
}

/// Records of a collection.
#[derive(Debug, PartialEq, Eq)]
pub enum Ids {
    /// All of them.
    All,
    /// These, in the order given.
    Some(Vec<String>),
    /// Those that are like something.
    Matching(Matching),
}

/// Resolves `selection` in `state`.
///
/// Nothing selected means everything *as it is stored*: collections kept as records, and all files (the tables inside a
/// stored database come back with their file). A name is a collection, a collection followed by `/` and an id (the
/// longest collection name counts, as names may contain `/`), or a path below `files/`. What is to be left out is named in the
/// same words. Records of which fields are chosen belong to the selection; where nothing else is selected they are all of it.
/// Parts of a collection, whose names go on with `/@`, come along with it, unless some of them are named themselves or the service
/// keeps them for its own running ([`CollectionKind::Aside`]).
///
/// # Errors
/// [`EngineError::NothingSelected`] naming what was not found and what there is.
pub fn pick(state: &State, selection: &Selection) -> Result<Picked> {
    pick_with(state, selection, None)
}

/// [`pick`] with a connector that understands questions in the language of its kind ([`Selection::matching`]).
///
/// # Errors
/// As [`pick`], and when a question cannot be understood.
pub fn pick_with(state: &State, selection: &Selection, connector: Option<&dyn Connector>) -> Result<Picked> {
    let mut picked = Picked::default();
    let names = state.collection_names()?;
    if selection.only.is_empty() && selection.fields.is_empty() && selection.matching.is_empty() {
        picked.whole = true;
        for name in state.stored_collections()? {
            picked.collections.insert(name, Ids::All);
        }
        if state.files.is_some() {
            picked.files = Some(Vec::new());
        }
    }
    for wanted in &selection.only {
        found(state, &names, wanted, &mut picked)?;
        parts(state, &names, wanted, &selection.only, &mut picked)?;
    }
    for wanted in &selection.matching {
        matching(&names, wanted, connector, &mut picked)?;
    }
    for pick in &selection.fields {
        let (collection, id) = one_record(state, &names, &pick.record)?;
        found(state, &names, &pick.record, &mut picked)?;
        let fields = picked.fields.entry((collection, id)).or_default();
        for field in &pick.fields {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        }
    }
    picked.except = left_out(state, &names, &selection.except)?;
    Ok(picked)
}

/// Adds the parts of a collection that was named, unless some of them are named, too.
fn parts(state: &State, names: &[String], wanted: &str, only: &[String], picked: &mut Picked) -> Result<()> {
    let start = format!("{wanted}/@");
    if !names.iter().any(|name| name == wanted) || only.iter().any(|other| other.starts_with(&start)) {
        return Ok(());
    }
    for name in names.iter().filter(|name| name.starts_with(&start)) {
        if state.collection(name)?.kind != CollectionKind::Aside {
            picked.collections.insert(name.clone(), Ids::All);
        }
    }
    Ok(())
}

/// Adds records by what they are like.
fn matching(names: &[String], wanted: &RecordMatch, connector: Option<&dyn Connector>, picked: &mut Picked) -> Result<()> {
    if !names.contains(&wanted.collection) {
        return Err(EngineError::NoCollection {
            name: wanted.collection.clone(),
            known: names.to_vec(),
        });
    }
    let (name, before) = (wanted.collection.clone(), picked.collections.remove(&wanted.collection));
    let mut matching = match before {
        None => Matching::default(),
        Some(Ids::Matching(matching)) => matching,
        Some(Ids::Some(ids)) => Matching::of(ids),
        // Looked at all the same, so that a question nobody understands is an error.
        Some(Ids::All) => {
            Matching::default().add(wanted, connector)?;
            picked.collections.insert(name, Ids::All);
            return Ok(());
        }
    };
    matching.add(wanted, connector)?;
    picked.collections.insert(name, Ids::Matching(matching));
    Ok(())
}

/// Adds what `wanted` names.
fn found(state: &State, names: &[String], wanted: &str, picked: &mut Picked) -> Result<()> {
    if pick_one(state, names, wanted, picked)? {
        return Ok(());
    }
    Err(EngineError::NothingSelected {
        wanted: wanted.to_owned(),
        known: names.to_vec(),
    })
}

/// The one record `wanted` names.
fn one_record(state: &State, names: &[String], wanted: &str) -> Result<(String, String)> {
    let mut alone = Picked::default();
    found(state, names, wanted, &mut alone)?;
    let one = alone.collections.into_iter().find_map(|(collection, ids)| match ids {
        Ids::Some(ids) => ids.into_iter().next().map(|id| (collection, id)),
        Ids::All | Ids::Matching(_) => None,
    });
    one.ok_or_else(|| EngineError::NoRecordWithFields {
        wanted: wanted.to_owned(),
    })
}

/// What is to be left out. A name that means nothing is an error: leaving out less than was asked for would restore more.
fn left_out(state: &State, names: &[String], except: &[String]) -> Result<Except> {
    let mut all = Picked::default();
    let mut out = Except::default();
    for wanted in except {
        found(state, names, wanted, &mut all)?;
    }
    for (collection, ids) in all.collections {
        match ids {
            Ids::All | Ids::Matching(_) => {
                out.collections.insert(collection);
            }
            Ids::Some(ids) => out.records.entry(collection).or_default().extend(ids),
        }
    }
    if let Some(files) = all.files {
        out.all_files = files.is_empty();
        out.files = files;
    }
    Ok(out)
}

fn pick_one(state: &State, names: &[String], wanted: &str, picked: &mut Picked) -> Result<bool> {
    if let Some(path) = wanted.strip_prefix("files/")
        && pick_file(state, path, picked)?
    {
        return Ok(true);
    }
    if wanted == FILES && state.files.is_some() {
        picked.files = Some(Vec::new());
        return Ok(true);
    }
    if names.iter().any(|name| name == wanted) {
        picked.collections.insert(wanted.to_owned(), Ids::All);
        return Ok(true);
    }
    let owner = names
        .iter()
        .filter(|name| wanted.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/')));
    if let Some(owner) = owner.max_by_key(|name| name.len()) {
        let id = &wanted[owner.len() + 1..];
        if state.record(owner, id)?.is_none() {
            return Err(EngineError::NoRecord {
                collection: owner.clone(),
                id: id.to_owned(),
            });
        }
        match picked
            .collections
            .entry(owner.clone())
            .or_insert_with(|| Ids::Some(Vec::new()))
        {
            Ids::All => {}
            Ids::Some(ids) if ids.iter().any(|known| known == id) => {}
            Ids::Some(ids) => ids.push(id.to_owned()),
            Ids::Matching(matching) => matching.take(id),
        }
        return Ok(true);
    }
    // A folder of collections: everything below it.
    let below: Vec<_> = names
        .iter()
        .filter(|name| name.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/')))
        .cloned()
        .collect();
    if !below.is_empty() {
        for name in below {
            if state.collection(&name)?.kind == CollectionKind::Table {
                picked.collections.insert(name, Ids::All);
            }
        }
        return Ok(true);
    }
    pick_file(state, wanted, picked)
}

fn pick_file(state: &State, path: &str, picked: &mut Picked) -> Result<bool> {
    let path = path.trim_end_matches('/');
    let Some(files) = &state.files else { return Ok(false) };
    if files.stat(path)?.is_none() {
        return Ok(false);
    }
    match &mut picked.files {
        Some(all) if all.is_empty() => {}
        // Overlapping selections are restored once.
        Some(paths) if paths.iter().any(|known| covers(known, path)) => {}
        Some(paths) => {
            paths.retain(|known| !covers(path, known));
            paths.push(path.to_owned());
        }
        None => picked.files = Some(vec![path.to_owned()]),
    }
    Ok(true)
}

/// Whether `path` is `directory` or lies below it.
fn covers(directory: &str, path: &str) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
