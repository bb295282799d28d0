//! Restores: plan → perform → read back, by every policy, in place and elsewhere.

use std::collections::HashMap;

use backstay_engine::{
    EngineError,
    restore::{Ids, pick},
};
use backstay_model::{ConflictPolicy, ErrorKind, Record, RunKind, Selection, Subject};
use backstay_source::Source as _;
use backstay_source_kit::MemorySource;
use backstay_vault::Snapshot;
use chrono::DateTime;

use crate::bench::{Bench, Dump, json, lines, steps};

const POLICIES: [ConflictPolicy; 6] = [
    ConflictPolicy::Skip,
    ConflictPolicy::Local,
    ConflictPolicy::Remote,
    ConflictPolicy::Newest,
    ConflictPolicy::Both,
    ConflictPolicy::Ask,
];

pub fn sources() -> [MemorySource; 3] {
    [
        MemorySource::default(),
        MemorySource::with_transactions(),
        MemorySource::with_feed(),
    ]
}

fn dated(id: &str, text: &str, seconds: i64) -> Record {
    Record {
        changed: DateTime::from_timestamp(seconds, 0),
        ..Record::new(id, json(text))
    }
}

/// A snapshot, and a source in which since then things changed before and after the newest backup, were added and went.
fn story(source: MemorySource) -> (Bench, Snapshot) {
    let bench = Bench::with(source);
    let put = |id: &str, text: &str, at: i64| bench.source.put_record("c", dated(id, text, at));
    put("same", "0", 10);
    put("before", "1", 10); // changed before the newest backup
    put("older", "2", 10); // changed since; the live one is newer
    put("newer", "3", 90); // changed since; the backup's is newer
    put("deleted", "4", 10);
    bench.source.put("other", "x", json("5"));
    bench.source.file("d/before", &b"1"[..]);
    bench.source.file("d/since", &b"2"[..]);
    bench.source.file("d/gone", &b"3"[..]);
    let first = bench.backup().snapshot;
    put("before", "10", 20);
    bench.source.file("d/before", &b"10"[..]);
    bench.backup();
    put("older", "20", 30);
    put("newer", "30", 30);
    bench.source.delete("c", "deleted");
    put("added", "50", 30);
    bench.source.file("d/since", &b"20"[..]);
    bench.source.remove_file("d/gone");
    bench.source.file("d/added", &b"40"[..]);
    (bench, first)
}

#[test]
fn every_policy_does_what_it_says() {
    for source in sources() {
        for policy in POLICIES {
            let (bench, first) = story(source.at_rest());
            let before = Dump::of(&bench.live());
            let old = Dump::of(&bench.open(&first));
            let plan = bench.plan(&first, &["c"], policy);
            let (conflict, others) = match policy {
                ConflictPolicy::Skip | ConflictPolicy::Local => (["Skip", "Skip"], 0),
                ConflictPolicy::Remote => (["Update", "Update"], 0),
                ConflictPolicy::Newest => (["Update", "Skip"], 0),
                ConflictPolicy::Both => (["KeepBoth", "KeepBoth"], 0),
                ConflictPolicy::Ask => (["Conflict", "Conflict"], 2),
            };
            assert_eq!(
                lines(&plan),
                [
                    "Update c/before".to_owned(),
                    "Create c/deleted".to_owned(),
                    format!("{} c/newer", conflict[0]),
                    format!("{} c/older", conflict[1]),
                ],
                "{policy:?}"
            );
            assert_eq!((plan.header.counts.same, plan.header.counts.conflict), (1, others));
            if policy == ConflictPolicy::Ask {
                continue;
            }
            let done = bench.run(plan, &bench.open(&first), &bench.source, RunKind::Restore);
            assert_eq!((done.back.score(), &done.done.gaps[..]), (100.0, &[][..]), "{policy:?}");
            let mut wanted = before.clone();
            for id in ["c/before", "c/deleted"] {
                wanted.records.insert(id.to_owned(), old.records[id].clone());
            }
            for (id, how) in [("c/newer", conflict[0]), ("c/older", conflict[1])] {
                match how {
                    "Update" => wanted.records.insert(id.to_owned(), old.records[id].clone()),
                    "KeepBoth" => wanted.records.insert(format!("{id} (restored 1)"), old.records[id].clone()),
                    _ => None,
                };
            }
            assert_eq!(Dump::of(&bench.live()), wanted, "{policy:?}: nothing else is touched");
            bench.undo(&done.run, ConflictPolicy::Skip);
            assert_eq!(Dump::of(&bench.live()), before, "{policy:?}: undone");
        }
    }
}

/// Sources that share nothing with the ones before.
trait AtRest {
    fn at_rest(&self) -> MemorySource;
}
impl AtRest for MemorySource {
    fn at_rest(&self) -> MemorySource {
        MemorySource::new(self.capabilities())
    }
}

