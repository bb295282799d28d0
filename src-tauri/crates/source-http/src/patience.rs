//! When trying again can help, and how long it is worth to.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};

use crate::{HttpError, Why};

/// How long it is worth to go on asking. Times count from the first failure of a request in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The first pause; each further one is about twice as long.
    pub first: Duration,
    /// The longest pause of our own.
    pub longest: Duration,
    /// How long a service may be out of reach.
    pub dead: Duration,
    /// How long a service may be busy (429, 503), its own wishes included.
    pub busy: Duration,
    /// How often a request is repeated that made the service fail (500): most such failures are for ever.
    pub failures: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(20),
            dead: Duration::from_secs(120),
            busy: Duration::from_secs(15 * 60),
            failures: 2,
        }
    }
}

impl Patience {
    /// No second try at all.
    pub const NONE: Self = Self {
        first: Duration::ZERO,
        longest: Duration::ZERO,
        dead: Duration::ZERO,
        busy: Duration::ZERO,
        failures: 0,
    };

    pub(crate) fn pauses(&self) -> ExponentialBackoff {
        ExponentialBuilder::new()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .with_factor(2.0)
            .with_jitter()
            .without_max_times()
            .build()
    }
}

/// What became of the tries so far of one request.
pub(crate) struct Tries {
    patience: Patience,
    pauses: ExponentialBackoff,
    failures: u32,
    pub attempt: u32,
}

impl Tries {
    pub(crate) fn new(patience: Patience) -> Self {
        Self {
            patience,
            pauses: patience.pauses(),
            failures: 0,
            attempt: 1,
        }
    }

    /// Whether and how long to wait after `error`, `spent` after the first failure. `harmless`: the request may be repeated although
    /// the service may have carried it out.
    pub(crate) fn next(&mut self, error: &HttpError, harmless: bool, spent: Duration) -> Option<(Why, Duration)> {
        let (why, refused) = why(error)?;
        if !harmless && !refused {
            return None;
        }
        let own = self.pauses.next().unwrap_or(self.patience.longest);
        let wait = asked(error).filter(|asked| !asked.is_zero()).unwrap_or(own);
        let limit = match why {
            Why::Busy(_) => self.patience.busy,
            _ => self.patience.dead,
        };
        if let Why::Failed(500) = why {
            self.failures += 1;
            if self.failures > self.patience.failures {
                return None;
            }
        }
        if limit.is_zero() || spent + wait > limit {
            return None;
        }
        self.attempt += 1;
        Some((why, wait))
    }
}

fn asked(error: &HttpError) -> Option<Duration> {
    match error {
        HttpError::Status { after, .. } => *after,
        _ => None,
    }
}

/// Why a failure may pass, and whether the service surely did nothing.
fn why(error: &HttpError) -> Option<(Why, bool)> {
    Some(match error {
        HttpError::Unreachable { sent, .. } => (Why::Unreachable, !sent),
        HttpError::Silent { .. } => (Why::Silent, false),
        HttpError::Cut { .. } => (Why::Cut, false),
        HttpError::Status { status: 429, .. } => (Why::Busy(429), true),
        HttpError::Status {
            status: 503,
            after: Some(_),
            ..
        } => (Why::Busy(503), true),
        HttpError::Status { status: 408, .. } => (Why::Silent, true),
        // 520 and above are what gateways in front of a service say.
        HttpError::Status {
            status: status @ (500 | 502 | 503 | 504 | 520..=599),
            ..
        } => (Why::Failed(*status), false),
        _ => return None,
    })
}
