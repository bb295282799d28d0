//! Random histories of edits, backups, restores and undos against a plain model.

use std::collections::BTreeMap;

use backstay_model::{ConflictPolicy, StepAction, Subject};
use backstay_source_kit::MemorySource;
use backstay_vault::Snapshot;
use proptest::prelude::*;

use crate::bench::{Bench, Dump, json, steps};

#[derive(Debug, Clone)]
enum Act {
    Put(u8, u8, u8),
    Delete(u8, u8),
    Write(u8, u8),
    Remove(u8),
    Backup,
    Restore { at: usize, only: Vec<u8>, policy: u8 },
    Undo(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (0_u8..2, 0_u8..8, 0_u8..4).prop_map(|(c, id, v)| Act::Put(c, id, v)),
        2 => (0_u8..2, 0_u8..8).prop_map(|(c, id)| Act::Delete(c, id)),
        2 => (0_u8..5, 0_u8..4).prop_map(|(f, v)| Act::Write(f, v)),
        1 => (0_u8..5).prop_map(Act::Remove),
        2 => Just(Act::Backup),
        3 => (any::<usize>(), prop::collection::vec(0_u8..14, 0..4), 0_u8..5)
            .prop_map(|(at, only, policy)| Act::Restore { at, only, policy }),
        2 => any::<usize>().prop_map(Act::Undo),
    ];
    prop::collection::vec(act, 6..28)
}

/// Everything by name, without directories and empty collections.
type Model = BTreeMap<String, String>;

fn model(dump: &Dump) -> Model {
    let files = dump.files.iter().filter(|(_, what)| *what != "Directory");
    let files = files.map(|(path, text)| (format!("files/{path}"), text.clone()));
    dump.records.clone().into_iter().chain(files).collect()
}

/// The names a number stands for: a record, a collection, a file or a folder.
fn selected(number: u8, state: &Model) -> Option<String> {
    let name = match number {
        0..=7 => format!("c0/{number}"),
        8 => "c1".to_owned(),
        9..=12 => format!("files/d{}/f", number - 9),
        _ => "files/d0".to_owned(),
    };
    let there = |key: &String| *key == name || key.starts_with(&format!("{name}/"));
    state.keys().any(there).then_some(name)
}

fn covers(only: &[String], key: &str) -> bool {
    only.is_empty() || only.iter().any(|name| key == name || key.starts_with(&format!("{name}/")))
}

struct Story {
    bench: Bench,
    snapshots: Vec<(Snapshot, Model)>,
    /// Runs that can be undone, with what was there before and after.
    runs: Vec<(String, Model, Model)>,
}

impl Story {
    fn live(&self) -> Model {
        model(&Dump::of(&self.bench.live()))
    }

    fn act(&mut self, act: &Act) -> Result<(), TestCaseError> {
        let source = &self.bench.source;
        match act {
            Act::Put(c, id, v) => source.put(&format!("c{c}"), &id.to_string(), json(&v.to_string())),
            Act::Delete(c, id) => source.delete(&format!("c{c}"), &id.to_string()),
            Act::Write(f, v) => source.file(&format!("d{f}/f"), v.to_string()),
            Act::Remove(f) => source.remove_file(&format!("d{f}/f")),
            Act::Backup => {
                let done = self.bench.backup();
                prop_assert_eq!(model(&Dump::of(&self.bench.open(&done.snapshot))), self.live());
                self.snapshots.push((done.snapshot, self.live()));
            }
            Act::Restore { at, only, policy } => return self.restore(*at, only, *policy),
            Act::Undo(at) => return self.undo(*at),
        }
        Ok(())
    }

