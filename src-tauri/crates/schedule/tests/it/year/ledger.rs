//! Keeps the books of one plan: which slots came due, and what became of each. Knows the slots and the rules, not how decisions are
//! made.

use std::collections::BTreeSet;
use std::fmt;

use backstay_schedule::{Busy, Day, Decision, Missed, Moment, Quiet, Ready, Reason, Rules, Run, Settled, State, World};
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

const ON_TIME: TimeDelta = TimeDelta::minutes(2);
const SET_BACK: TimeDelta = TimeDelta::minutes(10);

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A run for a slot that had run or been settled, or for none at all.
    TwiceOrNever,
    /// A slot that came due is neither run nor settled nor waiting.
    Lost,
    /// A record that does not count the slots it covers, or is covered by none.
    Books,
    /// Nothing stood in the way, and it did not begin.
    Idle,
    /// Nobody looked when something was due.
    Overslept,
    /// A run in quiet hours.
    Quiet,
    /// A run in a pause.
    Pause,
    /// A run beside itself.
    Beside,
    /// A run on battery, on a metered network or without one, against the rule.
    Surroundings,
    /// A reason that is not the real one.
    Reason,
    /// The clock had been ahead, and nothing goes on.
    ClockStuck,
}

/// A fault, and where.
pub struct Found {
    pub fault: Fault,
    told: String,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.fault, self.told)
    }
}

/// What is known besides the decision.
pub struct Facts<'a> {
    pub world: &'a World<'a>,
    pub rules: &'a Rules,
    pub before: &'a State,
    /// The clock was never set: reasons can be checked.
    pub told_truth: bool,
}

pub struct Ledger {
    plan: &'static str,
    timetable: Ready,
    zone: Tz,
    /// Slots up to here came due.
    cursor: DateTime<Utc>,
    open: BTreeSet<DateTime<Utc>>,
    /// Run or settled since the clock was last set back.
    done: BTreeSet<DateTime<Utc>>,
    delayed_since: Option<DateTime<Utc>>,
    next_start: Option<DateTime<Utc>>,
}

impl Ledger {
    pub fn new(plan: &'static str, timetable: Ready, now: DateTime<Utc>) -> Self {
        let zone = timetable.zone().parse().unwrap();
        let mut ledger = Self {
            plan,
            timetable,
            zone,
            cursor: now,
            open: BTreeSet::new(),
            done: BTreeSet::new(),
            delayed_since: None,
            next_start: None,
        };
        ledger.look_ahead(None);
        ledger
    }

    pub fn timetable(&self) -> &Ready {
        &self.timetable
    }

    /// From now on the slots of another zone count, from the last one handled.
    pub fn travel(&mut self, timetable: Ready, state: &State) {
        self.zone = timetable.zone().parse().unwrap();
        self.timetable = timetable;
        self.cursor = state.handled;
        self.open
            .retain(|slot| state.waiting.is_some_and(|waiting| waiting.due == *slot));
        self.look_ahead(state.waiting.map(|waiting| waiting.due));
    }

    /// Nobody asked in this minute: rightly?
    pub fn nothing_was_due(&self, facts: &Facts<'_>) -> Result<(), Found> {
        let now = facts.world.now;
        if self.next_start.is_some_and(|start| start <= now) {
            return self.found(Fault::Overslept, now, &self.next_start);
        }
        let waits = facts.before.waiting.is_some();
        if waits && !self.is_held(facts) {
            return self.found(Fault::Overslept, now, &facts.before.waiting);
        }
        Ok(())
    }

