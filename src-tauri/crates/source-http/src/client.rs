//! The client: sends requests with credentials, within the budget, and tries again where that can help.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use backstay_source::Cancel;
use bytes::Bytes;
use reqwest::{
    StatusCode,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER},
    redirect::Policy,
};
use serde::de::DeserializeOwned;

use crate::{
    Address, Auth, Body, Budget, HttpError, NoAuth, Observer, Pause, Refused, Request, Response, Result, Settings, Why,
    budget::Permit,
    call::{Call, LOOK},
    patience::Tries,
    trust::trust,
    words,
};

/// Bytes of a refusal's text that are kept for the connector.
const SAID: usize = 64 * 1024;
/// Redirects within the service that are followed in a row.
const REDIRECTS: usize = 3;
/// Waiting for the budget is told from here on.
const TOLD: Duration = Duration::from_secs(1);

/// A client of one service with one credential. Clones share connections and budget, and are cheap.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    auth: Arc<dyn Auth>,
    budget: Arc<Budget>,
    cancel: Cancel,
    observer: Option<Arc<dyn Observer>>,
}

struct Shared {
    http: reqwest::Client,
    address: Address,
    settings: Settings,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.place())
    }
}

impl Client {
    /// A client of the service at `address`. Nothing is sent yet.
    ///
    /// # Errors
    /// When the address or the file with certificates cannot be used.
    pub fn new(address: &str, settings: Settings, auth: Arc<dyn Auth>) -> Result<Self> {
        let address = Address::read(address)?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(trust(&address, settings.authority.as_deref())?)
            .redirect(within())
            .connect_timeout(settings.connect)
            .user_agent(&settings.agent);
        if address.is_here() {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| HttpError::NoResources {
            reason: words::root(&error.without_url()),
        })?;
        let budget = Budget::shared(&address.origin(), &auth.identity(), settings.rate);
        Ok(Self {
            shared: Arc::new(Shared { http, address, settings }),
            auth,
            budget,
            cancel: Cancel::default(),
            observer: None,
        })
    }

    /// The same client, whose calls end when `cancel` is set.
    #[must_use]
    pub fn with_cancel(&self, cancel: &Cancel) -> Self {
        Self {
            cancel: cancel.clone(),
            ..self.clone()
        }
    }

    /// The same client, which tells `observer` about its pauses.
    #[must_use]
    pub fn with_observer(&self, observer: Arc<dyn Observer>) -> Self {
        Self {
            observer: Some(observer),
            ..self.clone()
        }
    }

    /// The same client without credentials, for logging in.
    fn bare(&self) -> Self {
        Self {
            auth: Arc::new(NoAuth),
            ..self.clone()
        }
    }

    /// The address as it may be shown.
    #[must_use]
    pub fn place(&self) -> &str {
        self.shared.address.place()
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.shared.address
    }

    /// The budget it shares.
    #[must_use]
    pub fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// How it was set up.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// The flag its calls look at.
    #[must_use]
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Sends a request and gives the answer once its head is there. Tries again until then; a body that breaks off while it is read
    /// is the caller's to see ([`Client::repeat`]).
    ///
    /// # Errors
    /// When the service is out of reach, refuses (any status but 2xx and 304), or the job is cancelled.
    pub fn open(&self, mut request: Request<'_>) -> Result<Response> {
        let harmless = request.harmless;
        self.trying(request.once, harmless, |client| {
            let permit = client.enter()?;
            let answer = client.attempt(&mut request)?;
            drop(permit);
            Ok(answer)
        })
    }

    /// Sends a request and reads the answer's body, of at most `limit` bytes, into memory. Tries again when it breaks off.
    ///
    /// # Errors
    /// As [`Client::open`], and when the body is too large.
    pub fn read(&self, mut request: Request<'_>, limit: u64) -> Result<(HeaderMap, Bytes)> {
        let harmless = request.harmless;
        self.trying(request.once, harmless, |client| {
            let _permit = client.enter()?;
            let answer = client.attempt(&mut request)?;
            let headers = answer.headers().clone();
            Ok((headers, answer.bytes(limit)?))
        })
    }

    /// [`Client::read`], with the body as JSON.
    ///
    /// # Errors
    /// As [`Client::read`], and when it is other JSON than `T`.
    pub fn json<T: DeserializeOwned>(&self, request: Request<'_>, limit: u64) -> Result<T> {
        let asked = request.asked();
        let (_, body) = self.read(request, limit)?;
        crate::response::parse(&body, self.place(), &asked)
    }

