//! The versions of the state database and how an older one is brought up to date without risk.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use crate::home::Home;
use crate::{JournalError, Result};

/// Marks the file as ours (SQLite's `application_id`): "BkSt".
pub(crate) const APPLICATION_ID: i64 = 0x426b_5374;

/// Every version's step, oldest first. A released step never changes; the newest version is their number.
const STEPS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
];

/// The steps this program knows.
pub(crate) fn steps() -> &'static [&'static str] {
    STEPS
}

/// Version of an open database.
pub(crate) fn version(db: &Connection) -> Result<i64> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Refuses what is not a state database or is a newer one. Reads only: a newer program's file stays as it is, byte by byte.
///
/// A file that does not exist or is empty passes; it is about to be made.
pub(crate) fn refuse_foreign(path: &Path, known: i64) -> Result<()> {
    let Some(header) = header(path)? else { return Ok(()) };
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let log = std::fs::metadata(log).map_or(0, |meta| meta.len());
    // The newest state may stand in the write-ahead log; without one, SQLite would leave empty companions behind.
    let (version, application, pages) = if log > 0 { through_log(path)? } else { header };
    // A crash between making the file and its first version leaves an empty database: ours.
    if application != APPLICATION_ID && (version != 0 || pages > 1) {
        return Err(JournalError::NotOurs { path: path.to_owned() });
    }
    if version > known {
        return Err(JournalError::Newer {
            path: path.to_owned(),
            found: version,
            known,
        });
    }
    Ok(())
}

/// Version, application and number of pages from the file's first 100 bytes (SQLite's file format, section 1.3).
fn header(path: &Path) -> Result<Option<(i64, i64, i64)>> {
    let mut bytes = Vec::with_capacity(100);
    let read = File::open(path).and_then(|file| file.take(100).read_to_end(&mut bytes));
    match read {
        Ok(0) => return Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(JournalError::Home {
                path: path.to_owned(),
                source,
            });
        }
        Ok(_) => {}
    }
    let number = |at: usize| {
        bytes
            .get(at..at + 4)
            .and_then(|four| four.try_into().ok())
            .map(u32::from_be_bytes)
            .map(i64::from)
    };
    match (bytes.starts_with(b"SQLite format 3\0"), number(60), number(68), number(28)) {
        (true, Some(version), Some(application), Some(pages)) => Ok(Some((version, application, pages))),
        _ => Err(JournalError::Damaged {
            path: path.to_owned(),
            detail: "it is not an SQLite file".to_owned(),
        }),
    }
}

/// The same through SQLite, which reads the write-ahead log too; a connection that may only read leaves both as they are.
fn through_log(path: &Path) -> Result<(i64, i64, i64)> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let pragma = |name: &str| db.pragma_query_value(None, name, |row| row.get(0));
    Ok((pragma("user_version")?, pragma("application_id")?, pragma("page_count")?))
}

/// Brings the database to the newest of `steps`, keeping a copy of an older one first. Callers hold the migration lock.
pub(crate) fn migrate(db: &mut Connection, home: &Home, steps: &[&str]) -> Result<()> {
    let from = version(db)?;
    let to = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if from == to {
        return Ok(());
    }
    let copy = home.copy_before(to);
    if from > 0 {
        check(db, &home.database())?;
        keep_copy(db, home, &copy)?;
    } else {
        db.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    let migrations = Migrations::new(steps.iter().map(|sql| M::up(sql)).collect());
    migrations.to_latest(db).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } if is_environment(&err) => JournalError::Raw(err),
        source => JournalError::Migration {
            path: home.database(),
            from,
            to,
            copy,
            source: Box::new(source),
        },
    })
}

/// Whether SQLite failed because of the disk or another process, not because of the step itself.
fn is_environment(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode as Code;
    let blames = [
        Code::DiskFull,
        Code::ReadOnly,
        Code::DatabaseBusy,
        Code::DatabaseCorrupt,
        Code::SystemIoFailure,
    ];
    error.sqlite_error_code().is_some_and(|code| blames.contains(&code))
}

