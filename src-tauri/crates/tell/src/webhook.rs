//! Messages to a web address: our own JSON, or the form Slack's incoming webhooks take.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Delivered, Hidden, Limits, Message, Result, TellError};

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

/// Sends a message.
///
/// # Errors
/// When the receiver does not accept it within the limits.
pub fn webhook(hook: &Webhook, message: &Message, limits: &Limits) -> Result<Delivered> {
    let _ = (hook, message, limits);
    Err(TellError::NoResources {
        reason: "not there yet".to_owned(),
    })
}
