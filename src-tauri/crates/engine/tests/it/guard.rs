//! Guards over records and files in memory: every trip, every reason not to, and random histories against a plain model.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use backstay_engine::{
    EngineError, FILES,
    guard::{GoneItem, GuardRules, SnapshotView, Standing, Trip, gone, judge, standings},
};
use backstay_model::{Capabilities, ErrorKind, Gap, RawJson, TargetSpec};
use backstay_source::{Cancel, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Result, Sink, Source};
use backstay_source_kit::MemorySource;
use backstay_vault::Snapshot;
use proptest::prelude::*;

use crate::bench::{Bench, json};

/// A source that names gaps besides what it gives.
struct Gappy<'a>(&'a MemorySource, &'a [&'a str]);

impl Source for Gappy<'_> {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
    fn probe(&self, cancel: &Cancel) -> Result<Probe> {
        self.0.probe(cancel)
    }
    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        let done = self.0.changes(cursor, sink)?;
        for subject in self.1 {
            sink.gap(Gap {
                subject: (*subject).to_owned(),
                kind: ErrorKind::Auth,
                message: "may not be read".to_owned(),
            });
        }
        Ok(done)
    }
    fn live_records(&self, cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        self.0.live_records(cancel)
    }
    fn live_files(&self, cancel: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        self.0.live_files(cancel)
    }
    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        self.0.at(target)
    }
    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        self.0.record_writer(schema, cancel)
    }
    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        self.0.file_writer(cancel)
    }
}

impl Bench {
    pub fn backup_with_gaps(&self, gaps: &[&str]) -> Snapshot {
        self.backup_of(&Gappy(&self.source, gaps), &self.vault).unwrap().snapshot
    }

    pub fn view(&self, snapshot: &Snapshot) -> SnapshotView {
        let reader = self.vault.reader().unwrap();
        SnapshotView::open(&reader, snapshot, &|kind| (kind == "memory").then(|| self.connector.clone())).unwrap()
    }

    /// The newest snapshot and the one before, as a guard sees them.
    fn both(&self) -> Option<(SnapshotView, SnapshotView)> {
        let all = self.vault.snapshots().unwrap();
        let newest = backstay_engine::backup::snapshots_of(&all, "s-1").next_back().unwrap();
        let reader = self.vault.reader().unwrap();
        let connector = |kind: &str| (kind == "memory").then(|| self.connector.clone());
        Some((SnapshotView::before(&reader, &all, newest, &connector)?, self.view(newest)))
    }

    fn judged(&self, rules: &GuardRules) -> Vec<Trip> {
        let (before, now) = self.both().unwrap();
        judge(rules, &before, &now, &self.job()).unwrap()
    }

    /// All that went of a collection, in pages.
    fn went(&self, name: &str, limit: usize) -> Vec<GoneItem> {
        let (before, now) = self.both().unwrap();
        let (mut from, mut items) = (None, Vec::new());
        loop {
            let page = gone(&before, &now, name, from, limit, &self.job()).unwrap();
            assert!(page.items.len() <= limit);
            items.extend(page.items);
            from = page.next;
            if from.is_none() {
                return items;
            }
        }
    }

    fn standing(&self, name: &str) -> Standing {
        let (before, now) = self.both().unwrap();
        let all = standings(&GuardRules::default(), &before, &now, &self.job()).unwrap();
        all.into_iter().find(|standing| standing.collection == name).unwrap()
    }

