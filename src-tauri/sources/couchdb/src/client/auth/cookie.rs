//! User and password once, then a cookie that is renewed before it ends.

use std::time::{Duration, Instant};

use backstay_model::ErrorKind;
use backstay_source::SourceError;
use backstay_source_http::{
    Auth, Client, HeaderMap, Hidden, HttpError, Refused, Request,
    header::{COOKIE, SET_COOKIE},
};
use parking_lot::Mutex;

use super::set;

/// How long a cookie lives when the server does not say (`chttpd_auth/timeout`).
const LIFE: Duration = Duration::from_secs(600);

pub(super) struct Cookie {
    user: String,
    password: Hidden,
    current: Mutex<Option<Current>>,
}

struct Current {
    /// `AuthSession=…`.
    pair: Hidden,
    /// When a new one is fetched.
    until: Instant,
}

impl Cookie {
    pub(super) fn new(user: &str, password: &Hidden) -> Self {
        Self {
            user: user.to_owned(),
            password: password.clone(),
            current: Mutex::new(None),
        }
    }

    fn log_in(&self, bare: &Client) -> Result<Current, HttpError> {
        let said = serde_json::json!({ "name": self.user, "password": self.password.reveal() });
        let request = Request::post(["_session"]).harmless().json(&said)?;
        let (headers, _) = bare.read(request, 1 << 20).map_err(|error| refused(bare, error))?;
        read(&headers).ok_or_else(|| failed(bare, "gave no cookie for user and password"))
    }
}

impl Auth for Cookie {
    fn identity(&self) -> String {
        format!("{}:{}", self.user, self.password.reveal())
    }

    fn apply(&self, headers: &mut HeaderMap, bare: &Client) -> Result<(), HttpError> {
        // Held while logging in: whoever comes meanwhile waits for the same cookie.
        let mut current = self.current.lock();
        if current.as_ref().is_none_or(|cookie| cookie.until <= Instant::now()) {
            *current = Some(self.log_in(bare)?);
        }
        match &*current {
            Some(cookie) => set(headers, COOKIE, cookie.pair.reveal()),
            None => Ok(()),
        }
    }

    fn refuses(&self, status: u16, said: &[u8]) -> bool {
        // A cookie of before a restart is a bad request to CouchDB.
        status == 401 || (status == 400 && memchr::memmem::find(said, b"AuthSession").is_some())
    }

    fn renew(&self, refused: &Refused<'_>, _: &Client) -> Result<bool, HttpError> {
        let mut current = self.current.lock();
        let used = refused.with.get(COOKIE).and_then(|value| value.to_str().ok());
        if current.as_ref().is_some_and(|cookie| Some(cookie.pair.reveal()) == used) {
            *current = None;
        }
        Ok(true)
    }

    fn seen(&self, headers: &HeaderMap) {
        if let Some(fresh) = read(headers) {
            *self.current.lock() = Some(fresh);
        }
    }
}

/// The cookie of an answer.
fn read(headers: &HeaderMap) -> Option<Current> {
    let cookies = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookie = cookies.into_iter().find(|cookie| cookie.starts_with("AuthSession="))?;
    let mut parts = cookie.split(';').map(str::trim);
    let pair = parts.next()?;
    if pair.len() <= "AuthSession=".len() {
        return None;
    }
    let seconds = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("max-age"));
    let life = seconds
        .and_then(|(_, value)| value.parse().ok())
        .map_or(LIFE, Duration::from_secs);
    Some(Current {
        pair: Hidden::new(pair),
        // A fifth is left for requests on their way and clocks that differ.
        until: Instant::now() + life.mul_f64(0.8),
    })
}

fn refused(bare: &Client, error: HttpError) -> HttpError {
    match error.refusal() {
        Some((401 | 403, _)) => failed(bare, "does not take user and password"),
        Some((404 | 405, _)) => failed(bare, "knows no log-in by cookie"),
        _ => error,
    }
}

fn failed(bare: &Client, message: &str) -> HttpError {
    let error = SourceError::new(ErrorKind::Auth, bare.place(), message);
    HttpError::LogIn(Box::new(
        error.hint("Check user and password, or set auth to another way to log in."),
    ))
}
