//! Talking to what starts programs: one face for `systemctl`, `launchctl` and `schtasks`.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Init, Places, ServiceError, launchctl, schtasks, systemctl};
use crate::program::{self, Mute, Said};

/// Whether the system did what it was told.
pub(super) enum Told {
    /// It did.
    Done {
        /// What a person should know.
        notes: Vec<String>,
        /// What is left to do.
        next_steps: Vec<String>,
    },
    /// There is nobody to tell.
    Nobody {
        /// Why.
        note: String,
    },
}

/// What the system knows.
#[derive(Default)]
pub(super) struct Known {
    pub(super) enabled: Option<bool>,
    pub(super) running: Option<bool>,
    pub(super) last_watch: Option<DateTime<Utc>>,
    pub(super) notes: Vec<String>,
}

/// Has the system read the files, start the agent and its watch, now and from now on.
pub(super) fn enable(init: Init, places: &Places, changed: bool) -> Result<Told, ServiceError> {
    if !places.tell_system {
        return Ok(Told::Nobody {
            note: "The files were only written; the system was not told.".to_owned(),
        });
    }
    match init {
        Init::SystemdUser | Init::SystemdSystem => systemctl::enable(init, places, changed),
        Init::Launchd => launchctl::enable(places, changed),
        Init::TaskScheduler => schtasks::enable(places, changed),
    }
}

/// Stops the agent and its watch, now and from now on.
pub(super) fn disable(init: Init, places: &Places) -> Result<Told, ServiceError> {
    if !places.tell_system {
        return Ok(Told::Nobody {
            note: "The files were only removed; the system was not told.".to_owned(),
        });
    }
    match init {
        Init::SystemdUser | Init::SystemdSystem => systemctl::disable(init, places),
        Init::Launchd => launchctl::disable(places),
        Init::TaskScheduler => schtasks::disable(places),
    }
}

/// Has the system notice that files changed or went.
pub(super) fn reread(init: Init, places: &Places) {
    if places.tell_system && matches!(init, Init::SystemdUser | Init::SystemdSystem) {
        systemctl::reread(init, places);
    }
}

/// Asks the system.
pub(super) fn known(init: Init, places: &Places) -> Known {
    if !places.tell_system {
        return Known::default();
    }
    match init {
        Init::SystemdUser | Init::SystemdSystem => systemctl::known(init, places),
        Init::Launchd => launchctl::known(places),
        Init::TaskScheduler => schtasks::known(places),
    }
}

/// What a person would type later to do what [`enable`] does.
pub(super) fn commands(init: Init, places: &Places) -> Vec<String> {
    match init {
        Init::SystemdUser | Init::SystemdSystem => systemctl::commands(init),
        Init::Launchd => launchctl::commands(places),
        Init::TaskScheduler => schtasks::commands(places),
    }
}

/// Runs a command that must succeed.
pub(super) fn must(places: &Places, program: &str, arguments: &[&str], limit: Duration) -> Result<Said, ServiceError> {
    let command = || typed(program, arguments);
    let failed = |said: String| ServiceError::CommandFailed {
        command: command(),
        said,
    };
    match program::run(program, arguments, places.search.as_deref(), limit) {
        Ok(said) if said.success => Ok(said),
        Ok(said) if said.err.is_empty() => Err(failed(last_lines(&said.out))),
        Ok(said) => Err(failed(last_lines(&said.err))),
        Err(Mute::Hung) => Err(ServiceError::CommandHung {
            command: command(),
            seconds: limit.as_secs(),
        }),
        Err(Mute::Missing) => Err(failed("there is no such program".to_owned())),
        Err(Mute::Broken(error)) => Err(failed(error.to_string())),
    }
}

/// A command line as a person types it into a shell.
pub(super) fn typed(program: &str, arguments: &[&str]) -> String {
    let mut line = program.to_owned();
    for argument in arguments {
        line.push(' ');
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@".contains(c);
        if !argument.is_empty() && argument.chars().all(plain) {
            line.push_str(argument);
        } else if cfg!(windows) {
            line.push_str(&format!("\"{argument}\""));
        } else {
            line.push_str(&format!("'{}'", argument.replace('\'', "'\\''")));
        }
    }
    line
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(3)..].join(" ")
}
