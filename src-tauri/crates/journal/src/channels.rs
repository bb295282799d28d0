//! Ways to tell people: webhooks, mail, heartbeats. Addresses and settings, never a secret.

use backstay_model::RawJson;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::{Journal, JournalError, Result, check_name, codec, name};

/// A channel to add.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// Its name ([`check_name`]).
    pub name: String,
    /// What it is: `webhook`, `email`.
    pub kind: String,
    /// Its settings; names of secrets, never their values.
    pub config: RawJson,
    /// The events it tells.
    pub events: Vec<String>,
    /// Ids of the plans it tells of; empty means all.
    pub plans: Vec<String>,
    /// Whether it is used.
    pub enabled: bool,
}

/// A way to tell people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// Stable id (UUID version 7); names its secrets.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Its settings.
    pub config: RawJson,
    /// The events it tells.
    pub events: Vec<String>,
    /// Ids of the plans it tells of; empty means all. A plan that was removed stays in here: a channel for one plan does not become
    /// one for all.
    pub plans: Vec<String>,
    /// Whether it is used.
    pub enabled: bool,
    /// When it was added.
    pub created: DateTime<Utc>,
}

/// What to change of a channel; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct ChannelChange {
    /// Another name.
    pub name: Option<String>,
    /// Other settings.
    pub config: Option<RawJson>,
    /// All events it tells from now on.
    pub events: Option<Vec<String>>,
    /// Ids of all plans it tells of from now on; empty means all.
    pub plans: Option<Vec<String>>,
    /// Whether it is used.
    pub enabled: Option<bool>,
}

/// The channels of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Channels<'a>(pub(crate) &'a Journal);

const COLUMNS: &str = "id, name, kind, config, events, plans, enabled, created";

impl Channels<'_> {
    /// Adds a channel.
    ///
    /// # Errors
    /// [`JournalError::Name`], [`JournalError::NameTaken`].
    pub fn add(&self, new: &NewChannel, now: DateTime<Utc>) -> Result<Channel> {
        check_name(&new.name)?;
        self.0.write(|tx| {
            let id = codec::new_id(now);
            refuse_taken(tx, &new.name, &id)?;
            tx.prepare_cached(
                "INSERT INTO channels (id, name, name_key, kind, config, events, plans, enabled, created)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                id,
                new.name,
                name::key(&new.name),
                new.kind,
                codec::raw(&new.config),
                codec::texts(&new.events),
                codec::texts(&new.plans),
                new.enabled,
                codec::micros(now)
            ])?;
            require(tx, &id)
        })
    }

    /// Changes a channel.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Name`], [`JournalError::NameTaken`].
    pub fn change(&self, name_or_id: &str, change: &ChannelChange) -> Result<Channel> {
        if let Some(name) = &change.name {
            check_name(name)?;
        }
        self.0.write(|tx| {
            let was = require(tx, name_or_id)?;
            let to = change.name.as_ref().unwrap_or(&was.name);
            refuse_taken(tx, to, &was.id)?;
            tx.prepare_cached(
                "UPDATE channels SET name = ?2, name_key = ?3, config = ?4, events = ?5, plans = ?6, enabled = ?7 WHERE id = ?1",
            )?
            .execute(params![
                was.id,
                to,
                name::key(to),
                codec::raw(change.config.as_ref().unwrap_or(&was.config)),
                codec::texts(change.events.as_ref().unwrap_or(&was.events)),
                codec::texts(change.plans.as_ref().unwrap_or(&was.plans)),
                change.enabled.unwrap_or(was.enabled)
            ])?;
            require(tx, &was.id)
        })
    }

    /// Forgets a channel. Letters to it stay; whoever sends them finds no channel and gives them up.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn remove(&self, name_or_id: &str) -> Result<Channel> {
        self.0.write(|tx| {
            let channel = require(tx, name_or_id)?;
            tx.execute("DELETE FROM channels WHERE id = ?1", [&channel.id])?;
            Ok(channel)
        })
    }

    /// The channel with this name (in any case) or id.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn get(&self, name_or_id: &str) -> Result<Channel> {
        self.0.read(|tx| require(tx, name_or_id))
    }

    /// All channels by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self) -> Result<Vec<Channel>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM channels ORDER BY name_key"))?;
            Ok(rows.query_map([], channel)?.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// Fails when another channel has the name.
fn refuse_taken(tx: &Transaction<'_>, name: &str, but: &str) -> Result<()> {
    match find(tx, name)? {
        Some(other) if other.id != but => Err(JournalError::NameTaken {
            what: "channel",
            name: other.name,
        }),
        _ => Ok(()),
    }
}

fn require(tx: &Transaction<'_>, name_or_id: &str) -> Result<Channel> {
    find(tx, name_or_id)?.ok_or_else(|| JournalError::NotFound {
        what: "channel",
        name: name_or_id.to_owned(),
    })
}

fn find(tx: &Transaction<'_>, name_or_id: &str) -> Result<Option<Channel>> {
    let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM channels WHERE name_key = ?1 OR id = ?2"))?;
    Ok(rows
        .query_row([name::key(name_or_id).as_str(), name_or_id], channel)
        .optional()?)
}

fn channel(row: &Row<'_>) -> rusqlite::Result<Channel> {
    Ok(Channel {
        id: row.get("id")?,
        name: row.get("name")?,
        kind: row.get("kind")?,
        config: codec::json(row, "config")?,
        events: codec::list(row, "events")?,
        plans: codec::list(row, "plans")?,
        enabled: row.get("enabled")?,
        created: codec::time(row, "created")?,
    })
}
