//! Everything the engine can report, as facts. `kind()` is the code, `hint()` the next step.

use std::{io, path::PathBuf};

use backstay_bundle::BundleError;
use backstay_journal::JournalError;
use backstay_model::{ErrorKind, Gap};
use backstay_records::RecordsError;
use backstay_source::SourceError;
use backstay_vault::VaultError;

/// Results of the engine.
pub type Result<T, E = EngineError> = std::result::Result<T, E>;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The source or target.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The records of a snapshot.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A list, a preview or a saved file.
    #[error(transparent)]
    Browse(#[from] crate::browse::BrowseError),
    /// The state database.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A restore drill.
    #[error(transparent)]
    Drill(#[from] crate::drill::DrillError),
    /// No collection of that name.
    #[error("there is no collection {name:?}")]
    NoCollection {
        /// As asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// No record of that id.
    #[error("{collection:?} has no record {id:?}")]
    NoRecord {
        /// Collection.
        collection: String,
        /// Id.
        id: String,
    },
    /// No file at that path.
    #[error("there is no file {path:?} in this snapshot")]
    NoFile {
        /// As asked for.
        path: String,
    },
    /// A selection that matches nothing.
    #[error("nothing in this snapshot is called {wanted:?}")]
    NothingSelected {
        /// As asked for.
        wanted: String,
        /// Collections there are.
        known: Vec<String>,
    },
    /// Rows of a database and files were selected together.
    #[error("rows of {collection:?} and files cannot go into one bundle: a database's file has all its rows already")]
    MixedSelection {
        /// The collection.
        collection: String,
    },
    /// Fields were chosen of something that is no record.
    #[error("{wanted:?} is no record, so fields of it cannot be chosen")]
    NoRecordWithFields {
        /// What was asked for.
        wanted: String,
    },
    /// Neither side of a record has the field that was chosen.
    #[error("the record {record:?} has no field {field:?}, neither in the backup nor live")]
    NoField {
        /// The record.
        record: String,
        /// The field.
        field: String,
    },
    /// Stored JSON of a record cannot be parsed.
    #[error("the record {id:?} is damaged")]
    BadRecord {
        /// Its id.
        id: String,
        /// Why.
        #[source]
        error: serde_json::Error,
    },
    /// `metadata.json` of a snapshot is missing or cannot be parsed.
    #[error("snapshot {snapshot} has no readable metadata: {reason}")]
    BadMetadata {
        /// Which snapshot.
        snapshot: String,
        /// Why.
        reason: String,
    },
    /// The snapshot was not written by Backstay.
    #[error("snapshot {snapshot} was not written by Backstay")]
    Foreign {
        /// Which snapshot.
        snapshot: String,
    },
    /// The snapshot was written by a newer version.
    #[error("snapshot {snapshot} has format version {version}, newer than this program")]
    NewerFormat {
        /// Which snapshot.
        snapshot: String,
        /// Its version.
        version: u32,
    },
    /// No connector of that kind.
    #[error("this program has no connector for {kind:?}")]
    NoConnector {
        /// The kind.
        kind: String,
    },
    /// A plan file cannot be read or written.
    #[error("the plan at {} cannot be read or written", path.display())]
    PlanIo {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A plan file is not a plan.
    #[error("{} is not a restore plan", path.display())]
    BadPlan {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        error: serde_json::Error,
    },
    /// A plan file that lost, gained or moved steps since it was made.
    #[error("the restore plan {} is not as it was made: step {step} of {steps} is not in its place", path.display())]
    IncompletePlan {
        /// Where.
        path: PathBuf,
        /// The step that should come, from 0.
        step: u64,
        /// How many there should be.
        steps: u64,
    },
    /// A plan of a newer version.
    #[error("{} is a restore plan of version {version}, newer than this program", path.display())]
    NewerPlan {
        /// Where.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// The plan file is not the one the restore began with.
    #[error("the plan of this restore was changed or is gone: {}", path.display())]
    PlanReplaced {
        /// Where it should lie.
        path: PathBuf,
    },
    /// Conflicts need a decision.
    #[error("{count} items were changed since the newest backup and need a decision; nothing was written")]
    Undecided {
        /// How many.
        count: u64,
    },
    /// The target writes nothing of that kind.
    #[error("this source cannot be restored in this way: {reason}")]
    CannotWrite {
        /// Why.
        reason: String,
    },
    /// The run cannot be undone.
    #[error("run {run} cannot be undone: {reason}")]
    CannotUndo {
        /// Which run.
        run: String,
        /// Why.
        reason: String,
    },
    /// The process of the run died, and nobody looked since what it had written last.
    #[error("run {run} was interrupted in the middle of writing, so that it cannot be undone yet")]
    UndoInDoubt {
        /// Which run.
        run: String,
    },
    /// The run cannot be resumed.
    #[error("run {run} cannot be resumed: {reason}")]
    CannotResume {
        /// Which run.
        run: String,
        /// Why.
        reason: String,
    },
    /// Nothing could be read, so no snapshot was written.
    #[error("nothing could be backed up, so no snapshot was written")]
    NothingRead {
        /// What is missing, by name.
        gaps: Vec<Gap>,
    },
    /// A description of ours cannot be written as JSON.
    #[error("{what} cannot be written")]
    Unwritable {
        /// Which file.
        what: &'static str,
        /// Why.
        #[source]
        error: serde_json::Error,
    },
    /// A temporary file failed.
    #[error("temporary files cannot be written")]
    Temp(#[source] io::Error),
}

impl EngineError {
    /// The class.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Source(error) => error.kind,
            Self::Vault(error) => error.kind(),
            Self::Records(error) => error.kind(),
            Self::Journal(error) => error.kind(),
            Self::Browse(error) => error.kind(),
            Self::Bundle(error) => error.kind(),
            Self::Drill(error) => error.kind(),
            Self::NoCollection { .. }
            | Self::NoRecord { .. }
            | Self::NoFile { .. }
            | Self::NoField { .. }
            | Self::NothingSelected { .. } => ErrorKind::NotFound,
            Self::NoRecordWithFields { .. } => ErrorKind::Usage,
            Self::BadRecord { .. } | Self::BadMetadata { .. } => ErrorKind::Damaged,
            Self::Foreign { .. } | Self::NewerFormat { .. } | Self::NewerPlan { .. } | Self::NoConnector { .. } => {
                ErrorKind::Unsupported
            }
            Self::CannotWrite { .. } => ErrorKind::Unsupported,
            Self::PlanIo { error, .. } | Self::Temp(error) => SourceError::io("", std::io::Error::from(error.kind())).kind,
            Self::BadPlan { .. } | Self::IncompletePlan { .. } | Self::MixedSelection { .. } => ErrorKind::Usage,
            Self::Unwritable { .. } => ErrorKind::Internal,
            Self::PlanReplaced { .. } => ErrorKind::Changed,
            Self::Undecided { .. } | Self::CannotUndo { .. } | Self::UndoInDoubt { .. } | Self::CannotResume { .. } => {
                ErrorKind::Refused
            }
            Self::NothingRead { gaps } => gaps.first().map_or(ErrorKind::Io, |gap| gap.kind),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Source(error) => error.hint.clone(),
            Self::Browse(error) => error.hint(),
            Self::Bundle(error) => error.hint().map(ToOwned::to_owned),
            Self::Drill(error) => error.hint(),

            Self::NoCollection { known, .. } | Self::NothingSelected { known, .. } if !known.is_empty() => {
                let shown = known.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
                let more = if known.len() > 8 {
                    format!(" and {} more", known.len() - 8)
                } else {
                    String::new()
                };
                Some(format!("Collections here: {shown}{more}."))
            }
            Self::NoRecord { collection, .. } => Some(format!(
                "`backstay history SOURCE {collection} ID` shows in which snapshots a record exists."
            )),
            Self::NoFile { .. } => Some("`backstay ls SNAPSHOT files` lists the files.".to_owned()),
            Self::Undecided { .. } => {
                Some("Choose with --on-conflict skip|local|remote|newest|both, or look first with --dry-run.".to_owned())
            }
            Self::NewerFormat { .. } | Self::NewerPlan { .. } => Some("Install a newer Backstay.".to_owned()),
            Self::Foreign { .. } => Some("Its files can be restored with `restic restore`.".to_owned()),
            Self::UndoInDoubt { run } => Some(format!(
                "`backstay resume {run}` looks what was written and goes on; then it can be undone."
            )),
            Self::PlanReplaced { .. } | Self::IncompletePlan { .. } => Some("Make a new plan: run the restore again.".to_owned()),
            Self::NothingRead { gaps } => gaps.first().map(|gap| format!("{}: {}", gap.subject, gap.message)),
            _ if self.kind() == ErrorKind::Damaged => Some(
                "`backstay verify VAULT --read-data` shows what is affected; `backstay repair VAULT --dry-run` what can be mended."
                    .to_owned(),
            ),
            _ => None,
        }
    }
}
