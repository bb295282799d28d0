//! Plans: which sources go to which vaults, by which rules. The rules are JSON this crate does not read.

use backstay_model::RawJson;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::{Journal, JournalError, Named, Result, check_name, codec, name, sources, vaults};

/// A plan to add.
#[derive(Debug, Clone)]
pub struct NewPlan {
    /// Its name ([`check_name`]).
    pub name: String,
    /// Its rules.
    pub spec: RawJson,
    /// Ids of its sources, in order; one named twice counts once.
    pub sources: Vec<String>,
    /// Ids of its vaults, in order; none: each source goes where it goes by itself.
    pub vaults: Vec<String>,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Stable id (UUID version 7).
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its rules.
    pub spec: RawJson,
    /// Its sources, in order, with the names they have now.
    pub sources: Vec<Named>,
    /// Its vaults, in order; none: each source goes where it goes by itself.
    pub vaults: Vec<Named>,
    /// When it was added.
    pub created: DateTime<Utc>,
    /// When its name, rules, sources or vaults were last changed, or it was last switched on or off.
    pub changed: DateTime<Utc>,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// Until when it pauses; a time that has passed means it does not.
    pub paused_until: Option<DateTime<Utc>>,
    /// Who paused it.
    pub paused_by: Option<String>,
}

/// What to change of a plan; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct PlanChange {
    /// Another name.
    pub name: Option<String>,
    /// Other rules.
    pub spec: Option<RawJson>,
    /// Ids of all its sources from now on.
    pub sources: Option<Vec<String>>,
    /// Ids of all its vaults from now on.
    pub vaults: Option<Vec<String>>,
    /// Whether it runs by itself.
    pub enabled: Option<bool>,
}

/// The plans of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Plans<'a>(pub(crate) &'a Journal);

const COLUMNS: &str = "id, name, spec, created, changed, enabled, paused_until, paused_by";

impl Plans<'_> {
    /// Adds a plan, switched on.
    ///
    /// # Errors
    /// [`JournalError::Name`], [`JournalError::NameTaken`]; [`JournalError::NotFound`] for a source or a vault.
    pub fn add(&self, new: &NewPlan, now: DateTime<Utc>) -> Result<Plan> {
        check_name(&new.name)?;
        self.0.write(|tx| {
            let id = codec::new_id(now);
            refuse_taken(tx, &new.name, &id)?;
            tx.prepare_cached("INSERT INTO plans (id, name, name_key, spec, created, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?5)")?
                .execute(params![
                    id,
                    new.name,
                    name::key(&new.name),
                    codec::raw(&new.spec),
                    codec::micros(now)
                ])?;
            set_sources(tx, &id, &new.sources)?;
            set_vaults(tx, &id, &new.vaults)?;
            require(tx, &id)
        })
    }

    /// Changes a plan, all of it or nothing. Its runs keep the name they had.
    ///
    /// # Errors
    /// As [`Plans::add`]; [`JournalError::NotFound`] for the plan.
    pub fn change(&self, name_or_id: &str, change: &PlanChange, now: DateTime<Utc>) -> Result<Plan> {
        if let Some(name) = &change.name {
            check_name(name)?;
        }
        self.0.write(|tx| {
            let was = require(tx, name_or_id)?;
            let to = change.name.as_ref().unwrap_or(&was.name);
            refuse_taken(tx, to, &was.id)?;
            tx.prepare_cached("UPDATE plans SET name = ?2, name_key = ?3, spec = ?4, enabled = ?5, changed = ?6 WHERE id = ?1")?
                .execute(params![
                    was.id,
                    to,
                    name::key(to),
                    codec::raw(change.spec.as_ref().unwrap_or(&was.spec)),
                    change.enabled.unwrap_or(was.enabled),
                    codec::micros(now)
                ])?;
            if let Some(sources) = &change.sources {
                set_sources(tx, &was.id, sources)?;
            }
            if let Some(vaults) = &change.vaults {
                set_vaults(tx, &was.id, vaults)?;
            }
            require(tx, &was.id)
        })
    }

    /// Forgets a plan with what the scheduler knew of it. Its runs and their snapshots stay.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn remove(&self, name_or_id: &str) -> Result<Plan> {
        self.0.write(|tx| {
            let plan = require(tx, name_or_id)?;
            tx.execute("DELETE FROM plans WHERE id = ?1", [&plan.id])?;
            Ok(plan)
        })
    }

    /// The plan with this name (in any case) or id.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn get(&self, name_or_id: &str) -> Result<Plan> {
        self.0.read(|tx| require(tx, name_or_id))
    }

    /// All plans by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self) -> Result<Vec<Plan>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM plans ORDER BY name_key"))?;
            let plans = rows.query_map([], plan)?.collect::<rusqlite::Result<Vec<_>>>()?;
            plans.into_iter().map(|plan| whole(tx, plan)).collect()
        })
    }

    /// The plans a source (by id) is in, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of_source(&self, source: &str) -> Result<Vec<Plan>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM plans WHERE id IN (SELECT plan_id FROM plan_sources WHERE source_id = ?1) ORDER BY name_key"
            ))?;
            let plans = rows.query_map([source], plan)?.collect::<rusqlite::Result<Vec<_>>>()?;
            plans.into_iter().map(|plan| whole(tx, plan)).collect()
        })
    }

    /// Lets a plan pause until a time; `None` ends the pause.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn pause(&self, name_or_id: &str, until: Option<DateTime<Utc>>, by: &str) -> Result<Plan> {
        self.0.write(|tx| {
            let plan = require(tx, name_or_id)?;
            tx.prepare_cached("UPDATE plans SET paused_until = ?2, paused_by = ?3 WHERE id = ?1")?
                .execute(params![plan.id, until.map(codec::micros), until.map(|_| by)])?;
            require(tx, &plan.id)
        })
    }
}

