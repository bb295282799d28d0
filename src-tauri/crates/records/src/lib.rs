//! Collections as sorted runs inside a snapshot tree: write, merge, page, find, compare.
//!
//! A collection is a list of *runs*. A run is a sorted set of records (and tombstones) that is written once: records as
//! NDJSON in shards, and keys (id, hash, length) beside them. A backup adds one run with what changed; older runs reappear in
//! the new snapshot unread. Reading merges the runs by id, the newest wins. `FORMAT.md` describes every byte.
//!
//! The crate knows no vault: it writes through [`RunSink`] and reads through [`RunStore`].

mod apply;
mod checksum;
mod compact;
mod description;
mod diff;
mod dir;
mod error;
mod export;
mod fetch;
mod hash;
mod ids;
mod index;
mod ints;
mod line;
mod lookup;
mod mem;
mod merged;
mod met;
mod overlay;
mod part;
mod ranks;
mod reader;
mod run;
mod run_writer;
mod seal;
mod seen;
mod slug;
mod sort;
mod spill;
mod store;
mod tiers;
mod verify;
mod writer;

pub use diff::{Difference, Differences};
pub use dir::DirStore;
pub use error::{Fault, RecordsError, Result, StoreError};
pub use export::Lines;
pub use fetch::Scan;
pub use hash::ShortHash;
pub use line::parse_line;
pub use lookup::Lookup;
pub use mem::MemStore;
pub use reader::{CollectionReader, Key, Keys};
pub use slug::slug;
pub use store::{RunSink, RunStore};
pub use verify::Verified;
pub use writer::{CollectionWriter, Mode, Options, Outcome, Tuning};

/// Longest id of a record in bytes.
pub const MAX_ID: usize = 64 << 10;
