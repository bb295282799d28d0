//! What a restore takes its content from: a snapshot in a vault, or a bundle.

use std::sync::Arc;

use backstay_engine::{State, bundle::OpenedBundle};
use backstay_journal::Vault as VaultRecord;
use backstay_model::{ErrorKind, PlanHeader};
use backstay_vault::Vault;

use crate::{
    ApiError, App, Context, Result, bundles,
    names::{self, Found},
    types::SnapshotRef,
    vaults,
};

/// Where the content of a restore comes from.
pub(super) enum Origin {
    /// A snapshot.
    Snapshot(Box<Found>),
    /// A bundle.
    Bundle(Arc<OpenedBundle>),
}

/// A vault, and the name it has here.
pub(super) type Keeper = (VaultRecord, Vault);

impl Origin {
    /// What a reference names.
    pub(super) fn find(app: &App, context: &Context<'_>, at: &SnapshotRef) -> Result<Self> {
        match bundles::path_of(at)? {
            Some(path) => Ok(Self::Bundle(bundles::open(app, context, &path)?)),
            None => Ok(Self::Snapshot(Box::new(names::snapshot(app, context, at)?))),
        }
    }

    /// What a plan was made from; a bundle must be the same one still.
    pub(super) fn of_plan(app: &App, context: &Context<'_>, header: &PlanHeader) -> Result<Self> {
        let origin = Self::find(
            app,
            context,
            &SnapshotRef {
                snapshot: header.snapshot.clone(),
                vault: (!header.vault.is_empty()).then(|| header.vault.clone()),
            },
        )?;
        if let Self::Bundle(opened) = &origin
            && header.bundle.as_deref() != Some(opened.identity())
        {
            return Err(ApiError::new(
                ErrorKind::Changed,
                format!(
                    "{} is no longer the bundle the plan was made from; nothing was written",
                    opened.path().display()
                ),
            )
            .hint("Make a new plan: run the restore again."));
        }
        Ok(origin)
    }

    /// Stable id of the source it is of.
    pub(super) fn label(&self) -> &str {
        match self {
            Self::Snapshot(found) => &found.snapshot.label,
            Self::Bundle(opened) => &opened.bundle().meta().source_id,
        }
    }

    /// Opens it for reading.
    pub(super) fn open(&self, app: &App) -> Result<State> {
        match self {
            Self::Snapshot(found) => Ok(found.open(app)?.1),
            Self::Bundle(opened) => bundles::state(app, opened),
        }
    }

    /// The vault it lies in.
    pub(super) fn vault(&self) -> Option<(&VaultRecord, &Vault)> {
        match self {
            Self::Snapshot(found) => Some((&found.record, &found.vault)),
            Self::Bundle(_) => None,
        }
    }

    /// Its vault's name, its id, and what tells one state of a bundle from another: as a plan names it.
    pub(super) fn named(&self) -> (String, String, Option<String>) {
        match self {
            Self::Snapshot(found) => (found.record.name.clone(), found.snapshot.id.to_hex(), None),
            Self::Bundle(opened) => {
                let id = format!("{}{}", bundles::PREFIX, opened.path().display());
                (String::new(), id, Some(opened.identity().to_owned()))
            }
        }
    }

    /// What people call the source of a snapshot without metadata.
    pub(super) fn shown(&self, app: &App) -> String {
        match self {
            Self::Snapshot(found) => names::row(app, &found.record.name, &found.snapshot).source,
            Self::Bundle(opened) => opened.bundle().meta().source_name.clone(),
        }
    }
}

/// Where safety copies go that have no vault of their own, and where the newest backup of a source is looked for: a vault of the
/// source, else the default one. `None` when there is no vault.
pub(super) fn keeper(app: &App, context: &Context<'_>, source: &str) -> Result<Option<Keeper>> {
    let Some(record) = keeper_record(app, source)? else {
        return Ok(None);
    };
    let vault = vaults::open(app, context, &record)?;
    Ok(Some((record, vault)))
}

/// The vault [`keeper`] would open.
pub(super) fn keeper_record(app: &App, source: &str) -> Result<Option<VaultRecord>> {
    let own = app.journal().vaults().destinations(source).unwrap_or_default();
    match own.into_iter().next() {
        Some(record) => Ok(Some(record)),
        None => Ok(app.journal().vaults().default()?),
    }
}

/// Nothing may be overwritten when there is no vault to save it in.
pub(super) fn no_keeper() -> ApiError {
    ApiError::new(
        ErrorKind::Refused,
        "there is no vault in which what is overwritten could be saved first; nothing was written",
    )
    .hint("Create one with `backstay vault create NAME --path DIR`, or restore into a new place with --to.")
}
