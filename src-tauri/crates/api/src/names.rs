//! What people call things, resolved: snapshots by id, beginning of an id, `latest`, or a source at a time.

use backstay_engine::{
    State, backup,
    snapshot::{TAG, TAG_PARTIAL, TAG_UNDO, open_snapshot},
};
use backstay_journal::Vault as VaultRecord;
use backstay_model::{ErrorKind, Verdict};
use backstay_vault::{Id, Reader, Snapshot, Snapshots, Vault, VaultError};
use chrono::{DateTime, Utc};

use crate::{
    ApiError, App, Context, Result,
    types::{SnapshotRef, SnapshotRow},
    vaults,
};

/// A snapshot that was found, with the vault it lies in.
#[derive(Clone)]
pub(crate) struct Found {
    pub record: VaultRecord,
    pub vault: Vault,
    pub snapshot: Snapshot,
}

impl Found {
    /// Opens it for reading.
    pub(crate) fn open(&self, app: &App) -> Result<(Reader, State)> {
        let reader = self.vault.reader()?;
        let state = open_snapshot(&reader, &self.snapshot, &|kind| app.connector(kind).ok())?;
        Ok((reader, state))
    }
}

/// The vaults a request means: one by name, or all.
pub(crate) fn vault_records(app: &App, name: Option<&str>) -> Result<Vec<VaultRecord>> {
    match name {
        Some(name) => Ok(vec![app.journal().vaults().get(name)?]),
        None => Ok(app.journal().vaults().list()?),
    }
}

/// Finds a snapshot by its id (or beginning), as `latest`, `SOURCE@latest` or `SOURCE@TIME`.
///
/// # Errors
/// When there is none, several fit, or the vaults cannot be opened.
pub(crate) fn snapshot(app: &App, context: &Context<'_>, wanted: &SnapshotRef) -> Result<Found> {
    if wanted.snapshot.starts_with(crate::bundles::PREFIX) {
        return Err(ApiError::new(ErrorKind::Usage, "a bundle is no snapshot in a vault")
            .hint("`backstay import FILE` keeps it in a vault as one."));
    }
    if let Some((source, time)) = wanted.snapshot.rsplit_once('@') {
        let at = match time {
            "latest" => None,
            time => Some(time.parse::<DateTime<Utc>>().map_err(|_| {
                ApiError::new(ErrorKind::Usage, format!("{time:?} is not a time")).hint("Write it like 2026-11-20T14:00:00Z.")
            })?),
        };
        return of_source(app, context, source, at, wanted.vault.as_deref());
    }
    let mut found: Vec<Found> = Vec::new();
    let mut problem: Option<ApiError> = None;
    for record in vault_records(app, wanted.vault.as_deref())? {
        match search(app, context, &record, &wanted.snapshot) {
            Ok(hit) => found.extend(hit),
            // Several fit in this vault: one hit in another does not tell which one is meant.
            Err(error) if error.code == ErrorKind::Usage => return Err(error),
            Err(error) => problem = Some(error),
        }
    }
    if wanted.snapshot == "latest" {
        found.sort_by_key(|hit| hit.snapshot.time);
    } else if found.len() > 1 && found.iter().any(|hit| hit.snapshot.id != found[0].snapshot.id) {
        return Err(ApiError::new(
            ErrorKind::Usage,
            format!("several snapshots begin with {:?}", wanted.snapshot),
        )
        .hint("Give more digits of the id, or the vault with --vault."));
    }
    match (found.pop(), problem) {
        (Some(hit), _) => Ok(hit),
        (None, Some(error)) => Err(error),
        (None, None) => Err(
            ApiError::new(ErrorKind::NotFound, format!("there is no snapshot {:?}", wanted.snapshot))
                .hint("`backstay snapshots` lists them."),
        ),
    }
}

