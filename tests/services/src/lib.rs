//! Servers and clients made by others, started from tests: what the connectors are judged by.
//!
//! They come from npm with a lock file (`tests/services/couchdb`). `make test` installs them; where they are missing, the first test
//! that needs them does, and says so when it cannot.

mod npm;
mod pouch;
mod script;

use std::path::PathBuf;

pub use pouch::PouchServer;
pub use script::{Ran, couchbackup, couchrestore, node_script};

/// Why a service is not there.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The npm packages could not be installed.
    #[error("the packages of {folder} could not be installed (needs npm and its registry): {output}")]
    Install {
        /// The folder with the lock file.
        folder: PathBuf,
        /// What npm said.
        output: String,
    },
    /// A program did not start or ended too early.
    #[error("{program} did not start: {output}")]
    Start {
        /// The program.
        program: &'static str,
        /// What it said.
        output: String,
    },
    /// A server did not answer in time.
    #[error("{program} did not answer within {seconds} seconds: {output}")]
    Silent {
        /// The program.
        program: &'static str,
        /// How long it was waited for.
        seconds: u64,
        /// What it said meanwhile.
        output: String,
    },
    /// A file or folder of the test could not be used.
    #[error("{what}")]
    Disk {
        /// What was done.
        what: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
}

/// For `map_err`: names what was done.
fn disk(what: &'static str) -> impl FnOnce(std::io::Error) -> ServiceError {
    move |source| ServiceError::Disk { what, source }
}