    pub fn check(&mut self, facts: &Facts<'_>, decision: &Decision) -> Result<(), Found> {
        let now = facts.world.now;
        self.rewind(facts, decision)?;
        if now > self.cursor {
            self.open.extend(self.timetable.slots(self.cursor, now, usize::MAX).list);
            self.cursor = now;
        }
        self.delayed_since = self.delayed_since.map(|since| since.min(now));
        let due = self.due(now);
        for range in &decision.settle {
            self.settle(facts, decision, range)?;
        }
        if decision.rewind.is_some() {
            self.done.clear();
        }
        match decision.run {
            Some(run) => self.run(facts, run)?,
            None => self.no_run(facts, decision, &due)?,
        }
        let waiting = decision.state.waiting.map(|waiting| waiting.due);
        if waiting.is_some_and(|waiting| !self.open.contains(&waiting)) {
            return self.found(Fault::TwiceOrNever, now, &decision.state);
        }
        if let Some(lost) = self.due(now).into_iter().find(|slot| Some(*slot) != waiting) {
            return self.found(Fault::Lost, now, &lost);
        }
        self.delayed_since = waiting.and(self.delayed_since.or(Some(now)));
        self.look_ahead(waiting);
        Ok(())
    }

    fn rewind(&mut self, facts: &Facts<'_>, decision: &Decision) -> Result<(), Found> {
        let now = facts.world.now;
        let ahead = facts.before.handled - now > SET_BACK;
        if ahead != decision.rewind.is_some() || decision.state.handled - now > SET_BACK {
            return self.found(Fault::ClockStuck, now, &decision.state);
        }
        if ahead {
            self.cursor = now;
            let waiting = facts.before.waiting.map(|waiting| waiting.due);
            self.open.retain(|slot| *slot <= now || Some(*slot) == waiting);
            // What waited for a time to come is made up for by the newest that has come.
            let newest = waiting
                .filter(|due| *due > now)
                .and_then(|_| self.timetable.newest_until(now));
            self.open.extend(newest);
        }
        Ok(())
    }

    fn settle(&mut self, facts: &Facts<'_>, decision: &Decision, range: &Settled) -> Result<(), Found> {
        let now = facts.world.now;
        let inside: Vec<_> = self.open.range(range.first..=range.last).copied().collect();
        let ends = inside.first().zip(inside.last());
        if inside.len() as u64 != range.count || ends != Some((&range.first, &range.last)) {
            return self.found(Fault::Books, now, range);
        }
        let heir = decision
            .run
            .map(|run| run.due)
            .or(decision.state.waiting.map(|waiting| waiting.due));
        let may_leave_out = facts.rules.missed == Missed::Skip || facts.rules.busy == Busy::Skip && facts.world.busy;
        if range.covered_by != heir && !(range.covered_by.is_none() && may_leave_out) {
            return self.found(Fault::Books, now, range);
        }
        for slot in &inside {
            self.reason(facts, *slot, range.why)?;
            self.open.remove(slot);
            if !self.done.insert(*slot) {
                return self.found(Fault::TwiceOrNever, now, range);
            }
        }
        Ok(())
    }

    fn run(&mut self, facts: &Facts<'_>, run: Run) -> Result<(), Found> {
        let (world, rules, now) = (facts.world, facts.rules, facts.world.now);
        if !self.open.remove(&run.due) || !self.done.insert(run.due) {
            return self.found(Fault::TwiceOrNever, now, &run);
        }
        let late = now - run.due - self.timetable.jitter_of(self.plan, run.due) > ON_TIME;
        if late != run.late.is_some() {
            return self.found(Fault::Reason, now, &run);
        }
        if let Some(reason) = run.late {
            self.reason(facts, run.due, reason)?;
        }
        if world.paused_until.is_some_and(|until| now < until) {
            return self.found(Fault::Pause, now, &run);
        }
        if world.busy {
            return self.found(Fault::Beside, now, &run);
        }
        if rules.quiet.iter().any(|quiet| self.is_quiet(quiet, now)) {
            return self.found(Fault::Quiet, now, &run);
        }
        if self.surroundings(facts) {
            return self.found(Fault::Surroundings, now, &run);
        }
        self.delayed_since = None;
        Ok(())
    }

    /// Nothing began: something must stand in the way, or nothing was due.
    fn no_run(&mut self, facts: &Facts<'_>, decision: &Decision, due: &[DateTime<Utc>]) -> Result<(), Found> {
        let left_out = decision.settle.iter().any(|range| range.covered_by.is_none());
        if !due.is_empty() && !left_out && !self.is_held(facts) {
            return self.found(Fault::Idle, facts.world.now, &due);
        }
        Ok(())
    }

