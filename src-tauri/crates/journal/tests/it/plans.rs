//! Plans, and the runs that are for them.

use backstay_journal::{JournalError, NewPlan, NewRun, PlanChange, PlanRef, RatesOf, RunFilter};
use backstay_model::{ErrorKind, Gap, RunKind, Verdict};
use chrono::TimeDelta;

use crate::{Place, at, claim_by, end, json, named, new_plan, new_source, new_vault, slot_of};

fn names(list: &[backstay_journal::Named]) -> Vec<&str> {
    list.iter().map(|named| named.name.as_str()).collect()
}

#[test]
fn a_plan_keeps_its_order_and_its_rules() {
    let place = Place::make();
    let plans = place.journal.plans();
    let added = place.plan("Nightly", &["zoo", "ant", "zoo"]);
    assert_eq!(names(&added.sources), ["zoo", "ant"], "in order, twice is once");
    assert_eq!(added.spec, new_plan("x").spec, "byte by byte");
    assert_eq!(plans.get("NIGHTLY").unwrap(), added);
    assert_eq!(plans.get(&added.id).unwrap(), added);
    assert!(added.enabled && added.paused_until.is_none() && added.vaults.is_empty());

    place.journal.vaults().add(&new_vault("b"), at(0)).unwrap();
    place.journal.vaults().add(&new_vault("a"), at(0)).unwrap();
    let change = PlanChange {
        name: Some("nightly".to_owned()),
        spec: Some(json("{}")),
        sources: Some(vec!["ant".to_owned()]),
        vaults: Some(vec!["b".to_owned(), "a".to_owned()]),
        enabled: Some(false),
    };
    let changed = plans.change("Nightly", &change, at(5)).unwrap();
    assert_eq!(
        (changed.name.as_str(), changed.enabled, changed.changed),
        ("nightly", false, at(5))
    );
    assert_eq!(
        (names(&changed.sources), names(&changed.vaults)),
        (vec!["ant"], vec!["b", "a"])
    );
    let same = plans.change("nightly", &PlanChange::default(), at(6)).unwrap();
    assert_eq!(same.spec, json("{}"));
    assert_eq!(names(&same.vaults), ["b", "a"]);

    let paused = plans.pause("nightly", Some(at(99)), "åsa").unwrap();
    assert_eq!(
        (paused.paused_until, paused.paused_by.as_deref()),
        (Some(at(99)), Some("åsa"))
    );
    let on = plans.pause("nightly", None, "bo").unwrap();
    assert_eq!((on.paused_until, on.paused_by), (None, None));
}

#[test]
fn names_are_unique_and_what_is_named_exists() {
    let place = Place::make();
    let plans = place.journal.plans();
    place.plan("Énergie", &["s"]);
    let taken = plans.add(&new_plan("éNERGIE"), at(1)).unwrap_err();
    assert!(matches!(&taken, JournalError::NameTaken { what: "plan", .. }), "{taken}");
    assert!(matches!(plans.add(&new_plan("-x"), at(1)), Err(JournalError::Name { .. })));
    let stray = NewPlan {
        vaults: vec!["nowhere".to_owned()],
        ..new_plan("stray")
    };
    let error = plans.add(&stray, at(1)).unwrap_err();
    assert!(matches!(&error, JournalError::NotFound { what: "vault", .. }), "{error}");
    let change = PlanChange {
        name: Some("renamed".to_owned()),
        sources: Some(vec!["nobody".to_owned()]),
        ..PlanChange::default()
    };
    let error = plans.change("Énergie", &change, at(2)).unwrap_err();
    assert!(matches!(&error, JournalError::NotFound { what: "source", .. }), "{error}");
    let list = plans.list().unwrap();
    assert_eq!(
        list.iter().map(|plan| plan.name.as_str()).collect::<Vec<_>>(),
        ["Énergie"],
        "refused as a whole"
    );
    assert_eq!(names(&list[0].sources), ["s"]);
}

