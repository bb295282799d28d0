//! Talking to systemd. Whether its manager answers is decided by an exit status, never by words.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::system::{Known, Told, must, typed};
use super::systemd::{AGENT, TIMER};
use super::{Init, Places, ServiceError};
use crate::program::{self, Mute, Said};

const PROGRAM: &str = "systemctl";

/// For questions somebody waits for.
const QUESTION: Duration = Duration::from_secs(5);

/// For reading units again.
const SHORT: Duration = Duration::from_secs(15);

/// For starting and stopping: a little more than the agent's own limit for both, so that systemd's answer comes first.
const LONG: Duration = Duration::from_secs(130);

const NOT_RUNNING: &str = "systemd does not run here.";
const NO_PROGRAM: &str = "There is no systemctl here.";

const RELOAD: &[&str] = &["daemon-reload"];
const ENABLE: &[&str] = &["enable", "--now", AGENT, TIMER];
const SHOW: &[&str] = &[
    "show",
    "--property=Id",
    "--property=ActiveState",
    "--property=UnitFileState",
    "--property=LastTriggerUSec",
    AGENT,
    TIMER,
];
const DISABLE: &[&str] = &["disable", "--now", AGENT, TIMER];

pub(super) fn enable(init: Init, places: &Places, changed: bool) -> Result<Told, ServiceError> {
    if let Some(note) = absent(init, places)? {
        return Ok(Told::Nobody { note });
    }
    let ran = known(init, places).running == Some(true);
    must(places, PROGRAM, &arguments(init, RELOAD), SHORT)?;
    must(places, PROGRAM, &arguments(init, ENABLE), LONG)?;
    let mut notes = Vec::new();
    if init == Init::SystemdUser {
        notes.push("The agent runs while you are logged in. `loginctl enable-linger` keeps it running after that.".to_owned());
    }
    let mut next_steps = Vec::new();
    if ran && changed {
        // Not done here: it would end a backup that is running.
        notes.push("The agent that runs now has its old settings until it is restarted.".to_owned());
        next_steps.push(typed(PROGRAM, &arguments(init, &["restart", AGENT])));
    }
    Ok(Told::Done { notes, next_steps })
}

pub(super) fn disable(init: Init, places: &Places) -> Result<Told, ServiceError> {
    if let Some(note) = absent(init, places)? {
        return Ok(Told::Nobody { note });
    }
    must(places, PROGRAM, &arguments(init, DISABLE), LONG)?;
    Ok(Told::Done {
        notes: Vec::new(),
        next_steps: Vec::new(),
    })
}

/// A manager that cannot read its units again says so at the next command that matters.
pub(super) fn reread(init: Init, places: &Places) {
    drop(ask(init, places, RELOAD));
}

pub(super) fn known(init: Init, places: &Places) -> Known {
    let said = match program::run(PROGRAM, &arguments(init, SHOW), places.search.as_deref(), QUESTION) {
        Ok(said) if said.success => said.out,
        Ok(_) => return unknown(NOT_RUNNING),
        Err(Mute::Missing) => return unknown(NO_PROGRAM),
        Err(Mute::Hung | Mute::Broken(_)) => return unknown("systemd does not answer."),
    };
    let enabled = |unit| property(&said, unit, "UnitFileState").map(|state| state == "enabled");
    Known {
        enabled: enabled(AGENT).zip(enabled(TIMER)).map(|(agent, timer)| agent && timer),
        running: property(&said, AGENT, "ActiveState").map(is_running),
        last_watch: property(&said, TIMER, "LastTriggerUSec").and_then(moment),
        notes: Vec::new(),
    }
}

pub(super) fn commands(init: Init) -> Vec<String> {
    [RELOAD, ENABLE]
        .map(|command| typed(PROGRAM, &arguments(init, command)))
        .to_vec()
}

fn unknown(note: &str) -> Known {
    Known {
        notes: vec![note.to_owned()],
        ..Known::default()
    }
}

/// Why no manager can be told anything, if so.
fn absent(init: Init, places: &Places) -> Result<Option<String>, ServiceError> {
    let probe = &["show", "--property=Version"];
    match ask(init, places, probe) {
        Ok(said) if said.success => Ok(None),
        Ok(_) => Ok(Some(NOT_RUNNING.to_owned())),
        Err(Mute::Missing) => Ok(Some(NO_PROGRAM.to_owned())),
        Err(Mute::Hung) => Err(ServiceError::CommandHung {
            command: typed(PROGRAM, &arguments(init, probe)),
            seconds: SHORT.as_secs(),
        }),
        Err(Mute::Broken(error)) => Err(ServiceError::CommandFailed {
            command: typed(PROGRAM, &arguments(init, probe)),
            said: error.to_string(),
        }),
    }
}

/// A property of one unit in what [`SHOW`] says: a block of `NAME=VALUE` lines for each unit.
fn property<'a>(said: &'a str, unit: &str, name: &str) -> Option<&'a str> {
    let value = |block: &'a str, name: &str| {
        let mut pairs = block.lines().filter_map(|line| line.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let block = said.split("\n\n").find(|block| value(block, "Id") == Some(unit))?;
    value(block, name)
}

fn is_running(state: &str) -> bool {
    matches!(state, "active" | "activating" | "reloading")
}

/// `Fri 2026-11-20 11:30:22 UTC`, as systemctl writes times where the zone is UTC; empty or `n/a` for never.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.strip_suffix(" UTC")?;
    let (_weekday, text) = text.split_once(' ')?;
    Some(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?.and_utc())
}

fn ask(init: Init, places: &Places, command: &[&str]) -> Result<Said, Mute> {
    program::run(PROGRAM, &arguments(init, command), places.search.as_deref(), SHORT)
}

fn arguments<'a>(init: Init, command: &[&'a str]) -> Vec<&'a str> {
    let user: &[&str] = if init == Init::SystemdUser { &["--user"] } else { &[] };
    [user, command].concat()
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn reads_times() {
        let time = moment("Fri 2026-11-20 11:30:22 UTC").map(|time| time.to_rfc3339());
        assert_eq!(time.as_deref(), Some("2026-11-20T11:30:22+00:00"));
        assert_eq!(moment(""), None);
        assert_eq!(moment("n/a"), None);
    }
}
