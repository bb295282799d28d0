//! Other processes: this test binary run again, as a program that uses a database meanwhile.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use rusqlite::Connection;

/// A child process, ended with its handle.
pub struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Other {
    /// Starts the child that does `what` to the database at `path`, and waits until it says it is at it.
    pub fn start(what: &str, path: &Path) -> Self {
        let mut child = Self::command(what, path).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        let mut lines = BufReader::new(out).lines();
        // The harness prints its own lines first.
        let ready = lines.any(|line| line.unwrap().contains("READY"));
        assert!(ready, "the other process ended early");
        thread::spawn(move || lines.for_each(drop));
        Self(child)
    }

    pub fn command(what: &str, path: &Path) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "child::other_process", "--nocapture", "--test-threads=1"])
            .env("BACKSTAY_TEST_DO", what)
            .env("BACKSTAY_TEST_PATH", path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn ready() {
    println!("\nREADY");
    std::io::stdout().flush().unwrap();
}

/// Not a test by itself: what the other process runs.
#[test]
fn other_process() {
    let Ok(what) = std::env::var("BACKSTAY_TEST_DO") else { return };
    let path = std::env::var("BACKSTAY_TEST_PATH").unwrap();
    match what.as_str() {
        "back up" => return back_up(Path::new(&path)),
        "events" => return events(Path::new(&path)),
        _ => {}
    }
    let conn = Connection::open(&path).unwrap();
    conn.busy_timeout(Duration::from_secs(20)).unwrap();
    match what.as_str() {
        "transfer" => transfer(&conn),
        "hold exclusive" => {
            conn.execute_batch("BEGIN EXCLUSIVE").unwrap();
            ready();
            thread::sleep(Duration::from_secs(60));
        }
        "hold read" => {
            conn.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;").unwrap();
            ready();
            thread::sleep(Duration::from_secs(60));
        }
        "idle" => {
            let _: i64 = conn
                .query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))
                .unwrap();
            ready();
            thread::sleep(Duration::from_secs(60));
        }
        // Leaves its transaction half in the file: a hot journal (the process is killed here).
        "die writing" => {
            conn.execute_batch(
                "PRAGMA cache_size=5; PRAGMA cache_spill=1; BEGIN; UPDATE accounts SET note = hex(randomblob(200));",
            )
            .unwrap();
            ready();
            thread::sleep(Duration::from_secs(60));
        }
        // Commits into the log and dies without folding it in.
        "die after commit" => {
            conn.execute_batch("PRAGMA wal_autocheckpoint=0; UPDATE accounts SET note = 'committed';")
                .unwrap();
            ready();
            thread::sleep(Duration::from_secs(60));
        }
        other => panic!("{other}"),
    }
}

/// Backs up and tells how it went, and what memory it took.
fn back_up(path: &Path) {
    let (taken, outcome) = super::kit::backup(&*super::kit::source(path));
    let result = match outcome {
        Ok(_) => {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            println!("\n{}", status.lines().find(|l| l.starts_with("VmHWM")).unwrap());
            let bytes = taken.bytes("bank.db").unwrap().unwrap();
            let copy = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(copy.path(), bytes).unwrap();
            let copy = Connection::open(copy.path()).unwrap();
            let sum: i64 = copy.query_row("SELECT sum(balance) FROM accounts", [], |r| r.get(0)).unwrap();
            format!("complete {sum}")
        }
        Err(e) => format!("{:?}", e.kind),
    };
    println!("\nRESULT {result}");
}

/// Does what a LiveStore does: an event into the log, then into the state.
fn events(store: &Path) {
    let open = |name: &str| {
        let conn = Connection::open(store.join(name)).unwrap();
        conn.busy_timeout(Duration::from_secs(20)).unwrap();
        conn.execute_batch("PRAGMA synchronous=OFF").unwrap();
        conn
    };
    let (log, state) = (open("eventlog@6.db"), open("state1@6.db"));
    for round in 0.. {
        log.execute("INSERT INTO eventlog(pad) VALUES (hex(randomblob(500)))", [])
            .unwrap();
        state
            .execute(
                "INSERT INTO __livestore_session_changeset(pad) VALUES (hex(randomblob(500)))",
                [],
            )
            .unwrap();
        if round == 20 {
            ready();
        }
    }
}

/// Moves money between accounts as fast as it can: the sum never changes.
fn transfer(conn: &Connection) {
    let n: i64 = conn.query_row("SELECT count(*) FROM accounts", [], |r| r.get(0)).unwrap();
    let mut seed: i64 = 1;
    for round in 0.. {
        seed = (seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407))
            & i64::MAX;
        let (from, to) = ((seed >> 8) % n + 1, (seed >> 24) % n + 1);
        conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        conn.execute(
            "UPDATE accounts SET balance = balance - 7, note = hex(randomblob(100)) WHERE id = ?1",
            [from],
        )
        .unwrap();
        conn.execute("UPDATE accounts SET balance = balance + 7 WHERE id = ?1", [to])
            .unwrap();
        conn.execute("UPDATE rounds SET n = n + 1", []).unwrap();
        conn.execute_batch("COMMIT").unwrap();
        if round == 20 {
            ready();
        }
    }
}

/// A database of accounts for [`transfer`].
pub fn accounts(path: &Path, journal: &str, rows: u32) {
    let conn = super::kit::database(
        path,
        &format!(
            "PRAGMA journal_mode={journal}; PRAGMA synchronous=OFF;
             CREATE TABLE accounts(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, note TEXT);
             CREATE TABLE rounds(n INTEGER); INSERT INTO rounds VALUES (0);
             WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < {rows})
             INSERT INTO accounts SELECT x, 100, hex(randomblob(100)) FROM c;
             CREATE INDEX by_balance ON accounts(balance);"
        ),
    );
    drop(conn);
}
