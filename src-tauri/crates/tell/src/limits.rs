//! How long and how often a channel is tried.

use std::time::Duration;

/// Bounds of one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Everything together: all tries and the pauses between them.
    pub total: Duration,
    /// One try, from looking the name up to the last byte of the answer.
    pub each: Duration,
    /// Tries in all; 0 counts as 1.
    pub tries: u32,
    /// The first pause. It doubles from try to try, and up to as much again is added by chance, so that many computers do not
    /// come back at once. A receiver that names a pause itself (`Retry-After`) gets that one.
    pub pause: Duration,
}

impl Default for Limits {
    /// Three tries of at most 20 seconds within a minute.
    fn default() -> Self {
        Self {
            total: Duration::from_secs(60),
            each: Duration::from_secs(20),
            tries: 3,
            pause: Duration::from_secs(1),
        }
    }
}

impl Limits {
    /// One try within a time, for test buttons and for what must not wait.
    #[must_use]
    pub fn once(total: Duration) -> Self {
        Self {
            total,
            each: total,
            tries: 1,
            ..Self::default()
        }
    }
}

/// A delivery that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// What the receiver answered: the HTTP status, or the code of SMTP.
    pub status: u16,
    /// Tries it took.
    pub tries: u32,
}
