//! Writing: what is written reads back the same, and what was not expected is not touched.

use backstay_model::{ErrorKind, FileEntry, FileKind, Record};
use backstay_source::{
    Cancel, Expect, FileView as _, Planned, RecordView, RecordWriter, Result as SourceResult, WriteStep, Written,
};

use super::{
    Bench, Check, Checked, Detail, Failure, Seed, files,
    records::{live, scan, taken},
};
use crate::DirSink;

pub(super) const RECORDS: &[(&str, Check)] = &[
    ("write: a deleted record is created again, the same", recreate),
    ("write: what was not expected is refused", refuse),
    ("write: several at once as one by one", several),
    ("write: a cancelled one is the last", stopped),
    ("write: dropped without commit, nothing is written", dropped),
];

pub(super) const FILES: &[(&str, Check)] = &[
    ("write files: a new place gets them whole", new_place),
    ("write files: what was not expected is refused", refuse_files),
    ("write files: paths that lead out are refused", paths),
];

const COLLECTION: &str = "items";

/// The full name of the larger collection.
pub(super) fn items(bench: &Bench<'_>, view: &dyn RecordView) -> Result<String, Failure> {
    let names = bench.ok(view.collections())?.into_iter().map(|c| c.name);
    Ok(names
        .into_iter()
        .find(|n| n == COLLECTION || n.ends_with("/items"))
        .unwrap_or_default())
}

/// A seeded source, the full name of its larger collection, and two of its records.
fn seeded(bench: &Bench<'_>) -> Result<(String, Record, Record), Failure> {
    bench.ok(bench.harness.seed(&Seed::usual()))?;
    let view = live(bench)?;
    let name = items(bench, &*view)?;
    let records = bench.ok(view.page(&name, 10, 2))?;
    match <[Record; 2]>::try_from(records) {
        Ok([a, b]) => Ok((name, a, b)),
        Err(_) => Err(bench.fail(Detail::Breach("has no collection `items` with the seeded records".to_owned()))),
    }
}

fn writer(bench: &Bench<'_>) -> Result<Box<dyn RecordWriter>, Failure> {
    let view = live(bench)?;
    bench.ok(bench.source.record_writer(&*view, &Cancel::default()))
}

fn recreate(bench: &Bench<'_>) -> Checked {
    let (name, record, _) = seeded(bench)?;
    let before = scan(bench, &*live(bench)?, &name, None)?;
    let mut first = writer(bench)?;
    bench.ok(first.write(&name, &WriteStep::Delete(record.id.clone()), Expect::Content(record.hash)))?;
    bench.ok(first.commit())?;
    drop(first);
    bench.same(&None, &bench.ok(live(bench)?.get(&name, &record.id))?)?;
    let mut second = writer(bench)?;
    let written = bench.ok(second.write(&name, &WriteStep::Create(record.clone()), Expect::Absent))?;
    bench.ok(second.commit())?;
    drop(second);
    // The same by the source's own judgement: a service that counts revisions gives it a new one.
    let view = live(bench)?;
    let now = bench.ok(view.get(&name, written.new_id.as_deref().unwrap_or(&record.id)))?;
    let now = now.ok_or_else(|| bench.fail(Detail::Breach("a record that was created is not there".to_owned())))?;
    bench.same(&Some(now.hash), &written.hash)?;
    bench.same(&None, &bench.ok(view.differs(&name, &record, &now))?)?;
    if written.new_id.is_none() {
        let after = scan(bench, &*view, &name, None)?;
        let others = |all: Vec<Record>| all.into_iter().filter(|other| other.id != record.id).collect::<Vec<_>>();
        bench.same(&before.len(), &after.len())?;
        bench.same(&others(before), &others(after))?;
    }
    Ok(())
}

fn kind(result: SourceResult<Written>) -> Result<(), ErrorKind> {
    result.map(|_| ()).map_err(|e| e.kind)
}

