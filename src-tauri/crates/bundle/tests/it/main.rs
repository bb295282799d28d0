//! Bundles through the public surface of the crate: written, judged by other programs, read, and every way to be refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod hostile;
mod mutated;
mod raw;
mod support;
mod written;
