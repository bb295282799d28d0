//! The postman: takes messages from the outbox to their channels, tries again what did not get through, gives up after a day.

use std::time::Instant;

use backstay_journal::{Lead, Letter, Take};
use backstay_model::{ErrorKind, Retry};
use backstay_tell::{Command, Form, Hidden, Hook, Limits, Mail, Message, Security, TellError, Webhook, hook, mail, webhook};
use chrono::{TimeDelta, Utc};

use super::{channels, unraw};
use crate::{
    ApiError, App, Result,
    types::{ChannelKind, ChannelTestReply},
};

/// Name of the desktop's own notifications among the channels.
pub(crate) const DESKTOP: &str = "desktop";
/// Letters taken at a time.
const BAG: usize = 20;
/// A process that took letters and died: others may take them after this time.
const TAKEN: TimeDelta = TimeDelta::minutes(5);
/// After this time nobody tries any more.
const STALE: TimeDelta = TimeDelta::hours(24);
/// Longest time between two tries.
const LONGEST: TimeDelta = TimeDelta::hours(1);

impl From<TellError> for ApiError {
    fn from(error: TellError) -> Self {
        let mut told = ApiError::new(error.kind(), error.to_string());
        told.retry = matches!(error.retry(), Retry::After(_));
        told
    }
}

/// Shows a message on the desktop; `false` when there is none to show it on.
pub(crate) type Show<'a> = &'a dyn Fn(&Message) -> bool;

/// Takes everything to its channels after a command by hand, when no agent is there to do it later.
pub(crate) fn deliver_by_hand(app: &App) {
    let led = app.is_watching() || Lead::holder(app.home_dir()).is_ok_and(|holder| holder.is_some());
    if led {
        return;
    }
    if let Err(error) = deliver(app, None) {
        tracing::warn!("the outbox could not be read: {}", error.message);
    }
}

/// Takes everything that is due to where it belongs. Without `show`, what is for the desktop stays. Returns how much got through.
pub(crate) fn deliver(app: &App, show: Option<Show<'_>>) -> Result<u64> {
    let mut through = 0;
    loop {
        let now = app.now();
        let leave: &[&str] = if show.is_some() { &[] } else { &[DESKTOP] };
        let bag = app.journal().outbox().take(&Take {
            now,
            until: now + TAKEN,
            limit: BAG,
            leave,
        })?;
        if bag.is_empty() {
            return Ok(through);
        }
        for letter in bag {
            through += u64::from(one(app, &letter, show)?);
        }
    }
}

fn one(app: &App, letter: &Letter, show: Option<Show<'_>>) -> Result<bool> {
    let outbox = app.journal().outbox();
    let Some(message) = unraw::<Message>(&letter.message) else {
        outbox.failed(letter.id, "the message is of a newer version", None, app.now())?;
        return Ok(false);
    };
    let sent = match letter.channel.as_str() {
        DESKTOP if app.now() - letter.at > STALE => Err(ApiError::new(ErrorKind::NotFound, "nobody was there to show it to")),
        DESKTOP => match show.is_some_and(|show| show(&message)) {
            true => Ok(String::new()),
            // Somebody may log in later.
            false => Err(ApiError {
                retry: true,
                ..ApiError::new(ErrorKind::Unreachable, "there is no desktop to show it on")
            }),
        },
        channel => match app.journal().channels().get(channel) {
            Ok(channel) if channel.enabled => send(app, &channel, &message),
            _ => Err(ApiError::new(ErrorKind::NotFound, "the channel was removed or switched off")),
        },
    };
    match sent {
        Ok(_) => {
            outbox.delivered(letter.id, app.now())?;
            Ok(true)
        }
        Err(error) => {
            let next = next_try(app, letter, &error);
            outbox.failed(letter.id, &error.message, next, app.now())?;
            if letter.channel == DESKTOP {
                tracing::debug!("{}", error.message);
            } else {
                tracing::warn!("a message did not get through: {}", error.message);
            }
            Ok(false)
        }
    }
}

/// When it is tried again: twice as long each time. Not what cannot get better, and nothing that is a day old.
fn next_try(app: &App, letter: &Letter, error: &ApiError) -> Option<chrono::DateTime<Utc>> {
    let now = app.now();
    let pause = TimeDelta::minutes(1 << letter.attempts.min(6)).min(LONGEST);
    (error.retry && now + pause - letter.at < STALE).then_some(now + pause)
}

