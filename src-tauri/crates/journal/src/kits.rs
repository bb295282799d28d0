//! Recovery kits: which key of a vault is a kit's, when it was made, and whether words were typed back from it. Never the words.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::{Journal, JournalError, Process, Result, codec};

/// A kit to begin.
#[derive(Debug, Clone)]
pub struct NewKit {
    /// Id of the vault.
    pub vault: String,
    /// Id of the key in the vault; empty while it is not known yet.
    pub key: String,
}

/// A recovery kit, as it is noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kit {
    /// Its id (UUID version 7).
    pub id: String,
    /// Id of the vault.
    pub vault: String,
    /// Id of its key in the vault; empty until it was added.
    pub key: String,
    /// When it was made.
    pub made: DateTime<Utc>,
    /// When words were typed back from it; `None`: it was begun and does not count.
    pub confirmed: Option<DateTime<Utc>>,
    /// The process that began it.
    pub process: Process,
}

/// The kits of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Kits<'a>(pub(crate) &'a Journal);

const COLUMNS: &str = "id, vault_id, key_id, made, confirmed, pid, boot, program";

impl Kits<'_> {
    /// Notes a kit whose key is about to be added to the vault or was just added.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn begin(&self, new: &NewKit, program: &str, now: DateTime<Utc>) -> Result<Kit> {
        let (id, process) = (codec::new_id(now), Process::this(program));
        self.0.write(|tx| {
            tx.execute(
                "INSERT INTO kits (id, vault_id, key_id, made, pid, boot, program) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    id,
                    new.vault,
                    new.key,
                    codec::micros(now),
                    process.pid,
                    process.boot,
                    process.program
                ],
            )?;
            Ok(tx.query_row(&format!("SELECT {COLUMNS} FROM kits WHERE id = ?1"), [&id], kit)?)
        })
    }

    /// Notes the key that was added for a kit.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn set_key(&self, id: &str, key: &str) -> Result<()> {
        self.0.write(|tx| {
            let done = tx.execute("UPDATE kits SET key_id = ?2 WHERE id = ?1", [id, key])?;
            if done == 0 { Err(missing(id)) } else { Ok(()) }
        })
    }

    /// The kit with this id.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn get(&self, id: &str) -> Result<Kit> {
        self.0.read(|tx| {
            let found = tx
                .query_row(&format!("SELECT {COLUMNS} FROM kits WHERE id = ?1"), [id], kit)
                .optional()?;
            found.ok_or_else(|| missing(id))
        })
    }

    /// All kits of a vault, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of(&self, vault: &str) -> Result<Vec<Kit>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM kits WHERE vault_id = ?1 ORDER BY made, id"))?;
            Ok(rows.query_map([vault], kit)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Kits that were begun and neither confirmed nor given up.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn unconfirmed(&self) -> Result<Vec<Kit>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM kits WHERE confirmed IS NULL ORDER BY made, id"
            ))?;
            Ok(rows.query_map([], kit)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The kit counts from now on.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn confirm(&self, id: &str, now: DateTime<Utc>) -> Result<()> {
        self.0.write(|tx| {
            let done = tx.execute(
                "UPDATE kits SET confirmed = ?2 WHERE id = ?1",
                params![id, codec::micros(now)],
            )?;
            if done == 0 { Err(missing(id)) } else { Ok(()) }
        })
    }

    /// Forgets a kit whose key is gone. One that is forgotten already is no error.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn remove(&self, id: &str) -> Result<()> {
        self.0.write(|tx| {
            tx.execute("DELETE FROM kits WHERE id = ?1", [id])?;
            Ok(())
        })
    }
}

fn missing(id: &str) -> JournalError {
    JournalError::NotFound {
        what: "recovery kit",
        name: id.to_owned(),
    }
}

fn kit(row: &Row<'_>) -> rusqlite::Result<Kit> {
    Ok(Kit {
        id: row.get(0)?,
        vault: row.get(1)?,
        key: row.get(2)?,
        made: codec::time(row, 3)?,
        confirmed: codec::optional_time(row, 4)?,
        process: Process {
            pid: row.get(5)?,
            boot: row.get(6)?,
            program: row.get(7)?,
        },
    })
}
