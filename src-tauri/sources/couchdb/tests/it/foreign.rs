//! Files of other programs, read: every fixture of couchbackup, and what people have besides.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use backstay_couchdb::CouchDb;
use backstay_model::{CollectionKind, ErrorKind, Record};
use backstay_source::{Cancel, Connector as _, Result};
use backstay_source_kit::{DirSink, Taken};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

pub(crate) const HEADER: &str =
    "{\"name\":\"@cloudant/couchbackup\",\"version\":\"2.11.12\",\"mode\":\"full\",\"attachments\":false}\n";
const MARKER: &str = "{\"marker\":\"@cloudant/couchbackup:resume\"}";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/couchbackup")
        .join(format!("animaldb_{name}"))
}

pub(crate) fn read(path: &Path) -> Result<Taken> {
    let sink = DirSink::new();
    let files = CouchDb.foreign().unwrap();
    let format = files
        .recognise(path)
        .unwrap_or_else(|| panic!("{} is recognised", path.display()));
    files.read(path, format, &sink)?;
    let taken = sink.finish();
    assert_eq!(taken.breaches, [""; 0]);
    Ok(taken)
}

/// Reads a file of this name and content.
pub(crate) fn read_text(name: &str, text: impl AsRef<[u8]>) -> Result<Taken> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, text).unwrap();
    read(&path)
}

pub(crate) fn records<'a>(taken: &'a Taken, collection: &str) -> Vec<&'a Record> {
    taken
        .collections
        .get(collection)
        .map_or_else(Vec::new, |found| found.records.values().collect())
}

pub(crate) fn value(record: &Record) -> Value {
    record.data.value().unwrap()
}

fn gaps(taken: &Taken) -> Vec<String> {
    taken
        .gaps
        .iter()
        .map(|gap| format!("{} {}", gap.subject, gap.message))
        .collect()
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text).unwrap();
    out.finish().unwrap()
}

/// Everything the full backup of the fixtures holds, as (collection, id, revision).
fn whole(taken: &Taken, name: &str) -> Vec<(String, String, Option<String>)> {
    let mut all = Vec::new();
    for (part, collection) in [("", name.to_owned()), ("@design", format!("{name}/@design"))] {
        for record in records(taken, &collection) {
            all.push((part.to_owned(), record.id.clone(), record.rev.clone()));
        }
    }
    all
}

#[test]
fn full_backups_come_whole_with_conflicts_and_tombstones() {
    let expected = read(&fixture("expected.json")).unwrap();
    assert_eq!(gaps(&expected), [""; 0]);
    let names: Vec<&str> = expected.collections.keys().map(String::as_str).collect();
    assert_eq!(names, ["animaldb_expected", "animaldb_expected/@design"]);
    assert_eq!(records(&expected, "animaldb_expected").len(), 12);
    assert_eq!(records(&expected, "animaldb_expected/@design").len(), 2);

    let views = expected.collections["animaldb_expected/@design"].records["_design/views101"].clone();
    assert_eq!(views.rev.as_deref(), Some("1-a918dd4f11704143b535f0ab3af4bf75"));
    let text = value(&views);
    assert_eq!(text["_deleted_conflicts"][0]["_rev"], "13-7826307a6b395070429e83f261352a3b");
    assert_eq!(text["_revisions"]["start"], 1, "{text}");
    let cat = &expected.collections["animaldb_expected"].records["cat"];
    assert_eq!(value(cat)["_deleted"], true);

    // The same database however its backup went.
    for other in [
        "expected.json.gz",
        "resumed_blank.json",
        "corrupted_resume.json",
        "corrupted_old.json",
    ] {
        let path = fixture(other);
        let taken = read(&path).unwrap();
        let name = format!("animaldb_{}", other.split('.').next().unwrap());
        assert_eq!(gaps(&taken), [""; 0], "{other}");
        assert_eq!(whole(&taken, &name), whole(&expected, "animaldb_expected"), "{other}");
        for record in records(&expected, "animaldb_expected") {
            assert_eq!(&taken.collections[&name].records[&record.id], record, "{other}");
        }
    }
}

