//! Making a restore plan: reads the three sides, writes nothing to the target.

use std::{cmp::Ordering, collections::HashMap};

use backstay_compare::{FileSide, FileSides, Outcome, Reason, RecordSide, RecordSides, Rules, Surplus, plan_file, plan_record};
use backstay_model::{
    Capabilities, CollectionKind, ConflictPolicy, FileEntry, PlanCounts, PlanStep, Record, Stage, StepAction, Subject,
};
use backstay_source::{FileView, RecordView};

use super::{
    fields,
    perform::subject_name,
    planfile::PlanWriter,
    select::{Ids, Picked},
};
use crate::{EngineError, Job, Meter, Result, State};

/// Everything a plan is made from.
pub struct PlanInput<'a> {
    /// The snapshot to restore from.
    pub backup: &'a State,
    /// The newest backup of the same source; tells what was changed since. `None` for another target.
    pub base: Option<&'a State>,
    /// The target as it is now.
    pub live: &'a State,
    /// What the target can do.
    pub can: &'a Capabilities,
    /// What was selected.
    pub picked: &'a Picked,
    /// What to do about conflicts.
    pub policy: ConflictPolicy,
    /// Decisions for single records or files, before the policy.
    pub decided: &'a HashMap<Subject, ConflictPolicy>,
}

/// Numbers of a plan.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlanTotals {
    /// Steps by action.
    pub counts: PlanCounts,
    /// Bytes of content it would write.
    pub bytes: u64,
}

/// Plans everything selected into `out`. What is the same already is counted and gets no step.
///
/// # Errors
/// When a side cannot be read, the plan cannot be stored, or the job is cancelled.
pub fn make_plan(input: &PlanInput<'_>, job: &Job<'_>, out: &mut PlanWriter) -> Result<PlanTotals> {
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Comparing, None, None);
    let mut planner = Planner {
        input,
        job,
        meter: &meter,
        out,
        totals: PlanTotals::default(),
    };
    for (name, ids) in &input.picked.collections {
        planner.collection(name, ids)?;
    }
    if let Some(paths) = &input.picked.files {
        planner.files(paths)?;
    }
    Ok(planner.totals)
}

struct Planner<'a> {
    input: &'a PlanInput<'a>,
    job: &'a Job<'a>,
    meter: &'a Meter<'a>,
    out: &'a mut PlanWriter,
    totals: PlanTotals,
}

