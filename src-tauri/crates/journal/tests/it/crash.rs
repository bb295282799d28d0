//! A process killed while it writes: whatever it was told is kept is kept, nothing is half.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use backstay_journal::{AuditEntry, Event, EventLevel, Home, Journal, Owner, StepFilter, StepIntent, StepPhase, StepResult};
use backstay_model::{ErrorKind, RunKind, StepAction, StepState, Subject};

use crate::restores::plan;
use crate::{at, case, child, new_run};

/// Steps of a batch: an interrupted one must leave all or none of them.
const BATCH: u64 = 7;

/// Started by the test below: works without end, and says after every step what is done.
#[test]
fn worker() {
    let Some(home) = case("crash::worker") else { return };
    let home = Home::create(home).unwrap();
    let owner = Owner::wait(&home, "worker", at(0), Duration::from_secs(10)).unwrap();
    let journal = Journal::open(&home).unwrap();
    journal.runs().close_interrupted(&owner, at(1)).unwrap();
    let run = journal.runs().begin(&owner, &new_run(RunKind::Restore), at(1)).unwrap().id;
    journal.restores().begin(&run, &plan(u64::from(u32::MAX))).unwrap();
    println!("\nRUN {run}");
    for batch in 0_u64.. {
        let range = batch * BATCH..(batch + 1) * BATCH;
        let subject = |index| Subject::File {
            path: format!("{index}"),
        };
        let intent = |index| StepIntent {
            index,
            subject: subject(index),
            action: StepAction::Create,
            before: None,
        };
        journal
            .restores()
            .intents(&run, &range.clone().map(intent).collect::<Vec<_>>())
            .unwrap();
        println!("INTENT {batch}");
        let done = |index| StepResult {
            index,
            state: StepState::Done { new_id: None },
            after: None,
        };
        journal
            .restores()
            .results(&run, &range.map(done).collect::<Vec<_>>())
            .unwrap();
        println!("DONE {batch}");
        let event = Event {
            at: at(2),
            level: EventLevel::Info,
            message: format!("batch {batch}"),
        };
        journal.runs().add_events(&run, &[event]).unwrap();
        let text = || "x".to_owned();
        let entry = AuditEntry {
            time: at(2),
            actor: text(),
            program: text(),
            action: text(),
            object: text(),
            detail: batch.into(),
        };
        println!("AUDIT {}", journal.audit().add(&entry).unwrap());
    }
}

#[test]
fn killed_while_writing() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(dir.path()).unwrap();
    let (mut steps, mut doubtful, mut heads) = (0, 0, Vec::new());
    for kill in 0..15_u64 {
        let mut process = child("crash::worker", dir.path().to_str().unwrap())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let run = lines
            .find_map(|line| Some(line.split_once("RUN ")?.1.to_owned()))
            .expect("it began");
        std::thread::sleep(Duration::from_micros(5_000 + kill * 3_700));
        process.kill().unwrap();
        process.wait().unwrap();
        let said: Vec<String> = lines.collect();
        let last = |word: &str| {
            said.iter()
                .rev()
                .find_map(|line| Some(line.strip_prefix(word)?.trim().to_owned()))
        };
        let batches = |word: &str| last(word).map_or(0, |text| text.parse::<u64>().unwrap() + 1);
        heads.extend(last("AUDIT").map(|head| head.parse().unwrap()));

        let journal = Journal::open(&home).unwrap();
        journal.check().unwrap();
        let head = journal.audit().verify_against(&heads).unwrap();
        // Several kills in a row may each have cut off only the saying of what was kept.
        assert!(
            heads.last().is_none_or(|known| known.seq <= head.seq),
            "{head} after {heads:?}"
        );
        let counts = journal.restores().counts(&run).unwrap();
        let recorded = counts.intent + counts.done;
        assert_eq!((recorded % BATCH, counts.intent % BATCH), (0, 0), "batches are whole");
        assert!(
            recorded >= batches("INTENT") * BATCH && counts.done >= batches("DONE") * BATCH,
            "{counts:?} {said:?}"
        );
        assert!(counts.intent <= BATCH);
        let in_doubt = StepFilter {
            phases: vec![StepPhase::Intent],
        };
        assert_eq!(
            journal.restores().steps(&run, &in_doubt, None, 100).unwrap().rows.len() as u64,
            counts.intent
        );
        steps += counts.done;
        doubtful += counts.intent;

        let owner = Owner::wait(&home, "next", at(3), Duration::from_secs(10)).unwrap();
        let closed = journal.runs().close_interrupted(&owner, at(3)).unwrap();
        assert_eq!(closed.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), [run.as_str()]);
        assert_eq!(closed[0].reason.as_ref().unwrap().kind, ErrorKind::Interrupted);
        assert_eq!(journal.restores().resume(&owner, &run, at(4)).unwrap().attempts, 2);
    }
    assert!(steps > 0, "they were killed while working");
    println!("{steps} steps done, {doubtful} in doubt");
}
