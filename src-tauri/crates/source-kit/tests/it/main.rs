//! Tests of the test kit: what it says about a connector must be right before it judges others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod ndjson;
mod script;
mod sink;
mod suite;
