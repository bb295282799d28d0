//! What tests lay on a desk, and how they look at the truth on its disk: past everything of ours.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rusqlite::{Connection, OpenFlags, types::Value as Cell};
use serde_json::Value;

use super::{Desk, programs::beside};

/// The password of the vaults that tests make.
pub const PASSWORD: &str = "a password for tests";

impl Desk {
    /// Runs the command line program on the same home, while the window's program does not run. Gives its last JSON document.
    #[track_caller]
    pub fn backstay(&self, args: &[&str]) -> Value {
        let (code, said) = self.backstay_ends(args);
        assert!(code == 0 || code == 3, "backstay {args:?} ended with {code}: {said:#}");
        said
    }

    /// As [`Self::backstay`], however it ends.
    #[track_caller]
    pub fn backstay_ends(&self, args: &[&str]) -> (i32, Value) {
        let mut command = self.command(beside("backstay"));
        command.args(args).args(["--json", "--yes"]);
        if args.starts_with(&["vault", "create"]) {
            // From then on the key is kept, of each vault its own.
            command.env("BACKSTAY_PASSWORD", PASSWORD);
        }
        let output = command.stdin(Stdio::null()).output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout);
        let document = serde_json::from_str(&out).ok();
        let last = || serde_json::from_str(out.lines().last().unwrap_or_default()).ok();
        let said = document.or_else(last).unwrap_or_else(|| {
            let error = String::from_utf8_lossy(&output.stderr);
            Value::String(format!("{out}{error}"))
        });
        (output.status.code().unwrap_or(-1), said)
    }

    /// A vault `safe` in the directory `vault`.
    #[track_caller]
    pub fn make_vault(&self) {
        self.backstay(&["vault", "create", "safe", "--path", self.path("vault").to_str().unwrap()]);
    }

    /// Adds a source.
    #[track_caller]
    pub fn add_source(&self, kind: &str, name: &str, path: &Path) {
        self.backstay(&["source", "add", kind, name, "--path", path.to_str().unwrap()]);
    }

    /// Backs a source up and gives the snapshot.
    #[track_caller]
    pub fn back_up(&self, source: &str) -> String {
        let reply = self.backstay(&["backup", source]);
        let snapshot = reply["runs"][0]["snapshot"].as_str();
        snapshot.unwrap_or_else(|| panic!("no snapshot: {reply:#}")).to_owned()
    }

    /// Makes a database, or changes it.
    #[track_caller]
    pub fn database(&self, name: &str, sql: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let database = Connection::open(&path).unwrap();
        database.execute_batch(sql).unwrap();
        path
    }

    /// What a query gives, one text a row, cells parted by `|`.
    #[track_caller]
    pub fn rows(&self, path: &Path, sql: &str) -> Vec<String> {
        let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let mut query = database.prepare(sql).unwrap();
        let columns = query.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let cells = (0..columns)
                .map(|at| row.get::<_, Cell>(at).map(text))
                .collect::<Result<Vec<_>, _>>();
            cells.map(|cells| cells.join("|"))
        };
        query.query_map([], row).unwrap().map(Result::unwrap).collect()
    }

    /// What stock restic says about the vault at a path: whether it ended well, and its output.
    pub fn restic(&self, vault: &Path, password: &str, args: &[&str]) -> (bool, String) {
        let mut restic = Command::new("restic");
        restic.args(["--no-cache", "-r", vault.to_str().unwrap()]).args(args);
        let output = restic.env("RESTIC_PASSWORD", password).output();
        let output = output.expect("the stock restic program is needed: apt-get install restic");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// How many snapshots stock restic finds in the vault `vault`.
    #[track_caller]
    pub fn snapshots(&self) -> usize {
        let (well, said) = self.restic(&self.path("vault"), PASSWORD, &["snapshots", "--json", "-q"]);
        assert!(well, "{said}");
        let list: Value = serde_json::from_str(said.trim()).unwrap_or_else(|error| panic!("{error}: {said}"));
        list.as_array().map_or(0, Vec::len)
    }
}

fn text(cell: Cell) -> String {
    match cell {
        Cell::Null => "null".to_owned(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Text(text) => text,
        Cell::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}
