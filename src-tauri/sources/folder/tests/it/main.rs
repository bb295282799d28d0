//! The folder connector, from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod backup;
mod killed;
mod kit;
mod rules;
mod suite;
mod unprivileged;
mod view;
mod write;
