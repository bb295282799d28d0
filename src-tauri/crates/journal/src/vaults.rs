//! Where backups are kept, and which vaults a source goes to.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::{Journal, JournalError, Result, check_name, codec, name, sources};

/// A vault to add.
#[derive(Debug, Clone)]
pub struct NewVault {
    /// Its name ([`check_name`]).
    pub name: String,
    /// Path or URL of the repository, without credentials.
    pub place: String,
    /// The repository's own id, by which it is recognised when it moves.
    pub repository_id: String,
}

/// A vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vault {
    /// Stable id (UUID version 7); names its secrets.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Path or URL of the repository.
    pub place: String,
    /// The repository's own id.
    pub repository_id: String,
    /// When it was added.
    pub created: DateTime<Utc>,
    /// When it was last reached.
    pub last_seen: Option<DateTime<Utc>>,
    /// Sources without vaults of their own go here.
    pub default: bool,
}

/// The vaults of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Vaults<'a>(pub(crate) &'a Journal);

const COLUMNS: &str = "id, name, place, repository_id, created, last_seen, is_default";

impl Vaults<'_> {
    /// Adds a vault. Where there is no default one, it becomes the default.
    ///
    /// # Errors
    /// [`JournalError::Name`], [`JournalError::NameTaken`].
    pub fn add(&self, new: &NewVault, now: DateTime<Utc>) -> Result<Vault> {
        check_name(&new.name)?;
        self.0.write(|tx| {
            let id = codec::new_id(now);
            refuse_taken(tx, &new.name, &id)?;
            tx.prepare_cached(
                "INSERT INTO vaults (id, name, name_key, place, repository_id, created, last_seen, is_default)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, NOT EXISTS (SELECT 1 FROM vaults WHERE is_default = 1))",
            )?
            .execute(params![
                id,
                new.name,
                name::key(&new.name),
                new.place,
                new.repository_id,
                codec::micros(now)
            ])?;
            require(tx, &id)
        })
    }

    /// All vaults by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self) -> Result<Vec<Vault>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM vaults ORDER BY name_key"))?;
            Ok(rows.query_map([], vault)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The vault with this name (in any case) or id.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn get(&self, name_or_id: &str) -> Result<Vault> {
        self.0.read(|tx| require(tx, name_or_id))
    }

    /// The default vault, if there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn default(&self) -> Result<Option<Vault>> {
        self.0.read(default)
    }

    /// Makes a vault the default; the one before is no longer.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn set_default(&self, name_or_id: &str) -> Result<Vault> {
        self.0.write(|tx| {
            let vault = require(tx, name_or_id)?;
            tx.execute("UPDATE vaults SET is_default = 0 WHERE is_default = 1", [])?;
            tx.execute("UPDATE vaults SET is_default = 1 WHERE id = ?1", [&vault.id])?;
            require(tx, &vault.id)
        })
    }

    /// Takes from a vault that it is the default; the next one added becomes it.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn clear_default(&self, name_or_id: &str) -> Result<()> {
        self.0.write(|tx| {
            let vault = require(tx, name_or_id)?;
            tx.execute("UPDATE vaults SET is_default = 0 WHERE id = ?1", [&vault.id])?;
            Ok(())
        })
    }

    /// Gives a vault another name.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Name`], [`JournalError::NameTaken`].
    pub fn rename(&self, name_or_id: &str, to: &str) -> Result<Vault> {
        check_name(to)?;
        self.0.write(|tx| {
            let vault = require(tx, name_or_id)?;
            refuse_taken(tx, to, &vault.id)?;
            tx.prepare_cached("UPDATE vaults SET name = ?2, name_key = ?3 WHERE id = ?1")?
                .execute(params![vault.id, to, name::key(to)])?;
            require(tx, &vault.id)
        })
    }

    /// Notes that the repository has moved.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn moved(&self, name_or_id: &str, place: &str) -> Result<Vault> {
        self.0.write(|tx| {
            let vault = require(tx, name_or_id)?;
            tx.execute("UPDATE vaults SET place = ?2 WHERE id = ?1", [&vault.id, place])?;
            require(tx, &vault.id)
        })
    }

    /// Notes that the repository was reached.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn seen(&self, name_or_id: &str, now: DateTime<Utc>) -> Result<()> {
        self.0.write(|tx| {
            let vault = require(tx, name_or_id)?;
            tx.execute(
                "UPDATE vaults SET last_seen = ?2 WHERE id = ?1",
                params![vault.id, codec::micros(now)],
            )?;
            Ok(())
        })
    }

    /// Notes how many bytes the repository takes.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn set_used(&self, name_or_id: &str, bytes: u64) -> Result<()> {
        self.0.write(|tx| {
            let vault = require(tx, name_or_id)?;
            tx.execute(
                "UPDATE vaults SET used_bytes = ?2 WHERE id = ?1",
                params![vault.id, codec::number(bytes)],
            )?;
            Ok(())
        })
    }

    /// How many bytes the repository took when that was last noted.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn used(&self, name_or_id: &str) -> Result<Option<u64>> {
        self.0.read(|tx| {
            let vault = require(tx, name_or_id)?;
            let used: Option<i64> = tx.query_row("SELECT used_bytes FROM vaults WHERE id = ?1", [&vault.id], |row| row.get(0))?;
            Ok(used.map(i64::unsigned_abs))
        })
    }

    /// Forgets a vault (the repository stays as it is).
    ///
    /// # Errors
    /// [`JournalError::NotFound`]; [`JournalError::VaultInUse`] when a source is assigned to this vault only, and
    /// [`JournalError::VaultInPlans`] when a plan is: it would silently go elsewhere from then on.
    pub fn remove(&self, name_or_id: &str) -> Result<Vault> {
        self.0.write(|tx| {
            let vault = require(tx, name_or_id)?;
            let sources = only_here(tx, &vault.id)?;
            if !sources.is_empty() {
                return Err(JournalError::VaultInUse {
                    name: vault.name,
                    sources,
                });
            }
            let plans = plans_only_here(tx, &vault.id)?;
            if !plans.is_empty() {
                return Err(JournalError::VaultInPlans { name: vault.name, plans });
            }
            tx.execute("DELETE FROM vaults WHERE id = ?1", [&vault.id])?;
            Ok(vault)
        })
    }

    /// Says which vaults a source goes to, in this order; none means the default.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] for the source or any vault; nothing changes then.
    pub fn assign(&self, source: &str, vaults: &[&str]) -> Result<()> {
        self.0.write(|tx| {
            let source = sources::require(tx, source)?.id;
            tx.execute("DELETE FROM source_vaults WHERE source_id = ?1", [&source])?;
            for (position, name) in (0_i64..).zip(vaults) {
                let vault = require(tx, name)?.id;
                // A vault named twice counts once.
                tx.execute(
                    "INSERT OR IGNORE INTO source_vaults VALUES (?1, ?2, ?3)",
                    params![source, vault, position],
                )?;
            }
            Ok(())
        })
    }

    /// The vaults a source was assigned to, in order; empty when it goes to the default.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn assigned(&self, source: &str) -> Result<Vec<Vault>> {
        self.0.read(|tx| assigned(tx, source))
    }

    /// Where a backup of the source goes: its assigned vaults, else the default, else nowhere.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn destinations(&self, source: &str) -> Result<Vec<Vault>> {
        self.0.read(|tx| {
            let own = assigned(tx, source)?;
            if own.is_empty() {
                Ok(default(tx)?.into_iter().collect())
            } else {
                Ok(own)
            }
        })
    }
}

