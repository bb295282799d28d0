//! Bundles: snapshots as one file or folder.

use backstay_model::{Gap, SnapshotMeta, Verdict};
use serde::{Deserialize, Serialize};

use super::SnapshotRef;
use crate::ApiError;

/// Container of a bundle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum BundleFormat {
    /// One file.
    #[default]
    Zip,
    /// A folder.
    Directory,
}

/// Writes a snapshot into a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ExportRequest {
    /// The snapshot.
    pub at: SnapshotRef,
    /// File or folder to make.
    pub to: String,
    /// Container.
    pub format: BundleFormat,
    /// `COLLECTION`, `COLLECTION/ID` or a path below `files/`; empty means everything.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub only: Vec<String>,
    /// Replace what lies there.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub overwrite: bool,
    /// Write a format of another program in place of a bundle; `format` says nothing then.
    #[serde(default)]
    #[ts(optional)]
    pub foreign: Option<ForeignExport>,
}

/// An export into a format of another program: a file for one unit (a database), a folder with one file each for several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ForeignExport {
    /// The format's short name (`couchbackup`, `ndjson`).
    pub format: String,
    /// Attachments go into the file.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub attachments: bool,
    /// That there are no attachments in the file is meant: they are no gaps then.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub without_attachments: bool,
}

/// What a file of another program is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ForeignInfo {
    /// The format's short name (`couchbackup`, `ndjson`, `json`).
    pub format: String,
    /// The format's name for people.
    pub title: String,
    /// Kind of connector that reads it: what it can be restored into.
    pub kind: String,
    /// That kind's name for people.
    pub kind_title: String,
    /// What the file says about itself, in sentences; empty until it was read.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// How an export ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ExportReply {
    /// The run.
    pub run: String,
    /// *Complete*, or *partial* when something could not be read.
    pub verdict: Verdict,
    /// The bundle.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Files in it.
    pub files: u64,
    /// Records in it.
    pub records: u64,
    /// What is missing, by name.
    pub gaps: Vec<Gap>,
}

/// Looks into a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct BundleRequest {
    /// The file or folder.
    pub path: String,
    /// Read everything and compare all checksums; otherwise only the directory of the bundle is checked.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub verify: bool,
}

/// One part of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct BundlePart {
    /// Collection, or `files`, `assets`, `pages`.
    pub name: String,
    /// Records or files.
    pub items: u64,
    /// Bytes, if known.
    pub bytes: Option<u64>,
}

/// What a bundle is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct BundleReply {
    /// The file or folder, made absolute.
    pub path: String,
    /// Container.
    pub format: BundleFormat,
    /// Bytes of the container.
    pub bytes: u64,
    /// What it says about itself.
    pub metadata: SnapshotMeta,
    /// What it holds.
    pub parts: Vec<BundlePart>,
    /// All checksums were compared and fit; absent when they were not compared.
    pub intact: Option<bool>,
    /// Files that do not match, in words; the first hundred.
    pub damage: Vec<String>,
    /// How many files do not match.
    pub damaged: u64,
    /// Name of the source here that it came from, if it is known.
    pub source: Option<String>,
    /// What it is, when it is a file of another program; `format` says nothing then.
    #[serde(default)]
    pub foreign: Option<ForeignInfo>,
    /// Why it cannot be used at all, if so; everything above is then as far as it could be read.
    pub refused: Option<ApiError>,
}

/// Keeps a bundle in a vault, as one more point in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ImportRequest {
    /// The bundle.
    pub path: String,
    /// The vault; absent: the default one.
    pub vault: Option<String>,
    /// The source it becomes a point in time of: one that is set up here, or a new name. Absent: the one it is of.
    #[serde(default)]
    pub source: Option<String>,
}

/// How an import ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ImportReply {
    /// The run.
    pub run: String,
    /// *Complete* or *partial*, as the bundle itself was, or worse.
    pub verdict: Verdict,
    /// The snapshot made.
    pub snapshot: String,
    /// Its vault.
    pub vault: String,
    /// Bytes added to the vault.
    pub stored: u64,
    /// What is missing, by name.
    pub gaps: Vec<Gap>,
}
