//! The files of a snapshot as a [`FileView`]: nothing is restored, every byte is read from the vault when asked for.

use std::{
    collections::VecDeque,
    io::{self, Read, Seek, SeekFrom},
    sync::{Arc, Mutex},
};

use backstay_model::{ContentHash, ErrorKind, FileEntry, FileKind};
use backstay_source::{Connector, FileView, ReadSeek, Result, SourceError};
use backstay_vault::{Node, Reader, VaultError, reader::FileAt};

/// Files below one directory of a snapshot.
pub struct VaultFiles {
    reader: Reader,
    root: Node,
    connector: Option<Arc<dyn Connector>>,
    /// Directories listed last: neighbours are looked up one after the other.
    recent: Mutex<VecDeque<Listing>>,
}

/// A directory's path and its entries.
type Listing = (Vec<u8>, Arc<Vec<Node>>);

/// How many listings are remembered.
const REMEMBERED: usize = 16;

impl VaultFiles {
    /// The files below the directory node `root`. The connector, if there is one, says when two files are the same.
    #[must_use]
    pub fn new(reader: Reader, root: Node, connector: Option<Arc<dyn Connector>>) -> Self {
        Self {
            reader,
            root,
            connector,
            recent: Mutex::default(),
        }
    }

    /// The node at `path`.
    ///
    /// # Errors
    /// When a directory on the way cannot be read.
    pub fn node(&self, path: &str) -> Result<Option<Node>> {
        self.lookup(&unescape(path)).map_err(|error| stored(path, error))
    }

    fn lookup(&self, path: &[u8]) -> backstay_vault::Result<Option<Node>> {
        if path.is_empty() {
            return Ok(Some(self.root.clone()));
        }
        let cut = path.iter().rposition(|b| *b == b'/');
        let (dir, name) = cut.map_or((&path[..0], path), |cut| (&path[..cut], &path[cut + 1..]));
        let Some(nodes) = self.listing(dir)? else { return Ok(None) };
        let found = nodes.binary_search_by(|node| node.name.as_slice().cmp(name));
        Ok(found.ok().map(|at| nodes[at].clone()))
    }

    /// The entries of a directory; `None` when there is no such directory.
    fn listing(&self, dir: &[u8]) -> backstay_vault::Result<Option<Arc<Vec<Node>>>> {
        if let Ok(recent) = self.recent.lock()
            && let Some((_, nodes)) = recent.iter().find(|(known, _)| known == dir)
        {
            return Ok(Some(nodes.clone()));
        }
        let Some(node) = self.lookup(dir)?.filter(Node::is_directory) else {
            return Ok(None);
        };
        let nodes = Arc::new(self.reader.list(&node)?);
        if let Ok(mut recent) = self.recent.lock() {
            recent.truncate(REMEMBERED - 1);
            recent.push_front((dir.to_vec(), nodes.clone()));
        }
        Ok(Some(nodes))
    }

    fn file(&self, path: &str) -> Result<(Node, FileAt)> {
        let node = self.node(path)?.filter(Node::is_file).ok_or_else(|| missing(path))?;
        let file = self.reader.file(&node).map_err(|error| stored(path, error))?;
        Ok((node, file))
    }
}

/// The bytes a path of ours stands for.
pub(crate) fn unescape(path: &str) -> Vec<u8> {
    FileEntry::unescape(path)
}

fn missing(path: &str) -> SourceError {
    SourceError::new(ErrorKind::NotFound, path, "is not a file in this snapshot")
}

/// An error of the vault as one of the view.
pub(crate) fn stored(subject: &str, error: VaultError) -> SourceError {
    let kind = error.kind();
    let message = format!("cannot be read from the vault: {error}");
    let hint = (kind == ErrorKind::Damaged)
        .then_some("`backstay verify` shows what is damaged, `backstay repair` mends what can be mended.");
    let made = SourceError::new(kind, subject, message).caused_by(error);
    match hint {
        Some(hint) => made.hint(hint),
        None => made,
    }
}

