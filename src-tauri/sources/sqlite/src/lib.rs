//! SQLite files and LiveStore workspaces as a source.
//!
//! A backup stores whole, consistent, checked database files; rows are read on demand from them, from living ones and from
//! stored ones with the same code. A restore puts files back, or rows into a living database. `QUIRKS.md` beside this crate
//! says what SQLite and LiveStore do that one would not expect, and what was measured.

mod client;
mod config;
mod convert;
mod error;
mod list;
mod read;
mod source;
mod write;

pub use source::Sqlite;
