//! Where attachments lie in a snapshot, and taking those of the previous snapshot over when a run was not given all records.

use std::{collections::HashSet, path::Path};

use backstay_model::{ErrorKind, Gap};
use backstay_source::{Result, SourceError};
use backstay_vault::{Node, Writer};

use super::previous::Previous;

/// The directory of all attachments.
const ASSETS: &str = "assets";
/// Digits of a SHA-256.
const HASH_DIGITS: usize = 64;

/// Path of an asset: `assets/<first two digits>/<hash>.<extension>` (FORMAT.md, "Assets").
pub(super) fn asset_path(hash: &str, name: &str) -> String {
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
    let plain = extension.len() <= 10 && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    let dot = if plain && !extension.is_empty() {
        format!(".{}", extension.to_ascii_lowercase())
    } else {
        String::new()
    };
    format!("{ASSETS}/{}/{hash}{dot}", &hash[..2])
}

/// Takes over the attachments of the previous snapshot that this run did not store: records that were not given because
/// they did not change refer to them. Those of deleted records stay until a run is given everything. What is no longer
/// whole in the vault is given to `lost` by name.
///
/// # Errors
/// When the previous snapshot cannot be read.
pub(super) fn carry_over(
    previous: &Previous,
    writer: &Writer,
    stored: &mut HashSet<String>,
    lost: &mut dyn FnMut(Gap),
) -> Result<()> {
    let reader = &previous.reader;
    let failed = |error| crate::snapshot::files::stored(ASSETS, error);
    let Some(root) = reader.find_below(&previous.root, ASSETS).map_err(failed)? else {
        return Ok(());
    };
    for directory in reader.list(&root).map_err(failed)? {
        let prefix = directory.escaped_name();
        let inside = reader.list(&directory).map_err(failed)?;
        let untouched = !stored.iter().any(|hash| hash.starts_with(&prefix));
        if untouched && writer.reuse(format!("{ASSETS}/{prefix}"), &directory).is_ok() {
            stored.extend(inside.iter().map(hash_of));
            continue;
        }
        for node in inside {
            let hash = hash_of(&node);
            let path = format!("{ASSETS}/{prefix}/{}", node.escaped_name());
            if stored.contains(&hash) {
                continue;
            }
            match writer.reuse(&path, &node) {
                Ok(_) => {
                    stored.insert(hash);
                }
                Err(error) if error.kind() == ErrorKind::Damaged => {
                    lost(crate::snapshot::files::stored(&path, error).to_gap());
                }
                Err(error) => return Err(SourceError::new(error.kind(), path, "cannot be taken over").caused_by(error)),
            }
        }
    }
    Ok(())
}

fn hash_of(node: &Node) -> String {
    node.escaped_name().chars().take(HASH_DIGITS).collect()
}
