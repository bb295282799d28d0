//! Snapshots a person pinned: no rule removes them.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use crate::{Journal, Result, codec};

/// A pinned snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pin {
    /// Id of the vault.
    pub vault: String,
    /// Id of the snapshot, whole, hexadecimal.
    pub snapshot: String,
    /// What it is called.
    pub name: Option<String>,
    /// Who pinned it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// The pins of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Pins<'a>(pub(crate) &'a Journal);

impl Pins<'_> {
    /// Pins a snapshot. One that is pinned keeps who did it and when; a name given replaces its name.
    ///
    /// # Errors
    /// When the database cannot be written, or there is no vault with this id.
    pub fn pin(&self, vault: &str, snapshot: &str, name: Option<&str>, by: &str, now: DateTime<Utc>) -> Result<()> {
        self.0.write(|tx| {
            crate::vaults::require(tx, vault)?;
            tx.prepare_cached(
                "INSERT INTO pins (vault_id, snapshot, name, pinned_by, at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET name = coalesce(excluded.name, name)",
            )?
            .execute(params![vault, snapshot, name, by, codec::micros(now)])?;
            Ok(())
        })
    }

    /// Takes a pin away; says whether there was one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn unpin(&self, vault: &str, snapshot: &str) -> Result<bool> {
        self.0.write(|tx| {
            let gone = tx.execute("DELETE FROM pins WHERE vault_id = ?1 AND snapshot = ?2", [vault, snapshot])?;
            Ok(gone > 0)
        })
    }

    /// The pins of the vault with this id, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of_vault(&self, vault: &str) -> Result<Vec<Pin>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(
                "SELECT vault_id, snapshot, name, pinned_by, at FROM pins WHERE vault_id = ?1 ORDER BY at, snapshot",
            )?;
            Ok(rows.query_map([vault], pin)?.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn pin(row: &Row<'_>) -> rusqlite::Result<Pin> {
    Ok(Pin {
        vault: row.get(0)?,
        snapshot: row.get(1)?,
        name: row.get(2)?,
        by: row.get(3)?,
        at: codec::time(row, 4)?,
    })
}
