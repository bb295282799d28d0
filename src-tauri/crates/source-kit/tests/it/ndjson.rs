//! The source for measurements gives exactly the lines of its file.

use std::fs;

use backstay_model::ErrorKind;
use backstay_source::Source as _;
use backstay_source_kit::{DirSink, NdjsonSource, Taken, write_rows};

fn run(source: &NdjsonSource) -> Taken {
    let sink = DirSink::new();
    source.changes(None, &sink).unwrap();
    let taken = sink.finish();
    assert!(taken.breaches.is_empty());
    taken
}

#[test]
fn generated_rows_are_json_and_come_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows");
    write_rows(&path, 5_000, 640, 7, 0, 0).unwrap();
    let taken = run(&NdjsonSource::generated(&path, "rows"));
    assert_eq!(
        taken.collections["rows"].records,
        run(&NdjsonSource::new(&path, "rows")).collections["rows"].records
    );
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(taken.collections["rows"].records.len(), 5_000);
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let record = &taken.collections["rows"].records[value["id"].as_str().unwrap()];
        assert_eq!(record.data.as_bytes(), line.as_bytes());
    }
    let per_row = text.len() / 5_000;
    assert!((600..700).contains(&per_row), "{per_row} bytes a row");
}

#[test]
fn a_generation_changes_the_rows_it_should() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows");
    let rows = |generation| {
        write_rows(&path, 1_000, 300, 7, 100, generation).unwrap();
        run(&NdjsonSource::generated(&path, "rows")).collections["rows"]
            .records
            .clone()
    };
    let (first, second) = (rows(1), rows(2));
    assert!(first.keys().eq(second.keys()), "ids stay");
    assert_eq!(first.iter().filter(|(id, r)| second[*id].data != r.data).count(), 10);
}

#[test]
fn last_line_without_break_and_long_lines() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows");
    let long = "x".repeat(3 << 20);
    fs::write(&path, format!("{{\"id\":\"a\",\"t\":\"{long}\"}}\n\n{{\"id\":\"b\"}}")).unwrap();
    let taken = run(&NdjsonSource::new(&path, "rows"));
    assert_eq!(taken.collections["rows"].records.keys().collect::<Vec<_>>(), ["a", "b"]);
    for bad in ["{\"x\":1}\n", "{\"id\":\"a\\\"b\"}\n", "{\"id\":\"a\",}\n"] {
        fs::write(&path, bad).unwrap();
        let error = NdjsonSource::new(&path, "rows").changes(None, &DirSink::new()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Damaged, "{bad}");
    }
}
