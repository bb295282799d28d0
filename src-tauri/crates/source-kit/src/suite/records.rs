//! Reading records: every way to read them must tell the same story.

use std::{cmp::Ordering, sync::Arc};

use backstay_model::{ErrorKind, RawJson, Record};
use backstay_source::{Cancel, Print, RecordView};

use super::{Bench, Check, Checked, Failure, Seed};
use crate::{DirSink, Taken};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("records: an empty source gives none", empty),
    ("records: a run gives what the live view shows", run_is_live),
    ("records: the scan is in order and without doubles", order),
    ("records: pages are parts of the scan, and end", pages),
    ("records: one by one as in the scan", one_by_one),
    ("records: many at once as one by one", many),
    ("records: texts come back exactly", texts),
    ("records: a later run gives the later state", later),
    ("records: a cancelled run ends with that", cancelled),
];

pub(super) const FEED: &[(&str, Check)] = &[
    ("feed: nothing changed, nothing given", feed_quiet),
    ("feed: a change leads to the live state", feed_change),
];

/// A run into `sink` that holds to the contract.
pub(super) fn taken(bench: &Bench<'_>, cursor: Option<&RawJson>, sink: DirSink) -> Result<(Taken, Option<RawJson>), Failure> {
    let outcome = bench.ok(bench.source.changes(cursor, &sink))?;
    let taken = sink.finish();
    bench.same(&Vec::<String>::new(), &taken.breaches)?;
    bench.same(&Vec::new(), &taken.gaps)?;
    bench.holds("every collection is ended", taken.collections.values().all(|c| c.ended))?;
    Ok((taken, outcome.cursor))
}

pub(super) fn live(bench: &Bench<'_>) -> Result<Box<dyn RecordView>, Failure> {
    let view = bench.ok(bench.source.live_records(&Cancel::default()))?;
    view.ok_or_else(|| {
        bench.fail(super::Detail::Breach(
            "says it has records and has no view of them".to_owned(),
        ))
    })
}

pub(super) fn scan(bench: &Bench<'_>, view: &dyn RecordView, name: &str, after: Option<&str>) -> Result<Vec<Record>, Failure> {
    bench.ok(bench.ok(view.scan(name, after))?.collect())
}

/// Names of the collections; there must be some.
pub(super) fn names(bench: &Bench<'_>, view: &dyn RecordView) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = bench.ok(view.collections())?.into_iter().map(|c| c.name).collect();
    bench.holds("there are collections", !names.is_empty())?;
    bench.holds("collections are sorted by name", names.is_sorted())?;
    Ok(names)
}

fn seeded(bench: &Bench<'_>) -> Result<Box<dyn RecordView>, Failure> {
    bench.ok(bench.harness.seed(&Seed::usual()))?;
    live(bench)
}

fn empty(bench: &Bench<'_>) -> Checked {
    let (taken, _) = taken(bench, None, DirSink::new())?;
    bench.holds("no records", taken.collections.values().all(|c| c.records.is_empty()))
}

/// Stored records are compared by id and hash: order and form may be the connector's own.
fn agree(bench: &Bench<'_>, taken: &Taken) -> Checked {
    let view = live(bench)?;
    for (name, collection) in &taken.collections {
        let mut wanted: Vec<_> = scan(bench, &*view, name, None)?.into_iter().map(|r| (r.id, r.hash)).collect();
        wanted.sort();
        let got: Vec<_> = collection.records.values().map(|r| (r.id.clone(), r.hash)).collect();
        bench.same(&wanted, &got)?;
    }
    Ok(())
}

fn run_is_live(bench: &Bench<'_>) -> Checked {
    seeded(bench)?;
    let (taken, _) = taken(bench, None, DirSink::new())?;
    agree(bench, &taken)
}

fn order(bench: &Bench<'_>) -> Checked {
    let view = seeded(bench)?;
    for name in names(bench, &*view)? {
        let records = scan(bench, &*view, &name, None)?;
        let rising = |pair: &[Record]| view.compare_ids(&name, &pair[0].id, &pair[1].id) == Ordering::Less;
        bench.holds("every id is greater than the one before", records.windows(2).all(rising))?;
        bench.same(&(records.len() as u64), &bench.ok(view.count(&name))?)?;
        let keys: Result<Vec<_>, _> = bench.ok(view.keys(&name))?.collect();
        let wanted: Vec<_> = records.into_iter().map(|r| (r.id, r.hash)).collect();
        bench.same(&wanted, &bench.ok(keys)?)?;
        let prints: Result<Vec<_>, _> = bench.ok(view.prints(&name))?.collect();
        let prints: Vec<_> = bench.ok(prints)?.into_iter().map(|p| (p.id, p.hash)).collect();
        let wanted: Vec<_> = wanted.into_iter().map(|(id, hash)| (id, Print::short(hash))).collect();
        bench.same(&wanted, &prints)?;
    }
    Ok(())
}

