//! Comparing two states, record by record and file by file, without loading either.

use std::cmp::Ordering;

use backstay_compare::diff_fields;
use backstay_model::{ChangeCounts, ChangeKind, FieldChange, FileEntry, FileKind, Record, RecordChange};
use backstay_source::{Cancel, FileView, RecordView};

use crate::{EngineError, Result, State, diff_order::merge_unlike};

/// Name of the pseudo-collection that holds a state's files.
pub const FILES: &str = "files";

/// How deep a comparison goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Only which items differ.
    Items,
    /// Also which fields, with both values.
    Fields,
}

/// Result of comparing one collection.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CollectionDiff {
    /// Its name ([`FILES`] for files).
    pub collection: String,
    /// Numbers.
    pub counts: ChangeCounts,
}

/// Compares `before` with `after`; `only` limits it to one collection. Every difference goes to `found` in order.
///
/// # Errors
/// When either side cannot be read, `found` fails, the job is cancelled, or `only` exists on neither side.
pub fn diff_states(
    before: &State,
    after: &State,
    only: Option<&str>,
    depth: Depth,
    cancel: &Cancel,
    found: &mut dyn FnMut(RecordChange) -> Result<()>,
) -> Result<Vec<CollectionDiff>> {
    let mut names = before.collection_names()?;
    names.extend(after.collection_names()?);
    names.sort();
    names.dedup();
    names.retain(|name| only.is_none_or(|only| only == name));
    let mut out = Vec::new();
    for name in names {
        let counts = diff_collection(before, after, &name, depth, cancel, found)?;
        out.push(CollectionDiff {
            collection: name,
            counts,
        });
    }
    if only.is_none_or(|only| only == FILES) && (before.files.is_some() || after.files.is_some()) {
        let counts = diff_files(before.files.as_deref(), after.files.as_deref(), cancel, found)?;
        out.push(CollectionDiff {
            collection: FILES.to_owned(),
            counts,
        });
    }
    if let (Some(only), true) = (only, out.is_empty()) {
        return Err(EngineError::NoCollection {
            name: only.to_owned(),
            known: after.collection_names()?,
        });
    }
    Ok(out)
}

/// Compares one collection that exists on at least one side.
fn diff_collection(
    before: &State,
    after: &State,
    name: &str,
    depth: Depth,
    cancel: &Cancel,
    found: &mut dyn FnMut(RecordChange) -> Result<()>,
) -> Result<ChangeCounts> {
    let mut counts = ChangeCounts::default();
    let mut emit = |change: ChangeKind, id: &str| -> Result<()> {
        cancel.check()?;
        let fields = match depth {
            Depth::Fields => record_fields(before, after, name, id)?,
            Depth::Items => Vec::new(),
        };
        found(RecordChange {
            collection: name.to_owned(),
            id: id.to_owned(),
            change,
            fields,
        })
    };
    if let (Some(a), Some(b)) = (before.runs(name), after.runs(name)) {
        let (total_before, total_after) = (a.count(name)?, b.count(name)?);
        a.diff(b, name, &mut |change, id| {
            count(&mut counts, change);
            emit(change, id)
        })?;
        counts.unchanged = total_before - counts.removed - counts.changed;
        debug_assert_eq!(counts.unchanged + counts.changed + counts.added, total_after);
        return Ok(counts);
    }
    let (a, b) = (before.records_of(name)?, after.records_of(name)?);
    let mut found = |change: Option<ChangeKind>, id: &str| -> Result<()> {
        let Some(change) = change else {
            counts.unchanged += 1;
            return Ok(());
        };
        count(&mut counts, change);
        emit(change, id)
    };
    match (before.runs(name), a, after.runs(name), b) {
        (Some(runs), _, None, Some(other)) => merge_unlike(runs, other, name, cancel, &mut found)?,
        (None, Some(other), Some(runs), _) => {
            merge_unlike(runs, other, name, cancel, &mut |change, id| found(change.map(turned), id))?;
        }
        _ => merge_keys(a, b, name, cancel, &mut found)?,
    }
    Ok(counts)
}

/// The change that leads the other way.
fn turned(change: ChangeKind) -> ChangeKind {
    match change {
        ChangeKind::Added => ChangeKind::Removed,
        ChangeKind::Changed => ChangeKind::Changed,
        ChangeKind::Removed => ChangeKind::Added,
    }
}

fn count(counts: &mut ChangeCounts, change: ChangeKind) {
    match change {
        ChangeKind::Added => counts.added += 1,
        ChangeKind::Changed => counts.changed += 1,
        ChangeKind::Removed => counts.removed += 1,
    }
}

/// The fields in which the record `id` differs between two states.
///
/// # Errors
/// When either side cannot be read.
pub fn record_fields(before: &State, after: &State, collection: &str, id: &str) -> Result<Vec<FieldChange>> {
    let a = before.record(collection, id)?;
    let b = after.record(collection, id)?;
    fields_between(a.as_ref(), b.as_ref())
}

/// The fields in which two versions of a record differ; a missing version counts as an empty one.
///
/// # Errors
/// When a record's JSON is damaged.
pub fn fields_between(before: Option<&Record>, after: Option<&Record>) -> Result<Vec<FieldChange>> {
    let value = |record: Option<&Record>| -> Result<serde_json::Value> {
        match record {
            Some(record) => record.data.value().map_err(|error| EngineError::BadRecord {
                id: record.id.clone(),
                error,
            }),
            None => Ok(serde_json::Value::Object(serde_json::Map::new())),
        }
    };
    Ok(diff_fields(&value(before)?, &value(after)?))
}

