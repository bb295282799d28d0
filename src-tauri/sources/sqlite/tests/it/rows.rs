//! Rows as records: every kind of table and value, living and stored.

use std::path::Path;

use backstay_model::CollectionKind;
use backstay_source::{Cancel, RecordView};

use crate::kit::{all, backup, database, json_of, source, stored};

/// The rows of the living database, and of what a backup of it stored.
fn views(path: &Path) -> [Box<dyn RecordView>; 2] {
    let source = source(path);
    let (taken, outcome) = backup(&*source);
    let stored = stored(taken, &outcome.unwrap());
    [source.live_records(&Cancel::default()).unwrap().unwrap(), stored]
}

const ZOO: &str = r#"
CREATE TABLE plain(a, b);
INSERT INTO plain VALUES (1, 'x'), (2.0, NULL), (-9223372036854775808, x'00ff'), (1e300, ''), (9e999, -9e999), ('5', CAST(x'ff41' AS TEXT));
DELETE FROM plain WHERE a = 2.0;
CREATE TABLE ipk(id INTEGER PRIMARY KEY, v TEXT); INSERT INTO ipk VALUES (-5, 'm'), (3, 'a'), (9223372036854775807, 'z');
CREATE TABLE textkey(k TEXT PRIMARY KEY, v); INSERT INTO textkey VALUES ('b', 1), ('B', 2), ('[', 3), ('', 4), ('ä', 5);
CREATE TABLE nocase(k TEXT PRIMARY KEY COLLATE NOCASE, v); INSERT INTO nocase VALUES ('b', 1), ('A', 2), ('C', 3);
CREATE TABLE pair(a TEXT, b INTEGER, v, PRIMARY KEY(a, b DESC)) WITHOUT ROWID;
INSERT INTO pair VALUES ('x', 1, 'p'), ('x', 2, 'q'), ('w', 9, 'r');
CREATE TABLE loose(k PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO loose VALUES (1, 'i'), ('1', 't'), (x'31', 'b'), (1.5, 'r');
CREATE TABLE nullkey(k TEXT PRIMARY KEY, v); INSERT INTO nullkey VALUES (NULL, 1), (NULL, 2), ('x', 3);
CREATE TABLE strict_any(k INT PRIMARY KEY, v ANY) STRICT; INSERT INTO strict_any VALUES (1, '007'), (2, 7);
CREATE TABLE computed(id INTEGER PRIMARY KEY, n INT, twice INT GENERATED ALWAYS AS (n * 2) STORED, thrice INT AS (n * 3));
INSERT INTO computed(id, n) VALUES (1, 10);
CREATE TABLE rowids(rowid TEXT, oid TEXT, v); INSERT INTO rowids VALUES ('r', 'o', 1);
CREATE TABLE noway(rowid, _rowid_, oid); INSERT INTO noway VALUES (1, 2, 3);
CREATE TABLE "odd ""name/with"(id INTEGER PRIMARY KEY, "select" TEXT, "a""b" TEXT); INSERT INTO "odd ""name/with" VALUES (1, 's', 'q');
CREATE TABLE auto(id INTEGER PRIMARY KEY AUTOINCREMENT, v); INSERT INTO auto(v) VALUES ('a');
CREATE VIEW doubled AS SELECT id, v || v AS vv FROM ipk ORDER BY v DESC;
CREATE VIEW broken AS SELECT * FROM gone;
CREATE VIRTUAL TABLE search USING fts5(title, body); INSERT INTO search VALUES ('one', 'first text'), ('two', 'second text');
CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1); INSERT INTO boxes VALUES (7, 0.5, 1.5);
"#;

fn zoo(dir: &Path) -> std::path::PathBuf {
    let path = dir.join("zoo.db");
    drop(database(&path, ZOO));
    path
}

