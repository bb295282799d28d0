//! The state database `state.db` in Backstay's home directory: sources, vaults, runs, restore journals, the audit chain.
//!
//! The only crate that knows its tables. Callers see typed rows through small handles ([`Journal::sources`],
//! [`Journal::vaults`], [`Journal::runs`], [`Journal::restores`], [`Journal::audit`]). Time is passed in; where the home
//! directory lies is the caller's decision.
//!
//! Reading needs nothing but a [`Journal`]. A job that writes outside needs an [`Owner`]: one process at a time.

mod audit;
mod codec;
mod error;
mod home;
mod kits;
mod lead;
mod name;
mod open;
mod owner;
mod process;
mod restores;
mod runs;
mod schema;
mod sources;
mod vaults;

pub use audit::{Audit, AuditEntry, AuditFault, AuditHead, AuditRow, KnownHead};
pub use error::JournalError;
pub use home::Home;
pub use kits::{Kit, Kits, NewKit};
pub use lead::{Lead, Leading};
pub use name::check_name;
pub use open::{Journal, SchemaVersion};
pub use owner::{Holder, Owner, Ownership};
pub use process::Process;
pub use restores::{
    NewRestore, RecordedStep, Restore, Restores, StepCounts, StepFilter, StepIntent, StepPhase, StepResult, UndoRef,
};
pub use runs::{
    BackupRow, Counters, Event, EventLevel, Holdings, Named, NewRun, Page, PruneRule, Pruned, Reason, Run, RunEnd, RunFilter,
    RunStatus, Runs, Standing,
};
pub use sources::{NewSource, Source, SourceChange, Sources};
pub use vaults::{NewVault, Vault, Vaults};

/// Result of everything here.
pub type Result<T, E = JournalError> = std::result::Result<T, E>;
