//! Broken schedulers: the books must find each of them, or they would find nothing.

use backstay_schedule::{Decision, Moment, Ready, Reason, Rules, State, Waiting, World, decide};
use chrono::TimeDelta;

use super::computer::Trouble;
use super::ledger::Fault;
use super::{Decide, year};

fn found(broken: Decide, expected: &[Fault]) {
    let found = year(5, "Europe/Copenhagen", Trouble::Everything, broken).err();
    let found = found.expect("the broken scheduler passed");
    assert!(expected.contains(&found.fault), "{found}");
}

#[test]
fn a_catch_up_that_moves_the_anchor() {
    found(
        |timetable, seed, rules, state, world| {
            let mut decision = decide(timetable, seed, rules, state, world);
            if decision.run.is_some_and(|run| run.late.is_some()) {
                // The next one a whole gap after the catch-up.
                decision.state.handled = world.now + timetable.longest_gap(world.now).unwrap() - TimeDelta::minutes(11);
            }
            decision
        },
        &[Fault::ClockStuck, Fault::Lost],
    );
    found(
        |timetable, seed, rules, state, world| {
            let mut decision = decide(timetable, seed, rules, state, world);
            for run in decision.run.iter_mut().filter(|run| run.late.is_some()) {
                run.due = world.now;
            }
            decision
        },
        &[Fault::TwiceOrNever, Fault::Books],
    );
    found(
        |timetable, seed, rules, state, world| {
            let mut decision = decide(timetable, seed, rules, state, world);
            if let (Some(run), Some(next)) = (decision.run, decision.next)
                && run.late == Some(Reason::Asleep)
                && next - world.now < TimeDelta::minutes(9)
            {
                // "It has just run."
                decision.state.handled = next;
            }
            decision
        },
        &[Fault::Lost, Fault::Overslept, Fault::Idle],
    );
}

#[test]
fn a_catch_up_that_comes_twice() {
    found(
        |timetable, seed, rules, state, world| {
            let mut decision = decide(timetable, seed, rules, state, world);
            if decision.run.is_some_and(|run| run.late == Some(Reason::Asleep)) {
                decision.state.handled = state.handled;
            }
            decision
        },
        &[Fault::TwiceOrNever, Fault::Books],
    );
}

#[test]
fn a_night_that_is_lost() {
    found(
        |timetable, seed, rules, state, world| {
            let mut decision = decide(timetable, seed, rules, state, world);
            decision.run = decision.run.filter(|run| run.late != Some(Reason::Asleep));
            decision
        },
        &[Fault::Idle, Fault::Books],
    );
    found(
        |timetable, seed, rules, state, world| {
            let mut decision = decide(timetable, seed, rules, state, world);
            decision.settle.retain(|range| range.why != Reason::Off);
            decision
        },
        &[Fault::Lost],
    );
    found(
        |timetable, seed, rules, state, world| {
            let mut decision = decide(timetable, seed, rules, state, world);
            for range in &mut decision.settle {
                range.covered_by = None;
            }
            decision
        },
        &[Fault::Books],
    );
}

#[test]
fn a_delay_that_is_forgotten() {
    found(
        |timetable, seed, rules, state, world| {
            let mut decision = decide(timetable, seed, rules, state, world);
            decision.state.waiting = decision.state.waiting.filter(|waiting| waiting.reason != Reason::Battery);
            decision
        },
        &[Fault::Lost],
    );
}

#[test]
fn a_patience_that_begins_anew_with_every_slot() {
    found(
        |timetable, seed, rules, state, world| {
            let mut decision = decide(timetable, seed, rules, state, world);
            if let Some(waiting) = &mut decision.state.waiting {
                let same = state.waiting.is_some_and(|before| before.due == waiting.due);
                *waiting = Waiting {
                    since: if same { waiting.since } else { world.now },
                    ..*waiting
                };
            }
            decision
        },
        &[Fault::Idle, Fault::Overslept],
    );
}

fn with(rules: &Rules, change: impl FnOnce(&mut Rules)) -> Rules {
    let mut rules = rules.clone();
    change(&mut rules);
    rules
}

#[test]
fn rules_that_are_ignored() {
    found(
        |timetable, seed, rules, state, world| decide(timetable, seed, &with(rules, |rules| rules.quiet.clear()), state, world),
        &[Fault::Quiet],
    );
    found(
        |timetable, seed, rules, state, world| {
            decide(
                timetable,
                seed,
                &with(rules, |rules| rules.battery = Moment::Run),
                state,
                world,
            )
        },
        &[Fault::Surroundings],
    );
    found(
        |timetable, seed, rules, state, world| {
            let world = World { metered: None, ..*world };
            decide(timetable, seed, rules, state, &world)
        },
        &[Fault::Surroundings],
    );
    found(
        |timetable, seed, rules, state, world| {
            let world = World {
                paused_until: None,
                ..*world
            };
            decide(timetable, seed, rules, state, &world)
        },
        &[Fault::Pause],
    );
    found(
        |timetable, seed, rules, state, world| {
            let world = World { busy: false, ..*world };
            decide(timetable, seed, rules, state, &world)
        },
        &[Fault::Beside],
    );
}

#[test]
fn an_alarm_clock_that_rings_too_late() {
    found(
        |timetable, seed, rules, state, world| {
            let decision = decide(timetable, seed, rules, state, world);
            Decision {
                wake: decision.wake + TimeDelta::minutes(3),
                ..decision
            }
        },
        &[Fault::Overslept],
    );
}

fn waits_for_the_old_time(timetable: &Ready, seed: &str, rules: &Rules, state: &State, world: &World<'_>) -> Decision {
    let decision = decide(timetable, seed, rules, state, world);
    match decision.rewind {
        Some(_) => Decision {
            run: None,
            settle: Vec::new(),
            state: state.clone(),
            rewind: None,
            ..decision
        },
        None => decision,
    }
}

#[test]
fn a_clock_set_back_that_stops_everything() {
    found(waits_for_the_old_time, &[Fault::ClockStuck]);
}

#[test]
fn a_reason_that_is_made_up() {
    let broken: Decide = |timetable, seed, rules, state, world| {
        let mut decision = decide(timetable, seed, rules, state, world);
        for range in decision.settle.iter_mut().filter(|range| range.why == Reason::Off) {
            range.why = Reason::Asleep;
        }
        decision
    };
    let found = year(5, "Europe/Copenhagen", Trouble::NoneWithTheClock, broken).err();
    assert_eq!(found.expect("the broken scheduler passed").fault, Fault::Reason);
}
