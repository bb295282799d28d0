//! Times when nobody could look at the clock, and why: asleep, off, or Backstay not running. From two readings of all clocks.

use backstay_journal::Beat;
use backstay_schedule::{Absence, Reason};
use backstay_surroundings::{Tick, gap};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// Shorter times need no reason: nothing is late by them.
const SHORTEST: TimeDelta = TimeDelta::seconds(90);

/// A sign of life as the journal keeps it.
pub(super) fn beat(tick: &Tick, program: &str) -> Beat {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    Beat {
        at: tick.wall,
        boot: tick.boot.clone(),
        awake_micros: micros(tick.awake),
        since_boot_micros: micros(tick.since_boot),
        program: program.to_owned(),
        pid: std::process::id(),
    }
}

/// The clocks at a sign of life.
pub(super) fn tick_of(beat: &Beat) -> Tick {
    Tick {
        wall: beat.at,
        awake: Duration::from_micros(beat.awake_micros),
        since_boot: Duration::from_micros(beat.since_boot_micros),
        boot: beat.boot.clone(),
    }
}

/// What happened between the last look and this one. `same` says that this process made both; else nobody ran in between.
pub(super) fn between(before: &Tick, now: &Tick, same: bool) -> Option<Absence> {
    let (from, to): (DateTime<Utc>, DateTime<Utc>) = (before.wall, now.wall);
    if to - from < SHORTEST {
        return None;
    }
    let seen = gap(before, now);
    let long = TimeDelta::from_std(seen.asleep).unwrap_or(TimeDelta::MAX);
    let why = if seen.rebooted {
        Reason::Off
    } else if long * 2 > to - from || (same && long >= SHORTEST) {
        // Asleep for most of it; or this process ran all the time, so that sleep alone can be the reason.
        Reason::Asleep
    } else if same {
        // The clock was set forth: nobody was away.
        return None;
    } else {
        Reason::NotRunning
    };
    Some(Absence { from, to, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(wall: i64, awake: u64, on: u64, boot: &str) -> Tick {
        Tick {
            wall: DateTime::from_timestamp(1_800_000_000 + wall, 0).unwrap(),
            awake: Duration::from_secs(awake),
            since_boot: Duration::from_secs(on),
            boot: boot.to_owned(),
        }
    }

    fn why(before: &Tick, now: &Tick, same: bool) -> Option<Reason> {
        between(before, now, same).map(|absence| absence.why)
    }

    #[test]
    fn each_reason_is_told_apart() {
        let start = tick(0, 1000, 1000, "a");
        assert_eq!(why(&start, &tick(60, 1060, 1060, "a"), true), None, "a minute passed");
        assert_eq!(why(&start, &tick(3600, 1010, 4600, "a"), true), Some(Reason::Asleep));
        assert_eq!(why(&start, &tick(3600, 1010, 4600, "a"), false), Some(Reason::Asleep));
        assert_eq!(why(&start, &tick(3600, 4600, 4600, "a"), false), Some(Reason::NotRunning));
        assert_eq!(why(&start, &tick(3600, 50, 50, "b"), false), Some(Reason::Off));
        assert_eq!(why(&start, &tick(3600, 1060, 1060, "a"), true), None, "the clock was set");
    }

    #[test]
    fn a_sign_of_life_comes_back_as_it_was_written() {
        let one = tick(5, 7, 9, "boot");
        assert_eq!(tick_of(&beat(&one, "test")), one);
    }
}
