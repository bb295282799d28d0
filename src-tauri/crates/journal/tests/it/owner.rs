//! One process at a time runs jobs; a dead one loses the right at once.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use backstay_journal::{Home, Journal, JournalError, NewRestore, Owner, Ownership, RunStatus};
use backstay_model::{ErrorKind, RunKind, Verdict};

use crate::{Place, at, case, child, new_run};

/// Started by tests below: owns the home directory, begins a restore, says so, and waits to be killed.
#[test]
fn holder() {
    let Some(home) = case("owner::holder") else { return };
    let home = Home::create(home).unwrap();
    let owner = Owner::wait(&home, "holder 2.0", at(5), Duration::ZERO).unwrap();
    let journal = Journal::open(&home).unwrap();
    let run = journal.runs().begin(&owner, &new_run(RunKind::Restore), at(5)).unwrap();
    let plan = NewRestore {
        plan_path: "p".to_owned(),
        plan_hash: "h".to_owned(),
        steps: 3,
        undoes: None,
    };
    journal.restores().begin(&run.id, &plan).unwrap();
    println!("HOLDING {}", run.id);
    std::thread::sleep(Duration::from_secs(60));
}

/// A process that owns the home directory, and the run it began.
fn start_holder(place: &Place) -> (std::process::Child, String) {
    let mut process = child("owner::holder", place.home.path().to_str().unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let run = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("HOLDING ")?.1.to_owned()));
    (process, run.expect("the holder began its run"))
}

