//! Writes full packs to the place, reads them back, and keeps the index of what was written.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::options::Verify;
use super::pipeline::thread_error;
use super::session::Session;
use crate::index::IndexWriter;
use crate::pack::{PackBlob, append_header, read_header};
use crate::place::{FileKind, PlaceError};
use crate::{Damage, Id, Result, VaultError, file};

/// An index file is written after so many packs, so many blobs, or so long: what a killed run stored before is not lost.
const INDEX_PACKS: usize = 30;
const INDEX_BLOBS: usize = 40_000;
const INDEX_TIME: Duration = Duration::from_secs(5 * 60);

/// A pack that is complete but for its header.
pub(super) struct Full {
    pub(super) content: Vec<u8>,
    pub(super) blobs: Vec<PackBlob>,
}

/// The uploading thread.
#[derive(Debug)]
pub(super) struct Uploader {
    packs: Option<Sender<Full>>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Uploader {
    pub(super) fn start(session: Arc<Session>) -> Result<Self> {
        // No queue: one pack is written, one waits, and one is filled.
        let (packs, receive) = bounded(0);
        let (stop, stopped) = bounded(0);
        let thread = std::thread::Builder::new().name("vault-upload".to_owned()).spawn(move || {
            run(&session, &receive, &stopped);
        });
        Ok(Self {
            packs: Some(packs),
            stop: Some(stop),
            thread: Some(thread.map_err(|e| thread_error(&e))?),
        })
    }

    /// Where full packs go to.
    pub(super) fn sender(&self) -> Sender<Full> {
        self.packs.clone().unwrap_or_else(|| bounded(0).0)
    }

    /// Ends the thread once all packs are written and indexed. Nobody may be sending any more.
    pub(super) fn finish(&mut self, session: &Session) {
        drop(self.packs.take());
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            session.fail(VaultError::Engine {
                what: "storing",
                message: "the uploading thread ended early".to_owned(),
            });
        }
    }
}

fn run(session: &Session, packs: &Receiver<Full>, stopped: &Receiver<()>) {
    let mut index = IndexWriter::default();
    let mut since = Instant::now();
    loop {
        let full = crossbeam_channel::select! {
            recv(packs) -> full => full.ok(),
            recv(stopped) -> _ => None,
        };
        let Some(full) = full else { break };
        if session.has_failed() {
            continue;
        }
        match upload(session, full) {
            Ok((id, blobs)) => index.add(id, &blobs),
            Err(e) => session.fail(e),
        }
        if index.packs() >= INDEX_PACKS || index.blobs() >= INDEX_BLOBS || since.elapsed() > INDEX_TIME {
            save(session, &mut index);
            since = Instant::now();
        }
    }
    // After a failure too: the packs that are whole are found by the next run.
    save(session, &mut index);
}

/// Writes what was collected as an index file. A pack that someone has removed in the meantime must not be in it: the
/// vault would be damaged, even if no snapshot needs it.
fn save(session: &Session, index: &mut IndexWriter) {
    let vault = &session.vault;
    let mut unknown = None;
    let missing = index.take_missing(|id| match vault.place().size(FileKind::Pack, id) {
        Ok(size) => size.is_some(),
        Err(e) => {
            unknown = Some(e);
            false
        }
    });
    if let Some(e) = unknown {
        session.fail(e.into());
    } else if let Some(first) = missing.first() {
        session.fail(VaultError::PacksVanished {
            count: missing.len(),
            first: *first,
        });
    }
    if index.packs() == 0 {
        return;
    }
    let saved = std::mem::take(index).to_json().and_then(|json| {
        file::write(
            &**vault.place(),
            vault.master_key(),
            vault.config().version,
            FileKind::Index,
            &json,
        )
    });
    if let Err(e) = saved {
        session.fail(e);
    }
}

/// Closes a pack, writes it and reads it back.
fn upload(session: &Session, mut full: Full) -> Result<(Id, Vec<PackBlob>)> {
    let vault = &session.vault;
    append_header(vault.master_key(), &mut full.content, &full.blobs)?;
    let id = file::hash(&full.content);
    let size = full.content.len() as u64;
    vault.place().write(FileKind::Pack, &id, &full.content)?;
    verify(session, &id, &mut full)?;
    session.written.lock().insert(id, size);
    session.stats.packs.fetch_add(1, Ordering::Relaxed);
    Ok((id, full.blobs))
}

/// Compares what lies at the place with what was written.
fn verify(session: &Session, id: &Id, full: &mut Full) -> Result<()> {
    let place = &**session.vault.place();
    let unfaithful = |damage| VaultError::WriteNotFaithful { pack: *id, damage };
    // Written and gone again: someone who prunes has broken our lock.
    let vanished = || VaultError::PacksVanished { count: 1, first: *id };
    let size = full.content.len() as u64;
    match place.size(FileKind::Pack, id)? {
        None => return Err(vanished()),
        Some(there) if there != size => return Err(unfaithful(Damage::Truncated)),
        Some(_) => {}
    }
    if session.options.verify == Verify::Whole {
        let length = full.content.len();
        // Into the same memory: what was written is known by its hash.
        match place.read_range(FileKind::Pack, id, 0, length, &mut full.content) {
            Ok(()) if file::hash(&full.content) == *id => {}
            Ok(()) => return Err(unfaithful(Damage::Hash)),
            Err(PlaceError::TooShort { .. }) => return Err(unfaithful(Damage::Truncated)),
            Err(e) if e.is_not_found() => return Err(vanished()),
            Err(e) => return Err(e.into()),
        }
    }
    match read_header(place, session.vault.master_key(), id, size) {
        Ok(blobs) if blobs == full.blobs => Ok(()),
        Ok(_) => Err(unfaithful(Damage::Structure)),
        Err(VaultError::FileDamaged { damage, .. }) => Err(unfaithful(damage)),
        Err(VaultError::Place(e)) if e.is_not_found() => Err(vanished()),
        Err(e) => Err(e),
    }
}
