//! Cloudant: an API key is changed for a token that lives for an hour.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use backstay_model::ErrorKind;
use backstay_source::SourceError;
use backstay_source_http::{
    Auth, Client, HeaderMap, HeaderValue, Hidden, HttpError, NoAuth, Refused, Request, Settings, header::AUTHORIZATION,
};
use parking_lot::Mutex;
use serde::Deserialize;

use super::set;
use crate::error::Result;

pub(super) struct Iam {
    key: Hidden,
    service: Client,
    current: Mutex<Option<(Hidden, Instant)>>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default = "hour")]
    expires_in: u64,
}

fn hour() -> u64 {
    3600
}

impl Iam {
    pub(super) fn new(key: &Hidden, url: &str, settings: &Settings) -> Result<Self> {
        let service = Client::new(url, settings.clone(), Arc::new(NoAuth))?;
        Ok(Self {
            key: key.clone(),
            service,
            current: Mutex::new(None),
        })
    }

    fn token(&self, bare: &Client) -> Result<(Hidden, Instant), HttpError> {
        // Letters of keys: only these need no encoding in a form.
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if !self.key.reveal().chars().all(plain) {
            return Err(failed(
                &self.service,
                "was not asked: the API key has letters no such key has",
            ));
        }
        let form = format!(
            "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey={}",
            self.key.reveal()
        );
        let request = Request::post([""; 0])
            .harmless()
            .bytes(
                HeaderValue::from_static("application/x-www-form-urlencoded"),
                form.into_bytes(),
            )
            .accept("application/json");
        let answer: Answer = self
            .service
            .with_cancel(bare.cancel())
            .json(request, 1 << 20)
            .map_err(|error| match error.refusal() {
                Some((400..=403, _)) => failed(&self.service, "does not take the API key"),
                _ => error,
            })?;
        // Refreshed well before the end, as IBM advises.
        let life = Duration::from_secs(answer.expires_in).mul_f64(0.8);
        Ok((Hidden::new(format!("Bearer {}", answer.access_token)), Instant::now() + life))
    }
}

impl Auth for Iam {
    fn identity(&self) -> String {
        self.key.reveal().to_owned()
    }

    fn apply(&self, headers: &mut HeaderMap, bare: &Client) -> Result<(), HttpError> {
        // Held while asking: whoever comes meanwhile waits for the same token.
        let mut current = self.current.lock();
        if current.as_ref().is_none_or(|(_, until)| *until <= Instant::now()) {
            *current = Some(self.token(bare)?);
        }
        match &*current {
            Some((token, _)) => set(headers, AUTHORIZATION, token.reveal()),
            None => Ok(()),
        }
    }

    fn renew(&self, refused: &Refused<'_>, _: &Client) -> Result<bool, HttpError> {
        let mut current = self.current.lock();
        let used = refused.with.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        if current
            .as_ref()
            .is_some_and(|(token, _)| Some(token.reveal().as_bytes()) == used)
        {
            *current = None;
        }
        Ok(true)
    }
}

fn failed(service: &Client, message: &str) -> HttpError {
    let error = SourceError::new(ErrorKind::Auth, service.place(), message);
    HttpError::LogIn(Box::new(error.hint("Check the API key, or make a new one in IBM Cloud.")))
}
