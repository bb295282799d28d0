//! Settings of Backstay itself, and the app lock. Nothing here is a secret.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum Scheme {
    /// As the desktop has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Everything a person can set. Missing members have their default value, so that files of older versions can be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Light or dark.
    pub scheme: Scheme,
    /// Colours that people who confuse red and green can tell apart.
    pub colour_blind: bool,
    /// Size of everything in percent (80 to 200).
    pub zoom: u32,
    /// `system`, or a language tag (`en`, `de`).
    pub language: String,
    /// No movement, whatever the desktop says.
    pub reduced_motion: bool,
    /// Single letters are shortcuts in lists.
    pub single_keys: bool,
    /// Tell about runs that ended complete.
    pub notify_complete: bool,
    /// Tell about runs with gaps.
    pub notify_partial: bool,
    /// Tell about runs that failed.
    pub notify_failed: bool,
    /// Tell when the newest good backup is older than promised.
    pub notify_overdue: bool,
    /// Tell when a guard tripped.
    pub notify_guard: bool,
    /// Tell about restores that ended while the window was closed.
    pub notify_restore: bool,
    /// Bytes the caches of listings and previews may take.
    pub cache_limit: u64,
    /// The window keeps running in the tray when it is closed.
    pub keep_in_tray: bool,
    /// What the app lock protects.
    pub lock: LockScope,
    /// Minutes without input after which the window locks itself; 0: never.
    pub lock_after: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            scheme: Scheme::System,
            colour_blind: false,
            zoom: 100,
            language: "system".to_owned(),
            reduced_motion: false,
            single_keys: true,
            notify_complete: false,
            notify_partial: true,
            notify_failed: true,
            notify_overdue: true,
            notify_guard: true,
            notify_restore: true,
            cache_limit: 1 << 30,
            keep_in_tray: true,
            lock: LockScope::default(),
            lock_after: 15,
        }
    }
}

/// What needs the app lock's passphrase, once one is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
pub struct LockScope {
    /// Opening the window.
    pub opening: bool,
    /// Removing snapshots, sources, vaults and keys; pruning.
    pub deleting: bool,
    /// Restoring and undoing.
    pub restoring: bool,
}

impl Default for LockScope {
    fn default() -> Self {
        Self {
            opening: true,
            deleting: true,
            restoring: true,
        }
    }
}

/// State of the app lock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct LockState {
    /// A passphrase is set.
    pub set: bool,
    /// The window is locked now.
    pub locked: bool,
    /// After wrong tries: no try counts before this time.
    pub wait_until: Option<DateTime<Utc>>,
}

/// Sets, changes or removes the passphrase of the app lock.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct LockSetRequest {
    /// The passphrase so far; needed when one is set.
    pub current: Option<String>,
    /// The new one; absent removes the lock.
    pub new: Option<String>,
}

/// Opens the lock.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct LockOpenRequest {
    /// The passphrase.
    pub passphrase: String,
}

/// A file to write to or to read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct PathRequest {
    /// The file.
    pub path: String,
}

/// What an import of settings did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SettingsImportReply {
    /// Nothing was changed.
    pub dry_run: bool,
    /// Sources added, by name.
    pub sources: Vec<String>,
    /// Vaults added, by name; their passwords are asked for at first use.
    pub vaults: Vec<String>,
    /// Plans added, by name.
    pub plans: Vec<String>,
    /// Channels added, by name.
    pub channels: Vec<String>,
    /// What was there already and stayed as it is, by name.
    pub kept: Vec<String>,
    /// Secrets that have to be entered again, by name.
    pub secrets: Vec<String>,
}

/// Imports settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SettingsImportRequest {
    /// The file.
    pub path: String,
    /// Only show.
    pub dry_run: bool,
}

/// What the caches take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct CacheReply {
    /// Bytes.
    pub bytes: u64,
    /// Files.
    pub files: u64,
}

/// About this program and where it keeps things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct AboutReply {
    /// Version.
    pub version: String,
    /// State directory.
    pub home: String,
    /// Where secrets are kept, in words; `none` when nowhere.
    pub secrets: String,
    /// Why the keychain cannot be used, if so.
    pub secrets_problem: Option<String>,
}
