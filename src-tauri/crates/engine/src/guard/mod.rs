//! Guards: what fell away since the snapshot before, and whether that is enough to raise an alarm (MISSION B10).
//!
//! A guard never stops a backup. It compares the new snapshot with the one before it; whoever asked pauses retention and sync
//! for the source until a person has answered.

mod files;
mod gaps;
mod gone;
mod judge;
mod pairs;
mod rules;
mod standing;
mod view;

pub use gone::{GoneItem, GonePage, gone};
pub use judge::judge;
pub use rules::{Column, ColumnChange, GuardRules, Trip};
pub use standing::{Standing, standings};
pub use view::{Connectors, SnapshotView};
