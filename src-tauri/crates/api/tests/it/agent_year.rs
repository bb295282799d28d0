//! A year of the agent with a fake clock: sleep, power cuts, crashes in mid-run, battery, pauses, DST both ways, the clock set back and
//! forth. Every moment of every plan has its record in the journal, with a reason, and none is run twice.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use backstay_api::{
    App, Cancel, Clock, Command, Context, NoPasswords, Silent,
    agent::{Agent, Stage},
    commands::{PlanPause, PlanSet, Proof, SourceAdd},
    schedule::{Ready, Schedule, Timetable},
    tell::Message,
    types::{PlanPauseRequest, PlanRunRequest, PlanSetRequest, PlanSpec, ProofRequest, SlotState, SourceAddRequest},
};
use backstay_journal::{Home, Journal, Lead, Leading, SlotEnd, SlotFate, SlotKey, SlotOutcome, StepEnd};
use backstay_surroundings::{Look, Surroundings, Tick};
use chrono::{DateTime, TimeDelta, Utc};
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};

use crate::bench::{InMemory, options};

type Time = DateTime<Utc>;

/// The clock on the wall, which anyone may set.
struct Wall(Mutex<Time>);

impl Clock for Wall {
    fn now(&self) -> Time {
        *self.0.lock().unwrap()
    }
}

struct Power(Arc<Mutex<bool>>);

impl Surroundings for Power {
    fn look(&self) -> Look {
        Look {
            on_battery: Some(*self.0.lock().unwrap()),
            metered: Some(false),
            online: Some(true),
            notes: Vec::new(),
        }
    }
}

/// Takes work; it takes as long as the world says.
#[derive(Default)]
struct Floor {
    begun: Mutex<Vec<PlanRunRequest>>,
    running: Mutex<Vec<PlanRunRequest>>,
}

impl Stage for Floor {
    fn is_busy(&self, plan: &str, task: &str) -> bool {
        let running = self.running.lock().unwrap();
        running
            .iter()
            .any(|one| one.plan == plan && one.task.is_some_and(|known| known.name() == task))
    }
    fn begin(&self, request: PlanRunRequest) {
        self.begun.lock().unwrap().push(request.clone());
        self.running.lock().unwrap().push(request);
    }
    fn show(&self, _: &Message) -> bool {
        true
    }
    fn changed(&self) {}
}

/// Everything the agent lives in.
struct World {
    app: App,
    wall: Arc<Wall>,
    battery: Arc<Mutex<bool>>,
    journal: Journal,
    home: Home,
    /// Time that passed in truth, awake and in all, and which start of the computer it is.
    awake: Duration,
    on: Duration,
    boot: u32,
    ends: HashMap<(String, Time), Time>,
}

fn context() -> Context<'static> {
    static CANCEL: std::sync::LazyLock<Cancel> = std::sync::LazyLock::new(Cancel::default);
    Context {
        cancel: &CANCEL,
        reporter: &Silent,
        passwords: &NoPasswords,
    }
}

impl World {
    fn new(dir: &Path, start: Time) -> Self {
        let wall = Arc::new(Wall(Mutex::new(start)));
        let battery = Arc::new(Mutex::new(false));
        let app = App::open(options(dir, &Arc::new(InMemory::default())))
            .unwrap()
            .with_clock(wall.clone())
            .with_surroundings(Box::new(Power(battery.clone())));
        let home = Home::create(dir.join("home")).unwrap();
        Self {
            journal: Journal::open(&home).unwrap(),
            app,
            wall,
            battery,
            home,
            awake: Duration::from_secs(60),
            on: Duration::from_secs(60),
            boot: 0,
            ends: HashMap::new(),
        }
    }

    fn now(&self) -> Time {
        self.wall.now()
    }

    fn tick(&self) -> Tick {
        Tick {
            wall: self.now(),
            awake: self.awake,
            since_boot: self.on,
            boot: format!("boot {}", self.boot),
        }
    }

    /// Lets time pass, awake or asleep.
    fn pass(&mut self, time: TimeDelta, awake: bool) {
        let long = time.to_std().unwrap();
        *self.wall.0.lock().unwrap() += time;
        self.on += long;
        if awake {
            self.awake += long;
        }
    }

