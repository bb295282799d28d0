//! Telling whoever watches why nothing moves at the moment.

use std::time::Duration;

/// Why a client waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The service says that it is busy (429, 503).
    Busy(u16),
    /// The service failed (another 5xx).
    Failed(u16),
    /// The service cannot be reached, or hung up.
    Unreachable,
    /// The service said nothing for too long.
    Silent,
    /// The answer broke off.
    Cut,
    /// Somebody else who uses the same credential was told to wait, or the rate that was set is used up.
    Budget,
}

/// One pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// The service, as it may be shown.
    pub place: String,
    /// Why.
    pub why: Why,
    /// How long.
    pub wait: Duration,
    /// Which try comes after it, from 2 on; 1 for [`Why::Budget`].
    pub attempt: u32,
}

/// Told about pauses, so that progress can say what is waited for. Called from whichever thread waits.
pub trait Observer: Send + Sync {
    /// A pause begins. Those of [`Why::Budget`] are told from a second on.
    fn pausing(&self, pause: &Pause);
}
