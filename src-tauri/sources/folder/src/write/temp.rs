//! A file under a temporary name until it is whole: then it takes its place in one step, or goes away without a trace.

use std::io::{self, Read};

use backstay_model::{ContentHash, ContentHasher};
use backstay_source::Cancel;
use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{AtFlags, FlockOperation, Mode, OFlags},
    io::Errno,
};

use crate::error::FolderError;

/// Runs of zeros at least this long become holes in any file.
const LONG_RUN: usize = 64 * 1024;
/// Runs of zeros at least this long become holes in a file that had holes.
const BLOCK: usize = 4096;
/// Bytes copied at a time; a multiple of [`LONG_RUN`].
pub(crate) const BUFFER: usize = 256 * 1024;

/// A name in a directory, and what it is called to people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot<'a> {
    pub(crate) directory: BorrowedFd<'a>,
    pub(crate) name: &'a [u8],
    pub(crate) path: &'a str,
}

/// Something under a temporary name. Dropped, it goes away.
#[derive(Debug)]
pub(crate) struct Temp<'a> {
    spot: Spot<'a>,
    name: Vec<u8>,
    /// It was made here and has not got its final name.
    ours: bool,
}

impl<'a> Temp<'a> {
    /// The temporary name is made from the final one: what a killed restore left behind is found and removed when the same
    /// file is restored again.
    fn named(spot: Spot<'a>) -> Self {
        let name = format!(".backstay-{}.part", ContentHash::of(spot.name)).into_bytes();
        Self { spot, name, ours: false }
    }

    /// A new, empty file that only this user can read.
    ///
    /// # Errors
    /// When it cannot be made, or another restore is at it.
    pub(crate) fn file(spot: Spot<'a>) -> Result<(Self, OwnedFd), FolderError> {
        let mut temp = Self::named(spot);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let create = || rustix::fs::openat(spot.directory, temp.name.as_slice(), flags, Mode::RUSR | Mode::WUSR);
        let file = match create() {
            Err(Errno::EXIST) => temp.clear_leftover().map(|()| create())?,
            answer => answer,
        };
        let file = file.map_err(|error| FolderError::write(spot.path, error))?;
        temp.ours = true;
        // Tells others that this one is no leftover. File systems without locks do without.
        let _ = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive);
        Ok((temp, file))
    }

    /// A link holding `target`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn link(spot: Spot<'a>, target: &[u8]) -> Result<Self, FolderError> {
        let mut temp = Self::named(spot);
        let create = || rustix::fs::symlinkat(target, spot.directory, temp.name.as_slice());
        let answer = match create() {
            Err(Errno::EXIST) => temp.clear_leftover().map(|()| create())?,
            answer => answer,
        };
        answer.map_err(|error| FolderError::write(spot.path, error))?;
        temp.ours = true;
        Ok(temp)
    }

    pub(crate) fn name(&self) -> &[u8] {
        &self.name
    }

    fn clear_leftover(&self) -> Result<(), FolderError> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        if let Ok(old) = rustix::fs::openat(self.spot.directory, self.name.as_slice(), flags, Mode::empty())
            && rustix::fs::flock(&old, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK)
        {
            return Err(FolderError::Busy {
                path: self.spot.path.to_owned(),
            });
        }
        rustix::fs::unlinkat(self.spot.directory, self.name.as_slice(), AtFlags::empty())
            .map_err(|e| FolderError::write(self.spot.path, e))
    }

    /// Takes the final name if nothing has it.
    ///
    /// # Errors
    /// [`FolderError::Exists`], or why it failed.
    pub(crate) fn place_new(mut self) -> Result<(), FolderError> {
        let Spot { directory, name, path } = self.spot;
        rename_new(directory, &self.name, name).map_err(|error| match error {
            Errno::EXIST => FolderError::Exists { path: path.to_owned() },
            other => FolderError::write(path, other),
        })?;
        self.ours = false;
        Ok(())
    }

    /// Takes the final name from whatever has it.
    ///
    /// # Errors
    /// Why it failed.
    pub(crate) fn place_over(mut self) -> Result<(), FolderError> {
        let Spot { directory, name, path } = self.spot;
        rustix::fs::renameat(directory, self.name.as_slice(), directory, name).map_err(|error| match error {
            Errno::ISDIR | Errno::EXIST | Errno::NOTEMPTY => FolderError::DirectoryInTheWay { path: path.to_owned() },
            other => FolderError::write(path, other),
        })?;
        self.ours = false;
        Ok(())
    }
}

