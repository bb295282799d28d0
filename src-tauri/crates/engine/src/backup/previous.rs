//! The snapshot before: what an incremental run compares with and takes over.

use std::sync::Arc;

use backstay_model::SnapshotMeta;
use backstay_records::RunStore;
use backstay_source::Connector;
use backstay_vault::{Node, Reader, Snapshot, Snapshots};

use crate::{
    Result, RunsView,
    snapshot::{TAG_UNDO, VaultFiles, VaultStore, assets::VaultAssets, read_meta},
};

/// The newest usable snapshot of the same source.
pub(crate) struct Previous {
    pub snapshot: Snapshot,
    pub meta: SnapshotMeta,
    pub files: Option<VaultFiles>,
    pub runs: RunsView,
    pub assets: Option<VaultAssets>,
    pub reader: Reader,
    pub root: Node,
}

/// Snapshots of a source, oldest first, without safety copies.
pub fn snapshots_of<'a>(all: &'a Snapshots, source_id: &'a str) -> impl DoubleEndedIterator<Item = &'a Snapshot> {
    all.good
        .iter()
        .filter(move |s| s.label == source_id && !s.tags.iter().any(|tag| tag == TAG_UNDO))
}

impl Previous {
    /// Finds the newest snapshot of the source that can be opened. A damaged one is passed over: everything is then
    /// compared with an older one, or stored anew, which is right and merely slower.
    pub(crate) fn find(all: &Snapshots, source_id: &str, reader: &Reader, connector: &Arc<dyn Connector>) -> Option<Self> {
        snapshots_of(all, source_id)
            .rev()
            .find_map(|snapshot| Self::open(snapshot, reader, connector).ok())
    }

    fn open(snapshot: &Snapshot, reader: &Reader, connector: &Arc<dyn Connector>) -> Result<Self> {
        let meta = read_meta(reader, snapshot)?;
        let root = reader.root(snapshot);
        let store: Arc<dyn RunStore> = Arc::new(VaultStore::new(reader.clone(), root.clone()));
        let runs = RunsView::open(&store)?;
        let files = reader
            .find(snapshot, "files")?
            .map(|files| VaultFiles::new(reader.clone(), files, Some(connector.clone())));
        Ok(Self {
            snapshot: snapshot.clone(),
            meta,
            files,
            runs,
            assets: VaultAssets::of(reader, &root)?,
            reader: reader.clone(),
            root,
        })
    }
}
