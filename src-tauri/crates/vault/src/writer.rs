//! Writes snapshots: files in any order and from several threads at once, packed, sealed and verified; the snapshot
//! itself last, and only if nothing is missing.
//!
//! The caller's thread reads, cuts and hashes; workers compress and seal; one thread hashes packs, writes them, reads
//! them back and keeps the index. All queues are bounded, so that a fast source waits for a slow place.

mod commit;
mod content;
mod directories;
mod options;
mod packer;
mod pipeline;
mod session;
mod upload;

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use parking_lot::Mutex;

use crate::lock::LockGuard;
use crate::node::FileAttrs;
use crate::pack::BlobKind;
use crate::vault::Vault;
use crate::{Id, Node, NodeKind, Result, VaultError};

use directories::Directories;
pub use options::{Chunking, SnapshotDraft, Verify, WriteStats, WriterOptions, Written};
use pipeline::Pipeline;
use session::Session;

/// Writes one snapshot. All methods but the last take `&self` and may be called from several threads.
///
/// Dropping it without [`Writer::commit`] leaves no snapshot; content stored so far is found again by the next run.
#[derive(Debug)]
pub struct Writer {
    session: Arc<Session>,
    pipeline: Pipeline,
    directories: Mutex<Directories>,
    /// Files that failed.
    gaps: Mutex<BTreeSet<Vec<u8>>>,
    lock: LockGuard,
}

impl Writer {
    pub(crate) fn start(vault: Vault, options: WriterOptions) -> Result<Self> {
        let lock = vault.lock_shared()?;
        let session = Arc::new(Session::start(vault, options)?);
        let pipeline = Pipeline::start(session.clone())?;
        Ok(Self {
            session,
            pipeline,
            directories: Mutex::default(),
            gaps: Mutex::default(),
            lock,
        })
    }

    /// Stores a file. `size` is what `reader` will deliver, to the byte.
    ///
    /// # Errors
    /// When reading fails ([`VaultError::Source`]) or delivers another number of bytes ([`VaultError::SizeChanged`]):
    /// the file is then not in the snapshot, and [`Writer::commit`] refuses unless its path is named as a gap.
    /// [`VaultError::Poisoned`] when storing failed.
    pub fn put_file(
        &self,
        path: impl AsRef<[u8]>,
        attrs: &FileAttrs,
        size: u64,
        reader: &mut dyn Read,
        chunking: Chunking,
    ) -> Result<Node> {
        let path = path.as_ref();
        self.session.check()?;
        let stored = self.put_content(path, attrs, size, reader, chunking);
        let mut gaps = self.gaps.lock();
        match &stored {
            Ok(_) if gaps.is_empty() => {}
            // It failed before and was tried again.
            Ok(_) => _ = gaps.remove(path),
            Err(_) => _ = gaps.insert(path.to_vec()),
        }
        stored
    }

    fn put_content(&self, path: &[u8], attrs: &FileAttrs, size: u64, reader: &mut dyn Read, chunking: Chunking) -> Result<Node> {
        let name = directories::name_of(path)?;
        let content = content::store(&self.session, &self.pipeline, path, size, reader, chunking)?;
        self.put_node(path, node(name, NodeKind::File, attrs, size, content))
    }

    /// Adds and counts a file whose content is stored.
    fn put_node(&self, path: &[u8], node: Node) -> Result<Node> {
        self.directories.lock().put(path, &node)?;
        self.session.stats.files.fetch_add(1, Ordering::Relaxed);
        self.session.stats.bytes_read.fetch_add(node.size, Ordering::Relaxed);
        Ok(node)
    }

    /// Stores a file from memory.
    ///
    /// # Errors
    /// As [`Writer::put_file`].
    pub fn put_bytes(&self, path: impl AsRef<[u8]>, attrs: &FileAttrs, mut content: &[u8], chunking: Chunking) -> Result<Node> {
        let size = content.len() as u64;
        self.put_file(path, attrs, size, &mut content, chunking)
    }

