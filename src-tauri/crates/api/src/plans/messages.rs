//! What is told, in words: titles and sentences for people, and signs of life for monitors.

use std::time::Duration;

use backstay_model::{ErrorKind, Verdict};
use backstay_tell::{Beat, Event, Heartbeat, Hidden, Limits, Message, beat as send_beat};
use chrono::{DateTime, TimeDelta, Utc};

use super::{Loaded, channels, run::gaps};
use crate::{
    App,
    types::{ChannelKind, PlanRunReply},
};

/// A sign of life must not hold a backup up for long.
const BEAT: Limits = Limits {
    total: Duration::from_secs(10),
    each: Duration::from_secs(5),
    tries: 2,
    pause: Duration::from_millis(500),
};

/// Where a run of a plan is.
#[derive(Clone, Copy)]
pub(crate) enum Phase<'a> {
    /// It begins.
    Start,
    /// It ended.
    End(&'a PlanRunReply),
}

/// Calls the heartbeat addresses of a plan. Only a complete run is a success; a cancelled one says nothing.
pub(crate) fn beat(app: &App, plan: &Loaded, phase: Phase<'_>) {
    let (kind, summary) = match phase {
        Phase::Start => (Beat::Start, format!("{}: begins", plan.plan.name)),
        Phase::End(reply) => match reply.verdict {
            Verdict::Complete => (Beat::Success, format!("{}: complete", plan.plan.name)),
            Verdict::Cancelled => return,
            _ => (Beat::Fail, summary(plan, reply)),
        },
    };
    let Ok(all) = app.journal().channels().list() else { return };
    for channel in all.into_iter().filter(|one| one.enabled) {
        let mine = channel.plans.is_empty() || channel.plans.contains(&plan.plan.id);
        if !mine || !matches!(channels::kind_of(&channel), Some(ChannelKind::Heartbeat {})) {
            continue;
        }
        let sent = channels::secret(app, &channel.id).and_then(|url| {
            let address = Heartbeat {
                url: Hidden::new(url),
                ..Heartbeat::default()
            };
            Ok(send_beat(&address, kind, &summary, &BEAT)?)
        });
        if let Err(error) = sent {
            tracing::warn!("the heartbeat of {:?} was not heard: {}", channel.name, error.message);
        }
    }
}

fn summary(plan: &Loaded, reply: &PlanRunReply) -> String {
    let missing = gaps(&reply.runs);
    let error = reply
        .error
        .as_ref()
        .or_else(|| reply.runs.iter().find_map(|run| run.error.as_ref()));
    match error {
        Some(error) => format!("{}: failed: {}", plan.plan.name, error.message),
        None => format!("{}: partial, {missing} gaps", plan.plan.name),
    }
}

/// Begins a message of this computer.
pub(crate) fn message(app: &App, event: Event, cause: String, title: String, body: String) -> Message {
    Message {
        event,
        title,
        body,
        time: app.now(),
        host: host(),
        plan: None,
        source: None,
        vault: None,
        run: None,
        verdict: None,
        gaps: 0,
        code: None,
        cause,
        last_good: None,
    }
}

/// Name of this computer.
pub(crate) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The newest good backup in words: what is safe while something is wrong.
pub(crate) fn last_good(good: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    match good {
        Some(good) => format!("The newest good backup is {} old.", age(now - good)),
        None => "There is no good backup yet.".to_owned(),
    }
}

/// A length of time as people say it: the largest unit, and no half truths below it.
pub(crate) fn age(time: TimeDelta) -> String {
    let plural = |n: i64, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    match time.num_minutes().max(0) {
        0 => "less than a minute".to_owned(),
        minutes if minutes < 90 => plural(minutes, "minute"),
        minutes if minutes < 48 * 60 => plural(minutes / 60, "hour"),
        minutes => plural(minutes / 1440, "day"),
    }
}

/// A message of an error as a sentence of its own.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .map(|letter| letter.to_uppercase().collect())
        .unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// Whether a person has to do something about a failure before it can go better.
pub(crate) fn needs_person(code: ErrorKind) -> bool {
    !matches!(code, ErrorKind::Locked | ErrorKind::Cancelled)
}
