//! Messages to a web address: our own JSON, or the form Slack's incoming webhooks take.

mod slack;

use std::path::PathBuf;

use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Delivered, Hidden, Limits, Message, Result, TellError,
    http::{Address, Request, send},
};

/// Version of the JSON form. It grows when a field changes or goes, not when one is added.
const VERSION: u8 = 1;
/// Names the delivery, the same for all its tries, so that a receiver can drop a repeated one.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Form {
    /// The message as JSON (`docs/NOTIFICATIONS.md`).
    #[default]
    Json,
    /// `text` and `attachments`, as Slack, Mattermost and Discord (`…/slack`) take them.
    Slack,
}

/// A web address that takes messages by `POST`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Webhook {
    /// Its address, `https` or `http`.
    pub url: Hidden,
    /// What is sent.
    pub form: Form,
    /// Headers sent along, by name; not sent on to another host.
    pub headers: Vec<(String, Hidden)>,
    /// Certificates (PEM) of an authority to be trusted besides the system's.
    pub authority: Option<PathBuf>,
}

impl Webhook {
    /// What may be shown of the address: scheme, host and port.
    ///
    /// # Errors
    /// When it is no web address.
    pub fn place(&self) -> Result<String> {
        Address::read(self.url.reveal()).map(|address| address.place)
    }
}

/// Sends a message.
///
/// # Errors
/// When the receiver does not accept it within the limits.
pub fn webhook(hook: &Webhook, message: &Message, limits: &Limits) -> Result<Delivered> {
    let address = Address::read(hook.url.reveal())?;
    let delivery = Uuid::new_v4().to_string();
    let body = match hook.form {
        Form::Json => serde_json::to_vec(&Envelope {
            version: VERSION,
            delivery: &delivery,
            message,
        }),
        Form::Slack => serde_json::to_vec(&slack::form(message)),
    };
    let body = body.map_err(|error| TellError::NoResources {
        reason: error.to_string(),
    })?;
    let mut common = HeaderMap::new();
    common.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    common.extend(HeaderValue::from_str(&delivery).ok().map(|value| (KEY, value)));
    let own = headers(&hook.headers)?;
    let mut secrets = address.secrets();
    secrets.extend(hook.headers.iter().map(|(_, value)| value.reveal().to_owned()));
    let request = Request {
        method: Method::POST,
        address,
        own,
        common,
        body,
        secrets,
        judge: |_| None,
    };
    send(&request, hook.authority.as_deref(), limits)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    version: u8,
    delivery: &'a str,
    #[serde(flatten)]
    message: &'a Message,
}

fn headers(given: &[(String, Hidden)]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let bad = || TellError::BadHeader { name: name.clone() };
        let header = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| bad())?;
        // What frames the request is the client's business.
        if matches!(
            header.as_str(),
            "content-length" | "transfer-encoding" | "connection" | "host"
        ) {
            return Err(bad());
        }
        let mut value = HeaderValue::from_str(value.reveal()).map_err(|_| bad())?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}
