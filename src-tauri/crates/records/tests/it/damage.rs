//! Damage to every file of a collection: detected, or harmless. Never a wrong record, never a panic.

use std::sync::Arc;

use backstay_model::{ErrorKind, Record};
use backstay_records::{CollectionReader, Fault, MemStore, Mode, RecordsError, RunStore};
use bytes::Bytes;

use crate::support::{Plain, Step, collection, open, record, small, write};

/// Three snapshots in one; returns the store, the path of the collection and what is in it.
fn stored() -> (Arc<MemStore>, String, Plain) {
    let mut plain = Plain::new();
    let mut store = Arc::new(MemStore::new());
    let mut path = String::new();
    for round in 0..3_u64 {
        let sink = if round == 0 {
            Arc::clone(&store)
        } else {
            Arc::new(MemStore::after(Arc::clone(&store)))
        };
        let previous = (round > 0).then(|| open(&store, &path));
        let edits: Vec<Record> = (0..40)
            .filter(|n| round == 0 || n % 5 == round)
            .map(|n| record(&format!("id-{n:03}"), n + round, ((n + round) % 7) as u8))
            .collect();
        let gone = format!("id-{:03}", round * 10);
        let mut steps: Vec<Step<'_>> = edits.iter().map(Step::Put).collect();
        plain.extend(edits.iter().map(|record| (record.id.clone(), record.clone())));
        if round > 0 {
            steps.push(Step::Delete(&gone));
            plain.remove(&gone);
        }
        path = write(
            sink.as_ref(),
            previous.as_ref(),
            "things",
            Mode::Delta,
            small(true, 1 << 20),
            &steps,
        )
        .path;
        store = sink;
    }
    (store, path, plain)
}

/// Reads everything in every way; what is given out without an error must be right.
fn read_all(store: &Arc<MemStore>, path: &str, plain: &Plain) -> Result<(), RecordsError> {
    let store: Arc<dyn RunStore> = Arc::<MemStore>::clone(store);
    let reader = CollectionReader::open(&store, path)?;
    assert_eq!(reader.count(), plain.len() as u64);
    assert_eq!(reader.collection(), &collection("things"));
    let mut first = Ok(());
    let mut note = |error: RecordsError| {
        if first.is_ok() {
            first = Err(error);
        }
    };
    let mut expected = plain.values();
    match reader.scan("") {
        Ok(scan) => scan.for_each(|found| match found {
            Ok(record) => assert_eq!(Some(&record), expected.next()),
            Err(error) => note(error),
        }),
        Err(error) => note(error),
    }
    for (number, (id, record)) in plain.iter().enumerate().step_by(7) {
        match reader.get(id) {
            Ok(found) => assert_eq!(found.as_ref(), Some(record)),
            Err(error) => note(error),
        }
        match reader.page(number as u64, 3) {
            Ok(page) => assert!(page.iter().eq(plain.values().skip(number).take(3))),
            Err(error) => note(error),
        }
    }
    match reader.verify() {
        Ok(verified) => assert_eq!(verified.records, plain.len() as u64),
        Err(error) => note(error),
    }
    first
}

#[test]
fn every_flipped_bit_is_noticed() {
    let (store, path, plain) = stored();
    read_all(&store, &path, &plain).unwrap();
    let (mut tried, mut seen) = (0, std::collections::HashSet::new());
    for (file, content) in store.files() {
        let step = (content.len() / 60).max(1);
        for at in (0..content.len())
            .step_by(step)
            .chain(content.len().saturating_sub(10)..content.len())
        {
            let mut damaged = content.to_vec();
            damaged[at] ^= 1 << (at % 8);
            store.set(&file, Some(Bytes::from(damaged)));
            let error = read_all(&store, &path, &plain).expect_err(&format!("{file} at {at}"));
            assert_eq!(error.kind(), ErrorKind::Damaged, "{file} at {at}: {error}");
            if let RecordsError::Damaged { path, fault, .. } = error {
                assert!(path == file || matches!(fault, Fault::Counts), "{path} instead of {file}");
                seen.insert(fault);
            }
            tried += 1;
        }
        store.set(&file, Some(content));
    }
    assert!(tried > 2000, "only {tried} places tried");
    for fault in [Fault::Seal, Fault::Hash, Fault::Check, Fault::WrongId, Fault::Line] {
        assert!(seen.contains(&fault), "{fault:?} never came up: {seen:?}");
    }
}

