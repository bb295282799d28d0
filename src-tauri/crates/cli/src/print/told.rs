//! Channels, what they said, and the agent as text.

use backstay_api::types::{
    AgentInstallReply, AgentReply, AlertRow, ChannelKind, ChannelRow, ChannelTestReply, ChannelsReply, LookReply,
};

use super::{facts, one_line, plain, table, time, words};

/// Messages shown below the channels.
const SENT: usize = 10;

/// All channels, and the last messages.
#[must_use]
pub fn channels(reply: &ChannelsReply) -> String {
    let mut text = if reply.channels.is_empty() {
        "No channel yet; `backstay channel add` makes one.\n".to_owned()
    } else {
        let rows = reply.channels.iter().map(|channel| {
            [
                channel.name.clone(),
                kind(channel).to_owned(),
                state(channel),
                channel.target.clone(),
            ]
        });
        table(["NAME", "KIND", "STATE", "TO"], &[], rows)
    };
    if !reply.sent.is_empty() {
        text.push_str("Last messages:\n");
    }
    for sent in reply.sent.iter().take(SENT) {
        let end = match (sent.delivered, sent.given_up) {
            (Some(_), _) => "sent".to_owned(),
            (None, true) => format!("GIVEN UP: {}", sent.error.clone().unwrap_or_default()),
            (None, false) if sent.attempts == 0 => "to be sent".to_owned(),
            (None, false) => format!("tried {} times: {}", sent.attempts, sent.error.clone().unwrap_or_default()),
        };
        text.push_str(&format!(
            "  {}  {} ← {}  ({end})\n",
            time(sent.time),
            one_line(&sent.channel),
            one_line(&sent.title)
        ));
    }
    text
}

fn kind(channel: &ChannelRow) -> &'static str {
    match &channel.kind {
        ChannelKind::Webhook { slack: true } => "slack",
        ChannelKind::Webhook { slack: false } => "webhook",
        ChannelKind::Heartbeat {} => "heartbeat",
        ChannelKind::Mail { .. } => "mail",
        ChannelKind::Command { .. } => "command",
    }
}

fn state(channel: &ChannelRow) -> String {
    match (&channel.problem, channel.enabled) {
        (_, false) => "off".to_owned(),
        (Some(problem), true) => format!("NOT HEARD: {problem}"),
        (None, true) => "on".to_owned(),
    }
}

/// One channel.
#[must_use]
pub fn channel(row: &ChannelRow) -> String {
    let events: Vec<String> = row.events.iter().map(plain).collect();
    let plans = if row.plans.is_empty() {
        "all".to_owned()
    } else {
        row.plans.join(", ")
    };
    let mut rows = vec![
        ("Channel", one_line(&row.name)),
        ("Kind", kind(row).to_owned()),
        ("To", one_line(&row.target)),
        ("State", state(row)),
    ];
    if !matches!(row.kind, ChannelKind::Heartbeat {}) {
        rows.push(("Tells", events.join(", ")));
    }
    rows.push(("Of plans", one_line(&plans)));
    facts(&rows)
}

/// What a test showed.
#[must_use]
pub fn tested(reply: &ChannelTestReply) -> String {
    let answer = if reply.answer.is_empty() {
        "no answer text"
    } else {
        &reply.answer
    };
    format!("It got through in {:.1} s: {}\n", reply.seconds, one_line(answer))
}

/// An alarm that stands.
#[must_use]
pub fn alarm(alert: &AlertRow) -> String {
    format!(
        "  {}  {}  {}\n",
        time(alert.since),
        one_line(&alert.message.title),
        one_line(&alert.message.body)
    )
}

/// Whether somebody runs the plans.
#[must_use]
pub fn agent(reply: &AgentReply) -> String {
    let known = |value: Option<bool>| match value {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    let runs = match (reply.running, &reply.process) {
        (true, Some(process)) => process.clone(),
        (true, None) => "another program".to_owned(),
        (false, _) => "NOBODY".to_owned(),
    };
    let mut rows = vec![("Plans are run by", runs)];
    rows.extend(
        reply
            .since
            .filter(|_| reply.running)
            .map(|since| ("Since", words::when(since))),
    );
    rows.extend(reply.alive.map(|alive| ("Last sign of life", words::when(alive))));
    rows.extend(
        reply
            .next
            .as_ref()
            .map(|next| ("Next", format!("{} {}", words::task(next.task), words::when(next.at)))),
    );
    let installed = match (reply.installed, reply.enabled) {
        (true, true) => "yes, and started by the system",
        (true, false) => "yes, but not started by the system",
        (false, _) => "no (backstay agent install)",
    };
    rows.push(("Installed", installed.to_owned()));
    let watcher = &reply.watcher;
    rows.push((
        "Watchdog",
        match (watcher.installed, watcher.last_look) {
            (_, Some(at)) => format!("looked {}: {}", words::when(at), watcher.saw.clone().unwrap_or_default()),
            (true, None) => "installed, has not looked yet".to_owned(),
            (false, None) => "none".to_owned(),
        },
    ));
    rows.push(("On battery", known(reply.on_battery).to_owned()));
    rows.push(("Metered network", known(reply.metered).to_owned()));
    let mut text = facts(&rows);
    text.extend(reply.notes.iter().map(|note| format!("Note: {note}\n")));
    text
}

/// What was installed, removed, or would be.
#[must_use]
pub fn installed(reply: &AgentInstallReply, verb: &str) -> String {
    let mut text = String::new();
    for (path, content) in &reply.files {
        match content {
            Some(content) => text.push_str(&format!("# {path}\n{}\n", content.trim_end())),
            None => text.push_str(&format!("{verb} {path}\n")),
        }
    }
    if reply.files.is_empty() {
        text.push_str("There was nothing to do.\n");
    }
    if reply.dry_run {
        text.push_str("Nothing was changed.\n");
    }
    if reply.enabled {
        text.push_str("The system starts it from now on.\n");
    }
    text.extend(reply.next_steps.iter().map(|step| format!("Left to do: {step}\n")));
    text
}

/// What the look from outside saw.
#[must_use]
pub fn looked(reply: &LookReply) -> String {
    let alive = reply.alive.map_or("never".to_owned(), words::when);
    let mut text = match reply.saw.as_str() {
        "running" => format!("Backstay runs; last sign of life {alive}.\n"),
        "idle" => "No plan needs anybody now.\n".to_owned(),
        _ => format!("Backstay is SILENT; last sign of life {alive}.\n"),
    };
    if !reply.overdue.is_empty() {
        text.push_str(&format!("Overdue: {}\n", one_line(&reply.overdue.join(", "))));
    }
    if reply.told > 0 {
        text.push_str(&format!("Messages sent: {}\n", reply.told));
    }
    text.extend(reply.problem.iter().map(|error| format!("Not told: {}\n", error.message)));
    text
}
