//! Taking a restore back: what it created goes, what it overwrote returns, what people changed since stays.

use std::collections::HashSet;

use backstay_compare::{FileSide, FileSides, Outcome, RecordSide, RecordSides, Rules, Surplus, plan_file, plan_record};
use backstay_journal::{Journal, RecordedStep, StepFilter, StepPhase};
use backstay_model::{
    Capabilities, ConflictPolicy, ContentHash, FileEntry, FileKind, PlanStep, Record, Stage, StepAction, StepState, Subject,
};
use backstay_source::FileView;

use super::{PlanTotals, PlanWriter, subject_name};
use crate::{EngineError, Job, Meter, Result, State, compare_paths};

/// Steps read from the journal, and records at the target, at once.
const PAGE: usize = 500;

fn collection_of(step: &RecordedStep) -> Option<&str> {
    match &step.subject {
        Subject::Record { collection, .. } => Some(collection),
        Subject::File { .. } => None,
    }
}

/// The id or path under which something lies that the restore wrote.
fn place(step: &RecordedStep) -> &str {
    match (&step.state, &step.subject) {
        (StepState::Done { new_id: Some(new) }, _) => new,
        (_, Subject::Record { id, .. }) => id,
        (_, Subject::File { path }) => path,
    }
}

/// Whether something of before lies in the safety copy: what was created goes back to nothing.
fn is_saved(step: &RecordedStep) -> bool {
    matches!(step.action, StepAction::Update | StepAction::Delete)
}

/// What an undo is planned from.
pub struct UndoInput<'a> {
    /// Where the restore recorded its steps.
    pub journal: &'a Journal,
    /// The restore's run.
    pub run: &'a str,
    /// Its safety copy; an empty state when it overwrote nothing.
    pub safety: &'a State,
    /// The target as it is.
    pub live: &'a State,
    /// What the target can do.
    pub can: &'a Capabilities,
    /// What to do with items that were changed since the restore.
    pub policy: ConflictPolicy,
}

/// Plans the steps that take a restore back.
///
/// # Errors
/// [`EngineError::UndoInDoubt`] when its process died and nobody looked since what it had written last. When a side cannot be read, or the job is cancelled.
pub fn plan_undo(input: &UndoInput<'_>, job: &Job<'_>, out: &mut PlanWriter) -> Result<PlanTotals> {
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Comparing, None, None);
    if input.journal.restores().counts(input.run)?.intent > 0 {
        return Err(EngineError::UndoInDoubt {
            run: input.run.to_owned(),
        });
    }
    let mut undo = Undo {
        input,
        totals: PlanTotals::default(),
        directories: Vec::new(),
        first: HashSet::new(),
    };
    undo.directories_first(job, out)?;
    each_done(input, job, &mut |steps| {
        for step in steps {
            meter.add(1, 0, &subject_name(&step.subject));
        }
        undo.steps(steps, out)
    })?;
    // Directories the restore created go last, the inner ones first.
    for step in std::mem::take(&mut undo.directories).into_iter().rev() {
        undo.push(step, out)?;
    }
    Ok(undo.totals)
}

/// Every step the restore wrote, in its order: some records of one collection, or some files.
fn each_done(input: &UndoInput<'_>, job: &Job<'_>, found: &mut dyn FnMut(&[RecordedStep]) -> Result<()>) -> Result<()> {
    let filter = StepFilter {
        phases: vec![StepPhase::Done],
    };
    let mut from = None;
    loop {
        let page = input.journal.restores().steps(input.run, &filter, from, PAGE)?;
        for steps in page.rows.chunk_by(|a, b| collection_of(a) == collection_of(b)) {
            job.cancel.check()?;
            found(steps)?;
        }
        from = page.next;
        if from.is_none() {
            return Ok(());
        }
    }
}

struct Undo<'a> {
    input: &'a UndoInput<'a>,
    totals: PlanTotals,
    directories: Vec<PlanStep>,
    /// Directories that come back before what lies in them.
    first: HashSet<String>,
}

