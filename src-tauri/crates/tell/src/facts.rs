//! The parts of a message as lines to read, for channels without a form of their own.

use backstay_model::Verdict;

use crate::{Event, Message};

impl Event {
    /// The event in a word or two, as a subject begins with.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Partial => "partial",
            Self::Overdue => "overdue",
            Self::Guard => "guard",
            Self::DrillFailed => "drill failed",
            Self::Damaged => "damaged",
            Self::FailureRate => "failing often",
            Self::Watchdog => "not running",
            Self::MeteredAsk => "waiting",
            Self::Recovered => "recovered",
            Self::Complete => "complete",
            Self::Test => "test",
        }
    }

    /// The event as JSON has it (`drillFailed`), for filters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Partial => "partial",
            Self::Overdue => "overdue",
            Self::Guard => "guard",
            Self::DrillFailed => "drillFailed",
            Self::Damaged => "damaged",
            Self::FailureRate => "failureRate",
            Self::Watchdog => "watchdog",
            Self::MeteredAsk => "meteredAsk",
            Self::Recovered => "recovered",
            Self::Complete => "complete",
            Self::Test => "test",
        }
    }

    /// How bad it is.
    pub(crate) fn weight(self) -> Weight {
        match self {
            Self::Failed | Self::Guard | Self::DrillFailed | Self::Damaged | Self::Watchdog => Weight::Bad,
            Self::Partial | Self::Overdue | Self::FailureRate | Self::MeteredAsk => Weight::Doubtful,
            Self::Recovered | Self::Complete => Weight::Good,
            Self::Test => Weight::Plain,
        }
    }
}

/// How bad an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Bad,
    Doubtful,
    Good,
    Plain,
}

/// What the message knows beside its texts, in the order in which people ask.
pub(crate) fn facts(message: &Message) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut add = |name, value: Option<String>| facts.extend(value.map(|value| (name, value)));
    // A message that something is over may carry what was: told as a fact, it would be read as what is.
    if message.event != Event::Recovered {
        add("Result", message.verdict.map(|verdict| verdict_word(verdict).to_owned()));
        add("Missing", (message.gaps > 0).then(|| message.gaps.to_string()));
    }
    add("Plan", message.plan.clone());
    add("Source", message.source.clone());
    add("Vault", message.vault.clone());
    add("Last complete backup", message.last_good.map(time));
    add("Computer", Some(message.host.clone()));
    add("Time", Some(time(message.time)));
    add("Run", message.run.clone());
    facts
}

fn time(time: chrono::DateTime<chrono::Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Complete => "complete",
        Verdict::Partial => "partial",
        Verdict::Failed => "failed",
        Verdict::Cancelled => "cancelled",
    }
}
