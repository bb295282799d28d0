//! The engine through its public surface: a source in memory, a vault in memory, a journal on disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod backup;
mod bench;
mod broken;
mod damage;
mod diff;
mod faulty;
mod feed;
mod fields;
mod history;
mod pages;
mod pick;
mod planfile;
mod plans;
mod restore;
mod resume;
mod undo;