    fn add(&self, name: &str, spec: PlanSpec) {
        let source = SourceAddRequest {
            kind: "memory".to_owned(),
            name: format!("source of {name}"),
            options: serde_json::from_str(r#"{"path":"/somewhere"}"#).unwrap(),
            force: true,
            adopt: false,
        };
        let added = SourceAdd::run(&self.app, &context(), source).unwrap();
        let request = PlanSetRequest {
            plan: None,
            name: name.to_owned(),
            sources: vec![added.name],
            vaults: Vec::new(),
            spec,
            enabled: None,
            dry_run: false,
        };
        PlanSet::run(&self.app, &context(), request).unwrap();
    }

    /// Ends what has taken its time.
    fn finish(&mut self, stage: &Floor, chance: &mut SmallRng) {
        let now = self.now();
        let mut running = stage.running.lock().unwrap();
        running.retain(|one| {
            let slot = one.slot.clone().unwrap();
            let key = (one.plan.clone(), slot.due);
            let end = *self
                .ends
                .entry(key)
                .or_insert_with(|| now + TimeDelta::seconds(chance.random_range(5..900)));
            if end > now {
                return true;
            }
            let task = one.task.unwrap().name().to_owned();
            let outcome = if chance.random_bool(0.02) {
                SlotOutcome::Failed
            } else {
                SlotOutcome::Complete
            };
            let state = self.journal.tasks().get(&one.plan, &task).unwrap().unwrap();
            let done = self.journal.schedule_end(&StepEnd {
                task: state,
                slot: SlotKey {
                    plan: one.plan.clone(),
                    task,
                    epoch: slot.epoch,
                    due: slot.due,
                },
                fate: SlotFate::End(SlotEnd {
                    outcome,
                    run: None,
                    code: None,
                    message: None,
                }),
                now,
            });
            assert!(done.unwrap(), "nobody else writes");
            false
        });
    }

    fn lead(&self) -> Lead {
        match Lead::take(&self.home, "test", self.now()).unwrap() {
            Leading::Here(lead) => lead,
            Leading::Elsewhere(holder) => panic!("led by {holder}"),
        }
    }
}

fn plan(schedule: Schedule, change: impl FnOnce(&mut PlanSpec)) -> PlanSpec {
    let mut spec = PlanSpec {
        timetable: Timetable {
            schedule,
            zone: "Europe/Copenhagen".to_owned(),
            jitter_minutes: 0,
        },
        ..PlanSpec::default()
    };
    change(&mut spec);
    spec
}

fn cron(line: &str) -> Schedule {
    Schedule::Cron {
        expression: line.to_owned(),
    }
}

/// What the year does to the computer, besides letting it work.
fn happening(world: &mut World, chance: &mut SmallRng) -> Option<&'static str> {
    match chance.random_range(0..1000) {
        0..6 => {
            world.pass(TimeDelta::minutes(chance.random_range(5..500)), false);
            Some("slept")
        }
        6..8 => {
            world.pass(TimeDelta::minutes(chance.random_range(2..900)), false);
            world.boot += 1;
            world.awake = Duration::from_secs(30);
            world.on = Duration::from_secs(30);
            Some("off")
        }
        8..18 => Some("crash"),
        18..28 => {
            let mut battery = world.battery.lock().unwrap();
            *battery = !*battery;
            None
        }
        28..30 => {
            let until = world.now() + TimeDelta::minutes(chance.random_range(10..600));
            let pause = PlanPauseRequest {
                plan: None,
                until: Some(until),
            };
            PlanPause::run(&world.app, &context(), pause).unwrap();
            None
        }
        _ => None,
    }
}

fn live(days: i64, seed: u64) -> (World, Floor, HashMap<&'static str, u32>, tempfile::TempDir) {
    // Memory is a disk that needs no waiting; where there is none, the usual place does.
    let base = Path::new("/dev/shm");
    let dir = if base.is_dir() {
        tempfile::tempdir_in(base)
    } else {
        tempfile::tempdir()
    }
    .unwrap();
    let start: Time = "2026-01-01T00:00:10Z".parse().unwrap();
    let mut world = World::new(dir.path(), start);
    world.add("hourly", plan(cron("0 * * * *"), |_| {}));
    world.add("nightly", plan(cron("30 2 * * *"), |_| {}));
    world.add(
        "half-hourly",
        plan(Schedule::Minutes { every: 30 }, |spec| {
            spec.rules.battery = backstay_api::schedule::Moment::Run;
        }),
    );
    let mut chance = SmallRng::seed_from_u64(seed);
    let stage = Floor::default();
    let mut counts: HashMap<&'static str, u32> = HashMap::new();
    let mut lead = Some(world.lead());
    let mut agent = Agent::begin(&world.app, lead.as_ref().unwrap(), &world.tick());
    while world.now() - start < TimeDelta::days(days) {
        world.finish(&stage, &mut chance);
        let tick = world.tick();
        agent.step(&world.app, &stage, &tick).unwrap();
        let least = TimeDelta::seconds(60);
        // The real agent looks every minute; here only as often as something can happen, or a year takes hours.
        let next = world.ends.values().filter(|end| **end > world.now()).min().copied();
        let until = next.unwrap_or(world.now() + TimeDelta::hours(1)).max(world.now() + least);
        let half_hour = TimeDelta::minutes(30) - TimeDelta::seconds(world.now().timestamp() % 1800);
        world.pass((until - world.now()).min(half_hour).max(TimeDelta::seconds(1)), true);
        match happening(&mut world, &mut chance) {
            Some("crash" | "off") => {
                *counts.entry("died").or_default() += 1;
                stage.running.lock().unwrap().clear();
                drop(lead.take());
                world.pass(TimeDelta::minutes(chance.random_range(1..120)), true);
                lead = Some(world.lead());
                agent = Agent::begin(&world.app, lead.as_ref().unwrap(), &world.tick());
            }
            Some(what) => *counts.entry(what).or_default() += 1,
            None => {}
        }
    }
    // What runs at the end may end; what waits waits.
    *world.battery.lock().unwrap() = false;
    for _ in 0..40 {
        world.finish(&stage, &mut chance);
        let tick = world.tick();
        agent.step(&world.app, &stage, &tick).unwrap();
        world.pass(TimeDelta::minutes(1), true);
    }
    drop(lead);
    (world, stage, counts, dir)
}