#[test]
fn shallow_backups_come_without_histories() {
    let taken = read(&fixture("expected_shallow.json")).unwrap();
    assert_eq!(gaps(&taken), [""; 0]);
    assert_eq!(records(&taken, "animaldb_expected_shallow").len(), 10);
    let zebra = &taken.collections["animaldb_expected_shallow"].records["zebra"];
    assert_eq!(zebra.rev.as_deref(), Some("3-750dac460a6cc41e6999f8943b8e603e"));
    assert_eq!(value(zebra).get("_revisions"), None);

    let old = read(&fixture("old_shallow.json")).unwrap();
    assert_eq!(gaps(&old), [""; 0]);
    assert_eq!(records(&old, "animaldb_old_shallow").len(), 10);
    assert_eq!(old.collections["animaldb_old_shallow"].records["zebra"].rev, None);
}

#[test]
fn a_damaged_file_is_refused_with_line_and_advice() {
    let error = read(&fixture("corrupted.json")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Damaged);
    assert!(error.message.contains("damaged in line 2"), "{error}");
    assert!(error.message.contains("Nothing of the file was taken"), "{error}");
    assert!(error.hint.as_deref().unwrap().contains("--resume"), "{:?}", error.hint);

    let doc = r#"{"_id":"a","_rev":"1-a"}"#;
    for (text, line, what) in [
        (format!("{HEADER}[{doc}]\nnonsense\n[{doc}]\n"), 3, "no JSON"),
        (format!("{HEADER}[{doc}]\n{{\"a\":1}}\n"), 3, "neither documents"),
        (format!("{HEADER}[{doc},]\n[]\n"), 2, "no JSON"),
        (format!("{HEADER}[{doc}] [{doc}]\n"), 2, "follows"),
        (format!("{HEADER}[{doc},5]\n"), 2, "no JSON"),
        (format!("{HEADER}[{doc}]\n{HEADER}[{doc}]\n"), 3, "neither documents"),
        (format!("{HEADER}[{{\"_id\":\"a\",\"_rev\":\"x\"}}]\n"), 2, "_rev"),
        (format!("{HEADER}[{{\"_id\":5,\"_rev\":\"1-a\"}}]\n"), 2, "_id"),
        (format!("{HEADER}[{{\"_id\":\"a\",\"b\":nul}}]\n"), 2, "no JSON"),
        (format!("{HEADER}[{{\"_id\":\"a\",\"b\":\"\u{1}\"}}]\n"), 2, "no JSON"),
        (
            format!("{HEADER}[{{\"_id\":\"a\",\"_attachments\":{{\"x\":{{\"data\":5}}}}}}]\n"),
            2,
            "no text",
        ),
        (
            format!("{HEADER}[{{\"_id\":\"a\",\"_attachments\":{{\"x\":{{\"data\":\"ö\"}}}}}}]\n"),
            2,
            "no base64",
        ),
    ] {
        let error = read_text("a.txt", &text).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Damaged, "{text}");
        assert!(
            error.message.contains(&format!("line {line}")) && error.message.contains(what),
            "{text}: {error}"
        );
        assert!(error.hint.is_some(), "{text}");
    }
    let error = read_text("a.txt", format!("{HEADER}[{}1{}]\n", "[".repeat(2000), "]".repeat(2000))).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Damaged);
    let deep = format!(
        "{HEADER}[{{\"_id\":\"a\",\"d\":{}1{}}}]\n[]\n",
        "[".repeat(2000),
        "]".repeat(2000)
    );
    assert!(read_text("a.txt", deep).unwrap_err().message.contains("nested"));
}

