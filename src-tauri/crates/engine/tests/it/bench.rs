//! What the tests share: one source, one vault, one journal, and the steps a person takes with them.

use std::{
    collections::{BTreeMap, HashMap},
    io::Read as _,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use backstay_engine::{
    Clock, Job, Result, Silent, State,
    backup::{BackupDone, BackupInput, backup},
    restore::{
        PerformInput, Performed, PlanFile, PlanInput, PlanTotals, PlanWriter, ReadBack, ReadBackInput, SafetyInput, UndoInput,
        make_plan, perform, pick_with, plan_undo, read_back, save_touched,
    },
    snapshot::open_snapshot,
};
use backstay_journal::{Home, Journal, NewRestore, NewRun, Owner, RunEnd, UndoRef};
use backstay_model::{
    ConflictPolicy, ErrorKind, FileKind, PlanHeader, PlanStep, RawJson, Record, RunKind, Selection, SnapshotMeta, Subject,
    TargetSpec, Verdict,
};
use backstay_source::{
    Cancel, Connector, FileView, OptionSpec, RecordView, Secrets, Selector, Source, SourceConfig, SourceError,
};
use backstay_source_kit::MemorySource;
use backstay_vault::{CreateOptions, KeyCost, Snapshot, Vault, place::MemoryPlace};
use chrono::{DateTime, Utc};

/// A clock that goes on by a second each time it is looked at.
#[derive(Default)]
pub struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + self.0.fetch_add(1, Ordering::Relaxed), 0).unwrap()
    }
}

/// The kind of the memory source.
pub struct InMemory;

impl Connector for InMemory {
    fn kind(&self) -> &'static str {
        "memory"
    }
    fn title(&self) -> &'static str {
        "Memory"
    }
    fn summary(&self) -> &'static str {
        "Things a test made up"
    }
    fn options(&self) -> &'static [OptionSpec] {
        &[]
    }
    fn version(&self) -> u32 {
        1
    }
    /// Records whose text has the question in it; `?` is no question.
    fn selector(&self, text: &str) -> backstay_source::Result<Box<dyn Selector>> {
        match text {
            "?" => Err(SourceError::new(ErrorKind::Usage, text, "is no question")),
            text => Ok(Box::new(Contains(text.to_owned()))),
        }
    }
    fn open(&self, _: &SourceConfig, _: &dyn Secrets) -> backstay_source::Result<Arc<dyn Source>> {
        Ok(Arc::new(MemorySource::default()))
    }
    fn stored_records(&self, _: Arc<dyn FileView>, _: &SnapshotMeta) -> backstay_source::Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
}

struct Contains(String);

impl Selector for Contains {
    fn matches(&self, record: &Record) -> backstay_source::Result<bool> {
        Ok(String::from_utf8_lossy(record.data.as_bytes()).contains(&self.0))
    }
}

/// One source, one vault, one journal.
pub struct Bench {
    pub source: MemorySource,
    pub place: Arc<MemoryPlace>,
    pub vault: Vault,
    pub journal: Journal,
    pub owner: Owner,
    pub cancel: Cancel,
    pub connector: Arc<dyn Connector>,
    clock: Ticking,
    pub dir: tempfile::TempDir,
}

/// A restore (or undo) that ran.
pub struct Restored {
    pub run: String,
    pub plan: PlanFile,
    pub done: Performed,
    pub back: ReadBack,
}

pub fn memory_vault() -> (Arc<MemoryPlace>, Vault) {
    let place = Arc::new(MemoryPlace::default());
    let cheap = CreateOptions {
        cost: KeyCost::Cheap,
        ..CreateOptions::default()
    };
    let vault = Vault::create(place.clone(), "a test password", &cheap).unwrap();
    (place, vault)
}

impl Bench {
    pub fn new() -> Self {
        Self::with(MemorySource::default())
    }

