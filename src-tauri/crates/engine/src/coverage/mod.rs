//! The coverage audit: what the credentials see now, against what was saved, against the backup before (MISSION B11).

mod count;

use std::collections::BTreeMap;

use backstay_model::{ErrorKind, Gap};
use backstay_source::Source;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Job, Result, State, guard::SnapshotView};
use count::{Counted, live, saved};

/// Rows for gaps that lie in nothing else; a folder of a million unreadable files needs no million rows.
const OF_GAPS: usize = 100;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum CoverageKind {
    /// A database or workspace; counted are the records of its tables.
    Workspace,
    /// A collection of records.
    Collection,
    /// A folder at the top; counted are the files below it.
    Folder,
    /// The files at the top, outside of any folder.
    Files,
    /// Something of which only its name is known: it could not be read, and was never saved.
    Unknown,
}

/// How a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum CoverageState {
    /// Seen now, and in the newest backup.
    Covered,
    /// Seen now; the next backup will be its first.
    New,
    /// Seen now, but not in the newest backup although it should be: it has a gap there, or was in the one before.
    Missing,
    /// Not seen now; what was saved of it is safe.
    OutOfReach,
}

/// One thing a source has, had, or should have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct CoverageRow {
    /// Its name; empty for the files at the top.
    pub name: String,
    /// What people call it, where that differs.
    pub title: Option<String>,
    /// What it is.
    pub kind: CoverageKind,
    /// Records (or files) the credentials see now; `None` when it is not seen, or they could not be counted.
    pub sees: Option<u64>,
    /// Records (or files) in the newest backup.
    pub saved: Option<u64>,
    /// Records (or files) in the backup before that.
    pub last: Option<u64>,
    /// How it stands.
    pub state: CoverageState,
    /// When the newest of the two backups that has it was taken.
    pub saved_at: Option<DateTime<Utc>>,
    /// How many gaps of the newest backup lie in it.
    pub gaps: u64,
    /// The first of them.
    pub gap: Option<Gap>,
}

/// The audit of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Everything by kind and name.
    pub rows: Vec<CoverageRow>,
}

/// The three sides of a row.
#[derive(Default)]
struct Sides {
    title: Option<String>,
    sees: Option<Counted>,
    saved: Option<Counted>,
    last: Option<Counted>,
}

type Rows = BTreeMap<(CoverageKind, String), Sides>;

/// Compares what the source shows now with its newest backup and the one before it. Nothing is changed anywhere.
///
/// # Errors
/// When the source cannot be reached at all, a backup cannot be read, or the job is cancelled.
pub fn coverage(
    source: &dyn Source,
    newest: Option<&SnapshotView>,
    before: Option<&SnapshotView>,
    job: &Job<'_>,
) -> Result<Coverage> {
    // A source that is not there looks like an empty one.
    source.probe(job.cancel)?;
    let state = State::live(source, job.cancel)?;
    let derived = [newest, before].into_iter().flatten().any(SnapshotView::is_derived);
    let mut rows = Rows::new();
    live(&state, derived, job, &mut |key, title, count| {
        let sides = rows.entry(key).or_default();
        (sides.title, sides.sees) = (title, Some(count));
    })?;
    for (view, newest) in [(newest, true), (before, false)] {
        let Some(view) = view else { continue };
        saved(view, job, &mut |key, title, count| {
            let sides = rows.entry(key).or_default();
            sides.title = sides.title.take().or(title);
            match newest {
                true => sides.saved = Some(count),
                false => sides.last = Some(count),
            }
        })?;
    }
    let gaps = newest.map_or(&[][..], |newest| &newest.meta.gaps);
    let mut out: Vec<CoverageRow> = rows
        .into_iter()
        .map(|((kind, name), sides)| row(kind, name, sides, newest, before))
        .collect();
    place_gaps(&mut out, gaps);
    Ok(Coverage { rows: out })
}

fn row(
    kind: CoverageKind,
    name: String,
    sides: Sides,
    newest: Option<&SnapshotView>,
    before: Option<&SnapshotView>,
) -> CoverageRow {
    let state = match (&sides.sees, &sides.saved, &sides.last) {
        (Some(_), Some(_), _) => CoverageState::Covered,
        (Some(_), None, Some(_)) => CoverageState::Missing,
        (Some(_), None, None) => CoverageState::New,
        (None, ..) => CoverageState::OutOfReach,
    };
    let at = |view: Option<&SnapshotView>| view.map(|view| view.meta.started);
    CoverageRow {
        name,
        title: sides.title,
        kind,
        saved_at: match (&sides.saved, &sides.last) {
            (Some(_), _) => at(newest),
            (None, Some(_)) => at(before),
            (None, None) => None,
        },
        sees: sides.sees.and_then(|counted| counted.0),
        saved: sides.saved.and_then(|counted| counted.0),
        last: sides.last.and_then(|counted| counted.0),
        state,
        gaps: 0,
        gap: None,
    }
}

/// Tells each row its gaps, and gives rows to what is known by its gap alone.
fn place_gaps(rows: &mut Vec<CoverageRow>, gaps: &[Gap]) {
    let mut homeless: BTreeMap<&str, &Gap> = BTreeMap::new();
    // What has no slash may be a collection as well as a file at the top.
    let only_files = !rows.iter().any(|row| row.kind == CoverageKind::Collection);
    for gap in gaps {
        let mut placed = false;
        for row in rows.iter_mut().filter(|row| lies_in(&gap.subject, row)) {
            placed = true;
            row.note(gap);
        }
        if !placed && only_files && !gap.subject.contains('/') {
            let top = rows.iter_mut().find(|row| row.kind == CoverageKind::Files);
            placed = top.map(|row| row.note(gap)).is_some();
        }
        let out_of_reach = matches!(gap.kind, ErrorKind::Auth | ErrorKind::Unreachable);
        if !placed && out_of_reach && homeless.len() < OF_GAPS {
            homeless.entry(&gap.subject).or_insert(gap);
        }
    }
    rows.extend(homeless.into_iter().map(|(name, gap)| CoverageRow {
        name: name.to_owned(),
        title: None,
        kind: CoverageKind::Unknown,
        sees: None,
        saved: None,
        last: None,
        state: CoverageState::OutOfReach,
        saved_at: None,
        gaps: 1,
        gap: Some(gap.clone()),
    }));
}

impl CoverageRow {
    fn note(&mut self, gap: &Gap) {
        self.gaps += 1;
        self.gap.get_or_insert_with(|| gap.clone());
        if self.state == CoverageState::New {
            self.state = CoverageState::Missing;
        }
    }
}

/// Whether a gap's subject is the row's, or lies in it.
fn lies_in(subject: &str, row: &CoverageRow) -> bool {
    let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
    row.kind != CoverageKind::Files && subject.strip_prefix(row.name.as_str()).is_some_and(below)
}