#[test]
fn an_interrupted_backup_is_partial_and_a_resumed_one_is_not() {
    let (a, b) = (r#"{"_id":"a","_rev":"1-a"}"#, r#"{"_id":"b","_rev":"1-b"}"#);
    // The end of the file is in the middle of a line.
    for cut in [
        format!("{HEADER}[{a}]\n[{b},{{\"_id\":\"c"),
        format!("{HEADER}[{a}]\n[{b}"),
        format!("{HEADER}[{a},{b}"),
        format!("{HEADER}[{a},{b}]\n{{\"mark"),
        format!("{HEADER}[{a},{b},{{\"_id\":\"c\",\"_attachments\":{{\"x\":{{\"data\":\"aGVs"),
    ] {
        let taken = read_text("x.txt", &cut).unwrap();
        assert_eq!(records(&taken, "x").len(), 2, "{cut}");
        assert_eq!(taken.gaps.len(), 1, "{cut}");
        assert_eq!(taken.gaps[0].kind, ErrorKind::Interrupted, "{cut}");
    }
    // Resumed: the marker stands alone, is glued to a broken line or to a whole one, or follows a broken line.
    for resumed in [
        format!("{HEADER}[{a}]\n{MARKER}\n[{b}]\n"),
        format!("{HEADER}[{a}]\n[{b},{{\"_id\":\"c{MARKER}\n[{b}]\n"),
        format!("{HEADER}[{a}]{MARKER}\n[{b}]\n"),
        format!("{HEADER}[{a}]\n[{b},{{\"_id\"\n{MARKER}\n[{b},{a}]\n"),
        format!("{HEADER}\n\n[{a}]\n\n[{b}]\n"),
        format!("{HEADER}[{a}]\r\n[{b}]\r\n"),
        format!("{HEADER}[{a}]\n[{b}]"),
    ] {
        let taken = read_text("x.txt", &resumed).unwrap();
        assert_eq!((records(&taken, "x").len(), gaps(&taken)), (2, Vec::new()), "{resumed}");
    }
    // A shallow backup cannot be resumed.
    let shallow = HEADER.replace("full", "shallow");
    assert!(read_text("x.txt", format!("{shallow}[{a},{{\"_id{MARKER}\n[{b}]\n")).is_err());
    // Old files say nothing: what was lost and does not come again is named, by line.
    let taken = read_text("x.txt", format!("[{b},{{\"_id\":\"lost\",\"x\":\"\n[{a}]\n")).unwrap();
    assert_eq!(records(&taken, "x").len(), 2, "what is whole in the broken line is kept");
    assert_eq!(taken.gaps[0].subject, "line 1 of the file");
    let taken = read_text("x.txt", format!("[{b},{{\"_id\":\"c\",\"x\":\"\n[{b},{a}]\n")).unwrap();
    assert_eq!(gaps(&taken), [""; 0], "the line came again");
}

#[test]
fn compressed_files_may_have_several_members_and_end_in_the_middle() {
    let (a, b) = (r#"{"_id":"a","_rev":"1-a"}"#, r#"{"_id":"b","_rev":"1-b"}"#);
    let mut two = packed(format!("{HEADER}[{a}]\n").as_bytes());
    two.extend(packed(format!("[{b}]\n").as_bytes()));
    // The name says nothing: the first bytes do.
    let taken = read_text("x.txt", &two).unwrap();
    assert_eq!((records(&taken, "x").len(), gaps(&taken)), (2, Vec::new()));

    let many: String = (0..5000)
        .map(|n| format!("[{{\"_id\":\"{n}\",\"_rev\":\"1-{}\"}}]\n", n * 7919))
        .collect();
    let whole = packed(format!("{HEADER}{many}").as_bytes());
    let taken = read_text("x.gz", &whole[..whole.len() / 2]).unwrap();
    let found = records(&taken, "x").len();
    assert!(found > 100 && found < 5000, "{found}");
    assert_eq!(taken.gaps.len(), 1);
    assert_eq!(taken.gaps[0].kind, ErrorKind::Interrupted);

    let mut damaged = whole;
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0xff);
    let error = read_text("x.gz", &damaged).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Damaged, "{error}");
}

