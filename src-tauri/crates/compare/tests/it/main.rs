//! The whole behaviour of the crate through its public surface, in one test binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod canonical;
mod fields;
mod merge;
mod plan;
mod plan_file;
mod values;
mod words;
