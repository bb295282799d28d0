//! Records chosen by what they are like.

use std::collections::HashMap;

use backstay_engine::{
    EngineError,
    restore::{PlanFile, pick},
};
use backstay_model::{ConflictPolicy, ErrorKind, RecordMatch, Selection, TargetSpec};
use backstay_source_kit::MemorySource;
use backstay_vault::Snapshot;

use crate::bench::{Bench, json, lines};

fn story() -> (Bench, Snapshot) {
    let bench = Bench::new();
    for n in 0..1_300 {
        let kind = if n % 100 == 7 { "red" } else { "blue" };
        bench.source.put(
            "c",
            &format!("{}:{n:04}", ["a", "b"][n % 2]),
            json(&format!("{{\"kind\":\"{kind}\"}}")),
        );
    }
    bench.source.put("other", "a:x", json("{\"kind\":\"red\"}"));
    let snapshot = bench.backup().snapshot;
    (bench, snapshot)
}

fn like(prefix: Option<&str>, selector: Option<&str>) -> RecordMatch {
    RecordMatch {
        collection: "c".to_owned(),
        prefix: prefix.map(ToOwned::to_owned),
        selector: selector.map(ToOwned::to_owned),
    }
}

fn planned(bench: &Bench, from: &Snapshot, only: &[&str], matching: Vec<RecordMatch>) -> Result<PlanFile, EngineError> {
    let selection = Selection {
        only: only.iter().map(|&o| o.to_owned()).collect(),
        matching,
        ..Selection::default()
    };
    let target = MemorySource::default();
    let spec = TargetSpec::New("x".to_owned());
    bench.plan_selected(from, selection, ConflictPolicy::Skip, &HashMap::new(), &target, None, spec)
}

#[test]
fn by_prefix_by_question_and_by_both() {
    let (bench, first) = story();
    let count = |only: &[&str], matching| planned(&bench, &first, only, matching).unwrap().header.counts.create;
    assert_eq!(count(&[], vec![like(Some("a:"), None)]), 650);
    assert_eq!(count(&[], vec![like(Some("a:00"), None), like(Some("b:00"), None)]), 100);
    assert_eq!(count(&[], vec![like(None, Some("red"))]), 13);
    assert_eq!(count(&[], vec![like(Some("a:"), Some("red"))]), 0, "all red ones are odd");
    assert_eq!(count(&[], vec![like(Some("b:0"), Some("red"))]), 10);
    assert_eq!(
        count(&["c/a:0000", "c/b:0007"], vec![like(None, Some("red"))]),
        14,
        "one is chosen twice"
    );
    assert_eq!(count(&["c"], vec![like(None, Some("red"))]), 1_300, "all of it is all of it");
    assert_eq!(count(&["other"], vec![like(None, Some("red"))]), 14);
    let plan = planned(&bench, &first, &["c/a:0000"], vec![like(Some("b:00"), Some("red"))]).unwrap();
    assert_eq!(lines(&plan), ["Create c/a:0000", "Create c/b:0007"]);
    assert_eq!(plan.header.selection.matching, [like(Some("b:00"), Some("red"))]);
}

#[test]
fn what_is_the_same_counts_only_when_it_was_chosen() {
    let (bench, first) = story();
    bench.source.put("c", "b:0007", json("{\"kind\":\"now blue\"}"));
    let selection = Selection {
        matching: vec![like(None, Some("red"))],
        ..Selection::default()
    };
    let base = bench.open(&first);
    let plan = bench
        .plan_selected(
            &first,
            selection,
            ConflictPolicy::Remote,
            &HashMap::new(),
            &bench.source,
            Some(&base),
            TargetSpec::InPlace,
        )
        .unwrap();
    assert_eq!((plan.header.counts.same, plan.header.counts.update), (12, 1));
}

#[test]
fn what_nobody_understands_is_an_error() {
    let (bench, first) = story();
    let kind = |matching| planned(&bench, &first, &[], vec![matching]).err().unwrap().kind();
    assert_eq!(kind(like(None, Some("?"))), ErrorKind::Usage);
    let nowhere = RecordMatch {
        collection: "none".to_owned(),
        ..like(None, None)
    };
    assert_eq!(kind(nowhere), ErrorKind::NotFound);
    let selection = Selection {
        matching: vec![like(None, Some("red"))],
        ..Selection::default()
    };
    let error = pick(&bench.open(&first), &selection).unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Unsupported,
        "without a connector nobody understands it"
    );
}
