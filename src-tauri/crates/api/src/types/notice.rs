//! Who is told what, and whether Backstay itself is there: channels, messages, agent, watchdog.

use backstay_tell::{Event, Message};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::NextSlot;
use crate::ApiError;

/// Where a channel leads. Secrets (URLs with tokens, passwords) are no part of it; see [`ChannelSetRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub enum ChannelKind {
    /// A URL that gets each message as JSON.
    Webhook {
        /// In the form Slack's incoming webhooks take (Mattermost, Rocket.Chat and Discord take it too).
        slack: bool,
    },
    /// A URL that is called when a backup begins and ends; silence there is the alarm.
    Heartbeat {},
    /// E-mail.
    Mail {
        /// Name of the SMTP server.
        host: String,
        /// Its port.
        port: u16,
        /// `none`, `startTls` or `tls`.
        security: String,
        /// User name, if it wants one.
        user: Option<String>,
        /// Sender.
        from: String,
        /// Receivers.
        to: Vec<String>,
    },
    /// A command of the person's own.
    Command {
        /// Seconds after which it is stopped.
        seconds: u32,
    },
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ChannelRow {
    /// Stable id.
    pub id: String,
    /// Name, unique.
    pub name: String,
    /// Where it leads.
    pub kind: ChannelKind,
    /// Where it leads, for people: scheme and host of its URL, the receivers, or the command.
    pub target: String,
    /// What it tells.
    pub events: Vec<Event>,
    /// Only of these plans, by name; empty: of all, and of what belongs to no plan.
    pub plans: Vec<String>,
    /// It is used.
    pub enabled: bool,
    /// When it last got a message.
    pub delivered: Option<DateTime<Utc>>,
    /// Why the last message did not get through.
    pub problem: Option<String>,
}

/// All channels, and the last messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ChannelsReply {
    /// By name.
    pub channels: Vec<ChannelRow>,
    /// The last 100 messages, newest first.
    pub sent: Vec<SentRow>,
}

/// A message that was sent, or is to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SentRow {
    /// When it was written.
    pub time: DateTime<Utc>,
    /// Name of its channel; `desktop` for the desktop's own notifications.
    pub channel: String,
    /// What happened.
    pub event: Event,
    /// In a sentence.
    pub title: String,
    /// When it got through.
    pub delivered: Option<DateTime<Utc>>,
    /// Nobody tries any more.
    pub given_up: bool,
    /// Why it did not get through.
    pub error: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
}

/// Adds a channel, or changes one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ChannelSetRequest {
    /// The channel to change; absent adds one.
    #[serde(default)]
    pub channel: Option<String>,
    /// Its (new) name.
    pub name: String,
    /// Where it leads.
    pub kind: ChannelKind,
    /// The URL of a webhook or heartbeat, the password of a mail server, the command line. Kept in the keychain. Absent leaves the
    /// one there is.
    #[serde(default)]
    pub secret: Option<String>,
    /// What it tells; empty: everything that needs a person.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub events: Vec<Event>,
    /// Only of these plans, by name.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub plans: Vec<String>,
    /// It is used (default: yes).
    #[serde(default)]
    pub enabled: Option<bool>,
}

/// Names a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ChannelRef {
    /// Its name or id.
    pub channel: String,
}

/// What a test of a channel showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ChannelTestReply {
    /// Seconds it took.
    pub seconds: f64,
    /// What came back, in words (`202 Accepted`).
    pub answer: String,
}

/// An alarm that has not been taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct AlertRow {
    /// What it is about; one alarm for one cause.
    pub cause: String,
    /// The message as it was sent.
    pub message: Message,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it was seen last.
    pub last: DateTime<Utc>,
    /// How often.
    pub count: u64,
}

/// Alarms that have not been taken back, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct AlertsReply {
    /// Newest first.
    pub alerts: Vec<AlertRow>,
}

/// Who looks whether Backstay itself runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct Watcher {
    /// The system looks by a timer of its own.
    pub installed: bool,
    /// When it looked last.
    pub last_look: Option<DateTime<Utc>>,
    /// What it saw, as a code: `running`, `away` (not for long), `silent`, `idle` (no plan needs anyone).
    pub saw: Option<String>,
    /// By what: `systemdUser`, `systemdSystem`, `launchd`, `taskScheduler`.
    pub by: Option<String>,
}

/// Whether somebody runs the plans.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct AgentReply {
    /// A process runs the plans now.
    pub running: bool,
    /// It is this one.
    pub here: bool,
    /// Which program, with its process number.
    pub process: Option<String>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// When it last gave a sign of life.
    pub alive: Option<DateTime<Utc>>,
    /// The agent is installed with the system's starter of programs.
    pub installed: bool,
    /// The system starts it.
    pub enabled: bool,
    /// Who looks whether Backstay itself runs.
    pub watcher: Watcher,
    /// On battery, if known.
    pub on_battery: Option<bool>,
    /// On a network that costs by the byte, if known.
    pub metered: Option<bool>,
    /// The next thing that happens, by any plan.
    pub next: Option<NextSlot>,
    /// Why something is unknown.
    pub notes: Vec<String>,
}

/// Installs the agent and the watchdog with the system's starter of programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct AgentInstallRequest {
    /// For the whole machine, so that plans run without anybody logged in.
    #[ts(as = "Option<_>", optional)]
    pub system: bool,
    /// Overwrite files a person edited.
    #[ts(as = "Option<_>", optional)]
    pub force: bool,
    /// Only show the files.
    #[ts(as = "Option<_>", optional)]
    pub dry_run: bool,
    /// The user it runs as (system only).
    pub user: Option<String>,
}

/// What was installed or removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct AgentInstallReply {
    /// Files, with their content where only shown.
    pub files: Vec<(String, Option<String>)>,
    /// The system starts it from now on.
    pub enabled: bool,
    /// What is left to do by hand, as commands or sentences.
    pub next_steps: Vec<String>,
    /// Nothing was changed.
    pub dry_run: bool,
}

/// What the watchdog's look saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct LookReply {
    /// `running`; `away`: nobody runs the plans, not yet for long; `silent`: not for too long; `idle`: no plan needs anyone.
    pub saw: String,
    /// When a process that runs plans last gave a sign of life.
    pub alive: Option<DateTime<Utc>>,
    /// Sources that are overdue, by name.
    pub overdue: Vec<String>,
    /// Messages that were sent.
    pub told: u64,
    /// Why a message could not be sent.
    pub problem: Option<ApiError>,
}
