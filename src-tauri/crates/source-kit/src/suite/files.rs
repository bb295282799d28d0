//! Reading files: walk, stat, open, hash and the run must agree.

use std::{io::Read as _, sync::Arc};

use backstay_model::{ErrorKind, FileEntry, FileKind};
use backstay_source::{Cancel, FileView};

use super::{Bench, Check, Checked, Detail, Failure, Seed, records::taken};
use crate::{DirSink, content::hash_of, path_order};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("files: an empty source gives none", empty),
    ("files: the walk is in order and without doubles", order),
    ("files: stat, open and hash agree with the walk", agree),
    ("files: a run gives what the walk shows", run_is_live),
    ("files: a walk below a place is a part of the walk", below),
    ("files: an unchanged source is not read again", unchanged),
    ("files: a later run gives the later state", later),
    ("files: a cancelled run ends with that", cancelled),
];

pub(super) fn live(bench: &Bench<'_>) -> Result<Arc<dyn FileView>, Failure> {
    let view = bench.ok(bench.source.live_files(&Cancel::default()))?;
    view.ok_or_else(|| bench.fail(Detail::Breach("says it has files and has no view of them".to_owned())))
}

pub(super) fn walk(bench: &Bench<'_>, view: &dyn FileView, below: Option<&str>) -> Result<Vec<FileEntry>, Failure> {
    bench.ok(bench.ok(view.walk(below))?.collect())
}

fn seeded(bench: &Bench<'_>) -> Result<Arc<dyn FileView>, Failure> {
    bench.ok(bench.harness.seed(&Seed::usual()))?;
    live(bench)
}

fn empty(bench: &Bench<'_>) -> Checked {
    let (taken, _) = taken(bench, None, DirSink::new())?;
    let files: Vec<_> = taken
        .files()
        .filter(|f| f.entry.kind == FileKind::File && f.entry.size > 0)
        .collect();
    // A database without tables may still be a file; a source of plain files has none.
    bench.holds(
        "no files with content, or they belong to records",
        files.is_empty() || bench.source.capabilities().records,
    )
}

fn order(bench: &Bench<'_>) -> Checked {
    let view = seeded(bench)?;
    let keys: Vec<_> = walk(bench, &*view, None)?.iter().map(|e| path_order(&e.path)).collect();
    bench.holds("there are files", !keys.is_empty())?;
    bench.holds(
        "every path comes after the one before",
        keys.windows(2).all(|pair| pair[0] < pair[1]),
    )
}

fn agree(bench: &Bench<'_>) -> Checked {
    let view = seeded(bench)?;
    for entry in walk(bench, &*view, None)? {
        let stat = bench.ok(view.stat(&entry.path))?;
        bench.same(&Some(entry.clone()), &stat)?;
        if entry.kind == FileKind::File {
            let mut reader = bench.ok(view.open(&entry.path))?;
            let mut size = 0;
            let mut counted = std::io::BufReader::new(&mut reader).bytes().inspect(|_| size += 1);
            bench.holds("content can be read", counted.all(|b| b.is_ok()))?;
            bench.same(&entry.size, &size)?;
            let again = hash_of(&mut bench.ok(view.open(&entry.path))?).ok();
            bench.same(&again, &Some(bench.ok(view.hash(&entry.path))?))?;
        }
    }
    bench.same(&None, &bench.ok(view.stat("no such thing"))?)?;
    let missing = view.open("no such thing").map(|_| ()).map_err(|e| e.kind);
    bench.same(&Err(ErrorKind::NotFound), &missing)
}

/// What a run gave against the live view.
fn same_as_live(bench: &Bench<'_>, taken: &crate::Taken) -> Checked {
    let view = live(bench)?;
    let wanted = walk(bench, &*view, None)?;
    let got: Vec<_> = taken.files().map(|f| f.entry.clone()).collect();
    bench.same(&wanted, &got)?;
    for entry in wanted.iter().filter(|e| e.kind == FileKind::File) {
        bench.same(&bench.ok(view.hash(&entry.path))?, &bench.ok(taken.hash(&entry.path))?)?;
    }
    Ok(())
}

fn run_is_live(bench: &Bench<'_>) -> Checked {
    seeded(bench)?;
    let (taken, _) = taken(bench, None, DirSink::new())?;
    same_as_live(bench, &taken)
}

fn below(bench: &Bench<'_>) -> Checked {
    let view = seeded(bench)?;
    let all = walk(bench, &*view, None)?;
    for start in &all {
        let inside = format!("{}/", start.path);
        let part = all.iter().filter(|e| e.path == start.path || e.path.starts_with(&inside));
        bench.same(&part.cloned().collect(), &walk(bench, &*view, Some(&start.path))?)?;
    }
    bench.same(&Vec::new(), &walk(bench, &*view, Some("no such thing"))?)
}

fn unchanged(bench: &Bench<'_>) -> Checked {
    seeded(bench)?;
    let (first, cursor) = taken(bench, None, DirSink::new())?;
    let first = Arc::new(first);
    let (second, _) = taken(bench, cursor.as_ref(), DirSink::after(Arc::clone(&first)))?;
    bench.holds("nothing is read", second.read.is_empty())?;
    bench.same(&first.paths(), &second.paths())
}

fn later(bench: &Bench<'_>) -> Checked {
    seeded(bench)?;
    let (first, cursor) = taken(bench, None, DirSink::new())?;
    bench.ok(bench.harness.seed(&Seed::changed()))?;
    let (second, _) = taken(bench, cursor.as_ref(), DirSink::after(Arc::new(first)))?;
    same_as_live(bench, &second)
}

fn cancelled(bench: &Bench<'_>) -> Checked {
    seeded(bench)?;
    let sink = DirSink::new();
    backstay_source::Sink::cancel(&sink).cancel();
    let kind = bench.source.changes(None, &sink).map(|_| ()).map_err(|e| e.kind);
    bench.same(&Err(ErrorKind::Cancelled), &kind)
}
