//! What a person's `--only` means in a given state.

use std::collections::BTreeMap;

use backstay_model::{CollectionKind, Selection};

use crate::{EngineError, FILES, Result, State};

/// A selection resolved against a state.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// Collections by name; with ids, or whole.
    pub collections: BTreeMap<String, Ids>,
    /// Files: `None` for none, an empty list for all, else paths of files and directories.
    pub files: Option<Vec<String>>,
}

/// Records of a collection.
#[derive(Debug, PartialEq, Eq)]
pub enum Ids {
    /// All of them.
    All,
    /// These, in the order given.
    Some(Vec<String>),
}

/// Resolves `selection` in `state`.
///
/// Nothing selected means everything *as it is stored*: collections kept as records, and all files (the tables inside a
/// stored database come back with their file). A name is a collection, a collection followed by `/` and an id (the
/// longest collection name counts, as names may contain `/`), or a path below `files/`.
///
/// # Errors
/// [`EngineError::NothingSelected`] naming what was not found and what there is.
pub fn pick(state: &State, selection: &Selection) -> Result<Picked> {
    let mut picked = Picked::default();
    if selection.only.is_empty() {
        for name in state.stored_collections()? {
            picked.collections.insert(name, Ids::All);
        }
        if state.files.is_some() {
            picked.files = Some(Vec::new());
        }
        return Ok(picked);
    }
    let names = state.collection_names()?;
    for wanted in &selection.only {
        if !pick_one(state, &names, wanted, &mut picked)? {
            return Err(EngineError::NothingSelected {
                wanted: wanted.clone(),
                known: names,
            });
        }
    }
    Ok(picked)
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
