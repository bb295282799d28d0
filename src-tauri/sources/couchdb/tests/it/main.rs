//! The connector against a strict CouchDB stand-in, a real PouchDB Server, and clients made by others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod replicate;
mod support;