fn refuse(bench: &Bench<'_>) -> Checked {
    let (name, a, b) = seeded(bench)?;
    let mut writer = writer(bench)?;
    let (update, create) = (WriteStep::Update(a.clone()), WriteStep::Create(a.clone()));
    let delete = WriteStep::Delete(a.id.clone());
    for (step, expect) in [
        (&update, Expect::Content(b.hash)),
        (&create, Expect::Absent),
        (&delete, Expect::Content(b.hash)),
    ] {
        bench.same(&Err(ErrorKind::Changed), &kind(writer.write(&name, step, expect)))?;
    }
    drop(writer);
    bench.same(&Some(a.clone()), &bench.ok(live(bench)?.get(&name, &a.id))?)
}

/// Writes all of `steps` at once, the records coming from `content`.
fn write_all(
    bench: &Bench<'_>,
    name: &str,
    steps: &[(WriteStep, Expect)],
    content: &dyn RecordView,
) -> Result<Vec<Result<(), ErrorKind>>, Failure> {
    let mut writer = writer(bench)?;
    let planned: Vec<Planned<'_>> = steps
        .iter()
        .map(|(step, expect)| Planned {
            collection: name,
            step,
            expect: *expect,
        })
        .collect();
    let results = writer.write_many(&planned, content).into_iter().map(kind).collect();
    bench.ok(writer.commit())?;
    Ok(results)
}

fn several(bench: &Bench<'_>) -> Checked {
    let (name, _, _) = seeded(bench)?;
    let (content, _) = taken(bench, None, DirSink::new())?;
    let before = scan(bench, &*live(bench)?, &name, None)?;
    let some = &before[10..15];
    let delete = |n: usize, hash| (WriteStep::Delete(some[n].id.clone()), Expect::Content(hash));
    let steps = [
        delete(0, some[0].hash),
        delete(1, some[0].hash),
        delete(2, some[2].hash),
        (WriteStep::Create(some[3].clone()), Expect::Absent),
        delete(4, some[4].hash),
    ];
    let results = write_all(bench, &name, &steps, &content)?;
    let changed = || Err(ErrorKind::Changed);
    bench.same(&vec![Ok(()), changed(), Ok(()), changed(), Ok(())], &results)?;
    let ids: Vec<&str> = some.iter().map(|record| record.id.as_str()).collect();
    let there = bench.ok(live(bench)?.get_many(&name, &ids))?;
    let there: Vec<bool> = there.iter().map(Option::is_some).collect();
    bench.same(&vec![false, true, false, true, false], &there)?;
    let create = |n: usize| (WriteStep::Create(some[n].clone()), Expect::Absent);
    let results = write_all(bench, &name, &[create(0), create(2), create(4)], &content)?;
    bench.same(&vec![Ok(()); 3], &results)?;
    bench.same(&before.len(), &scan(bench, &*live(bench)?, &name, None)?.len())
}

fn stopped(bench: &Bench<'_>) -> Checked {
    let (name, a, b) = seeded(bench)?;
    let (content, _) = taken(bench, None, DirSink::new())?;
    let (view, cancel) = (live(bench)?, Cancel::default());
    let mut writer = bench.ok(bench.source.record_writer(&*view, &cancel))?;
    drop(view);
    let steps = [a, b].map(|record| (WriteStep::Delete(record.id.clone()), Expect::Content(record.hash)));
    let planned: Vec<Planned<'_>> = steps
        .iter()
        .map(|(step, expect)| Planned {
            collection: &name,
            step,
            expect: *expect,
        })
        .collect();
    cancel.cancel();
    let results: Vec<_> = writer.write_many(&planned, &content).into_iter().map(kind).collect();
    let ends = |result: &Result<(), ErrorKind>| matches!(result, Err(ErrorKind::Cancelled | ErrorKind::Unreachable));
    let last = results.last().is_some_and(ends);
    bench.holds(
        "as many results as steps, or the last one is why not",
        last || results.len() == planned.len(),
    )?;
    let early = results.iter().rev().skip(1).any(ends);
    bench.holds("nothing is written after a result that ends it", !early)
}

