//! Attachments of stored records: where they lie in a snapshot or bundle, and opening them.

use std::{
    collections::HashMap,
    io::{self, Read},
    path::Path,
    sync::{Arc, Mutex},
};

use backstay_source::Result;
use backstay_vault::{Node, Reader, VaultError};

use super::files::stored;

/// The directory of all attachments.
pub(crate) const ASSETS: &str = "assets";
/// Digits of a SHA-256.
const HASH_DIGITS: usize = 64;
/// Longest extension that is kept in the name.
const EXTENSION: usize = 10;
/// How many directories of attachments are remembered.
const REMEMBERED: usize = 64;

/// Size in bytes and content of an attachment.
pub type AssetContent = (u64, Box<dyn Read + Send>);

/// The place where the attachments of stored records lie.
pub trait AssetStore: Send + Sync {
    /// Size and content of the attachment with this SHA-256 (64 hexadecimal digits, lower case); `None` when it is not there.
    /// `name` is what the record calls it.
    ///
    /// # Errors
    /// When the place cannot be read, or the attachment is damaged.
    fn open(&self, sha256: &str, name: &str) -> Result<Option<AssetContent>>;
}

/// Path of an asset: `assets/<first two digits>/<hash>.<extension>` (FORMAT.md, "Assets").
pub(crate) fn asset_path(hash: &str, name: &str) -> String {
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
    let plain = extension.len() <= EXTENSION && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    let dot = if plain && !extension.is_empty() {
        format!(".{}", extension.to_ascii_lowercase())
    } else {
        String::new()
    };
    format!("{ASSETS}/{}/{hash}{dot}", &hash[..2])
}

/// Whether a text has the form of a hash; anything else, from a damaged or foreign record, names no attachment.
pub(crate) fn is_hash(text: &str) -> bool {
    text.len() == HASH_DIGITS && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The hash that an attachment's file name begins with.
pub(crate) fn hash_of(file: &str) -> Option<&str> {
    let hash = file.get(..HASH_DIGITS)?;
    let rest = &file[HASH_DIGITS..];
    (is_hash(hash) && (rest.is_empty() || rest.starts_with('.'))).then_some(hash)
}

/// The attachments of a snapshot.
pub(crate) struct VaultAssets {
    reader: Reader,
    root: Node,
    /// Contents of directories, by their two digits.
    listed: Mutex<HashMap<String, Arc<Vec<Node>>>>,
}

impl VaultAssets {
    /// Those of the snapshot with this root directory; `None` when it has none.
    pub(crate) fn of(reader: &Reader, snapshot: &Node) -> backstay_vault::Result<Option<Self>> {
        let root = reader.find_below(snapshot, ASSETS)?.filter(Node::is_directory);
        Ok(root.map(|root| Self {
            reader: reader.clone(),
            root,
            listed: Mutex::default(),
        }))
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The directory of all attachments.
    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// The file of an attachment, whatever extension it got when it was stored first.
    pub(crate) fn find(&self, hash: &str) -> backstay_vault::Result<Option<Node>> {
        if !is_hash(hash) {
            return Ok(None);
        }
        let files = self.directory(&hash[..2])?;
        let at = files.partition_point(|node| node.name.as_slice() < hash.as_bytes());
        let found = files.get(at).filter(|node| {
            let rest = node.name.strip_prefix(hash.as_bytes());
            node.is_file() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
        });
        Ok(found.cloned())
    }

    fn directory(&self, prefix: &str) -> backstay_vault::Result<Arc<Vec<Node>>> {
        if let Ok(listed) = self.listed.lock()
            && let Some(files) = listed.get(prefix)
        {
            return Ok(files.clone());
        }
        let files = match self.reader.find_below(&self.root, prefix)?.filter(Node::is_directory) {
            Some(directory) => self.reader.list(&directory)?,
            None => Vec::new(),
        };
        let files = Arc::new(files);
        if let Ok(mut listed) = self.listed.lock() {
            if listed.len() >= REMEMBERED {
                listed.clear();
            }
            listed.insert(prefix.to_owned(), files.clone());
        }
        Ok(files)
    }
}

impl AssetStore for VaultAssets {
    fn open(&self, sha256: &str, name: &str) -> Result<Option<AssetContent>> {
        let failed = |error| stored(name, error);
        let Some(node) = self.find(sha256).map_err(failed)? else {
            return Ok(None);
        };
        let content = self.reader.open(&node).map_err(failed)?;
        let named = Named {
            name: name.to_owned(),
            content,
        };
        Ok(Some((node.size, Box::new(named))))
    }
}

/// Content whose errors say what it is.
struct Named<R> {
    name: String,
    content: R,
}

impl<R: Read> Read for Named<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.content
            .read(buffer)
            .map_err(|error| match error.downcast::<VaultError>() {
                Ok(error) => io::Error::other(stored(&self.name, error)),
                Err(error) => error,
            })
    }
}
