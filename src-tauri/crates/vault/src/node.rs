//! Nodes: the entries of a directory in a snapshot.

mod decode;
mod encode;
mod quote;

use std::sync::Arc;

use backstay_model::{FileEntry, FileKind as ModelKind, FileMeta};
use chrono::{DateTime, Utc};

use crate::Id;

pub(crate) use decode::decode_tree;
pub(crate) use encode::{TREE_END, TREE_START, encode_node};

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name: any bytes but `/` and NUL.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: NodeKind,
    /// Times, mode, owner.
    pub attrs: FileAttrs,
    /// Size of a file's content in bytes; 0 otherwise.
    pub size: u64,
    /// The blobs of a file's content, in order.
    pub content: Arc<[Id]>,
    /// The tree blob of a directory.
    pub subtree: Option<Id>,
    /// Fields this program does not know, as JSON, so that they survive being copied into a new snapshot.
    pub extra: Vec<(String, Box<str>)>,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link and what it points to.
    Symlink {
        /// Any bytes.
        target: Vec<u8>,
    },
    /// A device, pipe or socket: kept as it is, never written by this program of its own.
    Special {
        /// restic's word for it.
        kind: String,
        /// Device number.
        device: u64,
    },
}

/// Times, mode, owner and the like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileAttrs {
    /// Permission bits, set-id bits and sticky bit (`0o7777`). Without it restic would restore a file nobody may read,
    /// so that a usual one is stored.
    pub mode: Option<u32>,
    /// Last change of content.
    pub modified: Option<DateTime<Utc>>,
    /// Last reading.
    pub accessed: Option<DateTime<Utc>>,
    /// Last change of content or attributes.
    pub changed: Option<DateTime<Utc>>,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Owner's name.
    pub user: String,
    /// Group's name.
    pub group: String,
    /// Inode number.
    pub inode: u64,
    /// Device of the inode.
    pub device: u64,
    /// Number of hard links.
    pub links: u64,
    /// Extended attributes: name and value.
    pub xattrs: Vec<(String, Vec<u8>)>,
}

impl From<&FileMeta> for FileAttrs {
    fn from(meta: &FileMeta) -> Self {
        Self {
            mode: meta.mode,
            modified: meta.modified,
            accessed: None,
            changed: meta.attributes_changed,
            uid: meta.uid.unwrap_or_default(),
            gid: meta.gid.unwrap_or_default(),
            inode: meta.inode,
            device: meta.device,
            links: meta.links,
            ..Self::default()
        }
    }
}

impl Node {
    /// Whether it is a directory.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.kind == NodeKind::Directory
    }

    /// Whether it is a regular file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.kind == NodeKind::File
    }

    /// The name for people; odd bytes are replaced.
    #[must_use]
    pub fn display_name(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }

    /// The name as text that can be turned back into the bytes ([`FileEntry::escape`]).
    #[must_use]
    pub fn escaped_name(&self) -> String {
        FileEntry::escape(&self.name)
    }

    /// What the shared vocabulary calls it.
    #[must_use]
    pub fn model_kind(&self) -> ModelKind {
        match &self.kind {
            NodeKind::File => ModelKind::File,
            NodeKind::Directory => ModelKind::Directory,
            NodeKind::Symlink { target } => ModelKind::Symlink(FileEntry::escape(target)),
            NodeKind::Special { .. } => ModelKind::Other,
        }
    }

    /// Times, mode and identity in the shared vocabulary. Whether a file has holes is not recorded.
    #[must_use]
    pub fn file_meta(&self) -> FileMeta {
        FileMeta {
            modified: self.attrs.modified,
            attributes_changed: self.attrs.changed,
            mode: self.attrs.mode,
            uid: Some(self.attrs.uid),
            gid: Some(self.attrs.gid),
            inode: self.attrs.inode,
            device: self.attrs.device,
            links: self.attrs.links,
            ..FileMeta::default()
        }
    }
}
