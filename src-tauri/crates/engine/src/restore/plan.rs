//! Making a restore plan: reads the three sides, writes nothing to the target.

use std::collections::HashMap;

use backstay_compare::{FileSide, FileSides, Outcome, Reason, RecordSide, RecordSides, Rules, Surplus, plan_file, plan_record};
use backstay_model::{
    Capabilities, CollectionKind, ConflictPolicy, FileEntry, PlanCounts, PlanStep, Record, Stage, StepAction, Subject,
};
use backstay_source::{FileView, Weighed};

use super::{
    batch::{Sides, no_view},
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

pub(super) struct Planner<'a> {
    pub(super) input: &'a PlanInput<'a>,
    pub(super) job: &'a Job<'a>,
    pub(super) meter: &'a Meter<'a>,
    out: &'a mut PlanWriter,
    pub(super) totals: PlanTotals,
}

/// A step to be, before the target was heard.
struct Planned {
    outcome: Outcome,
    live: Option<String>,
    backup: Option<String>,
    bytes: u64,
    only: Vec<String>,
}

fn writes(action: StepAction) -> bool {
    matches!(action, StepAction::Create | StepAction::Update | StepAction::KeepBoth)
}

/// Whether the target has to be able to take the backup's version: now, or once somebody has decided so.
fn asks(action: StepAction) -> bool {
    writes(action) || action == StepAction::Conflict
}

/// Bytes of a record's attachments, as far as they are known.
fn attached(record: &Record) -> u64 {
    record.assets.iter().filter_map(|asset| asset.size).sum()
}

impl Planner<'_> {
    fn push(&mut self, subject: Subject, planned: Planned) -> Result<()> {
        self.push_weighed(subject, planned, Weighed::default())
    }

    /// Adds a step, as far as the target has nothing to say against it.
    fn push_weighed(&mut self, subject: Subject, planned: Planned, weighed: Weighed) -> Result<()> {
        self.job.cancel.check()?;
        let outcome = self.as_decided(&subject, planned.outcome);
        let action = match (&weighed.impossible, outcome.action) {
            _ if weighed.same => StepAction::Same,
            (Some(_), action) if asks(action) => StepAction::Impossible,
            (_, action) => action,
        };
        self.totals.counts.add(action);
        if action == StepAction::Same {
            return Ok(());
        }
        let bytes = if writes(action) { planned.bytes } else { 0 };
        self.totals.bytes += bytes;
        let against = weighed.impossible.filter(|_| action == StepAction::Impossible);
        self.out.push(PlanStep {
            index: 0,
            subject,
            action,
            live: planned.live,
            backup: planned.backup,
            only: planned.only,
            fields: outcome.fields,
            left_out: outcome.left_out,
            reason: against.or_else(|| outcome.reason.map(|reason| reason.to_string())),
            notes: weighed.notes,
            bytes,
        })
    }

    /// What a person decided to leave is left, also where nothing stands against writing it.
    fn as_decided(&self, subject: &Subject, outcome: Outcome) -> Outcome {
        let leave = matches!(
            self.input.decided.get(subject),
            Some(ConflictPolicy::Skip | ConflictPolicy::Local)
        );
        if leave && writes(outcome.action) {
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
            return self.collection_step(name, StepAction::Impossible, reason);
        }
        let sides = Sides {
            known,
            backup: self.input.backup.records_of(name)?.ok_or_else(|| no_view(name))?,
            live: self.input.live.records_of(name)?,
            base: match self.input.base {
                Some(base) => base.records_of(name)?,
                None => None,
            },
        };
        if about.kind == CollectionKind::Aside && self.input.picked.whole {
            return self.left_aside(&sides);
        }
        match ids {
            Ids::Some(ids) => self.some_records(&sides, ids),
            Ids::All => self.whole_collection(&sides, None),
            Ids::Matching(matching) => self.whole_collection(&sides, Some(matching)),
        }
    }

    /// What the service keeps for its own running is left where everything is restored, and said to be.
    fn left_aside(&mut self, sides: &Sides<'_>) -> Result<()> {
        let name = sides.known.name;
        if sides.backup.count(name)? == 0 {
            return Ok(());
        }
        let reason = "the service keeps these for its own running; they come back only when they are chosen by name";
        self.collection_step(name, StepAction::Skip, reason)
    }

    /// A step that stands for a whole collection of which nothing is written.
    fn collection_step(&mut self, collection: &str, action: StepAction, reason: &str) -> Result<()> {
        self.totals.counts.add(action);
        self.out.push(PlanStep {
            index: 0,
            subject: Subject::Record {
                collection: collection.to_owned(),
                id: "*".to_owned(),
            },
            action,
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

    pub(super) fn record(
        &mut self,
        sides: &Sides<'_>,
        id: &str,
        backup: Option<&Record>,
        live: Option<&Record>,
        base: Option<&Record>,
    ) -> Result<()> {
        let known = &sides.known;
        let collection = known.name;
        let chosen = self.input.picked.fields.get(&(collection.to_owned(), id.to_owned()));
        if let (Some(pointers), Some(backup)) = (chosen, backup) {
            return self.some_fields(known, backup, live, pointers);
        }
        let subject = Subject::Record {
            collection: collection.to_owned(),
            id: id.to_owned(),
        };
        let weighed = match (sides.live, backup) {
            (Some(view), Some(backup)) if live.is_none_or(|live| live.hash != backup.hash) => {
                view.weigh(collection, backup, live)?
            }
            _ => Weighed::default(),
        };
        let three = RecordSides {
            base: base.map(Into::into),
            live: live.map(RecordSide::from),
            backup: backup.map(RecordSide::from),
        };
        let rules = Rules {
            policy: self.policy(&subject),
            surplus: Surplus::Keep,
            can: self.input.can,
            computed: &known.computed,
        };
        let planned = Planned {
            outcome: plan_record(&three, &rules),
            live: live.map(|r| r.hash.to_string()),
            backup: backup.map(|r| r.hash.to_string()),
            bytes: backup.map_or(0, |r| r.data.as_bytes().len() as u64 + attached(r)),
            only: Vec::new(),
        };
        self.push_weighed(subject, planned, weighed)
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
        let planned = Planned {
            outcome,
            live: Some(live.hash.to_string()),
            backup: Some(result.hash.to_string()),
            bytes,
            only: pointers,
        };
        self.push(subject, planned)
    }

    fn no_field(&mut self, subject: Subject, reason: Reason, left_out: Vec<String>) -> Result<()> {
        let outcome = Outcome {
            action: StepAction::Impossible,
            fields: Vec::new(),
            reason: Some(reason),
            left_out,
        };
        let planned = Planned {
            outcome,
            live: None,
            backup: None,
            bytes: 0,
            only: Vec::new(),
        };
        self.push(subject, planned)
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
            let planned = Planned {
                outcome: plan_file(&sides, &rules),
                live: there.and_then(|t| t.content),
                backup: wanted.content,
                bytes: wanted.entry.size,
                only: Vec::new(),
            };
            self.push(subject, planned)?;
        }
        Ok(())
    }
}

/// What is known of a collection.
pub(super) struct Known<'a> {
    pub(super) name: &'a str,
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