pub(crate) type Found<'a> = &'a mut dyn FnMut(Option<ChangeKind>, &str) -> Result<()>;

/// Walks two ordered key streams side by side. `found` gets `None` for equal items.
fn merge_keys(
    a: Option<&dyn RecordView>,
    b: Option<&dyn RecordView>,
    name: &str,
    cancel: &Cancel,
    found: Found<'_>,
) -> Result<()> {
    let order = a.or(b);
    let mut left = a.map(|view| view.prints(name)).transpose()?;
    let mut right = b.map(|view| view.prints(name)).transpose()?;
    let mut next_left = left.as_mut().and_then(Iterator::next).transpose()?;
    let mut next_right = right.as_mut().and_then(Iterator::next).transpose()?;
    let mut seen = 0_u64;
    loop {
        seen += 1;
        if seen.is_multiple_of(4096) {
            cancel.check()?;
        }
        let which = match (&next_left, &next_right) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(x), Some(y)) => order.map_or(Ordering::Equal, |view| view.compare_ids(name, &x.id, &y.id)),
        };
        match (which, &next_left, &next_right) {
            (Ordering::Equal, Some(x), Some(y)) => found((x.hash != y.hash).then_some(ChangeKind::Changed), &x.id)?,
            (Ordering::Less, Some(x), _) => found(Some(ChangeKind::Removed), &x.id)?,
            (Ordering::Greater, _, Some(y)) => found(Some(ChangeKind::Added), &y.id)?,
            _ => return Ok(()),
        }
        if which != Ordering::Greater {
            next_left = left.as_mut().and_then(Iterator::next).transpose()?;
        }
        if which != Ordering::Less {
            next_right = right.as_mut().and_then(Iterator::next).transpose()?;
        }
    }
}

/// Depth-first order of paths: part by part, by bytes (so that `a/b` comes before `a.b`).
#[must_use]
pub fn compare_paths(a: &str, b: &str) -> Ordering {
    let parts = |p: &str| p.split('/').map(FileEntry::unescape).collect::<Vec<_>>();
    parts(a).cmp(&parts(b))
}

fn diff_files(
    a: Option<&dyn FileView>,
    b: Option<&dyn FileView>,
    cancel: &Cancel,
    found: &mut dyn FnMut(RecordChange) -> Result<()>,
) -> Result<ChangeCounts> {
    let mut counts = ChangeCounts::default();
    let mut left = a.map(|view| view.walk(None)).transpose()?;
    let mut right = b.map(|view| view.walk(None)).transpose()?;
    let mut next_left = left.as_mut().and_then(Iterator::next).transpose()?;
    let mut next_right = right.as_mut().and_then(Iterator::next).transpose()?;
    loop {
        cancel.check()?;
        let which = match (&next_left, &next_right) {
            (None, None) => return Ok(counts),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(x), Some(y)) => compare_paths(&x.path, &y.path),
        };
        let change = match (which, &next_left, &next_right) {
            (Ordering::Equal, Some(x), Some(y)) => file_differs(a, b, x, y)?.then_some((ChangeKind::Changed, &x.path)),
            (Ordering::Less, Some(x), _) => Some((ChangeKind::Removed, &x.path)),
            (_, _, Some(y)) => Some((ChangeKind::Added, &y.path)),
            _ => None,
        };
        match change {
            Some((change, path)) => {
                count(&mut counts, change);
                found(RecordChange {
                    collection: FILES.to_owned(),
                    id: path.clone(),
                    change,
                    fields: Vec::new(),
                })?;
            }
            None => counts.unchanged += 1,
        }
        if which != Ordering::Greater {
            next_left = left.as_mut().and_then(Iterator::next).transpose()?;
        }
        if which != Ordering::Less {
            next_right = right.as_mut().and_then(Iterator::next).transpose()?;
        }
    }
}

/// Whether two entries at one path hold different things. Times and modes are no content.
fn file_differs(a: Option<&dyn FileView>, b: Option<&dyn FileView>, x: &FileEntry, y: &FileEntry) -> Result<bool> {
    if x.kind != y.kind || x.size != y.size {
        return Ok(true);
    }
    let (FileKind::File, Some(a), Some(b)) = (&x.kind, a, b) else {
        return Ok(false);
    };
    // Equal size and modification time (to the nanosecond) of the same inode is what a backup trusts, too.
    let trusted = x.meta.modified.is_some() && x.meta.modified == y.meta.modified && x.meta.inode == y.meta.inode;
    if trusted && x.meta.inode != 0 && x.meta.attributes_changed == y.meta.attributes_changed {
        return Ok(false);
    }
    Ok(a.hash(&x.path)? != b.hash(&y.path)?)
}

#[cfg(test)]
mod tests {
    use super::compare_paths;
    use std::cmp::Ordering;

    #[test]
    fn paths_are_ordered_as_a_walk_meets_them() {
        assert_eq!(compare_paths("a/b", "a.b"), Ordering::Less);
        assert_eq!(compare_paths("a", "a/b"), Ordering::Less);
        assert_eq!(
            compare_paths("%FF", "é"),
            Ordering::Greater,
            "compared by the bytes they stand for"
        );
    }
}