fn set_sources(tx: &Transaction<'_>, plan: &str, names: &[String]) -> Result<()> {
    tx.execute("DELETE FROM plan_sources WHERE plan_id = ?1", [plan])?;
    for (position, name) in (0_i64..).zip(names) {
        let source = sources::require(tx, name)?.id;
        tx.prepare_cached("INSERT OR IGNORE INTO plan_sources VALUES (?1, ?2, ?3)")?
            .execute(params![plan, source, position])?;
    }
    Ok(())
}

fn set_vaults(tx: &Transaction<'_>, plan: &str, names: &[String]) -> Result<()> {
    tx.execute("DELETE FROM plan_vaults WHERE plan_id = ?1", [plan])?;
    for (position, name) in (0_i64..).zip(names) {
        let vault = vaults::require(tx, name)?.id;
        tx.prepare_cached("INSERT OR IGNORE INTO plan_vaults VALUES (?1, ?2, ?3)")?
            .execute(params![plan, vault, position])?;
    }
    Ok(())
}

/// Fails when another plan has the name.
fn refuse_taken(tx: &Transaction<'_>, name: &str, but: &str) -> Result<()> {
    match find(tx, name)? {
        Some(other) if other.id != but => Err(JournalError::NameTaken {
            what: "plan",
            name: other.name,
        }),
        _ => Ok(()),
    }
}

/// Fails when there is no plan with this id.
pub(crate) fn require_id(tx: &Transaction<'_>, id: &str) -> Result<()> {
    let mut rows = tx.prepare_cached("SELECT 1 FROM plans WHERE id = ?1")?;
    if rows.exists([id])? { Ok(()) } else { Err(missing(id)) }
}

fn require(tx: &Transaction<'_>, name_or_id: &str) -> Result<Plan> {
    let plan = find(tx, name_or_id)?.ok_or_else(|| missing(name_or_id))?;
    whole(tx, plan)
}

fn missing(name: &str) -> JournalError {
    JournalError::NotFound {
        what: "plan",
        name: name.to_owned(),
    }
}

fn find(tx: &Transaction<'_>, name_or_id: &str) -> Result<Option<Plan>> {
    let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM plans WHERE name_key = ?1 OR id = ?2"))?;
    Ok(rows
        .query_row([name::key(name_or_id).as_str(), name_or_id], plan)
        .optional()?)
}

/// Adds the sources and vaults to a plan's row.
fn whole(tx: &Transaction<'_>, plan: Plan) -> Result<Plan> {
    let named = |sql: &str| -> Result<Vec<Named>> {
        let mut rows = tx.prepare_cached(sql)?;
        let row = |row: &Row<'_>| {
            Ok(Named {
                id: row.get(0)?,
                name: row.get(1)?,
            })
        };
        Ok(rows.query_map([&plan.id], row)?.collect::<rusqlite::Result<_>>()?)
    };
    let sources = named("SELECT id, name FROM plan_sources JOIN sources ON id = source_id WHERE plan_id = ?1 ORDER BY position")?;
    let vaults = named("SELECT id, name FROM plan_vaults JOIN vaults ON id = vault_id WHERE plan_id = ?1 ORDER BY position")?;
    Ok(Plan { sources, vaults, ..plan })
}

fn plan(row: &Row<'_>) -> rusqlite::Result<Plan> {
    Ok(Plan {
        id: row.get("id")?,
        name: row.get("name")?,
        spec: codec::json(row, "spec")?,
        sources: Vec::new(),
        vaults: Vec::new(),
        created: codec::time(row, "created")?,
        changed: codec::time(row, "changed")?,
        enabled: row.get("enabled")?,
        paused_until: codec::optional_time(row, "paused_until")?,
        paused_by: row.get("paused_by")?,
    })
}
