//! Several who want the same: of threads and processes that claim a slot, exactly one has it, and the dead give it back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};
use std::sync::Barrier;

use backstay_journal::{Home, Journal, Plan, Slot, SlotOutcome, Step, TaskState};

use crate::{Place, at, case, child, claim_by, slot_of};

const SLOTS: i64 = 40;

fn claim(journal: &Journal, owner: &str, second: i64) -> bool {
    let plan = journal.plans().get("p").unwrap();
    journal.slots().claim(&claim_by(owner, slot_of(&plan, second))).unwrap()
}

/// Started by tests below: claims each slot it is told of, says whether it got it, and stays until it is killed.
#[test]
fn claimer() {
    let Some(case) = case("races::claimer") else { return };
    let (owner, home) = case.split_once(':').unwrap();
    let journal = Journal::open(&Home::create(home).unwrap()).unwrap();
    println!("\nREADY");
    for line in std::io::stdin().lines().map_while(Result::ok) {
        println!("GOT {}", claim(&journal, owner, line.parse().unwrap()));
    }
}

struct Claimer {
    process: Child,
    lines: Box<dyn Iterator<Item = String>>,
}

impl Claimer {
    fn start(place: &Place, owner: &str) -> Self {
        let mut process = child("races::claimer", &format!("{owner}:{}", place.home.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        lines.find(|line| line == "READY").expect("it is ready");
        Self {
            process,
            lines: Box::new(lines),
        }
    }

    fn ask(&mut self, second: i64) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{second}").unwrap();
    }

    fn got(&mut self) -> bool {
        let said = self.lines.next().expect("it answers");
        said.strip_prefix("GOT ").unwrap().parse().unwrap()
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
fn of_threads_and_processes_one_has_each_slot() {
    let place = Place::make();
    let plan = place.plan("p", &["s"]);
    let mut claimers: Vec<Claimer> = (0..3).map(|n| Claimer::start(&place, &format!("child {n}"))).collect();
    let journals: Vec<Journal> = (0..2).map(|_| Journal::open(&place.home).unwrap()).collect();
    let mut won = [0; 5];
    for second in 0..SLOTS {
        let got = std::thread::scope(|scope| {
            claimers.iter_mut().for_each(|claimer| claimer.ask(second));
            let threads: Vec<_> = journals
                .iter()
                .zip(["thread 1", "thread 2"])
                .map(|(journal, owner)| scope.spawn(move || claim(journal, owner, second)))
                .collect();
            let mut got: Vec<bool> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
            got.extend(claimers.iter_mut().map(Claimer::got));
            got
        });
        assert_eq!(got.iter().filter(|got| **got).count(), 1, "slot {second}: {got:?}");
        won.iter_mut().zip(got).for_each(|(won, got)| *won += usize::from(got));
    }
    println!("claimed by each thread and process: {won:?}");

    // The processes die with what they have: only theirs is given back, and can be claimed again.
    let slots = place.journal.slots();
    assert!(slots.close_dead("nobody", at(100)).unwrap().is_empty(), "all of them live");
    claimers.into_iter().for_each(Claimer::kill);
    if cfg!(target_os = "linux") {
        let back = slots.close_dead("nobody", at(100)).unwrap();
        let interrupted = |slot: &Slot| slot.outcome == SlotOutcome::Waiting && slot.reason.as_deref() == Some("interrupted");
        assert_eq!(back.len(), won[2..].iter().sum::<usize>());
        assert!(back.iter().all(interrupted), "{back:?}");
        let again = (0..SLOTS).filter(|second| claim(&place.journal, "next", *second));
        assert_eq!(again.count(), back.len());
        assert_eq!(slots.since(&plan.id, None, at(0), at(SLOTS)).unwrap().len() as i64, SLOTS);
    }
}

#[test]
fn a_slot_of_a_dead_process_is_claimed_at_once() {
    let place = Place::make();
    let plan = place.plan("p", &["s"]);
    let mut claimer = Claimer::start(&place, "child");
    claimer.ask(7);
    assert!(claimer.got());
    assert!(!claim(&place.journal, "me", 7), "it lives");
    claimer.kill();
    if cfg!(target_os = "linux") {
        assert!(claim(&place.journal, "me", 7));
        let slot = &place.journal.slots().newest(&plan.id, "backup", 1).unwrap()[0];
        assert_eq!((slot.outcome, slot.attempts), (SlotOutcome::Running, 2));
    }
}

/// Two schedulers see the same and step at once, round by round: one of them steps, each slot has one record, none is lost.
#[test]
fn schedulers_that_step_at_once_lose_nothing() {
    const ROUNDS: usize = 60;
    let place = Place::make();
    let plan = place.plan("p", &["s"]);
    let together = Barrier::new(2);
    let scheduler = |number: i64| -> Vec<bool> {
        let journal = Journal::open(&place.home).unwrap();
        let round = || {
            let known = journal.tasks().get(&plan.id, "backup").unwrap();
            together.wait();
            let done = journal.schedule_step(&step(&plan, known, number)).unwrap();
            together.wait();
            done
        };
        (0..ROUNDS).map(|_| round()).collect()
    };
    let (one, other) = std::thread::scope(|scope| {
        let threads = [0, 1].map(|number| scope.spawn(move || scheduler(number)));
        let [one, other] = threads.map(|thread| thread.join().unwrap());
        (one, other)
    });
    assert!(
        one.iter().zip(&other).all(|(one, other)| one != other),
        "one each round: {one:?} {other:?}"
    );
    let records = place.journal.slots().since(&plan.id, None, at(0), at(9_999)).unwrap();
    let mut next = 0;
    for slot in &records {
        assert_eq!((slot.first - at(0)).num_seconds(), next, "gap or overlap in {records:?}");
        next = (slot.last - at(0)).num_seconds() + 1;
    }
    let state = place.journal.tasks().get(&plan.id, "backup").unwrap().unwrap();
    assert_eq!((state.version, state.handled), (ROUNDS as u64, at(next - 1)));
    assert_eq!(records.iter().map(|slot| slot.count as i64).sum::<i64>(), next);
}

/// What a scheduler does that looks `further` than the next slot: what lies between was missed, the last one is run.
fn step(plan: &Plan, known: Option<TaskState>, further: i64) -> Step {
    let (version, handled) = known.map_or((0, -1), |state| (state.version, (state.handled - at(0)).num_seconds()));
    let last = handled + 2 + further;
    let missed = Slot {
        last: at(last - 1),
        count: (last - 1 - handled).unsigned_abs(),
        ..Slot::new(&slot_of(plan, handled + 1), SlotOutcome::Skipped)
    };
    Step {
        task: TaskState {
            plan: plan.id.clone(),
            task: "backup".to_owned(),
            version,
            handled: at(last),
            epoch: 1,
            waiting: None,
            retry_at: None,
            attempts: 0,
        },
        settle: vec![missed],
        claim: Some(claim_by("scheduler", slot_of(plan, last))),
    }
}
