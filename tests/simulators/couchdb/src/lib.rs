//! A CouchDB 3.5 in memory, strict about what CouchDB's documentation says, for tests and benchmarks.
//!
//! It is a program of its own (`couchdb-standin`) and a library: [`Standin::start`] serves in threads of its own until it is dropped.
//! Faults are scripted ([`Fault`]) and counted; requests and bytes are counted by endpoint. README.md says what is modelled.

mod broken_body;
mod config;
mod counters;
mod error;
mod faults;
mod http;
mod json;
mod load;
mod rates;
mod replication;
mod server;
mod standin;
mod store;

pub use config::{Config, Profile, Rates, Tls};
pub use counters::Count;
pub use faults::{Act, Fault, FaultHandle, Matching};
pub use load::Load;
pub use standin::{Refused, Standin, StartError};
