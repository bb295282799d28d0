//! The connector against a strict CouchDB stand-in, a real PouchDB Server, and clients made by others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::needless_pass_by_value,
    missing_docs
)]

mod attachments;
mod backup;
mod faults;
mod foreign;
mod foreign_large;
mod foreign_service;
mod foreign_write;
mod kit;
mod live;
mod pouch;
mod probe;
mod replicate;
mod suite;
mod support;
mod write_places;
