//! Random histories of a collection, compared with a plain map at every snapshot.

use std::sync::Arc;

use backstay_model::ChangeKind;
use backstay_records::{CollectionReader, MemStore, Mode};
use proptest::prelude::*;

use crate::support::{Plain, Step, open, record, small, write};

/// One backup of a history.
#[derive(Debug, Clone)]
struct Round {
    full: bool,
    table: bool,
    sort_bytes: usize,
    /// Push in ascending order of ids.
    sorted: bool,
    rename: bool,
    /// Id number, value, flavour; flavour 7 deletes, and several for one id are duplicates.
    edits: Vec<(u8, u8, u8)>,
    /// Take unchanged records over instead of giving them: every second record, every record.
    keep: u8,
    /// Delete everything.
    wipe: bool,
    checks: (u8, u8),
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let edits = prop::collection::vec((0..60_u8, 0..4_u8, 0..9_u8), 0..40);
    let round = (
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(vec![1_usize, 700, 3000, 1 << 20]),
        any::<bool>(),
    );
    let round = (
        round,
        prop::bool::weighted(0.05),
        edits,
        prop::bool::weighted(0.04),
        (any::<u8>(), any::<u8>()),
        0..3_u8,
    );
    let round = round.prop_map(
        |((full, table, sort_bytes, sorted), rename, edits, wipe, checks, keep)| Round {
            full,
            table,
            sort_bytes,
            sorted,
            rename,
            edits,
            keep,
            wipe,
            checks,
        },
    );
    prop::collection::vec(round, 1..9)
}

/// Ids of many forms whose order by bytes differs from the order of numbers.
fn id(number: u8) -> String {
    match number % 6 {
        0 => number.to_string(),
        1 => format!("{:08x}-0000-4000-8000-{:012x}", u32::from(number) * 71_234_567, number),
        2 => format!("ä{number}/\u{0}\n\"{}", "x".repeat(usize::from(number))),
        3 => format!("{:032x}", u128::from(number) << 100),
        4 => char::from(b'a' + number % 26).to_string(),
        _ => format!("user:{}", 1000 - u32::from(number)),
    }
}

/// Runs one backup and returns the state it should have stored.
fn back_up(
    round: &Round,
    before: &Plain,
    previous: Option<&CollectionReader>,
    sink: &Arc<MemStore>,
    name: &str,
) -> (Plain, String) {
    let full = round.full || previous.is_none();
    let mut after = before.clone();
    if round.wipe {
        after.clear();
    }
    let edited: Vec<_> = round
        .edits
        .iter()
        .map(|(n, value, flavour)| (id(*n), record(&id(*n), u64::from(*value), *flavour), *flavour))
        .collect();
    for (id, record, flavour) in &edited {
        if *flavour == 7 {
            after.remove(id)
        } else {
            after.insert(id.clone(), record.clone())
        };
    }
    let wiped: Vec<&String> = before.keys().filter(|id| round.wipe && !after.contains_key(*id)).collect();
    let mut steps: Vec<Step<'_>> = Vec::new();
    if full {
        // Records nobody edited first; then the edits one by one, so that duplicates come too.
        steps.extend(
            after
                .iter()
                .filter(|(id, _)| !edited.iter().any(|(e, ..)| e == *id))
                .map(|(_, record)| Step::Put(record)),
        );
    } else {
        steps.extend(wiped.iter().map(|id| Step::Delete(id)));
    }
    let step = |(id, record, flavour)| if flavour == 7 { Step::Delete(id) } else { Step::Put(record) };
    steps.extend(
        edited
            .iter()
            .map(|(id, record, flavour)| step((id.as_str(), record, *flavour))),
    );
    if round.sorted {
        steps.sort_by(|a, b| step_id(a).cmp(step_id(b)));
    }
    for (number, step) in steps.iter_mut().enumerate() {
        if let Step::Put(record) = step
            && (number + 1) % 2 < usize::from(round.keep)
        {
            *step = Step::Keep(record);
        }
    }
    let mode = if full { Mode::Full } else { Mode::Delta };
    let outcome = write(
        sink.as_ref(),
        previous,
        name,
        mode,
        small(round.table, round.sort_bytes),
        &steps,
    );
    check_counts(before, &after, &outcome);
    (after, outcome.path)
}

fn step_id<'s>(step: &'s Step<'_>) -> &'s str {
    match step {
        Step::Put(record) | Step::Keep(record) => &record.id,
        Step::Delete(id) => id,
    }
}

fn check_counts(before: &Plain, after: &Plain, outcome: &backstay_records::Outcome) {
    let counts = outcome.summary.changes;
    let changes = changes(before, after);
    let of = |kind| changes.iter().filter(|(_, change)| *change == kind).count() as u64;
    let expected = (of(ChangeKind::Added), of(ChangeKind::Changed), of(ChangeKind::Removed));
    assert_eq!((counts.added, counts.changed, counts.removed), expected);
    assert_eq!(counts.unchanged, before.len() as u64 - counts.changed - counts.removed);
    assert_eq!(outcome.summary.records, after.len() as u64);
}

