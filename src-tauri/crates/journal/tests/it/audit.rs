//! The audit log: what is added is sealed, every change is found, the export can be checked without Backstay.

use std::path::Path;

use backstay_journal::{AuditEntry, AuditFault, AuditHead, Home, Journal, JournalError, KnownHead};
use backstay_model::ErrorKind;
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::json;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::{Place, at};

fn entry(number: i64) -> AuditEntry {
    AuditEntry {
        time: at(number),
        actor: "åsa".to_owned(),
        program: "backstay 0.1.0".to_owned(),
        action: "source.add".to_owned(),
        object: format!("Notes {number}"),
        detail: json!({"z": 1, "a": ["\u{7f}\u{2028}\n\"", null, 1.5], "n": number}),
    }
}

fn filled(entries: i64) -> (Place, AuditHead) {
    let place = Place::make();
    let heads: Vec<AuditHead> = (1..=entries)
        .map(|number| place.journal.audit().add(&entry(number)).unwrap())
        .collect();
    (place, heads.last().unwrap().clone())
}

/// Someone with SQL, who took the guards away.
fn intruder(home: &Path) -> Connection {
    let db = Connection::open(home.join("state.db")).unwrap();
    let drops = "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; DROP TRIGGER audit_in_order";
    db.execute_batch(drops).unwrap();
    db
}

