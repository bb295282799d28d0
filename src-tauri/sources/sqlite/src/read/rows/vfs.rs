//! Stored databases for SQLite: a read-only virtual file system over whatever can be read at an offset.
//!
//! The name SQLite opens is a number under which the reader is registered for as long as it is used. Reads go through a few
//! blocks of our own, as a vault hands out blocks and not pages. An error of the reader becomes an I/O error of SQLite and is kept,
//! so that the caller sees what really happened, and never rows made of zeros.

use std::{
    collections::HashMap,
    ffi::CString,
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use backstay_source::{ReadSeek, SourceError};
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};
use sqlite_plugin::{
    flags::{AccessFlags, LockLevel, OpenOpts},
    vars,
    vfs::{RegisterOpts, Vfs, VfsHandle, VfsResult, register_static},
};

use crate::{
    client::settle,
    error::{Error, Fact, Result},
};

const NAME: &str = "backstay-stored";
/// Size of the blocks read at once, and how many are kept (4 MiB in all).
const BLOCK: usize = 64 * 1024;
const BLOCKS: usize = 64;
/// SQLite's own cache of pages, in KiB.
const CACHE_KIB: u32 = 8 * 1024;

/// Opens the bytes of a stored database.
pub type Opener = Arc<dyn Fn() -> backstay_source::Result<Box<dyn ReadSeek>> + Send + Sync>;
type Slot = Arc<Mutex<Option<SourceError>>>;

/// A connection to a stored database.
pub struct Stored {
    /// The connection.
    pub conn: Connection,
    slot: Slot,
    _entry: Registered,
}

impl Stored {
    /// Opens the database behind `opener`, which is called `subject` in errors.
    ///
    /// # Errors
    /// When it cannot be opened, or is no database.
    pub fn open(opener: Opener, subject: &str) -> Result<Self> {
        register()?;
        let slot = Slot::default();
        let entry = Registered::new(Entry {
            opener,
            slot: slot.clone(),
        });
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags_and_vfs(entry.0.to_string(), flags, NAME).and_then(|conn| {
            settle(&conn, true)?;
            conn.execute_batch(&format!("PRAGMA cache_size=-{CACHE_KIB}; PRAGMA temp_store=FILE;"))?;
            // Reads the first page now, so that what is no database is told from the first rows.
            conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            Ok(conn)
        });
        match conn {
            Ok(conn) => Ok(Self {
                conn,
                slot,
                _entry: entry,
            }),
            Err(e) => Err(explain(&slot, subject, e)),
        }
    }

    /// What an error of SQLite on this connection really is.
    pub fn explain(&self, subject: &str, error: rusqlite::Error) -> Error {
        explain(&self.slot, subject, error)
    }
}

fn explain(slot: &Slot, subject: &str, error: rusqlite::Error) -> Error {
    match slot.lock().take() {
        Some(below) => below.into(),
        None => Error::sql(subject, error),
    }
}

struct Entry {
    opener: Opener,
    slot: Slot,
}

static ENTRIES: Mutex<Option<HashMap<u64, Entry>>> = Mutex::new(None);
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A reader's place in the list of those SQLite can open.
struct Registered(u64);

impl Registered {
    fn new(entry: Entry) -> Self {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        ENTRIES.lock().get_or_insert_default().insert(id, entry);
        Self(id)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        if let Some(entries) = ENTRIES.lock().as_mut() {
            entries.remove(&self.0);
        }
    }
}

fn register() -> Result<()> {
    static DONE: OnceLock<std::result::Result<(), i32>> = OnceLock::new();
    let done = DONE.get_or_init(|| {
        let name = CString::new(NAME).map_err(|_| vars::SQLITE_INTERNAL)?;
        register_static(name, StoredVfs, RegisterOpts { make_default: false }).map(drop)
    });
    done.map_err(|code| {
        let why = format!("cannot be read: SQLite refused our file system (code {code})");
        Fact::Unsupported { why }.on("the stored database")
    })
}

struct StoredVfs;

/// An open file: a stored database, or a temporary file for sorting.
enum Handle {
    Database(Blocks),
    Temporary(File),
}

impl VfsHandle for Handle {
    fn readonly(&self) -> bool {
        matches!(self, Self::Database(_))
    }
    fn in_memory(&self) -> bool {
        false
    }
}

impl Vfs for StoredVfs {
    type Handle = Handle;

    fn open(&self, path: Option<&str>, _: OpenOpts) -> VfsResult<Handle> {
        let Some(path) = path else {
            return tempfile::tempfile().map(Handle::Temporary).map_err(|_| vars::SQLITE_CANTOPEN);
        };
        let id: u64 = path.parse().map_err(|_| vars::SQLITE_CANTOPEN)?;
        let found = ENTRIES
            .lock()
            .as_ref()
            .and_then(|e| e.get(&id).map(|e| (e.opener.clone(), e.slot.clone())));
        let (opener, slot) = found.ok_or(vars::SQLITE_CANTOPEN)?;
        let opened = opener().and_then(|mut reader| {
            let size = reader
                .seek(SeekFrom::End(0))
                .map_err(|e| SourceError::io("the stored database", e))?;
            Ok((reader, size))
        });
        match opened {
            Ok((reader, size)) => Ok(Handle::Database(Blocks::new(reader, size, slot))),
            Err(e) => {
                *slot.lock() = Some(e);
                Err(vars::SQLITE_CANTOPEN)
            }
        }
    }

