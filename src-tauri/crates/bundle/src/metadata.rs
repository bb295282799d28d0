//! `metadata.json` of a bundle: the snapshot's own, and what was taken of it.

use backstay_model::{FORMAT_VERSION, RawJson, SnapshotMeta};
use serde::{Deserialize, Serialize};

use crate::{BundleError, METADATA, Result};

/// Version of the bundle layout described in FORMAT.md, "Bundles". Readers accept this and every older one.
pub const BUNDLE_FORMAT: u32 = 1;

/// Member of `extra` in the metadata under which [`BundleFacts`] stand.
const MEMBER: &str = "bundle";

/// What a bundle says about itself, beside what its snapshot said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BundleFacts {
    /// Layout version ([`BUNDLE_FORMAT`]).
    pub format: u32,
    /// Full id of the snapshot it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// What was selected; empty when it is all of the snapshot.
    #[serde(default)]
    pub selection: Vec<String>,
}

impl BundleFacts {
    /// Puts the facts into the metadata.
    ///
    /// # Errors
    /// When they cannot be written as JSON.
    pub fn put(&self, meta: &mut SnapshotMeta) -> Result<()> {
        let raw = RawJson::from_value(self).map_err(bad)?;
        meta.extra.insert(MEMBER.to_owned(), raw);
        Ok(())
    }

    /// Takes the facts from the metadata.
    ///
    /// # Errors
    /// When there are none, or they are of a newer format.
    pub(crate) fn of(meta: &SnapshotMeta) -> Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            format: u64,
        }
        let raw = meta.extra.get(MEMBER).ok_or(BundleError::Structure {
            reason: "its metadata is not that of a bundle",
        })?;
        let version: Version = serde_json::from_slice(raw.as_bytes()).map_err(bad)?;
        newer(version.format, BUNDLE_FORMAT)?;
        serde_json::from_slice(raw.as_bytes()).map_err(bad)
    }
}

fn bad(error: serde_json::Error) -> BundleError {
    BundleError::BadJson {
        file: METADATA.to_owned(),
        error,
    }
}

fn newer(found: u64, known: u32) -> Result<()> {
    if found > u64::from(known) {
        return Err(BundleError::Newer { found, known });
    }
    Ok(())
}

/// Reads `metadata.json`. The version comes first: it is understood whatever else a newer format changes.
pub(crate) fn read(json: &[u8]) -> Result<(SnapshotMeta, BundleFacts)> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        format_version: u64,
    }
    let version: Version = serde_json::from_slice(json).map_err(bad)?;
    newer(version.format_version, FORMAT_VERSION)?;
    let meta: SnapshotMeta = serde_json::from_slice(json).map_err(bad)?;
    let facts = BundleFacts::of(&meta)?;
    Ok((meta, facts))
}
