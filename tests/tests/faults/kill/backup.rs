//! Backups that are killed: of a folder, and of a database somebody writes to meanwhile.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{Killer, Ledger, at_last};
use crate::{
    bench::Bench,
    data::{tree, value},
    dice::{Dice, rounds},
};

type Tree = Vec<(PathBuf, String)>;

/// Changes a few files of a folder, makes one and removes one.
pub fn stir(root: &Path, dice: &mut Dice) {
    fs::create_dir_all(root.join("deep/er")).unwrap();
    for _ in 0..6 {
        let name = format!("{}f{}", ["", "deep/", "deep/er/"][dice.below(3)], dice.below(20));
        let size = 100 + dice.below(30_000);
        fs::write(root.join(name), dice.bytes(size)).unwrap();
    }
    let gone = root.join(format!("f{}", dice.below(20)));
    if gone.exists() {
        fs::remove_file(gone).unwrap();
    }
}

#[test]
fn backups_of_a_folder() {
    let bench = Bench::with_vault();
    let docs = bench.path("docs");
    let mut killer = Killer::new("backups_of_a_folder", Duration::from_millis(120));
    stir(&docs, &mut killer.dice);
    bench.add_folder("docs", &docs);
    let mut ledger: Ledger<Tree> = Ledger::default();
    ledger.known.insert(bench.back_up("docs"), tree(&docs));
    ledger.sound(&bench, "backup", false);
    let wanted = rounds(100);
    while killer.go_on(wanted) {
        stir(&docs, &mut killer.dice);
        let hit = killer.strike(&bench, &["backup", "docs"]);
        let fresh = ledger.listed(&bench);
        assert!(fresh.len() <= 1, "{fresh:?}");
        let every_tenth = killer.killed.is_multiple_of(10);
        killer.begun += usize::from(ledger.sound(&bench, "backup", every_tenth) && hit);
        ledger.known.extend(fresh.into_iter().map(|id| (id, tree(&docs))));
        if killer.killed.is_multiple_of(6) {
            // One of all that was ever committed, and the next run, without any help.
            let number = killer.dice.below(ledger.known.len());
            let (id, whole) = ledger.known.iter().nth(number).unwrap();
            same(&bench, id, whole);
            let id = bench.back_up("docs");
            same(&bench, &id, &tree(&docs));
            ledger.known.insert(id, tree(&docs));
            ledger.sound(&bench, "backup", false);
        }
    }
    at_last(&bench);
    println!(
        "folder: {} kills, {} with a run begun, {} interrupted",
        killer.killed,
        killer.begun,
        ledger.interrupted()
    );
    assert!(ledger.interrupted() * 3 > wanted, "most kills must hit in the middle");
}

fn same(bench: &Bench, id: &str, whole: &Tree) {
    let to = bench.path("look");
    bench.ok(&["restore", id, "--to", to.to_str().unwrap()]);
    assert_eq!(&tree(&to), whole, "{id}");
    fs::remove_dir_all(&to).unwrap();
}

/// Somebody who writes all the time and never lets the two tables differ.
struct Busy {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<u64>>,
}

impl Busy {
    fn on(path: PathBuf) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = stop.clone();
        let thread = std::thread::spawn(move || {
            let db = Connection::open(path).unwrap();
            db.busy_timeout(Duration::from_secs(20)).unwrap();
            let mut n = 0_u64;
            while !asked.load(Ordering::Relaxed) {
                n += 1;
                db.execute_batch(&format!(
                    "BEGIN IMMEDIATE; UPDATE a SET n = n + 1; UPDATE b SET n = n + 1;
                     UPDATE money SET amount = amount - 1 WHERE id = {}; UPDATE money SET amount = amount + 1 WHERE id = {};
                     COMMIT;",
                    n % 500,
                    (n * 7 + 1) % 500
                ))
                .unwrap();
                std::thread::sleep(Duration::from_millis(2));
            }
            n
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }

    /// Stops; gives how often it wrote.
    fn end(&mut self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().map_or(0, |thread| thread.join().unwrap())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.end();
    }
}

#[test]
fn backups_of_a_database_in_use() {
    let bench = Bench::with_vault();
    let file = bench.path("app.db");
    let db = Connection::open(&file).unwrap();
    db.pragma_update(None, "journal_mode", "wal").unwrap();
    db.execute_batch(
        "CREATE TABLE a (n INTEGER); CREATE TABLE b (n INTEGER); INSERT INTO a VALUES (0); INSERT INTO b VALUES (0);
         CREATE TABLE money (id INTEGER PRIMARY KEY, amount INTEGER, note TEXT);
         WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c WHERE x < 499)
         INSERT INTO money SELECT x, 100, hex(randomblob(200)) FROM c;",
    )
    .unwrap();
    drop(db);
    bench.add_sqlite("app", &file);
    let mut busy = Busy::on(file.clone());
    let mut killer = Killer::new("backups_of_a_database_in_use", Duration::from_millis(150));
    let mut ledger: Ledger<()> = Ledger::default();
    ledger.known.insert(bench.back_up("app"), ());
    ledger.sound(&bench, "backup", false);
    let wanted = rounds(70);
    while killer.go_on(wanted) {
        let hit = killer.strike(&bench, &["backup", "app"]);
        let fresh = ledger.listed(&bench);
        let every_tenth = killer.killed.is_multiple_of(10);
        killer.begun += usize::from(ledger.sound(&bench, "backup", every_tenth) && hit);
        for id in fresh {
            consistent(&bench, &id);
            ledger.known.insert(id, ());
        }
        if killer.killed.is_multiple_of(6) {
            let id = bench.back_up("app");
            consistent(&bench, &id);
            ledger.known.insert(id, ());
            ledger.sound(&bench, "backup", false);
        }
    }
    assert!(busy.end() > 500, "somebody wrote all the time");
    assert_eq!(value::<String>(&file, "PRAGMA integrity_check"), "ok");
    at_last(&bench);
    println!(
        "database: {} kills, {} with a run begun, {} interrupted",
        killer.killed,
        killer.begun,
        ledger.interrupted()
    );
    assert!(ledger.interrupted() * 3 > wanted, "most kills must hit in the middle");
}

/// The database in a snapshot is one moment of the live one.
fn consistent(bench: &Bench, id: &str) {
    let copy = bench.path("look.db");
    bench.ok(&["cat", id, "app.db", "--output", copy.to_str().unwrap()]);
    let db = Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let one = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(one("SELECT n FROM a"), one("SELECT n FROM b"), "{id}");
    assert_eq!(one("SELECT sum(amount) FROM money"), 50_000, "{id}");
    let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{id}");
    drop(db);
    for beside in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{beside}", copy.display()));
    }
}
