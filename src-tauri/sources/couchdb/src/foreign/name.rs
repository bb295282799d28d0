//! What the database in a file is called: the file does not say, so its own name tells.

use std::path::Path;

use crate::convert::is_database;

/// Endings that say what kind of file it is and not what is in it.
const ENDINGS: [&str; 10] = [
    "gz",
    "couchbackup",
    "ndjson",
    "jsonl",
    "json",
    "txt",
    "backup",
    "bak",
    "couch",
    "dump",
];
/// A file without a name for a database.
const NAMELESS: &str = "documents";

/// A valid name of a database made from the name of the file.
pub(super) fn database(path: &Path) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let mut name: &str = &file;
    while let Some((rest, ending)) = name.rsplit_once('.')
        && ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
        && !rest.is_empty()
    {
        name = rest;
    }
    // Databases can be called `a/b`, files cannot.
    let slashed = name.replace("%2F", "/").replace("%2f", "/");
    if is_database(&slashed) {
        return slashed;
    }
    let plain: String = name
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_lowercase() || c.is_ascii_digit() || "_$()+-".contains(c) => c,
            _ => '_',
        })
        .collect();
    let plain = plain.trim_matches('_');
    match plain.chars().next() {
        None => NAMELESS.to_owned(),
        Some(first) if first.is_ascii_lowercase() => plain.to_owned(),
        Some(_) => format!("db-{plain}"),
    }
}

/// The name of a file for a database, without an ending.
pub(super) fn file(database: &str) -> String {
    database.replace('/', "%2F")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_gives_a_name_a_database_can_have() {
        for (file, name) in [
            ("animaldb.txt", "animaldb"),
            ("/tmp/animaldb_expected.json.gz", "animaldb_expected"),
            ("Sales 2024.ndjson", "sales_2024"),
            ("2024-01.txt", "db-2024-01"),
            ("a%2Fb.txt", "a/b"),
            ("_users.json", "_users"),
            ("_others.json", "others"),
            ("v1.2.backup", "v1_2"),
            (".gz", "gz"),
            ("Ü.json", "documents"),
        ] {
            assert_eq!(database(Path::new(file)), name, "{file}");
            assert!(is_database(&database(Path::new(file))), "{file}");
        }
        assert_eq!(database(Path::new(&format!("{}.txt", super::file("a/b")))), "a/b");
    }
}
