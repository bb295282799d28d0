//! Slots against a plain model: walk through time minute by minute and look at the clock on the wall.

use std::collections::{BTreeSet, HashMap};

use backstay_schedule::{Day, Ready, Schedule, TimeOfDay, Timetable};
use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use crate::making::at;

const ZONES: [&str; 10] = [
    "Europe/Copenhagen",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Africa/Cairo",
    "America/St_Johns",
    "Asia/Kathmandu",
    "America/Havana",
    "UTC",
];

/// Moments near which some zone of the list moved its clock, and others.
const NEAR: [&str; 16] = [
    "2026-03-29T01:00:00Z",
    "2026-10-25T01:00:00Z",
    "2026-03-08T07:00:00Z",
    "2026-11-01T06:00:00Z",
    "2026-04-04T15:00:00Z",
    "2026-10-03T15:30:00Z",
    "2026-02-15T02:00:00Z",
    "2026-03-22T02:00:00Z",
    "2011-12-30T10:00:00Z",
    "2026-04-23T22:00:00Z",
    "2026-10-29T21:00:00Z",
    // St John's moved its clock a minute after midnight.
    "2010-11-07T02:31:00Z",
    "2010-03-14T03:31:00Z",
    "2026-11-01T05:00:00Z",
    "2024-02-29T12:00:00Z",
    "1999-12-31T23:00:00Z",
];

const MARGIN: i64 = 3 * 1440;

/// A schedule as plain sets.
#[derive(Debug, Clone)]
struct Plain {
    times: BTreeSet<u16>,
    days: BTreeSet<u32>,
}

impl Plain {
    fn has(&self, wall: NaiveDateTime) -> bool {
        let minute = u16::try_from(wall.hour() * 60 + wall.minute()).unwrap();
        self.times.contains(&minute) && self.days.contains(&wall.weekday().num_days_from_monday())
    }

    /// The slots in `(from, from + minutes]`.
    fn slots(&self, zone: Tz, from: DateTime<Utc>, minutes: i64) -> Vec<DateTime<Utc>> {
        let moments: Vec<_> = (-MARGIN..=minutes + MARGIN).map(|n| from + TimeDelta::minutes(n)).collect();
        let walls: Vec<_> = moments
            .iter()
            .map(|moment| moment.with_timezone(&zone).naive_local())
            .collect();
        let every_hour = (0..24).all(|hour| self.times.iter().any(|time| time / 60 == hour));
        let mut found = BTreeSet::new();
        if every_hour {
            found.extend(
                moments
                    .iter()
                    .zip(&walls)
                    .filter(|(_, wall)| self.has(**wall))
                    .map(|(moment, _)| *moment),
            );
        } else {
            let mut first: HashMap<NaiveDateTime, usize> = HashMap::new();
            for (place, wall) in walls.iter().enumerate() {
                first.entry(*wall).or_insert(place);
            }
            let mut date = walls[0].date().succ_opt().unwrap();
            while date < walls[walls.len() - 1].date() {
                for time in &self.times {
                    let wall = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(*time));
                    if self.has(wall) {
                        let shown = first.get(&wall).copied();
                        let place = shown.unwrap_or_else(|| walls.iter().position(|later| *later > wall).unwrap());
                        found.insert(moments[place]);
                    }
                }
                date = date.succ_opt().unwrap();
            }
        }
        let until = from + TimeDelta::minutes(minutes);
        found.into_iter().filter(|slot| *slot > from && *slot <= until).collect()
    }
}

fn days() -> impl Strategy<Value = BTreeSet<u32>> {
    prop_oneof![Just((0..7).collect()), prop::collection::btree_set(0..7_u32, 1..4)]
}

fn of(days: &BTreeSet<u32>) -> Vec<Day> {
    days.iter().map(|day| Day::ALL[*day as usize]).collect()
}

