//! Exclusive access to a database that is about to be replaced or removed.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use backstay_model::ErrorKind;
use backstay_source::{Cancel, Expect};

use super::holders::holders;
use crate::{
    client::{Live, Print, open_plain, retry, side},
    error::{Error, Fact, Result},
    read::content_hash,
};

/// How long a program may take to finish what it is doing.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps everybody else out of a database until it is dropped.
#[derive(Debug)]
pub struct Exclusive {
    _live: Option<Live>,
}

impl Exclusive {
    /// Takes the database at `path` for ourselves, if there is one, folds its log in, and makes sure that it is what is expected.
    ///
    /// # Errors
    /// [`Fact::InUse`] when another process has it open, [`Fact::Changed`] or [`Fact::Exists`] when it is not as expected.
    pub fn take(path: &Path, expect: Expect, cancel: &Cancel) -> Result<Self> {
        let there = path.symlink_metadata().is_ok();
        match (there, expect) {
            (true, Expect::Absent) => return Err(Fact::Exists.at(path)),
            (false, Expect::Content(_)) => return Err(Fact::Changed.at(path)),
            (false, Expect::Absent) => return Ok(Self { _live: None }),
            (true, Expect::Content(_)) => {}
        }
        refuse_if_open(path)?;
        let live = match lock(path, cancel) {
            Ok(live) => Some(live),
            // A damaged file or none of SQLite's: nobody can be using it as a database.
            Err(e) if e.kind() == ErrorKind::Damaged => None,
            Err(e) => return Err(e),
        };
        if let Expect::Content(hash) = expect
            && content_hash(path)? != hash
        {
            return Err(Fact::Changed.at(path));
        }
        Ok(Self { _live: live })
    }
}

fn lock(path: &Path, cancel: &Cancel) -> Result<Live> {
    let (print, header) = Print::take(path)?;
    let live = open_plain(path, false)?;
    let sql = |e| Error::sql(path.display().to_string(), e);
    if header.wal || print.wal.is_some() {
        // In this mode the log needs no shared index, and the lock on the file is only given when nobody else has it open.
        live.execute_batch("PRAGMA locking_mode=EXCLUSIVE").map_err(sql)?;
    }
    let begun = retry(path, PATIENCE, cancel, || live.execute_batch("BEGIN EXCLUSIVE"));
    begun.map_err(|e| match e.fact {
        Fact::Busy { .. } => in_use(path, &[]),
        _ => e,
    })?;
    if header.wal || print.wal.is_some() {
        live.execute_batch("COMMIT").map_err(sql)?;
        live.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(sql)?;
    }
    Ok(live)
}

/// Fails when another process has the database or its companions open.
fn refuse_if_open(path: &Path) -> Result<()> {
    let files: Vec<PathBuf> = ["", "-wal", "-shm"].iter().map(|s| side(path, s)).collect();
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    match holders(&files) {
        who if who.is_empty() => Ok(()),
        who => Err(in_use(path, &who)),
    }
}

fn in_use(path: &Path, who: &[String]) -> Error {
    let holders = if who.is_empty() {
        "unknown".to_owned()
    } else {
        who.join("; ")
    };
    Fact::InUse { holders }.at(path)
}
