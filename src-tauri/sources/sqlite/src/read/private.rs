//! Reading a database that SQLite cannot read where it lies without writing there: a log left by a program that died, a
//! journal of a transaction that has to be taken back, read-only media. The files are copied as they are, proven to be of one
//! moment by their fingerprint, and brought into order in a folder of our own.

use std::{fs::File, io, path::Path};

use backstay_model::ErrorKind;
use rusqlite::ErrorCode;
use tempfile::TempDir;

use super::{
    copy,
    image::{Image, Reading},
};
use crate::{
    client::{Print, RawFile, open_plain, side},
    error::{Error, Fact, Result},
};

/// How often the files may change in mid-copy.
const TRIES: usize = 5;

/// Whether the database cannot be opened in place without creating files: a log without the index that a living program has.
pub fn needed(path: &Path, print: &Print) -> bool {
    print.wal.is_some() && !side(path, "-shm").exists()
}

/// Whether an error of opening in place is one that a private copy does not have.
pub fn can_help(error: &Error) -> bool {
    match &error.fact {
        Fact::Sql(e) => matches!(
            e.sqlite_error_code(),
            Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::FileLockingProtocolFailed)
        ),
        // Read-only errors of SQLite (rolling back a journal, creating a log's index); a file that may not be read at all fails
        // earlier, when its fingerprint is taken.
        fact => fact.kind() == ErrorKind::Auth,
    }
}

/// Takes an image by way of a private copy of all files.
pub fn image(reading: &Reading<'_>, path: &Path) -> Result<Image> {
    for _ in 0..TRIES {
        let (before, _) = Print::take(path)?;
        let sides = [before.wal.as_ref(), before.journal.as_ref()];
        let needed = before.main.size + sides.into_iter().flatten().map(|s| s.size).sum::<u64>();
        // Folding the log in can grow the copy by the log's size.
        copy::room(&reading.config.temp, 2 * needed, path)?;
        let dir = tempfile::Builder::new()
            .prefix(".backstay-copy-")
            .tempdir_in(&reading.config.temp)
            .map_err(|e| Error::io(reading.config.temp.display().to_string(), e))?;
        let copied = copy_files(reading, path, &dir);
        let unmoved = Print::take(path).is_ok_and(|(now, _)| now.same_as(&before));
        if !unmoved {
            continue;
        }
        copied?;
        let settled = settle(path, &dir, before)?;
        return copy::checked(reading, Some(settled), path)?.ok_or_else(|| Fact::KeptChanging.at(path));
    }
    Err(Fact::KeptChanging.at(path))
}

fn copy_files(reading: &Reading<'_>, path: &Path, dir: &TempDir) -> Result<()> {
    for suffix in ["", "-wal", "-journal"] {
        if reading.cancel.is_cancelled() {
            return Err(Fact::Cancelled.at(path));
        }
        let from = side(path, suffix);
        let io = |e| Error::io(from.display().to_string(), e);
        let mut source = match RawFile::open(&from) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => continue,
            Err(e) => return Err(io(e)),
        };
        let mut target = File::create(dir.path().join(format!("copy{suffix}"))).map_err(io)?;
        io::copy(&mut source, &mut target).map_err(io)?;
    }
    Ok(())
}

/// Folds log and journal of the copy in, and takes the result out of its folder.
fn settle(path: &Path, dir: &TempDir, print: Print) -> Result<Image> {
    let name = dir.path().join("copy");
    let sql = |e| Error::sql(path.display().to_string(), e);
    let live = open_plain(&name, false)?;
    // Reading makes SQLite take back an unfinished transaction or replay the log; leaving WAL mode folds it in.
    live.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(sql)?;
    let wal = print.wal.is_some();
    if wal {
        live.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(sql)?;
    }
    drop(live);
    for suffix in ["-wal", "-shm", "-journal"] {
        let _ = std::fs::remove_file(side(&name, suffix));
    }
    let io = |e| Error::io(name.display().to_string(), e);
    let file = tempfile::NamedTempFile::from_parts(
        File::options().read(true).write(true).open(&name).map_err(io)?,
        tempfile::TempPath::try_from_path(&name).map_err(io)?,
    );
    copy::adopt(file, print)
}
