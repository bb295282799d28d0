//! The attachments of a bundle's records.

use std::sync::Arc;

use backstay_bundle::Bundle;
use backstay_source::Result;

use super::files::of_bundle;
use crate::snapshot::{AssetContent, AssetStore};

/// The files below `assets/` of an opened bundle. Each is verified whole before a byte of it is given out.
pub(super) struct BundleAssets(pub(super) Arc<Bundle>);

impl AssetStore for BundleAssets {
    fn open(&self, sha256: &str, name: &str) -> Result<Option<AssetContent>> {
        let start = format!("assets/{}/{sha256}", sha256.get(..2).unwrap_or_default());
        let found = self.0.below(&start).find(|entry| {
            let rest = entry.name.strip_prefix(&start);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        let Some(found) = found else { return Ok(None) };
        let content = self.0.content(found.name, None).map_err(|error| of_bundle(name, error))?;
        Ok(Some((found.size, Box::new(content))))
    }
}