/// Every slot of the timetable is in exactly one record.
fn judge(world: &World, name: &str, from: Time, until: Time) -> BTreeMap<String, u64> {
    let stored = world.journal.plans().get(name).unwrap();
    let spec: PlanSpec = serde_json::from_value(stored.spec.value().unwrap()).unwrap();
    let ready: Ready = spec.timetable.check("UTC").unwrap();
    let records = world.journal.slots().since(&stored.id, Some("backup"), from, until).unwrap();
    let wanted = ready.slots(from, until, usize::MAX).list;
    let mut fates: BTreeMap<String, u64> = BTreeMap::new();
    for slot in &wanted {
        let mine: Vec<_> = records
            .iter()
            .filter(|record| record.first <= *slot && *slot <= record.last)
            .collect();
        assert_eq!(mine.len(), 1, "{name}: {slot} has {} records: {mine:#?}", mine.len());
        let record = mine[0];
        if matches!(
            record.outcome,
            SlotOutcome::Covered | SlotOutcome::Skipped | SlotOutcome::Waiting
        ) {
            assert!(record.reason.is_some(), "{name}: {slot} did not run, and nobody says why");
        }
        let why = record.reason.as_deref().filter(|_| record.outcome != SlotOutcome::Complete);
        *fates
            .entry(format!("{:?} {}", record.outcome, why.unwrap_or_default()))
            .or_default() += 1;
    }
    let counted: u64 = records.iter().map(|record| record.count).sum();
    assert_eq!(counted, wanted.len() as u64, "{name}: records of moments that never were");
    fates
}

/// The same slot is begun again only after the process that had it died.
fn begun_once(stage: &Floor, deaths: u32) {
    let mut times: HashMap<(String, Time, u32), u32> = HashMap::new();
    for one in stage.begun.lock().unwrap().iter() {
        let slot = one.slot.clone().unwrap();
        *times.entry((one.plan.clone(), slot.due, slot.epoch)).or_default() += 1;
    }
    let again: u32 = times.values().map(|count| count - 1).sum();
    assert!(again <= deaths * 3, "{again} slots were begun again after {deaths} deaths");
}

#[test]
fn a_year_leaves_no_moment_without_a_record() {
    let days = if std::env::var_os("BACKSTAY_SOAK").is_some() {
        365 * 3
    } else {
        365
    };
    let (world, stage, counts, _dir) = live(days, 7);
    println!("{counts:?}");
    assert!(
        counts["slept"] > 50 && counts["died"] > 50,
        "the year was too quiet: {counts:?}"
    );
    let from: Time = "2026-01-01T00:00:10Z".parse().unwrap();
    let until = world.now() - TimeDelta::minutes(1);
    for name in ["hourly", "nightly", "half-hourly"] {
        let fates = judge(&world, name, from, until);
        println!("{name}: {fates:?}");
        let ran = fates.get("Complete ").copied().unwrap_or(0);
        let all: u64 = fates.values().sum();
        assert!(ran * 5 > all, "{name}: {fates:?}");
    }
    begun_once(&stage, counts["died"]);
}

