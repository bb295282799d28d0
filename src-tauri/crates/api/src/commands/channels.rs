//! Channels: who is told, by what way; alarms that stand.

use backstay_journal::{Channel, ChannelChange, Letter, NewChannel};
use backstay_model::ErrorKind;
use backstay_tell::{Event, Message};
use serde_json::json;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    plans::{channels, post, raw, unraw},
    types::{
        AlertRow, AlertsReply, ChannelKind, ChannelRef, ChannelRow, ChannelSetRequest, ChannelTestReply, ChannelsReply, Nothing,
        SentRow, Topic,
    },
};

/// Lists channels and the last messages.
pub struct Channels;
/// Adds a channel, or changes one.
pub struct ChannelSet;
/// Removes a channel.
pub struct ChannelRemove;
/// Sends a test into a channel.
pub struct ChannelTest;
/// Lists alarms that stand.
pub struct Alerts;

/// Messages that are listed.
const SENT: usize = 100;

impl Command for Channels {
    const NAME: &'static str = "channel.list";
    type Request = Nothing;
    type Reply = ChannelsReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<ChannelsReply> {
        let log = app.journal().outbox().log(SENT)?;
        let all = app.journal().channels().list()?;
        let name = |id: &str| {
            all.iter()
                .find(|one| one.id == id)
                .map_or(id, |one| one.name.as_str())
                .to_owned()
        };
        Ok(ChannelsReply {
            sent: log.iter().filter_map(|letter| sent(letter, name(&letter.channel))).collect(),
            channels: all.iter().filter_map(|channel| row(app, channel, &log)).collect(),
        })
    }
}

fn sent(letter: &Letter, channel: String) -> Option<SentRow> {
    let message: Message = unraw(&letter.message)?;
    Some(SentRow {
        time: letter.at,
        channel,
        event: message.event,
        title: message.title,
        delivered: letter.delivered,
        given_up: letter.given_up.is_some(),
        error: letter.error.clone().filter(|_| letter.delivered.is_none()),
        attempts: letter.attempts,
    })
}

fn row(app: &App, channel: &Channel, log: &[Letter]) -> Option<ChannelRow> {
    let mine = || log.iter().filter(|letter| letter.channel == channel.id);
    let last = mine().next();
    let plans = app.journal().plans();
    Some(ChannelRow {
        id: channel.id.clone(),
        name: channel.name.clone(),
        kind: channels::kind_of(channel)?,
        target: channels::target(app, channel),
        events: match channel.events.is_empty() {
            true => channels::NEEDED.to_vec(),
            false => channel.events.iter().filter_map(|name| channels::event_of(name)).collect(),
        },
        plans: channel
            .plans
            .iter()
            .filter_map(|id| plans.get(id).ok().map(|plan| plan.name))
            .collect(),
        enabled: channel.enabled,
        delivered: mine().find_map(|letter| letter.delivered),
        problem: last
            .filter(|letter| letter.delivered.is_none())
            .and_then(|letter| letter.error.clone()),
    })
}

impl Command for ChannelSet {
    const NAME: &'static str = "channel.set";
    const CHANGES: &'static [Topic] = &[Topic::Channels, Topic::Audit];
    type Request = ChannelSetRequest;
    type Reply = ChannelRow;
    fn run(app: &App, _: &Context<'_>, request: ChannelSetRequest) -> Result<ChannelRow> {
        backstay_journal::check_name(&request.name)?;
        check(&request)?;
        let journal = app.journal();
        let plans = request.plans.iter().map(|name| Ok(journal.plans().get(name)?.id));
        let plans: Vec<String> = plans.collect::<Result<_>>()?;
        let events: Vec<String> = request.events.iter().map(|event| event.name().to_owned()).collect();
        let config = raw(&request.kind)?;
        let channel = match &request.channel {
            None => add(app, &request, config, events, plans)?,
            Some(name) => {
                let known = journal.channels().get(name)?;
                if channels::kind_of(&known).is_some_and(|kind| channels::kind_name(&kind) != channels::kind_name(&request.kind))
                {
                    return Err(
                        ApiError::new(ErrorKind::Usage, "a channel keeps its kind; nothing was changed")
                            .hint("Add another channel, and remove this one."),
                    );
                }
                if let Some(secret) = &request.secret {
                    channels::keep_secret(app, &known.id, secret)?;
                }
                let change = ChannelChange {
                    name: Some(request.name.clone()),
                    config: Some(config),
                    events: Some(events),
                    plans: Some(plans),
                    enabled: request.enabled,
                };
                journal.channels().change(&known.id, &change)?
            }
        };
        let action = if request.channel.is_some() {
            "channel.change"
        } else {
            "channel.add"
        };
        app.audit(
            action,
            &channel.name,
            json!({ "kind": channels::kind_name(&request.kind), "events": request.events, "plans": request.plans }),
        )?;
        row(app, &channel, &[]).ok_or_else(|| ApiError::new(ErrorKind::Internal, "the channel cannot be read"))
    }
}

