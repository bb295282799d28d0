//! Whole flows through the real binary, as people and scripts use it. One binary, one module per subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod agent;
mod audit;
mod bench;
mod browse;
mod bundle_hostile;
mod bundle_rows;
mod bundles;
mod couch;
mod couchdb;
mod couchdb_live;
mod data;
mod demo;
mod drills;
mod exits;
mod faults;
mod fields;
mod folder;
mod foreign;
mod holds;
mod json;
mod keep;
mod kit;
mod livestore;
mod notify;
mod plans;
mod recovery_guide;
mod restic;
mod restore;
mod sample;
mod settings;
mod sqlite;
mod terminal;
mod text;
mod vaults;
