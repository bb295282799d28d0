//! The engine through its public surface: a source in memory, a vault in memory, a journal on disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod attachments;
mod backup;
mod bench;
mod broken;
mod careless;
mod coverage;
mod damage;
mod diff;
mod disk;
mod drill;
mod drill_assets;
mod drill_cost;
mod faulty;
mod feed;
mod fields;
mod guard;
mod guard_cost;
mod guard_disk;
mod history;
mod many;
mod matching;
mod pages;
mod pick;
mod planfile;
mod plans;
mod restore;
mod resume;
mod service;
mod undo;
