//! A laptop: on, asleep, off or without Backstay; its power, its network, its clock.

use backstay_schedule::{Absence, Reason};
use chrono::{DateTime, TimeDelta, Timelike, Utc};

use crate::making::at;

/// Numbers by chance, the same for the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.roll() % u64::try_from(to - from).unwrap()).unwrap()
    }

    /// Once in so many.
    fn once_in(&mut self, many: u64) -> bool {
        self.roll().is_multiple_of(many)
    }
}

/// What is done to the computer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Sleep, crashes, battery, networks, pauses; the clock is right.
    NoneWithTheClock,
    /// And the clock is set back and forth, and the zone changes.
    Everything,
}

/// What happened in a minute.
#[derive(Default)]
pub struct News {
    /// Something a scheduler is told of.
    pub changed: bool,
    /// The program ended: runs end with it.
    pub stopped: bool,
    pub clock_set: bool,
    pub zone: Option<&'static str>,
}

pub struct Computer {
    dice: Dice,
    trouble: Trouble,
    start: DateTime<Utc>,
    elapsed: i64,
    skew: TimeDelta,
    away: Option<(Reason, i64)>,
    last_look: DateTime<Utc>,
    /// How far the clock is to be set back again, and when.
    repair: Option<(TimeDelta, i64)>,
    pub on_battery: bool,
    pub metered: bool,
    pub online: bool,
    pub paused_until: Option<DateTime<Utc>>,
    pub absences: Vec<Absence>,
    zone: &'static str,
}

const ZONES: [&str; 5] = [
    "Europe/Copenhagen",
    "America/New_York",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "America/St_Johns",
];

impl Computer {
    pub fn new(seed: u64, zone: &'static str, trouble: Trouble) -> Self {
        let mut computer = Self {
            dice: Dice::new(seed),
            trouble,
            start: at("2026-01-01T00:00:23Z"),
            elapsed: 0,
            skew: TimeDelta::zero(),
            away: None,
            last_look: DateTime::UNIX_EPOCH,
            repair: None,
            on_battery: false,
            metered: false,
            online: true,
            paused_until: None,
            absences: Vec::new(),
            zone,
        };
        computer.last_look = computer.now();
        computer
    }

    /// By its clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.start + TimeDelta::minutes(self.elapsed) + self.skew
    }

    /// Minutes that really passed.
    pub fn elapsed(&self) -> i64 {
        self.elapsed
    }

    pub fn is_on(&self) -> bool {
        self.away.is_none()
    }

    pub fn clock_was_touched(&self) -> bool {
        self.trouble == Trouble::Everything
    }

    /// Somebody looked at the clock. Absences before `oldest` do not matter any more.
    pub fn looked(&mut self, oldest: DateTime<Utc>) {
        self.last_look = self.now();
        self.absences.retain(|absence| absence.to > oldest);
    }

    pub fn minute(&mut self) -> News {
        self.elapsed += 1;
        let mut news = News::default();
        self.set_clock(&mut news);
        match self.away {
            Some((_, until)) if self.elapsed < until => return news,
            Some((why, _)) => {
                self.absences.push(Absence {
                    from: self.last_look,
                    to: self.now(),
                    why,
                });
                self.away = None;
                news.changed = true;
            }
            None => self.leave(&mut news),
        }
        self.surroundings(&mut news);
        news
    }

    fn leave(&mut self, news: &mut News) {
        let night = (21..24).contains(&self.now().hour());
        let away = if self.dice.once_in(if night { 90 } else { 500 }) {
            let most = if self.dice.once_in(12) { 4 * 1440 } else { 11 * 60 };
            Some((Reason::Asleep, self.dice.between(1, most)))
        } else if self.dice.once_in(6000) {
            Some((Reason::Off, self.dice.between(30, 5 * 1440)))
        } else if self.dice.once_in(4000) {
            Some((Reason::NotRunning, self.dice.between(1, 600)))
        } else {
            None
        };
        if let Some((why, minutes)) = away {
            self.away = Some((why, self.elapsed + minutes));
            news.stopped = why != Reason::Asleep;
        }
    }

    fn surroundings(&mut self, news: &mut News) {
        let toggles = [
            (&mut self.on_battery, 400, 250),
            (&mut self.metered, 3000, 300),
            (&mut self.online, 200, 2500),
        ];
        for (what, to_be, to_end) in toggles {
            if self.dice.once_in(if *what { to_end } else { to_be }) {
                *what = !*what;
                news.changed = true;
            }
        }
        if self.dice.once_in(7000) {
            self.paused_until = Some(self.now() + TimeDelta::minutes(self.dice.between(30, 30 * 60)));
            news.changed = true;
        }
    }

    fn set_clock(&mut self, news: &mut News) {
        if self.trouble == Trouble::NoneWithTheClock {
            return;
        }
        let mut by = TimeDelta::zero();
        if let Some((back, _)) = self.repair.take_if(|(_, when)| *when <= self.elapsed) {
            by = back;
        } else if self.repair.is_none() && self.dice.once_in(25_000) {
            let minutes = [-4, 5, -9, 45, -180, 1440, -2 * 1440, 400 * 1440];
            by = TimeDelta::minutes(minutes[usize::try_from(self.dice.between(0, 8)).unwrap()]);
            self.repair = Some((-by, self.elapsed + self.dice.between(1, 3000)));
        }
        if !by.is_zero() {
            self.skew += by;
            news.clock_set = true;
            news.changed = true;
        }
        // Only somebody who looks at the clock sees a new zone.
        if self.is_on() && self.dice.once_in(15_000) {
            let zone = ZONES[usize::try_from(self.dice.between(0, 5)).unwrap()];
            if zone != self.zone {
                self.zone = zone;
                news.zone = Some(zone);
                news.changed = true;
            }
        }
    }
}
