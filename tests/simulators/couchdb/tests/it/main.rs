//! What the stand-in promises, through its addresses alone; then the clients of others against it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::needless_pass_by_value,
    missing_docs
)]

mod auth;
mod changes;
mod client;
mod databases;
mod documents;
mod faults;
mod limits;
mod lists;
mod multipart;
mod program;
mod replication;
mod tls;
mod trees;
mod vendors;