impl Undo<'_> {
    fn push(&mut self, step: PlanStep, out: &mut PlanWriter) -> Result<()> {
        self.totals.counts.add(step.action);
        self.totals.bytes += step.bytes;
        if step.action == StepAction::Same {
            Ok(())
        } else {
            out.push(step)
        }
    }

    /// Directories an undo removed, the inner ones first, come back before everything else, the outer ones first.
    fn directories_first(&mut self, job: &Job<'_>, out: &mut PlanWriter) -> Result<()> {
        let Some(saved) = self.input.safety.files.as_deref() else {
            return Ok(());
        };
        let mut gone = Vec::new();
        each_done(self.input, job, &mut |steps| {
            for done in steps {
                let (StepAction::Delete, Subject::File { path }) = (done.action, &done.subject) else {
                    continue;
                };
                if saved.stat(path)?.is_some_and(|entry| entry.kind == FileKind::Directory) {
                    gone.push(done.clone());
                }
            }
            Ok(())
        })?;
        let path = |done: &RecordedStep| match &done.subject {
            Subject::File { path } => path.clone(),
            Subject::Record { .. } => String::new(),
        };
        gone.sort_by(|a, b| compare_paths(&path(a), &path(b)));
        for done in &gone {
            self.file_step(done, out)?;
            self.first.insert(path(done));
        }
        Ok(())
    }

    fn steps(&mut self, done: &[RecordedStep], out: &mut PlanWriter) -> Result<()> {
        match done.first().and_then(collection_of) {
            Some(collection) => self.records(collection, done, out),
            None => done.iter().try_for_each(|done| self.file_step(done, out)),
        }
    }

    /// Some records of one collection: both sides are read together.
    fn records(&mut self, collection: &str, done: &[RecordedStep], out: &mut PlanWriter) -> Result<()> {
        let live = sides(self.input.live, collection, done, |_| true)?;
        // Only what was overwritten or removed is in the safety copy.
        let before = sides(self.input.safety, collection, done, is_saved)?;
        for ((done, live), before) in done.iter().zip(live).zip(before) {
            let step = self.record(done, collection, live.as_ref(), before.as_ref());
            self.push(step, out)?;
        }
        Ok(())
    }

    fn file_step(&mut self, done: &RecordedStep, out: &mut PlanWriter) -> Result<()> {
        if matches!(&done.subject, Subject::File { path } if self.first.contains(path)) {
            return Ok(());
        }
        match self.file(done, place(done))? {
            Some((step, true)) => self.directories.push(step),
            Some((step, false)) => self.push(step, out)?,
            None => {}
        }
        Ok(())
    }

    fn rules(&self) -> Rules<'_> {
        Rules {
            policy: self.input.policy,
            surplus: Surplus::Remove,
            can: self.input.can,
            computed: &[],
        }
    }

    fn record(&self, done: &RecordedStep, collection: &str, live: Option<&Record>, before: Option<&Record>) -> PlanStep {
        let written = done.after.as_deref().and_then(|hash| hash.parse::<ContentHash>().ok());
        let sides = RecordSides {
            base: written.map(|hash| RecordSide {
                hash,
                changed: None,
                data: None,
                assets: &[],
            }),
            live: live.map(RecordSide::from),
            backup: before.map(RecordSide::from),
        };
        let outcome = plan_record(&sides, &self.rules());
        let bytes = before.map_or(0, |record| record.data.as_bytes().len() as u64);
        let subject = Subject::Record {
            collection: collection.to_owned(),
            id: place(done).to_owned(),
        };
        let (live, backup) = (live.map(|r| r.hash.to_string()), before.map(|r| r.hash.to_string()));
        step(subject, outcome, live, backup, bytes)
    }

    fn file(&self, done: &RecordedStep, path: &str) -> Result<Option<(PlanStep, bool)>> {
        let live = Known::at(self.input.live.files.as_deref(), path)?;
        let before = match is_saved(done) {
            true => Known::at(self.input.safety.files.as_deref(), path)?,
            false => None,
        };
        if live.is_none() && before.is_none() {
            return Ok(None);
        }
        let is_dir = live.as_ref().is_some_and(|live| live.entry.kind == FileKind::Directory);
        // What the restore wrote, as far as it is known: the same thing, with the content the journal noted. A directory
        // has no content; anything else with another identity is not what the restore wrote, whatever it is now.
        let ours = live
            .as_ref()
            .is_some_and(|live| is_dir || done.after.as_ref() == Some(&live.content));
        let sides = FileSides {
            base: live.as_ref().filter(|_| ours).map(Known::side),
            live: live.as_ref().map(Known::side),
            backup: before.as_ref().map(Known::side),
        };
        let outcome = plan_file(&sides, &self.rules());
        let removes_dir = is_dir && outcome.action == StepAction::Delete;
        let bytes = before.as_ref().map_or(0, |before| before.entry.size);
        let subject = Subject::File { path: path.to_owned() };
        let (live, before) = (live.map(|live| live.content), before.map(|before| before.content));
        Ok(Some((step(subject, outcome, live, before, bytes), removes_dir)))
    }
}

/// The records of some steps in a state, where they are wanted.
fn sides(
    state: &State,
    collection: &str,
    done: &[RecordedStep],
    wanted: fn(&RecordedStep) -> bool,
) -> Result<Vec<Option<Record>>> {
    let mut found = vec![None; done.len()];
    let Some(view) = state.records_of(collection)? else {
        return Ok(found);
    };
    let at: Vec<usize> = (0..done.len()).filter(|at| wanted(&done[*at])).collect();
    if at.is_empty() {
        return Ok(found);
    }
    let ids: Vec<&str> = at.iter().map(|at| place(&done[*at])).collect();
    for (at, record) in at.iter().zip(view.get_many(collection, &ids)?) {
        found[*at] = record;
    }
    Ok(found)
}

/// A file on one side, with the identity of its content.
struct Known {
    entry: FileEntry,
    content: String,
}

impl Known {
    /// What lies at `path`, if anything.
    fn at(files: Option<&dyn FileView>, path: &str) -> Result<Option<Self>> {
        let Some(files) = files else { return Ok(None) };
        let Some(entry) = files.stat(path)? else { return Ok(None) };
        let content = files.identity(&entry)?.to_string();
        Ok(Some(Self { entry, content }))
    }

    fn side(&self) -> FileSide<'_> {
        FileSide {
            entry: &self.entry,
            content: Some(&self.content),
        }
    }
}

fn step(subject: Subject, outcome: Outcome, live: Option<String>, backup: Option<String>, bytes: u64) -> PlanStep {
    PlanStep {
        index: 0,
        subject,
        action: outcome.action,
        live,
        backup,
        only: Vec::new(),
        fields: outcome.fields,
        left_out: outcome.left_out,
        reason: outcome.reason.map(|reason| reason.to_string()),
        notes: Vec::new(),
        bytes: if matches!(outcome.action, StepAction::Create | StepAction::Update) {
            bytes
        } else {
            0
        },
    }
}
