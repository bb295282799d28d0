//! Databases and folders the flows work on, and what they really hold, read past everything of ours.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use sha2::{Digest, Sha256};

/// A database of a small app with `n` tasks, in the given journal mode.
pub fn tasks(path: &Path, mode: &str, n: u32) -> Connection {
    let db = Connection::open(path).unwrap();
    db.pragma_update(None, "journal_mode", mode).unwrap();
    db.execute_batch(
        "CREATE TABLE lists (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE tasks (id INTEGER PRIMARY KEY, list INTEGER NOT NULL REFERENCES lists (id), title TEXT, done INTEGER, big INTEGER, pic BLOB);
         CREATE TABLE tags (task INTEGER, tag TEXT, PRIMARY KEY (task, tag)) WITHOUT ROWID;
         CREATE VIEW open_tasks AS SELECT id, title FROM tasks WHERE done = 0;
         INSERT INTO lists VALUES (1, 'home'), (2, 'büro');",
    )
    .unwrap();
    let fill = db.unchecked_transaction().unwrap();
    for i in 1..=n {
        let picture: Vec<u8> = (0..64).map(|b| (b * i) as u8).collect();
        let row = (
            i,
            1 + i % 2,
            format!("task {i}"),
            i % 3 == 0,
            i64::MAX - i64::from(i),
            picture,
        );
        fill.execute("INSERT INTO tasks VALUES (?1, ?2, ?3, ?4, ?5, ?6)", row)
            .unwrap();
        fill.execute("INSERT INTO tags VALUES (?1, 'red'), (?1, 'a,b')", [i]).unwrap();
    }
    fill.commit().unwrap();
    db
}

/// A digest of every value of every row of every table.
pub fn fingerprint(path: &Path) -> Vec<(String, String)> {
    let db = Connection::open(path).unwrap();
    let mut names = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    names.into_iter().map(|name| (name.clone(), table(&db, &name))).collect()
}

fn table(db: &Connection, name: &str) -> String {
    let mut statement = db.prepare(&format!("SELECT * FROM \"{name}\" ORDER BY 1, 2")).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut digest = Sha256::new();
    while let Some(row) = rows.next().unwrap() {
        for column in 0..columns {
            digest.update(format!("{:?}|", row.get_ref(column).unwrap()));
        }
    }
    hex(&digest.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One value of a database.
pub fn value<T: rusqlite::types::FromSql>(path: &Path, sql: &str) -> T {
    Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Runs SQL on a database file.
pub fn execute(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

/// Everything below a directory: paths with the digest of the content, or the link's text.
pub fn tree(root: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    walk(root, root, &mut found);
    found.sort();
    found
}

fn walk(root: &Path, dir: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let meta = fs::symlink_metadata(&path).unwrap();
        let what = if meta.is_symlink() {
            format!("link {}", fs::read_link(&path).unwrap().display())
        } else if meta.is_dir() {
            walk(root, &path, found);
            "dir".to_owned()
        } else {
            hex(&Sha256::digest(fs::read(&path).unwrap()))
        };
        found.push((path.strip_prefix(root).unwrap().to_owned(), what));
    }
}

/// A folder with odd names, a link and an empty file.
pub fn folder(root: &Path) {
    fs::create_dir_all(root.join("photos/2026")).unwrap();
    fs::write(root.join("notes.txt"), "remember the milk\n").unwrap();
    fs::write(
        root.join("photos/2026/beach.jpg"),
        (0..200_000_u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect::<Vec<_>>(),
    )
    .unwrap();
    fs::write(root.join("empty"), "").unwrap();
    fs::write(root.join("Übergröße 市.txt"), "ünïcode").unwrap();
    std::os::unix::fs::symlink("notes.txt", root.join("link")).unwrap();
}

/// Copies a directory.
pub fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
