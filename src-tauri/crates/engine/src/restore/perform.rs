//! Running a restore plan: intent, write, result, each step in the journal, so that a killed restore goes on without
//! doubles and without overwriting what people did meanwhile.

use std::{
    collections::{HashMap, HashSet},
    io::Read,
    sync::Arc,
};

use backstay_journal::{Journal, StepIntent, StepResult};
use backstay_model::{ContentHash, ErrorKind, FileKind, Gap, PlanStep, Record, Stage, StepAction, StepState, Subject};
use backstay_source::{Expect, FileView, FileWriter, Source};

use super::{
    fields,
    planfile::PlanFile,
    results::{expect, file_there, in_doubt, is_directory, one_result},
};
use crate::{EngineError, Job, Meter, Result, State};

/// Records written together, whose intents are made lasting together.
const RECORDS: usize = 1000;
/// Files whose intents are made lasting together.
const FILES: usize = 500;
/// Bytes of records written together, as the plan knows them.
const BATCH_BYTES: u64 = 16 << 20;

/// Everything a restore runs with.
pub struct PerformInput<'a> {
    /// The plan.
    pub plan: &'a PlanFile,
    /// The snapshot it restores from.
    pub backup: &'a State,
    /// The target.
    pub target: &'a dyn Source,
    /// Where steps are recorded.
    pub journal: &'a Journal,
    /// The run that does it.
    pub run: &'a str,
    /// An earlier attempt was interrupted: what it may have written is looked at first.
    pub resumed: bool,
}

/// What a restore did.
#[derive(Debug, Default)]
pub struct Performed {
    /// Steps written.
    pub written: u64,
    /// What could not be written, by name.
    pub gaps: Vec<Gap>,
}

/// Runs the plan's steps: records first, then files.
///
/// # Errors
/// When the plan cannot be read, the journal cannot be written, the job is cancelled, or the target refuses everything.
/// A step that fails alone becomes a gap.
pub fn perform(input: &PerformInput<'_>, job: &Job<'_>) -> Result<Performed> {
    let meter = Meter::new(job.reporter);
    let header = &input.plan.header;
    meter.stage(Stage::Writing, Some(header.counts.writes()), Some(header.bytes));
    let mut run = Run {
        input,
        job,
        meter: &meter,
        done: Performed::default(),
        recorded: HashMap::new(),
        settled: HashMap::new(),
        made: HashSet::new(),
        merged: HashMap::new(),
        has_files: false,
    };
    if input.resumed {
        run.look_at_doubtful()?;
    }
    if !header.selection.fields.is_empty() {
        run.merge_fields()?;
    }
    run.records()?;
    run.files()?;
    Ok(run.done)
}

pub(super) struct Run<'a> {
    pub(super) input: &'a PerformInput<'a>,
    pub(super) job: &'a Job<'a>,
    meter: &'a Meter<'a>,
    pub(super) done: Performed,
    /// What the journal says of the steps of the current batch.
    recorded: HashMap<u64, StepState>,
    /// After an interruption: steps in doubt whose result turned out to be there, or about which nobody can tell.
    settled: HashMap<u64, StepResult>,
    /// Directories an interrupted attempt made already: their times and mode are set again.
    made: HashSet<u64>,
    /// Live records with the chosen fields of the backup, by step. A person chose them one by one, so they are few.
    pub(super) merged: HashMap<u64, Record>,
    /// The plan writes files, too; known once its steps were read.
    has_files: bool,
}

/// The collection a step is about; none for a file.
pub(super) fn collection_of(step: &PlanStep) -> Option<&str> {
    match &step.subject {
        Subject::Record { collection, .. } => Some(collection),
        Subject::File { .. } => None,
    }
}

/// The id of the record a step is about; none for a file.
pub(super) fn id_of(step: &PlanStep) -> Option<&str> {
    match &step.subject {
        Subject::Record { id, .. } => Some(id),
        Subject::File { .. } => None,
    }
}

/// Whether a step writes something.
fn writes(step: &PlanStep) -> bool {
    matches!(
        step.action,
        StepAction::Create | StepAction::Update | StepAction::KeepBoth | StepAction::Delete
    )
}

/// How people know a step's subject.
#[must_use]
pub fn subject_name(subject: &Subject) -> String {
    match subject {
        Subject::Record { collection, id } => format!("{collection}/{id}"),
        Subject::File { path } => path.clone(),
    }
}

