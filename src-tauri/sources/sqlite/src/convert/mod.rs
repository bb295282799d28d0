//! Between SQLite and the vocabulary of Backstay: times, files, values, ids, tables.

mod entry;
mod ids;
mod table;
mod value;

pub use entry::{directory_entry, file_entry, raw_entry};
pub use table::{Affinity, Column, Key, KeyColumn, Kind, Table, quoted};
pub use value::{Cell, Collation, write, write_text};
