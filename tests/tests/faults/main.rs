//! Faults, each shown to have fired: the real program killed, starved of space, cancelled, fed damage and bad sources, and
//! run beside others. One binary, one module per kind of fault.
//!
//! `BACKSTAY_SOAK=1` runs the long versions; `BACKSTAY_SEED=N` repeats the random choices of a run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

// The bench and the data are those of the flows; not every part is needed here.
#[allow(dead_code)]
#[path = "../flows/bench.rs"]
mod bench;
#[allow(dead_code)]
#[path = "../flows/data.rs"]
mod data;

mod bits;
mod bundles;
mod cancel;
mod clock;
mod damage;
mod dice;
mod full;
mod kill;
mod mount;
mod place;
mod sources;
mod together;
