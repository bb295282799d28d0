//! How a client is set up.

use std::{path::PathBuf, time::Duration};

use crate::{Patience, Rate};

/// How a client is set up. What stands here by default is right for a service on the Internet.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A PEM file with certificates to trust beside those of the system.
    pub authority: Option<PathBuf>,
    /// How long a connection may take to come up.
    pub connect: Duration,
    /// How long the service may say nothing at all (or take nothing of what is sent), however long the whole takes.
    pub silence: Duration,
    /// What the program calls itself.
    pub agent: String,
    /// How long it is worth to go on asking.
    pub patience: Patience,
    /// What the service may be asked for; the smallest of all who share a credential counts.
    pub rate: Rate,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            authority: None,
            connect: Duration::from_secs(15),
            silence: Duration::from_secs(60),
            agent: concat!("Backstay/", env!("CARGO_PKG_VERSION")).to_owned(),
            patience: Patience::default(),
            rate: Rate::default(),
        }
    }
}
