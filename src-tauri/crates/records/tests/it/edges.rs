//! Odd ids and sizes, order of input, emptied and renamed collections, failing sinks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use backstay_model::{ErrorKind, RawJson, Record};
use backstay_records::{
    CollectionReader, CollectionWriter, DirStore, MAX_ID, MemStore, Mode, Options, RecordsError, RunSink, RunStore, StoreError,
    Tuning,
};
use bytes::Bytes;

use crate::support::{Plain, Step, collection, open, record, small, write};

fn next(store: &Arc<MemStore>) -> Arc<MemStore> {
    Arc::new(MemStore::after(Arc::clone(store)))
}

fn full(store: &Arc<MemStore>, previous: Option<&CollectionReader>, records: &Plain, options: Options) -> CollectionReader {
    let steps: Vec<Step<'_>> = records.values().map(Step::Put).collect();
    let outcome = write(store.as_ref(), previous, "things", Mode::Full, options, &steps);
    open(store, &outcome.path)
}

fn plain(ids: impl IntoIterator<Item = String>) -> Plain {
    ids.into_iter()
        .enumerate()
        .map(|(n, id)| (id.clone(), record(&id, n as u64, 1)))
        .collect()
}

#[test]
fn ids_up_to_the_limit_and_records_of_20_mib_come_back() {
    let ids = [
        "x".to_owned(),
        "\u{0}".into(),
        "\u{10ffff}".into(),
        "ß".repeat(MAX_ID / 2),
        "a".repeat(MAX_ID),
        "\n\r\t\"\\/".into(),
    ];
    let mut records = plain(ids);
    let big = RawJson::trusted(Bytes::from(format!("{{\"t\":\"{}\"}}", "b".repeat(20 << 20))));
    records.insert("big".into(), Record::new("big", big));
    for sort_bytes in [1 << 20, 64 << 20] {
        let tuning = Tuning {
            sort_bytes,
            ..Tuning::default()
        };
        let store = Arc::new(MemStore::new());
        let reader = full(&store, None, &records, Options { temporary: None, tuning });
        assert!(reader.scan("").unwrap().map(Result::unwrap).eq(records.values().cloned()));
        assert_eq!(reader.get("big").unwrap().as_ref(), records.get("big"));
        let largest = store.files().values().map(Bytes::len).filter(|len| *len < 20 << 20).max();
        assert!(largest < Some(2 << 20), "the large record has a shard of its own");
        reader.verify().unwrap();
    }
}

#[test]
fn ids_beyond_the_limit_are_refused() {
    let store = MemStore::new();
    let mut writer = CollectionWriter::new(collection("things"), None, Mode::Full, &store, Options::default()).unwrap();
    let error = writer.push(record("", 1, 1)).unwrap_err();
    assert!(matches!(&error, RecordsError::EmptyId { collection } if collection == "things"));
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(
        matches!(writer.push(record(&"a".repeat(MAX_ID + 1), 1, 1)), Err(RecordsError::LongId { length, .. }) if length == MAX_ID + 1)
    );
}

#[test]
fn an_emptied_collection_has_no_runs_and_can_be_filled_again() {
    let records = plain((0..50).map(|n| format!("id-{n}")));
    let first = Arc::new(MemStore::new());
    let old = full(&first, None, &records, small(true, 1 << 20));
    for table in [true, false] {
        let second = next(&first);
        let emptied = full(&second, Some(&old), &Plain::new(), small(table, 1 << 20));
        assert_eq!((emptied.count(), emptied.runs()), (0, 0));
        assert_eq!(
            second.files().len(),
            1,
            "only the description is left: {:?}",
            second.files().keys()
        );
        assert_eq!(emptied.checksum(), "0".repeat(32));
        assert!(emptied.page(0, 10).unwrap().is_empty() && emptied.get("id-1").unwrap().is_none());
        let third = next(&second);
        let again = full(&third, Some(&emptied), &records, small(table, 1 << 20));
        assert_eq!(again.checksum(), old.checksum());
        assert_eq!(old.diff(&again).unwrap().count(), 0);
        again.verify().unwrap();
    }
}

#[test]
fn nothing_changed_writes_a_description_and_nothing_else() {
    let records = plain((0..500).map(|n| format!("id-{n}")));
    let first = Arc::new(MemStore::new());
    let old = full(&first, None, &records, Options::default());
    let second = next(&first);
    full(&second, Some(&old), &records, Options::default());
    assert_eq!(second.files(), first.files(), "the same tree costs nothing");
}

