//! Comparing states: counts and names against a plain model, stored or live on either side.

use std::collections::{BTreeMap, BTreeSet};

use backstay_engine::{Depth, EngineError, FILES, State, diff_states};
use backstay_model::{ChangeCounts, ChangeKind, ErrorKind, FileKind, RecordChange};
use backstay_source::{Expect, Source as _};
use proptest::prelude::*;

use crate::bench::{Bench, json};

fn compare(bench: &Bench, a: &State, b: &State, only: Option<&str>) -> (BTreeMap<String, ChangeCounts>, Vec<RecordChange>) {
    let mut found = Vec::new();
    let counts = diff_states(a, b, only, Depth::Fields, &bench.cancel, &mut |change| {
        found.push(change);
        Ok(())
    })
    .unwrap();
    (counts.into_iter().map(|d| (d.collection, d.counts)).collect(), found)
}

fn counts(added: u64, changed: u64, removed: u64, unchanged: u64) -> ChangeCounts {
    ChangeCounts {
        added,
        changed,
        removed,
        unchanged,
    }
}

#[test]
fn fields_files_links_and_kinds() {
    let bench = Bench::new();
    bench.source.put("c", "1", json(r#"{"a":1,"b":null,"same":[1,2]}"#));
    bench.source.put("gone", "x", json("{}"));
    bench.source.file("d/f", &b"one"[..]);
    bench.source.file("d/same", &b"same"[..]);
    bench.source.file("d/turns", &b"file"[..]);
    bench.source.file("d/removed", &b"."[..]);
    link(&bench, "d/link", "f", Expect::Absent);
    link(&bench, "d/steady", "f", Expect::Absent);
    let first = bench.backup();
    let a = bench.open(&first.snapshot);
    bench
        .source
        .put("c", "1", json(r#"{"a":2,"same":[1,2],"new":12345678901234567890}"#));
    bench.source.drop_collection("gone");
    bench.source.put("made", "y", json(r#"{"v":1}"#));
    bench.source.file("d/f", &b"two"[..]);
    bench.source.file("d/same", &b"same"[..]); // another time, the same content
    bench.source.remove_file("d/removed");
    bench.source.remove_file("d/turns");
    link(&bench, "d/turns", "f", Expect::Absent);
    bench.source.remove_file("d/link");
    link(&bench, "d/link", "same", Expect::Absent);
    let second = bench.backup();
    let b = bench.open(&second.snapshot);
    for later in [&b, &bench.live()] {
        let (numbers, found) = compare(&bench, &a, later, None);
        assert_eq!(numbers["c"], counts(0, 1, 0, 0));
        assert_eq!(numbers["gone"], counts(0, 0, 1, 0));
        assert_eq!(numbers["made"], counts(1, 0, 0, 0));
        assert_eq!(numbers[FILES], counts(0, 3, 1, 3), "{found:#?}");
        let mut fields: Vec<_> = found[0].fields.iter().map(|f| (f.field.as_str(), f.change)).collect();
        fields.sort_by_key(|field| field.0);
        let expected = [
            ("/a", ChangeKind::Changed),
            ("/b", ChangeKind::Removed),
            ("/new", ChangeKind::Added),
        ];
        assert_eq!(fields, expected);
        let files: Vec<_> = found
            .iter()
            .filter(|f| f.collection == FILES)
            .map(|f| f.id.as_str())
            .collect();
        assert_eq!(files, ["d/f", "d/link", "d/removed", "d/turns"]);
        let (only, found) = compare(&bench, &a, later, Some("made"));
        assert_eq!((only.len(), found.len()), (1, 1));
    }
    assert!(compare(&bench, &b, &bench.live(), None).1.is_empty());
    let error = diff_states(&a, &b, Some("nowhere"), Depth::Items, &bench.cancel, &mut |_| Ok(())).unwrap_err();
    assert!(matches!(&error, EngineError::NoCollection { known, .. } if known.contains(&"c".to_owned())));
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

fn link(bench: &Bench, path: &str, target: &str, expect: Expect) {
    let mut writer = bench.source.file_writer(&bench.cancel).unwrap();
    let entry = backstay_model::FileEntry {
        path: path.to_owned(),
        kind: FileKind::Symlink(target.to_owned()),
        size: 0,
        meta: backstay_model::FileMeta::default(),
    };
    writer.put(&entry, &mut std::io::empty(), expect).unwrap();
    writer.finish().unwrap();
}

#[test]
fn a_cancelled_comparison_ends() {
    let bench = Bench::new();
    bench.source.put("c", "1", json("1"));
    let (a, b) = (State::default(), bench.live());
    bench.cancel.cancel();
    let error = diff_states(&a, &b, None, Depth::Items, &bench.cancel, &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

type Model = BTreeMap<u8, u8>;

fn differences(a: &Model, b: &Model) -> (ChangeCounts, BTreeSet<(String, &'static str)>) {
    let (mut numbers, mut found) = (ChangeCounts::default(), BTreeSet::new());
    for id in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
        let what = match (a.get(id), b.get(id)) {
            (None, _) => (&mut numbers.added, "Added"),
            (_, None) => (&mut numbers.removed, "Removed"),
            (x, y) if x != y => (&mut numbers.changed, "Changed"),
            _ => {
                numbers.unchanged += 1;
                continue;
            }
        };
        *what.0 += 1;
        found.insert((id.to_string(), what.1));
    }
    (numbers, found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counts_are_those_of_a_plain_model(
        rounds in prop::collection::vec(prop::collection::vec((0_u8..40, prop::option::of(0_u8..3)), 0..12), 2..6),
        feed: bool,
    ) {
        let bench = Bench::with(if feed { backstay_source_kit::MemorySource::with_feed() } else { Default::default() });
        bench.source.collection("c");
        let mut model = Model::new();
        let mut states = Vec::new();
        for round in &rounds {
            for (id, value) in round {
                match value {
                    Some(value) => {
                        model.insert(*id, *value);
                        bench.source.put("c", &id.to_string(), json(&value.to_string()));
                    }
                    None => {
                        model.remove(id);
                        bench.source.delete("c", &id.to_string());
                    }
                }
            }
            states.push((bench.open(&bench.backup().snapshot), model.clone()));
        }
        states.push((bench.live(), model.clone()));
        for (a, at_a) in &states {
            for (b, at_b) in &states {
                let (numbers, found) = differences(at_a, at_b);
                let (got, changes) = compare(&bench, a, b, Some("c"));
                prop_assert_eq!(got["c"], numbers);
                let changes: BTreeSet<_> = changes.into_iter().map(|c| {
                    let what = match c.change {
                        ChangeKind::Added => "Added",
                        ChangeKind::Changed => "Changed",
                        ChangeKind::Removed => "Removed",
                    };
                    (c.id, what)
                }).collect();
                prop_assert_eq!(changes, found);
            }
        }
    }
}