impl Run<'_> {
    /// Steps of one kind that write, in batches; a batch of records is about one collection.
    pub(super) fn batches(&mut self, records: bool, mut work: impl FnMut(&mut Self, Vec<PlanStep>) -> Result<()>) -> Result<()> {
        let limit = if records { RECORDS } else { FILES };
        let (mut batch, mut bytes) = (Vec::with_capacity(limit), 0);
        let mut work = |run: &mut Self, batch: Vec<PlanStep>| {
            run.look_up(&batch)?;
            work(run, batch)
        };
        for step in self.input.plan.steps()? {
            let step = step?;
            if !writes(&step) {
                continue;
            }
            let record = matches!(step.subject, Subject::Record { .. });
            self.has_files |= !record;
            if record != records {
                continue;
            }
            let full = batch.len() == limit || bytes + step.bytes > BATCH_BYTES;
            if batch
                .last()
                .is_some_and(|last| full || collection_of(last) != collection_of(&step))
            {
                work(self, std::mem::replace(&mut batch, Vec::with_capacity(limit)))?;
                bytes = 0;
            }
            bytes += step.bytes;
            batch.push(step);
        }
        if batch.is_empty() { Ok(()) } else { work(self, batch) }
    }

    fn look_up(&mut self, batch: &[PlanStep]) -> Result<()> {
        self.recorded.clear();
        let (true, Some(first), Some(last)) = (self.input.resumed, batch.first(), batch.last()) else {
            return Ok(());
        };
        let found = self
            .input
            .journal
            .restores()
            .recorded(self.input.run, first.index..last.index + 1)?;
        self.recorded = found.into_iter().map(|step| (step.index, step.state)).collect();
        Ok(())
    }

    pub(super) fn is_done(&self, step: &PlanStep) -> bool {
        matches!(self.recorded.get(&step.index), Some(StepState::Done { .. }))
    }

    pub(super) fn intents(&self, batch: &[PlanStep]) -> Result<()> {
        let intents: Vec<_> = batch
            .iter()
            .filter(|step| !self.is_done(step))
            .map(|step| StepIntent {
                index: step.index,
                subject: step.subject.clone(),
                action: step.action,
                before: step.live.clone(),
            })
            .collect();
        Ok(self.input.journal.restores().intents(self.input.run, &intents)?)
    }

    fn count(&mut self, step: &PlanStep, result: &StepResult) {
        match &result.state {
            StepState::Done { .. } => self.done.written += 1,
            StepState::Failed { kind, message } => {
                let gap = Gap {
                    subject: subject_name(&step.subject),
                    kind: *kind,
                    message: message.clone(),
                };
                self.job.reporter.gap(&gap);
                self.done.gaps.push(gap);
            }
            _ => {}
        }
        self.meter.add(1, step.bytes, &subject_name(&step.subject));
    }

    /// Writes a batch where every write counts at once. Where it breaks off, what was written is recorded as written and
    /// the rest as not: only a process that dies leaves doubts.
    fn write_batch(&mut self, batch: Vec<PlanStep>, mut write: impl FnMut(&Self, &PlanStep) -> Result<StepResult>) -> Result<()> {
        let mut results = Vec::with_capacity(batch.len());
        let mut steps = batch.into_iter();
        while let Some(step) = steps.next() {
            if self.is_done(&step) {
                self.done.written += 1;
                continue;
            }
            let written = match self.job.cancel.check() {
                Ok(()) => write(self, &step),
                Err(stop) => Err(stop.into()),
            };
            let error = match written {
                Ok(result) => {
                    results.push((step, result));
                    continue;
                }
                Err(error) => error,
            };
            self.settle(&results)?;
            // Of a target out of reach nobody knows whether the write arrived.
            let this = Some(step).filter(|_| error.kind() != ErrorKind::Unreachable);
            let rest: Vec<_> = this.into_iter().chain(steps).filter(|step| !self.is_done(step)).collect();
            self.not_written(&rest, &error)?;
            return Err(error);
        }
        self.settle(&results)
    }

    /// Records steps that were about to be written and certainly were not. A resumed restore tries them again.
    pub(super) fn not_written(&self, steps: &[PlanStep], error: &EngineError) -> Result<()> {
        let results: Vec<_> = steps
            .iter()
            .map(|step| {
                self.known(step).unwrap_or_else(|| StepResult {
                    index: step.index,
                    state: StepState::Failed {
                        kind: error.kind(),
                        message: format!("was not written: {error}"),
                    },
                    after: None,
                })
            })
            .collect();
        Ok(self.input.journal.restores().results(self.input.run, &results)?)
    }

    /// How a step ended that an interrupted attempt left in doubt, as far as it was found out.
    pub(super) fn known(&self, step: &PlanStep) -> Option<StepResult> {
        if let Some(result) = self.settled.get(&step.index) {
            return Some(result.clone());
        }
        // A copy in doubt stays in doubt, however often the restore is resumed.
        let doubt = matches!(
            self.recorded.get(&step.index),
            Some(StepState::Failed {
                kind: ErrorKind::Interrupted,
                ..
            })
        );
        (doubt && step.action == StepAction::KeepBoth).then(|| in_doubt(step))
    }

    /// Records results and counts them.
    pub(super) fn settle(&mut self, results: &[(PlanStep, StepResult)]) -> Result<()> {
        let only: Vec<_> = results.iter().map(|(_, result)| result.clone()).collect();
        self.input.journal.restores().results(self.input.run, &only)?;
        for (step, result) in results {
            self.count(step, result);
        }
        Ok(())
    }

    /// Makes the records of which only some fields come back, before the target is opened for writing. One that is no longer as
    /// the plan saw it gets none, and so is not written.
    fn merge_fields(&mut self) -> Result<()> {
        let live = State::live(self.input.target, self.job.cancel)?;
        for step in self.input.plan.steps()? {
            let step = step?;
            let Subject::Record { collection, id } = &step.subject else {
                continue;
            };
            if step.only.is_empty() || !writes(&step) {
                continue;
            }
            self.job.cancel.check()?;
            let Some(now) = live.record(collection, id)? else { continue };
            let Some(stored) = self.input.backup.record(collection, id)? else {
                continue;
            };
            if step.live.as_deref() == Some(now.hash.to_string().as_str()) {
                let merged = fields::merged_record(&now, &stored, &step.only);
                self.merged.extend(merged.map(|record| (step.index, record)));
            }
        }
        Ok(())
    }

    /// Looks at the target before anything is opened for writing: whatever was about to be written when the restore was
    /// interrupted may be there already.
    fn look_at_doubtful(&mut self) -> Result<()> {
        let live = State::live(self.input.target, self.job.cancel)?;
        self.batches(true, |run, batch| {
            run.job.cancel.check()?;
            let intent = |step: &&PlanStep| matches!(run.recorded.get(&step.index), Some(StepState::Intent));
            let doubtful: Vec<&PlanStep> = batch.iter().filter(intent).collect();
            let found = run.records_there(&live, &doubtful)?;
            run.settled.extend(found.into_iter().map(|result| (result.index, result)));
            Ok(())
        })?;
        self.batches(false, |run, batch| {
            for step in &batch {
                run.job.cancel.check()?;
                let (true, Subject::File { path }) = (
                    matches!(run.recorded.get(&step.index), Some(StepState::Intent)),
                    &step.subject,
                ) else {
                    continue;
                };
                let found = file_there(live.files.as_ref(), run.input.backup.files.as_ref(), step, path)?;
                run.settled.extend(found.map(|result| (step.index, result)));
                if is_directory(live.files.as_ref(), step)? {
                    run.made.insert(step.index);
                }
            }
            Ok(())
        })
    }

    fn files(&mut self) -> Result<()> {
        if !self.has_files {
            return Ok(());
        }
        let mut open: Option<Box<dyn FileWriter>> = None;
        let source = self.input.backup.files.clone();
        self.batches(false, |run, batch| {
            if open.is_none() {
                open = Some(run.input.target.file_writer(run.job.cancel)?);
            }
            let Some(writer) = open.as_deref_mut() else { return Ok(()) };
            run.intents(&batch)?;
            run.write_batch(batch, |run, step| run.file(writer, source.as_ref(), step))
        })?;
        if let Some(mut writer) = open {
            writer.finish()?;
        }
        Ok(())
    }

    fn file(&self, writer: &mut dyn FileWriter, source: Option<&Arc<dyn FileView>>, step: &PlanStep) -> Result<StepResult> {
        let Subject::File { path } = &step.subject else {
            return Ok(StepResult {
                index: step.index,
                state: StepState::Skipped,
                after: None,
            });
        };
        if let Some(result) = self.known(step) {
            return Ok(result);
        }
        if step.action == StepAction::Delete {
            return one_result(step, writer.remove(path, expect(step)?));
        }
        let missing = || EngineError::NoFile { path: path.clone() };
        let source = source.ok_or_else(missing)?;
        let entry = source.stat(path)?.ok_or_else(missing)?;
        let mut content: Box<dyn Read> = match entry.kind {
            FileKind::File => Box::new(source.open(path)?),
            _ => Box::new(std::io::empty()),
        };
        let written = match step.action {
            StepAction::KeepBoth => writer.put_beside(&entry, &mut content),
            _ if self.made.contains(&step.index) && entry.kind == FileKind::Directory => {
                writer.put(&entry, &mut content, Expect::Content(ContentHash::of(b"")))
            }
            _ => writer.put(&entry, &mut content, expect(step)?),
        };
        one_result(step, written)
    }
}