#[test]
fn revisions_come_once_and_what_led_to_others_is_no_leaf() {
    let doc = |rev: &str, ids: &[&str], extra: &str| {
        let start: u32 = rev.split('-').next().unwrap().parse().unwrap();
        format!(
            "{{\"_id\":\"a\",\"_rev\":\"{rev}\",\"_revisions\":{}{extra}}}",
            json!({"start": start, "ids": ids})
        )
    };
    let old = doc("1-x", &["x"], ",\"n\":1.10");
    let new = doc("2-y", &["y", "x"], ",\"n\":12345678901234567890.50");
    let other = doc("2-z", &["z", "x"], "");
    let text = format!("{HEADER}[{old},{other}]\n{MARKER}\n[{new}]\n[{other},{new}]\n");
    let taken = read_text("x.txt", text).unwrap();
    let record = records(&taken, "x")[0];
    assert_eq!(record.rev.as_deref(), Some("2-z"), "the winner by CouchDB's rule");
    let text = value(record);
    assert_eq!(text["_conflicts"].as_array().unwrap().len(), 1, "{text}");
    assert_eq!(text["_conflicts"][0]["_rev"], "2-y");
    assert!(
        String::from_utf8_lossy(record.data.as_bytes()).contains("12345678901234567890.50"),
        "numbers stay"
    );
}

#[test]
fn attachments_are_taken_in_both_spellings_and_stubs_are_named() {
    let text = concat!(
        r#"[{"_id":"a","_rev":"2-a","_attachments":{"#,
        r#""z.txt":{"contentType":"text/plain","revpos":2,"digest":"md5-x","data":"aGVsbG8="},"#,
        r#""a.bin":{"content_type":"x/y","data":"aGVs\/G8","follows":false},"#,
        r#""left":{"contentType":"image/png","revpos":1,"digest":"md5-l","length":99,"stub":true}},"#,
        r#""n":1,"data":"no attachment","_attachments_":{"x":{"data":"neither"}}}]"#,
        "\n"
    );
    let taken = read_text("x.txt", format!("{HEADER}{text}")).unwrap();
    let record = records(&taken, "x")[0];
    let found = value(record);
    assert_eq!(
        found["_attachments"]["z.txt"],
        json!({"content_type": "text/plain", "revpos": 2, "digest": "md5-x", "length": 5, "stub": true})
    );
    assert_eq!(found["data"], "no attachment");
    assert_eq!(found["_attachments_"]["x"]["data"], "neither");
    let names: Vec<&str> = record.assets.iter().map(|asset| asset.name.as_str()).collect();
    assert_eq!(names, ["a.bin", "left", "z.txt"]);
    assert_eq!(record.assets[2].size, Some(5));
    let hello = record.assets[2].sha256.as_ref().unwrap();
    assert_eq!(&taken.assets[hello].bytes().unwrap()[..], b"hello");
    assert_eq!(
        &taken.assets[record.assets[0].sha256.as_ref().unwrap()].bytes().unwrap()[..],
        b"hel\xfco"
    );
    assert_eq!(record.assets[1].sha256, None);
    assert_eq!(
        gaps(&taken),
        ["x/a/left couchbackup left it out: it was run without --attachments"]
    );
}