#[test]
fn truncated_lengthened_and_missing_files_are_noticed() {
    let (store, path, plain) = stored();
    for (file, content) in store.files() {
        let cut = [0, 1, content.len() / 2, content.len() - 1].map(|len| Some(content.slice(..len)));
        let longer = Some(Bytes::from([&content[..], b"x"].concat()));
        for damaged in cut.into_iter().chain([longer, None]) {
            store.set(&file, damaged.clone());
            let error = read_all(&store, &path, &plain).expect_err(&file);
            let expected = if damaged.is_some() {
                ErrorKind::Damaged
            } else {
                ErrorKind::NotFound
            };
            assert_eq!(error.kind(), expected, "{file}: {error}");
        }
        store.set(&file, Some(content));
    }
}

#[test]
fn files_of_the_same_form_cannot_stand_in_for_each_other() {
    let (store, path, plain) = stored();
    let files = store.files();
    for end in [".ndjson", "run.json"] {
        let alike: Vec<_> = files.iter().filter(|(file, _)| file.ends_with(end)).collect();
        for (pair, other) in alike.windows(2).map(|pair| (pair[0], pair[1])) {
            store.set(pair.0, Some(other.1.clone()));
            assert_eq!(read_all(&store, &path, &plain).expect_err(pair.0).kind(), ErrorKind::Damaged);
            store.set(pair.0, Some(pair.1.clone()));
        }
    }
}

#[test]
fn a_newer_format_is_refused_by_name() {
    use sha2::Digest as _;
    let (store, path, _) = stored();
    let text = store.read_at(&path, 0, store.size(&path).unwrap() as usize).unwrap();
    let body = String::from_utf8(text[..text.len() - 76].to_vec())
        .unwrap()
        .replacen("\"format\":1", "\"format\":2", 1);
    let seal = hex::encode(sha2::Sha256::digest(&body));
    store.set(&path, Some(Bytes::from(format!("{body},\"seal\":\"{seal}\"}}\n"))));
    let store: Arc<dyn RunStore> = store;
    let error = CollectionReader::open(&store, &path).err().unwrap();
    assert!(
        matches!(error, RecordsError::NewerFormat { found: 2, known: 1, .. }),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn an_export_of_damaged_lines_is_an_error_or_whole() {
    let (store, path, plain) = stored();
    let shards: Vec<_> = store
        .files()
        .into_iter()
        .filter(|(file, _)| file.ends_with(".ndjson"))
        .collect();
    let mut found = 0;
    for (file, content) in shards {
        let bent = |at: usize| {
            let mut bent = content.to_vec();
            bent[at] = if bent[at] == b'\n' { b' ' } else { b'\n' };
            Bytes::from(bent)
        };
        let places = (0..content.len()).filter(|at| content[*at] == b'\n' || at % 7 == 0);
        let damages = places.map(bent).chain([content.slice(..content.len() - 1)]);
        for damaged in damages {
            store.set(&file, Some(damaged));
            let mut lines = open(&store, &path).lines().unwrap();
            let failed = std::iter::from_fn(|| lines.next_piece().transpose()).find_map(Result::err);
            found += usize::from(failed.is_some());
            // What a newer run replaced is not looked at.
            let scanned: Result<Vec<_>, _> = open(&store, &path).scan("").unwrap().collect();
            let harmless = scanned.is_ok_and(|scanned| scanned.iter().eq(plain.values()));
            let told = failed.is_some_and(|error| error.kind() == ErrorKind::Damaged);
            assert!(told || harmless, "{file}");
        }
        store.set(&file, Some(content));
    }
    assert!(found > 100, "{found}");
}