    /// Runs `attempt` until it gives something or fails for good: for streamed answers that break off and can be asked for again as a
    /// whole. `failed` takes the failure out of its error, or gives back an error that is none of ours.
    ///
    /// # Errors
    /// The last one of `attempt`.
    pub fn repeat<T, E>(
        &self,
        failed: impl Fn(E) -> std::result::Result<HttpError, E>,
        mut attempt: impl FnMut() -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<HttpError>,
    {
        let mut final_error = None;
        let result = self.trying(false, true, |_| match attempt() {
            Ok(value) => Ok(Some(value)),
            Err(error) => match failed(error) {
                Ok(http) => Err(http),
                Err(other) => {
                    final_error = Some(other);
                    Ok(None)
                }
            },
        });
        match (result, final_error) {
            (_, Some(error)) => Err(error),
            (Ok(Some(value)), None) => Ok(value),
            (Ok(None), None) => Err(HttpError::Cancelled.into()),
            (Err(error), None) => Err(error.into()),
        }
    }

    fn trying<T>(&self, once: bool, harmless: bool, mut attempt: impl FnMut(&Self) -> Result<T>) -> Result<T> {
        let mut tries = Tries::new(self.shared.settings.patience);
        let mut failing: Option<Instant> = None;
        loop {
            let error = match attempt(self) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let spent = failing.get_or_insert_with(Instant::now).elapsed();
            let next = if once { None } else { tries.next(&error, harmless, spent) };
            let Some((why, wait)) = next else {
                return Err(given_up(error, tries.attempt, spent));
            };
            self.pause(why, wait, tries.attempt)?;
        }
    }

    fn pause(&self, why: Why, wait: Duration, attempt: u32) -> Result<()> {
        tracing::debug!(place = self.place(), ?why, ?wait, attempt, "trying again");
        self.tell(why, wait, attempt);
        let end = Instant::now() + wait;
        loop {
            if self.cancel.is_cancelled() {
                return Err(HttpError::Cancelled);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(LOOK));
        }
    }

    fn tell(&self, why: Why, wait: Duration, attempt: u32) {
        if let Some(observer) = &self.observer {
            observer.pausing(&Pause {
                place: self.place().to_owned(),
                why,
                wait,
                attempt,
            });
        }
    }

    fn enter(&self) -> Result<Permit> {
        self.budget.enter(&self.cancel, |wait| {
            if wait > self.shared.settings.patience.busy {
                return Err(HttpError::Busy {
                    place: self.place().to_owned(),
                    after: wait,
                });
            }
            if wait >= TOLD {
                self.tell(Why::Budget, wait, 1);
            }
            Ok(())
        })
    }

    /// One try: with credentials, renewed once.
    fn attempt(&self, request: &mut Request<'_>) -> Result<Response> {
        let bare = self.bare();
        let mut own = HeaderMap::new();
        self.auth.apply(&mut own, &bare)?;
        let first = self.exchange(request, &own);
        let refused = matches!(&first, Err(HttpError::Status { status, said, .. }) if self.auth.refuses(*status, said));
        let again = !(request.once && matches!(request.body, Body::Stream { .. }));
        if refused && again && self.auth.renew(&Refused { with: &own }, &bare)? {
            let mut renewed = HeaderMap::new();
            self.auth.apply(&mut renewed, &bare)?;
            return self.exchange(request, &renewed);
        }
        first
    }

    fn exchange(&self, request: &mut Request<'_>, own: &HeaderMap) -> Result<Response> {
        let url = self.shared.address.join(&request.path, &request.query)?;
        let mut sent = reqwest::Request::new(request.method.clone(), url);
        let headers = sent.headers_mut();
        // Bytes are wanted as they are: lengths and digests are of them.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.extend(request.headers.clone());
        headers.extend(own.clone());
        let silence = request.silence.unwrap_or(self.shared.settings.silence);
        let call = Call {
            client: &self.shared.http,
            place: self.place(),
            silence,
            cancel: &self.cancel,
        };
        let (answer, open) = call.send(sent, &mut request.body)?;
        self.auth.seen(answer.headers());
        let asked = request.asked();
        let status = answer.status();
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            self.budget.went_well();
            return Ok(Response::new(answer, open, asked, self.place(), silence, &self.cancel));
        }
        if status.is_redirection() {
            return Err(self.redirected(&answer));
        }
        let after = wish(answer.headers());
        if status == StatusCode::TOO_MANY_REQUESTS || (status == StatusCode::SERVICE_UNAVAILABLE && after.is_some()) {
            self.budget.too_many(after);
        }
        let silence = silence.min(self.shared.settings.silence);
        let mut body = Response::new(answer, open, asked.clone(), self.place(), silence, &self.cancel).into_reader();
        Err(HttpError::Status {
            place: self.place().to_owned(),
            asked,
            status: status.as_u16(),
            said: body.beginning(SAID),
            after,
        })
    }

    fn redirected(&self, answer: &reqwest::Response) -> HttpError {
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let to = location.and_then(|location| answer.url().join(location).ok());
        HttpError::Redirected {
            place: self.place().to_owned(),
            to: to.map(|to| to.origin().ascii_serialization()),
        }
    }
}

fn given_up(error: HttpError, tries: u32, within: Duration) -> HttpError {
    // A refusal that came after some trouble is what it is.
    if tries < 2 || !error.is_temporary() {
        return error;
    }
    HttpError::GaveUp {
        tries,
        within,
        last: Box::new(error),
    }
}

/// Follows redirects within the service alone: credentials and content are for nobody else.
fn within() -> Policy {
    Policy::custom(|attempt| {
        let before = attempt.previous();
        let same = before.first().is_some_and(|first| first.origin() == attempt.url().origin());
        if same && before.len() <= REDIRECTS {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}

/// How long the service wants to be left alone: seconds or a date (RFC 9110, section 10.2.3).
fn wish(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(std::time::SystemTime::now()).unwrap_or_default())
}
