//! Snapshot files: when, where and what was saved, and the directory it begins with.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::place::{FileKind, Place};
use crate::{Damage, Id, MasterKey, Result, VaultError, file};

/// A snapshot as its file describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its id (not in the file).
    #[serde(skip)]
    pub id: Id,
    /// The moment it stands for.
    pub time: DateTime<Utc>,
    /// The snapshot before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Id>,
    /// Its topmost directory.
    pub tree: Id,
    /// Paths it holds.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub paths: Vec<String>,
    /// Computer it was made on.
    #[serde(default)]
    pub hostname: String,
    /// Who made it.
    #[serde(default)]
    pub username: String,
    /// User id.
    #[serde(default)]
    pub uid: u32,
    /// Group id.
    #[serde(default)]
    pub gid: u32,
    /// Tags.
    #[serde(default, deserialize_with = "null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The snapshot it was rewritten from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Id>,
    /// Label, in rustic's field; restic leaves it alone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Description, in rustic's field; restic leaves it alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Program that wrote it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub program_version: String,
    /// Numbers of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<SnapshotSummary>,
}

/// Numbers of the run that made a snapshot, in the fields restic and rustic use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SnapshotSummary {
    /// Start of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_start: Option<DateTime<Utc>>,
    /// End of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_end: Option<DateTime<Utc>>,
    /// Files written anew.
    pub files_new: u64,
    /// Files changed since the parent.
    pub files_changed: u64,
    /// Files taken over from the parent.
    pub files_unmodified: u64,
    /// New directories.
    pub dirs_new: u64,
    /// Changed directories.
    pub dirs_changed: u64,
    /// Directories taken over.
    pub dirs_unmodified: u64,
    /// New blobs with content.
    pub data_blobs: u64,
    /// New blobs with directories.
    pub tree_blobs: u64,
    /// Bytes in new blobs.
    pub data_added: u64,
    /// Bytes the new blobs occupy.
    pub data_added_packed: u64,
    /// Files in the snapshot, as far as they were handled one by one.
    pub total_files_processed: u64,
    /// Their bytes.
    pub total_bytes_processed: u64,
}

fn null_is_empty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// All snapshots that can be read, and the files that cannot.
#[derive(Debug, Default)]
pub struct Snapshots {
    /// Oldest first.
    pub good: Vec<Snapshot>,
    /// Damaged snapshot files.
    pub damaged: Vec<(Id, Damage)>,
}

impl Snapshot {
    pub(crate) fn load(place: &dyn Place, key: &MasterKey, id: Id) -> Result<Self> {
        let json = file::read(place, key, FileKind::Snapshot, &id)?;
        let damaged = |_| VaultError::FileDamaged {
            kind: FileKind::Snapshot,
            id,
            damage: Damage::Structure,
        };
        let mut snapshot: Self = serde_json::from_slice(&json).map_err(damaged)?;
        snapshot.id = id;
        Ok(snapshot)
    }

    /// Writes it and sets its id.
    pub(crate) fn save(&mut self, place: &dyn Place, key: &MasterKey, version: u32) -> Result<Id> {
        let failed = |e: serde_json::Error| VaultError::Engine {
            what: "writing a snapshot",
            message: e.to_string(),
        };
        let json = serde_json::to_vec(self).map_err(failed)?;
        self.id = file::write(place, key, version, FileKind::Snapshot, &json)?;
        Ok(self.id)
    }
}

impl Snapshots {
    pub(crate) fn load(place: &dyn Place, key: &MasterKey) -> Result<Self> {
        let mut all = Self::default();
        for (id, _) in place.list(FileKind::Snapshot)? {
            match Snapshot::load(place, key, id) {
                Ok(snapshot) => all.good.push(snapshot),
                Err(VaultError::FileDamaged { damage, .. }) => all.damaged.push((id, damage)),
                // Removed between listing and reading.
                Err(VaultError::Place(e)) if e.is_not_found() => {}
                Err(e) => return Err(e),
            }
        }
        all.good.sort_by_key(|s| (s.time, s.id));
        all.damaged.sort_by_key(|(id, _)| *id);
        Ok(all)
    }

    /// Finds one by `latest`, its id or the beginning of its id.
    ///
    /// # Errors
    /// When none or several fit, or the one that fits is damaged.
    pub fn resolve(&self, name: &str) -> Result<&Snapshot> {
        let not_found = || VaultError::SnapshotNotFound { name: name.to_owned() };
        if name == "latest" {
            return self.good.last().ok_or_else(not_found);
        }
        let prefix = name.to_ascii_lowercase();
        let fits = |id: &Id| !prefix.is_empty() && id.to_hex().starts_with(&prefix);
        let found: Vec<&Snapshot> = self.good.iter().filter(|s| fits(&s.id)).collect();
        let damaged: Vec<&(Id, Damage)> = self.damaged.iter().filter(|(id, _)| fits(id)).collect();
        match (&found[..], &damaged[..]) {
            ([one], []) => Ok(one),
            ([], []) => Err(not_found()),
            ([], [(id, damage)]) => Err(VaultError::FileDamaged {
                kind: FileKind::Snapshot,
                id: *id,
                damage: *damage,
            }),
            _ => Err(VaultError::SnapshotAmbiguous {
                prefix: name.to_owned(),
                matches: found.len() + damaged.len(),
            }),
        }
    }
}
