//! The threads behind a writer: workers that compress and seal, one that uploads; and the batches that go to them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;

use super::packer::Packers;
use super::session::Session;
use super::upload::Uploader;
use crate::key::OVERHEAD;
use crate::pack::{BlobKind, PackBlob};
use crate::{Id, Result, VaultError, file};

/// Blobs up to this size travel together: handing over each by itself would cost more than compressing it.
const SMALL: usize = 256 << 10;
/// Size of such a batch.
const BATCH: usize = 512 << 10;

/// New blobs on their way to a worker.
#[derive(Debug)]
struct Batch {
    kind: BlobKind,
    /// Their content, one behind the other.
    content: Vec<u8>,
    blobs: Vec<(Id, u32)>,
}

/// The threads of a writer.
#[derive(Debug)]
pub(super) struct Pipeline {
    session: Arc<Session>,
    batches: Option<Sender<Batch>>,
    pending: Mutex<[Batch; 2]>,
    spare: Arc<Spare>,
    packers: Arc<Packers>,
    workers: Vec<JoinHandle<()>>,
    uploader: Uploader,
}

/// Buffers to be used again: fresh ones of megabytes cost a page fault every 4 KiB.
#[derive(Debug, Default)]
pub(super) struct Spare(Mutex<Vec<Vec<u8>>>);

impl Spare {
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.lock().pop().unwrap_or_default()
    }

    pub(super) fn give(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut spare = self.0.lock();
        // A few of ordinary size; a 500 MiB one must not stay.
        if spare.len() < 4 && buffer.capacity() <= 5 << 20 {
            spare.push(buffer);
        }
    }
}

impl Batch {
    fn new(kind: BlobKind, content: Vec<u8>) -> Self {
        Self {
            kind,
            content,
            blobs: Vec::new(),
        }
    }
}

impl Pipeline {
    /// Starts the threads.
    pub(super) fn start(session: Arc<Session>) -> Result<Self> {
        let processors = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
        let threads = session.options.threads.unwrap_or(processors).max(1);
        let uploader = Uploader::start(session.clone())?;
        let packers = Arc::new(Packers::new(session.clone(), uploader.sender()));
        let spare = Arc::new(Spare::default());
        let (send, receive) = bounded(threads);
        let mut workers = Vec::new();
        for _ in 0..threads {
            let worker = Worker {
                session: session.clone(),
                packers: packers.clone(),
                spare: spare.clone(),
                batches: receive.clone(),
            };
            let thread = std::thread::Builder::new()
                .name("vault-pack".to_owned())
                .spawn(move || worker.run());
            workers.push(thread.map_err(|e| thread_error(&e))?);
        }
        let pending = Mutex::new([Batch::new(BlobKind::Data, Vec::new()), Batch::new(BlobKind::Tree, Vec::new())]);
        Ok(Self {
            session,
            batches: Some(send),
            pending,
            spare,
            packers,
            workers,
            uploader,
        })
    }

    /// A buffer to fill.
    pub(super) fn spare(&self) -> &Spare {
        &self.spare
    }

    /// Stores a blob unless it is stored already; gives its id.
    pub(super) fn store(&self, kind: BlobKind, content: Vec<u8>) -> Result<Id> {
        let id = file::hash(&content);
        if self.session.claim(kind, &id) {
            if content.len() <= SMALL {
                self.add_small(kind, id, &content)?;
            } else {
                self.add_large(kind, id, content)?;
            }
        }
        Ok(id)
    }

    /// As [`Self::store`], from a borrowed slice.
    pub(super) fn store_slice(&self, kind: BlobKind, content: &[u8]) -> Result<Id> {
        let id = file::hash(content);
        if self.session.claim(kind, &id) {
            if content.len() <= SMALL {
                self.add_small(kind, id, content)?;
            } else {
                let mut buffer = self.spare.take();
                buffer.extend_from_slice(content);
                self.add_large(kind, id, buffer)?;
            }
        }
        Ok(id)
    }

    fn add_large(&self, kind: BlobKind, id: Id, content: Vec<u8>) -> Result<()> {
        let length = length(content.len())?;
        self.send(Batch {
            kind,
            content,
            blobs: vec![(id, length)],
        })
    }

    fn add_small(&self, kind: BlobKind, id: Id, content: &[u8]) -> Result<()> {
        let length = length(content.len())?;
        let full = {
            let mut pending = self.pending.lock();
            let batch = &mut pending[kind as usize];
            batch.content.extend_from_slice(content);
            batch.blobs.push((id, length));
            if batch.content.len() < BATCH {
                return Ok(());
            }
            std::mem::replace(batch, Batch::new(kind, self.spare.take()))
        };
        self.send(full)
    }

    /// Hands over a batch; waits while the workers are busy.
    fn send(&self, batch: Batch) -> Result<()> {
        let sent = self.batches.as_ref().is_some_and(|batches| batches.send(batch).is_ok());
        if !sent {
            let message = "the threads have ended".to_owned();
            self.session.fail(VaultError::Engine {
                what: "storing",
                message,
            });
        }
        Ok(())
    }