#[test]
fn a_second_process_is_told_who_holds_it_and_takes_over_after_a_crash() {
    let place = Place::make();
    assert_eq!(Owner::holder(&place.home).unwrap(), None);
    let (mut process, run) = start_holder(&place);
    let Ownership::HeldBy(holder) = Owner::try_own(&place.home, "second", at(9)).unwrap() else {
        panic!("owned twice")
    };
    let info = holder.process.clone().unwrap();
    assert_eq!(
        (info.pid, info.program.as_str(), holder.since),
        (process.id(), "holder 2.0", Some(at(5)))
    );
    assert_eq!(Owner::holder(&place.home).unwrap(), Some(holder));
    assert_eq!(place.journal.runs().get(&run).unwrap().status(), RunStatus::Running);
    let start = Instant::now();
    let error = Owner::wait(&place.home, "second", at(9), Duration::from_millis(200)).unwrap_err();
    assert!(
        matches!(error, JournalError::Owned { .. }) && error.to_string().contains("holder 2.0"),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert!(start.elapsed() >= Duration::from_millis(200));

    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(
        place.journal.runs().get(&run).unwrap().status(),
        RunStatus::Abandoned,
        "a reader sees it too"
    );
    let owner = Owner::wait(&place.home, "second", at(20), Duration::from_secs(5)).unwrap();
    let closed = place.journal.runs().close_interrupted(&owner, at(20)).unwrap();
    assert_eq!(closed.len(), 1);
    let reason = closed[0].reason.as_ref().unwrap();
    assert_eq!(
        (closed[0].id.as_str(), closed[0].verdict, reason.kind),
        (run.as_str(), Some(Verdict::Failed), ErrorKind::Interrupted)
    );
    assert!(reason.message.contains("holder 2.0"), "{}", reason.message);
    assert_eq!(closed[0].finished, Some(at(20)));

    // A restore among them goes on under the new process.
    let waiting = place.journal.restores().resumable().unwrap();
    assert_eq!(
        waiting.iter().map(|restore| restore.run.id.as_str()).collect::<Vec<_>>(),
        [run.as_str()]
    );
    let resumed = place.journal.restores().resume(&owner, &run, at(21)).unwrap();
    assert_eq!(
        (resumed.attempts, resumed.run.verdict, resumed.run.process.pid),
        (2, None, std::process::id())
    );
    assert!(
        place.journal.runs().close_interrupted(&owner, at(22)).unwrap().is_empty(),
        "its own runs are not interrupted"
    );
}

#[test]
fn a_clock_set_back_does_not_end_a_run_before_it_began() {
    let place = Place::make();
    let owner = place.own();
    let run = place.begin(&owner, RunKind::Backup, 100);
    drop(owner);
    let owner = place.own();
    let closed = place.journal.runs().close_interrupted(&owner, at(-1000)).unwrap();
    assert_eq!((closed[0].id.as_str(), closed[0].finished), (run.as_str(), Some(at(100))));
}

#[test]
fn two_owners_of_one_process_are_one_too_many() {
    let place = Place::make();
    let owner = place.own();
    assert!(matches!(
        Owner::try_own(&place.home, "again", at(1)).unwrap(),
        Ownership::HeldBy(_)
    ));
    drop(owner);
    let waits = std::thread::scope(|scope| {
        let first = place.own();
        let waiting = scope.spawn(|| Owner::wait(&place.home, "waits", at(2), Duration::from_secs(10)).map(drop));
        std::thread::sleep(Duration::from_millis(120));
        assert!(!waiting.is_finished());
        drop(first);
        waiting.join().unwrap()
    });
    waits.unwrap();
}

/// Started by the test below: tries to own, and holds what it got for a moment.
#[test]
fn racer() {
    let Some(home) = case("owner::racer") else { return };
    let home = Home::create(home).unwrap();
    match Owner::try_own(&home, "racer", at(0)).unwrap() {
        Ownership::Owned(owner) => {
            let journal = Journal::open(&home).unwrap();
            let open = journal
                .runs()
                .list(
                    &backstay_journal::RunFilter {
                        open: true,
                        ..Default::default()
                    },
                    None,
                    10,
                )
                .unwrap();
            let run = journal.runs().begin(&owner, &new_run(RunKind::Backup), at(0)).unwrap();
            std::thread::sleep(Duration::from_millis(700));
            journal.runs().finish(&run.id, &crate::end(Verdict::Complete, 1)).unwrap();
            println!("WON beside {}", open.rows.len());
        }
        Ownership::HeldBy(_) => println!("LOST"),
    }
}

#[test]
fn of_many_processes_started_at_once_one_wins() {
    let dir = tempfile::tempdir().unwrap();
    // Nothing exists yet: they race for making the database, too.
    let home = dir.path().join("home");
    let racers: Vec<_> = (0..4)
        .map(|_| {
            child("owner::racer", home.to_str().unwrap())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let said: Vec<String> = racers
        .into_iter()
        .map(|racer| {
            let out = racer.wait_with_output().unwrap();
            assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
            String::from_utf8_lossy(&out.stdout).into_owned()
        })
        .collect();
    let count = |text: &str| said.iter().filter(|out| out.contains(text)).count();
    assert_eq!(count("WON") + count("LOST"), 4, "{said:?}");
    assert_eq!(count("WON beside 0"), count("WON"), "never two at once: {said:?}");
    assert!(count("WON") >= 1, "{said:?}");
}

#[test]
fn many_openings_at_the_very_same_moment() {
    for _ in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(dir.path()).unwrap();
        let together = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            let open = || {
                together.wait();
                Journal::open(&home).map(drop)
            };
            let opened: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            for thread in opened {
                thread.join().unwrap().unwrap();
            }
        });
    }
}

/// Started by the test below: opens the database and adds a source.
#[test]
fn opener() {
    let Some(case) = case("owner::opener") else { return };
    let (number, home) = case.split_once(':').unwrap();
    let journal = Journal::open(&Home::create(home).unwrap()).unwrap();
    journal
        .sources()
        .add(&crate::new_source(&format!("s{number}")), at(0))
        .unwrap();
}

#[test]
fn many_processes_make_one_database() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let openers: Vec<_> = (0..6)
        .map(|number| {
            let case = format!("{number}:{}", home.display());
            child("owner::opener", &case)
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for opener in openers {
        let out = opener.wait_with_output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
    let journal = Journal::open(&Home::create(home).unwrap()).unwrap();
    assert_eq!(journal.sources().list().unwrap().len(), 6);
    journal.check().unwrap();
}