    pub fn with(source: MemorySource) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(dir.path().join("home")).unwrap();
        let journal = Journal::open(&home).unwrap();
        let clock = Ticking::default();
        let owner = Owner::wait(&home, "test", clock.now(), std::time::Duration::ZERO).unwrap();
        let (place, vault) = memory_vault();
        Self {
            source,
            place,
            vault,
            journal,
            owner,
            cancel: Cancel::default(),
            connector: Arc::new(InMemory),
            clock,
            dir,
        }
    }

    pub fn job(&self) -> Job<'_> {
        Job {
            cancel: &self.cancel,
            clock: &self.clock,
            reporter: &Silent,
        }
    }

    pub fn backup(&self) -> BackupDone {
        self.backup_of(&self.source, &self.vault).unwrap()
    }

    pub fn backup_of(&self, source: &dyn Source, vault: &Vault) -> Result<BackupDone> {
        let input = BackupInput {
            source,
            connector: &self.connector,
            source_id: "s-1",
            source_name: "Notes",
            vault,
            tags: &["by-hand".to_owned()],
            audit_head: Some("00ff".to_owned()),
        };
        backup(&input, &self.job())
    }

    /// Opens a snapshot.
    pub fn open(&self, snapshot: &Snapshot) -> State {
        self.try_open(snapshot).unwrap()
    }

    pub fn try_open(&self, snapshot: &Snapshot) -> Result<State> {
        let reader = self.vault.reader()?;
        open_snapshot(&reader, snapshot, &|kind| (kind == "memory").then(|| self.connector.clone()))
    }

    /// The source as it is.
    pub fn live(&self) -> State {
        State::live(&self.source, &self.cancel).unwrap()
    }

    /// Plans a restore in place, with the newest backup as base.
    pub fn plan(&self, from: &Snapshot, only: &[&str], policy: ConflictPolicy) -> PlanFile {
        self.plan_decided(from, only, policy, &HashMap::new())
    }

    pub fn plan_decided(
        &self,
        from: &Snapshot,
        only: &[&str],
        policy: ConflictPolicy,
        decided: &HashMap<Subject, ConflictPolicy>,
    ) -> PlanFile {
        let all = self.vault.snapshots().unwrap();
        let newest = backstay_engine::backup::snapshots_of(&all, "s-1").next_back().unwrap();
        let base = self.open(newest);
        self.plan_at(from, only, policy, decided, &self.source, Some(&base), TargetSpec::InPlace)
    }

    /// Plans a restore to another place.
    pub fn plan_elsewhere(&self, from: &Snapshot, only: &[&str], place: &str) -> (PlanFile, Arc<dyn Source>) {
        let spec = TargetSpec::New(place.to_owned());
        let target = self.source.at(&spec).unwrap();
        let plan = self.plan_at(from, only, ConflictPolicy::Skip, &HashMap::new(), &*target, None, spec);
        (plan, target)
    }

    #[allow(clippy::too_many_arguments, reason = "what a plan is made from")]
    fn plan_at(
        &self,
        from: &Snapshot,
        only: &[&str],
        policy: ConflictPolicy,
        decided: &HashMap<Subject, ConflictPolicy>,
        target: &dyn Source,
        base: Option<&State>,
        spec: TargetSpec,
    ) -> PlanFile {
        let selection = Selection {
            only: only.iter().map(|&o| o.to_owned()).collect(),
            ..Selection::default()
        };
        self.plan_selected(from, selection, policy, decided, target, base, spec)
            .unwrap()
    }

    #[allow(clippy::too_many_arguments, reason = "what a plan is made from")]
    pub fn plan_selected(
        &self,
        from: &Snapshot,
        selection: Selection,
        policy: ConflictPolicy,
        decided: &HashMap<Subject, ConflictPolicy>,
        target: &dyn Source,
        base: Option<&State>,
        spec: TargetSpec,
    ) -> Result<PlanFile> {
        let backup = self.open(from);
        let picked = pick_with(&backup, &selection, Some(&*self.connector))?;
        let mut out = self.plan_writer();
        let totals = make_plan(
            &PlanInput {
                backup: &backup,
                base,
                live: &State::live(target, &self.cancel).unwrap(),
                can: &target.capabilities(),
                picked: &picked,
                policy,
                decided,
            },
            &self.job(),
            &mut out,
        )?;
        out.finish(self.header(from, selection, spec, policy, totals))
    }

    pub fn plan_writer(&self) -> PlanWriter {
        PlanWriter::new(&self.dir.path().join("plans")).unwrap()
    }

    pub fn header(
        &self,
        from: &Snapshot,
        selection: Selection,
        target: TargetSpec,
        policy: ConflictPolicy,
        totals: PlanTotals,
    ) -> PlanHeader {
        let created = self.clock.now();
        PlanHeader {
            version: backstay_engine::restore::PLAN_VERSION,
            plan_id: format!("plan-{}", created.timestamp()),
            created,
            vault: "disk".to_owned(),
            bundle: None,
            snapshot: from.id.to_hex(),
            source: "Notes".to_owned(),
            selection,
            target,
            policy,
            options: std::collections::BTreeMap::new(),
            counts: totals.counts,
            bytes: totals.bytes,
        }
    }

    /// Begins the run of a plan and makes its safety copy.
    pub fn begin(&self, plan: &PlanFile, target: &dyn Source, kind: RunKind) -> String {
        self.try_begin(plan, target, kind, None).unwrap()
    }

    /// [`Bench::begin`], which fails when something cannot be saved; `undoes` is the run it takes back.
    pub fn try_begin(&self, plan: &PlanFile, target: &dyn Source, kind: RunKind, undoes: Option<&str>) -> Result<String> {
        let new = NewRun {
            kind,
            source: None,
            vault: None,
            snapshot: None,
            plan: None,
        };
        let run = self.journal.runs().begin(&self.owner, &new, self.clock.now()).unwrap().id;
        let begin = NewRestore {
            plan_path: plan.path.display().to_string(),
            plan_hash: plan.checksum().unwrap(),
            steps: plan.header.counts.writes(),
            undoes: undoes.map(ToOwned::to_owned),
        };
        self.journal.restores().begin(&run, &begin).unwrap();
        let input = SafetyInput {
            plan,
            live: &State::live(target, &self.cancel).unwrap(),
            vault: &self.vault,
            source_id: "s-1",
            source_name: "Notes",
            source_kind: "memory",
            connector_version: 1,
            run: &run,
        };
        if let Some(snapshot) = save_touched(&input, &self.job())? {
            let undo = UndoRef {
                vault: "disk".to_owned(),
                snapshot: snapshot.id.to_hex(),
            };
            self.journal.restores().set_undo(&run, &undo).unwrap();
        }
        Ok(run)
    }

    /// Writes a plan and reads it back.
    pub fn carry_out(
        &self,
        run: &str,
        plan: &PlanFile,
        backup: &State,
        target: &dyn Source,
        resumed: bool,
    ) -> Result<(Performed, ReadBack)> {
        let input = PerformInput {
            plan,
            backup,
            target,
            journal: &self.journal,
            run,
            resumed,
        };
        let done = perform(&input, &self.job())?;
        let input = ReadBackInput {
            plan,
            backup,
            target,
            journal: &self.journal,
            run,
        };
        Ok((done, read_back(&input, &self.job())?))
    }

    pub fn finish(&self, run: &str, verdict: Verdict) {
        let end = RunEnd {
            finished: self.clock.now(),
            verdict,
            reason: None,
            counters: Default::default(),
            snapshot: None,
        };
        self.journal.runs().finish(run, &end).unwrap();
    }

    /// Opens an ended run again.
    pub fn reopen(&self, run: &str) {
        self.journal.restores().resume(&self.owner, run, self.clock.now()).unwrap();
    }

    /// Runs a plan to its end.
    pub fn run(&self, plan: PlanFile, backup: &State, target: &dyn Source, kind: RunKind) -> Restored {
        self.run_of(plan, backup, target, kind, None)
    }

    fn run_of(&self, plan: PlanFile, backup: &State, target: &dyn Source, kind: RunKind, undoes: Option<&str>) -> Restored {
        let run = self.try_begin(&plan, target, kind, undoes).unwrap();
        let (done, back) = self.carry_out(&run, &plan, backup, target, false).unwrap();
        let whole = done.gaps.is_empty() && back.equal == back.checked;
        self.finish(&run, if whole { Verdict::Complete } else { Verdict::Partial });
        Restored { run, plan, done, back }
    }

    /// Restores in place.
    pub fn restore(&self, from: &Snapshot, only: &[&str], policy: ConflictPolicy) -> Restored {
        let plan = self.plan(from, only, policy);
        self.run(plan, &self.open(from), &self.source, RunKind::Restore)
    }

    /// The safety copy of a run; nothing when it overwrote nothing.
    pub fn safety(&self, run: &str) -> Option<Snapshot> {
        let undo = self.journal.restores().get(run).unwrap().undo?;
        Some(self.vault.snapshot(&undo.snapshot.parse().unwrap()).unwrap())
    }

    /// Plans the undo of a run, and gives the state it takes things from.
    pub fn plan_undo(&self, run: &str, target: &dyn Source, policy: ConflictPolicy) -> Result<(PlanFile, State)> {
        let safety = self.safety(run);
        let state = safety.as_ref().map(|s| self.open(s)).unwrap_or_default();
        let mut out = self.plan_writer();
        let input = UndoInput {
            journal: &self.journal,
            run,
            safety: &state,
            live: &State::live(target, &self.cancel)?,
            can: &target.capabilities(),
            policy,
        };
        let totals = plan_undo(&input, &self.job(), &mut out)?;
        let all = self.vault.snapshots()?;
        let any = safety.or_else(|| all.good.last().cloned()).unwrap();
        let header = self.header(&any, Selection::default(), TargetSpec::InPlace, policy, totals);
        Ok((out.finish(header)?, state))
    }

    /// Takes a run back.
    pub fn undo(&self, run: &str, policy: ConflictPolicy) -> Restored {
        self.undo_at(run, &self.source, policy)
    }

    /// Takes a run back at a target.
    pub fn undo_at(&self, run: &str, target: &dyn Source, policy: ConflictPolicy) -> Restored {
        let (plan, state) = self.plan_undo(run, target, policy).unwrap();
        self.run_of(plan, &state, target, RunKind::Undo, Some(run))
    }
}