impl Drop for Temp<'_> {
    fn drop(&mut self) {
        if self.ours {
            // Nobody can be told here; a leftover is removed by the next restore of the same file.
            let _ = rustix::fs::unlinkat(self.spot.directory, self.name.as_slice(), AtFlags::empty());
        }
    }
}

/// Renames unless something has the name.
fn rename_new(directory: BorrowedFd<'_>, from: &[u8], to: &[u8]) -> rustix::io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    match rustix::fs::renameat_with(directory, from, directory, to, rustix::fs::RenameFlags::NOREPLACE) {
        // The file system does not know how; a hard link does the same in two steps.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
        answer => return answer,
    }
    rustix::fs::linkat(directory, from, directory, to, AtFlags::empty())?;
    rustix::fs::unlinkat(directory, from, AtFlags::empty())
}

/// Where a copy goes and how it looks.
pub(crate) struct Copy<'a> {
    pub(crate) file: &'a OwnedFd,
    pub(crate) path: &'a str,
    /// Bytes it must have.
    pub(crate) size: u64,
    /// The original had holes.
    pub(crate) sparse: bool,
    pub(crate) cancel: &'a Cancel,
}

impl Copy<'_> {
    /// Writes all of `content`, leaving out zeros, and hashes it.
    ///
    /// # Errors
    /// When the content cannot be read, is not as long as it should be, does not fit, or the job was cancelled.
    pub(crate) fn run(&self, content: &mut dyn Read, buffer: &mut Vec<u8>) -> backstay_source::Result<ContentHash> {
        buffer.resize(BUFFER, 0);
        let mut hasher = ContentHasher::default();
        let (mut at, mut written_to) = (0, 0);
        loop {
            self.cancel.check()?;
            // One byte more than expected is enough to know.
            let most = (self.size + 1).saturating_sub(at).min(BUFFER as u64);
            let most = usize::try_from(most).unwrap_or(BUFFER);
            let got = fill(content, &mut buffer[..most]).map_err(|source| FolderError::Content {
                path: self.path.to_owned(),
                source,
            })?;
            if got == 0 || at + got as u64 > self.size {
                at += got as u64;
                break;
            }
            hasher.update(&buffer[..got]);
            self.write_without_zeros(&buffer[..got], at, &mut written_to)?;
            at += got as u64;
        }
        if at != self.size {
            let (path, expected) = (self.path.to_owned(), self.size);
            return Err(FolderError::WrongLength { path, expected, got: at }.into());
        }
        if written_to != self.size {
            rustix::fs::ftruncate(self.file, self.size).map_err(|e| FolderError::write(self.path, e))?;
        }
        Ok(hasher.finish())
    }

    fn write_without_zeros(&self, bytes: &[u8], start: u64, written_to: &mut u64) -> Result<(), FolderError> {
        let step = if self.sparse { BLOCK } else { LONG_RUN };
        let mut from = 0;
        while from < bytes.len() {
            let zero = |at: usize| bytes[at..].get(..step).is_some_and(is_zero);
            if zero(from) {
                from += step;
                continue;
            }
            let mut to = (from + step).min(bytes.len());
            while to < bytes.len() && !zero(to) {
                to = (to + step).min(bytes.len());
            }
            self.write_at(&bytes[from..to], start + from as u64)?;
            *written_to = start + to as u64;
            from = to;
        }
        Ok(())
    }

    fn write_at(&self, mut bytes: &[u8], mut at: u64) -> Result<(), FolderError> {
        while !bytes.is_empty() {
            match rustix::io::pwrite(self.file.as_fd(), bytes, at) {
                Ok(0) => return Err(FolderError::write(self.path, Errno::NOSPC)),
                Ok(n) => {
                    bytes = &bytes[n..];
                    at += n as u64;
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(FolderError::write(self.path, error)),
            }
        }
        Ok(())
    }
}

/// Comparing a slice with itself shifted by one is a single fast comparison of memory.
fn is_zero(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0) && bytes[1..] == bytes[..bytes.len() - 1]
}

/// Reads until `buffer` is full or the content ends.
fn fill(content: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match content.read(&mut buffer[done..]) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