/// A schedule of any kind by the wall clock, and the same as plain sets.
fn schedules() -> impl Strategy<Value = (Schedule, Plain)> {
    let weekly = (prop::collection::btree_set(0..1440_u16, 1..6), days()).prop_map(|(times, days)| {
        let schedule = Schedule::Weekly {
            days: of(&days),
            times: times
                .iter()
                .map(|time| TimeOfDay::from_minute_of_day(*time).unwrap())
                .collect(),
        };
        (schedule, Plain { times, days })
    });
    let hours = (1..=24_u16, 0..1440_u16, days()).prop_map(|(every, from, days)| {
        let schedule = Schedule::Hours {
            every: u32::from(every),
            from: TimeOfDay::from_minute_of_day(from).unwrap(),
            days: of(&days),
        };
        let times = (from..1440).step_by(usize::from(every) * 60).collect();
        (schedule, Plain { times, days })
    });
    let field = |most: u16| {
        prop_oneof![
            Just(("*".to_owned(), (0..most).collect::<BTreeSet<_>>())),
            (1..most).prop_map(move |step| (format!("*/{step}"), (0..most).step_by(usize::from(step)).collect())),
            (0..most, 0..most).prop_map(|(a, b)| (format!("{}-{}", a.min(b), a.max(b)), (a.min(b)..=a.max(b)).collect())),
            prop::collection::btree_set(0..most, 1..4).prop_map(|set| {
                let text = set.iter().map(u16::to_string).collect::<Vec<_>>().join(",");
                (text, set)
            }),
        ]
    };
    let cron = (field(60), field(24), days()).prop_map(|((minute, minutes), (hour, hours), days)| {
        let of_week = if days.len() == 7 {
            "*".to_owned()
        } else {
            days.iter()
                .map(|day| ((day + 1) % 7).to_string())
                .collect::<Vec<_>>()
                .join(",")
        };
        let expression = format!("{minute} {hour} * * {of_week}");
        let times = hours
            .iter()
            .flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute))
            .collect();
        (Schedule::Cron { expression }, Plain { times, days })
    });
    prop_oneof![weekly, hours, cron]
}

fn check(ready: &Ready, from: DateTime<Utc>, minutes: i64, expected: &[DateTime<Utc>]) -> Result<(), TestCaseError> {
    let until = from + TimeDelta::minutes(minutes);
    let slots = ready.slots(from, until, usize::MAX);
    prop_assert_eq!(slots.more, 0);
    prop_assert_eq!(&slots.list, expected);
    let counted = ready.slots(from, until, 2);
    prop_assert_eq!(counted.list.len() as u64 + counted.more, expected.len() as u64);
    let next = ready.next_after(from).filter(|slot| *slot <= until);
    prop_assert_eq!(next, expected.first().copied());
    let newest = ready.newest_until(until).filter(|slot| *slot > from);
    prop_assert_eq!(newest, expected.last().copied());
    // Between two minutes too.
    let middle = from + TimeDelta::seconds(minutes * 30 + 17);
    let place = expected.partition_point(|slot| *slot <= middle);
    prop_assert_eq!(
        ready.next_after(middle).filter(|slot| *slot <= until),
        expected.get(place).copied()
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn slots_are_what_the_clock_on_the_wall_shows(
        (schedule, plain) in schedules(),
        zone in prop::sample::select(&ZONES[..]),
        near in prop::sample::select(&NEAR[..]),
        shift in -3 * 1440..1440_i64,
        minutes in 1..4 * 1440_i64,
    ) {
        let from = at(near) + TimeDelta::minutes(shift);
        let expected = plain.slots(zone.parse().unwrap(), from, minutes);
        check(&Timetable::new(schedule).check(zone).unwrap(), from, minutes, &expected)?;
    }

    #[test]
    fn every_n_minutes_is_a_ruler(
        every in 1..1440_u32,
        zone in prop::sample::select(&ZONES[..]),
        near in prop::sample::select(&NEAR[..]),
        shift in -3 * 1440..1440_i64,
        minutes in 1..4 * 1440_i64,
    ) {
        let from = at(near) + TimeDelta::minutes(shift);
        let ready = Timetable::new(Schedule::Minutes { every }).check(zone).unwrap();
        let zone: Tz = zone.parse().unwrap();
        let walk = |n: i64| from + TimeDelta::minutes(n);
        // The first moment of 2024 by that clock, found by looking.
        let first = (0..).map(|n| at("2023-12-31T00:00:00Z") + TimeDelta::minutes(n)).find(|moment| moment.with_timezone(&zone).year() == 2024).unwrap();
        let expected: Vec<_> = (1..=minutes).map(walk).filter(|moment| (*moment - first).num_minutes() % i64::from(every) == 0).collect();
        check(&ready, from, minutes, &expected)?;
    }
}
