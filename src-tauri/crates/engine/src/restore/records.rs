//! Writing the records of a plan: many at a time, so that a target on the other side of a network is asked as seldom as can be.

use std::{collections::HashMap, ops::Range};

use backstay_journal::StepResult;
use backstay_model::{ErrorKind, PlanStep, Record, StepAction, StepState};
use backstay_source::{Cancel, Expect, Planned, RecordView, RecordWriter, SourceError, WriteStep, Written};

use super::{
    perform::{Run, collection_of, id_of},
    results::{as_planned, done, expect, failure, fields_there, in_doubt, moved, one_result},
    shape::Shape,
};
use crate::{EngineError, Result, State};

/// A step ready to be written.
struct Ready {
    step: PlanStep,
    write: WriteStep,
    expect: Expect,
}

/// How far the steps of a batch are.
#[derive(Default)]
struct Progress {
    /// Steps that ended, and how.
    results: Vec<(PlanStep, StepResult)>,
    /// Steps of which nobody knows whether they were written.
    unsure: Vec<PlanStep>,
    /// Steps that were certainly not tried.
    untried: Vec<PlanStep>,
    /// Why the restore cannot go on.
    stop: Option<EngineError>,
}

/// A step whose record goes beside the live one.
fn is_copy(ready: &Ready) -> bool {
    matches!(ready.write, WriteStep::KeepBoth(_))
}

