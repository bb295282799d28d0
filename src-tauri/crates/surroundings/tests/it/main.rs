//! Tests of the crate's public surface, on real buses, real sockets and systemd's own reader of units.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod clock;
mod files;
#[cfg(unix)]
mod install;
#[cfg(target_os = "linux")]
mod listen;
#[cfg(target_os = "linux")]
mod looks;
#[cfg(target_os = "linux")]
mod notify;
#[cfg(target_os = "linux")]
mod private_bus;
#[cfg(target_os = "linux")]
mod verify;
mod waker;
