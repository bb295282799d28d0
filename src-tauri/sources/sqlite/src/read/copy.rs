//! Copying a living database through SQLite's backup interface.
//!
//! In WAL mode readers do not hinder writers: the copy runs in one read transaction. With a rollback journal they do: a large
//! database is first copied in steps that let writers in between; every write starts such a copy over, so after a few restarts
//! the rest is done in one read transaction, as small databases are from the start.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};
use tempfile::NamedTempFile;

use super::{
    check,
    image::{Bytes, Image, Reading},
};
use crate::{
    client::{Live, Print, RawFile, begin_read, canonical, classify, open_immutable, open_read, retry},
    error::{Error, Fact, Result},
};

/// Bytes copied in one step.
const STEP: u64 = 16 << 20;
/// Databases up to this size are copied in one read transaction at once: it lasts a fraction of a second.
const SMALL: u64 = 64 << 20;
/// How often a writer may start the copy over before it is kept out.
const RESTARTS: u32 = 3;

/// A copy that still has a name.
pub struct Copy {
    file: NamedTempFile,
    print: Print,
}

/// Copies the database at `path`, checked.
pub fn image(reading: &Reading<'_>, path: &Path, before: Print) -> Result<Image> {
    let live = open_read(path)?;
    let wal = before.wal.is_some();
    let large = before.main.size > SMALL;
    let free = if !wal && large { freely(reading, &live, path)? } else { None };
    let image = match free {
        Some(file) => finish(Copy { file, print: before })?,
        None => {
            begin_read(&live, path, reading.config.wait, reading.cancel)?;
            locked(reading, &live, path, before)?
        }
    };
    drop(live);
    checked(reading, Some(image), path)?.ok_or_else(|| Fact::KeptChanging.at(path))
}

/// Copies what `live` sees in the read transaction it is in. The copy is not checked yet: the lock is not held for that.
pub fn locked(reading: &Reading<'_>, live: &Live, path: &Path, print: Print) -> Result<Image> {
    let file = temp(reading, live, path)?;
    run(reading, live, path, &file, u32::MAX)?;
    let cookie: i32 = live
        .query_row("PRAGMA schema_version", [], |r| r.get(0))
        .map_err(|e| Error::sql(path.display().to_string(), e))?;
    restore_header(path, &print, cookie, file.as_file())?;
    finish(Copy { file, print })
}

/// Copies in steps between which writers may write; `None` after too many restarts.
fn freely(reading: &Reading<'_>, live: &Live, path: &Path) -> Result<Option<NamedTempFile>> {
    let file = temp(reading, live, path)?;
    Ok(run(reading, live, path, &file, RESTARTS)?.then_some(file))
}

/// Runs the copy; `false` when it was started over more than `restarts` times.
fn run(reading: &Reading<'_>, live: &Live, path: &Path, file: &NamedTempFile, restarts: u32) -> Result<bool> {
    let sql = |e| Error::sql(path.display().to_string(), e);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(file.path(), flags).map_err(sql)?;
    target
        .execute_batch("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-4096; PRAGMA locking_mode=EXCLUSIVE;")
        .map_err(sql)?;
    let page: u32 = live.query_row("PRAGMA page_size", [], |r| r.get(0)).map_err(sql)?;
    let pages = i32::try_from(STEP / u64::from(page.max(512))).unwrap_or(i32::MAX);
    let backup = Backup::new(live, &mut target).map_err(sql)?;
    let mut left = i32::MAX;
    let mut restarted = 0;
    loop {
        if reading.cancel.is_cancelled() {
            return Err(Fact::Cancelled.at(path));
        }
        let done = retry(path, reading.config.wait, reading.cancel, || match backup.step(pages)? {
            StepResult::Done => Ok(true),
            StepResult::More => Ok(false),
            _ => Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
                None,
            )),
        })?;
        if done {
            return Ok(true);
        }
        let now = backup.progress().remaining;
        if now >= left {
            restarted += 1;
            if restarted > restarts {
                return Ok(false);
            }
        }
        left = now;
    }
}

/// An empty temporary file with room for a copy.
fn temp(reading: &Reading<'_>, live: &Live, path: &Path) -> Result<NamedTempFile> {
    let ask = |pragma: &str| {
        let sql = format!("PRAGMA {pragma}");
        retry(path, reading.config.wait, reading.cancel, || {
            live.query_row(&sql, [], |r| r.get::<_, u32>(0))
        })
    };
    let (page, count) = (ask("page_size")?, ask("page_count")?);
    room(&reading.config.temp, u64::from(page) * u64::from(count), path)?;
    tempfile::Builder::new()
        .prefix(".backstay-copy-")
        .tempfile_in(&reading.config.temp)
        .map_err(|e| Error::io(reading.config.temp.display().to_string(), e))
}

/// Fails when `folder` has not `needed` bytes left for a copy of `path`.
pub fn room(folder: &Path, needed: u64, path: &Path) -> Result<()> {
    let free = fs4::available_space(folder).map_err(|e| Error::io(folder.display().to_string(), e))?;
    if free < needed {
        let folder = folder.display().to_string();
        return Err(Fact::NoRoom { folder, needed, free }.at(path));
    }
    Ok(())
}

/// The backup interface writes counters of its own into the copy's header. The copy gets the source's schema cookie back and,
/// where the source has no log, all of them, so that it equals the file byte for byte.
fn restore_header(path: &Path, print: &Print, cookie: i32, mut copy: &File) -> Result<()> {
    let io = |e| Error::io(path.display().to_string(), e);
    let mut head = [0; 100];
    let mut source = RawFile::open(path).map_err(io)?;
    source.read_exact(&mut head).map_err(io)?;
    let mut put = |at: usize, bytes: &[u8]| {
        copy.seek(SeekFrom::Start(at as u64)).map_err(io)?;
        copy.write_all(bytes).map_err(io)
    };
    put(40, &cookie.to_be_bytes())?;
    if head[19] != 2 && print.wal.is_none() {
        for field in [24..28, 92..96, 96..100] {
            put(field.start, &head[field])?;
        }
    }
    Ok(())
}

/// Gives the copy the header of a plain file.
fn finish(copy: Copy) -> Result<Image> {
    let Copy { file, print } = copy;
    let name = file.path().to_owned();
    let io = |e| Error::io(name.display().to_string(), e);
    let mut head = [0; 100];
    let mut handle = file.as_file();
    handle.seek(SeekFrom::Start(0)).map_err(io)?;
    handle.read_exact(&mut head).map_err(io)?;
    canonical(&mut head);
    handle.seek(SeekFrom::Start(0)).map_err(io)?;
    handle.write_all(&head).map_err(io)?;
    let header = classify(&name, &mut RawFile::open(&name).map_err(io)?, true)?;
    let size = handle.metadata().map_err(io)?.len();
    Ok(Image {
        bytes: Bytes::Named(file),
        size,
        header,
        print,
    })
}

/// Checks a copy and takes its name away: nothing is left behind whatever happens from here on.
pub fn checked(reading: &Reading<'_>, image: Option<Image>, path: &Path) -> Result<Option<Image>> {
    let Some(image) = image else { return Ok(None) };
    let Bytes::Named(file) = image.bytes else {
        return Ok(Some(image));
    };
    let live = open_immutable(file.path())?;
    check(&live, path, reading.config.integrity)?;
    drop(live);
    let bytes = Bytes::Copied(file.into_file());
    Ok(Some(Image { bytes, ..image }))
}

/// Takes a copy that was made elsewhere into an image.
pub fn adopt(file: NamedTempFile, print: Print) -> Result<Image> {
    finish(Copy { file, print })
}