fn fault(result: Result<AuditHead, JournalError>) -> AuditFault {
    match result {
        Err(JournalError::Audit(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn entries_are_sealed_in_order() {
    let place = Place::make();
    let audit = place.journal.audit();
    let empty = AuditHead {
        seq: 0,
        hash: "0".repeat(64),
    };
    assert_eq!((audit.head().unwrap(), audit.verify().unwrap()), (empty.clone(), empty));
    let heads: Vec<AuditHead> = (1..=25).map(|number| audit.add(&entry(number)).unwrap()).collect();
    assert_eq!(
        heads.iter().map(|head| head.seq).collect::<Vec<_>>(),
        (1..=25).collect::<Vec<_>>()
    );
    assert_eq!(
        (&audit.head().unwrap(), &audit.verify_against(&heads).unwrap()),
        (&heads[24], &heads[24])
    );
    let page = audit.newest(None, 10).unwrap();
    assert_eq!(
        (page.rows[0].seq, page.rows[0].hash.as_str(), page.next),
        (25, heads[24].hash.as_str(), Some(16))
    );
    assert_eq!((page.rows[0].time, page.rows[0].actor.as_str()), (at(25), "åsa"));
    assert_eq!(page.rows[0].prev, heads[23].hash);
    assert_eq!(audit.newest(Some(16), 20).unwrap().rows.last().unwrap().seq, 1);
    assert_eq!(
        audit
            .oldest(Some(23), 10)
            .unwrap()
            .rows
            .iter()
            .map(|row| row.seq)
            .collect::<Vec<_>>(),
        [24, 25]
    );
    let text = heads[3].to_string();
    assert_eq!(text.parse::<KnownHead>().unwrap(), heads[3]);
    for bad in ["", "4", "x:00", "4:zz", &format!("4:{}", "g".repeat(64))] {
        assert_eq!(bad.parse::<KnownHead>().unwrap_err().kind(), ErrorKind::Usage);
    }
}

#[test]
fn the_database_itself_refuses_changes() {
    let (place, head) = filled(3);
    let db = Connection::open(place.home.database()).unwrap();
    let copy = "SELECT at, actor, program, action, object, detail, prev, hash FROM audit WHERE seq = 2";
    for sql in [
        "UPDATE audit SET actor = 'x' WHERE seq = 2".to_owned(),
        "DELETE FROM audit WHERE seq = 3".to_owned(),
        "DELETE FROM audit".to_owned(),
        format!("INSERT INTO audit SELECT 9, * FROM ({copy})"),
        format!("INSERT INTO audit SELECT 4, * FROM ({copy})"),
        format!("INSERT OR REPLACE INTO audit SELECT 3, * FROM ({copy})"),
    ] {
        let error = db.execute(&sql, []).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
    assert_eq!(
        place.journal.audit().verify_against(std::slice::from_ref(&head)).unwrap(),
        head
    );
}

#[test]
fn a_cut_end_is_found_by_a_head_stored_elsewhere() {
    let (place, head) = filled(5);
    intruder(place.home.path())
        .execute("DELETE FROM audit WHERE seq > 3", [])
        .unwrap();
    let audit = place.journal.audit();
    assert_eq!(audit.verify().unwrap().seq, 3, "the rest is a whole chain");
    let found = audit.verify_against(std::slice::from_ref(&head)).unwrap_err();
    assert_eq!(found.kind(), ErrorKind::Damaged);
    assert_eq!(fault(Err(found)), AuditFault::Cut { last: 3, known: 5 });
    // Growing again over the cut does not hide it.
    for number in 0..4 {
        audit.add(&entry(number)).unwrap();
    }
    assert_eq!(fault(audit.verify_against(&[head])), AuditFault::Rewritten { seq: 5 });
}

#[test]
fn a_fault_is_named_with_its_place() {
    for (sql, expected) in [
        (
            "DELETE FROM audit WHERE seq = 3",
            AuditFault::OutOfOrder { expected: 3, found: 4 },
        ),
        ("UPDATE audit SET actor = 'x' WHERE seq = 3", AuditFault::Changed { seq: 3 }),
        (
            "UPDATE audit SET prev = zeroblob(32) WHERE seq = 3",
            AuditFault::Unlinked { seq: 3 },
        ),
        ("UPDATE audit SET seq = -3 WHERE seq = 3", AuditFault::Unreadable { after: 0 }),
    ] {
        let (place, _) = filled(5);
        intruder(place.home.path()).execute(sql, []).unwrap();
        let found = fault(place.journal.audit().verify());
        assert_eq!(found, expected, "{sql}");
        assert!(!found.to_string().is_empty());
    }
}

/// Something an intruder does to a log of [`ENTRIES`] entries.
#[derive(Debug, Clone)]
enum Tampering {
    Text { seq: u64, column: &'static str, with: String },
    Time { seq: u64, by: i64 },
    Bit { seq: u64, column: &'static str, bit: usize },
    Remove { seq: u64 },
    RemoveAndCloseUp { seq: u64 },
    Swap { a: u64, b: u64 },
    Double { seq: u64, to: u64 },
    Reseal { seq: u64, with: String },
}

const ENTRIES: u64 = 8;

fn tampering() -> impl Strategy<Value = Tampering> {
    let seq = || 1..=ENTRIES;
    let text = prop::sample::select(vec!["actor", "program", "action", "object", "detail"]);
    let blob = prop::sample::select(vec!["prev", "hash"]);
    prop_oneof![
        (seq(), text, ".{0,12}").prop_map(|(seq, column, with)| Tampering::Text { seq, column, with }),
        (seq(), prop_oneof![Just(1), Just(-1), any::<i64>()])
            .prop_filter("a change", |(_, by)| *by != 0)
            .prop_map(|(seq, by)| Tampering::Time { seq, by }),
        (seq(), blob, 0..256_usize).prop_map(|(seq, column, bit)| Tampering::Bit { seq, column, bit }),
        seq().prop_map(|seq| Tampering::Remove { seq }),
        seq().prop_map(|seq| Tampering::RemoveAndCloseUp { seq }),
        (seq(), seq())
            .prop_filter("two", |(a, b)| a != b)
            .prop_map(|(a, b)| Tampering::Swap { a, b }),
        (seq(), seq()).prop_map(|(seq, to)| Tampering::Double { seq, to }),
        (seq(), "[a-z]{1,8}").prop_map(|(seq, with)| Tampering::Reseal { seq, with }),
    ]
}

/// Does it; `false` when it changes nothing (a text replaced by itself).
fn tamper(db: &Connection, what: &Tampering) -> bool {
    let run = |sql: &str| db.execute_batch(sql).unwrap();
    let shift = "UPDATE audit SET seq = -seq WHERE seq > {0}; UPDATE audit SET seq = -seq {1} WHERE seq < 0";
    match what {
        Tampering::Text { seq, column, with } => {
            let sql = format!("UPDATE audit SET {column} = ?2 WHERE seq = ?1 AND {column} <> ?2");
            return db.execute(&sql, (*seq as i64, with)).unwrap() == 1;
        }
        Tampering::Time { seq, by } => {
            let now: i64 = db
                .query_row("SELECT at FROM audit WHERE seq = ?1", [*seq as i64], |row| row.get(0))
                .unwrap();
            db.execute(
                "UPDATE audit SET at = ?2 WHERE seq = ?1",
                (*seq as i64, now.wrapping_add(*by)),
            )
            .unwrap();
        }
        Tampering::Bit { seq, column, bit } => {
            let sql = format!("SELECT {column} FROM audit WHERE seq = ?1");
            let mut bytes: Vec<u8> = db.query_row(&sql, [*seq as i64], |row| row.get(0)).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            db.execute(
                &format!("UPDATE audit SET {column} = ?2 WHERE seq = ?1"),
                (*seq as i64, bytes),
            )
            .unwrap();
        }
        Tampering::Remove { seq } => run(&format!("DELETE FROM audit WHERE seq = {seq}")),
        Tampering::RemoveAndCloseUp { seq } => {
            run(&format!("DELETE FROM audit WHERE seq = {seq}"));
            run(&shift.replace("{0}", &seq.to_string()).replace("{1}", "- 1"));
        }
        Tampering::Swap { a, b } => run(&format!(
            "UPDATE audit SET seq = -1 WHERE seq = {a}; UPDATE audit SET seq = {a} WHERE seq = {b}; UPDATE audit SET seq = {b} WHERE seq = -1"
        )),
        Tampering::Double { seq, to } => {
            run(&format!("CREATE TEMP TABLE one AS SELECT * FROM audit WHERE seq = {seq}"));
            run(&shift.replace("{0}", &to.to_string()).replace("{1}", "+ 1"));
            run(&format!(
                "INSERT INTO audit SELECT {to} + 1, at, actor, program, action, object, detail, prev, hash FROM one; DROP TABLE one"
            ));
        }
        Tampering::Reseal { seq, with } => {
            // Knows the rule, and seals the changed entry anew.
            db.execute("UPDATE audit SET object = ?2 WHERE seq = ?1", (*seq as i64, with))
                .unwrap();
            let sql = "SELECT seq, at, actor, program, action, object, detail, prev FROM audit WHERE seq = ?1";
            let hash = db
                .query_row(sql, [*seq as i64], |row| {
                    let texts: Vec<String> = (2..7).map(|at| row.get(at)).collect::<Result<_, _>>()?;
                    Ok(seal(
                        row.get::<_, i64>(0)?.unsigned_abs(),
                        row.get(1)?,
                        &texts,
                        &row.get::<_, Vec<u8>>(7)?,
                    ))
                })
                .unwrap();
            db.execute("UPDATE audit SET hash = ?2 WHERE seq = ?1", (*seq as i64, hash))
                .unwrap();
        }
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_single_change_is_found(what in tampering()) {
        // One log for all cases, copied: sealing it anew each time would only wait for the disk.
        static LOG: std::sync::OnceLock<(Vec<u8>, AuditHead)> = std::sync::OnceLock::new();
        let (bytes, head) = LOG.get_or_init(|| {
            let (place, head) = filled(ENTRIES as i64);
            let path = place.home.database();
            drop(place.journal);
            (std::fs::read(path).unwrap(), head)
        });
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("state.db"), bytes).unwrap();
        let home = Home::create(dir.path()).unwrap();
        let journal = Journal::open(&home).unwrap();
        let known = std::slice::from_ref(head);
        prop_assert_eq!(&journal.audit().verify_against(known).unwrap(), head);
        let changed = tamper(&intruder(dir.path()), &what);
        let found = journal.audit().verify_against(known);
        prop_assert_eq!(matches!(found, Err(JournalError::Audit(_))), changed, "{:?}", found);
    }
}

/// The seal as the documentation describes it, written anew.
fn seal(seq: u64, micros: i64, texts: &[String], prev: &[u8]) -> Vec<u8> {
    let mut bytes = b"backstay-audit-v1\n".to_vec();
    bytes.extend(seq.to_be_bytes());
    bytes.extend(micros.to_be_bytes());
    for text in texts {
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes.extend(prev);
    Sha256::digest(&bytes).to_vec()
}

#[derive(serde::Deserialize)]
struct Line<'a> {
    seq: u64,
    time: chrono::DateTime<chrono::Utc>,
    actor: String,
    program: String,
    action: String,
    object: String,
    #[serde(borrow)]
    detail: &'a RawValue,
    prev: String,
    hash: String,
}

#[test]
fn the_export_can_be_checked_without_backstay() {
    let (place, head) = filled(1203);
    let mut out = Vec::new();
    assert_eq!(place.journal.audit().export(&mut out).unwrap(), head);
    let text = String::from_utf8(out).unwrap();
    let mut prev = vec![0; 32];
    let mut count = 0;
    for line in text.lines() {
        let line: Line<'_> = serde_json::from_str(line).unwrap();
        let texts = [
            line.actor,
            line.program,
            line.action,
            line.object,
            line.detail.get().to_owned(),
        ];
        assert_eq!(line.prev, hex::encode(&prev));
        prev = seal(line.seq, line.time.timestamp_micros(), &texts, &prev);
        assert_eq!(line.hash, hex::encode(&prev), "{}", line.seq);
        count += 1;
    }
    assert_eq!((count, hex::encode(prev)), (head.seq, head.hash));
}

#[test]
fn an_export_that_cannot_be_written_says_so() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (place, _) = filled(1);
    assert_eq!(place.journal.audit().export(&mut Full).unwrap_err().kind(), ErrorKind::Full);
}
