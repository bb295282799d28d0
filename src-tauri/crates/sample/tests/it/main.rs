//! The sample as a person meets it: whole databases, real files, mishaps that are named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use backstay_sample::{Language, Sample};
use chrono::DateTime;
use rusqlite::Connection;

fn rows(sample: &Sample) -> Vec<i64> {
    let db = Connection::open(sample.database()).unwrap();
    let whole: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    assert_eq!(
        db.prepare("PRAGMA foreign_key_check")
            .unwrap()
            .query_map([], |_| Ok(()))
            .unwrap()
            .count(),
        0
    );
    let count = |table| {
        db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap()
    };
    ["projects", "people", "tags", "tasks", "notes", "task_tags"]
        .map(count)
        .to_vec()
}

#[test]
fn it_is_whole_works_and_has_mishaps_in_both_languages() {
    for language in [Language::English, Language::German] {
        let dir = tempfile::tempdir().unwrap();
        let today = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let sample = Sample::new(dir.path().join("sample"), language, today);
        sample.make().unwrap();
        let made = rows(&sample);
        assert!((1_700..2_500).contains(&made.iter().sum::<i64>()), "{made:?}");
        sample.work(1).unwrap();
        sample.work(2).unwrap();
        let worked = rows(&sample);
        assert!(worked[3] == made[3] + 16 && worked[4] == made[4] + 2, "{worked:?}");
        let told = sample.mishap().unwrap();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(rows(&sample)[3] < worked[3] - 20, "many tasks went");
        let files: Vec<_> = std::fs::read_dir(sample.documents().join("pictures")).unwrap().collect();
        assert_eq!(files.len(), 7);
        assert!(
            std::fs::read(sample.documents().join("pictures/01.png"))
                .unwrap()
                .starts_with(b"\x89PNG")
        );
        let today = Sample::new(dir.path().join("again"), language, today);
        today.make().unwrap();
        assert_eq!(rows(&today), made, "the same every time");
    }
}
