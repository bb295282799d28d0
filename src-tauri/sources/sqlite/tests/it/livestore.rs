//! A real LiveStore workspace, from files another program made.

use std::{fs, io::Cursor, path::Path};

use backstay_model::{ErrorKind, TargetSpec};
use backstay_source::{Cancel, Expect, FileView, Source};
use backstay_source_kit::Taken;

use crate::{
    child::Other,
    kit::{all, backup, source, stored},
};

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

/// The recorded store, in a folder of its own.
fn recorded(dir: &Path) -> std::path::PathBuf {
    let store = dir.join("workspace-1");
    fs::create_dir_all(&store).unwrap();
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/livestore"))
        .unwrap()
        .flatten()
    {
        fs::copy(file.path(), store.join(file.file_name())).unwrap();
    }
    store
}

fn put(source: &dyn Source, taken: &Taken, paths: &[&str], expect: impl Fn(&str) -> Expect) -> backstay_source::Result<()> {
    let mut writer = source.file_writer(&Cancel::default())?;
    for path in paths {
        let content = taken.bytes(path).unwrap().unwrap();
        writer.put(&taken.file(path).unwrap().entry, &mut Cursor::new(content), expect(path))?;
    }
    writer.finish()
}

const PAIR: [&str; 2] = ["workspace-1/eventlog@6.db", "workspace-1/state-1146461791@6.db"];

#[test]
fn a_recorded_store_end_to_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = recorded(dir.path());
    let source = source(dir.path());
    let (taken, outcome) = backup(&*source);
    let outcome = outcome.unwrap();
    assert!(taken.gaps.is_empty(), "{:?}", taken.gaps);
    let view = stored(taken.clone(), &outcome);
    let counts =
        ["eventlog/eventlog", "state/pins", "state13296854969@6/pins"].map(|t| view.count(&format!("workspace-1/{t}")).unwrap());
    assert_eq!(
        counts,
        [370, 303, 300],
        "the newest state is the current one, though its file is older"
    );
    let last = view.get("workspace-1/eventlog/eventlog", "[368,1,0]").unwrap().unwrap();
    assert_eq!(last.data.value().unwrap()["name"], "uiSet");
    let changeset = view.page("workspace-1/state/__livestore_session_changeset", 0, 1).unwrap();
    assert!(changeset[0].data.value().unwrap()["changeset"]["$blob"].is_string());
    // All of it into another folder: the same files.
    let there = source
        .at(&TargetSpec::New(dir.path().join("restored").to_str().unwrap().into()))
        .unwrap();
    let files: Vec<&str> = taken.paths().into_iter().filter(|p| p.ends_with(".db")).collect();
    assert_eq!(files.len(), 3);
    put(&*there, &taken, &files, |_| Expect::Absent).unwrap();
    for file in &files {
        let name = file.rsplit('/').next().unwrap();
        let restored = fs::read(dir.path().join("restored").join(file)).unwrap();
        assert_eq!(restored, fs::read(store.join(name)).unwrap(), "{file}");
    }
}

#[test]
fn event_log_and_state_take_their_places_together() {
    let dir = tempfile::tempdir().unwrap();
    let store = recorded(dir.path());
    let source = source(dir.path());
    let (taken, _) = backup(&*source);
    let before = taken.clone();
    let grow = |name: &str, sql: &str| {
        rusqlite::Connection::open(store.join(name))
            .unwrap()
            .execute_batch(sql)
            .unwrap();
    };
    grow("eventlog@6.db", "DELETE FROM eventlog WHERE seqNumGlobal > 360");
    grow("state-1146461791@6.db", "DELETE FROM pins");
    let live = source.live_files(&Cancel::default()).unwrap().unwrap();
    let now = |path: &str| Expect::Content(live.hash(path).unwrap());
    // The state alone knows events its log does not have.
    let error = put(&*source, &taken, &PAIR[1..], now).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused, "{error}");
    // While only the log was given, nothing happened yet.
    let mut writer = source.file_writer(&Cancel::default()).unwrap();
    let log = fs::read(store.join("eventlog@6.db")).unwrap();
    let content = taken.bytes(PAIR[0]).unwrap().unwrap();
    writer
        .put(&taken.file(PAIR[0]).unwrap().entry, &mut Cursor::new(content), now(PAIR[0]))
        .unwrap();
    assert_eq!(fs::read(store.join("eventlog@6.db")).unwrap(), log);
    drop(writer);
    assert_eq!(fs::read(store.join("eventlog@6.db")).unwrap(), log);
    put(&*source, &taken, &PAIR, now).unwrap();
    for path in PAIR {
        assert_eq!(live.hash(path).unwrap(), before.hash(path).unwrap());
    }
    assert_eq!(fs::read_dir(&store).unwrap().count(), 3);
}

#[test]
fn event_log_and_state_of_a_busy_store_are_of_one_moment() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("s");
    fs::create_dir(&store).unwrap();
    for (name, table) in [
        ("eventlog@6.db", "eventlog"),
        ("state1@6.db", "__livestore_session_changeset"),
    ] {
        let conn = rusqlite::Connection::open(store.join(name)).unwrap();
        conn.execute_batch(&format!("CREATE TABLE {table}(seqNumGlobal INTEGER PRIMARY KEY, pad)"))
            .unwrap();
    }
    let app = Other::start("events", &store);
    let source = source(dir.path());
    let mut seen = Vec::new();
    for _ in 0..10 {
        let (taken, outcome) = backup(&*source);
        let view = stored(taken.clone(), &outcome.unwrap());
        assert!(taken.gaps.is_empty(), "{:?}", taken.gaps);
        let log = view.count("s/eventlog/eventlog").unwrap();
        let state = view.count("s/state/__livestore_session_changeset").unwrap();
        assert!(
            log == state || log == state + 1,
            "the log has {log} events, the state {state}"
        );
        seen.push(log);
    }
    drop(app);
    assert!(seen[0] < seen[9], "the store was busy: {seen:?}");
}
