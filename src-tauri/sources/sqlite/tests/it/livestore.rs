//! A real LiveStore workspace, from files another program made.

use std::{fs, path::Path};

use crate::kit::{all, backup, source, stored};

/// A LiveStore directory as adapter-node writes it: an event log, a current and a stale state file.
fn store(dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    let log = rusqlite::Connection::open(dir.join("eventlog@6.db")).unwrap();
    log.execute_batch(
        r#"PRAGMA page_size=8192;
        CREATE TABLE "eventlog" ("seqNumGlobal" integer not null, "seqNumClient" integer not null, "seqNumRebaseGeneration" integer not null,
            "name" text not null, "argsJson" text not null, PRIMARY KEY ("seqNumGlobal", "seqNumClient", "seqNumRebaseGeneration")) strict;
        CREATE TABLE "__livestore_sync_status" ("head" integer primary key, "backendId" text) strict;
        INSERT INTO eventlog VALUES (1, 0, 0, 'added', '{"id":"a"}'), (2, 0, 0, 'added', '{"id":"b"}'), (2, 1, 0, 'ui', '{}');"#,
    )
    .unwrap();
    for (name, seen, pins) in [
        ("state-1146461791@6.db", 2, "('a'), ('b')"),
        ("state13296854969@6.db", 1, "('a')"),
    ] {
        let state = rusqlite::Connection::open(dir.join(name)).unwrap();
        state
            .execute_batch(&format!(
                r#"CREATE TABLE "__livestore_schema" ("tableName" text primary key, "updatedAt" text not null) strict;
                CREATE TABLE "__livestore_session_changeset" ("seqNumGlobal" integer not null) strict;
                INSERT INTO __livestore_session_changeset VALUES ({seen});
                CREATE TABLE "pins" ("id" text primary key) strict; INSERT INTO pins VALUES {pins};"#
            ))
            .unwrap();
    }
}

#[test]
fn a_store_is_named_by_its_folder_and_its_current_state_is_told_from_the_stale_one() {
    let dir = tempfile::tempdir().unwrap();
    store(&dir.path().join("shop-1"));
    let (taken, outcome) = backup(&*source(dir.path()));
    let outcome = outcome.unwrap();
    assert!(taken.gaps.is_empty(), "{:?}", taken.gaps);
    assert_eq!(taken.workspaces.len(), 3);
    for workspace in &taken.workspaces {
        assert_eq!((workspace.instance_id.as_str(), workspace.version.as_str()), ("shop-1", "6"));
    }
    let live = source(dir.path())
        .live_records(&backstay_source::Cancel::default())
        .unwrap()
        .unwrap();
    for view in [live, stored(taken, &outcome)] {
        let names: Vec<_> = view.collections().unwrap().into_iter().map(|c| c.name).collect();
        assert_eq!(
            names,
            [
                "shop-1/eventlog/__livestore_sync_status",
                "shop-1/eventlog/eventlog",
                "shop-1/state/__livestore_schema",
                "shop-1/state/__livestore_session_changeset",
                "shop-1/state/pins",
                "shop-1/state13296854969@6/__livestore_schema",
                "shop-1/state13296854969@6/__livestore_session_changeset",
                "shop-1/state13296854969@6/pins",
            ]
        );
        let ids = |name: &str| all(&*view, name).into_iter().map(|r| r.id).collect::<Vec<_>>();
        assert_eq!(ids("shop-1/state/pins"), ["a", "b"]);
        assert_eq!(ids("shop-1/state13296854969@6/pins"), ["a"]);
        assert_eq!(ids("shop-1/eventlog/eventlog"), ["[1,0,0]", "[2,0,0]", "[2,1,0]"]);
        assert_eq!(
            view.get("shop-1/eventlog/eventlog", "[2,1,0]").unwrap().unwrap().id,
            "[2,1,0]"
        );
    }
}
