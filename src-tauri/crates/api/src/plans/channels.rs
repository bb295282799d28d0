//! Channels as they are stored: where they lead, their secret, what they tell.

use backstay_journal::Channel;
use backstay_model::ErrorKind;
use backstay_secrets::{Secret, SecretName, SecretsError};
use backstay_tell::{Event, Heartbeat, Hidden, Webhook};

use super::unraw;
use crate::{ApiError, App, Result, types::ChannelKind};

/// What a channel tells unless told otherwise: everything that needs a person.
pub(crate) const NEEDED: [Event; 9] = [
    Event::Failed,
    Event::Partial,
    Event::Overdue,
    Event::Guard,
    Event::DrillFailed,
    Event::Damaged,
    Event::FailureRate,
    Event::Watchdog,
    Event::MeteredAsk,
];

/// Where a channel leads; `None` for one of a newer version.
pub(crate) fn kind_of(channel: &Channel) -> Option<ChannelKind> {
    unraw(&channel.config)
}

/// An event of its name; `None` for one of a newer version.
pub(crate) fn event_of(name: &str) -> Option<Event> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// Whether a channel wants to hear of an event.
pub(crate) fn wants(channel: &Channel, event: Event) -> bool {
    if event == Event::Test {
        return true;
    }
    if channel.events.is_empty() {
        return NEEDED.contains(&event);
    }
    channel.events.iter().any(|name| name == event.name())
}

/// Name of the kind, as stored beside the settings.
pub(crate) fn kind_name(kind: &ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Webhook { .. } => "webhook",
        ChannelKind::Heartbeat {} => "heartbeat",
        ChannelKind::Mail { .. } => "mail",
        ChannelKind::Command { .. } => "command",
    }
}

fn name(channel: &str) -> Result<SecretName> {
    Ok(SecretName::new(format!("channel/{channel}/secret"))?)
}

/// The secret of a channel: its URL, password or command line.
pub(crate) fn secret(app: &App, channel: &str) -> Result<String> {
    match app.secrets()?.get(&name(channel)?) {
        Ok(secret) => Ok(secret.expose_text().unwrap_or_default().to_owned()),
        Err(SecretsError::NotFound { .. }) => Err(ApiError::new(
            ErrorKind::Auth,
            "the address or password of this channel is not in the keychain",
        )
        .hint("Enter it again in the channel's settings.")),
        Err(error) => Err(error.into()),
    }
}

/// Keeps the secret of a channel.
pub(crate) fn keep_secret(app: &App, channel: &str, secret: &str) -> Result<()> {
    Ok(app.secrets()?.set(&name(channel)?, &Secret::from_text(secret.to_owned()))?)
}

/// Forgets the secret of a channel; one that is not there is none to forget.
pub(crate) fn forget_secret(app: &App, channel: &str) -> Result<()> {
    match app.secrets()?.delete(&name(channel)?) {
        Ok(()) | Err(SecretsError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Where a channel leads, for people: of a URL only scheme and host, for the rest is secret.
pub(crate) fn target(app: &App, channel: &Channel) -> String {
    match kind_of(channel) {
        Some(ChannelKind::Mail { to, .. }) => to.join(", "),
        Some(ChannelKind::Command { .. }) => secret(app, &channel.id).unwrap_or_default(),
        Some(ChannelKind::Webhook { .. }) => {
            let webhook = secret(app, &channel.id).map(|url| Webhook {
                url: Hidden::new(url),
                ..Webhook::default()
            });
            webhook.ok().and_then(|webhook| webhook.place().ok()).unwrap_or_default()
        }
        Some(ChannelKind::Heartbeat {}) => {
            let heartbeat = secret(app, &channel.id).map(|url| Heartbeat {
                url: Hidden::new(url),
                ..Heartbeat::default()
            });
            heartbeat
                .ok()
                .and_then(|heartbeat| heartbeat.place().ok())
                .unwrap_or_default()
        }
        None => String::new(),
    }
}
