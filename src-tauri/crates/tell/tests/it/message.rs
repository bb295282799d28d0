//! Messages to tell, and the limits of impatient people.

use std::time::Duration;

use backstay_model::{ErrorKind, Verdict};
use backstay_tell::{Event, Limits, Message};
use chrono::{TimeZone as _, Utc};

pub fn message() -> Message {
    Message {
        event: Event::Failed,
        title: "Notes could not be backed up".to_owned(),
        body: "The disk \"Cellar\" is full.\nNothing was changed.".to_owned(),
        time: Utc.with_ymd_and_hms(2026, 3, 29, 1, 30, 0).unwrap(),
        host: "workshop".to_owned(),
        plan: Some("Nightly".to_owned()),
        source: Some("Notes".to_owned()),
        vault: Some("Cellar".to_owned()),
        run: Some("0192f0c4-0000-7000-8000-000000000001".to_owned()),
        verdict: Some(Verdict::Failed),
        gaps: 3,
        code: Some(ErrorKind::Full),
        cause: "run-failed:nightly:notes".to_owned(),
        last_good: Some(Utc.with_ymd_and_hms(2026, 3, 28, 1, 30, 0).unwrap()),
    }
}

/// Three tries, with pauses that tests can wait for.
pub fn quick() -> Limits {
    Limits {
        total: Duration::from_secs(20),
        each: Duration::from_secs(5),
        tries: 3,
        pause: Duration::from_millis(10),
    }
}
