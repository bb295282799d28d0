//! The crate through its public surface, with child processes where processes matter.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod audit;
mod audit_filter;
mod catalog;
mod crash;
mod drills;
mod faults;
mod holds;
mod messages;
mod migrate;
mod owner;
mod plans;
mod races;
mod replications;
mod restores;
mod runs;
mod scale;
mod slots;
mod standing;
mod watch;

use backstay_journal::{
    Claim, Home, Journal, Named, NewPlan, NewRun, NewSource, NewVault, Owner, Ownership, Plan, RunEnd, SlotKey,
};
use backstay_model::{RawJson, RunKind, Verdict};
use chrono::{DateTime, TimeDelta, Utc};

/// A home directory with an open journal.
pub struct Place {
    pub dir: tempfile::TempDir,
    pub home: Home,
    pub journal: Journal,
}

impl Place {
    pub fn make() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(dir.path().join("home")).unwrap();
        let journal = Journal::open(&home).unwrap();
        Self { dir, home, journal }
    }

    pub fn own(&self) -> Owner {
        match Owner::try_own(&self.home, "test 1.0", at(0)).unwrap() {
            Ownership::Owned(owner) => owner,
            Ownership::HeldBy(holder) => panic!("held by {holder}"),
        }
    }

    /// Complete backups into the vault `v`, written past the journal: one transaction each would take minutes.
    pub fn bulk(&self, sources: &[String], runs: usize) {
        let mut db = rusqlite::Connection::open(self.home.database()).unwrap();
        let fill = db.transaction().unwrap();
        for n in 0..runs {
            let (source, time) = (&sources[n % sources.len()], at(n as i64).timestamp_micros());
            fill.prepare_cached(
                "INSERT INTO runs (id, kind, source_id, source_name, vault_id, vault_name, snapshot, started, finished, verdict, owner, pid, \
                 program) VALUES (?1, 'backup', ?2, ?2, 'v', 'v', ?1, ?3, ?3, 'complete', 'o', 1, 'test')",
            )
            .unwrap()
            .execute((format!("0193e0a1-7a7b-7c6d-8e9f-{n:012x}"), source, time))
            .unwrap();
        }
        fill.commit().unwrap();
    }

    /// A plan with these sources, made where they are missing.
    pub fn plan(&self, name: &str, sources: &[&str]) -> Plan {
        for source in sources {
            if self.journal.sources().get(source).is_err() {
                self.journal.sources().add(&new_source(source), at(0)).unwrap();
            }
        }
        let new = NewPlan {
            sources: sources.iter().map(|name| (*name).to_owned()).collect(),
            ..new_plan(name)
        };
        self.journal.plans().add(&new, at(0)).unwrap()
    }

    pub fn begin(&self, owner: &Owner, kind: RunKind, second: i64) -> String {
        self.journal.runs().begin(owner, &new_run(kind), at(second)).unwrap().id
    }
}

/// A fixed moment and seconds after it.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 123_456_000).unwrap() + TimeDelta::seconds(seconds)
}

pub fn named(id: &str, name: &str) -> Option<Named> {
    Some(Named {
        id: id.to_owned(),
        name: name.to_owned(),
    })
}

pub fn new_run(kind: RunKind) -> NewRun {
    NewRun {
        kind,
        source: named("s-1", "Notes"),
        vault: named("v-1", "Disk"),
        snapshot: None,
        plan: None,
    }
}

pub fn end(verdict: Verdict, second: i64) -> RunEnd {
    RunEnd {
        finished: at(second),
        verdict,
        reason: None,
        counters: Default::default(),
        snapshot: None,
    }
}

pub fn new_source(name: &str) -> NewSource {
    let config = RawJson::parse(br#"{"path":"/data","big":12345678901234567890123}"#).unwrap();
    NewSource {
        name: name.to_owned(),
        kind: "sqlite".to_owned(),
        config,
        instance_id: None,
        user_id: Some("u".to_owned()),
    }
}

pub fn new_plan(name: &str) -> NewPlan {
    NewPlan {
        name: name.to_owned(),
        spec: json(r#"{"every":6,"big":12345678901234567890123}"#),
        sources: Vec::new(),
        vaults: Vec::new(),
    }
}

pub fn new_vault(name: &str) -> NewVault {
    NewVault {
        name: name.to_owned(),
        place: format!("/mnt/{name}"),
        repository_id: "ab".repeat(32),
    }
}

pub fn json(text: &str) -> RawJson {
    RawJson::parse(text.as_bytes()).unwrap()
}

/// The slot of a plan's backups that is due so many seconds after the fixed moment.
pub fn slot_of(plan: &Plan, second: i64) -> SlotKey {
    SlotKey {
        plan: plan.id.clone(),
        task: "backup".to_owned(),
        epoch: 1,
        due: at(second),
    }
}

pub fn claim_by(owner: &str, slot: SlotKey) -> Claim {
    Claim {
        owner: owner.to_owned(),
        now: slot.due,
        slot,
        late: None,
    }
}

/// Runs one test function of this program as a process of its own, with its case in the environment.
pub fn child(test: &str, case: &str) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env("BACKSTAY_TEST_CASE", case);
    command
}

/// The case this process was started for, if it was started by [`child`] for `test`.
pub fn case(test: &str) -> Option<String> {
    let case = std::env::var("BACKSTAY_TEST_CASE").ok()?;
    std::env::args().any(|arg| arg == test).then_some(case)
}
