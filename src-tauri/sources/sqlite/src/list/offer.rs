//! Whether a path a person points at holds databases: a brief look, so that a window can offer to protect it.

use std::{
    collections::VecDeque,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use super::ENDINGS;

/// Entries looked at; a database that hides deeper is found by the real search, and the person can choose this kind by hand.
const LOOKED_AT: usize = 20_000;
/// Levels of folders looked into.
const LEVELS: usize = 6;

/// Whether the file is a SQLite database, or the folder holds one (the upper levels first).
pub fn has_database(path: &Path) -> bool {
    if path.is_file() {
        return is_database(path);
    }
    let mut left = LOOKED_AT;
    let mut queue: VecDeque<(PathBuf, usize)> = VecDeque::from([(path.to_owned(), 0)]);
    while let Some((folder, level)) = queue.pop_front() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            if left == 0 {
                return false;
            }
            left -= 1;
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            if kind.is_dir() && level < LEVELS {
                queue.push_back((path, level + 1));
            } else if kind.is_file() && has_ending(&path) && is_database(&path) {
                return true;
            }
        }
    }
    false
}

fn has_ending(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// The first bytes of every SQLite database (SQLite's file format, section 1.3).
fn is_database(path: &Path) -> bool {
    let mut head = [0; 16];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && &head == b"SQLite format 3\0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_databases_count() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!has_database(dir.path()));
        std::fs::write(dir.path().join("fake.db"), "no database").unwrap();
        std::fs::write(dir.path().join("letter.txt"), "hello").unwrap();
        assert!(!has_database(dir.path()));
        let deep = dir.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        rusqlite::Connection::open(deep.join("state@6.db"))
            .unwrap()
            .execute_batch("CREATE TABLE t (x)")
            .unwrap();
        assert!(has_database(dir.path()));
        assert!(has_database(&deep.join("state@6.db")));
        assert!(!has_database(&dir.path().join("letter.txt")));
        assert!(!has_database(&dir.path().join("missing")));
    }
}
