//! The commands as the window calls them: by name, with JSON.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    // JSON literals are handed in.
    clippy::needless_pass_by_value,
    missing_docs
)]

mod agent_year;
mod bench;
mod bundles;
mod commands;
mod desk_jobs;
mod desk_lock;
mod everywhere;
mod files;
mod foreign;
mod kit;
mod listing;
mod names;
mod opened;
mod overview;
mod restores;
mod secrets;
mod services;
mod setup;
mod shelf;
mod sources;
mod twin;
mod typescript;
