//! Reads snapshots: directories, files at any offset, whole files as streams. Every blob is verified.

mod blob;
mod file;
mod stream;
mod walk;

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::index::{Index, IndexWarning};
use crate::node::decode_tree;
use crate::pack::BlobKind;
use crate::vault::Vault;
use crate::{Damage, FileAttrs, Id, Node, NodeKind, Result, Snapshot, VaultError};

pub(crate) use blob::decode_blob;
pub use file::FileAt;
pub use stream::FileStream;
pub use walk::{Walk, WalkEntry};

/// How to read.
#[derive(Debug, Clone)]
pub struct ReaderOptions {
    /// Most bytes of decoded blobs to keep.
    pub cache_bytes: u64,
}

impl Default for ReaderOptions {
    fn default() -> Self {
        Self { cache_bytes: 32 << 20 }
    }
}

/// Reads from a vault. Cloning is cheap, and all clones share one cache.
#[derive(Debug, Clone)]
pub struct Reader(Arc<Inner>);

struct Inner {
    vault: Vault,
    index: RwLock<Arc<Index>>,
    cache: BlobCache,
    /// Directories decoded last: whoever looks up path after path comes by the same ones.
    listings: ListingCache,
    /// Whether the index was read again, with pack headers, because a blob was not found.
    refreshed: Mutex<bool>,
    /// Where the blobs of the files read last begin.
    offsets: Mutex<VecDeque<Offsets>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("vault", &self.vault).finish_non_exhaustive()
    }
}

type BlobCache = Cache<(BlobKind, Id), Bytes, ByLength>;
type ListingCache = Cache<Id, Listing, ByLength>;

/// A directory, decoded.
#[derive(Clone)]
struct Listing {
    nodes: Arc<[Node]>,
    /// Length of its JSON, which is near what the nodes take.
    json: u64,
}

/// The blobs of a file, and where each begins.
type Offsets = (Arc<[Id]>, Arc<[u64]>);

#[derive(Clone)]
struct ByLength;

impl Weighter<(BlobKind, Id), Bytes> for ByLength {
    fn weight(&self, _: &(BlobKind, Id), blob: &Bytes) -> u64 {
        // The table around a blob counts too, or a million tiny ones would take far more than allowed.
        blob.len() as u64 + 128
    }
}

impl Weighter<Id, Listing> for ByLength {
    fn weight(&self, _: &Id, listing: &Listing) -> u64 {
        listing.json + 128
    }
}

/// Most bytes of JSON whose decoded form is kept.
const LISTINGS: u64 = 4 << 20;

/// One shard: of several, none could hold a blob of some megabytes.
fn new_cache<K, V>(bytes: u64) -> Result<Cache<K, V, ByLength>>
where
    K: Eq + std::hash::Hash,
    V: Clone,
    ByLength: Weighter<K, V>,
{
    let items = usize::try_from(bytes / (64 << 10)).unwrap_or(1 << 16).max(64);
    let options = OptionsBuilder::new()
        .estimated_items_capacity(items)
        .weight_capacity(bytes)
        .shards(1)
        .build();
    let options = options.map_err(|e| VaultError::Engine {
        what: "setting up the cache",
        message: e.to_string(),
    })?;
    Ok(Cache::with_options(
        options,
        ByLength,
        DefaultHashBuilder::default(),
        DefaultLifecycle::default(),
    ))
}

