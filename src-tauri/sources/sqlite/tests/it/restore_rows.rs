//! Rows back into living databases, and into new ones.

use std::path::Path;

use backstay_model::{ContentHash, ErrorKind, RawJson, Record, TargetSpec};
use backstay_source::{Cancel, Expect, RecordView, RecordWriter, Source, WriteStep};
use rusqlite::Connection;

use crate::{
    child::{Other, accounts},
    kit::{all, backup, database, integrity, source, stored},
};

fn record(id: &str, json: &str) -> Record {
    Record::new(id, RawJson::parse(json.as_bytes()).unwrap())
}

fn live(source: &dyn Source) -> Box<dyn RecordView> {
    source.live_records(&Cancel::default()).unwrap().unwrap()
}

fn snapshot(path: &Path) -> Box<dyn RecordView> {
    let (taken, outcome) = backup(&*source(path));
    stored(taken, &outcome.unwrap())
}

fn writer(source: &dyn Source, view: &dyn RecordView) -> Box<dyn RecordWriter> {
    source.record_writer(view, &Cancel::default()).unwrap()
}

fn hash(view: &dyn RecordView, collection: &str, id: &str) -> Expect {
    Expect::Content(view.get(collection, id).unwrap().unwrap().hash)
}

const SHOP: &str = "
CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT UNIQUE, seen INT DEFAULT 5);
CREATE TABLE orders(nr TEXT PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer(id), total INT, tax INT AS (total / 5) STORED);
CREATE TABLE line(nr TEXT, pos INTEGER, item, PRIMARY KEY(nr, pos), FOREIGN KEY(nr) REFERENCES orders(nr) ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE log(entry TEXT);
CREATE TRIGGER noticed AFTER INSERT ON customer BEGIN INSERT INTO log VALUES (new.name); END;
CREATE VIEW names AS SELECT name FROM customer;
INSERT INTO customer(id, name) VALUES (1, 'anna'), (2, 'ben');
INSERT INTO orders(nr, customer, total) VALUES ('o1', 1, 100), ('o2', 2, 50);
INSERT INTO line VALUES ('o1', 1, 'book'), ('o1', 2, x'00ff'), ('o2', 1, 2.5);
DELETE FROM log;
";

fn shop(dir: &Path) -> (std::path::PathBuf, Connection) {
    let path = dir.join("shop.db");
    let conn = database(&path, SHOP);
    (path, conn)
}

fn count(conn: &Connection, what: &str) -> i64 {
    conn.query_row(&format!("SELECT count(*) FROM {what}"), [], |r| r.get(0))
        .unwrap()
}

#[test]
fn deleted_and_changed_rows_come_back_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let (path, conn) = shop(dir.path());
    let before = snapshot(&path);
    conn.execute_batch("PRAGMA foreign_keys=OFF; DELETE FROM customer WHERE id = 1; DELETE FROM orders WHERE nr = 'o1'; DELETE FROM line; UPDATE customer SET name = 'bernd' WHERE id = 2;")
        .unwrap();
    let source = source(&path);
    let now = live(&*source);
    let expect_ben = hash(&*now, "customer", "2");
    drop(now);
    let mut writer = writer(&*source, &*before);
    // Children first: the order does not matter before the end.
    for table in ["line", "orders", "customer"] {
        for row in all(&*before, table) {
            match (table, row.id.as_str()) {
                ("customer", "2") => {
                    let written = writer.write(table, &WriteStep::Update(row.clone()), expect_ben).unwrap();
                    assert_eq!(written.hash, Some(row.hash));
                }
                ("orders", "o2") => {}
                _ => {
                    let written = writer.write(table, &WriteStep::Create(row.clone()), Expect::Absent).unwrap();
                    assert_eq!(written.hash, Some(row.hash), "{table} {}", row.id);
                }
            }
        }
    }
    assert_eq!(count(&conn, "line"), 0, "nothing counts before the end");
    writer.commit().unwrap();
    let after = live(&*source);
    for table in ["customer", "orders", "line", "log"] {
        assert_eq!(
            all(&*after, table),
            all(&*before, table),
            "{table}; and no trigger wrote to the log"
        );
    }
}

