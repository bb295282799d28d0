//! Guards over real databases and folders: rows are derived from stored files, columns change, databases vanish.

use backstay_engine::{
    FILES,
    guard::{Column, ColumnChange, GuardRules, SnapshotView, Trip, gone, judge, standings},
};
use backstay_vault::Snapshot;

use crate::disk::Disk;

const TABLES: &str = "create table items(id integer primary key, name text, price real);
    create table tags(code text primary key, label text) without rowid;
    create table log(id integer primary key, line text);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 200)
        insert into items select i, 'item ' || i, i * 1.5 from n;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 60)
        insert into tags select 'code ' || i, 'label ' || i from n;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 30)
        insert into log select i, 'line ' || i from n;";

impl Disk {
    fn judged(&self, now: &Snapshot) -> Vec<Trip> {
        self.judged_by(&GuardRules::default(), now)
    }

    fn judged_by(&self, rules: &GuardRules, now: &Snapshot) -> Vec<Trip> {
        judge(rules, &self.before(now).unwrap(), &self.view(now), &self.job()).unwrap()
    }

    fn both(&self, now: &Snapshot) -> (SnapshotView, SnapshotView) {
        (self.before(now).unwrap(), self.view(now))
    }
}

fn lost(names: &[&str]) -> Vec<Trip> {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    vec![Trip::CoverageLost { names }]
}

#[test]
fn rows_of_databases_are_counted_by_their_ids() {
    for rel in ["data", "data/shop.db"] {
        let disk = Disk::new();
        disk.sql("data/shop.db", TABLES);
        disk.backup("sqlite", rel);
        disk.sql(
            "data/shop.db",
            "delete from items where id between 11 and 60; insert into items(id, name) select id + 1000, 'new' from items where id < 51;
             update log set line = 'changed'; delete from tags where code like 'code 1%';",
        );
        let now = disk.backup("sqlite", rel).snapshot;
        let prefix = if rel == "data" { "shop/" } else { "" };
        let (items, tags) = (format!("{prefix}items"), format!("{prefix}tags"));
        let trips = disk.judged(&now);
        let [
            Trip::MassDeletion {
                collection,
                before,
                gone: count,
                ..
            },
        ] = &trips[..]
        else {
            panic!("{trips:?}")
        };
        assert_eq!((collection, *before, *count), (&items, 200, 50));
        let (before, after) = disk.both(&now);
        let page = gone(&before, &after, &items, Some(48), 5, &disk.job()).unwrap();
        let went: Vec<_> = page
            .items
            .iter()
            .map(|item| (item.id.as_str(), item.title.as_deref()))
            .collect();
        assert_eq!(went, [("59", Some("item 59")), ("60", Some("item 60"))]);
        assert_eq!(page.next, None);
        let all = standings(&GuardRules::default(), &before, &after, &disk.job()).unwrap();
        let told: Vec<_> = all
            .iter()
            .map(|one| (one.collection.clone(), one.before, one.now, one.gone))
            .collect();
        let log = format!("{prefix}log");
        // Codes 1 and 10 to 19.
        assert_eq!(
            told,
            [(items, 200, Some(160), 50), (log, 30, Some(30), 0), (tags, 60, Some(49), 11)]
        );
    }
}

#[test]
fn changed_columns_trip_and_new_ones_do_not() {
    let disk = Disk::new();
    disk.sql("data/shop.db", TABLES);
    disk.backup("sqlite", "data");
    disk.sql(
        "data/shop.db",
        "alter table items add column colour text; create table more(x); create view v as select 1;",
    );
    let now = disk.backup("sqlite", "data").snapshot;
    assert_eq!(disk.judged(&now), []);
    disk.sql(
        "data/shop.db",
        "alter table items drop column price; alter table log rename to old_log;
         create table log(id integer primary key, line blob); insert into log select * from old_log; drop table old_log;",
    );
    let now = disk.backup("sqlite", "data").snapshot;
    let schema = |collection: &str, gone: Vec<Column>, retyped: Vec<ColumnChange>| Trip::SchemaChanged {
        collection: collection.to_owned(),
        gone,
        retyped,
    };
    let price = Column {
        name: "price".to_owned(),
        kind: "REAL".to_owned(),
    };
    let line = ColumnChange {
        name: "line".to_owned(),
        before: "TEXT".to_owned(),
        now: "BLOB".to_owned(),
    };
    assert_eq!(
        disk.judged(&now),
        [
            schema("shop/items", vec![price], vec![]),
            schema("shop/log", vec![], vec![line])
        ]
    );
    let off = GuardRules {
        schema: false,
        ..GuardRules::default()
    };
    assert_eq!(disk.judged_by(&off, &now), []);
}

