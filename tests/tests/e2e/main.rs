//! The real window: the desktop program under a display, a message bus and a home of its own, driven as a person would.
//! One binary, one module per subject; the bench is in `bench/`.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

// Not every part is used by every test yet: the flows come with their screens.
#[allow(dead_code)]
mod bench;

mod access;
mod browse;
mod bundle;
mod close;
mod couchdb;
mod drop;
mod first_run;
mod german;
mod guards;
mod jobs;
mod launch;
mod lock;
mod plans;
mod restore;
mod start;
mod tell;
mod tray;
mod tray_plans;
mod trouble;