impl Planner<'_> {
    fn push(
        &mut self,
        subject: Subject,
        outcome: Outcome,
        live: Option<String>,
        backup: Option<String>,
        bytes: u64,
        only: Vec<String>,
    ) -> Result<()> {
        self.job.cancel.check()?;
        let outcome = self.as_decided(&subject, outcome);
        self.totals.counts.add(outcome.action);
        if outcome.action == StepAction::Same {
            return Ok(());
        }
        let writes = matches!(outcome.action, StepAction::Create | StepAction::Update | StepAction::KeepBoth);
        if writes {
            self.totals.bytes += bytes;
        }
        self.out.push(PlanStep {
            index: 0,
            subject,
            action: outcome.action,
            live,
            backup,
            only,
            fields: outcome.fields,
            left_out: outcome.left_out,
            reason: outcome.reason.map(|reason| reason.to_string()),
            notes: Vec::new(),
            bytes: if writes { bytes } else { 0 },
        })
    }

    /// What a person decided to leave is left, also where nothing stands against writing it.
    fn as_decided(&self, subject: &Subject, outcome: Outcome) -> Outcome {
        let leave = matches!(
            self.input.decided.get(subject),
            Some(ConflictPolicy::Skip | ConflictPolicy::Local)
        );
        let writes = matches!(outcome.action, StepAction::Create | StepAction::Update | StepAction::KeepBoth);
        if leave && writes {
            return Outcome {
                action: StepAction::Skip,
                reason: Some(Reason::Decided),
                ..outcome
            };
        }
        outcome
    }

    fn policy(&self, subject: &Subject) -> ConflictPolicy {
        self.input.decided.get(subject).copied().unwrap_or(self.input.policy)
    }

    fn collection(&mut self, name: &str, ids: &Ids) -> Result<()> {
        if self.input.picked.except.collection(name) {
            return Ok(());
        }
        let about = self.input.backup.collection(name)?;
        let computed = about.schema.fields.iter().filter(|field| field.computed);
        let known = Known {
            name,
            computed: computed.map(|field| field.name.clone()).collect(),
            key: &about.schema.key,
        };
        let no_table = match about.kind {
            CollectionKind::Table | CollectionKind::Aside => None,
            CollectionKind::View => Some("it is computed from other collections"),
            CollectionKind::Internal => Some("the source keeps it for itself; it comes back with its table or file"),
        };
        if let Some(reason) = no_table {
            return self.impossible(name, reason);
        }
        let view = self.input.backup.records_of(name)?.ok_or_else(|| EngineError::NoCollection {
            name: name.to_owned(),
            known: Vec::new(),
        })?;
        let live = self.input.live.records_of(name)?;
        match ids {
            Ids::Some(ids) => {
                for id in ids.iter().filter(|id| !self.input.picked.except.record(name, id)) {
                    let backup = view.get(name, id)?;
                    let live = live.map(|live| live.get(name, id)).transpose()?.flatten();
                    self.record(&known, id, backup.as_ref(), live.as_ref())?;
                }
                Ok(())
            }
            Ids::All => self.whole_collection(&known, view, live),
        }
    }

    fn impossible(&mut self, collection: &str, reason: &str) -> Result<()> {
        self.totals.counts.add(StepAction::Impossible);
        self.out.push(PlanStep {
            index: 0,
            subject: Subject::Record {
                collection: collection.to_owned(),
                id: "*".to_owned(),
            },
            action: StepAction::Impossible,
            live: None,
            backup: None,
            only: Vec::new(),
            fields: Vec::new(),
            left_out: Vec::new(),
            reason: Some(reason.to_owned()),
            notes: Vec::new(),
            bytes: 0,
        })
    }

    /// Both sides in order, side by side; only what differs is read.
    fn whole_collection(&mut self, known: &Known<'_>, view: &dyn RecordView, live: Option<&dyn RecordView>) -> Result<()> {
        let name = known.name;
        let mut there = live.map(|live| live.keys(name)).transpose()?;
        let mut next = there.as_mut().and_then(Iterator::next).transpose()?;
        for entry in view.keys(name)? {
            let (id, hash) = entry?;
            self.job.cancel.check()?;
            self.meter.add(1, 0, name);
            if self.input.picked.except.record(name, &id) {
                continue;
            }
            while let Some((live_id, _)) = &next {
                if view.compare_ids(name, live_id, &id) != Ordering::Less {
                    break;
                }
                next = there.as_mut().and_then(Iterator::next).transpose()?;
            }
            let found = next
                .as_ref()
                .filter(|(live_id, _)| view.compare_ids(name, live_id, &id) == Ordering::Equal);
            if found.is_some_and(|(_, live_hash)| *live_hash == hash) {
                self.totals.counts.add(StepAction::Same);
                continue;
            }
            let live_record = match (found, live) {
                (Some(_), Some(live)) => live.get(name, &id)?,
                _ => None,
            };
            let backup = view.get(name, &id)?;
            self.record(known, &id, backup.as_ref(), live_record.as_ref())?;
        }
        Ok(())
    }

    fn record(&mut self, known: &Known<'_>, id: &str, backup: Option<&Record>, live: Option<&Record>) -> Result<()> {
        let collection = known.name;
        let chosen = self.input.picked.fields.get(&(collection.to_owned(), id.to_owned()));
        if let (Some(pointers), Some(backup)) = (chosen, backup) {
            return self.some_fields(known, backup, live, pointers);
        }
        let differs = backup.map(|r| r.hash) != live.map(|r| r.hash);
        let base = match (self.input.base, live) {
            (Some(base), Some(_)) if differs => base.record(collection, id)?,
            _ => None,
        };
        let sides = RecordSides {
            base: base.as_ref().map(Into::into),
            live: live.map(RecordSide::from),
            backup: backup.map(RecordSide::from),
        };
        let subject = Subject::Record {
            collection: collection.to_owned(),
            id: id.to_owned(),
        };
        let rules = Rules {
            policy: self.policy(&subject),
            surplus: Surplus::Keep,
            can: self.input.can,
            computed: &known.computed,
        };
        let outcome = plan_record(&sides, &rules);
        let bytes = backup.map_or(0, |r| r.data.as_bytes().len() as u64);
        self.push(
            subject,
            outcome,
            live.map(|r| r.hash.to_string()),
            backup.map(|r| r.hash.to_string()),
            bytes,
            Vec::new(),
        )
    }

    /// One record of which only some fields come back: planned like a record whose other fields are the same on all sides.
    fn some_fields(&mut self, known: &Known<'_>, backup: &Record, live: Option<&Record>, chosen: &[String]) -> Result<()> {
        let subject = Subject::Record {
            collection: known.name.to_owned(),
            id: backup.id.clone(),
        };
        let (left_out, pointers): (Vec<_>, Vec<_>) =
            chosen.iter().cloned().partition(|p| known.computed.contains(&fields::top(p)));
        let Some(live) = live else {
            return self.no_field(subject, Reason::NoRecordForField, left_out);
        };
        if pointers.is_empty() {
            return self.no_field(subject, Reason::FieldComputed, left_out);
        }
        if changes_key(known, &subject, live, backup, &pointers)? {
            return self.no_field(subject, Reason::FieldIsKey, left_out);
        }
        let Some(result) = fields::merged_record(live, backup, &pointers) else {
            return self.no_field(subject, Reason::NoPlaceForField, left_out);
        };
        // What changed in the other fields since the newest backup is no conflict: nothing is written there.
        let base = match self.input.base {
            Some(base) => base.record(known.name, &backup.id)?,
            None => None,
        };
        let base = base.and_then(|base| fields::merged_record(live, &base, &pointers));
        let sides = RecordSides {
            base: base.as_ref().map(Into::into),
            live: Some(RecordSide::from(live)),
            backup: Some(RecordSide {
                changed: backup.changed,
                ..RecordSide::from(&result)
            }),
        };
        let policy = match self.policy(&subject) {
            // A field cannot be kept beside itself.
            ConflictPolicy::Both => ConflictPolicy::Ask,
            policy => policy,
        };
        let rules = Rules {
            policy,
            surplus: Surplus::Keep,
            can: self.input.can,
            computed: &known.computed,
        };
        let outcome = Outcome {
            left_out,
            ..plan_record(&sides, &rules)
        };
        let bytes = result.data.as_bytes().len() as u64;
        let (live, result) = (live.hash.to_string(), result.hash.to_string());
        self.push(subject, outcome, Some(live), Some(result), bytes, pointers)
    }

    fn no_field(&mut self, subject: Subject, reason: Reason, left_out: Vec<String>) -> Result<()> {
        let outcome = Outcome {
            action: StepAction::Impossible,
            fields: Vec::new(),
            reason: Some(reason),
            left_out,
        };
        self.push(subject, outcome, None, None, 0, Vec::new())
    }

    fn files(&mut self, paths: &[String]) -> Result<()> {
        let Some(files) = self.input.backup.files.clone() else {
            return Ok(());
        };
        if paths.is_empty() {
            return self.files_below(&*files, None);
        }
        paths.iter().try_for_each(|path| self.files_below(&*files, Some(path)))
    }

    fn files_below(&mut self, files: &dyn FileView, below: Option<&str>) -> Result<()> {
        let live = self.input.live.files.clone();
        let base = self.input.base.and_then(|base| base.files.clone());
        for entry in files.walk(below)? {
            let entry = entry?;
            self.job.cancel.check()?;
            self.meter.add(1, entry.size, &entry.path);
            if self.input.picked.except.file(&entry.path) {
                continue;
            }
            let there = OnSide::at(live.as_deref(), &entry.path)?;
            let wanted = OnSide {
                content: there.as_ref().map(|_| hash_of(files, &entry)).transpose()?,
                entry,
            };
            // What is the same needs no third side; anything else does, a changed mode as well as changed content.
            let before = match &there {
                Some(there) if !there.looks_like(&wanted) => OnSide::at(base.as_deref(), &wanted.entry.path)?,
                _ => None,
            };
            let sides = FileSides {
                base: before.as_ref().map(OnSide::side),
                live: there.as_ref().map(OnSide::side),
                backup: Some(wanted.side()),
            };
            let subject = Subject::File {
                path: wanted.entry.path.clone(),
            };
            let rules = Rules {
                policy: self.policy(&subject),
                surplus: Surplus::Keep,
                can: self.input.can,
                computed: &[],
            };
            let outcome = plan_file(&sides, &rules);
            self.push(
                subject,
                outcome,
                there.and_then(|t| t.content),
                wanted.content,
                wanted.entry.size,
                Vec::new(),
            )?;
        }
        Ok(())
    }
}