    fn delete(&self, _: &str) -> VfsResult<()> {
        Err(vars::SQLITE_READONLY)
    }

    fn access(&self, _: &str, _: AccessFlags) -> VfsResult<bool> {
        Ok(false)
    }

    fn file_size(&self, handle: &mut Handle) -> VfsResult<usize> {
        let size = match handle {
            Handle::Database(blocks) => blocks.size,
            Handle::Temporary(file) => file.metadata().map_err(|_| vars::SQLITE_IOERR_FSTAT)?.len(),
        };
        usize::try_from(size).map_err(|_| vars::SQLITE_TOOBIG)
    }

    fn truncate(&self, handle: &mut Handle, size: usize) -> VfsResult<()> {
        match handle {
            Handle::Database(_) => Err(vars::SQLITE_READONLY),
            Handle::Temporary(file) => file.set_len(size as u64).map_err(|_| vars::SQLITE_IOERR_TRUNCATE),
        }
    }

    fn write(&self, handle: &mut Handle, offset: usize, data: &[u8]) -> VfsResult<usize> {
        let Handle::Temporary(file) = handle else {
            return Err(vars::SQLITE_READONLY);
        };
        let written = file.seek(SeekFrom::Start(offset as u64)).and_then(|_| file.write_all(data));
        written.map(|()| data.len()).map_err(|_| vars::SQLITE_FULL)
    }

    fn read(&self, handle: &mut Handle, offset: usize, data: &mut [u8]) -> VfsResult<usize> {
        match handle {
            Handle::Database(blocks) => blocks.read(offset as u64, data),
            Handle::Temporary(file) => {
                let sought = file.seek(SeekFrom::Start(offset as u64));
                sought
                    .and_then(|_| read_up_to(file, data))
                    .map_err(|_| vars::SQLITE_IOERR_READ)
            }
        }
    }

    fn lock(&self, _: &mut Handle, _: LockLevel) -> VfsResult<()> {
        Ok(())
    }

    fn unlock(&self, _: &mut Handle, _: LockLevel) -> VfsResult<()> {
        Ok(())
    }

    fn check_reserved_lock(&self, _: &mut Handle) -> VfsResult<bool> {
        Ok(false)
    }

    fn close(&self, _: Handle) -> VfsResult<()> {
        Ok(())
    }

    fn device_characteristics(&self, handle: &mut Handle) -> VfsResult<i32> {
        Ok(match handle {
            // Nobody changes it: SQLite takes no locks and looks for no journal.
            Handle::Database(_) => vars::SQLITE_IOCAP_IMMUTABLE,
            Handle::Temporary(_) => 0,
        })
    }
}

/// A reader with the blocks read last.
struct Blocks {
    reader: Box<dyn ReadSeek>,
    size: u64,
    slot: Slot,
    kept: HashMap<u64, (u64, Vec<u8>)>,
    clock: u64,
}

impl Blocks {
    fn new(reader: Box<dyn ReadSeek>, size: u64, slot: Slot) -> Self {
        Self {
            reader,
            size,
            slot,
            kept: HashMap::new(),
            clock: 0,
        }
    }

    fn read(&mut self, offset: u64, data: &mut [u8]) -> VfsResult<usize> {
        let mut done = 0;
        while done < data.len() {
            let at = offset + done as u64;
            if at >= self.size {
                break;
            }
            let inside = (at % BLOCK as u64) as usize;
            let block = self.block(at / BLOCK as u64)?;
            let n = block.len().saturating_sub(inside).min(data.len() - done);
            if n == 0 {
                break;
            }
            data[done..done + n].copy_from_slice(&block[inside..inside + n]);
            done += n;
        }
        Ok(done)
    }

    fn block(&mut self, number: u64) -> VfsResult<&[u8]> {
        self.clock += 1;
        if !self.kept.contains_key(&number) {
            let block = self.fetch(number)?;
            if self.kept.len() >= BLOCKS {
                let oldest = self.kept.iter().min_by_key(|(_, (used, _))| *used).map(|(n, _)| *n);
                oldest.map(|n| self.kept.remove(&n));
            }
            self.kept.insert(number, (self.clock, block));
        }
        let clock = self.clock;
        let kept = self.kept.get_mut(&number).ok_or(vars::SQLITE_INTERNAL)?;
        kept.0 = clock;
        Ok(&kept.1)
    }

    fn fetch(&mut self, number: u64) -> VfsResult<Vec<u8>> {
        let start = number * BLOCK as u64;
        let len = (self.size - start).min(BLOCK as u64) as usize;
        let mut block = vec![0; len];
        let read = self
            .reader
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.reader.read_exact(&mut block));
        match read {
            Ok(()) => Ok(block),
            Err(e) => {
                let below = e.downcast::<SourceError>();
                let error = below.unwrap_or_else(|e| SourceError::io("the stored database", e));
                *self.slot.lock() = Some(error);
                Err(vars::SQLITE_IOERR_READ)
            }
        }
    }
}

fn read_up_to(file: &mut File, data: &mut [u8]) -> std::io::Result<usize> {
    let mut n = 0;
    while n < data.len() {
        match file.read(&mut data[n..])? {
            0 => break,
            got => n += got,
        }
    }
    Ok(n)
}
