//! The connector from outside: backups of living databases, rows of living and stored ones, restores.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod backup;
mod bad_input;
mod busy;
mod child;
mod faults;
mod kit;
mod livestore;
mod restore_files;
mod restore_rows;
mod rows;
mod suite;
