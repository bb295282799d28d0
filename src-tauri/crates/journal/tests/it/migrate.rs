//! Databases of every older version, made as that version made them, are opened by this program with nothing lost.

use backstay_journal::{Home, Journal, NewPlan, RatesOf, RunFilter, StepCounts};
use backstay_model::{ChangeCounts, ErrorKind, RunKind, StepAction, StepState, Subject, Verdict};
use chrono::DateTime;
use rusqlite::Connection;

const V1: &str = include_str!("../../src/schema/1.sql");

/// Content as version 1 wrote it: literal values, so that a change of today's code cannot change them.
const V1_ROWS: &str = "
PRAGMA application_id = 1114329972;
PRAGMA user_version = 1;
INSERT INTO sources VALUES ('src-1', 'Notes', 'notes', 'sqlite', '{\"path\":\"/n.db\",\"big\":1e400}', 1790000000123456, 'inst', NULL);
INSERT INTO vaults VALUES ('vlt-1', 'Disk', 'disk', '/mnt/disk', 'abcd', 1790000000000000, 1790000001000000, 1);
INSERT INTO source_vaults VALUES ('src-1', 'vlt-1', 0);
INSERT INTO runs VALUES (5, '01a0c000-0000-7000-8000-000000000001', 'restore', 'src-1', 'Notes', 'vlt-1', 'Disk', 'feed',
    1790000002000000, 1790000003000000, 'partial', 'changed', 'one record moved', 3, 300, 30, 1, 2, 3, 4, 'owner', 42, NULL, 'backstay 0.1.0');
INSERT INTO run_gaps VALUES (5, 0, 'notes/1', 'changed', 'moved');
INSERT INTO run_events VALUES (5, 0, 1790000002500000, 'warning', 'slow');
INSERT INTO restores VALUES (5, '/p', 'hash', 3, 1, 'vlt-1', 'beef', NULL, NULL);
INSERT INTO restore_steps VALUES (5, 0, 'notes', '1', 'update', 4, 'aa', NULL, NULL, 'changed', 'moved');
INSERT INTO restore_steps VALUES (5, 1, NULL, 'f.txt', 'create', 2, NULL, 'bb', 'new', NULL, NULL);
INSERT INTO audit VALUES (1, 1790000000000000, 'root', 'backstay 0.1.0', 'source.add', 'Notes', '{\"a\":1}', zeroblob(32),
    x'SEAL');
";
/// The seal of that entry, computed once by hand from the documented rule.
const V1_SEAL: &str = "c01419ade9c8f97ffb3a68edaf93fe12e8046db02d9b3690e5141590125c61cd";

fn v1(home: &Home) {
    let db = Connection::open(home.database()).unwrap();
    db.execute_batch(V1).unwrap();
    db.execute_batch(&V1_ROWS.replace("SEAL", V1_SEAL)).unwrap();
}

#[test]
fn version_1_opens_whole() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(dir.path()).unwrap();
    v1(&home);
    let journal = Journal::open(&home).unwrap();
    journal.check().unwrap();

    let source = journal.sources().get("NOTES").unwrap();
    assert_eq!(
        (source.id.as_str(), source.kind.as_str(), source.instance_id.as_deref()),
        ("src-1", "sqlite", Some("inst"))
    );
    assert_eq!(source.config.as_bytes(), br#"{"path":"/n.db","big":1e400}"#);
    assert_eq!(
        source.created,
        DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap()
    );
    let vault = journal.vaults().destinations("Notes").unwrap().remove(0);
    assert_eq!(
        (vault.name.as_str(), vault.place.as_str(), vault.default),
        ("Disk", "/mnt/disk", true)
    );

    let run = journal.runs().newest(&RunFilter::default()).unwrap().unwrap();
    assert_eq!(
        (run.kind, run.verdict, run.gaps),
        (RunKind::Restore, Some(Verdict::Partial), 1)
    );
    assert_eq!(run.reason.unwrap().kind, ErrorKind::Changed);
    assert_eq!(
        run.counters.changes,
        ChangeCounts {
            added: 1,
            changed: 2,
            removed: 3,
            unchanged: 4
        }
    );
    assert_eq!(journal.runs().events(&run.id, None, 9).unwrap().rows[0].message, "slow");
    let restore = journal.restores().get(&run.id).unwrap();
    assert_eq!(restore.undo.unwrap().snapshot, "beef");
    let counts = StepCounts {
        pending: 1,
        done: 1,
        failed: 1,
        ..StepCounts::default()
    };
    assert_eq!(journal.restores().counts(&run.id).unwrap(), counts);
    let steps = journal.restores().recorded(&run.id, 0..9).unwrap();
    assert_eq!(
        (steps[0].action, &steps[1].subject),
        (
            StepAction::Update,
            &Subject::File {
                path: "f.txt".to_owned()
            }
        )
    );
    assert_eq!(
        steps[1].state,
        StepState::Done {
            new_id: Some("new".to_owned())
        }
    );
    assert_eq!(journal.audit().verify().unwrap().hash, V1_SEAL);
}

