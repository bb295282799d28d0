//! Between SQLite and the vocabulary of Backstay: times, files, values, ids, rows.

mod entry;

pub use entry::{directory_entry, file_entry};