impl Run<'_> {
    pub(super) fn records(&mut self) -> Result<()> {
        let mut open: Option<Box<dyn RecordWriter>> = None;
        let transactional = self.input.target.capabilities().transactions;
        // Results that do not follow from the plan; the rest is told from it again, so that memory stays bounded.
        let mut odd: HashMap<u64, StepResult> = HashMap::new();
        let mut reached = None;
        let worked = self.batches(true, |run, batch| {
            if open.is_none() {
                open = Some(run.open_records(&batch)?);
            }
            let Some(writer) = open.as_deref_mut() else { return Ok(()) };
            run.intents(&batch)?;
            reached = batch.last().map(|step| step.index);
            if transactional {
                run.draft(writer, batch, &mut odd)
            } else {
                run.write_records(writer, batch)
            }
        });
        let committed = match (worked, open.as_mut()) {
            (Ok(()), Some(writer)) => writer.commit().map_err(EngineError::from),
            (worked, _) => worked,
        };
        // Closes the target, so that a failed transaction is rolled back before it is told.
        drop(open);
        match (committed, reached) {
            (Ok(()), Some(_)) if transactional => {
                self.settle_transaction(|step| odd.remove(&step.index).unwrap_or_else(|| as_planned(step)))
            }
            // Of a target out of reach nobody knows whether the transaction counted.
            (Err(error), Some(last)) if transactional && error.kind() != ErrorKind::Unreachable => {
                self.rolled_back(last, &error)?;
                Err(error)
            }
            (end, _) => end,
        }
    }

    /// Opens the target for records. A new place takes the schema of the view that holds the first record of the batch.
    fn open_records(&self, batch: &[PlanStep]) -> Result<Box<dyn RecordWriter>> {
        let view = match batch.first().and_then(collection_of) {
            Some(collection) => self.input.backup.records_of(collection)?,
            None => None,
        };
        let (target, cancel) = (self.input.target, self.job.cancel);
        let mut writer = match view {
            Some(view) if self.input.plan.header.counts.delete == 0 => target.record_writer(view, cancel)?,
            view => target.record_writer(&Shape::of(view, target, cancel)?, cancel)?,
        };
        if self.input.journal.restores().get(self.input.run)?.undoes.is_some() {
            writer.undoes();
        }
        Ok(writer)
    }

    /// Writes a batch into an open transaction.
    fn draft(&mut self, writer: &mut dyn RecordWriter, batch: Vec<PlanStep>, odd: &mut HashMap<u64, StepResult>) -> Result<()> {
        self.job.cancel.check()?;
        let progress = self.write_groups(writer, batch)?;
        for (step, result) in progress.results {
            if result != as_planned(&step) {
                odd.insert(step.index, result);
            }
        }
        progress.stop.map_or(Ok(()), Err)
    }

    /// Writes a batch where every write counts at once. Where it breaks off, what was written is recorded as written and what
    /// was not tried as not: only a process that dies and a target out of reach leave doubts.
    fn write_records(&mut self, writer: &mut dyn RecordWriter, batch: Vec<PlanStep>) -> Result<()> {
        let done = batch.iter().filter(|step| self.is_done(step)).count();
        self.done.written += done as u64;
        let progress = self.write_groups(writer, batch)?;
        self.settle(&progress.results)?;
        let Some(stop) = progress.stop else { return Ok(()) };
        self.not_written(&progress.untried, &stop)?;
        if stop.kind() != ErrorKind::Unreachable {
            // Looked at now, while the target can be asked: whoever cancels wants to know how things stand.
            let unsure: Vec<&PlanStep> = progress.unsure.iter().collect();
            let live = State::live(self.input.target, &Cancel::default());
            if let Ok(found) = live.and_then(|live| self.records_there(&live, &unsure)) {
                let there = |step: &PlanStep| found.iter().find(|result| result.index == step.index).cloned();
                let (known, missing): (Vec<_>, Vec<_>) = progress.unsure.into_iter().partition(|step| there(step).is_some());
                let known = known.into_iter().filter_map(|step| there(&step).map(|result| (step, result)));
                self.settle(&known.collect::<Vec<_>>())?;
                self.not_written(&missing, &stop)?;
            }
        }
        Err(stop)
    }

    /// Writes what is to be written of a batch, copies one by one: of several that were cut short nobody could tell which are
    /// there, and writing a copy again makes a double.
    fn write_groups(&self, writer: &mut dyn RecordWriter, batch: Vec<PlanStep>) -> Result<Progress> {
        let collection = batch.first().and_then(collection_of).unwrap_or_default().to_owned();
        let none = Shape::none();
        let content = self.input.backup.records_of(&collection)?;
        let mut progress = Progress::default();
        let ready = self.ready(&collection, batch, content, &mut progress);
        let content = content.unwrap_or(&none);
        let mut written: Vec<Option<backstay_source::Result<Written>>> = Vec::with_capacity(ready.len());
        for group in groups(&ready) {
            if let Err(stop) = self.job.cancel.check() {
                progress.stop = Some(stop.into());
                break;
            }
            let planned: Vec<Planned<'_>> = ready[group.clone()]
                .iter()
                .map(|ready| Planned {
                    collection: &collection,
                    step: &ready.write,
                    expect: ready.expect,
                })
                .collect();
            let results = writer.write_many(&planned, content);
            let cut = results.len() < group.len();
            written.extend(results.into_iter().take(group.len()).map(Some));
            written.resize_with(group.end, || None);
            let stops = |result: &Option<backstay_source::Result<Written>>| matches!(result, Some(Err(e)) if ends(e.kind));
            if cut || written[group.start..].iter().any(stops) {
                break;
            }
        }
        progress.sort(ready, written);
        Ok(progress)
    }

    /// What the steps of a batch write; those that ended already or need no writing are among the results. Nothing is, when that
    /// cannot be told.
    fn ready(
        &self,
        collection: &str,
        batch: Vec<PlanStep>,
        content: Option<&dyn RecordView>,
        progress: &mut Progress,
    ) -> Vec<Ready> {
        let mut todo = Vec::with_capacity(batch.len());
        for step in batch.into_iter().filter(|step| !self.is_done(step)) {
            match self.known(&step) {
                Some(result) => progress.results.push((step, result)),
                None => todo.push(step),
            }
        }
        let read = |step: &&PlanStep| step.action != StepAction::Delete && step.only.is_empty();
        let ids: Vec<&str> = todo.iter().filter(read).filter_map(id_of).collect();
        let mut stored = match read_all(content, collection, &ids) {
            Ok(stored) => stored.into_iter(),
            Err(error) => return progress.none(error, todo),
        };
        let mut ready = Vec::with_capacity(todo.len());
        let mut todo = todo.into_iter();
        while let Some(step) = todo.next() {
            let record = if read(&&step) { stored.next() } else { None };
            let record = match record {
                Some(Ok(record)) => Some(record),
                Some(Err(error)) => {
                    let result = StepResult {
                        index: step.index,
                        state: failure(&error),
                        after: None,
                    };
                    progress.results.push((step, result));
                    continue;
                }
                None => None,
            };
            let expect = match expect(&step) {
                Ok(expect) => expect,
                Err(error) => {
                    let ready = ready.into_iter().map(|ready: Ready| ready.step);
                    return progress.none(error, ready.chain([step]).chain(todo).collect());
                }
            };
            match self.write_of(&step, record) {
                Some(write) => ready.push(Ready { step, write, expect }),
                None => {
                    let result = moved(&step);
                    progress.results.push((step, result));
                }
            }
        }
        ready
    }

    /// What a step writes; `None` when the record it was to change is no longer as the plan saw it.
    fn write_of(&self, step: &PlanStep, record: Option<Record>) -> Option<WriteStep> {
        match (step.action, record) {
            (StepAction::Delete, _) => Some(WriteStep::Delete(id_of(step)?.to_owned())),
            (_, None) => self.merged.get(&step.index).cloned().map(WriteStep::Update),
            (StepAction::Update, Some(record)) => Some(WriteStep::Update(record)),
            (StepAction::KeepBoth, Some(record)) => Some(WriteStep::KeepBoth(record)),
            (_, Some(record)) => Some(WriteStep::Create(record)),
        }
    }

    /// Of steps about one collection, those that are done as the target shows, and copies, of which nobody can tell.
    pub(super) fn records_there(&self, live: &State, steps: &[&PlanStep]) -> Result<Vec<StepResult>> {
        let Some(collection) = steps.first().and_then(|step| collection_of(step)) else {
            return Ok(Vec::new());
        };
        let (view, stored) = (live.records_of(collection)?, self.input.backup.records_of(collection)?);
        let ids: Vec<&str> = steps.iter().copied().filter_map(id_of).collect();
        let there = match view {
            Some(view) => view.get_many(collection, &ids)?,
            None => vec![None; ids.len()],
        };
        let mut found = Vec::new();
        for ((step, id), now) in steps.iter().zip(ids).zip(there) {
            let hash = || now.as_ref().map(|record| record.hash.to_string());
            let result = match (step.action, &now, view, stored) {
                (StepAction::KeepBoth, ..) => Some(in_doubt(step)),
                (StepAction::Delete, None, ..) => Some(done(step, None)),
                (StepAction::Delete, ..) | (_, None, ..) | (_, _, None, _) | (_, _, _, None) => None,
                (_, Some(now), Some(view), Some(stored)) => match stored.get(collection, id)? {
                    wanted if !step.only.is_empty() => {
                        fields_there(Some(now), wanted.as_ref(), &step.only).then(|| done(step, hash()))
                    }
                    Some(wanted) if view.differs(collection, &wanted, now)?.is_none() => Some(done(step, hash())),
                    _ => None,
                },
            };
            found.extend(result);
        }
        Ok(found)
    }

    /// Records that nothing of a transaction was written; its last recorded intent is that of step `last`.
    fn rolled_back(&mut self, last: u64, error: &EngineError) -> Result<()> {
        self.batches(true, |run, mut batch| {
            batch.retain(|step| step.index <= last && !run.is_done(step));
            run.not_written(&batch, error)
        })
    }

    /// Records how the steps of a transaction ended, once all of them have.
    fn settle_transaction(&mut self, mut result: impl FnMut(&PlanStep) -> StepResult) -> Result<()> {
        self.batches(true, |run, batch| {
            let mut results = Vec::with_capacity(batch.len());
            for step in batch {
                if run.is_done(&step) {
                    run.done.written += 1;
                } else {
                    let result = result(&step);
                    results.push((step, result));
                }
            }
            run.settle(&results)
        })
    }
}

