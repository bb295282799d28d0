//! Signs of life for a service that raises the alarm when they stay away.

use std::path::PathBuf;

use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};

use crate::{
    Delivered, Hidden, Limits, Result,
    http::{Address, Request, send},
    text,
};

/// Letters of a summary in an address: servers take 8,000 bytes of address (RFC 9110, section 4.1), and a letter may need 12.
const LONGEST_IN_ADDRESS: usize = 250;
/// Letters of a summary as a body; healthchecks.io keeps the first 100 kB.
const LONGEST_BODY: usize = 4000;

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

impl Heartbeat {
    /// What may be shown of the address: scheme, host and port.
    ///
    /// # Errors
    /// When it is no web address.
    pub fn place(&self) -> Result<String> {
        let filled = filled(self.url.reveal(), Beat::Success, "").unwrap_or_default();
        Address::read(&filled).map(|address| address.place)
    }
}

/// Sends a sign of life with a short summary. `None` when the form has no word for it (`{status}` and a start).
///
/// # Errors
/// When the service does not accept it within the limits.
pub fn beat(heartbeat: &Heartbeat, beat: Beat, summary: &str, limits: &Limits) -> Result<Option<Delivered>> {
    let url = heartbeat.url.reveal();
    let placeholders = ["{status}", "{state}", "{message}"].iter().any(|name| url.contains(name));
    let Some(filled) = filled(url, beat, summary) else {
        return Ok(None);
    };
    let mut address = Address::read(&filled)?;
    let mut common = HeaderMap::new();
    if !placeholders {
        step(&mut address, beat);
        common.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    let secrets = address.secrets();
    let request = Request {
        method: if placeholders { Method::GET } else { Method::POST },
        address,
        own: HeaderMap::new(),
        common,
        body: text::clipped(summary, LONGEST_BODY).into_bytes(),
        secrets,
        judge,
    };
    send(&request, heartbeat.authority.as_deref(), limits).map(Some)
}

/// healthchecks.io answers an id it does not know, and one that calls too often, with a success that is none
/// ("Pinging API", responses).
fn judge(answer: &str) -> Option<u16> {
    match answer.trim() {
        "OK (not found)" => Some(404),
        "OK (rate limited)" => Some(429),
        _ => None,
    }
}

/// The address with its placeholders replaced.
fn filled(url: &str, beat: Beat, summary: &str) -> Option<String> {
    let (status, state) = match beat {
        Beat::Start => (None, "start"),
        Beat::Success => (Some("up"), "success"),
        Beat::Fail => (Some("down"), "fail"),
    };
    let url = match status {
        None if url.contains("{status}") => return None,
        _ => url.replace("{status}", status.unwrap_or_default()),
    };
    let words: String = escaped(&text::line(summary, LONGEST_IN_ADDRESS));
    Some(url.replace("{state}", state).replace("{message}", &words))
}

/// Letters as they may stand anywhere in an address (RFC 3986, section 2.3).
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex::encode_upper([byte]));
        }
        out
    })
}

/// Adds `/start` or `/fail` to the path.
fn step(address: &mut Address, beat: Beat) {
    let last = match beat {
        Beat::Start => "start",
        Beat::Fail => "fail",
        Beat::Success => return,
    };
    if let Ok(mut path) = address.url.path_segments_mut() {
        path.pop_if_empty().push(last);
    }
}
