//! Touching living databases without disturbing them: raw reads that keep SQLite's locks alive, headers, connections,
//! fingerprints.

mod header;
mod open;
mod print;
mod raw;

pub use header::{Header, canonical, classify};
pub use open::{Live, begin_read, open_immutable, open_plain, open_read, read_transaction, retry, settle};
pub use print::{Print, side};
pub use raw::{Held, RawFile};