#[test]
fn every_kind_of_table_reads_exactly() {
    let dir = tempfile::tempdir().unwrap();
    let path = zoo(dir.path());
    let expected: &[(&str, &[(&str, &str)])] = &[
        (
            "plain",
            &[
                ("1", r#"{"a":1,"b":"x"}"#),
                ("3", r#"{"a":-9223372036854775808,"b":{"$blob":"AP8="}}"#),
                ("4", r#"{"a":1e300,"b":""}"#),
                ("5", r#"{"a":{"$real":"Infinity"},"b":{"$real":"-Infinity"}}"#),
                ("6", r#"{"a":"5","b":{"$text":"/0E="}}"#),
            ],
        ),
        (
            "ipk",
            &[
                ("-5", r#"{"id":-5,"v":"m"}"#),
                ("3", r#"{"id":3,"v":"a"}"#),
                ("9223372036854775807", r#"{"id":9223372036854775807,"v":"z"}"#),
            ],
        ),
        (
            "textkey",
            &[
                (r#"[""]"#, r#"{"k":"","v":4}"#),
                ("B", r#"{"k":"B","v":2}"#),
                (r#"["["]"#, r#"{"k":"[","v":3}"#),
                ("b", r#"{"k":"b","v":1}"#),
                ("ä", r#"{"k":"ä","v":5}"#),
            ],
        ),
        (
            "nocase",
            &[
                ("A", r#"{"k":"A","v":2}"#),
                ("b", r#"{"k":"b","v":1}"#),
                ("C", r#"{"k":"C","v":3}"#),
            ],
        ),
        (
            "pair",
            &[
                (r#"["w",9]"#, r#"{"a":"w","b":9,"v":"r"}"#),
                (r#"["x",2]"#, r#"{"a":"x","b":2,"v":"q"}"#),
                (r#"["x",1]"#, r#"{"a":"x","b":1,"v":"p"}"#),
            ],
        ),
        (
            "loose",
            &[
                ("[1]", r#"{"k":1,"v":"i"}"#),
                ("[1.5]", r#"{"k":1.5,"v":"r"}"#),
                (r#"["1"]"#, r#"{"k":"1","v":"t"}"#),
                (r#"[{"$blob":"MQ=="}]"#, r#"{"k":{"$blob":"MQ=="},"v":"b"}"#),
            ],
        ),
        (
            "nullkey",
            &[
                ("1", r#"{"k":null,"v":1}"#),
                ("2", r#"{"k":null,"v":2}"#),
                ("3", r#"{"k":"x","v":3}"#),
            ],
        ),
        ("strict_any", &[("1", r#"{"k":1,"v":"007"}"#), ("2", r#"{"k":2,"v":7}"#)]),
        ("computed", &[("1", r#"{"id":1,"n":10,"twice":20,"thrice":30}"#)]),
        ("rowids", &[("1", r#"{"rowid":"r","oid":"o","v":1}"#)]),
        ("noway", &[("1", r#"{"rowid":1,"_rowid_":2,"oid":3}"#)]),
        ("odd \"name/with", &[("1", r#"{"id":1,"select":"s","a\"b":"q"}"#)]),
        (
            "doubled",
            &[
                ("1", r#"{"id":9223372036854775807,"vv":"zz"}"#),
                ("2", r#"{"id":-5,"vv":"mm"}"#),
                ("3", r#"{"id":3,"vv":"aa"}"#),
            ],
        ),
        (
            "search",
            &[
                ("1", r#"{"title":"one","body":"first text"}"#),
                ("2", r#"{"title":"two","body":"second text"}"#),
            ],
        ),
        ("boxes", &[("1", r#"{"id":7,"x0":0.5,"x1":1.5}"#)]),
        ("sqlite_sequence", &[("1", r#"{"name":"auto","seq":1}"#)]),
    ];
    for (view, which) in views(&path).iter().zip(["live", "stored"]) {
        for (table, rows) in expected {
            let got = all(&**view, table);
            let got: Vec<_> = got.iter().map(|r| (r.id.clone(), json_of(r))).collect();
            let want: Vec<_> = rows.iter().map(|(id, json)| ((*id).to_owned(), (*json).to_owned())).collect();
            assert_eq!(got, want, "{which} {table}");
            assert_eq!(view.count(table).unwrap(), rows.len() as u64);
            for (at, (id, json)) in rows.iter().enumerate() {
                let record = view.get(table, id).unwrap().unwrap();
                assert_eq!((record.id.as_str(), json_of(&record).as_str()), (*id, *json));
                let page = view.page(table, at as u64, 1).unwrap();
                assert_eq!(page[0].id, *id);
                let after: Vec<_> = view.scan(table, Some(id)).unwrap().map(|r| r.unwrap().id).collect();
                assert_eq!(after.len(), rows.len() - at - 1, "{table} after {id}");
                if let Some((next, _)) = rows.get(at + 1) {
                    assert!(view.compare_ids(table, id, next).is_lt(), "{table}: {id} {next}");
                }
            }
            assert_eq!(view.get(table, "no such id \0").unwrap(), None);
            assert!(view.page(table, rows.len() as u64, 5).unwrap().is_empty());
        }
        assert!(view.count("nothing").is_err());
        assert!(view.count("broken").is_err());
    }
}

#[test]
fn collections_say_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let path = zoo(dir.path());
    for view in views(&path) {
        let collections = view.collections().unwrap();
        let find = |name: &str| collections.iter().find(|c| c.name == name).unwrap();
        let kind = |name: &str| find(name).kind;
        assert_eq!(kind("ipk"), CollectionKind::Table);
        assert_eq!(kind("doubled"), CollectionKind::View);
        assert_eq!(kind("search"), CollectionKind::View);
        assert_eq!(kind("search_data"), CollectionKind::Internal);
        assert_eq!(kind("boxes_node"), CollectionKind::Internal);
        assert_eq!(kind("sqlite_sequence"), CollectionKind::Internal);
        assert_eq!(find("pair").schema.key, ["a", "b"]);
        assert_eq!(find("ipk").schema.key, ["id"]);
        assert!(find("plain").schema.key.is_empty());
        let computed: Vec<_> = find("computed").schema.fields.iter().map(|f| f.computed).collect();
        assert_eq!(computed, [false, false, true, true]);
        let raw = String::from_utf8(find("broken").raw.as_ref().unwrap().as_bytes().to_vec()).unwrap();
        assert!(raw.contains("no such table"), "{raw}");
        assert!(collections.is_sorted_by_key(|c| &c.name));
    }
}

#[test]
fn pages_of_a_large_table_equal_the_scan() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.db");
    drop(database(
        &path,
        "CREATE TABLE dense(id INTEGER PRIMARY KEY, v); CREATE TABLE holes(id INTEGER PRIMARY KEY, v);
         CREATE TABLE keyed(k TEXT PRIMARY KEY, v) WITHOUT ROWID; CREATE TABLE empty(id INTEGER PRIMARY KEY);
         WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 12345) INSERT INTO dense SELECT x + 100, x FROM c;
         INSERT INTO holes SELECT id * 3, v FROM dense; INSERT INTO keyed SELECT hex(id * 7919 % 12391), v FROM dense;
         CREATE VIEW seen AS SELECT v FROM holes;",
    ));
    for view in views(&path) {
        for table in ["dense", "holes", "keyed", "seen"] {
            let ids: Vec<_> = all(&*view, table).into_iter().map(|r| r.id).collect();
            assert_eq!(ids.len(), 12345);
            for offset in [0, 1, 999, 1999, 2000, 2001, 5000, 7999, 12344, 12345, 99999, 300] {
                let page: Vec<_> = view.page(table, offset, 50).unwrap().into_iter().map(|r| r.id).collect();
                let offset = offset as usize;
                let want = ids.get(offset..(offset + 50).min(ids.len())).unwrap_or_default();
                assert_eq!(page, want, "{table} {offset}");
            }
            let next: Vec<_> = view.page(table, 350, 50).unwrap().into_iter().map(|r| r.id).collect();
            assert_eq!(next, ids[350..400], "going on where the last page ended");
        }
        assert!(view.page("empty", 5000, 10).unwrap().is_empty());
    }
}

#[test]
fn a_reader_that_fails_gives_its_error_and_no_rows() {
    use std::{
        io::{self, Read, Seek, SeekFrom},
        sync::Arc,
    };

    use backstay_model::{ContentHash, ErrorKind, FileEntry};
    use backstay_source::{Connector, FileView, ReadSeek, SourceError};
    use backstay_source_kit::Taken;

    /// Reads of the second half of the file fail.
    struct Broken(Taken);
    struct Half(Box<dyn ReadSeek>, u64, u64);
    impl Read for Half {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            if self.2 >= self.1 / 2 {
                return Err(io::Error::other(SourceError::new(
                    ErrorKind::Damaged,
                    "pack 17",
                    "has a wrong hash",
                )));
            }
            let n = self.0.read(buf)?;
            self.2 += n as u64;
            Ok(n)
        }
    }
    impl Seek for Half {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.2 = self.0.seek(to)?;
            Ok(self.2)
        }
    }
    impl FileView for Broken {
        fn walk<'a>(
            &'a self,
            below: Option<&str>,
        ) -> backstay_source::Result<Box<dyn Iterator<Item = backstay_source::Result<FileEntry>> + 'a>> {
            self.0.walk(below)
        }
        fn stat(&self, path: &str) -> backstay_source::Result<Option<FileEntry>> {
            self.0.stat(path)
        }
        fn open(&self, path: &str) -> backstay_source::Result<Box<dyn ReadSeek>> {
            let size = self.0.stat(path)?.unwrap().size;
            Ok(Box::new(Half(self.0.open(path)?, size, 0)))
        }
        fn hash(&self, path: &str) -> backstay_source::Result<ContentHash> {
            self.0.hash(path)
        }
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    drop(database(
        &path,
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v);
         WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000) INSERT INTO t SELECT x, hex(randomblob(40)) FROM c;",
    ));
    let (taken, outcome) = backup(&*source(&path));
    let view = backstay_sqlite::Sqlite
        .stored_records(Arc::new(Broken(taken)), &crate::kit::meta(&outcome.unwrap()))
        .unwrap()
        .unwrap();
    let results: Vec<_> = view.scan("t", None).unwrap().collect();
    let (last, good) = results.split_last().unwrap();
    assert!(good.len() > 1000 && good.iter().all(Result::is_ok));
    let error = last.as_ref().unwrap_err();
    assert_eq!((error.kind, error.subject.as_str()), (ErrorKind::Damaged, "pack 17"));
    let error = view.get("t", "19999").unwrap_err();
    assert_eq!((error.kind, error.subject.as_str()), (ErrorKind::Damaged, "pack 17"));
}
