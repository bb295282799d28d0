//! Talking to launchd of macOS, in the domain of the person who is logged in (launchctl(1)).

use std::time::Duration;

use super::launchd::{AGENT, LABELS, file};
use super::system::{Known, Told, must, typed};
use super::{Places, ServiceError};
use crate::program;

const PROGRAM: &str = "launchctl";
const LIMIT: Duration = Duration::from_secs(100);

pub(super) fn enable(places: &Places, changed: bool) -> Result<Told, ServiceError> {
    if !answers(places, &domain()) {
        return Ok(Told::Nobody { note: nobody() });
    }
    for label in LABELS {
        let target = format!("{}/{label}", domain());
        let loaded = answers(places, &target);
        if loaded && !changed {
            continue;
        }
        if loaded {
            must(places, PROGRAM, &["bootout", &target], LIMIT)?;
        }
        let path = places.units.join(file(label));
        must(places, PROGRAM, &["bootstrap", &domain(), &path.to_string_lossy()], LIMIT)?;
    }
    Ok(done())
}

pub(super) fn disable(places: &Places) -> Result<Told, ServiceError> {
    if !answers(places, &domain()) {
        return Ok(Told::Nobody { note: nobody() });
    }
    for label in LABELS {
        let target = format!("{}/{label}", domain());
        if answers(places, &target) {
            must(places, PROGRAM, &["bootout", &target], LIMIT)?;
        }
    }
    Ok(done())
}

pub(super) fn known(places: &Places) -> Known {
    if !answers(places, &domain()) {
        return Known {
            notes: vec![nobody()],
            ..Known::default()
        };
    }
    let target = |label: &str| format!("{}/{label}", domain());
    let said = program::run(PROGRAM, &["print", &target(AGENT)], places.search.as_deref(), LIMIT);
    let running = said.ok().map(|said| {
        let mut lines = said.out.lines().map(str::trim);
        said.success && lines.any(|line| line == "state = running")
    });
    Known {
        enabled: Some(LABELS.iter().all(|label| answers(places, &target(label)))),
        running,
        last_watch: None,
        notes: vec!["launchd does not say when the watch looked last.".to_owned()],
    }
}

pub(super) fn commands(places: &Places) -> Vec<String> {
    let command = |label: &&str| {
        let path = places.units.join(file(label));
        typed(PROGRAM, &["bootstrap", &domain(), &path.to_string_lossy()])
    };
    LABELS.iter().map(command).collect()
}

fn answers(places: &Places, target: &str) -> bool {
    program::run(PROGRAM, &["print", target], places.search.as_deref(), LIMIT).is_ok_and(|said| said.success)
}

fn done() -> Told {
    Told::Done {
        notes: Vec::new(),
        next_steps: Vec::new(),
    }
}

fn nobody() -> String {
    "launchd cannot be told from here (nobody is logged in to the desktop).".to_owned()
}

#[cfg(unix)]
fn domain() -> String {
    format!("gui/{}", rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn domain() -> String {
    "gui".to_owned()
}
