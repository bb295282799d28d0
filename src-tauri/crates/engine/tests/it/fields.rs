//! Restores of some fields of a record, and selections that leave things out.

use std::collections::HashMap;

use backstay_engine::{
    EngineError, State,
    restore::{PlanFile, PlanInput, make_plan, pick},
};
use backstay_model::{ConflictPolicy, ErrorKind, FieldPick, RunKind, Selection, StepAction, Subject, TargetSpec, Verdict};
use backstay_source::Source as _;
use backstay_vault::Snapshot;

use crate::{
    bench::{Bench, json, steps},
    restore::sources,
};

fn some(record: &str, fields: &[&str]) -> Selection {
    Selection {
        fields: vec![FieldPick {
            record: record.to_owned(),
            fields: fields.iter().map(|&f| f.to_owned()).collect(),
        }],
        ..Selection::default()
    }
}

fn plan(
    bench: &Bench,
    from: &Snapshot,
    selection: &Selection,
    policy: ConflictPolicy,
    decided: &HashMap<Subject, ConflictPolicy>,
) -> Result<PlanFile, EngineError> {
    let backup = bench.open(from);
    let all = bench.vault.snapshots().unwrap();
    let base = bench.open(backstay_engine::backup::snapshots_of(&all, "s-1").next_back().unwrap());
    let mut out = bench.plan_writer();
    let totals = make_plan(
        &PlanInput {
            backup: &backup,
            base: Some(&base),
            live: &State::live(&bench.source, &bench.cancel)?,
            can: &bench.source.capabilities(),
            picked: &pick(&backup, selection)?,
            policy,
            decided,
        },
        &bench.job(),
        &mut out,
    )?;
    out.finish(bench.header(from, selection.clone(), TargetSpec::InPlace, policy, totals))
}

fn now(bench: &Bench, id: &str) -> String {
    let record = bench.live().record("c", id).unwrap().unwrap();
    String::from_utf8(record.data.as_bytes().to_vec()).unwrap()
}