    fn records(&self, collection: &str, ids: std::ops::Range<u32>) {
        for id in ids {
            self.source
                .put(collection, &format!("{id:05}"), json(&format!(r#"{{"title":"No {id}"}}"#)));
        }
    }

    fn without(&self, collection: &str, ids: std::ops::Range<u32>) {
        for id in ids {
            self.source.delete(collection, &format!("{id:05}"));
        }
    }
}

fn mass(collection: &str, before: u64, now: u64, gone: u64) -> Trip {
    #[allow(clippy::cast_precision_loss)]
    let share = gone as f64 * 100.0 / before as f64;
    Trip::MassDeletion {
        collection: collection.to_owned(),
        before,
        now,
        gone,
        share,
    }
}

/// For sources that store all records, and ones that give what changed.
fn benches() -> [Bench; 2] {
    [Bench::new(), Bench::with(MemorySource::with_feed())]
}

#[test]
fn nothing_stands_before_the_first_backup() {
    let bench = Bench::new();
    bench.records("c", 0..10);
    bench.backup();
    assert!(bench.both().is_none());
}

#[test]
fn a_share_of_a_collection_trips() {
    for bench in benches() {
        bench.records("customers", 0..100);
        bench.records("invoices", 0..100);
        bench.backup();
        bench.without("customers", 0..24);
        bench.backup();
        assert_eq!(bench.judged(&GuardRules::default()), [], "24 % do not");
        bench.without("customers", 24..48);
        bench.backup();
        assert_eq!(
            bench.judged(&GuardRules::default()),
            [mass("customers", 76, 52, 24)],
            "a quarter of 76 is 19"
        );
        let went = bench.went("customers", 7);
        assert_eq!(went.len(), 24);
        assert_eq!(
            went[3],
            GoneItem {
                collection: "customers".to_owned(),
                id: "00027".to_owned(),
                title: Some("No 27".to_owned()),
            }
        );
        assert_eq!(bench.went("invoices", 7), []);
        let standing = bench.standing("customers");
        assert_eq!(
            (standing.before, standing.now, standing.gone, standing.limit, standing.over),
            (76, Some(52), 24, Some(19), true)
        );
        let standing = bench.standing("invoices");
        assert_eq!(
            (standing.before, standing.now, standing.gone, standing.over),
            (100, Some(100), 0, false)
        );
    }
}

#[test]
fn a_share_of_few_is_none() {
    let bench = Bench::new();
    bench.records("small", 0..19);
    bench.records("enough", 0..20);
    bench.backup();
    bench.without("small", 0..18);
    bench.without("enough", 0..5);
    bench.backup();
    assert_eq!(bench.judged(&GuardRules::default()), [mass("enough", 20, 15, 5)]);
    assert_eq!(bench.standing("small").limit, Some(500));
}

#[test]
fn replaced_records_are_gone_and_changed_ones_are_not() {
    for bench in benches() {
        bench.records("c", 0..3000);
        bench.backup();
        for id in 0..3000 {
            bench
                .source
                .put("c", &format!("{id:05}"), json(&format!(r#"{{"title":"edited {id}"}}"#)));
        }
        bench.backup();
        assert_eq!(bench.judged(&GuardRules::default()), [], "all were changed");
        bench.without("c", 0..500);
        bench.records("c", 5000..5500);
        bench.backup();
        assert_eq!(
            bench.judged(&GuardRules::default()),
            [mass("c", 3000, 3000, 500)],
            "500 others came, and 500 went all the same"
        );
        let one_less = GuardRules {
            count: Some(501),
            ..GuardRules::default()
        };
        assert_eq!(bench.judged(&one_less), []);
    }
}

#[test]
fn an_emptied_collection_trips_whatever_its_size() {
    for bench in benches() {
        bench.records("tiny", 0..1);
        bench.records("large", 0..1000);
        bench.source.collection("nothing");
        bench.backup();
        bench.without("tiny", 0..1);
        bench.without("large", 0..1000);
        bench.backup();
        let emptied = |collection: &str, before| Trip::Emptied {
            collection: collection.to_owned(),
            before,
        };
        assert_eq!(
            bench.judged(&GuardRules::default()),
            [emptied("large", 1000), emptied("tiny", 1)]
        );
        let off = GuardRules {
            emptied: false,
            ..GuardRules::default()
        };
        assert_eq!(bench.judged(&off), [mass("large", 1000, 0, 1000)]);
        assert_eq!(bench.went("large", 300).len(), 1000);
        bench.backup();
        assert_eq!(bench.judged(&GuardRules::default()), [], "it was empty already");
    }
}

#[test]
fn a_collection_that_is_not_there_any_more_is_lost() {
    let bench = Bench::new();
    bench.records("wiki/hiring", 0..214);
    bench.records("wiki/roadmap", 0..10);
    bench.backup();
    bench.source.drop_collection("wiki/hiring");
    bench.backup();
    let lost = Trip::CoverageLost {
        names: vec!["wiki/hiring".to_owned()],
    };
    assert_eq!(bench.judged(&GuardRules::default()), [lost], "one cause, one entry");
    assert_eq!(bench.went("wiki/hiring", 100).len(), 214);
    let off = GuardRules {
        coverage: false,
        ..GuardRules::default()
    };
    assert_eq!(
        bench.judged(&off),
        [Trip::Emptied {
            collection: "wiki/hiring".to_owned(),
            before: 214
        }]
    );
    bench.backup();
    assert_eq!(bench.judged(&GuardRules::default()), [], "told once");
}

#[test]
fn what_a_gap_explains_is_not_gone() {
    let bench = Bench::new();
    bench.records("wiki/hiring", 0..214);
    bench.records("wiki/roadmap", 0..100);
    for n in 0..40 {
        bench.source.file(&format!("docs/a/{n}"), &b"x"[..]);
    }
    bench.backup();
    bench.source.drop_collection("wiki/hiring");
    bench.without("wiki/roadmap", 0..30);
    for n in 0..30 {
        bench.source.remove_file(&format!("docs/a/{n}"));
    }
    let roadmap: Vec<String> = (0..6).map(|n| format!("wiki/roadmap/{n:05}")).collect();
    let mut gaps = vec!["wiki/hiring", "docs/a"];
    gaps.extend(roadmap.iter().map(String::as_str));
    bench.backup_with_gaps(&gaps);
    assert_eq!(
        bench.judged(&GuardRules::default()),
        [],
        "24 % of the roadmap are gone without a gap"
    );
    assert_eq!(bench.standing("wiki/hiring").now, None);
    assert_eq!(
        (bench.standing("wiki/roadmap").gone, bench.standing("wiki/hiring").gone),
        (24, 0)
    );
    assert_eq!(bench.went("wiki/roadmap", 10).len(), 24);
    assert_eq!(bench.went(FILES, 10), []);
}

#[test]
fn a_partial_backup_in_between_hides_nothing() {
    let bench = Bench::new();
    bench.records("hiring", 0..214);
    bench.records("sales", 0..200);
    bench.records("stays", 0..3);
    for n in 0..40 {
        bench.source.file(&format!("docs/{n}"), &b"x"[..]);
        bench.source.file(&format!("pics/{n}"), &b"x"[..]);
    }
    bench.backup();
    // Both were out of reach, and so were the documents.
    bench.source.drop_collection("hiring");
    bench.source.drop_collection("sales");
    for n in 0..40 {
        bench.source.remove_file(&format!("docs/{n}"));
    }
    bench.source.remove_file("docs");
    bench.backup_with_gaps(&["hiring", "sales", "docs"]);
    assert_eq!(bench.judged(&GuardRules::default()), []);
    // Now nothing is said about the first, and of the second and the documents most are gone.
    bench.records("sales", 0..100);
    for n in 0..8 {
        bench.source.file(&format!("docs/{n}"), &b"x"[..]);
    }
    bench.backup();
    assert_eq!(
        bench.judged(&GuardRules::default()),
        [
            Trip::CoverageLost {
                names: vec!["hiring".to_owned()]
            },
            mass("sales", 200, 100, 100),
            Trip::FilesGone {
                before: 80,
                now: 48,
                gone: 32,
                share: 40.0
            }
        ]
    );
    assert_eq!(bench.went("hiring", 100).len(), 214);
    assert_eq!(bench.went(FILES, 10).len(), 32);
    // The same pair, opened later by name.
    let (before, now) = bench.both().unwrap();
    let all = bench.vault.snapshots().unwrap();
    let connector = |kind: &str| (kind == "memory").then(|| bench.connector.clone());
    let reader = bench.vault.reader().unwrap();
    let again = SnapshotView::open_as_before(&reader, &all, &before.snapshot, &connector).unwrap();
    let page = gone(&again, &now, "hiring", None, 10, &bench.job()).unwrap();
    assert_eq!(page.next, Some(10));
}

#[test]
fn files_are_one_collection() {
    let bench = Bench::new();
    for n in 0..100 {
        bench.source.file(&format!("d{}/{n:03}", n % 4), &b"x"[..]);
    }
    bench.backup();
    for n in (0..96).step_by(4) {
        bench.source.remove_file(&format!("d0/{n:03}"));
    }
    bench.source.file("d1/001", &b"changed"[..]);
    bench.backup();
    assert_eq!(bench.judged(&GuardRules::default()), [], "24 of 100");
    bench.source.remove_file("d0/096");
    bench.source.remove_file("d0");
    for n in (1..97).step_by(4) {
        bench.source.remove_file(&format!("d1/{n:03}"));
    }
    bench.source.file("new/one", &b"x"[..]);
    bench.backup();
    let gone = Trip::FilesGone {
        before: 76,
        now: 52,
        gone: 25,
        share: 2500.0 / 76.0,
    };
    assert_eq!(bench.judged(&GuardRules::default()), [gone]);
    let went: Vec<String> = bench.went(FILES, 4).into_iter().map(|item| item.id).collect();
    assert_eq!((went.len(), went[0].as_str(), went[24].as_str()), (25, "d0/096", "d1/093"));
    assert_eq!(bench.standing(FILES).gone, 25);
}

#[test]
fn a_name_that_never_was_is_an_error() {
    let bench = Bench::new();
    bench.records("c", 0..2);
    bench.backup();
    bench.backup();
    let (before, now) = bench.both().unwrap();
    let error = gone(&before, &now, "other", None, 10, &bench.job()).unwrap_err();
    assert!(matches!(error, EngineError::NoCollection { .. }), "{error:?}");
}

#[test]
fn rules_are_read_as_they_were_written() {
    let old: GuardRules = serde_json::from_str(r#"{"count":10}"#).unwrap();
    assert_eq!(
        old,
        GuardRules {
            count: Some(10),
            ..GuardRules::default()
        }
    );
    let off: GuardRules = serde_json::from_str(r#"{"sharePercent":null,"count":null}"#).unwrap();
    assert_eq!(off.limit(1_000_000), None);
    let trips = [
        mass("c", 4, 1, 3),
        Trip::CoverageLost {
            names: vec!["x".to_owned()],
        },
    ];
    let text = serde_json::to_string(&trips).unwrap();
    assert_eq!(
        text,
        r#"[{"massDeletion":{"collection":"c","before":4,"now":1,"gone":3,"share":75.0}},{"coverageLost":{"names":["x"]}}]"#
    );
    assert_eq!(serde_json::from_str::<[Trip; 2]>(&text).unwrap(), trips);
}

/// Ids of each collection, paths of files.
type Model = BTreeMap<String, BTreeSet<u32>>;

#[derive(Debug, Clone)]
enum Act {
    Put(u8, u32, u32),
    Delete(u8, u32, u32),
    Drop(u8),
    Files(bool, u32, u32),
    Backup,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (0_u8..3, 0_u32..60, 1_u32..40).prop_map(|(c, from, n)| Act::Put(c, from, n)),
        3 => (0_u8..3, 0_u32..60, 1_u32..40).prop_map(|(c, from, n)| Act::Delete(c, from, n)),
        1 => (0_u8..3).prop_map(Act::Drop),
        2 => (any::<bool>(), 0_u32..40, 1_u32..20).prop_map(|(put, from, n)| Act::Files(put, from, n)),
        3 => Just(Act::Backup),
    ];
    prop::collection::vec(act, 4..24)
}

/// What a person would say tripped, counting on the fingers.
fn expected(rules: &GuardRules, before: &Model, now: &Model) -> Vec<String> {
    let mut lost = Vec::new();
    let mut out = Vec::new();
    for (name, was) in before {
        let empty = BTreeSet::new();
        let is = now.get(name).unwrap_or(&empty);
        if name != FILES && !now.contains_key(name) {
            lost.push(name.clone());
            continue;
        }
        let gone = was.difference(is).count();
        let by_share = was.len() as u64 >= rules.least && gone * 4 >= was.len();
        let by_count = gone as u64 >= rules.count.unwrap();
        let emptied = is.is_empty() && gone > 0;
        if emptied && name != FILES {
            out.push(format!("{name} emptied of {}", was.len()));
        } else if gone > 0 && (by_share || by_count || emptied) {
            out.push(format!("{name} {} -> {}, {gone} gone", was.len(), is.len()));
        }
    }
    if !lost.is_empty() {
        out.push(format!("lost {lost:?}"));
    }
    out.sort();
    out
}

fn told(trips: &[Trip]) -> Vec<String> {
    let tell = |trip: &Trip| match trip {
        Trip::MassDeletion {
            collection,
            before,
            now,
            gone,
            ..
        } => format!("{collection} {before} -> {now}, {gone} gone"),
        Trip::FilesGone { before, now, gone, .. } => format!("{FILES} {before} -> {now}, {gone} gone"),
        Trip::Emptied { collection, before } => format!("{collection} emptied of {before}"),
        Trip::CoverageLost { names } => format!("lost {names:?}"),
        other @ Trip::SchemaChanged { .. } => format!("{other:?}"),
    };
    let mut out: Vec<String> = trips.iter().map(tell).collect();
    out.sort();
    out
}

fn story(acts: &[Act], feed: bool) -> std::result::Result<(), TestCaseError> {
    let source = if feed {
        MemorySource::with_feed()
    } else {
        MemorySource::default()
    };
    let bench = Bench::with(source);
    let rules = GuardRules {
        count: Some(15),
        least: 8,
        ..GuardRules::default()
    };
    let mut model = Model::new();
    model.entry(FILES.to_owned()).or_default();
    let mut saved: Option<Model> = None;
    for act in acts.iter().chain([&Act::Backup]) {
        match act {
            Act::Put(c, from, n) => {
                bench.records(&format!("c{c}"), *from..from + n);
                model.entry(format!("c{c}")).or_default().extend(*from..from + n);
            }
            Act::Delete(c, from, n) => {
                bench.without(&format!("c{c}"), *from..from + n);
                if let Some(ids) = model.get_mut(&format!("c{c}")) {
                    ids.retain(|id| !(*from..from + n).contains(id));
                }
            }
            Act::Drop(c) => {
                // A feed that forgot its records would give them back with the collection.
                bench.without(&format!("c{c}"), 0..100);
                bench.source.drop_collection(&format!("c{c}"));
                model.remove(&format!("c{c}"));
            }
            Act::Files(put, from, n) => {
                for id in *from..from + n {
                    let path = format!("d{}/e{}/{id}", id % 3, id % 2);
                    if *put {
                        bench.source.file(&path, &b"x"[..]);
                        model.get_mut(FILES).unwrap().insert(id);
                    } else {
                        bench.source.remove_file(&path);
                        model.get_mut(FILES).unwrap().remove(&id);
                    }
                }
            }
            Act::Backup => {
                bench.backup();
                if let Some(before) = &saved {
                    prop_assert_eq!(told(&bench.judged(&rules)), expected(&rules, before, &model), "{:?}", acts);
                    for (name, was) in before {
                        let is = model.get(name).cloned().unwrap_or_default();
                        let mut went: Vec<u32> = bench
                            .went(name, 5)
                            .iter()
                            .map(|item| item.id.rsplit('/').next().unwrap().parse().unwrap())
                            .collect();
                        went.sort_unstable();
                        prop_assert_eq!(went, was.difference(&is).copied().collect::<Vec<_>>(), "{}", name);
                    }
                }
                saved = Some(model.clone());
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn guards_agree_with_a_plain_model(acts in acts(), feed in any::<bool>()) {
        story(&acts, feed)?;
    }
}
