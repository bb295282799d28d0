//! What a plan says of views, of computed fields and of targets that cannot do everything.

use std::collections::HashMap;

use backstay_engine::{
    State,
    restore::{PlanFile, PlanInput, make_plan, pick},
};
use backstay_model::{Capabilities, CollectionKind, ConflictPolicy, Field, Selection, StepAction, TargetSpec};
use backstay_source_kit::{MemorySource, Taken};

use crate::bench::{Bench, json, lines, steps};

fn table(source: &MemorySource, kind: CollectionKind) -> Taken {
    let mut taken = Taken::clone(&source.now());
    let field = |name: &str, computed| Field {
        name: name.to_owned(),
        kind: "TEXT".to_owned(),
        computed,
    };
    for collection in taken.collections.values_mut() {
        collection.collection.kind = kind;
        collection.collection.schema.fields = vec![field("a", false), field("sum", true)];
    }
    taken
}

fn of(taken: Taken) -> State {
    State {
        derived: Some(Box::new(taken)),
        ..State::default()
    }
}

fn plan(bench: &Bench, backup: &State, live: &State, can: &Capabilities) -> PlanFile {
    let selection = Selection {
        only: vec!["t".to_owned()],
        ..Selection::default()
    };
    let mut out = bench.plan_writer();
    let totals = make_plan(
        &PlanInput {
            backup,
            base: None,
            live,
            can,
            picked: &pick(backup, &selection).unwrap(),
            policy: ConflictPolicy::Remote,
            decided: &HashMap::new(),
        },
        &bench.job(),
        &mut out,
    )
    .unwrap();
    let any = bench.backup().snapshot;
    let header = bench.header(&any, selection, TargetSpec::InPlace, ConflictPolicy::Remote, totals);
    out.finish(header).unwrap()
}

fn everything() -> Capabilities {
    backstay_source::Source::capabilities(&MemorySource::default())
}

#[test]
fn views_and_internal_tables_are_impossible_by_name() {
    for kind in [CollectionKind::View, CollectionKind::Internal] {
        let bench = Bench::new();
        bench.source.put("t", "1", json("{}"));
        let backup = of(table(&bench.source, kind));
        let plan = plan(&bench, &backup, &State::default(), &everything());
        assert_eq!(lines(&plan), ["Impossible t/*"]);
        assert_eq!(plan.header.counts.impossible, 1);
        assert!(steps(&plan)[0].reason.is_some());
    }
}

#[test]
fn computed_fields_are_left_out_and_named() {
    let bench = Bench::new();
    bench.source.put("t", "changed", json(r#"{"a":1,"sum":10}"#));
    bench.source.put("t", "missing", json(r#"{"a":1,"sum":10}"#));
    bench.source.put("t", "only-sum", json(r#"{"a":1,"sum":10}"#));
    let backup = of(table(&bench.source, CollectionKind::Table));
    bench.source.put("t", "changed", json(r#"{"a":2,"sum":20}"#));
    bench.source.put("t", "only-sum", json(r#"{"a":1,"sum":20}"#));
    bench.source.delete("t", "missing");
    let live = of(table(&bench.source, CollectionKind::Table));
    let plan = plan(&bench, &backup, &live, &everything());
    assert_eq!(lines(&plan), ["Update t/changed", "Create t/missing"]);
    assert_eq!(plan.header.counts.same, 1);
    for step in steps(&plan) {
        assert_eq!(step.left_out, ["sum"]);
        assert!(step.fields.iter().all(|f| f.field == "/a"));
    }
}

#[test]
fn what_the_target_cannot_do_is_said_before() {
    let bench = Bench::new();
    bench.source.put("t", "1", json("1"));
    bench.source.put("t", "2", json("2"));
    let backup = of(table(&bench.source, CollectionKind::Table));
    bench.source.put("t", "1", json("10"));
    bench.source.delete("t", "2");
    let live = of(table(&bench.source, CollectionKind::Table));
    let can = |create, update| Capabilities {
        create,
        update,
        ..everything()
    };
    assert_eq!(
        lines(&plan(&bench, &backup, &live, &can(false, true))),
        ["Update t/1", "Impossible t/2"]
    );
    let plan = plan(&bench, &backup, &live, &can(true, false));
    assert_eq!(lines(&plan), ["Impossible t/1", "Create t/2"]);
    assert_eq!(steps(&plan)[0].action, StepAction::Impossible);
    assert!(steps(&plan)[0].reason.as_deref().unwrap().contains("cannot change"));
}