#[test]
fn a_lost_database_is_named_once_and_a_dropped_table_by_its_name() {
    let disk = Disk::new();
    for db in ["data/a/shop.db", "data/b/notes.db", "data/c.db"] {
        disk.sql(db, TABLES);
    }
    disk.backup("sqlite", "data");
    std::fs::remove_file(disk.path("data/a/shop.db")).unwrap();
    disk.sql("data/c.db", "drop table tags;");
    let now = disk.backup("sqlite", "data").snapshot;
    assert_eq!(disk.judged(&now), lost(&["a/shop.db", "c/tags"]));
    let (before, after) = disk.both(&now);
    let count = |name: &str| gone(&before, &after, name, None, 1000, &disk.job()).unwrap().items.len();
    assert_eq!((count("a/shop.db"), count("c/tags"), count("a/shop/tags")), (290, 60, 60));
    let page = gone(&before, &after, "a/shop.db", Some(195), 10, &disk.job()).unwrap();
    let went: Vec<_> = page.items.iter().map(|item| item.collection.as_str()).collect();
    assert_eq!(went, [["a/shop/items"; 5], ["a/shop/log"; 5]].concat());
    assert_eq!(page.next, Some(205));
    let off = GuardRules {
        coverage: false,
        emptied: false,
        ..GuardRules::default()
    };
    assert_eq!(disk.judged_by(&off, &now).len(), 4, "without it each table counts by itself");
}

#[test]
fn an_unreadable_database_is_a_gap_and_nothing_is_gone() {
    let disk = Disk::new();
    for db in ["data/a/shop.db", "data/b/notes.db"] {
        disk.sql(db, TABLES);
    }
    disk.backup("sqlite", "data");
    let whole = std::fs::read(disk.path("data/a/shop.db")).unwrap();
    let mut broken = whole.clone();
    broken[100..].fill(0x5a);
    disk.write("data/a/shop.db", &broken);
    let done = disk.backup("sqlite", "data");
    assert!(!done.meta.gaps.is_empty(), "the fault happened");
    assert_eq!(disk.judged(&done.snapshot), []);
    // It comes back nearly empty: told although the backup before did not have it.
    disk.write("data/a/shop.db", &whole);
    disk.sql("data/a/shop.db", "delete from items where id > 20;");
    let now = disk.backup("sqlite", "data").snapshot;
    let trips = disk.judged(&now);
    assert!(
        matches!(&trips[..], [Trip::MassDeletion { collection, gone: 180, .. }] if collection == "a/shop/items"),
        "{trips:?}"
    );
}

#[test]
fn a_neighbour_that_changes_the_names_of_collections_is_no_loss() {
    let disk = Disk::new();
    disk.sql("data/notes.db", TABLES);
    disk.backup("sqlite", "data");
    // Two with one name are called by their files.
    disk.sql("data/notes.sqlite", TABLES);
    disk.sql("data/notes.db", "delete from tags where code like 'code 2%';");
    let now = disk.backup("sqlite", "data").snapshot;
    assert_eq!(disk.judged(&now), [], "11 of 60 tags are gone, and no collection");
    let (before, after) = disk.both(&now);
    assert_eq!(
        gone(&before, &after, "notes/tags", None, 100, &disk.job())
            .unwrap()
            .items
            .len(),
        11
    );
}

