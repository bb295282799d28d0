//! Collects sealed blobs into packs, content and directories apart.

use std::sync::Arc;

use crossbeam_channel::Sender;
use parking_lot::Mutex;

use super::session::Session;
use super::upload::Full;
use crate::VaultError;
use crate::pack::{BlobKind, PackBlob};

/// Most blobs in a pack: its header stays small, and so does what is lost with it.
const MOST_BLOBS: usize = 20_000;

/// A pack that is being filled.
#[derive(Debug, Default)]
struct Packer {
    content: Vec<u8>,
    blobs: Vec<PackBlob>,
}

/// One pack for each kind of blob.
#[derive(Debug)]
pub(super) struct Packers {
    session: Arc<Session>,
    open: [Mutex<Packer>; 2],
    upload: Sender<Full>,
}

impl Packers {
    pub(super) fn new(session: Arc<Session>, upload: Sender<Full>) -> Self {
        Self {
            session,
            open: Default::default(),
            upload,
        }
    }

    /// Adds sealed blobs, which lie one behind the other in `sealed`; uploads the pack when it is full.
    pub(super) fn add(&self, kind: BlobKind, sealed: &[u8], blobs: &[PackBlob]) {
        let limit = self.session.options.pack_size / if kind == BlobKind::Tree { 4 } else { 1 };
        // Held while the full pack waits for the uploading thread: otherwise every worker could wait with one of its own.
        let mut packer = self.open[kind as usize].lock();
        if packer.content.capacity() == 0 {
            // What comes is most often little: a pack of full size is reserved only when one was filled before.
            let likely = if self.session.stats.get().packs > 0 {
                limit + (2 << 20)
            } else {
                0
            };
            packer.content.reserve(likely.max(sealed.len()));
        }
        let mut offset = u32::try_from(packer.content.len()).unwrap_or(u32::MAX);
        for blob in blobs {
            packer.blobs.push(PackBlob { offset, ..*blob });
            offset = offset.saturating_add(blob.length);
        }
        packer.content.extend_from_slice(sealed);
        if packer.content.len() >= limit || packer.blobs.len() >= MOST_BLOBS {
            self.upload(std::mem::take(&mut *packer));
        }
    }

    /// Uploads what has been collected.
    pub(super) fn flush(&self) {
        for packer in &self.open {
            let rest = std::mem::take(&mut *packer.lock());
            if !rest.blobs.is_empty() && !self.session.has_failed() {
                self.upload(rest);
            }
        }
    }

    fn upload(&self, packer: Packer) {
        if self
            .upload
            .send(Full {
                content: packer.content,
                blobs: packer.blobs,
            })
            .is_err()
        {
            let message = "the uploading thread has ended".to_owned();
            self.session.fail(VaultError::Engine {
                what: "storing",
                message,
            });
        }
    }
}