    /// Stores everything that is still under way, and the index. The first failure, if any, is in the session.
    pub(super) fn finish(&mut self) {
        for kind in [BlobKind::Data, BlobKind::Tree] {
            let last = std::mem::replace(&mut self.pending.lock()[kind as usize], Batch::new(kind, Vec::new()));
            if !last.blobs.is_empty() {
                let _ = self.send(last);
            }
        }
        self.join_workers();
        self.packers.flush();
        self.uploader.finish(&self.session);
    }

    fn join_workers(&mut self) {
        drop(self.batches.take());
        for worker in self.workers.drain(..) {
            if worker.join().is_err() {
                let message = "a thread ended early".to_owned();
                self.session.fail(VaultError::Engine {
                    what: "storing",
                    message,
                });
            }
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.join_workers();
        self.uploader.finish(&self.session);
    }
}

pub(super) fn thread_error(error: &std::io::Error) -> VaultError {
    VaultError::Engine {
        what: "starting a thread",
        message: error.to_string(),
    }
}

/// A length as the format counts it, with room for the seal and a pack around it.
fn length(length: usize) -> Result<u32> {
    let fits = u32::try_from(length).ok().filter(|length| *length <= u32::MAX / 2);
    fits.ok_or_else(|| VaultError::Engine {
        what: "storing",
        message: format!("a blob of {length} bytes"),
    })
}

/// Compresses and seals.
struct Worker {
    session: Arc<Session>,
    packers: Arc<Packers>,
    spare: Arc<Spare>,
    batches: Receiver<Batch>,
}

impl Worker {
    fn run(&self) {
        let mut scratch = Vec::new();
        let mut compressor = zstd::bulk::Compressor::new(self.session.options.level).map_err(|e| thread_error(&e));
        for batch in &self.batches {
            // After a failure batches are taken and dropped, so that nobody waits for ever.
            if !self.session.has_failed() {
                let done = match &mut compressor {
                    Ok(compressor) => self.seal(&batch, compressor, &mut scratch),
                    Err(_) => Err(VaultError::Engine {
                        what: "compressing",
                        message: "no memory".to_owned(),
                    }),
                };
                if let Err(e) = done {
                    self.session.fail(e);
                }
            }
            self.spare.give(batch.content);
        }
    }

    /// Seals all blobs of a batch into `scratch` and adds them to a pack.
    fn seal(&self, batch: &Batch, compressor: &mut zstd::bulk::Compressor<'static>, scratch: &mut Vec<u8>) -> Result<()> {
        let compresses = self.session.vault.config().version > 1;
        let mut packed = Vec::with_capacity(batch.blobs.len());
        let (mut read, mut written) = (0, 0);
        for (id, length) in &batch.blobs {
            let content = &batch.content[read..read + *length as usize];
            read += content.len();
            let room = zstd::zstd_safe::compress_bound(content.len()).max(content.len()) + OVERHEAD;
            if scratch.len() < written + room {
                scratch.resize(written + room, 0);
            }
            let target = &mut scratch[written..written + room];
            let body = OVERHEAD / 2;
            let compressed = if compresses {
                compress(compressor, content, &mut target[body..])?
            } else {
                None
            };
            let raw_length = if compressed.is_some() { *length } else { 0 };
            let used = compressed.unwrap_or_else(|| {
                target[body..body + content.len()].copy_from_slice(content);
                content.len()
            }) + OVERHEAD;
            self.session.vault.master_key().seal_slice(&mut target[..used])?;
            let sealed = u32::try_from(used).unwrap_or(u32::MAX);
            packed.push(PackBlob {
                id: *id,
                kind: batch.kind,
                offset: 0,
                length: sealed,
                raw_length,
            });
            written += used;
        }
        self.count(batch, written);
        self.packers.add(batch.kind, &scratch[..written], &packed);
        if scratch.len() > 8 << 20 {
            *scratch = Vec::new();
        }
        Ok(())
    }

    fn count(&self, batch: &Batch, stored: usize) {
        let stats = &self.session.stats;
        let blobs = if batch.kind == BlobKind::Tree {
            &stats.tree_blobs
        } else {
            &stats.data_blobs
        };
        blobs.fetch_add(batch.blobs.len() as u64, Ordering::Relaxed);
        stats.bytes_new.fetch_add(batch.content.len() as u64, Ordering::Relaxed);
        stats.bytes_stored.fetch_add(stored as u64, Ordering::Relaxed);
    }
}

/// Compresses; `None` when that does not make it shorter.
fn compress(compressor: &mut zstd::bulk::Compressor<'static>, content: &[u8], target: &mut [u8]) -> Result<Option<usize>> {
    let failed = |e: std::io::Error| VaultError::Engine {
        what: "compressing",
        message: e.to_string(),
    };
    let length = compressor.compress_to_buffer(content, target).map_err(failed)?;
    Ok((length < content.len()).then_some(length))
}
