//! What a drill brings back, and the room that takes.

use std::{collections::BTreeMap, path::Path};

use backstay_model::{CollectionKind, FileKind, Selection};
use backstay_vault::{Node, Reader, Snapshot};

use super::{DrillError, DrillRequest, DrillScope};
use crate::{
    Job, Result, State,
    restore::{Ids, Picked, pick},
};

/// Bytes a step of a restore takes in its plan and journal, measured and rounded up.
const STEP: u64 = 2 << 10;
/// Bytes a drill takes whatever it brings back.
const BASE: u64 = 4 << 20;
/// How far into a collection the record of a quick drill may lie: reaching it must stay cheap.
const DEEP: u64 = 4096;

/// What is brought back.
pub(super) struct Picks {
    /// By the restore: what is stored as it is.
    pub restored: Picked,
    /// By an export, where the source's own writer cannot: single rows of a database, whose neighbours it asks for.
    pub exported: Selection,
}

impl Picks {
    pub(super) fn of(scope: DrillScope, snapshot: &Snapshot, state: &State, job: &Job<'_>) -> Result<Self> {
        match scope {
            DrillScope::Everything => Ok(Self {
                restored: pick(state, &Selection::default())?,
                exported: Selection::default(),
            }),
            DrillScope::OneRecordEach => one_each(snapshot, state, job),
        }
    }

    /// Whether the restore has anything to bring back.
    pub(super) fn is_restored(&self) -> bool {
        !self.restored.collections.is_empty() || self.restored.files.is_some()
    }

    /// Everything as one selection by name.
    pub(super) fn selection(&self) -> Selection {
        let mut only = self.exported.only.clone();
        for (name, ids) in &self.restored.collections {
            if let Ids::Some(ids) = ids {
                only.extend(ids.iter().map(|id| format!("{name}/{id}")));
            }
        }
        let files = self.restored.files.iter().flatten();
        only.extend(files.map(|path| format!("files/{path}")));
        Selection {
            only,
            ..Selection::default()
        }
    }
}

/// One record of each table, another one for each snapshot; the first file of each top folder of a source without databases.
fn one_each(snapshot: &Snapshot, state: &State, job: &Job<'_>) -> Result<Picks> {
    let stored = state.stored_collections()?;
    let seed = snapshot
        .id
        .to_hex()
        .bytes()
        .fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let mut restored = Picked::default();
    let mut only = Vec::new();
    for about in state.collections()? {
        job.cancel.check()?;
        if about.kind != CollectionKind::Table {
            continue;
        }
        let view = state.view(&about.name)?;
        let count = view.count(&about.name)?;
        if count == 0 {
            continue;
        }
        for record in view.page(&about.name, seed % count.min(DEEP), 1)? {
            if stored.contains(&about.name) {
                restored.collections.insert(about.name.clone(), Ids::Some(vec![record.id]));
            } else {
                only.push(format!("{}/{}", about.name, record.id));
            }
        }
    }
    // The rows of databases stand for them: bringing back one may take as long as all.
    if let (Some(files), None) = (&state.files, &state.derived) {
        let mut first: BTreeMap<String, String> = BTreeMap::new();
        for entry in files.walk(None)? {
            job.cancel.check()?;
            let entry = entry?;
            if entry.kind == FileKind::File {
                let top = entry.path.split_once('/').map_or("", |(top, _)| top).to_owned();
                first.entry(top).or_insert(entry.path);
            }
        }
        restored.files = (!first.is_empty()).then(|| first.into_values().collect());
    }
    Ok(Picks {
        restored,
        exported: Selection {
            only,
            ..Selection::default()
        },
    })
}

/// Bytes the scratch place will take.
///
/// # Errors
/// When the snapshot cannot be read.
pub(super) fn need(picks: &Picks, scope: DrillScope, state: &State, reader: &Reader, snapshot: &Snapshot) -> Result<u64> {
    let Some(meta) = &state.meta else { return Ok(BASE) };
    if scope == DrillScope::OneRecordEach {
        let mut bytes = BASE;
        for path in picks.restored.files.iter().flatten() {
            let found = state.files.as_ref().map(|files| files.stat(path)).transpose()?.flatten();
            bytes += found.map_or(0, |entry| entry.size);
        }
        return Ok(bytes);
    }
    let records = state.stored.as_ref().map_or(0, |runs| {
        let readers = meta.collections.iter().filter_map(|summary| runs.reader(&summary.name));
        // Once brought back, once indexed to be read again.
        readers.map(|reader| 2 * reader.bytes()).sum()
    });
    let steps = meta.files + meta.collections.iter().map(|summary| summary.records).sum::<u64>();
    Ok(BASE + meta.file_bytes + records + assets(reader, snapshot)? + steps * STEP)
}

/// Bytes of all attachments.
fn assets(reader: &Reader, snapshot: &Snapshot) -> Result<u64> {
    let Some(directory) = reader.find(snapshot, "assets")?.filter(Node::is_directory) else {
        return Ok(0);
    };
    let mut bytes = 0;
    for entry in reader.walk_below(&directory) {
        if let Some(error) = entry.error {
            return Err(error.into());
        }
        bytes += entry.node.size;
    }
    Ok(bytes)
}

/// Refuses a drill that does not fit.
///
/// # Errors
/// [`DrillError::OverLimit`], [`DrillError::NoRoom`]; when the free space cannot be told.
pub(super) fn room(request: &DrillRequest, need: u64) -> std::result::Result<(), DrillError> {
    let place = request.scratch.clone();
    if let Some(limit) = request.limit_bytes.filter(|limit| need > *limit) {
        return Err(DrillError::OverLimit { place, need, limit });
    }
    // The folder may be still to be made.
    let there = request
        .scratch
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or_else(|| Path::new("/"));
    let free = fs4::available_space(there).map_err(|error| DrillError::Scratch {
        path: place.clone(),
        error,
    })?;
    if need > free {
        return Err(DrillError::NoRoom { place, need, free });
    }
    Ok(())
}
