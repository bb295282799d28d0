//! A file's content as a backup reads it: exactly as many bytes as were announced, and a word about it if the file changed
//! meanwhile.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicI32, AtomicU8, Ordering},
    },
};

use rustix::{fd::OwnedFd, io::Errno};

use crate::convert::Identity;

/// How reading went. The sink hands on errors in its own form, so the reader leaves its view of things here.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    state: AtomicU8,
    errno: AtomicI32,
}

/// What a [`Witness`] saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Nothing unusual; errors are not the file's.
    Nothing,
    /// The file changed, and reading it was given up.
    Changed,
    /// The file changed, and was delivered nevertheless, being the last attempt.
    ChangedButRead,
    /// The system failed to open or read it.
    Failed(Errno),
}

impl Witness {
    pub(crate) fn clear(&self) {
        self.state.store(0, Ordering::Relaxed);
    }

    pub(crate) fn changed(&self) {
        self.state.store(1, Ordering::Relaxed);
    }

    pub(crate) fn changed_but_read(&self) {
        self.state.store(2, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, error: Errno) {
        self.errno.store(error.raw_os_error(), Ordering::Relaxed);
        self.state.store(3, Ordering::Relaxed);
    }

    // Relaxed is enough: the sink reads on the thread that asks, or hands over by means of its own.
    pub(crate) fn seen(&self) -> Seen {
        match self.state.load(Ordering::Relaxed) {
            0 => Seen::Nothing,
            1 => Seen::Changed,
            2 => Seen::ChangedButRead,
            _ => Seen::Failed(Errno::from_raw_os_error(self.errno.load(Ordering::Relaxed))),
        }
    }
}

/// Reads `size` bytes of a file.
pub(crate) struct Content {
    file: OwnedFd,
    left: u64,
    expected: Identity,
    /// Deliver even if the file changes: better a mixed state, named as such, than none.
    last_attempt: bool,
    witness: Arc<Witness>,
}

/// From this size on the system is told that the file will be read from start to end.
const WORTH_ADVISING: u64 = 256 * 1024;

impl Content {
    pub(crate) fn new(file: OwnedFd, size: u64, expected: Identity, last_attempt: bool, witness: Arc<Witness>) -> Self {
        #[cfg(not(target_vendor = "apple"))]
        if size >= WORTH_ADVISING {
            // Advice only; a file system that does not take it reads as well.
            let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::Sequential);
        }
        Self {
            file,
            left: size,
            expected,
            last_attempt,
            witness,
        }
    }

    /// After the last byte, before it is handed out: is the file still what was announced?
    fn check(&self) -> io::Result<()> {
        let now = rustix::fs::fstat(&self.file).map_err(|e| self.fail(e))?;
        if Identity::of(&now) == self.expected {
            return Ok(());
        }
        if self.last_attempt {
            self.witness.changed_but_read();
            return Ok(());
        }
        self.witness.changed();
        Err(io::Error::other("changed while being read"))
    }

    fn fail(&self, error: Errno) -> io::Error {
        self.witness.failed(error);
        error.into()
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let mut done = 0;
        while done < most {
            match rustix::io::read(&self.file, &mut buffer[done..most]) {
                Ok(0) => {
                    self.witness.changed();
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "became shorter while being read",
                    ));
                }
                Ok(n) => done += n,
                Err(Errno::INTR) => {}
                Err(error) => return Err(self.fail(error)),
            }
        }
        self.left -= done as u64;
        if self.left == 0 && done > 0 {
            self.check()?;
        }
        Ok(done)
    }
}