/// A record whose title, note and big number changed, the note also since the newest backup.
fn story(source: backstay_source_kit::MemorySource) -> (Bench, Snapshot) {
    let bench = Bench::with(source);
    let put = |id: &str, text: &str| bench.source.put("c", id, json(text));
    put("1", r#"{"title":"then","note":"then","n":12345678901234567890123.50}"#);
    put("2", r#"{"title":"two"}"#);
    put("3", r#"{"title":"three"}"#);
    bench.source.file("d/a", &b"1"[..]);
    bench.source.file("d/b", &b"2"[..]);
    let first = bench.backup().snapshot;
    put("1", r#"{"title":"now","note":"now","n":12345678901234567890123.75}"#);
    put("2", r#"{"title":"zwei"}"#);
    put("3", r#"{"title":"drei"}"#);
    bench.backup();
    put("1", r#"{"title":"now","note":"just now","n":12345678901234567890123.75}"#);
    (bench, first)
}

#[test]
fn one_field_comes_back_and_an_undo_takes_it_away_again() {
    for source in sources() {
        let (bench, first) = story(source);
        let before = now(&bench, "1");
        let plan = plan(
            &bench,
            &first,
            &some("c/1", &["/title"]),
            ConflictPolicy::Skip,
            &HashMap::new(),
        )
        .unwrap();
        let steps = steps(&plan);
        assert_eq!(
            (steps.len(), steps[0].action),
            (1, StepAction::Update),
            "the note's change is no conflict: {steps:#?}"
        );
        let fields: Vec<_> = steps[0].fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["/title"]);
        let run = bench.begin(&plan, &bench.source, RunKind::Restore);
        let (done, back) = bench
            .carry_out(&run, &plan, &bench.open(&first), &bench.source, false)
            .unwrap();
        assert_eq!((done.written, back.checked, back.equal), (1, 1, 1), "{done:?} {back:?}");
        assert_eq!(
            now(&bench, "1"),
            r#"{"title":"then","note":"just now","n":12345678901234567890123.75}"#
        );
        bench.finish(&run, Verdict::Complete);
        let undone = bench.undo(&run, ConflictPolicy::Skip);
        assert_eq!(undone.back.score(), 100.0);
        assert_eq!(now(&bench, "1"), before);
    }
}

#[test]
fn a_field_changed_since_the_newest_backup_is_a_conflict_like_any_other() {
    let (bench, first) = story(backstay_source_kit::MemorySource::default());
    let selection = some("c/1", &["/note", "/title"]);
    let action = |policy, decided: &HashMap<_, _>| {
        let plan = plan(&bench, &first, &selection, policy, decided).unwrap();
        steps(&plan)[0].action
    };
    let none = HashMap::new();
    assert_eq!(action(ConflictPolicy::Skip, &none), StepAction::Skip);
    assert_eq!(action(ConflictPolicy::Ask, &none), StepAction::Conflict);
    assert_eq!(
        action(ConflictPolicy::Both, &none),
        StepAction::Conflict,
        "a field cannot stand beside itself"
    );
    assert_eq!(action(ConflictPolicy::Remote, &none), StepAction::Update);
    let subject = Subject::Record {
        collection: "c".to_owned(),
        id: "1".to_owned(),
    };
    let backups = HashMap::from([(subject.clone(), ConflictPolicy::Remote)]);
    assert_eq!(action(ConflictPolicy::Skip, &backups), StepAction::Update);
    let leave = HashMap::from([(subject, ConflictPolicy::Local)]);
    assert_eq!(action(ConflictPolicy::Remote, &leave), StepAction::Skip);
}

#[test]
fn a_record_that_moved_since_the_plan_is_not_written() {
    for source in sources() {
        let (bench, first) = story(source);
        let plan = plan(
            &bench,
            &first,
            &some("c/1", &["/title"]),
            ConflictPolicy::Skip,
            &HashMap::new(),
        )
        .unwrap();
        bench.source.put("c", "1", json(r#"{"title":"a person's","note":"x"}"#));
        let run = bench.begin(&plan, &bench.source, RunKind::Restore);
        let (done, back) = bench
            .carry_out(&run, &plan, &bench.open(&first), &bench.source, false)
            .unwrap();
        assert_eq!((done.written, done.gaps[0].kind), (0, ErrorKind::Changed), "{done:?}");
        assert!(back.score() < 100.0);
        assert_eq!(now(&bench, "1"), r#"{"title":"a person's","note":"x"}"#);
    }
}

#[test]
fn what_cannot_be_done_is_said_with_its_reason() {
    let (bench, first) = story(backstay_source_kit::MemorySource::default());
    bench.source.delete("c", "2");
    let plan_of =
        |record: &str, fields: &[&str]| plan(&bench, &first, &some(record, fields), ConflictPolicy::Remote, &HashMap::new());
    let gone = steps(&plan_of("c/2", &["/title"]).unwrap());
    assert_eq!(gone[0].action, StepAction::Impossible);
    assert!(gone[0].reason.as_deref().unwrap().contains("whole record"));
    assert!(matches!(plan_of("c/1", &["/colour"]), Err(EngineError::NoField { .. })));
    assert!(matches!(plan_of("c/9", &["/title"]), Err(EngineError::NoRecord { .. })));
    assert!(matches!(
        plan_of("c", &["/title"]),
        Err(EngineError::NoRecordWithFields { .. })
    ));
    let same = plan_of("c/3", &["/title"]).unwrap();
    bench.source.put("c", "3", json(r#"{"title":"three","new":1}"#));
    let now_same = plan_of("c/3", &["/title"]).unwrap();
    assert_eq!((same.header.counts.update, now_same.header.counts.same), (1, 1));
}

#[test]
fn what_is_left_out_is_left_out() {
    let (bench, first) = story(backstay_source_kit::MemorySource::default());
    let planned = |only: &[&str], except: &[&str]| {
        let own = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect();
        let selection = Selection {
            only: own(only),
            except: own(except),
            ..Selection::default()
        };
        plan(&bench, &first, &selection, ConflictPolicy::Remote, &HashMap::new())
    };
    let subjects = |plan: &PlanFile| -> Vec<String> {
        let all = steps(plan);
        all.iter()
            .map(|step| backstay_engine::restore::subject_name(&step.subject))
            .collect()
    };
    bench.source.remove_file("d/a");
    bench.source.remove_file("d/b");
    assert_eq!(subjects(&planned(&["c"], &["c/1"]).unwrap()), ["c/2", "c/3"]);
    assert_eq!(subjects(&planned(&["c/1", "c/2"], &["c/2"]).unwrap()), ["c/1"]);
    assert_eq!(subjects(&planned(&[], &["files"]).unwrap()), ["c/1", "c/2", "c/3"]);
    assert!(subjects(&planned(&[], &["c", "d"]).unwrap()).is_empty());
    let files = subjects(&planned(&["files"], &["d/a"]).unwrap());
    assert!(
        files.contains(&"d/b".to_owned()) && !files.contains(&"d/a".to_owned()),
        "{files:?}"
    );
    assert!(matches!(
        planned(&["c"], &["nothing"]),
        Err(EngineError::NothingSelected { .. })
    ));
}

#[test]
fn a_person_may_leave_what_nothing_stands_against() {
    let (bench, first) = story(backstay_source_kit::MemorySource::default());
    bench.source.delete("c", "3");
    let record = |id: &str| Subject::Record {
        collection: "c".to_owned(),
        id: id.to_owned(),
    };
    let decided = HashMap::from([(record("2"), ConflictPolicy::Skip), (record("3"), ConflictPolicy::Local)]);
    let only = Selection {
        only: vec!["c".to_owned()],
        ..Selection::default()
    };
    let plan = plan(&bench, &first, &only, ConflictPolicy::Remote, &decided).unwrap();
    let actions: Vec<_> = steps(&plan).iter().map(|step| (step.action, step.reason.clone())).collect();
    assert_eq!(actions[0].0, StepAction::Update);
    for (action, reason) in &actions[1..] {
        assert_eq!(*action, StepAction::Skip);
        assert!(reason.as_deref().unwrap().contains("decided"));
    }
}