/// Writes a whole, readable copy beside the database. A copy appears under its name complete or not at all.
fn keep_copy(db: &Connection, home: &Home, copy: &Path) -> Result<()> {
    let failed = |source| JournalError::Home {
        path: copy.to_owned(),
        source,
    };
    // The temporary file is empty and private (0600); VACUUM INTO fills an empty file.
    let temp = tempfile::Builder::new()
        .prefix(".state-copy-")
        .tempfile_in(home.path())
        .map_err(failed)?;
    let Some(name) = temp.path().to_str() else {
        return Err(failed(std::io::Error::other("the path is not UTF-8")));
    };
    db.execute("VACUUM INTO ?1", [name])?;
    // VACUUM drops the version when it is not told: it copies it, but a copy that lies would be worse than none.
    let found = version(&Connection::open_with_flags(temp.path(), OpenFlags::SQLITE_OPEN_READ_ONLY)?)?;
    if found != version(db)? {
        return Err(JournalError::Damaged {
            path: copy.to_owned(),
            detail: "the copy has another version".to_owned(),
        });
    }
    temp.as_file().sync_all().map_err(failed)?;
    temp.persist(copy).map_err(|error| failed(error.error))?;
    home.sync()
}

/// SQLite's own quick check of all pages.
pub(crate) fn check(db: &Connection, path: &Path) -> Result<()> {
    let found: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        Ok(())
    } else {
        Err(JournalError::Damaged {
            path: path.to_owned(),
            detail: found,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Journal;
    use std::time::Duration;

    const SECOND: &str = "ALTER TABLE sources ADD COLUMN colour TEXT; CREATE TABLE extra (x INTEGER);";

    fn open(home: &Home, steps: &[&str]) -> Result<Journal> {
        Journal::open_steps(home, Duration::from_secs(1), steps)
    }

    #[test]
    fn steps_build_a_database() {
        Migrations::new(STEPS.iter().map(|sql| M::up(sql)).collect())
            .validate()
            .unwrap();
    }

    #[test]
    fn an_older_database_is_copied_then_migrated() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(dir.path()).unwrap();
        drop(open(&home, &STEPS[..1]).unwrap());
        let journal = open(&home, &[STEPS[0], SECOND]).unwrap();
        assert_eq!(version(&journal.db().lock()).unwrap(), 2);
        let copy = Connection::open(home.copy_before(2)).unwrap();
        assert_eq!(version(&copy).unwrap(), 1);
        assert!(!home.copy_before(1).exists(), "a new database needs no copy");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                std::fs::metadata(home.copy_before(2)).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn a_failing_step_leaves_everything_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(dir.path()).unwrap();
        drop(open(&home, &STEPS[..1]).unwrap());
        let before = std::fs::read(home.database()).unwrap();
        let broken = "CREATE TABLE half (x INTEGER); CREATE TABLE sources (x INTEGER);";
        let error = open(&home, &[STEPS[0], broken]).unwrap_err();
        assert!(matches!(error, JournalError::Migration { from: 1, to: 2, .. }), "{error}");
        assert_eq!(std::fs::read(home.database()).unwrap(), before);
        drop(open(&home, &STEPS[..1]).unwrap());
    }

    #[test]
    fn a_newer_database_is_refused_untouched_even_from_its_log() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(dir.path()).unwrap();
        drop(open(&home, &STEPS[..1]).unwrap());
        // The newer program was killed: its version stands in the write-ahead log only.
        let newer = open(&home, &[STEPS[0], SECOND]).unwrap();
        let files = |dir: &Path| -> Vec<(std::ffi::OsString, Vec<u8>)> {
            let mut all: Vec<_> = std::fs::read_dir(dir)
                .unwrap()
                .map(|entry| entry.unwrap())
                .filter(|entry| !entry.file_name().to_string_lossy().ends_with("-shm"))
                .map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap()))
                .collect();
            all.sort();
            all
        };
        let crashed = tempfile::tempdir().unwrap();
        for (name, content) in files(dir.path()) {
            std::fs::write(crashed.path().join(name), content).unwrap();
        }
        drop(newer);
        for place in [dir.path(), crashed.path()] {
            let before = files(place);
            let error = open(&Home::create(place).unwrap(), &STEPS[..1]).unwrap_err();
            assert!(matches!(error, JournalError::Newer { found: 2, known: 1, .. }), "{error}");
            assert!(files(place) == before, "touched {}", place.display());
        }
        assert!(std::fs::metadata(crashed.path().join("state.db-wal")).is_ok_and(|meta| meta.len() > 0));
    }
}
