//! Slots that will not run, as ranges with the reason found.

use chrono::{DateTime, TimeDelta, Utc};

use crate::hold;
use crate::{Absence, Ready, Reason, Settled, Waiting, World};

/// A start within this of its time is on time.
pub(crate) const ON_TIME: TimeDelta = TimeDelta::minutes(2);
const SECOND: TimeDelta = TimeDelta::seconds(1);

/// What is known about why slots did not run.
pub(crate) struct Causes<'a> {
    pub(crate) timetable: &'a Ready,
    pub(crate) seed: &'a str,
    pub(crate) world: &'a World<'a>,
    pub(crate) waiting: Option<Waiting>,
}

impl Causes<'_> {
    /// The slots later than `after` up to and with `until`, as ranges with one reason each, oldest first. Work and result are bounded
    /// by the number of absences, not of slots.
    pub(crate) fn ranges(&self, after: DateTime<Utc>, until: DateTime<Utc>, by: Option<DateTime<Utc>>) -> Vec<Settled> {
        let mut ranges = Vec::new();
        let mut from = after;
        for absence in self.world.absences {
            if absence.to <= from {
                continue;
            }
            let (begin, end) = self.reach(absence);
            // The clock may have been set back in it: then its end tells nothing.
            if begin >= end || end <= from || begin >= until {
                continue;
            }
            self.present(&mut ranges, from, begin, by);
            let end = end.min(until);
            self.push(&mut ranges, from.max(begin), end, absence.why, by);
            from = end;
        }
        self.present(&mut ranges, from, until, by);
        ranges
    }

    /// Why the slot did not run at its time.
    pub(crate) fn of(&self, slot: DateTime<Utc>) -> Reason {
        self.absent(slot)
            .unwrap_or_else(|| self.known().unwrap_or(Reason::NotRunning))
    }

    /// The absence because of which a slot could not begin on time.
    pub(crate) fn absent(&self, slot: DateTime<Utc>) -> Option<Reason> {
        let reaches = |absence: &&Absence| {
            let (begin, end) = self.reach(absence);
            slot <= end && begin < slot
        };
        self.world
            .absences
            .iter()
            .filter(|absence| absence.to > slot)
            .find(reaches)
            .map(|absence| absence.why)
    }

    /// The slots an absence explains: later than the first moment, up to the second. Those that were to begin just before it had no
    /// time to, and one may have waited for its jitter: no more, as no jitter reaches the next slot.
    fn reach(&self, absence: &Absence) -> (DateTime<Utc>, DateTime<Utc>) {
        let begin = absence.from - ON_TIME - SECOND;
        let jitter = |slot: &DateTime<Utc>| *slot + self.timetable.jitter_of(self.seed, *slot);
        let pending = self.timetable.newest_until(begin).filter(|slot| jitter(slot) > begin);
        (pending.map_or(begin, |slot| slot - SECOND), absence.to - SECOND)
    }

    /// The reason for slots no absence explains, if there is one.
    fn known(&self) -> Option<Reason> {
        self.waiting
            .map(|waiting| waiting.reason)
            .or_else(|| hold::paused(self.world).map(|_| Reason::Paused))
            .or_else(|| self.world.busy.then_some(Reason::Busy))
    }

    /// A time without absence. Slots that are hardly old only had to make room for a newer one.
    fn present(&self, ranges: &mut Vec<Settled>, after: DateTime<Utc>, until: DateTime<Utc>, by: Option<DateTime<Utc>>) {
        match self.known() {
            Some(why) => self.push(ranges, after, until, why, by),
            None => {
                let fresh = (self.world.now - ON_TIME).clamp(after, until.max(after));
                self.push(ranges, after, fresh, Reason::NotRunning, by);
                self.push(ranges, fresh, until, Reason::Superseded, by);
            }
        }
    }

    fn push(
        &self,
        ranges: &mut Vec<Settled>,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
        why: Reason,
        by: Option<DateTime<Utc>>,
    ) {
        let count = self.timetable.slots(after, until, 0).more;
        if count == 0 {
            return;
        }
        if let Some((first, last)) = self.timetable.next_after(after).zip(self.timetable.newest_until(until)) {
            let range = Settled {
                first,
                last,
                count,
                why,
                covered_by: by,
            };
            join(ranges, range);
        }
    }
}

/// Adds a range, to the one before it if the reason is the same. The two must follow each other.
pub(crate) fn join(ranges: &mut Vec<Settled>, range: Settled) {
    match ranges.last_mut() {
        Some(before) if before.why == range.why => {
            before.last = range.last;
            before.count += range.count;
        }
        _ => ranges.push(range),
    }
}