/// A channel without its secret would be silent: it is only there once the secret is kept.
fn add(
    app: &App,
    request: &ChannelSetRequest,
    config: backstay_model::RawJson,
    events: Vec<String>,
    plans: Vec<String>,
) -> Result<Channel> {
    let journal = app.journal();
    let new = NewChannel {
        name: request.name.clone(),
        kind: channels::kind_name(&request.kind).to_owned(),
        config,
        events,
        plans,
        enabled: request.enabled.unwrap_or(true),
    };
    let channel = journal.channels().add(&new, app.now())?;
    if let Some(secret) = &request.secret
        && let Err(error) = channels::keep_secret(app, &channel.id, secret)
    {
        journal.channels().remove(&channel.id)?;
        return Err(error);
    }
    Ok(channel)
}

fn check(request: &ChannelSetRequest) -> Result<()> {
    let usage = |text: &str| Err(ApiError::new(ErrorKind::Usage, format!("{text}; nothing was changed")));
    let is_new = request.channel.is_none();
    match &request.kind {
        ChannelKind::Webhook { .. } | ChannelKind::Heartbeat {} => match &request.secret {
            None if is_new => usage("the URL is missing"),
            Some(url) if !(url.starts_with("https://") || url.starts_with("http://")) => {
                usage("a URL begins with https:// or http://")
            }
            _ => Ok(()),
        },
        ChannelKind::Command { .. } => match &request.secret {
            None if is_new => usage("the command is missing"),
            Some(command) if command.trim().is_empty() => usage("the command is empty"),
            _ => Ok(()),
        },
        ChannelKind::Mail {
            host,
            security,
            from,
            to,
            user,
            ..
        } => {
            post::security_of(security)?;
            if host.trim().is_empty() || !from.contains('@') || to.is_empty() || to.iter().any(|one| !one.contains('@')) {
                return usage("mail needs a server, a sender and at least one receiver");
            }
            if user.is_some() && is_new && request.secret.is_none() {
                return usage("the password of the mail server is missing");
            }
            Ok(())
        }
    }
}

impl Command for ChannelRemove {
    const NAME: &'static str = "channel.remove";
    const CHANGES: &'static [Topic] = &[Topic::Channels, Topic::Audit];
    type Request = ChannelRef;
    type Reply = Nothing;
    fn run(app: &App, _: &Context<'_>, request: ChannelRef) -> Result<Nothing> {
        let channel = app.journal().channels().remove(&request.channel)?;
        channels::forget_secret(app, &channel.id)?;
        app.audit("channel.remove", &channel.name, json!({ "kind": channel.kind }))?;
        Ok(Nothing {})
    }
}

impl Command for ChannelTest {
    const NAME: &'static str = "channel.test";
    type Request = ChannelRef;
    type Reply = ChannelTestReply;
    fn run(app: &App, _: &Context<'_>, request: ChannelRef) -> Result<ChannelTestReply> {
        post::test(app, &app.journal().channels().get(&request.channel)?)
    }
}

impl Command for Alerts {
    const NAME: &'static str = "alert.list";
    type Request = Nothing;
    type Reply = AlertsReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<AlertsReply> {
        let mut alerts: Vec<AlertRow> = app
            .journal()
            .alerts()
            .open()?
            .into_iter()
            .filter_map(|alert| {
                Some(AlertRow {
                    message: unraw(&alert.message).filter(|message: &Message| message.event != Event::Test)?,
                    cause: alert.cause,
                    since: alert.first,
                    last: alert.last,
                    count: alert.count,
                })
            })
            .collect();
        alerts.sort_by_key(|alert| std::cmp::Reverse(alert.since));
        Ok(AlertsReply { alerts })
    }
}