#[test]
fn a_writer_that_is_dropped_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (path, conn) = shop(dir.path());
    let before = snapshot(&path);
    let source = source(&path);
    let mut writer = writer(&*source, &*before);
    let step = WriteStep::Create(record("9", r#"{"id":9,"name":"zoe"}"#));
    writer.write("customer", &step, Expect::Absent).unwrap();
    drop(writer);
    assert_eq!(count(&conn, "customer"), 2);
}

#[test]
fn expectations_are_checked_in_the_transaction() {
    let dir = tempfile::tempdir().unwrap();
    let (path, _conn) = shop(dir.path());
    let before = snapshot(&path);
    let source = source(&path);
    let mut writer = writer(&*source, &*before);
    let anna = record("1", r#"{"id":1,"name":"anna","seen":5}"#);
    let other = Expect::Content(ContentHash::of(b"other"));
    let kind =
        |writer: &mut Box<dyn RecordWriter>, step: &WriteStep, expect| writer.write("customer", step, expect).unwrap_err().kind;
    assert_eq!(
        kind(&mut writer, &WriteStep::Create(anna.clone()), Expect::Absent),
        ErrorKind::Changed
    );
    assert_eq!(kind(&mut writer, &WriteStep::Update(anna.clone()), other), ErrorKind::Changed);
    assert_eq!(kind(&mut writer, &WriteStep::Delete("1".into()), other), ErrorKind::Changed);
    assert_eq!(kind(&mut writer, &WriteStep::Delete("77".into()), other), ErrorKind::Changed);
}

#[test]
fn broken_foreign_keys_are_found_at_the_end_and_take_everything_back() {
    let dir = tempfile::tempdir().unwrap();
    let (path, conn) = shop(dir.path());
    // A violation that was there before is not ours.
    conn.execute_batch("PRAGMA foreign_keys=OFF; INSERT INTO orders(nr, customer, total) VALUES ('old sin', 99, 1);")
        .unwrap();
    let before = snapshot(&path);
    let source = source(&path);
    let mut good = writer(&*source, &*before);
    good.write(
        "orders",
        &WriteStep::Create(record("o3", r#"{"nr":"o3","customer":1,"total":1,"tax":0}"#)),
        Expect::Absent,
    )
    .unwrap();
    good.commit().unwrap();
    let mut bad = writer(&*source, &*before);
    bad.write(
        "orders",
        &WriteStep::Create(record("o4", r#"{"nr":"o4","customer":55,"total":1}"#)),
        Expect::Absent,
    )
    .unwrap();
    let error = bad.commit().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(
        error.to_string().contains("orders") && error.to_string().contains("customer"),
        "{error}"
    );
    assert_eq!(count(&conn, "orders"), 4, "o1, o2, the old sin and o3");
}

#[test]
fn removals_take_nothing_along() {
    let dir = tempfile::tempdir().unwrap();
    let (path, conn) = shop(dir.path());
    let before = snapshot(&path);
    let source = source(&path);
    let now = snapshot(&path);
    let remove = |writer: &mut Box<dyn RecordWriter>, table: &str, id: &str| {
        writer
            .write(table, &WriteStep::Delete(id.into()), hash(&*now, table, id))
            .unwrap();
    };
    let mut alone = writer(&*source, &*before);
    remove(&mut alone, "orders", "o1");
    assert_eq!(
        alone.commit().unwrap_err().kind,
        ErrorKind::Refused,
        "its lines would go with it"
    );
    drop(alone);
    assert_eq!((count(&conn, "orders"), count(&conn, "line")), (2, 3));
    let mut whole = writer(&*source, &*before);
    for (table, id) in [("orders", "o1"), ("line", r#"["o1",1]"#), ("line", r#"["o1",2]"#)] {
        remove(&mut whole, table, id);
    }
    whole.commit().unwrap();
    assert_eq!((count(&conn, "orders"), count(&conn, "line")), (1, 1));
}

#[test]
fn another_row_in_the_way_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (path, _conn) = shop(dir.path());
    let before = snapshot(&path);
    let mut writer = writer(&*source(&path), &*before);
    let step = WriteStep::Create(record("7", r#"{"id":7,"name":"ben"}"#));
    let error = writer.write("customer", &step, Expect::Absent).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(error.to_string().contains("the row 2 is in the way"), "{error}");
    let step = WriteStep::Create(record("o9", r#"{"nr":"o9","customer":null}"#));
    let error = writer.write("orders", &step, Expect::Absent).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused, "{error}");
}

#[test]
fn both_are_kept_where_a_second_key_can_be_made() {
    let dir = tempfile::tempdir().unwrap();
    let (path, conn) = shop(dir.path());
    let before = snapshot(&path);
    let mut writer = writer(&*source(&path), &*before);
    let both = |id: &str, json: &str| WriteStep::KeepBoth(record(id, json));
    let keep = Expect::Absent;
    let first = writer
        .write("customer", &both("1", r#"{"id":1,"name":"anna, before"}"#), keep)
        .unwrap();
    assert_eq!(first.new_id.as_deref(), Some("3"));
    let second = writer
        .write("orders", &both("o1", r#"{"nr":"o1","customer":1,"total":3}"#), keep)
        .unwrap();
    assert_eq!(second.new_id.as_deref(), Some("o1 (restored)"));
    let third = writer
        .write("orders", &both("o1", r#"{"nr":"o1","customer":1,"total":4}"#), keep)
        .unwrap();
    assert_eq!(third.new_id.as_deref(), Some("o1 (restored 2)"));
    let error = writer
        .write("line", &both(r#"["o1",1]"#, r#"{"nr":"o1","pos":1}"#), keep)
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
    writer.commit().unwrap();
    assert_eq!((count(&conn, "customer"), count(&conn, "orders")), (3, 4));
}

#[test]
fn changed_tables_say_what_does_not_fit() {
    let dir = tempfile::tempdir().unwrap();
    let (path, conn) = shop(dir.path());
    let before = snapshot(&path);
    conn.execute_batch(
        "ALTER TABLE customer DROP COLUMN seen; ALTER TABLE log ADD COLUMN level TEXT DEFAULT 'info'; DROP TABLE line;",
    )
    .unwrap();
    let mut writer = writer(&*source(&path), &*before);
    let mut create =
        |table: &str, id: &str, json: &str| writer.write(table, &WriteStep::Create(record(id, json)), Expect::Absent);
    let error = create("customer", "8", r#"{"id":8,"name":"x","seen":5}"#).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
    assert!(error.to_string().contains("seen"), "{error}");
    assert_eq!(
        create("line", r#"["o1",9]"#, r#"{"nr":"o1","pos":9}"#).unwrap_err().kind,
        ErrorKind::Unsupported
    );
    assert_eq!(
        create("names", "1", r#"{"name":"x"}"#).unwrap_err().kind,
        ErrorKind::Unsupported
    );
    assert_eq!(create("nothing", "1", "{}").unwrap_err().kind, ErrorKind::NotFound);
    create("log", "5", r#"{"entry":"e"}"#).unwrap();
    writer.commit().unwrap();
    let row: (i64, String, String) = conn
        .query_row("SELECT rowid, entry, level FROM log", [], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
        .unwrap();
    assert_eq!(row, (5, "e".into(), "info".into()), "an added column gets its default");
}

#[test]
fn a_locked_database_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bank.db");
    accounts(&path, "delete", 5);
    let before = snapshot(&path);
    let _other = Other::start("hold exclusive", &path);
    let source = crate::kit::source_with(&path, serde_json::json!({"wait": "1"}));
    let result = source.record_writer(&*before, &Cancel::default()).and_then(|mut w| {
        w.write(
            "accounts",
            &WriteStep::Create(record("9", r#"{"id":9,"balance":1}"#)),
            Expect::Absent,
        )
    });
    assert_eq!(result.unwrap_err().kind, ErrorKind::Locked);
}

#[test]
fn a_new_database_gets_the_tables_that_are_restored() {
    let dir = tempfile::tempdir().unwrap();
    let (path, _conn) = shop(dir.path());
    let before = snapshot(&path);
    let target = dir.path().join("out/rows.db");
    let there = source(&path).at(&TargetSpec::New(target.to_str().unwrap().into())).unwrap();
    assert!(live(&*there).collections().unwrap().is_empty());
    let mut writer = writer(&*there, &*before);
    for table in ["orders", "customer"] {
        for row in all(&*before, table) {
            writer.write(table, &WriteStep::Create(row), Expect::Absent).unwrap();
        }
    }
    assert!(!target.exists(), "it has its name when it is complete");
    writer.commit().unwrap();
    let conn = Connection::open(&target).unwrap();
    assert_eq!(integrity(&conn), "ok");
    let now = live(&*there);
    assert_eq!(
        now.collections().unwrap().iter().map(|c| c.name.as_str()).collect::<Vec<_>>(),
        ["customer", "orders"]
    );
    for table in ["orders", "customer"] {
        assert_eq!(all(&*now, table), all(&*before, table));
    }
    assert_eq!(std::fs::read_dir(target.parent().unwrap()).unwrap().count(), 1);
}

mod values {
    //! Any value in any kind of table comes back exactly.
    use proptest::prelude::*;
    use rusqlite::{ToSql, types::ToSqlOutput, types::ValueRef};

    use super::*;

    #[derive(Debug, Clone)]
    enum Any {
        Null,
        Int(i64),
        Real(f64),
        Text(Vec<u8>),
        Blob(Vec<u8>),
    }

    impl ToSql for Any {
        fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
            Ok(ToSqlOutput::Borrowed(match self {
                Any::Null => ValueRef::Null,
                Any::Int(n) => ValueRef::Integer(*n),
                Any::Real(x) => ValueRef::Real(*x),
                Any::Text(t) => ValueRef::Text(t),
                Any::Blob(b) => ValueRef::Blob(b),
            }))
        }
    }

    fn any_value() -> impl Strategy<Value = Any> {
        prop_oneof![
            Just(Any::Null),
            any::<i64>().prop_map(Any::Int),
            prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0)].prop_map(Any::Int),
            any::<f64>().prop_map(Any::Real),
            prop_oneof![
                Just(f64::INFINITY),
                Just(f64::NEG_INFINITY),
                Just(f64::NAN),
                Just(-0.0),
                Just(1e16)
            ]
            .prop_map(Any::Real),
            ".{0,12}".prop_map(|t: String| Any::Text(t.into_bytes())),
            prop_oneof![
                Just("1"),
                Just("1.0"),
                Just("0x10"),
                Just("[1]"),
                Just("{\"$blob\":\"\"}"),
                Just("a\0b")
            ]
            .prop_map(|t| Any::Text(t.as_bytes().to_vec())),
            proptest::collection::vec(any::<u8>(), 0..12).prop_map(Any::Text),
            proptest::collection::vec(any::<u8>(), 0..12).prop_map(Any::Blob),
        ]
    }

    const TABLES: &[&str] = &[
        "CREATE TABLE t(k, v, w TEXT, x NUMERIC, y REAL)",
        "CREATE TABLE t(k PRIMARY KEY, v, w TEXT, x NUMERIC, y INT)",
        "CREATE TABLE t(k TEXT PRIMARY KEY, v, w BLOB, x, y) WITHOUT ROWID",
        "CREATE TABLE t(k, v, w, x, y, PRIMARY KEY(k, v)) WITHOUT ROWID",
        "CREATE TABLE t(k ANY PRIMARY KEY, v ANY, w ANY, x ANY, y ANY) STRICT",
        "CREATE TABLE t(k TEXT, v INT, w, x, y, PRIMARY KEY(k COLLATE NOCASE, v DESC))",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn there_and_back(
            table in 0..TABLES.len(),
            rows in proptest::collection::vec([any_value(), any_value(), any_value(), any_value(), any_value()], 1..20),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("a.db");
            let conn = database(&path, &format!("PRAGMA synchronous=OFF; {}", TABLES[table]));
            for row in &rows {
                // Doubles and NULLs in keys are refused by some tables: those rows are not there to come back.
                let _ = conn.execute("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)", rusqlite::params_from_iter(row));
            }
            drop(conn);
            let before = snapshot(&path);
            let there = source(&path).at(&TargetSpec::New(dir.path().join("b.db").to_str().unwrap().into())).unwrap();
            let mut writer = writer(&*there, &*before);
            let records = all(&*before, "t");
            for pair in records.windows(2) {
                prop_assert!(before.compare_ids("t", &pair[0].id, &pair[1].id).is_lt(), "{} {}", pair[0].id, pair[1].id);
            }
            for record in records.iter().rev() {
                let written = writer.write("t", &WriteStep::Create(record.clone()), Expect::Absent).unwrap();
                prop_assert_eq!(written.hash, Some(record.hash));
            }
            writer.commit().unwrap();
            prop_assert_eq!(before.count("t").unwrap(), records.len() as u64);
            if !records.is_empty() {
                let a = Connection::open(&path).unwrap();
                a.execute("ATTACH ?1 AS b", [dir.path().join("b.db").to_str().unwrap()]).unwrap();
                let quoted = "quote(k)||typeof(k), quote(v)||typeof(v), quote(w)||typeof(w), quote(x)||typeof(x), quote(y)||typeof(y)";
                let different = format!("SELECT count(*) FROM (SELECT {quoted} FROM main.t EXCEPT SELECT {quoted} FROM b.t)");
                prop_assert_eq!(a.query_row(&different, [], |r| r.get::<_, i64>(0)).unwrap(), 0);
                let number = "SELECT count(*) FROM b.t";
                prop_assert_eq!(a.query_row(number, [], |r| r.get::<_, i64>(0)).unwrap(), records.len() as i64);
            }
        }
    }
}
