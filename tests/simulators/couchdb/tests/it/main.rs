//! What the stand-in promises, through its addresses alone; then the clients of others against it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod client;
mod documents;