#[test]
fn a_removed_plan_takes_its_slots_and_leaves_its_runs() {
    let place = Place::make();
    let plans = place.journal.plans();
    let (gone, stays) = (place.plan("gone", &["s"]), place.plan("stays", &["t", "s"]));
    for plan in [&gone, &stays] {
        assert!(place.journal.slots().claim(&claim_by("me", slot_of(plan, 0))).unwrap());
        let state = backstay_journal::TaskState {
            plan: plan.id.clone(),
            task: "backup".to_owned(),
            version: 0,
            handled: at(0),
            epoch: 1,
            waiting: None,
            retry_at: None,
            attempts: 0,
        };
        place.journal.tasks().put(&state).unwrap();
    }
    let owner = place.own();
    let new = NewRun {
        plan: Some(PlanRef {
            id: gone.id.clone(),
            name: gone.name.clone(),
            slot: Some(at(0)),
        }),
        ..crate::new_run(RunKind::Backup)
    };
    let run = place.journal.runs().begin(&owner, &new, at(1)).unwrap();
    let of_s = plans.of_source(&gone.sources[0].id).unwrap();
    assert_eq!(
        of_s.iter().map(|plan| plan.name.as_str()).collect::<Vec<_>>(),
        ["gone", "stays"]
    );

    plans.remove("GONE").unwrap();
    let error = plans.get("gone").unwrap_err();
    assert!(matches!(&error, JournalError::NotFound { what: "plan", .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let kept = place.journal.runs().get(&run.id).unwrap().plan.unwrap();
    assert_eq!((kept.name.as_str(), kept.slot), ("gone", Some(at(0))));
    for (plan, left) in [(&gone, 0), (&stays, 1)] {
        assert_eq!(place.journal.slots().newest(&plan.id, "backup", 9).unwrap().len(), left);
        assert_eq!(place.journal.tasks().of(&plan.id).unwrap().len(), left);
    }

    place.journal.sources().remove("t", at(3)).unwrap();
    assert_eq!(names(&plans.get("stays").unwrap().sources), ["s"]);
}

#[test]
fn the_only_vault_of_a_plan_does_not_vanish_under_it() {
    let place = Place::make();
    let (plans, vaults) = (place.journal.plans(), place.journal.vaults());
    place.plan("p", &["s"]);
    for name in ["a", "b"] {
        vaults.add(&new_vault(name), at(0)).unwrap();
    }
    let to = |vaults: &[&str]| PlanChange {
        vaults: Some(vaults.iter().map(|name| (*name).to_owned()).collect()),
        ..PlanChange::default()
    };
    plans.change("p", &to(&["a"]), at(1)).unwrap();
    let error = vaults.remove("a").unwrap_err();
    assert!(
        matches!(&error, JournalError::VaultInPlans { name, plans } if name == "a" && plans == &["p"]),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Refused);
    plans.change("p", &to(&["a", "b"]), at(1)).unwrap();
    vaults.remove("a").unwrap();
    assert_eq!(names(&plans.get("p").unwrap().vaults), ["b"]);
}

#[test]
fn runs_know_their_plan_and_are_counted_by_it() {
    let place = Place::make();
    let (owner, runs) = (place.own(), place.journal.runs());
    let mine = |slot| {
        Some(PlanRef {
            id: "p-1".to_owned(),
            name: "Nightly".to_owned(),
            slot,
        })
    };
    let story = [
        (RunKind::Backup, Verdict::Complete, mine(Some(at(10)))),
        (RunKind::Backup, Verdict::Failed, mine(Some(at(20)))),
        (RunKind::Backup, Verdict::Partial, mine(None)),
        (RunKind::Check, Verdict::Failed, mine(Some(at(40)))),
        (RunKind::Backup, Verdict::Complete, None),
        (RunKind::Drill, Verdict::Cancelled, mine(Some(at(60)))),
    ];
    let mut ids = Vec::new();
    for (number, (kind, verdict, plan)) in (1..).zip(story) {
        let new = NewRun {
            kind,
            source: named("s-1", "Notes"),
            plan,
            ..crate::new_run(kind)
        };
        let run = runs.begin(&owner, &new, at(number * 10)).unwrap();
        if kind == RunKind::Check {
            let gap = Gap {
                subject: "pack 7".to_owned(),
                kind: ErrorKind::Damaged,
                message: "its content does not fit its name".to_owned(),
            };
            runs.add_gaps(&run.id, &[gap]).unwrap();
        }
        runs.finish(&run.id, &end(verdict, number * 10 + 5)).unwrap();
        ids.push(run.id);
    }
    // One is under way: it is listed and does not count.
    let open = NewRun {
        plan: mine(Some(at(70))),
        ..crate::new_run(RunKind::Prune)
    };
    ids.push(runs.begin(&owner, &open, at(70)).unwrap().id);

    let of = runs.of_plan("p-1", at(20), at(70)).unwrap();
    let short: Vec<_> = of.iter().map(|run| (run.kind, run.verdict, run.slot, run.gaps)).collect();
    assert_eq!(
        short,
        [
            (RunKind::Backup, Some(Verdict::Failed), Some(at(20)), 0),
            (RunKind::Backup, Some(Verdict::Partial), None, 0),
            (RunKind::Check, Some(Verdict::Failed), Some(at(40)), 1),
            (RunKind::Drill, Some(Verdict::Cancelled), Some(at(60)), 0),
        ]
    );
    assert_eq!(of[0].source.as_ref().unwrap().name, "Notes");

    let rates = |of, kinds: &[RunKind], since| {
        let rates = runs.rates(of, kinds, since).unwrap();
        [rates.complete, rates.partial, rates.failed, rates.cancelled]
    };
    assert_eq!(rates(RatesOf::Plan("p-1"), &[], at(0)), [1, 1, 2, 1]);
    assert_eq!(rates(RatesOf::Plan("p-1"), &[RunKind::Backup], at(0)), [1, 1, 1, 0]);
    assert_eq!(
        rates(RatesOf::Plan("p-1"), &[RunKind::Backup, RunKind::Check], at(20)),
        [0, 1, 2, 0]
    );
    assert_eq!(rates(RatesOf::Source("s-1"), &[RunKind::Backup], at(0)), [2, 1, 1, 0]);
    assert_eq!(rates(RatesOf::Plan("p-2"), &[], at(0)), [0; 4]);

    let filter = RunFilter {
        plan: Some("p-1".to_owned()),
        ..RunFilter::default()
    };
    assert_eq!(runs.count(&filter).unwrap(), 6);
    assert_eq!(runs.newest(&filter).unwrap().unwrap().id, ids[6]);
    let rows = runs.backups_since(at(0) + TimeDelta::seconds(10), None).unwrap();
    let planned: Vec<_> = rows.iter().map(|row| (row.plan.as_deref(), row.slot)).collect();
    assert_eq!(
        planned,
        [
            (Some("p-1"), Some(at(10))),
            (Some("p-1"), Some(at(20))),
            (Some("p-1"), None),
            (None, None)
        ]
    );
    assert!(place.journal.sources().add(&new_source("x"), at(9)).is_ok());
}