fn pages(bench: &Bench<'_>) -> Checked {
    let view = seeded(bench)?;
    for name in names(bench, &*view)? {
        let all = scan(bench, &*view, &name, None)?;
        let end = all.len() as u64;
        for (offset, limit) in [
            (0, 10),
            (1, 1),
            (end / 2, 100),
            (end.saturating_sub(3), 10),
            (end, 10),
            (end + 1_000, 10),
            (0, 0),
        ] {
            let from = usize::try_from(offset.min(end)).unwrap_or(0);
            let to = usize::try_from((offset + limit).min(end)).unwrap_or(0).max(from);
            bench.same(&all[from..to].to_vec(), &bench.ok(view.page(&name, offset, limit))?)?;
        }
        for at in [0, all.len() / 2, all.len().saturating_sub(1)] {
            let Some(record) = all.get(at) else { continue };
            bench.same(&all[at + 1..].to_vec(), &scan(bench, &*view, &name, Some(&record.id))?)?;
        }
    }
    Ok(())
}

fn one_by_one(bench: &Bench<'_>) -> Checked {
    let view = seeded(bench)?;
    for name in names(bench, &*view)? {
        for record in scan(bench, &*view, &name, None)?.into_iter().step_by(97) {
            bench.same(&Some(record.clone()), &bench.ok(view.get(&name, &record.id))?)?;
        }
    }
    let missing = view.count("no such collection").map_err(|e| e.kind);
    bench.same(&Err(ErrorKind::NotFound), &missing)
}

fn many(bench: &Bench<'_>) -> Checked {
    let view = seeded(bench)?;
    for name in names(bench, &*view)? {
        let mut ids: Vec<String> = scan(bench, &*view, &name, None)?.into_iter().map(|r| r.id).collect();
        // Neither in order nor all there, and one twice.
        ids.reverse();
        ids.insert(ids.len().min(1), "no such record".to_owned());
        ids.push(ids[0].clone());
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let wanted: Result<Vec<_>, _> = ids.iter().map(|id| view.get(&name, id)).collect();
        bench.same(&bench.ok(wanted)?, &bench.ok(view.get_many(&name, &ids))?)?;
        bench.same(&Vec::new(), &bench.ok(view.get_many(&name, &[]))?)?;
    }
    Ok(())
}

fn texts(bench: &Bench<'_>) -> Checked {
    let view = seeded(bench)?;
    let mut all = String::new();
    for name in names(bench, &*view)? {
        for record in scan(bench, &*view, &name, None)? {
            let value = record.data.value();
            bench.holds("a record is JSON", value.is_ok())?;
            // As one text with JSON's escapes, whatever shape the connector gives its records.
            all.push_str(&value.map(|v| v.to_string()).unwrap_or_default());
        }
    }
    for record in Seed::usual().collections.values().flatten() {
        let title = serde_json::Value::from(record.title.clone()).to_string();
        bench.holds(
            &format!("the title {title} is in a record"),
            all.contains(title.trim_matches('"')),
        )?;
    }
    Ok(())
}

fn later(bench: &Bench<'_>) -> Checked {
    seeded(bench)?;
    let (first, _) = taken(bench, None, DirSink::new())?;
    bench.ok(bench.harness.seed(&Seed::changed()))?;
    let (second, _) = taken(bench, None, DirSink::after(Arc::new(first)))?;
    agree(bench, &second)
}

fn cancelled(bench: &Bench<'_>) -> Checked {
    seeded(bench)?;
    let sink = DirSink::new();
    backstay_source::Sink::cancel(&sink).cancel();
    let kind = bench.source.changes(None, &sink).map(|_| ()).map_err(|e| e.kind);
    bench.same(&Err(ErrorKind::Cancelled), &kind)
}

fn feed_quiet(bench: &Bench<'_>) -> Checked {
    seeded(bench)?;
    let (first, cursor) = taken(bench, None, DirSink::new())?;
    bench.holds("a run with a feed gives a cursor", cursor.is_some())?;
    let first = Arc::new(first);
    let (second, _) = taken(bench, cursor.as_ref(), DirSink::after(Arc::clone(&first)))?;
    bench.same(&0, &second.collections.values().map(|c| c.given).sum::<u64>())?;
    agree(bench, &second)
}

fn feed_change(bench: &Bench<'_>) -> Checked {
    seeded(bench)?;
    let (first, cursor) = taken(bench, None, DirSink::new())?;
    bench.ok(bench.harness.seed(&Seed::changed()))?;
    let (second, _) = taken(bench, cursor.as_ref(), DirSink::after(Arc::new(first)))?;
    agree(bench, &second)
}