    /// Stores a file from memory as one blob, without copying it if nobody else holds it.
    ///
    /// # Errors
    /// When the path was given before, the content is larger than 512 MiB, or storing failed.
    pub fn put_whole(&self, path: impl AsRef<[u8]>, attrs: &FileAttrs, content: Bytes) -> Result<Node> {
        let size = content.len() as u64;
        if content.is_empty() || size > content::WHOLE {
            return self.put_bytes(path, attrs, &content, Chunking::Whole);
        }
        let path = path.as_ref();
        self.session.check()?;
        let name = directories::name_of(path)?;
        let id = self.pipeline.store(BlobKind::Data, content.into())?;
        self.put_node(path, node(name, NodeKind::File, attrs, size, vec![id]))
    }

    /// Adds a directory, or gives attributes to one that exists because of what is in it.
    ///
    /// # Errors
    /// When the path was given before.
    pub fn put_dir(&self, path: impl AsRef<[u8]>, attrs: &FileAttrs) -> Result<()> {
        self.session.check()?;
        self.directories.lock().put_directory(path.as_ref(), attrs)
    }

    /// Adds a symbolic link.
    ///
    /// # Errors
    /// When the path was given before.
    pub fn put_symlink(&self, path: impl AsRef<[u8]>, attrs: &FileAttrs, target: impl AsRef<[u8]>) -> Result<Node> {
        self.session.check()?;
        let path = path.as_ref();
        let kind = NodeKind::Symlink {
            target: target.as_ref().to_vec(),
        };
        let node = node(directories::name_of(path)?, kind, attrs, 0, Vec::new());
        self.directories.lock().put(path, &node)?;
        Ok(node)
    }

    /// Takes over a file or a whole directory of an earlier snapshot of this vault without reading it. Its attributes
    /// may have been changed; its name becomes the last part of `path`.
    ///
    /// # Errors
    /// [`VaultError::BlobMissing`] when its content is no longer whole: the caller then stores it anew.
    pub fn reuse(&self, path: impl AsRef<[u8]>, node: &Node) -> Result<Node> {
        self.session.check()?;
        let path = path.as_ref();
        let name = directories::name_of(path)?;
        match (&node.kind, node.subtree) {
            (NodeKind::Directory, Some(tree)) => self.session.rely_on_tree(&tree)?,
            (NodeKind::Directory, None) => {
                return Err(VaultError::NotADirectory {
                    path: node.display_name(),
                });
            }
            _ => self.session.rely_on(&node.content)?,
        }
        let node = Node { name, ..node.clone() };
        self.directories.lock().put(path, &node)?;
        let stats = &self.session.stats;
        if node.is_directory() {
            &stats.dirs_reused
        } else {
            &stats.files_reused
        }
        .fetch_add(1, Ordering::Relaxed);
        Ok(node)
    }

    /// Says that nothing more comes below `path`: its listing is stored and its memory freed.
    ///
    /// # Errors
    /// When there is no such directory, or storing failed.
    pub fn finish_dir(&self, path: impl AsRef<[u8]>) -> Result<()> {
        self.session.check()?;
        self.finish(path.as_ref()).map(|_| ())
    }

    /// Finishes a directory and all open ones in it; gives its tree.
    fn finish(&self, path: &[u8]) -> Result<Id> {
        let mut directories = self.directories.lock();
        let mut last = None;
        for inner in directories.open_below(path)? {
            let json = directories.listing(&inner)?;
            let tree = self.pipeline.store(BlobKind::Tree, json)?;
            directories.close(&inner, tree);
            self.session.stats.dirs.fetch_add(1, Ordering::Relaxed);
            last = Some(tree);
        }
        last.ok_or_else(|| VaultError::NotADirectory {
            path: String::from_utf8_lossy(path).into_owned(),
        })
    }

    /// Numbers so far.
    #[must_use]
    pub fn stats(&self) -> WriteStats {
        self.session.stats.get()
    }

    /// Paths whose last [`Writer::put_file`] failed: they are missing from the snapshot.
    #[must_use]
    pub fn gaps(&self) -> Vec<Vec<u8>> {
        self.gaps.lock().iter().cloned().collect()
    }

    /// Ends without a snapshot. What was stored is indexed, so that the next run need not store it again.
    pub fn abort(self) {
        drop(self);
    }
}

fn node(name: Vec<u8>, kind: NodeKind, attrs: &FileAttrs, size: u64, content: Vec<Id>) -> Node {
    Node {
        name,
        kind,
        attrs: attrs.clone(),
        size,
        content: content.into(),
        subtree: None,
        extra: Vec::new(),
    }
}