pub fn json(text: &str) -> RawJson {
    RawJson::parse(text.as_bytes()).unwrap()
}

pub fn steps(plan: &PlanFile) -> Vec<PlanStep> {
    plan.steps().unwrap().collect::<Result<_>>().unwrap()
}

/// `ACTION SUBJECT` of every step.
pub fn lines(plan: &PlanFile) -> Vec<String> {
    let line = |step: &PlanStep| format!("{:?} {}", step.action, backstay_engine::restore::subject_name(&step.subject));
    steps(plan).iter().map(line).collect()
}

/// All there is in a state: records by `COLLECTION/ID`, files by path, empty collections by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dump {
    pub collections: Vec<String>,
    pub records: BTreeMap<String, String>,
    pub files: BTreeMap<String, String>,
}

impl Dump {
    pub fn of(state: &State) -> Self {
        let mut dump = Self {
            collections: state.collection_names().unwrap(),
            ..Self::default()
        };
        for name in &dump.collections {
            let view = state.view(name).unwrap();
            let mut count = 0;
            for record in view.scan(name, None).unwrap() {
                let record = record.unwrap();
                count += 1;
                let assets = if record.assets.is_empty() {
                    String::new()
                } else {
                    format!(" {}", serde_json::to_string(&record.assets).unwrap())
                };
                let text = format!("{:?}{assets} {}", record.data, record.hash);
                dump.records.insert(format!("{name}/{}", record.id), text);
            }
            assert_eq!(view.count(name).unwrap(), count, "{name} is counted right");
        }
        let Some(files) = &state.files else { return dump };
        for entry in files.walk(None).unwrap() {
            let entry = entry.unwrap();
            let what = match &entry.kind {
                FileKind::File => {
                    let mut content = Vec::new();
                    files.open(&entry.path).unwrap().read_to_end(&mut content).unwrap();
                    assert_eq!(content.len() as u64, entry.size);
                    String::from_utf8_lossy(&content).into_owned()
                }
                other => format!("{other:?}"),
            };
            dump.files.insert(entry.path, what);
        }
        dump
    }
}
