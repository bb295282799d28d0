//! What every connector is tested with: a sink that watches the contract, an in-memory source, a source that fails on a
//! script, a source for measurements, and the behaviour suite.
//!
//! To run the suite for a connector, implement [`Harness`] in its tests (make an empty source, put a [`Seed`] into it, name a
//! free place to restore to) and call [`suite::run`]: which checks run follows from the source's capabilities, and the
//! [`Report`] says which ran and which were left out and why. `tests/it/suite.rs` here does it for the in-memory source, the
//! tests of the folder connector for folders.

mod content;
mod memory;
mod ndjson;
mod script;
mod secrets;
mod sink;
pub mod suite;
mod taken;

pub use content::Content;
pub use memory::MemorySource;
pub use ndjson::{NdjsonSource, write_rows};
pub use script::{Fault, ScriptedSource};
pub use secrets::NoSecrets;
pub use sink::DirSink;
pub use suite::{Failure, Harness, Report, Seed};
pub use taken::{Taken, TakenCollection, TakenFile, path_order};
