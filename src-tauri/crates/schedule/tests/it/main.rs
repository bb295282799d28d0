//! What is due when, and what becomes of it, through the public surface.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod asking;
mod clock_moves;
mod cron;
mod deciding;
mod delays;
mod json;
mod kinds;
mod making;
mod model;
mod peers;
mod promise;
mod year;
