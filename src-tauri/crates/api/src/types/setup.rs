//! Sources and vaults as they are set up.

use backstay_model::Capabilities;
use backstay_source::{OptionSpec, Probe};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Creates a vault, or adds one that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct VaultCreateRequest {
    /// Name for people, unique here.
    pub name: String,
    /// Directory or URL.
    pub path: String,
    /// Keep the master key in the keychain (or the encrypted file), so that nobody is asked again.
    pub remember: bool,
}

/// A vault as Backstay knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct VaultRow {
    /// Its name.
    pub name: String,
    /// Directory or URL.
    pub path: String,
    /// Id of the restic repository.
    pub repository_id: String,
    /// When it was created or added here.
    pub created: DateTime<Utc>,
    /// New sources go here unless told otherwise.
    pub is_default: bool,
    /// Its key is in the keychain or the encrypted file.
    pub remembered: bool,
    /// Something the person should know (the key could not be remembered).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// All vaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct VaultsReply {
    /// By name.
    pub vaults: Vec<VaultRow>,
}

/// Adds a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SourceAddRequest {
    /// Kind of connector.
    pub kind: String,
    /// Name, unique here.
    pub name: String,
    /// Settings by option name (text, list of texts, or `true`).
    #[ts(type = "{ [key: string]: unknown }")]
    pub options: serde_json::Map<String, serde_json::Value>,
    /// Add it although it cannot be reached now.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub force: bool,
    /// Go on with the history of a source of this kind and name that the vaults hold: after a reinstallation, or on a new
    /// machine that takes over from an old one.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub adopt: bool,
}

/// A source as Backstay knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SourceRow {
    /// Stable id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Kind of connector.
    pub kind: String,
    /// Settings, without secrets.
    #[ts(type = "unknown")]
    pub options: serde_json::Value,
    /// When it was added.
    pub created: DateTime<Utc>,
    /// What it can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
    /// End of the last backup that ended *complete* or *partial*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_backup: Option<DateTime<Utc>>,
    /// How the last backup ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_verdict: Option<backstay_model::Verdict>,
}

/// All sources.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SourcesReply {
    /// By name.
    pub sources: Vec<SourceRow>,
}

/// What a probe of a source found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ProbeReply {
    /// The source.
    pub source: String,
    /// What was found.
    pub probe: Probe,
    /// What it can do.
    pub capabilities: Capabilities,
}

/// A kind of source this program has.
#[derive(Debug, Clone, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorInfo {
    /// Short name.
    pub kind: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What it protects.
    pub summary: &'static str,
    /// Its settings.
    pub options: &'static [OptionSpec],
}
