//! The data everything in Backstay speaks about: ids, records, schemas, verdicts, differences, restore plans.
//!
//! Data only: no input or output, no clock, no randomness. Every type that reaches a script or the window is
//! serialised with `camelCase` names. Enums are tagged externally (serde's default) or are plain strings: with exact
//! numbers (`serde_json/arbitrary_precision`) serde cannot read numbers inside internally tagged or flattened types.

mod capability;
mod change;
mod collection;
mod error;
mod file;
mod plan;
mod progress;
mod raw;
mod record;
mod run;
mod snapshot;

pub use capability::{Capabilities, ConsistentSnapshot};
pub use change::{ChangeCounts, ChangeKind, FieldChange, RecordChange};
pub use collection::{Collection, CollectionKind, Field, Schema};
pub use error::{ErrorKind, Retry};
pub use file::{FileEntry, FileKind, FileMeta};
pub use plan::{
    ConflictPolicy, FieldPick, PlanCounts, PlanHeader, PlanStep, RecordMatch, Selection, SourcePlace, StepAction, StepState,
    Subject, TargetSpec,
};
pub use progress::{Progress, Stage};
pub use raw::RawJson;
pub use record::{AssetRef, Change, ContentHash, ContentHasher, Record};
pub use run::{Gap, RunKind, Verdict};
pub use snapshot::{CollectionSummary, FORMAT_VERSION, SnapshotMeta, WorkspaceMeta};