impl Reader {
    pub(crate) fn new(vault: Vault, index: Arc<Index>, options: &ReaderOptions) -> Result<Self> {
        let inner = Inner {
            vault,
            index: RwLock::new(index),
            cache: new_cache(options.cache_bytes)?,
            listings: new_cache(LISTINGS.min(options.cache_bytes))?,
            refreshed: Mutex::new(false),
            offsets: Mutex::default(),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// The vault it reads.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// The index it uses.
    #[must_use]
    pub fn index(&self) -> Arc<Index> {
        self.0.index.read().clone()
    }

    /// Parts of the index that are damaged and had to be gone around.
    #[must_use]
    pub fn warnings(&self) -> Vec<IndexWarning> {
        self.index().warnings().to_vec()
    }

    /// The entries of a directory, sorted bytewise by name.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub fn tree(&self, id: &Id) -> Result<Vec<Node>> {
        if let Some(listing) = self.0.listings.get(id) {
            return Ok(listing.nodes.to_vec());
        }
        Ok(self.decode(id)?.0)
    }

    /// As [`Self::tree`], decoded once for as long as it is remembered.
    fn listing(&self, id: &Id) -> Result<Arc<[Node]>> {
        if let Some(listing) = self.0.listings.get(id) {
            return Ok(listing.nodes);
        }
        let (nodes, json) = self.decode(id)?;
        let listing = Listing {
            nodes: nodes.into(),
            json,
        };
        self.0.listings.insert(*id, listing.clone());
        Ok(listing.nodes)
    }

    /// The entries of a directory and the length of its JSON.
    fn decode(&self, id: &Id) -> Result<(Vec<Node>, u64)> {
        let json = self.blob(BlobKind::Tree, id)?;
        let nodes = decode_tree(&json).ok_or(VaultError::TreeDamaged {
            id: *id,
            damage: Damage::Structure,
        })?;
        Ok((nodes, json.len() as u64))
    }

    /// The topmost directory of a snapshot, as a node without a name.
    #[must_use]
    pub fn root(&self, snapshot: &Snapshot) -> Node {
        Node {
            name: Vec::new(),
            kind: NodeKind::Directory,
            attrs: FileAttrs {
                modified: Some(snapshot.time),
                ..FileAttrs::default()
            },
            size: 0,
            content: [].into(),
            subtree: Some(snapshot.tree),
            extra: Vec::new(),
        }
    }

    /// The node at `path` (parts separated by `/`; the empty path is the root). `None` when nothing is there.
    ///
    /// # Errors
    /// When a directory on the way is missing or damaged.
    pub fn find(&self, snapshot: &Snapshot, path: impl AsRef<[u8]>) -> Result<Option<Node>> {
        self.find_below(&self.root(snapshot), path)
    }

    /// The node at `path` below a directory.
    ///
    /// # Errors
    /// When a directory on the way is missing or damaged.
    pub fn find_below(&self, directory: &Node, path: impl AsRef<[u8]>) -> Result<Option<Node>> {
        let mut node = directory.clone();
        for name in path.as_ref().split(|b| *b == b'/').filter(|name| !name.is_empty()) {
            let Some(tree) = node.subtree.filter(|_| node.is_directory()) else {
                return Ok(None);
            };
            let nodes = self.listing(&tree)?;
            match nodes.binary_search_by(|n| n.name.as_slice().cmp(name)) {
                Ok(at) => node = nodes[at].clone(),
                Err(_) => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// The entries of a directory node.
    ///
    /// # Errors
    /// When it is no directory, or is missing or damaged.
    pub fn list(&self, directory: &Node) -> Result<Vec<Node>> {
        match directory.subtree {
            Some(tree) if directory.is_directory() => self.tree(&tree),
            _ => Err(VaultError::NotADirectory {
                path: directory.display_name(),
            }),
        }
    }

    /// Everything below `path`, depth first, sorted bytewise in each directory. Damaged directories are reported in
    /// their place, and the walk goes on behind them.
    ///
    /// # Errors
    /// When `path` is not there.
    pub fn walk(&self, snapshot: &Snapshot, path: impl AsRef<[u8]>) -> Result<Walk> {
        let path = path.as_ref();
        let not_found = || VaultError::PathNotFound {
            path: String::from_utf8_lossy(path).into_owned(),
        };
        let node = self.find(snapshot, path)?.ok_or_else(not_found)?;
        let parts: Vec<&[u8]> = path.split(|b| *b == b'/').filter(|name| !name.is_empty()).collect();
        Ok(Walk::new(self.clone(), parts.join(&b'/'), &node))
    }

    /// Everything below a directory node, as [`Reader::walk`]; paths begin below it.
    #[must_use]
    pub fn walk_below(&self, directory: &Node) -> Walk {
        Walk::new(self.clone(), Vec::new(), directory)
    }
}