const V2: &str = include_str!("../../src/schema/2.sql");

/// What version 2 added, beside the rows of version 1.
const V2_ROWS: &str = "
PRAGMA user_version = 2;
INSERT INTO runs (seq, id, kind, source_id, source_name, vault_id, vault_name, snapshot, started, finished, verdict, owner, pid, program,
    held_collections, held_records, held_files, held_bytes, held_workspaces)
    VALUES (9, '01a0c000-0000-7000-8000-000000000009', 'backup', 'src-1', 'Notes', 'vlt-1', 'Disk', 'cafe',
    1790000005000000, 1790000006000000, 'complete', 'owner', 42, 'backstay 0.2.0', 1, 2, 3, 4, 5);
INSERT INTO runs (seq, id, kind, vault_id, vault_name, started, finished, verdict, owner, pid, program, share)
    VALUES (10, '01a0c000-0000-7000-8000-000000000010', 'check', 'vlt-1', 'Disk', 1790000007000000, 1790000008000000, 'complete',
    'owner', 42, 'backstay 0.2.0', 12.5);
UPDATE vaults SET used_bytes = 4096;
INSERT INTO kits VALUES ('kit-1', 'vlt-1', 'key-1', 1790000000000000, NULL, 42, NULL, 'backstay 0.2.0');
";

#[test]
fn version_2_opens_whole_and_knows_plans() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(dir.path()).unwrap();
    v1(&home);
    let db = Connection::open(home.database()).unwrap();
    db.execute_batch(V2).unwrap();
    db.execute_batch(V2_ROWS).unwrap();
    drop(db);
    let journal = Journal::open(&home).unwrap();
    assert_eq!(journal.version().unwrap().0, 4);
    assert!(home.copy_before(4).exists(), "what was is kept");
    journal.check().unwrap();

    let runs = journal.runs();
    let standing = runs.standing("src-1", &["vlt-1"]).unwrap();
    let good = standing.good.unwrap();
    assert_eq!(
        (good.snapshot.as_deref(), good.plan, good.slot, good.holdings.unwrap().files),
        (Some("cafe"), None, None, 3)
    );
    assert_eq!(runs.share("01a0c000-0000-7000-8000-000000000010").unwrap(), Some(12.5));
    assert_eq!(runs.get("01a0c000-0000-7000-8000-000000000001").unwrap().plan, None);
    let rates = runs.rates(RatesOf::Source("src-1"), &[], DateTime::UNIX_EPOCH).unwrap();
    assert_eq!((rates.complete, rates.partial, rates.failed), (1, 1, 0));
    assert_eq!(journal.vaults().used("Disk").unwrap(), Some(4096));
    assert_eq!(journal.kits().unconfirmed().unwrap()[0].id, "kit-1");
    assert_eq!(journal.audit().verify().unwrap().hash, V1_SEAL);

    let new = NewPlan {
        sources: vec!["src-1".to_owned()],
        vaults: vec!["vlt-1".to_owned()],
        ..crate::new_plan("Nightly")
    };
    let plan = journal.plans().add(&new, crate::at(0)).unwrap();
    assert!(
        journal
            .slots()
            .claim(&crate::claim_by("me", crate::slot_of(&plan, 0)))
            .unwrap()
    );
}

const V3: &str = include_str!("../../src/schema/3.sql");

#[test]
fn version_3_opens_whole_and_keeps_replications() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(dir.path()).unwrap();
    v1(&home);
    let db = Connection::open(home.database()).unwrap();
    db.execute_batch(V2).unwrap();
    db.execute_batch(V2_ROWS).unwrap();
    db.execute_batch(V3).unwrap();
    db.execute_batch("PRAGMA user_version = 3; INSERT INTO holds (id, source_id, source_name, kind, trip, at, last_at) VALUES ('01a0c000-0000-7000-8000-000000000077', 'src-1', 'Notes', 'emptied', '{}', 1, 1);").unwrap();
    drop(db);
    let journal = Journal::open(&home).unwrap();
    assert_eq!(journal.version().unwrap().0, 4);
    assert!(home.copy_before(4).exists(), "what was is kept");
    journal.check().unwrap();
    assert_eq!(journal.holds().open(None).unwrap().len(), 1);
    assert_eq!(
        journal.runs().get("01a0c000-0000-7000-8000-000000000009").unwrap().kind,
        RunKind::Backup
    );
    assert!(journal.replications().list().unwrap().is_empty());
    let new = backstay_journal::NewReplication {
        from_source: "notes".to_owned(),
        from_collection: "a".to_owned(),
        to_source: "src-1".to_owned(),
        to_collection: "b".to_owned(),
        what: crate::json("{}"),
    };
    assert_eq!(
        journal.replications().keep(&new, crate::at(0)).unwrap().from_source.name,
        "Notes"
    );
}
