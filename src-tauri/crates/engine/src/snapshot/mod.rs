//! Opening a snapshot of a vault as a [`State`].

pub(crate) mod assets;
pub(crate) mod files;
mod runs;

use std::{io::Read, sync::Arc};

use backstay_model::{FORMAT_VERSION, SnapshotMeta};
use backstay_records::RunStore;
use backstay_source::{Connector, FileView};
use backstay_vault::{Reader, Snapshot};

pub use assets::{AssetContent, AssetStore};
pub use files::VaultFiles;
pub use runs::{RunsView, VaultStore};

use crate::{EngineError, Result, State};
use assets::VaultAssets;

/// Name of the file in which a snapshot describes itself.
pub const METADATA: &str = "metadata.json";

/// Tag of every snapshot Backstay writes.
pub const TAG: &str = "backstay";
/// Tag of a snapshot with gaps.
pub const TAG_PARTIAL: &str = "partial";
/// Tag of a safety copy made before a restore.
pub const TAG_UNDO: &str = "undo";

/// Largest `metadata.json` that is read, in bytes: a hostile or damaged one must not fill the memory.
const METADATA_MAX: u64 = 256 << 20;

/// What the snapshot says about itself.
///
/// # Errors
/// [`EngineError::Foreign`] when there is no metadata: another program wrote it.
pub fn read_meta(reader: &Reader, snapshot: &Snapshot) -> Result<SnapshotMeta> {
    let id = || snapshot.id.to_hex();
    let Some(node) = reader.find(snapshot, METADATA)? else {
        return Err(EngineError::Foreign { snapshot: id() });
    };
    let bad = |reason: String| EngineError::BadMetadata { snapshot: id(), reason };
    let mut json = Vec::new();
    reader
        .open(&node)?
        .take(METADATA_MAX)
        .read_to_end(&mut json)
        .map_err(|error| bad(error.to_string()))?;
    let meta: SnapshotMeta = serde_json::from_slice(&json).map_err(|error| bad(error.to_string()))?;
    if meta.format_version > FORMAT_VERSION {
        return Err(EngineError::NewerFormat {
            snapshot: id(),
            version: meta.format_version,
        });
    }
    Ok(meta)
}

/// Opens a snapshot for reading. `connector` finds the connector of a kind of source, for records that are derived from
/// stored files; a snapshot of another program has only files: all of its tree.
///
/// # Errors
/// When its metadata or descriptions cannot be read.
pub fn open_snapshot(
    reader: &Reader,
    snapshot: &Snapshot,
    connector: &dyn Fn(&str) -> Option<Arc<dyn Connector>>,
) -> Result<State> {
    let meta = match read_meta(reader, snapshot) {
        Ok(meta) => Some(meta),
        Err(EngineError::Foreign { .. }) => None,
        Err(error) => return Err(error),
    };
    let Some(meta) = meta else {
        let files: Arc<dyn FileView> = Arc::new(VaultFiles::new(reader.clone(), reader.root(snapshot), None));
        return Ok(State {
            files: Some(files),
            ..State::default()
        });
    };
    let connector = connector(&meta.source_kind);
    let store: Arc<dyn RunStore> = Arc::new(VaultStore::new(reader.clone(), reader.root(snapshot)));
    let mut runs = RunsView::open(&store)?;
    if let Some(assets) = VaultAssets::of(reader, &reader.root(snapshot))? {
        runs = runs.with_assets(Arc::new(assets));
    }
    let files: Option<Arc<dyn FileView>> = reader
        .find(snapshot, "files")?
        .map(|root| Arc::new(VaultFiles::new(reader.clone(), root, connector.clone())) as Arc<dyn FileView>);
    let derived = match (&connector, &files) {
        (Some(connector), Some(files)) => connector.stored_records(files.clone(), &meta)?,
        _ => None,
    };
    Ok(State {
        meta: Some(meta),
        stored: (!runs.is_empty()).then_some(runs),
        derived,
        files,
    })
}
