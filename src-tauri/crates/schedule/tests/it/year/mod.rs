//! A simulated year: a computer with its ups and downs, several plans, and somebody who checks every answer without knowing how it
//! was found.

mod computer;
mod ledger;
mod mutants;
mod plans;

use backstay_schedule::{Decision, Ready, Reason, Rules, State, World, decide};
use chrono::TimeDelta;

use computer::{Computer, Trouble};
use ledger::{Facts, Found};
use plans::Plan;

/// What is tried: the real one, or a broken one.
type Decide = fn(&Ready, &str, &Rules, &State, &World<'_>) -> Decision;

/// What happened, to show that it did.
#[derive(Debug, Default)]
struct Tally {
    decisions: u64,
    runs: u64,
    late: std::collections::BTreeMap<Reason, u64>,
    settled: std::collections::BTreeMap<Reason, u64>,
    /// Slots for which nothing made up.
    left_out: u64,
    rewinds: u64,
    asked: u64,
    /// Runs that began on battery because patience was over.
    impatient: u64,
    travels: u64,
    clock_set: u64,
    crashes: u64,
}

/// Lives through a year, minute by minute.
fn year(seed: u64, zone: &'static str, trouble: Trouble, decide: Decide) -> Result<Tally, Found> {
    let mut computer = Computer::new(seed, zone, trouble);
    let mut plans = plans::all(zone, computer.now());
    let mut tally = Tally::default();
    for _ in 0..366 * 1440 {
        let news = computer.minute();
        tally.crashes += u64::from(news.stopped);
        tally.clock_set += u64::from(news.clock_set);
        if news.stopped {
            plans.iter_mut().for_each(Plan::kill);
        }
        if !computer.is_on() {
            continue;
        }
        if let Some(zone) = news.zone {
            tally.travels += 1;
            plans.iter_mut().for_each(|plan| plan.travel(zone));
        }
        for plan in &mut plans {
            live(&computer, plan, news.changed, decide, &mut tally)?;
        }
        let remembers = plans.iter().filter(|plan| plan.name != plans::BY_HAND);
        let oldest = remembers.map(|plan| plan.state.handled).min();
        computer.looked(oldest.unwrap_or(computer.now()) - TimeDelta::days(1));
    }
    Ok(tally)
}

/// One minute of one plan.
fn live(computer: &Computer, plan: &mut Plan, changed: bool, decide: Decide, tally: &mut Tally) -> Result<(), Found> {
    let now = computer.now();
    let ended = plan.end(computer.elapsed());
    let world = World {
        now,
        on_battery: Some(computer.on_battery),
        metered: Some(computer.metered),
        online: Some(computer.online),
        busy: plan.is_busy(),
        paused_until: computer.paused_until,
        absences: &computer.absences,
    };
    let facts = Facts {
        world: &world,
        rules: &plan.rules,
        before: &plan.state,
        told_truth: !computer.clock_was_touched(),
    };
    if !(changed || ended || now >= plan.wake) {
        return plan.ledger.nothing_was_due(&facts);
    }
    let decision = decide(plan.ledger.timetable(), plan.name, &plan.rules, &plan.state, &world);
    plan.ledger.check(&facts, &decision)?;
    count(tally, &decision, &world);
    plan.state = decision.state;
    plan.wake = decision.wake;
    if decision.run.is_some() {
        plan.begin(computer.elapsed());
    }
    Ok(())
}

fn count(tally: &mut Tally, decision: &Decision, world: &World<'_>) {
    tally.decisions += 1;
    tally.rewinds += u64::from(decision.rewind.is_some());
    tally.asked += u64::from(decision.wait.is_some_and(|wait| wait.ask));
    if let Some(run) = decision.run {
        tally.runs += 1;
        tally.impatient += u64::from(world.on_battery == Some(true) && run.late == Some(Reason::Battery));
        if let Some(reason) = run.late {
            *tally.late.entry(reason).or_default() += 1;
        }
    }
    for range in &decision.settle {
        *tally.settled.entry(range.why).or_default() += range.count;
        tally.left_out += if range.covered_by.is_none() { range.count } else { 0 };
    }
}

#[test]
fn no_slot_is_lost_and_none_runs_twice() {
    let zones = [
        "Europe/Copenhagen",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
    ];
    let mut total = Tally::default();
    for (seed, zone) in (1..).zip(zones) {
        let tally = year(seed, zone, Trouble::Everything, decide).unwrap_or_else(|found| panic!("seed {seed}, {zone}: {found}"));
        total.rewinds += tally.rewinds;
        total.travels += tally.travels;
        total.clock_set += tally.clock_set;
        assert!(tally.runs > 5_000, "{tally:?}");
    }
    // The clock was really set, by little and by much, and the computer really travelled.
    assert!(total.rewinds > 20 && total.travels > 20 && total.clock_set > 40, "{total:?}");
}

#[test]
fn every_reason_is_the_real_one() {
    for (seed, zone) in [
        (11, "Europe/Copenhagen"),
        (12, "Australia/Lord_Howe"),
        (13, "America/New_York"),
    ] {
        let tally =
            year(seed, zone, Trouble::NoneWithTheClock, decide).unwrap_or_else(|found| panic!("seed {seed}, {zone}: {found}"));
        for reason in [
            Reason::Asleep,
            Reason::Off,
            Reason::NotRunning,
            Reason::Battery,
            Reason::Metered,
            Reason::Quiet,
            Reason::Paused,
            Reason::Busy,
            Reason::Offline,
        ] {
            assert!(
                tally.late.contains_key(&reason),
                "no run late because of {reason:?}: {tally:?}"
            );
            let settled = tally.settled.contains_key(&reason);
            assert!(
                settled || reason == Reason::Busy,
                "no slot settled because of {reason:?}: {tally:?}"
            );
        }
        assert!(
            tally.left_out > 0 && tally.asked > 0 && tally.impatient > 0 && tally.crashes > 20,
            "{tally:?}"
        );
        assert_eq!(tally.rewinds, 0);
    }
}

/// More years than anybody has time for: with `BACKSTAY_SOAK=1`.
#[test]
fn years_by_the_dozen() {
    let zones = [
        "Europe/Copenhagen",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Africa/Cairo",
        "UTC",
    ];
    let soak = std::env::var_os("BACKSTAY_SOAK").is_some();
    for seed in 100..if soak { 160 } else { 101 } {
        let zone = zones[seed as usize % zones.len()];
        let trouble = if seed % 3 == 0 {
            Trouble::NoneWithTheClock
        } else {
            Trouble::Everything
        };
        if let Err(found) = year(seed, zone, trouble, decide) {
            panic!("seed {seed}, {zone}: {found}");
        }
    }
}