/// What is known of a collection.
struct Known<'a> {
    name: &'a str,
    /// Fields the source computes.
    computed: Vec<String>,
    /// Fields that make the id.
    key: &'a [String],
}

/// Whether bringing these fields back would make another record of it.
///
/// # Errors
/// [`EngineError::NoField`] for one that neither side has.
fn changes_key(known: &Known<'_>, subject: &Subject, live: &Record, backup: &Record, pointers: &[String]) -> Result<bool> {
    let (now, then) = (parsed(known.name, live)?, parsed(known.name, backup)?);
    if let Some(field) = pointers
        .iter()
        .find(|p| now.pointer(p).is_none() && then.pointer(p).is_none())
    {
        return Err(EngineError::NoField {
            record: subject_name(subject),
            field: field.clone(),
        });
    }
    let keys: Vec<String> = pointers
        .iter()
        .filter(|p| known.key.contains(&fields::top(p)))
        .cloned()
        .collect();
    Ok(!fields::agree(&now, &then, &keys))
}

fn parsed(collection: &str, record: &Record) -> Result<serde_json::Value> {
    record.data.value().map_err(|error| EngineError::BadRecord {
        id: format!("{collection}/{}", record.id),
        error,
    })
}

/// A file on one side, with the identity of its content if that was asked for.
struct OnSide {
    entry: FileEntry,
    content: Option<String>,
}

impl OnSide {
    /// What lies at `path`, if anything.
    fn at(files: Option<&dyn FileView>, path: &str) -> Result<Option<Self>> {
        let Some(files) = files else { return Ok(None) };
        let Some(entry) = files.stat(path)? else { return Ok(None) };
        Ok(Some(Self {
            content: Some(hash_of(files, &entry)?),
            entry,
        }))
    }

    fn side(&self) -> FileSide<'_> {
        FileSide {
            entry: &self.entry,
            content: self.content.as_deref(),
        }
    }

    fn looks_like(&self, other: &Self) -> bool {
        let of = |entry: &FileEntry| (entry.meta.mode, entry.meta.uid, entry.meta.gid);
        self.content == other.content && self.entry.kind == other.entry.kind && of(&self.entry) == of(&other.entry)
    }
}

/// Identity of what lies at a path.
fn hash_of(files: &dyn FileView, entry: &FileEntry) -> Result<String> {
    Ok(files.identity(entry)?.to_string())
}