fn dropped(bench: &Bench<'_>) -> Checked {
    if !bench.source.capabilities().transactions {
        return Ok(());
    }
    let (name, a, _) = seeded(bench)?;
    let mut writer = writer(bench)?;
    bench.ok(writer.write(&name, &WriteStep::Delete(a.id.clone()), Expect::Content(a.hash)))?;
    drop(writer);
    bench.same(&Some(a.clone()), &bench.ok(live(bench)?.get(&name, &a.id))?)
}

fn new_place(bench: &Bench<'_>) -> Checked {
    let Some(place) = bench.harness.new_place() else {
        return Ok(());
    };
    bench.ok(bench.harness.seed(&Seed::usual()))?;
    let (taken, _) = taken(bench, None, DirSink::new())?;
    let target = bench.ok(bench.source.at(&place))?;
    let mut writer = bench.ok(target.file_writer(&Cancel::default()))?;
    for file in taken.files() {
        let mut content = bench.ok(file
            .content
            .open()
            .map_err(|e| backstay_source::SourceError::io(&file.entry.path, e)))?;
        let written = bench.ok(writer.put(&file.entry, &mut content, Expect::Absent))?;
        if file.entry.kind == FileKind::File {
            bench.same(&Some(bench.ok(taken.hash(&file.entry.path))?), &written.hash)?;
        }
    }
    bench.ok(writer.finish())?;
    drop(writer);
    let Some(view) = bench.ok(target.live_files(&Cancel::default()))? else {
        return Err(bench.fail(Detail::Breach("the new place has no files".to_owned())));
    };
    let facts = |e: &FileEntry| (e.path.clone(), e.kind.clone(), e.size);
    let wanted: Vec<_> = taken.files().map(|f| facts(&f.entry)).collect();
    bench.same(&wanted, &files::walk(bench, &*view, None)?.iter().map(facts).collect())?;
    for file in taken.files().filter(|f| f.entry.kind == FileKind::File) {
        let path = &file.entry.path;
        bench.same(&bench.ok(taken.hash(path))?, &bench.ok(view.hash(path))?)?;
    }
    Ok(())
}

/// A file of the live source, with its content.
fn a_file(bench: &Bench<'_>) -> Result<crate::TakenFile, Failure> {
    bench.ok(bench.harness.seed(&Seed::usual()))?;
    let (taken, _) = taken(bench, None, DirSink::new())?;
    let mut files = taken.files().filter(|f| f.entry.kind == FileKind::File && f.entry.size > 0);
    let file = files.next().cloned();
    file.ok_or_else(|| bench.fail(Detail::Breach("has no file with content".to_owned())))
}

fn refuse_files(bench: &Bench<'_>) -> Checked {
    let file = a_file(bench)?;
    let view = files::live(bench)?;
    let before = bench.ok(view.hash(&file.entry.path))?;
    let mut writer = bench.ok(bench.source.file_writer(&Cancel::default()))?;
    let other = backstay_model::ContentHash::of(b"something else");
    for expect in [Expect::Absent, Expect::Content(other)] {
        let mut content = bench.ok(file
            .content
            .open()
            .map_err(|e| backstay_source::SourceError::io("content", e)))?;
        bench.same(&Err(ErrorKind::Changed), &kind(writer.put(&file.entry, &mut content, expect)))?;
    }
    bench.same(
        &Err(ErrorKind::Changed),
        &kind(writer.remove(&file.entry.path, Expect::Content(other))),
    )?;
    drop(writer);
    bench.same(&before, &bench.ok(view.hash(&file.entry.path))?)
}

fn paths(bench: &Bench<'_>) -> Checked {
    let file = a_file(bench)?;
    let mut writer = bench.ok(bench.source.file_writer(&Cancel::default()))?;
    for path in ["../out", "a/../../out", "/out"] {
        let entry = FileEntry {
            path: path.to_owned(),
            ..file.entry.clone()
        };
        let mut content = bench.ok(file
            .content
            .open()
            .map_err(|e| backstay_source::SourceError::io("content", e)))?;
        bench.same(
            &Err(ErrorKind::Refused),
            &kind(writer.put(&entry, &mut content, Expect::Absent)),
        )?;
    }
    Ok(())
}
