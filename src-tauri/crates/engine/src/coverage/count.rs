//! Counting what each side has: records by collection and database, files by top folder.

use std::collections::{BTreeMap, BTreeSet};

use backstay_model::{Collection, CollectionKind, ErrorKind, FileEntry, FileKind};
use backstay_source::{FileView, RecordView};

use super::CoverageKind;
use crate::{Job, Result, State, guard::SnapshotView, snapshot::files::escape};

/// A number, where things could be counted.
pub(super) struct Counted(pub Option<u64>);

type Key = (CoverageKind, String);
type Found<'a> = &'a mut dyn FnMut(Key, Option<String>, Counted);

/// Path of the file a collection is read from.
fn file_of(about: &Collection) -> Option<String> {
    let raw = about.raw.as_ref()?.value().ok()?;
    Some(raw.get("file")?.as_str()?.to_owned())
}

/// What the live source shows.
pub(super) fn live(state: &State, derived: bool, job: &Job<'_>, found: Found<'_>) -> Result<()> {
    let read = match &state.derived {
        Some(view) => tables(&**view, job, found)?,
        None => BTreeSet::new(),
    };
    let Some(files) = &state.files else { return Ok(()) };
    if derived || !read.is_empty() {
        return databases(&**files, &read, job, found);
    }
    folders(&**files, job, found)
}

/// The tables of a view, and the databases they are read from, which are given back.
fn tables(view: &dyn RecordView, job: &Job<'_>, found: Found<'_>) -> Result<BTreeSet<String>> {
    let mut databases: BTreeMap<String, Option<u64>> = BTreeMap::new();
    for about in view.collections()? {
        job.cancel.check()?;
        if about.kind != CollectionKind::Table {
            continue;
        }
        let count = about.records.or_else(|| view.count(&about.name).ok());
        if let Some(file) = file_of(&about) {
            let sum = databases.entry(file).or_insert(Some(0));
            *sum = sum.zip(count).map(|(sum, count)| sum + count);
        }
        found((CoverageKind::Collection, about.name), about.title, Counted(count));
    }
    for (file, count) in &databases {
        found((CoverageKind::Workspace, file.clone()), None, Counted(*count));
    }
    Ok(databases.into_keys().collect())
}

/// The other databases that are there: of which no table can be read.
fn databases(files: &dyn FileView, read: &BTreeSet<String>, job: &Job<'_>, found: Found<'_>) -> Result<()> {
    for entry in seen(files, job)? {
        let entry = entry?;
        if entry.kind == FileKind::File && !read.contains(&entry.path) {
            found((CoverageKind::Workspace, entry.path), None, Counted(None));
        }
    }
    Ok(())
}

/// What can be seen of the live files: what cannot be read is what the audit is about.
fn seen<'a>(files: &'a dyn FileView, job: &'a Job<'_>) -> Result<impl Iterator<Item = Result<FileEntry>> + 'a> {
    Ok(files.walk(None)?.filter_map(|entry| match job.cancel.check().and(entry) {
        Ok(entry) => Some(Ok(entry)),
        Err(error) if error.kind == ErrorKind::Cancelled => Some(Err(error.into())),
        Err(_) => None,
    }))
}

/// Files by their top folder.
fn folders(files: &dyn FileView, job: &Job<'_>, found: Found<'_>) -> Result<()> {
    let mut counts: BTreeMap<Key, u64> = BTreeMap::new();
    for entry in seen(files, job)? {
        let entry = entry?;
        count(&mut counts, &entry.path, &entry.kind);
    }
    for (key, number) in counts {
        found(key, None, Counted(Some(number)));
    }
    Ok(())
}

fn count(counts: &mut BTreeMap<Key, u64>, path: &str, kind: &FileKind) {
    let top = path.split_once('/').map(|(top, _)| top);
    let is_file = u64::from(*kind == FileKind::File);
    let key = match (top, kind) {
        (Some(top), _) => (CoverageKind::Folder, top.to_owned()),
        (None, FileKind::Directory) => (CoverageKind::Folder, path.to_owned()),
        (None, FileKind::File) => (CoverageKind::Files, String::new()),
        (None, _) => return,
    };
    *counts.entry(key).or_default() += is_file;
}

/// What a backup has.
pub(super) fn saved(view: &SnapshotView, job: &Job<'_>, found: Found<'_>) -> Result<()> {
    if let Some(runs) = &view.state.stored {
        tables(runs, job, found)?;
    }
    if let Some(derived) = &view.state.derived {
        for workspace in &view.meta.workspaces {
            found((CoverageKind::Workspace, workspace.path.clone()), None, Counted(None));
        }
        tables(&**derived, job, found)?;
        return Ok(());
    }
    let Some(files) = &view.files else { return Ok(()) };
    let mut counts = BTreeMap::new();
    for entry in view.reader.walk_below(files) {
        job.cancel.check()?;
        if let Some(error) = entry.error {
            return Err(error.into());
        }
        count(&mut counts, &escape(&entry.path), &entry.node.model_kind());
    }
    for (key, number) in counts {
        found(key, None, Counted(Some(number)));
    }
    Ok(())
}
