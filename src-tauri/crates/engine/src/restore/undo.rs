//! Taking a restore back: what it created goes, what it overwrote returns, what people changed since stays.

use backstay_compare::{FileSide, FileSides, Outcome, RecordSide, RecordSides, Rules, Surplus, plan_file, plan_record};
use backstay_journal::{Journal, RecordedStep, StepFilter, StepPhase};
use backstay_model::{
    Capabilities, ConflictPolicy, ContentHash, FileEntry, FileKind, FileMeta, PlanStep, Stage, StepAction, StepState, Subject,
};

use super::{PlanTotals, PlanWriter, subject_name};
use crate::{Job, Meter, Result, State};

/// Steps read from the journal at once.
const PAGE: usize = 1000;

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
/// When a side cannot be read, or the job is cancelled.
pub fn plan_undo(input: &UndoInput<'_>, job: &Job<'_>, out: &mut PlanWriter) -> Result<PlanTotals> {
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Comparing, None, None);
    let mut undo = Undo {
        input,
        totals: PlanTotals::default(),
        directories: Vec::new(),
    };
    let filter = StepFilter {
        phases: vec![StepPhase::Done],
    };
    let mut from = None;
    loop {
        let page = input.journal.restores().steps(input.run, &filter, from, PAGE)?;
        for step in &page.rows {
            job.cancel.check()?;
            meter.add(1, 0, &subject_name(&step.subject));
            undo.step(step, out)?;
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    // Directories the restore created go last, the inner ones first.
    for step in std::mem::take(&mut undo.directories).into_iter().rev() {
        undo.push(step, out)?;
    }
    Ok(undo.totals)
}

struct Undo<'a> {
    input: &'a UndoInput<'a>,
    totals: PlanTotals,
    directories: Vec<PlanStep>,
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

    fn step(&mut self, done: &RecordedStep, out: &mut PlanWriter) -> Result<()> {
        let new_id = match &done.state {
            StepState::Done { new_id } => new_id.clone(),
            _ => None,
        };
        let planned = match &done.subject {
            Subject::Record { collection, id } => self.record(done, collection, new_id.as_deref().unwrap_or(id))?,
            Subject::File { path } => self.file(done, new_id.as_deref().unwrap_or(path))?,
        };
        match planned {
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

    fn record(&self, done: &RecordedStep, collection: &str, id: &str) -> Result<Option<(PlanStep, bool)>> {
        let live = self.input.live.record(collection, id)?;
        // Only what was overwritten or removed is in the safety copy; what was created goes back to nothing.
        let before = match done.action {
            StepAction::Update | StepAction::Delete => self.input.safety.record(collection, id)?,
            _ => None,
        };
        let written = done.after.as_deref().and_then(|hash| hash.parse::<ContentHash>().ok());
        let sides = RecordSides {
            base: written.map(|hash| RecordSide {
                hash,
                changed: None,
                data: None,
                assets: &[],
            }),
            live: live.as_ref().map(RecordSide::from),
            backup: before.as_ref().map(RecordSide::from),
        };
        let outcome = plan_record(&sides, &self.rules());
        let bytes = before.as_ref().map_or(0, |record| record.data.as_bytes().len() as u64);
        let subject = Subject::Record {
            collection: collection.to_owned(),
            id: id.to_owned(),
        };
        let (live, backup) = (live.map(|r| r.hash.to_string()), before.map(|r| r.hash.to_string()));
        Ok(Some((step(subject, outcome, live, backup, bytes), false)))
    }

    fn file(&self, done: &RecordedStep, path: &str) -> Result<Option<(PlanStep, bool)>> {
        let live = match &self.input.live.files {
            Some(files) => files
                .stat(path)?
                .map(|entry| Ok::<_, crate::EngineError>((files.identity(&entry)?.to_string(), entry)))
                .transpose()?,
            None => None,
        };
        let before = match (done.action, &self.input.safety.files) {
            (StepAction::Update | StepAction::Delete, Some(files)) => files
                .stat(path)?
                .map(|entry| Ok::<_, crate::EngineError>((files.identity(&entry)?.to_string(), entry)))
                .transpose()?,
            _ => None,
        };
        let Some((live_hash, live_entry)) = &live else {
            return Ok(before.map(|(hash, entry)| {
                let sides = FileSides {
                    base: None,
                    live: None,
                    backup: Some(FileSide {
                        entry: &entry,
                        content: Some(&hash),
                    }),
                };
                let outcome = plan_file(&sides, &self.rules());
                (
                    step(
                        Subject::File { path: path.to_owned() },
                        outcome,
                        None,
                        Some(hash.clone()),
                        entry.size,
                    ),
                    false,
                )
            }));
        };
        // What the restore wrote, as far as it is known: the same thing, with the content the journal noted.
        let written = FileEntry {
            meta: FileMeta {
                modified: None,
                ..live_entry.meta.clone()
            },
            ..live_entry.clone()
        };
        let is_dir = live_entry.kind == FileKind::Directory;
        let after = if is_dir {
            Some(live_hash.as_str())
        } else {
            done.after.as_deref()
        };
        let sides = FileSides {
            base: after.map(|hash| FileSide {
                entry: &written,
                content: Some(hash),
            }),
            live: Some(FileSide {
                entry: live_entry,
                content: Some(live_hash),
            }),
            backup: before.as_ref().map(|(hash, entry)| FileSide {
                entry,
                content: Some(hash),
            }),
        };
        let outcome = plan_file(&sides, &self.rules());
        let removes_dir = is_dir && outcome.action == StepAction::Delete;
        let bytes = before.as_ref().map_or(0, |(_, entry)| entry.size);
        let backup = before.map(|(hash, _)| hash);
        Ok(Some((
            step(
                Subject::File { path: path.to_owned() },
                outcome,
                Some(live_hash.clone()),
                backup,
                bytes,
            ),
            removes_dir,
        )))
    }
}

fn step(subject: Subject, outcome: Outcome, live: Option<String>, backup: Option<String>, bytes: u64) -> PlanStep {
    PlanStep {
        index: 0,
        subject,
        action: outcome.action,
        live,
        backup,
        fields: outcome.fields,
        left_out: outcome.left_out,
        reason: outcome.reason.map(|reason| reason.to_string()),
        bytes: if matches!(outcome.action, StepAction::Create | StepAction::Update) {
            bytes
        } else {
            0
        },
    }
}
