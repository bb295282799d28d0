//! What Backstay does: back up, browse, search, compare, restore, verify, keep.
//!
//! The engine is silent and timeless: it prints nothing, asks no environment, and takes the time from a [`Clock`]. It knows
//! connectors only as traits and the vault only through its crate; what a person or script asks for reaches it through `api`.

pub mod backup;
pub mod browse;
pub mod bundle;
pub mod coverage;
mod diff;
mod diff_order;
pub mod drill;
mod error;
pub mod guard;
mod job;
pub mod restore;
mod side_by_side;
pub mod snapshot;
mod state;

pub use diff::{CollectionDiff, Depth, FILES, compare_paths, diff_states, fields_between, record_fields};
pub use error::{EngineError, Result};
pub use job::{Clock, Job, Meter, Reporter, Silent};
pub use snapshot::RunsView;
pub use state::State;
