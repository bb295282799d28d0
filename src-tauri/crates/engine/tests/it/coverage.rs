//! The coverage audit: what is seen, saved, new, missing and out of reach, by name.

use backstay_engine::coverage::{Coverage, CoverageKind, CoverageState, coverage};
use backstay_source_kit::MemorySource;

use crate::{
    bench::{Bench, json},
    disk::Disk,
};

/// `NAME sees/saved/last state` of every row.
fn told(coverage: &Coverage) -> Vec<String> {
    let number = |count: Option<u64>| count.map_or("-".to_owned(), |count| count.to_string());
    let row = |row: &backstay_engine::coverage::CoverageRow| {
        let (sees, saved, last) = (number(row.sees), number(row.saved), number(row.last));
        format!(
            "{:?} {:?} {sees}/{saved}/{last} {:?} {}",
            row.kind, row.name, row.state, row.gaps
        )
    };
    coverage.rows.iter().map(row).collect()
}

#[test]
fn collections_and_folders_are_compared_on_three_sides() {
    let bench = Bench::with(MemorySource::default());
    let put = |name: &str, n: u32| {
        for id in 0..n {
            bench.source.put(name, &id.to_string(), json("1"));
        }
    };
    put("hiring", 4);
    put("roadmap", 3);
    bench.source.file("docs/deep/a", &b"x"[..]);
    bench.source.file("old/b", &b"x"[..]);
    bench.source.file("top", &b"x"[..]);
    let first = bench.backup().snapshot;
    put("roadmap", 5);
    put("lost", 2);
    bench.source.drop_collection("hiring");
    bench.source.file("docs/c", &b"x"[..]);
    bench.source.remove_file("old/b");
    bench.source.remove_file("old");
    let second = bench.backup_with_gaps(&["docs/secret", "hiring", "salaries"]);
    put("new", 1);
    put("hiring", 1);
    bench.source.drop_collection("lost");
    bench.source.delete("roadmap", "0");
    let (before, newest) = (bench.view(&first), bench.view(&second));
    let found = coverage(&bench.source, Some(&newest), Some(&before), &bench.job()).unwrap();
    assert_eq!(
        told(&found),
        [
            r#"Collection "hiring" 1/-/4 Missing 1"#,
            r#"Collection "lost" -/2/- OutOfReach 0"#,
            r#"Collection "new" 1/-/- New 0"#,
            r#"Collection "roadmap" 4/5/3 Covered 0"#,
            r#"Folder "docs" 2/2/1 Covered 1"#,
            r#"Folder "old" -/-/1 OutOfReach 0"#,
            r#"Files "" 1/1/1 Covered 0"#,
            r#"Unknown "salaries" -/-/- OutOfReach 1"#,
        ]
    );
    let at = |name: &str| found.rows.iter().find(|row| row.name == name).unwrap().saved_at;
    assert_eq!(at("lost"), Some(newest.meta.started));
    assert_eq!(at("hiring"), Some(before.meta.started));
    assert_eq!(at("salaries"), None);
    let never = coverage(&bench.source, None, None, &bench.job()).unwrap();
    assert!(
        never
            .rows
            .iter()
            .all(|row| row.state == CoverageState::New && row.saved_at.is_none())
    );
}

#[test]
fn databases_are_named_with_their_tables() {
    let disk = Disk::new();
    let table = "create table t(id integer primary key); insert into t values (1), (2), (3);";
    disk.sql("data/a/shop.db", table);
    disk.sql("data/notes.db", table);
    disk.sql(
        "data/notes.db",
        "create table empty(id integer primary key); create view v as select * from t;",
    );
    let first = disk.backup("sqlite", "data").snapshot;
    disk.sql("data/notes.db", "insert into t values (4);");
    let second = disk.backup("sqlite", "data").snapshot;
    std::fs::remove_file(disk.path("data/a/shop.db")).unwrap();
    disk.sql("data/new.db", table);
    let source = disk.source("sqlite", &disk.path("data"));
    let found = coverage(&*source, Some(&disk.view(&second)), Some(&disk.view(&first)), &disk.job()).unwrap();
    assert_eq!(
        told(&found),
        [
            r#"Workspace "a/shop.db" -/3/3 OutOfReach 0"#,
            r#"Workspace "new.db" 3/-/- New 0"#,
            r#"Workspace "notes.db" 4/4/3 Covered 0"#,
            r#"Collection "a/shop/t" -/3/3 OutOfReach 0"#,
            r#"Collection "new/t" 3/-/- New 0"#,
            r#"Collection "notes/empty" 0/0/0 Covered 0"#,
            r#"Collection "notes/t" 4/4/3 Covered 0"#,
        ]
    );
    assert!(found.rows.iter().all(|row| row.kind != CoverageKind::Files));
}

#[test]
fn a_source_out_of_reach_is_an_error_and_not_an_empty_audit() {
    let disk = Disk::new();
    disk.write("docs/a", b"x");
    let newest = disk.backup("folder", "docs").snapshot;
    std::fs::remove_dir_all(disk.path("docs")).unwrap();
    let source = disk.source("folder", &disk.path("docs"));
    let newest = disk.view(&newest);
    let error = coverage(&*source, Some(&newest), None, &disk.job()).unwrap_err();
    assert_eq!(error.kind(), backstay_model::ErrorKind::NotFound);
}
