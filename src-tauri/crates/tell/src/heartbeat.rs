//! Signs of life for a service that raises the alarm when they stay away.

use std::path::PathBuf;

use crate::{Delivered, Hidden, Limits, Result, TellError};

/// What a sign of life says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// A run begins.
    Start,
    /// It ended well.
    Success,
    /// It did not.
    Fail,
}

/// A heartbeat address.
///
/// Without placeholders, `address/start`, `address` and `address/fail` are called (healthchecks.io). With placeholders, the
/// address as it stands: `{status}` becomes `up` or `down` (Uptime Kuma), `{state}` becomes `start`, `success` or `fail`,
/// `{message}` the summary.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heartbeat {
    /// The address, `https` or `http`.
    pub url: Hidden,
    /// Certificates (PEM) of an authority to be trusted besides the system's.
    pub authority: Option<PathBuf>,
}

/// Sends a sign of life with a short summary. `None` when the form has no word for it (`{status}` and a start).
///
/// # Errors
/// When the service does not accept it within the limits.
pub fn beat(heartbeat: &Heartbeat, beat: Beat, summary: &str, limits: &Limits) -> Result<Option<Delivered>> {
    let _ = (heartbeat, beat, summary, limits);
    Err(TellError::NoResources {
        reason: "not there yet".to_owned(),
    })
}