#[test]
fn the_proof_tells_of_a_clock_that_was_set_back() {
    let dir = tempfile::tempdir().unwrap();
    let start: Time = "2026-03-01T00:00:10Z".parse().unwrap();
    let mut world = World::new(dir.path(), start);
    world.add("hourly", plan(cron("0 * * * *"), |_| {}));
    let (stage, mut chance) = (Floor::default(), SmallRng::seed_from_u64(1));
    let lead = world.lead();
    let mut agent = Agent::begin(&world.app, &lead, &world.tick());
    let mut go = |world: &mut World, hours: i64| {
        for _ in 0..hours * 4 {
            world.pass(TimeDelta::minutes(15), true);
            agent.step(&world.app, &stage, &world.tick()).unwrap();
            world.pass(TimeDelta::minutes(0), true);
            let ends: Vec<_> = world.ends.keys().cloned().collect();
            for key in ends {
                world.ends.insert(key, world.now());
            }
            world.finish(&stage, &mut chance);
        }
    };
    go(&mut world, 5);
    // A year ahead by mistake, and back again: backups go on at once by the clock that is right.
    *world.wall.0.lock().unwrap() += TimeDelta::days(365);
    go(&mut world, 2);
    *world.wall.0.lock().unwrap() -= TimeDelta::days(365);
    let back = world.now();
    go(&mut world, 6);
    let after = stage
        .begun
        .lock()
        .unwrap()
        .iter()
        .filter(|one| {
            one.slot
                .as_ref()
                .is_some_and(|slot| slot.due > back && slot.due <= world.now())
        })
        .count();
    assert!(after >= 5, "only {after} backups in six hours after the clock was set right");
    let request = ProofRequest {
        plan: "hourly".to_owned(),
        task: None,
        source: None,
        since: Some(start),
    };
    let proof = Proof::run(&world.app, &context(), request).unwrap();
    assert!(proof.slots.iter().any(|slot| slot.state == SlotState::NotYet));
    assert!(proof.kept > 0 && proof.moments >= proof.kept, "{proof:?}");
}

#[test]
fn what_waits_when_a_plan_is_changed_is_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let start: Time = "2026-03-01T00:00:10Z".parse().unwrap();
    let mut world = World::new(dir.path(), start);
    world.add("hourly", plan(cron("0 * * * *"), |_| {}));
    let stage = Floor::default();
    let lead = world.lead();
    let mut agent = Agent::begin(&world.app, &lead, &world.tick());
    let change = |world: &World, schedule: Schedule| {
        let request = PlanSetRequest {
            plan: Some("hourly".to_owned()),
            name: "hourly".to_owned(),
            sources: vec!["source of hourly".to_owned()],
            vaults: Vec::new(),
            spec: plan(schedule, |_| {}),
            enabled: None,
            dry_run: false,
        };
        PlanSet::run(&world.app, &context(), request).unwrap();
    };
    let waiting = |world: &World| {
        let all = world.journal.slots().waiting().unwrap();
        all.into_iter().map(|slot| slot.first).collect::<Vec<_>>()
    };
    let mut look = |world: &mut World, minutes: i64| {
        world.pass(TimeDelta::minutes(minutes), true);
        agent.step(&world.app, &stage, &world.tick()).unwrap();
        agent.step(&world.app, &stage, &world.tick()).unwrap();
    };
    look(&mut world, 1);
    *world.battery.lock().unwrap() = true;
    look(&mut world, 60);
    let due: Time = "2026-03-01T01:00:00Z".parse().unwrap();
    assert_eq!(waiting(&world), [due], "it waits for mains power");
    change(&world, cron("30 4 * * *"));
    look(&mut world, 1);
    assert_eq!(waiting(&world), [due], "and goes on waiting under the new timetable");
    *world.battery.lock().unwrap() = false;
    look(&mut world, 1);
    assert!(waiting(&world).is_empty(), "nothing waits with mains power");
    let begun = |stage: &Floor| {
        stage
            .begun
            .lock()
            .unwrap()
            .iter()
            .filter(|one| one.slot.as_ref().unwrap().due == due)
            .count()
    };
    assert_eq!(begun(&stage), 1);
    // And one that waits when everything is switched off is written down as left out.
    stage.running.lock().unwrap().clear();
    *world.battery.lock().unwrap() = true;
    look(&mut world, 5 * 60);
    assert_eq!(waiting(&world).len(), 1);
    change(&world, Schedule::Manual);
    assert!(waiting(&world).is_empty());
    let stored = world.journal.plans().get("hourly").unwrap();
    let newest = world.journal.slots().newest(&stored.id, "backup", 1).unwrap().remove(0);
    assert_eq!(
        (newest.outcome, newest.reason.as_deref()),
        (SlotOutcome::Skipped, Some("superseded"))
    );
}