impl Progress {
    /// Nothing is written of these steps.
    fn none(&mut self, why: EngineError, steps: Vec<PlanStep>) -> Vec<Ready> {
        self.untried = steps;
        self.stop = Some(why);
        Vec::new()
    }

    /// Tells what became of steps from what the writer said.
    fn sort(&mut self, ready: Vec<Ready>, written: Vec<Option<backstay_source::Result<Written>>>) {
        let mut written = written.into_iter();
        for Ready { step, .. } in ready {
            match written.next() {
                None => self.untried.push(step),
                Some(None) => {
                    self.unsure.push(step);
                    self.stop.get_or_insert_with(|| breach().into());
                }
                Some(Some(Err(error))) if ends(error.kind) => {
                    self.unsure.push(step);
                    self.stop.get_or_insert(error.into());
                }
                Some(Some(result)) => match one_result(&step, result) {
                    Ok(result) => self.results.push((step, result)),
                    // The whole target takes no more; this one it certainly did not take.
                    Err(error) => {
                        let message = format!("was not written: {error}");
                        let state = StepState::Failed {
                            kind: error.kind(),
                            message,
                        };
                        let result = StepResult {
                            index: step.index,
                            state,
                            after: None,
                        };
                        self.results.push((step, result));
                        self.stop.get_or_insert(error);
                    }
                },
            }
        }
    }
}

/// Whether nobody knows what became of the steps from such an error on.
fn ends(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unreachable | ErrorKind::Cancelled)
}

fn breach() -> SourceError {
    SourceError::new(
        ErrorKind::Internal,
        "the target",
        "did not say what became of all the records",
    )
}

/// Steps written together: copies alone, everything between them in one.
fn groups(ready: &[Ready]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (at, one) in ready.iter().enumerate() {
        match groups.last_mut() {
            Some(last) if !is_copy(one) && !is_copy(&ready[last.start]) => last.end = at + 1,
            _ => groups.push(at..at + 1),
        }
    }
    groups
}

/// Records of the backup. One that is damaged does not keep the others from coming back.
#[allow(clippy::type_complexity, reason = "each record or why it cannot be had, or why none can")]
fn read_all(
    content: Option<&dyn RecordView>,
    collection: &str,
    ids: &[&str],
) -> Result<Vec<std::result::Result<Record, SourceError>>> {
    let missing = |id: &&str| EngineError::NoRecord {
        collection: collection.to_owned(),
        id: (*id).to_owned(),
    };
    let Some(content) = content else {
        return ids.first().map_or(Ok(Vec::new()), |id| Err(missing(id)));
    };
    if let Ok(records) = content.get_many(collection, ids) {
        let some = records.into_iter().zip(ids);
        return some.map(|(record, id)| record.map(Ok).ok_or_else(|| missing(id))).collect();
    }
    let mut out = Vec::with_capacity(ids.len());
    for id in ids {
        out.push(match content.get(collection, id) {
            Ok(Some(record)) => Ok(record),
            Ok(None) => return Err(missing(id)),
            Err(error) if error.kind == ErrorKind::Damaged => Err(error),
            Err(error) => return Err(error.into()),
        });
    }
    Ok(out)
}
