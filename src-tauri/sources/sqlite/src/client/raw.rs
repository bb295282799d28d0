//! Reading a database file as plain bytes without breaking SQLite's locks.
//!
//! POSIX locks belong to a process and an inode: closing *any* descriptor of a file drops every lock this process has on it,
//! also those of a SQLite connection elsewhere in the process. So while one of our connections is open on an inode, descriptors
//! of raw reads are not closed but parked, and closed with the last connection.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use parking_lot::Mutex;

/// Device and inode.
type Key = (u64, u64);

#[derive(Default)]
struct Inode {
    connections: usize,
    parked: Vec<File>,
}

static INODES: Mutex<Option<HashMap<Key, Inode>>> = Mutex::new(None);

/// Stands for one of our connections on an inode. Taken before the connection opens, dropped after it closed.
#[derive(Debug)]
pub struct Held(Option<Key>);

impl Held {
    /// Registers a connection about to be opened on `path`. A path that does not exist yet has no locks to lose.
    pub fn new(path: &Path) -> Self {
        let key = std::fs::metadata(path).ok().and_then(|m| key(&m));
        if let Some(key) = key {
            let mut inodes = INODES.lock();
            inodes.get_or_insert_default().entry(key).or_default().connections += 1;
        }
        Self(key)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(key) = self.0 else { return };
        let mut inodes = INODES.lock();
        let Some(all) = inodes.as_mut() else { return };
        if let Some(inode) = all.get_mut(&key) {
            inode.connections -= 1;
            if inode.connections == 0 {
                all.remove(&key);
            }
        }
    }
}

/// A database file opened for reading its bytes.
#[derive(Debug)]
pub struct RawFile {
    file: Option<File>,
    key: Option<Key>,
}

impl RawFile {
    /// Opens `path` for reading.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let key = key(&file.metadata()?);
        Ok(Self { file: Some(file), key })
    }

    fn file(&self) -> io::Result<&File> {
        self.file.as_ref().ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))
    }

    /// Size, times and identity of the open file.
    pub fn metadata(&self) -> io::Result<std::fs::Metadata> {
        self.file()?.metadata()
    }
}

impl Read for RawFile {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.file()?.read(buf)
    }
}

impl Seek for RawFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file()?.seek(to)
    }
}

impl Drop for RawFile {
    fn drop(&mut self) {
        let mut inodes = INODES.lock();
        let inode = self.key.and_then(|key| inodes.as_mut()?.get_mut(&key));
        match (inode, self.file.take()) {
            (Some(inode), Some(file)) => inode.parked.push(file),
            // Closed under the lock: no connection of ours can take a lock on the inode meanwhile.
            (_, file) => drop(file),
        }
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)] // elsewhere there is no such identity, and no such lock either
fn key(meta: &std::fs::Metadata) -> Option<Key> {
    use std::os::unix::fs::MetadataExt;
    Some((meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
fn key(_: &std::fs::Metadata) -> Option<Key> {
    None
}