#[test]
fn documents_come_in_lines_lists_and_answers() {
    let lines = "\u{feff}{\"_id\":\"a\",\"n\":1}\n\n{\"n\":2}\n{\"n\":2}\n{\"_id\":\"_design/d\",\"_rev\":\"1-d\"}\r\n{\"_id\":\"_local/l\",\"_rev\":\"0-1\"}";
    let taken = read_text("My Docs.ndjson", lines).unwrap();
    assert_eq!(gaps(&taken), [""; 0]);
    let found = records(&taken, "my_docs");
    assert_eq!(
        found.len(),
        2,
        "a document without an id comes once, however often it is there"
    );
    let made = found.iter().find(|record| record.id != "a").unwrap();
    assert_eq!(value(made), json!({"_id": made.id, "n": 2}));
    assert_eq!(records(&taken, "my_docs/@design").len(), 1);
    assert_eq!(taken.collections["my_docs/@local"].collection.kind, CollectionKind::Aside);

    for text in [
        "[{\"_id\":\"a\",\"n\":1},\n {\"_id\":\"b\"}]",
        "{\"docs\":[{\"_id\":\"a\",\"n\":1},{\"_id\":\"b\"}],\"new_edits\":false}",
        "{\n \"total_rows\": 2, \"offset\": null, \"x\": {\"rows\": [1, \"\\\"\"]},\n \"rows\": [\n{\"id\":\"a\",\"doc\":{\"_id\":\"a\",\"n\":1}},\n{\"key\":\"z\",\"error\":\"not_found\"},{\"id\":\"y\",\"value\":{\"deleted\":true},\"doc\":null},{\"id\":\"b\",\"doc\":{\"_id\":\"b\"}}]}\n",
    ] {
        let taken = read_text("x.json", text).unwrap();
        let ids: Vec<&str> = records(&taken, "x").iter().map(|record| record.id.as_str()).collect();
        assert_eq!(ids, ["a", "b"], "{text}");
        assert_eq!(value(records(&taken, "x")[0])["n"], 1, "{text}");
    }
    let answer = read(&fixture("all_docs_2.json")).unwrap();
    assert_eq!(records(&answer, "animaldb_all_docs_2").len(), 3);
    assert_eq!(
        answer.collections["animaldb_all_docs_2"].records["giraffe"].rev.as_deref(),
        Some("1-5874d944abf1261c2a244a92b14c2f18")
    );

    let wrapped = r#"{"rows":[{"id":"a","doc":{"_id":"a","_attachments":{"f":{"content_type":"x/y","data":"aGVsbG8="}}}}]}"#;
    assert_eq!(read_text("x.json", wrapped).unwrap().assets.len(), 1);
    let conflict = "{\"_id\":\"a\",\"_rev\":\"1-a\",\"_conflicts\":[\"1-0\"]}\n";
    assert!(gaps(&read_text("x.ndjson", conflict).unwrap())[0].contains("in conflict"));
}

#[test]
fn documents_that_are_not_there_are_never_a_success() {
    for (text, kind, what) in [
        (
            "{\"total_rows\":1,\"rows\":[{\"id\":\"a\",\"value\":{}}]}",
            ErrorKind::Unsupported,
            "ids and no documents",
        ),
        ("[{\"_id\":\"a\"},\n{\"_id\":\"b\"", ErrorKind::Damaged, "line 2"),
        ("[{\"a\":1} {\"a\":2}]", ErrorKind::Damaged, "line 1"),
        ("[{\"a\":1}]\n]", ErrorKind::Damaged, "line 2"),
    ] {
        let error = read_text("x.json", text).unwrap_err();
        assert_eq!(error.kind, kind, "{text}: {error}");
        assert!(error.message.contains(what), "{text}: {error}");
    }
    let error = read_text("x.ndjson", "{\"_id\":\"a\"}\n{\"_id\":\"b\"\n").unwrap_err();
    assert!(error.message.contains("line"), "{error}");
    let twice = "{\"_id\":\"a\",\"n\":1}\n{\"_id\":\"a\",\"n\":2}\n";
    let taken = read_text("x.ndjson", twice).unwrap();
    assert_eq!(value(records(&taken, "x")[0])["n"], 2);
    assert_eq!(taken.gaps.len(), 1, "one of two is lost, and named");
}

#[test]
fn other_files_are_not_taken_for_documents() {
    let dir = tempfile::tempdir().unwrap();
    let files = CouchDb.foreign().unwrap();
    for (name, text) in [
        ("a.json", "{\"name\":\"x\",\"version\":\"1\"}"),
        ("b.json", "{\n  \"type\": \"FeatureCollection\"\n}"),
        ("c.txt", "hello"),
        ("d.json", "[1,2,3]"),
        ("e.gz", "\u{1f}not really compressed"),
        ("f", ""),
    ] {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        assert_eq!(files.recognise(&path), None, "{name}");
    }
    assert_eq!(files.recognise(dir.path()), None);
    assert_eq!(files.recognise(&dir.path().join("nothing")), None);
}

#[test]
fn reading_stops_when_asked() {
    let cancel = Cancel::default();
    cancel.cancel();
    let sink = DirSink::new().with_cancel(cancel);
    let files = CouchDb.foreign().unwrap();
    let path = fixture("expected.json.gz");
    let format = files.recognise(&path).unwrap();
    assert_eq!(files.read(&path, format, &sink).unwrap_err().kind, ErrorKind::Cancelled);
}
