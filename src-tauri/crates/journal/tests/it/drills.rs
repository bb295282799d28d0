//! Restore drills as they are told.

use backstay_journal::{Drill, DrillScope, Named, Reason};
use backstay_model::{ErrorKind, Verdict};

use crate::{Place, at};

fn drill(run: &str, source: &str, second: i64) -> Drill {
    let named = |id: &str| Named {
        id: id.to_owned(),
        name: format!("name of {id}"),
    };
    Drill {
        run: run.to_owned(),
        plan: Some("p".to_owned()),
        source: named(source),
        vault: named("v"),
        snapshot: "beef".to_owned(),
        scope: DrillScope::Everything,
        started: at(second),
        seconds: 0.1 + 0.2,
        bytes: 1 << 50,
        records: 1_000_000,
        files: 3,
        compared: 1_000_003,
        differing: 1,
        verdict: Verdict::Failed,
        reason: Some(Reason {
            kind: ErrorKind::Damaged,
            message: "one record differs".to_owned(),
        }),
    }
}

#[test]
fn drills_newest_first_and_the_newest_of_each() {
    let place = Place::make();
    let drills = place.journal.drills();
    let good = Drill {
        scope: DrillScope::OneRecordEach,
        verdict: Verdict::Complete,
        reason: None,
        plan: None,
        ..drill("r3", "b", 3)
    };
    // Written in this order; the clock was set back for the last.
    let story = [drill("r1", "a", 10), drill("r2", "b", 20), good.clone(), drill("r4", "a", 5)];
    for one in &story {
        drills.add(one).unwrap();
    }
    assert_eq!(drills.of_source("b", 9).unwrap(), [good.clone(), story[1].clone()]);
    assert_eq!(drills.of_source("a", 1).unwrap(), [story[3].clone()]);
    assert_eq!(drills.newest().unwrap(), [story[3].clone(), good]);
    assert!(drills.of_source("c", 9).unwrap().is_empty());
    assert!(drills.add(&drill("r4", "a", 6)).is_err(), "a run is one drill");
    assert_eq!(drills.of_source("a", 9).unwrap().len(), 2);
}
