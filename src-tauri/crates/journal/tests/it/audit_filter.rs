//! Finding entries of the audit log.

use std::time::Instant;

use backstay_journal::{AuditEntry, AuditFilter};
use serde_json::json;

use crate::{Place, at};

fn filled() -> Place {
    let place = Place::make();
    let story = [
        ("åsa", "source.add", "Notes", json!({"path": "/data"})),
        ("bo", "source.change", "Notes", json!({"share": "100%_done\\"})),
        ("bo", "plan.add", "Nightly", json!({"sources": ["Notes"]})),
        ("scheduler", "backup", "Nightly", json!(null)),
        ("bo", "sourcery", "other", json!(1)),
    ];
    for (number, (actor, action, object, detail)) in (1..).zip(story) {
        let entry = AuditEntry {
            time: at(number * 10),
            actor: actor.to_owned(),
            program: "backstay 1.0".to_owned(),
            action: action.to_owned(),
            object: object.to_owned(),
            detail,
        };
        place.journal.audit().add(&entry).unwrap();
    }
    place
}

#[test]
fn each_condition_and_all_together() {
    let place = filled();
    let found = |filter: &AuditFilter| -> Vec<u64> {
        let page = place.journal.audit().filtered(filter, None, 99).unwrap();
        page.rows.into_iter().map(|row| row.seq).collect()
    };
    let any = AuditFilter::default;
    let text = |text: &str| AuditFilter {
        text: Some(text.to_owned()),
        ..any()
    };
    assert_eq!(found(&any()), [5, 4, 3, 2, 1], "newest first");
    assert_eq!(found(&text("notes")), [3, 2, 1], "the detail counts");
    assert_eq!(found(&text("SCHED")), [4]);
    for (wanted, rows) in [
        ("100%_d", vec![2]),
        ("%", vec![2]),
        ("_", vec![2]),
        ("\\", vec![2]),
        ("åsa", vec![1]),
    ] {
        assert_eq!(found(&text(wanted)), rows, "{wanted} by the letter");
    }
    let action = |action: &str| AuditFilter {
        action: Some(action.to_owned()),
        ..any()
    };
    assert_eq!(found(&action("source.")), [2, 1]);
    assert_eq!(found(&action("source")), [5, 2, 1]);
    let object = AuditFilter {
        object: Some("nightly".to_owned()),
        ..any()
    };
    assert_eq!(found(&object), [4, 3]);
    let mut all = AuditFilter {
        actor: Some("bo".to_owned()),
        since: Some(at(20)),
        until: Some(at(50)),
        ..any()
    };
    assert_eq!(found(&all), [3, 2]);
    all.text = Some("share".to_owned());
    all.action = Some("source".to_owned());
    assert_eq!(found(&all), [2]);
    all.object = Some("Nightly".to_owned());
    assert!(found(&all).is_empty());
}

#[test]
fn in_pages_and_quickly() {
    let place = filled();
    let filter = AuditFilter {
        action: Some("source".to_owned()),
        ..AuditFilter::default()
    };
    let audit = place.journal.audit();
    let first = audit.filtered(&filter, None, 2).unwrap();
    assert_eq!(first.rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [5, 2]);
    let second = audit.filtered(&filter, first.next, 2).unwrap();
    assert_eq!(second.rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [1]);
    assert_eq!(second.next, None);

    // A filter nothing fits reads the whole log: a hundred thousand entries, some years of them.
    let mut db = rusqlite::Connection::open(place.home.database()).unwrap();
    let fill = db.transaction().unwrap();
    fill.execute_batch("DROP TRIGGER audit_in_order").unwrap();
    for seq in 6..100_006 {
        fill.prepare_cached(
            "INSERT INTO audit VALUES (?1, ?2, 'scheduler', 'backstay 1.0', 'backup', 'Notes', '{\"run\":\"0193e0a1\"}', zeroblob(32), zeroblob(32))",
        )
        .unwrap()
        .execute((seq, at(seq).timestamp_micros()))
        .unwrap();
    }
    fill.commit().unwrap();
    let nothing = AuditFilter {
        text: Some("no such words".to_owned()),
        ..AuditFilter::default()
    };
    let start = Instant::now();
    assert!(audit.filtered(&nothing, None, 50).unwrap().rows.is_empty());
    println!("100,000 entries read through: {:?}", start.elapsed());
    assert!(start.elapsed().as_millis() < 2_000);
}
