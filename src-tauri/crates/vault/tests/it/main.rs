//! The vault crate from outside, with the real restic as judge.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::needless_pass_by_value,
    missing_docs
)]

mod damage;
mod faults;
mod locks;
mod maintain_check;
mod maintain_history;
mod maintain_kill;
mod maintain_kit;
mod maintain_prune;
mod maintain_repair;
mod maintain_retention;
mod maintain_support;
mod opening;
mod places;
mod reading;
mod restic;
mod support;
mod writing;