/// The entry a node stands for.
pub(crate) fn entry_of(path: String, node: &Node) -> FileEntry {
    let kind = node.model_kind();
    FileEntry {
        path,
        size: if kind == FileKind::File { node.size } else { 0 },
        kind,
        meta: node.file_meta(),
    }
}

impl FileView for VaultFiles {
    fn walk<'a>(&'a self, below: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<FileEntry>> + 'a>> {
        let base = below.unwrap_or_default().to_owned();
        let start = if base.is_empty() {
            Some(self.root.clone())
        } else {
            self.node(&base)?
        };
        let Some(start) = start else {
            return Ok(Box::new(std::iter::empty()));
        };
        let first = (!base.is_empty()).then(|| Ok(entry_of(base.clone(), &start)));
        if !start.is_directory() {
            return Ok(Box::new(first.into_iter()));
        }
        let walk = self.reader.walk_below(&start);
        let rest = walk.map(move |found| {
            let below = escape(&found.path);
            let path = if base.is_empty() { below } else { format!("{base}/{below}") };
            match found.error {
                Some(error) => Err(stored(&path, error)),
                None => Ok(entry_of(path, &found.node)),
            }
        });
        Ok(Box::new(first.into_iter().chain(rest)))
    }

    fn children(&self, dir: &str) -> Result<Vec<FileEntry>> {
        let nodes = self.listing(&unescape(dir)).map_err(|error| stored(dir, error))?;
        let entry = |node: &Node| {
            let name = node.escaped_name();
            entry_of(if dir.is_empty() { name } else { format!("{dir}/{name}") }, node)
        };
        Ok(nodes.iter().flat_map(|nodes| nodes.iter()).map(entry).collect())
    }

    fn stat(&self, path: &str) -> Result<Option<FileEntry>> {
        Ok(self.node(path)?.map(|node| entry_of(path.to_owned(), &node)))
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>> {
        let (node, file) = self.file(path)?;
        Ok(Box::new(StoredFile {
            path: path.to_owned(),
            reader: self.reader.clone(),
            node,
            file,
            at: 0,
            stream: None,
        }))
    }

    fn hash(&self, path: &str) -> Result<ContentHash> {
        let mut content = self.open(path)?;
        match &self.connector {
            Some(connector) => connector.file_hash(&mut content),
            None => {
                let mut hasher = backstay_model::ContentHasher::default();
                io::copy(&mut content, &mut hasher).map_err(|error| SourceError::io(path, error))?;
                Ok(hasher.finish())
            }
        }
    }
}

/// Path of ours for the raw bytes of a path in the snapshot.
pub(crate) fn escape(path: &[u8]) -> String {
    path.split(|b| *b == b'/')
        .map(FileEntry::escape)
        .collect::<Vec<_>>()
        .join("/")
}

/// One stored file with random access; reading straight ahead from the start uses the vault's stream with read-ahead.
struct StoredFile {
    path: String,
    reader: Reader,
    node: Node,
    file: FileAt,
    at: u64,
    stream: Option<backstay_vault::reader::FileStream>,
}

impl StoredFile {
    fn failed(&self, error: VaultError) -> io::Error {
        io::Error::other(stored(&self.path, error))
    }

    /// The stream is a plain reader and wraps the vault's error: unwrapped, its class reaches whoever reads.
    fn stream_failed(&self, error: io::Error) -> io::Error {
        match error.downcast::<VaultError>() {
            Ok(error) => self.failed(error),
            Err(error) => error,
        }
    }
}

/// Reads of at least this size that begin at the start are taken for streaming; a database page is smaller.
const STREAM_FROM: usize = 8 << 10;

impl Read for StoredFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stream.is_none() && self.at == 0 && buffer.len() >= STREAM_FROM {
            self.stream = Some(self.reader.open(&self.node).map_err(|error| self.failed(error))?);
        }
        let read = match &mut self.stream {
            Some(stream) => stream.read(buffer).map_err(|error| self.stream_failed(error))?,
            None => self.file.read_at(self.at, buffer).map_err(|error| self.failed(error))?,
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for StoredFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.file.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "before the start of the file"))?;
        if at != self.at {
            self.stream = None;
        }
        self.at = at;
        Ok(at)
    }
}
