//! Talking to the Task Scheduler of Windows. Its answers are in the person's language, so only exit codes are read.

use std::time::Duration;

use super::system::{Known, Told, must, typed};
use super::tasks::{AGENT, NAMES};
use super::{Places, ServiceError};
use crate::program::{self, Mute};

const PROGRAM: &str = "schtasks";
const LIMIT: Duration = Duration::from_secs(60);

pub(super) fn enable(places: &Places, changed: bool) -> Result<Told, ServiceError> {
    if let Some(note) = absent(places) {
        return Ok(Told::Nobody { note });
    }
    for (file, task) in NAMES {
        if changed || !exists(places, task) {
            let path = places.units.join(file);
            let create = ["/Create", "/TN", task, "/XML", &path.to_string_lossy(), "/F"];
            must(places, PROGRAM, &create, LIMIT)?;
        }
    }
    // One that runs already is left alone by its own settings.
    must(places, PROGRAM, &["/Run", "/TN", AGENT.1], LIMIT)?;
    Ok(done())
}

pub(super) fn disable(places: &Places) -> Result<Told, ServiceError> {
    if let Some(note) = absent(places) {
        return Ok(Told::Nobody { note });
    }
    for (_, task) in NAMES {
        if exists(places, task) {
            // Fails when it does not run.
            drop(program::run(PROGRAM, &["/End", "/TN", task], places.search.as_deref(), LIMIT));
            must(places, PROGRAM, &["/Delete", "/TN", task, "/F"], LIMIT)?;
        }
    }
    Ok(done())
}

pub(super) fn known(places: &Places) -> Known {
    if let Some(note) = absent(places) {
        return Known {
            notes: vec![note],
            ..Known::default()
        };
    }
    Known {
        enabled: Some(NAMES.iter().all(|(_, task)| exists(places, task))),
        running: None,
        last_watch: None,
        notes: vec!["The Task Scheduler is not asked whether the agent runs.".to_owned()],
    }
}

pub(super) fn commands(places: &Places) -> Vec<String> {
    let create = |(file, task): &(&str, &str)| {
        let path = places.units.join(file);
        typed(PROGRAM, &["/Create", "/TN", task, "/XML", &path.to_string_lossy(), "/F"])
    };
    let start = typed(PROGRAM, &["/Run", "/TN", AGENT.1]);
    NAMES.iter().map(create).chain([start]).collect()
}

fn absent(places: &Places) -> Option<String> {
    let said = program::run(PROGRAM, &["/?"], places.search.as_deref(), LIMIT);
    matches!(said, Err(Mute::Missing)).then(|| "There is no Task Scheduler here.".to_owned())
}

fn exists(places: &Places, task: &str) -> bool {
    let said = program::run(PROGRAM, &["/Query", "/TN", task], places.search.as_deref(), LIMIT);
    said.is_ok_and(|said| said.success)
}

fn done() -> Told {
    Told::Done {
        notes: Vec::new(),
        next_steps: Vec::new(),
    }
}