#[test]
fn a_renamed_collection_keeps_its_runs() {
    let records = plain((0..200).map(|n| format!("id-{n}")));
    let first = Arc::new(MemStore::new());
    let old = full(&first, None, &records, small(true, 1 << 20));
    let second = next(&first);
    let steps: Vec<Step<'_>> = records.values().map(Step::Put).collect();
    let outcome = write(
        second.as_ref(),
        Some(&old),
        "New / Name",
        Mode::Full,
        small(true, 1 << 20),
        &steps,
    );
    assert!(outcome.summary.changes.is_same());
    let renamed = open(&second, &outcome.path);
    renamed.verify().unwrap();
    assert_eq!(old.diff(&renamed).unwrap().count(), 0);
    let content = |store: &MemStore| {
        store
            .files()
            .into_values()
            .filter(|f| !f.starts_with(b"{\"format\":1,\"collection\""))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        content(&first),
        content(&second),
        "all files but the description are the same"
    );
}

#[test]
fn a_change_costs_what_changed_also_when_it_is_scattered() {
    let mut records = plain((0..20_000_u64).map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))));
    let first = Arc::new(MemStore::new());
    let old = full(&first, None, &records, Options::default());
    let size = |store: &MemStore| store.files().values().map(Bytes::len).sum::<usize>();
    for (n, (id, held)) in records.iter_mut().enumerate() {
        if n % 100 == 0 {
            *held = record(id, n as u64 + 7, 1);
        }
    }
    let second = next(&first);
    let new = full(&second, Some(&old), &records, Options::default());
    assert_eq!(new.runs(), 2);
    let added = size(&second) - size(&first);
    assert!(added * 50 < size(&first), "{added} of {}", size(&first));
    assert_eq!(old.diff(&new).unwrap().count(), 200);
}

#[test]
fn the_number_of_runs_stays_small_over_many_backups() {
    let mut records = plain((0..300).map(|n| format!("id-{n:04}")));
    let mut store = Arc::new(MemStore::new());
    let mut reader = full(&store, None, &records, small(true, 1 << 20));
    let mut merged = 0;
    for round in 0..120_u64 {
        let id = format!("id-{:04}", round * 37 % 400);
        records.insert(id.clone(), record(&id, round, 1));
        store = next(&store);
        let outcome = write(
            store.as_ref(),
            Some(&reader),
            "things",
            Mode::Delta,
            small(true, 1 << 20),
            &[Step::Put(&records[&id])],
        );
        merged += outcome.merged;
        reader = open(&store, &outcome.path);
        assert!(reader.runs() <= 17, "{}", reader.runs());
    }
    assert!(merged > 0);
    assert!(reader.scan("").unwrap().map(Result::unwrap).eq(records.values().cloned()));
    reader.verify().unwrap();
}

#[test]
fn large_unsorted_input_is_sorted_in_temporary_files_of_several_levels() {
    let ids = (0..9000_u64).map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let mut records = plain(ids);
    let mut order: Vec<Record> = records.values().cloned().collect();
    order.sort_by_key(|record| record.hash);
    let last = record(&order[5].id, 12345, 3);
    order.push(last.clone());
    records.insert(last.id.clone(), last);
    let steps: Vec<Step<'_>> = order.iter().map(Step::Put).collect();
    let store = Arc::new(MemStore::new());
    let tuning = Tuning {
        sort_bytes: 8000,
        ..Tuning::default()
    };
    let outcome = write(
        store.as_ref(),
        None,
        "things",
        Mode::Full,
        Options { temporary: None, tuning },
        &steps,
    );
    assert_eq!(outcome.duplicates, 1);
    assert!(
        open(&store, &outcome.path)
            .scan("")
            .unwrap()
            .map(Result::unwrap)
            .eq(records.values().cloned())
    );
}

#[test]
fn a_missing_temporary_directory_is_an_error_and_not_a_loss() {
    let options = Options {
        temporary: Some("/nonexistent/backstay".into()),
        tuning: small(true, 300).tuning,
    };
    let store = MemStore::new();
    let mut writer = CollectionWriter::new(collection("things"), None, Mode::Full, &store, options).unwrap();
    let error = (0..20)
        .rev()
        .find_map(|n| writer.push(record(&format!("id-{n}"), n, 1)).err())
        .expect("the buffer is full by now");
    assert!(matches!(error, RecordsError::Temporary(_)));
}

/// Fails at one call.
struct Failing {
    inner: MemStore,
    calls: AtomicUsize,
    fail_at: usize,
}

impl Failing {
    fn step(&self, path: &str) -> Result<(), StoreError> {
        if self.calls.fetch_add(1, Ordering::SeqCst) == self.fail_at {
            return Err(StoreError::new(path, ErrorKind::Full, "the disk is full"));
        }
        Ok(())
    }
}

impl RunSink for Failing {
    fn put(&self, path: &str, content: Bytes) -> Result<(), StoreError> {
        self.step(path)?;
        self.inner.put(path, content)
    }
    fn keep(&self, from: &str, to: &str) -> Result<(), StoreError> {
        self.step(from)?;
        self.inner.keep(from, to)
    }
}