fn search(app: &App, context: &Context<'_>, record: &VaultRecord, name: &str) -> Result<Option<Found>> {
    let vault = vaults::open(app, context, record)?;
    if let Ok(id) = name.parse::<Id>() {
        // A full id needs no list.
        return match vault.snapshot(&id) {
            Ok(snapshot) => Ok(Some(Found {
                record: record.clone(),
                vault,
                snapshot,
            })),
            Err(VaultError::SnapshotNotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        };
    }
    let all = app.opened().snapshots(&vault)?;
    let hit = if name == "latest" {
        all.good
            .iter()
            .rev()
            .find(|s| !is_safety(s))
            .ok_or_else(|| VaultError::SnapshotNotFound { name: name.to_owned() })
    } else {
        all.resolve(name)
    };
    match hit {
        Ok(snapshot) => Ok(Some(Found {
            record: record.clone(),
            snapshot: snapshot.clone(),
            vault,
        })),
        Err(VaultError::SnapshotNotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The snapshot of a source that shows its state at a time: the newest one not after it.
///
/// # Errors
/// When the source or a fitting snapshot does not exist, or no vault can be opened.
pub(crate) fn of_source(
    app: &App,
    context: &Context<'_>,
    source: &str,
    at: Option<DateTime<Utc>>,
    vault: Option<&str>,
) -> Result<Found> {
    let id = app.journal().sources().get(source)?.id;
    let mut best: Option<Found> = None;
    let mut problem = None;
    for record in vault_records(app, vault)? {
        let newest = vaults::open(app, context, &record).and_then(|vault| {
            let all = app.opened().snapshots(&vault)?;
            let fits = |s: &&Snapshot| at.is_none_or(|at| s.time <= at);
            let newest = backup::snapshots_of(&all, &id).rfind(fits).cloned();
            Ok(newest.map(|snapshot| Found {
                record: record.clone(),
                vault,
                snapshot,
            }))
        });
        match newest {
            Ok(Some(hit)) if best.as_ref().is_none_or(|b| hit.snapshot.time > b.snapshot.time) => best = Some(hit),
            Ok(_) => {}
            Err(error) => problem = Some(error),
        }
    }
    match (best, problem) {
        (Some(hit), _) => Ok(hit),
        (None, Some(error)) => Err(error),
        (None, None) => {
            let when = at
                .map(|at| format!(" at or before {}", at.format("%Y-%m-%d %H:%M:%S UTC")))
                .unwrap_or_default();
            Err(
                ApiError::new(ErrorKind::NotFound, format!("there is no snapshot of {source:?}{when}"))
                    .hint(format!("`backstay snapshots --source {source}` lists them.")),
            )
        }
    }
}

/// Whether it is a safety copy made before a restore.
pub(crate) fn is_safety(snapshot: &Snapshot) -> bool {
    snapshot.tags.iter().any(|tag| tag == TAG_UNDO)
}

/// A snapshot as a row of a list. Reads nothing but the snapshot file.
pub(crate) fn row(app: &App, vault: &str, snapshot: &Snapshot) -> SnapshotRow {
    let ours = snapshot.tags.iter().any(|tag| tag == TAG);
    let name = app.journal().sources().get(&snapshot.label).map(|source| source.name);
    let shown = || {
        snapshot
            .paths
            .iter()
            .map(|path| if ours { path.trim_start_matches('/') } else { path })
            .collect::<Vec<_>>()
            .join(", ")
    };
    let partial = snapshot.tags.iter().any(|tag| tag == TAG_PARTIAL);
    SnapshotRow {
        id: snapshot.id.to_hex(),
        vault: vault.to_owned(),
        time: snapshot.time,
        source: if ours { name.unwrap_or_else(|_| shown()) } else { shown() },
        source_id: ours.then(|| snapshot.label.clone()),
        verdict: ours.then_some(if partial { Verdict::Partial } else { Verdict::Complete }),
        host: snapshot.hostname.clone(),
        tags: snapshot.tags.clone(),
        safety: is_safety(snapshot),
        pin: None,
        bytes: snapshot.summary.map(|s| s.total_bytes_processed),
        stored: snapshot.summary.map(|s| s.data_added_packed),
    }
}

/// Says of each row whether it is pinned, and as what.
pub(crate) fn with_pins(app: &App, record: &VaultRecord, rows: &mut [SnapshotRow]) -> Result<()> {
    let pins = app.journal().pins().of_vault(&record.id)?;
    if pins.is_empty() {
        return Ok(());
    }
    for row in rows.iter_mut().filter(|row| row.vault == record.name) {
        let pin = pins.iter().find(|pin| pin.snapshot == row.id);
        row.pin = pin.map(|pin| pin.name.clone().unwrap_or_default());
    }
    Ok(())
}

/// Damaged snapshot files, in words.
pub(crate) fn damaged(vault: &str, all: &Snapshots) -> Vec<String> {
    all.damaged
        .iter()
        .map(|(id, damage)| format!("vault {vault}: the snapshot file {} is damaged: {damage}", id.to_hex()))
        .collect()
}
