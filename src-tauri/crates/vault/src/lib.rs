//! Vaults: repositories in the restic format. Create, open, write, read at offset, check, repair, retention, locks.
//!
//! Stock restic opens, lists, checks and restores whatever is written here, and what restic writes is read here. The
//! crates above know nothing of restic or rustic; only this one does.

pub mod config;
pub mod error;
mod file;
pub mod host;
mod id;
pub mod index;
mod key;
mod keyfile;
pub mod lock;
pub mod maintain;
pub mod node;
pub mod pack;
pub mod place;
mod polynomial;
pub mod reader;
pub mod snapshot;
mod vault;
pub mod writer;

pub use error::{Damage, Result, VaultError};
pub use host::Host;
pub use id::{Id, NotAnId};
pub use key::MasterKey;
pub use keyfile::{KeyCost, KeyInfo};
pub use node::{FileAttrs, Node, NodeKind};
pub use place::{FileKind, LocalPlace, Place, PlaceError};
pub use reader::{Reader, ReaderOptions};
pub use snapshot::{Snapshot, SnapshotSummary, Snapshots};
pub use vault::{CreateOptions, Unlock, Vault};
pub use writer::{Chunking, SnapshotDraft, Writer, WriterOptions};
