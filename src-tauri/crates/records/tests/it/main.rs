//! Behaviour of collections through the public surface, against a plain map.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod damage;
mod edges;
mod histories;
mod python;
mod support;