fn assigned(tx: &Transaction<'_>, source: &str) -> Result<Vec<Vault>> {
    let source = sources::require(tx, source)?.id;
    let mut rows = tx.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM source_vaults JOIN vaults ON id = vault_id WHERE source_id = ?1 ORDER BY position"
    ))?;
    Ok(rows.query_map([source], vault)?.collect::<rusqlite::Result<_>>()?)
}

/// Names of the sources that are assigned to this vault and to no other.
fn only_here(tx: &Transaction<'_>, vault: &str) -> Result<Vec<String>> {
    let mut rows = tx.prepare_cached(
        "SELECT name FROM source_vaults AS here JOIN sources ON id = source_id WHERE vault_id = ?1
         AND NOT EXISTS (SELECT 1 FROM source_vaults WHERE source_id = here.source_id AND vault_id <> ?1) ORDER BY name_key",
    )?;
    Ok(rows.query_map([vault], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Names of the plans that go to this vault and to no other.
fn plans_only_here(tx: &Transaction<'_>, vault: &str) -> Result<Vec<String>> {
    let mut rows = tx.prepare_cached(
        "SELECT name FROM plan_vaults AS here JOIN plans ON id = plan_id WHERE vault_id = ?1
         AND NOT EXISTS (SELECT 1 FROM plan_vaults WHERE plan_id = here.plan_id AND vault_id <> ?1) ORDER BY name_key",
    )?;
    Ok(rows.query_map([vault], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

fn default(tx: &Transaction<'_>) -> Result<Option<Vault>> {
    let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM vaults WHERE is_default = 1"))?;
    Ok(rows.query_row([], vault).optional()?)
}

/// Fails when another vault has the name.
fn refuse_taken(tx: &Transaction<'_>, name: &str, but: &str) -> Result<()> {
    match find(tx, name)? {
        Some(other) if other.id != but => Err(JournalError::NameTaken {
            what: "vault",
            name: other.name,
        }),
        _ => Ok(()),
    }
}

pub(crate) fn require(tx: &Transaction<'_>, name_or_id: &str) -> Result<Vault> {
    find(tx, name_or_id)?.ok_or_else(|| JournalError::NotFound {
        what: "vault",
        name: name_or_id.to_owned(),
    })
}

fn find(tx: &Transaction<'_>, name_or_id: &str) -> Result<Option<Vault>> {
    let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM vaults WHERE name_key = ?1 OR id = ?2"))?;
    Ok(rows
        .query_row([name::key(name_or_id).as_str(), name_or_id], vault)
        .optional()?)
}

fn vault(row: &Row<'_>) -> rusqlite::Result<Vault> {
    Ok(Vault {
        id: row.get("id")?,
        name: row.get("name")?,
        place: row.get("place")?,
        repository_id: row.get("repository_id")?,
        created: codec::time(row, "created")?,
        last_seen: codec::optional_time(row, "last_seen")?,
        default: row.get("is_default")?,
    })
}
