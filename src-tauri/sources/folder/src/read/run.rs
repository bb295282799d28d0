//! A backup run: one thread goes through the directories, some more read what is in them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use backstay_model::{FileEntry, Gap};
use backstay_source::{FileHint, Result, Sink, SourceError};
use crossbeam_channel::Sender;
use parking_lot::Mutex;

use super::worker::Worker;
use crate::{
    error::FolderError,
    list::{Entered, Entry, Lister, Names, Node},
};

/// Threads that read files. Reading waits for disks and the sink for others, so more than there are processors.
const READERS: usize = 4;
/// Files a reader takes at a time: few enough to share large files fairly, enough not to talk more than to work.
const BATCH: usize = 32;
/// Batches waiting to be read. Bounds how far the listing runs ahead, and with it memory and open handles.
const WAITING: usize = 64;

/// Some files of one directory.
pub(crate) struct Batch {
    pub(crate) node: Arc<Node>,
    pub(crate) names: Arc<Names>,
    pub(crate) range: std::ops::Range<usize>,
}

/// What the threads of a run share.
pub(crate) struct Run<'a> {
    pub(crate) lister: &'a Lister,
    pub(crate) sink: &'a dyn Sink,
    stopped: AtomicBool,
    /// The first error that ends the run.
    failure: Mutex<Option<SourceError>>,
}

impl Run<'_> {
    /// Whether the run is to end.
    pub(crate) fn is_over(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Ends the run because of `error`; the first one counts.
    pub(crate) fn fail(&self, error: SourceError) {
        self.failure.lock().get_or_insert(error);
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(crate) fn gap(&self, error: FolderError) {
        self.sink.gap(to_gap(error));
    }

    /// One piece of work of a directory is done. Leaves every directory, from the inside out, whose last piece it was.
    pub(crate) fn end(&self, node: &Arc<Node>) {
        let mut node = node;
        while node.end() {
            // The folder itself is no entry of its own.
            let Some(parent) = &node.parent else { return };
            if !self.is_over()
                && let Err(error) = self.sink.leave_directory(&node.path)
            {
                self.fail(error);
            }
            node = parent;
        }
    }
}

/// An error as the gap of a run that goes on.
pub(crate) fn to_gap(error: FolderError) -> Gap {
    SourceError::from(error).to_gap()
}

/// Gives everything in the folder to `sink`.
///
/// # Errors
/// When the folder itself cannot be read, the sink failed, or the job was cancelled.
pub(crate) fn run(mut lister: Lister, sink: &dyn Sink) -> Result<()> {
    let root = lister.enter_root()?;
    let run = Run {
        lister: &lister,
        sink,
        stopped: AtomicBool::new(false),
        failure: Mutex::new(None),
    };
    let (send, receive) = crossbeam_channel::bounded::<Batch>(WAITING);
    thread::scope(|scope| {
        for _ in 0..READERS {
            let (run, receive) = (&run, receive.clone());
            scope.spawn(move || Worker::new(run).work(&receive));
        }
        drop(receive);
        let mut walker = Walker {
            run: &run,
            send,
            stack: vec![root],
        };
        if let Err(error) = walker.walk() {
            run.fail(error);
        }
    });
    match run.failure.into_inner() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Goes through the directories depth first and hands their files out.
struct Walker<'a> {
    run: &'a Run<'a>,
    send: Sender<Batch>,
    stack: Vec<Entered>,
}

impl Walker<'_> {
    fn walk(&mut self) -> Result<()> {
        while let Some(top) = self.stack.last_mut() {
            self.run.sink.cancel().check()?;
            if self.run.is_over() {
                return Ok(());
            }
            let Some(name) = top.names.list.get(top.next).copied() else {
                if let Some(done) = self.stack.pop() {
                    self.leave(&done);
                }
                continue;
            };
            let (node, names) = (Arc::clone(&top.node), Arc::clone(&top.names));
            if name.is_dir {
                top.next += 1;
                self.directory(&node, names.bytes(name), name.taken)?;
            } else {
                let range = names.files_from(top.next, BATCH);
                top.next = range.end;
                self.announce()?;
                node.begin();
                let batch = Batch { node, names, range };
                if self.send.send(batch).is_err() {
                    // The readers only go away after a failure, which is on record.
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn directory(&mut self, parent: &Arc<Node>, name: &[u8], taken: bool) -> Result<()> {
        match self.run.lister.enter(parent, name, taken) {
            Entry::Open(entered) => {
                parent.begin();
                self.stack.push(entered);
                if taken {
                    self.announce()?;
                }
            }
            Entry::Closed(entry, error) => {
                if taken {
                    self.announce()?;
                    give(self.run.sink, &entry)?;
                    self.run.sink.leave_directory(&entry.path)?;
                }
                if let Some(error) = error {
                    self.run.gap(error);
                }
            }
            Entry::Lost(error) => self.run.gap(error),
        }
        Ok(())
    }

    /// Gives the directories on the stack that were not given yet: parents always come before their content.
    fn announce(&mut self) -> Result<()> {
        // Only the last ones can be waiting: whoever announces a directory has announced those above it.
        let first = self.stack.iter().rposition(|e| e.entry.is_none()).map_or(0, |at| at + 1);
        for entered in &mut self.stack[first..] {
            if let Some(entry) = entered.entry.take() {
                give(self.run.sink, &entry)?;
            }
        }
        Ok(())
    }

    fn leave(&self, done: &Entered) {
        if done.entry.is_some() {
            // Nothing in it was wanted, so it was never given and cannot be left.
            if done.node.end()
                && let Some(parent) = &done.node.parent
            {
                self.run.end(parent);
            }
            return;
        }
        self.run.end(&done.node);
    }
}

/// Gives an entry that has no content.
pub(crate) fn give(sink: &dyn Sink, entry: &FileEntry) -> Result<()> {
    sink.file(entry, FileHint::Plain, &mut || Ok(Box::new(std::io::empty())))?;
    Ok(())
}
