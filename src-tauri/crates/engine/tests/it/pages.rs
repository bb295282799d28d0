//! Pages through the steps of large plans.

use std::time::Instant;

use backstay_engine::restore::{PlanFile, PlanIndex, PlanTotals, StepFilter};
use backstay_model::{ChangeKind, ConflictPolicy, FieldChange, PlanStep, Selection, StepAction, Subject, TargetSpec};
use serde_json::json;

use crate::bench::Bench;

fn large(bench: &Bench, steps: u64) -> PlanFile {
    let snapshot = bench.backup().snapshot;
    let mut out = bench.plan_writer();
    let mut totals = PlanTotals::default();
    for n in 0..steps {
        let action = if n % 1000 == 7 { StepAction::Skip } else { StepAction::Update };
        totals.counts.add(action);
        let changed = FieldChange {
            field: "/title".to_owned(),
            change: ChangeKind::Changed,
            before: Some(json!("now")),
            after: Some(json!(format!("then {n} \"Größe\""))),
        };
        out.push(PlanStep {
            index: 0,
            subject: Subject::Record {
                collection: "tasks".to_owned(),
                id: format!("task-{n}"),
            },
            action,
            live: None,
            backup: None,
            only: Vec::new(),
            fields: vec![changed],
            left_out: Vec::new(),
            reason: None,
            notes: Vec::new(),
            bytes: 1,
        })
        .unwrap();
    }
    let header = bench.header(
        &snapshot,
        Selection::default(),
        TargetSpec::InPlace,
        ConflictPolicy::Skip,
        totals,
    );
    out.finish(header).unwrap()
}

fn ids(steps: &[PlanStep]) -> Vec<u64> {
    steps.iter().map(|step| step.index).collect()
}

#[test]
fn any_page_is_one_read_and_filters_tell_exactly() {
    let bench = Bench::new();
    let plan = large(&bench, 200_000);
    let open = |action: Option<StepAction>, text: Option<&str>| {
        let filter = StepFilter {
            action,
            text: text.map(str::to_owned),
        };
        PlanIndex::open(&plan, &filter, &bench.cancel).unwrap()
    };
    let start = Instant::now();
    let all = open(None, None);
    let first_open = start.elapsed();
    assert_eq!(all.total(), 200_000);
    let start = Instant::now();
    let again = open(None, None);
    for offset in [0, 63, 64, 65, 123_456, 199_999] {
        let page = again.page(offset, 100).unwrap();
        let wanted: Vec<u64> = (offset..200_000.min(offset + 100)).collect();
        assert_eq!(ids(&page), wanted);
    }
    let pages = start.elapsed();
    println!("200,000 steps: first opened in {first_open:?}, six pages in {pages:?}");
    assert!(pages.as_millis() < 200, "{pages:?}");
    assert!(again.page(200_000, 10).unwrap().is_empty());

    let skipped = open(Some(StepAction::Skip), None);
    assert_eq!(skipped.total(), 200);
    assert_eq!(ids(&skipped.page(198, 10).unwrap()), [198_007, 199_007]);
    assert_eq!(open(None, Some("TASKS/Task-199999")).total(), 1, "any case, the subject");
    assert_eq!(open(None, Some("then 77 \"größe\"")).total(), 1, "values, quotes and all");
    assert_eq!(
        open(None, Some("update")).total(),
        0,
        "what a step does is no part of its subject"
    );
    assert_eq!(open(Some(StepAction::Skip), Some("task-1007")).total(), 1);
    assert_eq!(open(None, Some("\"")).total(), 200_000);
}

#[test]
fn a_cancelled_search_says_so() {
    let bench = Bench::new();
    let plan = large(&bench, 5_000);
    bench.cancel.cancel();
    let filter = StepFilter {
        text: Some("x".to_owned()),
        ..StepFilter::default()
    };
    assert!(PlanIndex::open(&plan, &filter, &bench.cancel).is_err());
}
