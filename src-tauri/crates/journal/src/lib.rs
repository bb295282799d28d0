//! The state database `state.db` in Backstay's home directory: sources, vaults, plans, runs, slots, guards, messages, the audit chain.
//!
//! The only crate that knows its tables. Callers see typed rows through small handles ([`Journal::sources`],
//! [`Journal::vaults`], [`Journal::runs`], [`Journal::plans`], [`Journal::slots`], [`Journal::audit`] and the others). Time is
//! passed in; where the home directory lies is the caller's decision.
//!
//! Reading needs nothing but a [`Journal`]. A job that writes outside needs an [`Owner`]: one process at a time.

mod alerts;
mod audit;
mod channels;
mod codec;
mod drills;
mod error;
mod holds;
mod home;
mod ids;
mod kits;
mod lead;
mod name;
mod open;
mod outbox;
mod owner;
mod pins;
mod plans;
mod process;
mod replications;
mod restores;
mod runs;
mod schema;
mod slots;
mod sources;
mod tasks;
mod vaults;
mod watch;

pub use alerts::{Alert, Alerts, Raised};
pub use audit::{Audit, AuditEntry, AuditFault, AuditFilter, AuditHead, AuditRow, KnownHead};
pub use channels::{Channel, ChannelChange, Channels, NewChannel};
pub use drills::{Drill, DrillScope, Drills};
pub use error::JournalError;
pub use holds::{Hold, Holds, NewHold};
pub use home::Home;
pub use kits::{Kit, Kits, NewKit};
pub use lead::{Lead, Leading};
pub use name::check_name;
pub use open::{Journal, SchemaVersion};
pub use outbox::{Letter, Outbox, Take};
pub use owner::{Holder, Owner, Ownership};
pub use pins::{Pin, Pins};
pub use plans::{NewPlan, Plan, PlanChange, Plans};
pub use process::Process;
pub use replications::{NewReplication, Replication, ReplicationNews, ReplicationPhase, Replications};
pub use restores::{
    NewRestore, RecordedStep, Restore, Restores, StepCounts, StepFilter, StepIntent, StepPhase, StepResult, UndoRef,
};
pub use runs::{
    BackupRow, Counters, Event, EventLevel, Holdings, Named, NewRun, Page, PlanRef, PlanRun, PruneRule, Pruned, Rates, RatesOf,
    Reason, Run, RunEnd, RunFilter, RunStatus, Runs, Standing,
};
pub use slots::{Claim, Slot, SlotEnd, SlotKey, SlotOutcome, Slots};
pub use sources::{NewSource, Source, SourceChange, Sources};
pub use tasks::{SlotFate, Step, StepEnd, TaskState, Tasks};
pub use vaults::{NewVault, Vault, Vaults};
pub use watch::{Absence, Beat, Watch};

/// Result of everything here.
pub type Result<T, E = JournalError> = std::result::Result<T, E>;