/// Sends one message into one channel. Returns what came back, in words.
fn send(app: &App, channel: &backstay_journal::Channel, message: &Message) -> Result<String> {
    let kind = channels::kind_of(channel)
        .ok_or_else(|| ApiError::new(ErrorKind::Unsupported, "the channel is of a newer version of Backstay"))?;
    let limits = Limits::default();
    match kind {
        ChannelKind::Webhook { slack } => {
            let hook = Webhook {
                url: Hidden::new(channels::secret(app, &channel.id)?),
                form: if slack { Form::Slack } else { Form::Json },
                ..Webhook::default()
            };
            let done = webhook(&hook, message, &limits)?;
            Ok(format!("{}", done.status))
        }
        ChannelKind::Mail {
            host,
            port,
            security,
            user,
            from,
            to,
        } => {
            let password = match user {
                Some(_) => channels::secret(app, &channel.id)?,
                None => String::new(),
            };
            let letter = Mail {
                host,
                port,
                security: security_of(&security)?,
                user,
                password: Hidden::new(password),
                from,
                to,
                authority: None,
            };
            let done = mail(&letter, message, &limits)?;
            Ok(format!("{}", done.status))
        }
        ChannelKind::Command { seconds } => {
            let command = Hook {
                command: Command::Shell(channels::secret(app, &channel.id)?),
                time_limit: std::time::Duration::from_secs(seconds.clamp(1, 3600).into()),
                env: Vec::new(),
                dir: None,
            };
            let done = hook(&command, &variables(message), &|| false)?;
            Ok(done.output.trim().to_owned())
        }
        ChannelKind::Heartbeat {} => {
            let address = backstay_tell::Heartbeat {
                url: Hidden::new(channels::secret(app, &channel.id)?),
                ..backstay_tell::Heartbeat::default()
            };
            let done = backstay_tell::beat(&address, backstay_tell::Beat::Success, &message.title, &limits)?;
            Ok(done.map(|done| done.status.to_string()).unwrap_or_default())
        }
    }
}

/// How a connection to a mail server is protected.
///
/// # Errors
/// [`ErrorKind::Usage`] for an unknown word.
pub(crate) fn security_of(word: &str) -> Result<Security> {
    match word {
        "none" => Ok(Security::None),
        "startTls" => Ok(Security::StartTls),
        "tls" => Ok(Security::Tls),
        _ => {
            Err(ApiError::new(ErrorKind::Usage, format!("{word:?} is no way to protect mail"))
                .hint("It is none, startTls or tls."))
        }
    }
}

fn variables(message: &Message) -> Vec<(String, String)> {
    let event = message.event.name().to_owned();
    let text = |name: &str, value: Option<&String>| (format!("BACKSTAY_{name}"), value.cloned().unwrap_or_default());
    vec![
        ("BACKSTAY_EVENT".to_owned(), event),
        ("BACKSTAY_TITLE".to_owned(), message.title.clone()),
        ("BACKSTAY_BODY".to_owned(), message.body.clone()),
        ("BACKSTAY_HOST".to_owned(), message.host.clone()),
        text("PLAN", message.plan.as_ref()),
        text("SOURCE", message.source.as_ref()),
        text("VAULT", message.vault.as_ref()),
        text("RUN", message.run.as_ref()),
        (
            "BACKSTAY_MESSAGE".to_owned(),
            serde_json::to_string(message).unwrap_or_default(),
        ),
    ]
}

/// Sends a test into a channel, now.
pub(crate) fn test(app: &App, channel: &backstay_journal::Channel) -> Result<ChannelTestReply> {
    let title = "Backstay: this is a test".to_owned();
    let body = "If you can read this, messages of Backstay reach you here. Nothing is wrong.".to_owned();
    let told = super::messages::message(app, backstay_tell::Event::Test, "test".to_owned(), title, body);
    let begun = Instant::now();
    let answer = send(app, channel, &told)?;
    Ok(ChannelTestReply {
        seconds: begun.elapsed().as_secs_f64(),
        answer,
    })
}
