//! CouchDB, Cloudant and PouchDB servers as a source.
//!
//! A database is a collection, a document with all its leaf revisions one record (`convert`). A backup follows the changes feed
//! (`read`), a restore writes the same revisions or a new one on top (`write`); replication (`replicate`) speaks CouchDB's own
//! protocol, and files of `couchbackup` are read and written (`foreign`). `QUIRKS.md` beside this crate says what these servers do
//! that one would not expect.

#![allow(dead_code, unused_imports)] // its parts are written side by side; goes when they meet

mod client;
mod config;
mod conflicts;
mod connector;
mod convert;
mod error;
mod foreign;
mod list;
mod place;
mod read;
mod replicate;
mod select;
mod source;
mod write;

pub use connector::CouchDb;