#[test]
fn files_follow_the_same_policies() {
    for (policy, since, extra) in [
        (ConflictPolicy::Skip, "20", None),
        (ConflictPolicy::Remote, "2", None),
        (ConflictPolicy::Both, "20", Some("d/since (restored)")),
    ] {
        let (bench, first) = story(MemorySource::default());
        let before = Dump::of(&bench.live());
        let done = bench.restore(&first, &["d"], policy);
        assert_eq!(done.back.score(), 100.0);
        assert_eq!(done.done.gaps, []);
        let mut wanted = before.clone();
        for (path, text) in [("d/before", "1"), ("d/since", since), ("d/gone", "3")] {
            wanted.files.insert(path.to_owned(), text.to_owned());
        }
        if let Some(extra) = extra {
            wanted.files.insert(extra.to_owned(), "2".to_owned());
        }
        assert_eq!(Dump::of(&bench.live()), wanted, "{policy:?}");
        bench.undo(&done.run, ConflictPolicy::Skip);
        assert_eq!(Dump::of(&bench.live()), before, "{policy:?}: undone");
    }
}

#[test]
fn single_decisions_come_before_the_policy() {
    let (bench, first) = story(MemorySource::default());
    let record = |id: &str| Subject::Record {
        collection: "c".to_owned(),
        id: id.to_owned(),
    };
    let file = Subject::File {
        path: "d/since".to_owned(),
    };
    let decided = HashMap::from([
        (record("newer"), ConflictPolicy::Remote),
        (record("older"), ConflictPolicy::Local),
        (file, ConflictPolicy::Both),
    ]);
    let plan = bench.plan_decided(&first, &["c/newer", "c/older", "d/since"], ConflictPolicy::Ask, &decided);
    assert_eq!(lines(&plan), ["Update c/newer", "Skip c/older", "KeepBoth d/since"]);
    assert_eq!(plan.header.counts.conflict, 0);
}

#[test]
fn only_what_was_selected_is_touched() {
    let (bench, first) = story(MemorySource::default());
    let before = Dump::of(&bench.live());
    let done = bench.restore(&first, &["c/deleted", "c/before", "d/gone"], ConflictPolicy::Remote);
    assert_eq!(done.done.written, 3);
    let mut wanted = before;
    wanted.records.insert(
        "c/before".to_owned(),
        Dump::of(&bench.open(&first)).records["c/before"].clone(),
    );
    wanted.records.insert(
        "c/deleted".to_owned(),
        Dump::of(&bench.open(&first)).records["c/deleted"].clone(),
    );
    wanted.files.insert("d/gone".to_owned(), "3".to_owned());
    assert_eq!(Dump::of(&bench.live()), wanted);
}

#[test]
fn the_safety_copy_holds_exactly_what_was_touched() {
    let (bench, first) = story(MemorySource::default());
    let before = Dump::of(&bench.live());
    let done = bench.restore(&first, &[], ConflictPolicy::Remote);
    let safety = bench.safety(&done.run).unwrap();
    assert_eq!(
        safety.tags,
        ["backstay".to_owned(), "undo".to_owned(), format!("run-{}", done.run)]
    );
    let saved = Dump::of(&bench.open(&safety));
    let touched = ["c/before", "c/newer", "c/older"];
    assert_eq!(saved.records.keys().collect::<Vec<_>>(), touched);
    assert!(touched.iter().all(|id| saved.records[*id] == before.records[*id]));
    let files: Vec<_> = saved.files.iter().filter(|(path, _)| *path != "d").collect();
    assert_eq!(files.len(), 2);
    assert!(files.iter().all(|(path, text)| before.files[*path] == **text), "{files:?}");
    // It is no backup of the source: the next one builds on the last real one.
    assert_ne!(bench.backup().snapshot.parent, Some(safety.id));
}

#[test]
fn elsewhere_everything_is_new_and_the_source_stays() {
    for source in sources() {
        let (bench, first) = story(source.at_rest());
        let before = Dump::of(&bench.live());
        let (plan, target) = bench.plan_elsewhere(&first, &[], "a new place");
        assert_eq!(plan.header.counts.writes(), plan.header.counts.create);
        let done = bench.run(plan, &bench.open(&first), &*target, RunKind::Restore);
        assert_eq!((done.back.score(), done.back.checked), (100.0, 10));
        assert!(bench.safety(&done.run).is_none(), "nothing was overwritten");
        let there = backstay_engine::State::live(&*target, &bench.cancel).unwrap();
        assert_eq!(Dump::of(&there), Dump::of(&bench.open(&first)));
        assert_eq!(Dump::of(&bench.live()), before);
        // Again: everything is the same already.
        let (again, _) = bench.plan_elsewhere(&first, &[], "a new place");
        assert_eq!((again.header.counts.writes(), again.header.counts.same), (0, 10));
    }
}