#[test]
fn a_sink_that_fails_anywhere_fails_the_run_and_leaves_no_description() {
    let mut records = plain((0..60).map(|n| format!("id-{n}")));
    let mut store = Arc::new(MemStore::new());
    let mut old = full(&store, None, &records, small(true, 1 << 20));
    for round in 0..4_u64 {
        store = next(&store);
        records.insert(format!("new-{round}"), record(&format!("new-{round}"), round, 1));
        old = full(&store, Some(&old), &records, small(true, 1 << 20));
    }
    records.retain(|id, _| !id.ends_with('7'));
    for fail_at in 0.. {
        let sink = Failing {
            inner: MemStore::after(Arc::clone(&store)),
            calls: AtomicUsize::new(0),
            fail_at,
        };
        let mut writer =
            CollectionWriter::new(collection("things"), Some(&old), Mode::Full, &sink, small(true, 1 << 20)).unwrap();
        let pushed = records.values().try_for_each(|record| writer.push(record.clone()));
        let ended = pushed.and_then(|()| writer.finish());
        let fired = sink.calls.load(Ordering::SeqCst) > fail_at;
        if !fired {
            assert!(ended.is_ok() && fail_at > 5, "only {fail_at} places to fail at");
            break;
        }
        assert_eq!(ended.unwrap_err().kind(), ErrorKind::Full);
        assert!(
            sink.inner.size("databases/things.json").is_err(),
            "a failed run has no description"
        );
    }
}

#[test]
fn paths_cannot_lead_out_of_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let store = DirStore::new(dir.path());
    for path in ["../x", "a/../../x", "/etc/passwd", "a//b", "C:x", ""] {
        assert_eq!(store.read_at(path, 0, 1).unwrap_err().kind, ErrorKind::Damaged, "{path}");
        assert!(store.put(path, Bytes::new()).is_err());
    }
}

/// Sends nothing of what is kept, wherever it lies, and forgets what is neither kept nor given.
#[test]
fn unchanged_records_are_taken_over_unread() {
    let ids = |n: usize| format!("{:04x}", n * 7919 % 65_536);
    let records = plain((0..300).map(ids));
    for (table, in_order, mode) in [
        (true, true, Mode::Full),
        (true, false, Mode::Full),
        (false, true, Mode::Full),
        (true, false, Mode::Delta),
        (false, false, Mode::Delta),
    ] {
        for sort_bytes in [600, 1 << 20] {
            let first = Arc::new(MemStore::new());
            let before = full(&first, None, &records, small(table, sort_bytes));
            let store = next(&first);
            let options = small(table, sort_bytes);
            let mut writer = CollectionWriter::new(collection("things"), Some(&before), mode, store.as_ref(), options).unwrap();
            let mut order: Vec<&Record> = records.values().collect();
            if !in_order {
                order.sort_by_key(|record| record.data.as_bytes().to_vec());
            }
            let (gone, changed) = (order[17].id.clone(), order[200].clone());
            for record in order {
                // Asked for with another content and then not given: nothing is known of it.
                if record.id == gone {
                    assert!(!writer.keep(&gone, changed.hash).unwrap());
                    continue;
                }
                if record.id == changed.id {
                    let other = RawJson::parse(b"{\"other\":1}").unwrap();
                    let other = Record::new(record.id.clone(), other);
                    assert!(!writer.keep(&other.id, other.hash).unwrap());
                    writer.push(other).unwrap();
                    continue;
                }
                assert!(writer.keep(&record.id, record.hash).unwrap(), "{table} {in_order} {mode:?}");
            }
            assert!(!writer.keep("~new", changed.hash).unwrap());
            let done = writer.finish().unwrap();
            let changes = done.summary.changes;
            let removed = u64::from(mode == Mode::Full);
            assert_eq!((changes.added, changes.changed, changes.removed), (0, 1, removed));
            let after = open(&store, &done.path);
            assert_eq!(after.get(&gone).unwrap().is_none(), mode == Mode::Full);
            assert_eq!(after.count(), 300 - removed);
            assert!(
                after.scan("").unwrap().map(Result::unwrap).eq(records
                    .values()
                    .filter(|record| mode == Mode::Delta || record.id != gone)
                    .map(|record| if record.id == changed.id {
                        after.get(&changed.id).unwrap().unwrap()
                    } else {
                        record.clone()
                    }))
            );
        }
    }
}

/// The deletion went to the run already when the record came again: it must not be lost with the run that seemed needless.
#[test]
fn the_last_record_deleted_and_given_again_stays() {
    let records = plain(["only".to_owned()]);
    let first = Arc::new(MemStore::new());
    let before = full(&first, None, &records, small(false, 1));
    let store = next(&first);
    let steps = [Step::Delete("only"), Step::Put(&records["only"])];
    let done = write(store.as_ref(), Some(&before), "things", Mode::Delta, small(false, 1), &steps);
    assert_eq!((done.summary.records, done.summary.changes.removed), (1, 0));
    let after = open(&store, &done.path);
    assert_eq!(after.get("only").unwrap().as_ref(), records.get("only"));
    after.verify().unwrap();
}
