//! What is protected: one row per source. Secrets are never in here, only the names under which `secrets` keeps them.

use backstay_model::RawJson;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::{Journal, JournalError, Result, check_name, codec, holds, name};

/// A source to add.
#[derive(Debug, Clone)]
pub struct NewSource {
    /// Its name ([`check_name`]).
    pub name: String,
    /// The connector.
    pub kind: String,
    /// The connector's settings; names of secrets, never their values.
    pub config: RawJson,
    /// Id of the instance or workspace, if the user gives one.
    pub instance_id: Option<String>,
    /// Whose data it is, if the user says.
    pub user_id: Option<String>,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Stable id (UUID version 7); stands in snapshots.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The connector.
    pub kind: String,
    /// The connector's settings.
    pub config: RawJson,
    /// When it was added.
    pub created: DateTime<Utc>,
    /// Id of the instance or workspace, if the user gave one.
    pub instance_id: Option<String>,
    /// Whose data it is, if the user said.
    pub user_id: Option<String>,
}

/// What to change of a source; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct SourceChange {
    /// New settings.
    pub config: Option<RawJson>,
    /// New instance id; `Some(None)` takes it away.
    pub instance_id: Option<Option<String>>,
    /// New user id; `Some(None)` takes it away.
    pub user_id: Option<Option<String>>,
}

/// The sources of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a>(pub(crate) &'a Journal);

const COLUMNS: &str = "id, name, kind, config, created, instance_id, user_id";

impl Sources<'_> {
    /// Adds a source.
    ///
    /// # Errors
    /// [`JournalError::Name`], [`JournalError::NameTaken`].
    pub fn add(&self, new: &NewSource, now: DateTime<Utc>) -> Result<Source> {
        self.insert(&codec::new_id(now), new, now)
    }

    /// Puts back a source that a snapshot describes, with the id it has there, so that its history goes on.
    ///
    /// # Errors
    /// [`JournalError::NameTaken`] when the name or the id is in use; [`JournalError::Name`].
    pub fn adopt(&self, id: &str, new: &NewSource, now: DateTime<Utc>) -> Result<Source> {
        self.insert(id, new, now)
    }

    fn insert(&self, id: &str, new: &NewSource, now: DateTime<Utc>) -> Result<Source> {
        check_name(&new.name)?;
        self.0.write(|tx| {
            refuse_taken(tx, &new.name, id)?;
            if find(tx, id)?.is_some() {
                return Err(JournalError::NameTaken {
                    what: "source",
                    name: id.to_owned(),
                });
            }
            let config = String::from_utf8_lossy(new.config.as_bytes());
            tx.prepare_cached(
                "INSERT INTO sources (id, name, name_key, kind, config, created, instance_id, user_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                id,
                new.name,
                name::key(&new.name),
                new.kind,
                config,
                codec::micros(now),
                new.instance_id,
                new.user_id
            ])?;
            require(tx, id)
        })
    }

    /// All sources by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self) -> Result<Vec<Source>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM sources ORDER BY name_key"))?;
            Ok(rows.query_map([], source)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The source with this name (in any case) or id.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn get(&self, name_or_id: &str) -> Result<Source> {
        self.0.read(|tx| require(tx, name_or_id))
    }

    /// Gives a source another name. Its runs keep the name they had.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Name`], [`JournalError::NameTaken`].
    pub fn rename(&self, name_or_id: &str, to: &str) -> Result<Source> {
        check_name(to)?;
        self.0.write(|tx| {
            let source = require(tx, name_or_id)?;
            refuse_taken(tx, to, &source.id)?;
            tx.prepare_cached("UPDATE sources SET name = ?2, name_key = ?3 WHERE id = ?1")?
                .execute(params![source.id, to, name::key(to)])?;
            require(tx, &source.id)
        })
    }

    /// Changes settings of a source.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn update(&self, name_or_id: &str, change: &SourceChange) -> Result<Source> {
        self.0.write(|tx| {
            let now = require(tx, name_or_id)?;
            let config = change.config.as_ref().unwrap_or(&now.config);
            tx.prepare_cached("UPDATE sources SET config = ?2, instance_id = ?3, user_id = ?4 WHERE id = ?1")?
                .execute(params![
                    now.id,
                    String::from_utf8_lossy(config.as_bytes()),
                    change.instance_id.as_ref().unwrap_or(&now.instance_id),
                    change.user_id.as_ref().unwrap_or(&now.user_id)
                ])?;
            require(tx, &now.id)
        })
    }

    /// Forgets a source. Its runs and its snapshots stay; plans go on without it, and guards that tripped for it are answered.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn remove(&self, name_or_id: &str, now: DateTime<Utc>) -> Result<Source> {
        self.0.write(|tx| {
            let source = require(tx, name_or_id)?;
            tx.execute("DELETE FROM sources WHERE id = ?1", [&source.id])?;
            holds::release_all(tx, &source.id, now)?;
            Ok(source)
        })
    }
}

/// Fails when another source has the name.
fn refuse_taken(tx: &Transaction<'_>, name: &str, but: &str) -> Result<()> {
    match find(tx, name)? {
        Some(other) if other.id != but => Err(JournalError::NameTaken {
            what: "source",
            name: other.name,
        }),
        _ => Ok(()),
    }
}

pub(crate) fn require(tx: &Transaction<'_>, name_or_id: &str) -> Result<Source> {
    find(tx, name_or_id)?.ok_or_else(|| JournalError::NotFound {
        what: "source",
        name: name_or_id.to_owned(),
    })
}

fn find(tx: &Transaction<'_>, name_or_id: &str) -> Result<Option<Source>> {
    let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM sources WHERE name_key = ?1 OR id = ?2"))?;
    Ok(rows
        .query_row([name::key(name_or_id).as_str(), name_or_id], source)
        .optional()?)
}

fn source(row: &Row<'_>) -> rusqlite::Result<Source> {
    Ok(Source {
        id: row.get("id")?,
        name: row.get("name")?,
        kind: row.get("kind")?,
        config: codec::json(row, "config")?,
        created: codec::time(row, "created")?,
        instance_id: row.get("instance_id")?,
        user_id: row.get("user_id")?,
    })
}