#[test]
fn what_changed_between_plan_and_run_is_kept_and_named() {
    for source in sources() {
        let (bench, first) = story(source.at_rest());
        let plan = bench.plan(&first, &["c", "d"], ConflictPolicy::Remote);
        bench.source.put("c", "before", json("\"a person's\""));
        bench.source.put("c", "deleted", json("\"came back\""));
        bench.source.delete("c", "older");
        bench.source.file("d/gone", &b"again"[..]);
        let edited = Dump::of(&bench.live());
        let done = bench.run(plan, &bench.open(&first), &bench.source, RunKind::Restore);
        let mut named: Vec<_> = done.done.gaps.iter().map(|gap| (gap.subject.as_str(), gap.kind)).collect();
        named.sort_by_key(|gap| gap.0);
        let changed = ErrorKind::Changed;
        assert_eq!(
            named,
            [
                ("c/before", changed),
                ("c/deleted", changed),
                ("c/older", changed),
                ("d/gone", changed)
            ]
        );
        let after = Dump::of(&bench.live());
        for id in ["c/before", "c/deleted"] {
            assert_eq!(after.records[id], edited.records[id]);
        }
        assert!(!after.records.contains_key("c/older"));
        assert_eq!(after.files["d/gone"], "again");
        assert!(after.records["c/newer"].starts_with('3'), "the rest was restored");
        assert_eq!(done.back.equal, done.back.checked - 4);
        assert_eq!(done.back.differences.len(), 4);
        bench.undo(&done.run, ConflictPolicy::Skip);
        assert_eq!(Dump::of(&bench.live()), edited);
    }
}

#[test]
fn reading_back_finds_what_is_wrong() {
    let (bench, first) = story(MemorySource::default());
    let plan = bench.plan(&first, &["c", "d"], ConflictPolicy::Both);
    let run = bench.begin(&plan, &bench.source, RunKind::Restore);
    let backup = bench.open(&first);
    bench.carry_out(&run, &plan, &backup, &bench.source, false).unwrap();
    bench.source.put("c", "before", json("\"meddled\""));
    bench.source.delete("c", "deleted");
    bench.source.delete("c", "older (restored 1)");
    bench.source.file("d/before", &b"meddled"[..]);
    bench.source.remove_file("d/since (restored)");
    let input = backstay_engine::restore::ReadBackInput {
        plan: &plan,
        backup: &backup,
        target: &bench.source,
        journal: &bench.journal,
        run: &run,
    };
    let back = backstay_engine::restore::read_back(&input, &bench.job()).unwrap();
    let wrong: Vec<_> = back.differences.iter().map(|(subject, _)| subject.as_str()).collect();
    assert_eq!(wrong, ["c/before", "c/deleted", "c/older", "d/before", "d/since"]);
    assert_eq!(back.equal + 5, back.checked);
    assert!(back.score() < 100.0);
}

#[test]
fn a_plan_shows_the_fields_it_would_change() {
    let bench = Bench::new();
    bench.source.put("c", "1", json(r#"{"title":"old","n":1}"#));
    let first = bench.backup().snapshot;
    bench.source.put("c", "1", json(r#"{"title":"new","n":1}"#));
    let plan = bench.plan(&first, &["c/1"], ConflictPolicy::Remote);
    let step = &steps(&plan)[0];
    assert_eq!(step.fields.len(), 1);
    assert_eq!(step.fields[0].field, "/title");
    assert_eq!(step.fields[0].before.as_ref().unwrap(), "new", "what is live");
    assert_eq!(step.fields[0].after.as_ref().unwrap(), "old", "what it would be");
    let reason = step.reason.as_deref().unwrap();
    assert!(reason.contains("since the newest backup"), "{reason}");
}

#[test]
fn a_plan_may_not_name_what_the_snapshot_does_not_have() {
    let (bench, first) = story(MemorySource::default());
    let plan = bench.plan(&first, &["c"], ConflictPolicy::Remote);
    let text = std::fs::read_to_string(&plan.path)
        .unwrap()
        .replace("\"deleted\"", "\"invented\"");
    std::fs::write(&plan.path, text).unwrap();
    let run = bench.begin(&plan, &bench.source, RunKind::Restore);
    let error = bench
        .carry_out(&run, &plan, &bench.open(&first), &bench.source, false)
        .unwrap_err();
    assert!(matches!(error, EngineError::NoRecord { .. }), "{error:?}");
}

#[test]
fn a_selection_of_ids_keeps_their_order() {
    let (bench, first) = story(MemorySource::default());
    let only = vec!["c/older".to_owned(), "c/before".to_owned()];
    let picked = pick(
        &bench.open(&first),
        &Selection {
            only,
            ..Selection::default()
        },
    )
    .unwrap();
    assert_eq!(
        picked.collections["c"],
        Ids::Some(vec!["older".to_owned(), "before".to_owned()])
    );
}
