//! What a reading thread does with one file: look, announce, read, and look again whether it stayed the same.

use std::{io::Read, sync::Arc};

use backstay_model::FileEntry;
use backstay_source::{FileHint, Result, SourceError};
use crossbeam_channel::Receiver;
use rustix::{
    fd::{AsFd, BorrowedFd},
    fs::{AtFlags, FileType, Stat},
    io::Errno,
    process::geteuid,
};

use super::{
    content::{Content, Seen, Witness},
    run::{Batch, Run, give},
};
use crate::{
    client,
    convert::{self, Identity},
    error::FolderError,
};

/// How often a file that changes under the reading is tried.
const ATTEMPTS: u32 = 3;

/// One reading thread.
pub(crate) struct Worker<'a> {
    run: &'a Run<'a>,
    witness: Arc<Witness>,
    user: u32,
}

/// A file at hand.
struct Candidate<'a> {
    directory: BorrowedFd<'a>,
    name: &'a [u8],
    path: String,
}

/// What one attempt to give a file came to.
enum Attempt {
    Done,
    Again,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(run: &'a Run<'a>) -> Self {
        Self {
            run,
            witness: Arc::new(Witness::default()),
            user: geteuid().as_raw(),
        }
    }

    /// Takes batches until there are no more. After a failure they are only counted off.
    pub(crate) fn work(&self, batches: &Receiver<Batch>) {
        for batch in batches {
            if !self.run.is_over()
                && let Err(error) = self.batch(&batch)
            {
                self.run.fail(error);
            }
            self.run.end(&batch.node);
        }
    }

    fn batch(&self, batch: &Batch) -> Result<()> {
        let handle = match batch.node.handle() {
            Ok(handle) => handle,
            Err(error) => {
                // A very deep directory that could be listed and cannot be opened again: nothing of the batch is there.
                let path = batch.node.path.clone();
                self.run.gap(match error {
                    Errno::NOENT => FolderError::Gone { path },
                    other => FolderError::read(&path, other),
                });
                return Ok(());
            }
        };
        for name in &batch.names.list[batch.range.clone()] {
            if self.run.is_over() {
                return Ok(());
            }
            self.run.sink.cancel().check()?;
            let name = batch.names.bytes(*name);
            self.one(&Candidate {
                directory: handle.as_fd(),
                name,
                path: convert::join(&batch.node.path, name),
            })?;
        }
        Ok(())
    }

    fn one(&self, file: &Candidate<'_>) -> Result<()> {
        for attempt in 1..=ATTEMPTS {
            let stat = match rustix::fs::statat(file.directory, file.name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                Err(error) => {
                    self.run.gap(lost(&file.path, error));
                    return Ok(());
                }
            };
            match convert::file_type(&stat) {
                FileType::RegularFile => match self.file(file, &stat, attempt == ATTEMPTS)? {
                    Attempt::Done => return Ok(()),
                    Attempt::Again => {}
                },
                FileType::Symlink => return self.link(file, &stat),
                FileType::Directory => {
                    let path = file.path.clone();
                    self.run.gap(FolderError::BecameOther { path });
                    return Ok(());
                }
                _ => {
                    self.special(file, &stat);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn link(&self, file: &Candidate<'_>, stat: &Stat) -> Result<()> {
        match client::link_target(file.directory, file.name) {
            Ok(target) => give(self.run.sink, &convert::entry(file.path.clone(), stat, Some(&target))),
            // EINVAL: it is no link any more.
            Err(Errno::INVAL) => {
                let path = file.path.clone();
                self.run.gap(FolderError::BecameOther { path });
                Ok(())
            }
            Err(error) => {
                self.run.gap(lost(&file.path, error));
                Ok(())
            }
        }
    }

    fn special(&self, file: &Candidate<'_>, stat: &Stat) {
        if !self.run.lister.config.skip_special {
            self.run.gap(FolderError::Special {
                path: file.path.clone(),
                what: convert::special_name(stat),
            });
        }
    }

    fn file(&self, file: &Candidate<'_>, stat: &Stat, last: bool) -> Result<Attempt> {
        self.witness.clear();
        let entry = convert::entry(file.path.clone(), stat, None);
        let identity = Identity::of(stat);
        let mut open = || self.open(file, &entry, identity, last);
        let answer = self.run.sink.file(&entry, FileHint::Plain, &mut open);
        match (answer, self.witness.seen()) {
            (Ok(_), Seen::ChangedButRead) => {
                let path = entry.path;
                self.run.gap(FolderError::Unsettled { path });
            }
            (Ok(_), _) => {}
            (Err(error), Seen::Nothing | Seen::ChangedButRead) => return Err(error),
            (Err(_), Seen::Changed) if !last => return Ok(Attempt::Again),
            (Err(_), Seen::Changed) => {
                let kept = self.run.sink.keep(&entry.path)?;
                let path = entry.path;
                self.run.gap(FolderError::Shrinking { path, kept });
            }
            // A link that took the file's place: what it is now is looked at again.
            (Err(_), Seen::Failed(Errno::LOOP)) if !last => return Ok(Attempt::Again),
            (Err(_), Seen::Failed(error)) => self.run.gap(lost(&entry.path, error)),
        }
        Ok(Attempt::Done)
    }

    fn open(&self, file: &Candidate<'_>, entry: &FileEntry, announced: Identity, last: bool) -> Result<Box<dyn Read + Send>> {
        let failed = |error: Errno| {
            self.witness.failed(error);
            SourceError::from(lost(&file.path, error))
        };
        let own = self.user == 0 || entry.meta.uid == Some(self.user);
        let opened = client::open_file(file.directory, file.name, own).map_err(failed)?;
        let stat = rustix::fs::fstat(&opened).map_err(failed)?;
        if Identity::of(&stat) != announced && !last {
            self.witness.changed();
            return Err(FolderError::BecameOther { path: file.path.clone() }.into());
        }
        let witness = Arc::clone(&self.witness);
        if entry.size == 0 && Identity::of(&stat) != announced {
            // Nothing will be read of an empty file, so this is the only look at it.
            witness.changed_but_read();
        }
        Ok(Box::new(Content::new(opened, entry.size, announced, last, witness)))
    }
}

/// Why something that was listed could not be read.
fn lost(path: &str, error: Errno) -> FolderError {
    match error {
        Errno::NOENT | Errno::NOTDIR => FolderError::Gone { path: path.to_owned() },
        other => FolderError::read(path, other),
    }
}