#[test]
fn another_key_makes_other_records() {
    let disk = Disk::new();
    disk.sql("data/shop.db", TABLES);
    disk.backup("sqlite", "data");
    disk.sql(
        "data/shop.db",
        "create table t(code text primary key, label text); insert into t select 'new ' || code, label from tags where code < 'code 3';
         insert into t select code, label from tags where code >= 'code 3'; drop table tags; alter table t rename to tags;",
    );
    let now = disk.backup("sqlite", "data").snapshot;
    let trips = disk.judged(&now);
    assert!(
        matches!(&trips[..], [Trip::MassDeletion { collection, before: 60, now: 60, gone: 22, .. }] if collection == "shop/tags"),
        "{trips:?}"
    );
}

#[test]
fn deleted_files_of_a_folder_trip() {
    let disk = Disk::new();
    for n in 0..40 {
        disk.write(&format!("docs/{}/{n:02}.txt", n % 2), b"text");
    }
    disk.backup("folder", "docs");
    let now = disk.backup("folder", "docs").snapshot;
    assert_eq!(disk.judged(&now), []);
    std::fs::remove_dir_all(disk.path("docs/1")).unwrap();
    let now = disk.backup("folder", "docs").snapshot;
    let trip = Trip::FilesGone {
        before: 40,
        now: 20,
        gone: 20,
        share: 50.0,
    };
    assert_eq!(disk.judged(&now), [trip]);
    let (before, after) = disk.both(&now);
    let page = gone(&before, &after, FILES, None, 3, &disk.job()).unwrap();
    let went: Vec<_> = page
        .items
        .iter()
        .map(|item| (item.id.as_str(), item.title.as_deref()))
        .collect();
    assert_eq!(
        went,
        [
            ("1/01.txt", Some("01.txt")),
            ("1/03.txt", Some("03.txt")),
            ("1/05.txt", Some("05.txt"))
        ]
    );
    assert_eq!(page.next, Some(3));
}

#[test]
fn what_did_not_change_is_not_read() {
    let disk = Disk::new();
    for db in ["data/a/shop.db", "data/b/notes.db"] {
        disk.sql(db, TABLES);
    }
    disk.backup("sqlite", "data");
    let now = disk.backup("sqlite", "data").snapshot;
    let (before, after) = disk.both(&now);
    let reads = disk.reads_during(|| {
        assert_eq!(judge(&GuardRules::default(), &before, &after, &disk.job()).unwrap(), []);
    });
    // The schemas of two databases in two snapshots; none of their rows.
    assert!(reads <= 8, "{reads} pieces of the vault were read where nothing had changed");
}

#[test]
fn folders_that_did_not_change_are_passed_over() {
    let disk = Disk::new();
    for n in 0..200 {
        disk.write(&format!("docs/{}/{n}.txt", n % 50), format!("{n}").as_bytes());
    }
    disk.backup("folder", "docs");
    disk.write("docs/3/new.txt", b"new");
    let now = disk.backup("folder", "docs").snapshot;
    let (before, after) = disk.both(&now);
    let reads = disk.reads_during(|| {
        assert_eq!(judge(&GuardRules::default(), &before, &after, &disk.job()).unwrap(), []);
    });
    assert!(reads <= 6, "{reads} pieces of the vault were read for one of fifty folders");
}

#[test]
fn a_workspace_that_goes_on_in_another_file_is_not_lost() {
    let disk = Disk::new();
    disk.sql("data/shop/eventlog@6.db", "create table events(id integer primary key);");
    for state in ["state5@6.db", "state4@6.db"] {
        disk.sql(&format!("data/shop/{state}"), TABLES);
    }
    disk.backup("sqlite", "data");
    // A new version of the program: a new state is made of the log, the old ones go.
    disk.sql("data/shop/state7@6.db", TABLES);
    for state in ["state5@6.db", "state4@6.db"] {
        std::fs::remove_file(disk.path(&format!("data/shop/{state}"))).unwrap();
    }
    let now = disk.backup("sqlite", "data").snapshot;
    assert_eq!(disk.judged(&now), []);
    // All of it is something else.
    std::fs::remove_dir_all(disk.path("data/shop")).unwrap();
    disk.sql("data/other.db", TABLES);
    let now = disk.backup("sqlite", "data").snapshot;
    assert_eq!(disk.judged(&now), lost(&["shop/eventlog@6.db", "shop/state7@6.db"]));
}