    /// Slots that should have begun by now.
    fn due(&self, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let start = |slot: &DateTime<Utc>| *slot + self.timetable.jitter_of(self.plan, *slot);
        self.open.iter().filter(|slot| start(slot) <= now).copied().collect()
    }

    /// Whether a rule stands in the way.
    fn is_held(&self, facts: &Facts<'_>) -> bool {
        let now = facts.world.now;
        let paused = facts.world.paused_until.is_some_and(|until| now < until);
        let quiet = facts.rules.quiet.iter().any(|quiet| self.is_quiet(quiet, now));
        paused || quiet || facts.world.busy || self.surroundings(facts)
    }

    fn surroundings(&self, facts: &Facts<'_>) -> bool {
        let waited = self.delayed_since.map_or(TimeDelta::zero(), |since| facts.world.now - since);
        let battery = match facts.rules.battery {
            Moment::Run => false,
            Moment::Wait { max_minutes } => waited < TimeDelta::minutes(i64::from(max_minutes)),
        };
        let is = |what: Option<bool>| what == Some(true);
        let metered = facts.rules.metered != Moment::Run && is(facts.world.metered);
        is(facts.world.on_battery) && battery || metered || facts.world.online == Some(false)
    }

    /// By the clock on the wall, and nothing else.
    fn is_quiet(&self, quiet: &Quiet, now: DateTime<Utc>) -> bool {
        let wall = now.with_timezone(&self.zone).naive_local();
        let minute = u16::try_from(wall.hour() * 60 + wall.minute()).unwrap();
        let (from, to) = (quiet.from.minute_of_day(), quiet.to.minute_of_day());
        let on = |date: chrono::NaiveDate| quiet.days.is_empty() || quiet.days.contains(&Day::from(date.weekday()));
        let yesterday = on(wall.date().pred_opt().unwrap());
        if from < to {
            on(wall.date()) && (from..to).contains(&minute)
        } else {
            on(wall.date()) && minute >= from || yesterday && minute < to
        }
    }

    /// Whether this is really why the slot did not run at its time.
    fn reason(&self, facts: &Facts<'_>, slot: DateTime<Utc>, why: Reason) -> Result<(), Found> {
        let now = facts.world.now;
        let waiting = facts.before.waiting.map(|waiting| waiting.reason);
        let start = slot + self.timetable.jitter_of(self.plan, slot);
        let right = match why {
            _ if !facts.told_truth => true,
            Reason::Asleep | Reason::Off | Reason::NotRunning => facts
                .world
                .absences
                .iter()
                .any(|absence| absence.why == why && slot < absence.to && start + ON_TIME >= absence.from),
            Reason::Superseded => now - slot <= ON_TIME,
            Reason::Busy => facts.world.busy || waiting == Some(why),
            Reason::Paused => facts.world.paused_until.is_some_and(|until| slot < until),
            other => waiting == Some(other),
        };
        if right {
            Ok(())
        } else {
            self.found(Fault::Reason, now, &(slot, why))
        }
    }

    fn look_ahead(&mut self, waiting: Option<DateTime<Utc>>) {
        let next = self.timetable.next_after(self.cursor);
        let next = next
            .into_iter()
            .chain(self.open.iter().copied().filter(|slot| *slot > self.cursor));
        let pending = self
            .open
            .iter()
            .copied()
            .filter(|slot| *slot <= self.cursor && Some(*slot) != waiting);
        let start = |slot: DateTime<Utc>| slot + self.timetable.jitter_of(self.plan, slot);
        let pending = pending.map(start).filter(|start| *start > self.cursor);
        self.next_start = next.map(start).chain(pending).min();
    }

    fn found<T>(&self, fault: Fault, now: DateTime<Utc>, what: &dyn fmt::Debug) -> Result<T, Found> {
        let told = format!("plan \"{}\" at {now}: {what:?}", self.plan);
        Err(Found { fault, told })
    }
}
