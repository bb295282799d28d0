//! Cloudant's provisioned rates: so many lookups, writes and queries a second, 429 beyond.

use std::time::Instant;

use hyper::Method;
use parking_lot::Mutex;

use crate::config::Rates;
use crate::error::ApiError;
use crate::http::request::Request;

/// Counts the requests of the running second.
pub(crate) struct RateLimiter {
    rates: Option<Rates>,
    window: Mutex<Window>,
}

struct Window {
    began: Instant,
    used: [u32; 3],
}

const LOOKUP: usize = 0;
const WRITE: usize = 1;
const QUERY: usize = 2;
const NAMES: [&str; 3] = ["lookup", "write", "query"];

impl RateLimiter {
    pub(crate) fn new(rates: Option<Rates>) -> Self {
        Self {
            rates,
            window: Mutex::new(Window {
                began: Instant::now(),
                used: [0; 3],
            }),
        }
    }

    /// Lets a request in, or refuses it for this second.
    pub(crate) fn admit(&self, request: &Request) -> Result<(), ApiError> {
        match class(request) {
            Some(class) => self.take(class, 1),
            None => Ok(()),
        }
    }

    /// Counts the documents of a bulk request: each is a lookup or a write of its own.
    pub(crate) fn documents(&self, write: bool, count: usize) -> Result<(), ApiError> {
        self.take(if write { WRITE } else { LOOKUP }, u32::try_from(count).unwrap_or(u32::MAX))
    }

    fn take(&self, class: usize, count: u32) -> Result<(), ApiError> {
        let Some(rates) = self.rates else { return Ok(()) };
        let limit = [rates.lookups, rates.writes, rates.queries][class];
        let mut window = self.window.lock();
        if window.began.elapsed().as_secs() >= 1 {
            window.began = Instant::now();
            window.used = [0; 3];
        }
        // A request begins as long as anything is left of the second, however many documents it has.
        if window.used[class] >= limit {
            let name = NAMES[class];
            let mut error = ApiError::new(
                429,
                "too_many_requests",
                format!("You've exceeded your current limit of {limit} requests per second for {name} class. Please try later."),
            );
            error.more = format!(",\"class\":\"{name}\",\"rate\":{limit}");
            return Err(error);
        }
        window.used[class] = window.used[class].saturating_add(count);
        Ok(())
    }
}

/// The class of a request; server addresses and bulk requests (counted by documents) have none.
fn class(request: &Request) -> Option<usize> {
    let second = match request.segments.as_slice() {
        [first, ..] if first.starts_with('_') => return None,
        [_, second, ..] => second.as_str(),
        _ => return None,
    };
    match second {
        "_bulk_docs" | "_bulk_get" => None,
        "_all_docs" | "_design_docs" | "_changes" | "_find" | "_explain" | "_revs_diff" => Some(QUERY),
        _ if request.method == Method::GET => Some(LOOKUP),
        _ => Some(WRITE),
    }
}