    fn restore(&mut self, at: usize, only: &[u8], policy: u8) -> Result<(), TestCaseError> {
        if self.snapshots.is_empty() {
            return Ok(());
        }
        let (snapshot, then) = self.snapshots[at % self.snapshots.len()].clone();
        let wanted: Vec<_> = only.iter().filter_map(|n| selected(*n, &then)).collect();
        if wanted.is_empty() && !only.is_empty() {
            return Ok(());
        }
        let policy = [
            ConflictPolicy::Skip,
            ConflictPolicy::Local,
            ConflictPolicy::Remote,
            ConflictPolicy::Both,
            ConflictPolicy::Remote,
        ][usize::from(policy)];
        let newest = self.snapshots.last().map(|(_, state)| state.clone()).unwrap_or_default();
        let before = self.live();
        let only: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let done = self.bench.restore(&snapshot, &only, policy);
        prop_assert_eq!(done.back.score(), 100.0, "{:?}", done.back.differences);
        prop_assert!(done.done.gaps.is_empty(), "{:?}", done.done.gaps);
        let after = self.live();
        for (key, text) in &before {
            if !covers(&wanted, key) || !then.contains_key(key) {
                prop_assert_eq!(after.get(key), Some(text), "not selected or not in the backup: {}", key);
            }
        }
        for (key, text) in then.iter().filter(|(key, _)| covers(&wanted, key)) {
            let moved = before.get(key).is_some_and(|live| newest.get(key) != Some(live));
            let expected = match before.get(key) {
                Some(live) if live != text && moved && policy != ConflictPolicy::Remote => live,
                _ => text,
            };
            prop_assert_eq!(after.get(key), Some(expected), "{}", key);
        }
        let added = after
            .keys()
            .filter(|key| !before.contains_key(*key) && !then.contains_key(*key));
        let copies = steps(&done.plan).iter().filter(|s| s.action == StepAction::KeepBoth).count();
        prop_assert_eq!(added.count(), copies, "only copies are new");
        self.runs.push((done.run, before, after));
        Ok(())
    }

    fn undo(&mut self, at: usize) -> Result<(), TestCaseError> {
        if self.runs.is_empty() {
            return Ok(());
        }
        let (run, before, after) = self.runs.swap_remove(at % self.runs.len());
        let live = self.live();
        let undone = self.bench.undo(&run, ConflictPolicy::Skip);
        prop_assert_eq!(undone.back.score(), 100.0, "{:?}", undone.back.differences);
        prop_assert!(undone.done.gaps.is_empty(), "{:?}", undone.done.gaps);
        let now = self.live();
        let named: Vec<String> = steps(&undone.plan)
            .iter()
            .filter(|step| step.action == StepAction::Skip)
            .map(|step| match &step.subject {
                Subject::Record { collection, id } => format!("{collection}/{id}"),
                Subject::File { path } => format!("files/{path}"),
            })
            .collect();
        for key in before.keys().chain(after.keys()).chain(live.keys()) {
            let restored = before.get(key) != after.get(key);
            let foreign = live.get(key) != after.get(key);
            let expected = match (restored, foreign) {
                (false, _) => live.get(key),
                (true, false) => before.get(key),
                // Deleted since: what the restore overwrote comes back, what it created stays gone.
                (true, true) if !live.contains_key(key) => before.get(key),
                (true, true) => {
                    let same = live.get(key) == before.get(key);
                    prop_assert!(same || named.contains(key), "{} was changed since and is not named", key);
                    live.get(key)
                }
            };
            prop_assert_eq!(now.get(key), expected, "{}", key);
        }
        self.runs.push((undone.run, live, now));
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn restores_do_what_was_asked_and_nothing_else(acts in acts(), kind in 0_u8..3) {
        let source = match kind {
            0 => MemorySource::default(),
            1 => MemorySource::with_feed(),
            _ => MemorySource::with_transactions(),
        };
        let mut story = Story { bench: Bench::with(source), snapshots: Vec::new(), runs: Vec::new() };
        for act in &acts {
            story.act(act)?;
        }
        for (snapshot, then) in &story.snapshots {
            prop_assert_eq!(&model(&Dump::of(&story.bench.open(snapshot))), then, "snapshots never change");
        }
    }
}