fn changes(before: &Plain, after: &Plain) -> Vec<(String, ChangeKind)> {
    let mut ids: Vec<&String> = before.keys().chain(after.keys()).collect();
    ids.sort();
    ids.dedup();
    let change = |id: &String| match (before.get(id), after.get(id)) {
        (None, Some(_)) => Some(ChangeKind::Added),
        (Some(_), None) => Some(ChangeKind::Removed),
        (Some(a), Some(b)) if a.hash != b.hash => Some(ChangeKind::Changed),
        _ => None,
    };
    ids.into_iter().filter_map(|id| Some((id.clone(), change(id)?))).collect()
}

fn check_state(reader: &CollectionReader, plain: &Plain, (a, b): (u8, u8)) {
    assert_eq!(reader.count(), plain.len() as u64);
    let all: Vec<_> = reader.scan("").unwrap().map(Result::unwrap).collect();
    assert!(all.iter().eq(plain.values()), "scan differs");
    check_export(reader, plain);
    let offset = usize::from(a) % (plain.len() + 2);
    let page = reader.page(offset as u64, usize::from(b % 20)).unwrap();
    assert!(
        page.iter().eq(plain.values().skip(offset).take(usize::from(b % 20))),
        "page differs"
    );
    for number in [a % 60, b % 60, a % 7] {
        let id = id(number);
        assert_eq!(reader.get(&id).unwrap().as_ref(), plain.get(&id), "{id}");
        assert_eq!(reader.rank(&id).unwrap(), plain.range(..id.clone()).count() as u64);
        let mut keys = reader.keys(&id).unwrap();
        for (id, record) in plain.range(id..).take(3) {
            let key = keys.next_key().unwrap().unwrap();
            assert_eq!(
                (key.id, key.hash),
                (id.as_str(), backstay_records::ShortHash::of(record.hash))
            );
        }
    }
    let ids: Vec<String> = (0..20_u32).map(|n| id(((n * 7 + u32::from(a)) % 60) as u8)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let many = reader.get_many(&ids).unwrap();
    assert!(
        many.iter().map(Option::as_ref).eq(ids.iter().map(|id| plain.get(*id))),
        "many differ"
    );
    let sizes = reader.sizes(&ids).unwrap();
    let mut lookup = reader.lookup();
    // Often enough for the table, now and then.
    for _ in 0..if a % 16 == 0 { 11 } else { 1 } {
        for (id, size) in ids.iter().zip(&sizes) {
            let known = plain.get(*id);
            assert_eq!(known.is_some(), size.is_some());
            assert!(
                known
                    .zip(*size)
                    .is_none_or(|(record, size)| size > record.data.as_bytes().len() as u64)
            );
            let wanted = known.map(|record| backstay_records::ShortHash::of(record.hash));
            assert_eq!(lookup.find(id).unwrap(), wanted, "{id}");
        }
    }
    assert_eq!(reader.verify().unwrap().records, plain.len() as u64);
}

/// The lines of an export hold every record once, in order, and nothing else.
fn check_export(reader: &CollectionReader, plain: &Plain) {
    let (mut lines, mut text) = (reader.lines().unwrap(), Vec::new());
    while let Some(piece) = lines.next_piece().unwrap() {
        assert!(piece.ends_with(b"\n"), "a piece ends with a line");
        text.extend_from_slice(&piece);
    }
    let mut expected = plain.values();
    for line in std::str::from_utf8(&text).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let record = expected.next().unwrap();
        let data: serde_json::Value = serde_json::from_slice(record.data.as_bytes()).unwrap();
        assert_eq!((line["id"].as_str(), &line["data"]), (Some(record.id.as_str()), &data));
    }
    assert!(expected.next().is_none(), "the export ends early");
}

fn play(rounds: &[Round]) {
    let mut states: Vec<(Plain, CollectionReader)> = Vec::new();
    let mut store: Option<Arc<MemStore>> = None;
    let mut name = "things".to_owned();
    for (number, round) in rounds.iter().enumerate() {
        let sink = Arc::new(store.take().map_or_else(MemStore::new, MemStore::after));
        let (before, previous) = states
            .last()
            .map_or((Plain::new(), None), |(plain, reader)| (plain.clone(), Some(reader.clone())));
        if round.rename {
            name = format!("Things {number}");
        }
        let (after, path) = back_up(round, &before, previous.as_ref(), &sink, &name);
        let reader = open(&sink, &path);
        check_state(&reader, &after, round.checks);
        states.push((after, reader));
        store = Some(sink);
    }
    // Old snapshots are still what they were, and any two compare like maps.
    for (i, (before, old)) in states.iter().enumerate() {
        let (after, new) = &states[(i * 7 + 3) % states.len()];
        check_state(old, before, (i as u8, 5));
        let found: Vec<_> = old.diff(new).unwrap().map(|d| d.unwrap()).map(|d| (d.id, d.change)).collect();
        assert_eq!(found, changes(before, after));
        assert_eq!(old.checksum() == new.checksum(), found.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_collection_behaves_like_a_map(rounds in rounds()) {
        play(&rounds);
    }
}
