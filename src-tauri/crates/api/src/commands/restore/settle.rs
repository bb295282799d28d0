//! Settling a conflict: one version of a record becomes the only one. It is written down, saved first and taken back like a restore of one
//! record.

use backstay_engine::{
    State,
    restore::{PlanFile, PlanWriter, SafetyInput, save_touched, subject_name},
};
use backstay_journal::{Counters, NewRestore, NewRun, Owner, Run, RunEnd, StepIntent, StepResult, UndoRef};
use backstay_model::{
    ConflictPolicy, ContentHash, ErrorKind, PlanCounts, PlanHeader, PlanStep, RawJson, Record, RunKind, Selection, StepAction,
    StepState, Subject, TargetSpec, Verdict,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Command, Guard, job,
    origin::{Keeper, keeper, no_keeper},
    plans_dir,
};
use crate::{
    ApiError, App, Context, Result,
    commands::{
        backup::{Recording, failed_end, named},
        conflicts::{Torn, raw},
    },
    types::{ConflictField, ConflictKeep, ConflictSettleReply, ConflictSettleRequest, ReadBack, RestoreReply, Topic},
};

/// Makes one version the only one, after saving all of them.
pub struct ConflictSettle;

impl Command for ConflictSettle {
    const NAME: &'static str = "conflict.settle";
    const CHANGES: &'static [Topic] = &[Topic::Conflicts, Topic::Runs, Topic::Snapshots, Topic::Audit];
    const GUARD: Guard = Guard::Restores;
    type Request = ConflictSettleRequest;
    type Reply = ConflictSettleReply;
    fn run(app: &App, context: &Context<'_>, request: ConflictSettleRequest) -> Result<ConflictSettleReply> {
        let torn = Torn::open(app, &request.source)?;
        let expect = expected(&request)?;
        torn.finder()?;
        if torn.state(context, &request.collection, &request.id)? != expect {
            return Err(changed(&request));
        }
        let versions = torn.versions(&request.collection, &request.id)?;
        let (data, from) = chosen(&torn, &versions, &request.keep)?;
        if versions.len() < 2 {
            let text = format!(
                "{}/{} is not in conflict; nothing was written",
                request.collection, request.id
            );
            return Err(ApiError::new(ErrorKind::Refused, text));
        }
        let (record, vault) = keeper(app, context, &torn.row.id)?.ok_or_else(no_keeper)?;
        let owner = app.own()?;
        let plan = plan(app, &torn, &request, &record.name)?;
        let new = NewRun {
            kind: RunKind::Settle,
            source: Some(named(&torn.row.id, &torn.row.name)),
            vault: Some(named(&record.id, &record.name)),
            snapshot: None,
            plan: None,
        };
        let run = app.journal().runs().begin(&owner, &new, app.now())?;
        let begin = NewRestore {
            plan_path: plan.path.display().to_string(),
            plan_hash: plan.checksum()?,
            steps: 1,
            undoes: None,
        };
        app.journal().restores().begin(&run.id, &begin)?;
        let settling = Settling {
            torn,
            request,
            plan,
            data,
            from,
            expect,
            versions: versions.len() as u64,
            keeper: (record, vault),
        };
        recorded(app, context, &settling, &run)
    }
}

/// A conflict about to be settled.
struct Settling {
    torn: Torn,
    request: ConflictSettleRequest,
    plan: PlanFile,
    data: RawJson,
    from: String,
    expect: ContentHash,
    versions: u64,
    keeper: Keeper,
}

fn expected(request: &ConflictSettleRequest) -> Result<ContentHash> {
    request.expect.parse().map_err(|_| {
        ApiError::new(ErrorKind::Usage, format!("{:?} names no state of a record", request.expect))
            .hint("Look at the conflict first: `backstay conflict show`.")
    })
}

fn changed(request: &ConflictSettleRequest) -> ApiError {
    let text = format!(
        "{}/{} was changed since it was looked at; nothing was written",
        request.collection, request.id
    );
    ApiError::new(ErrorKind::Changed, text).hint("Look at it again, then choose.")
}

/// The content that stays, and the version its attachments are of.
fn chosen(torn: &Torn, versions: &[Record], keep: &ConflictKeep) -> Result<(RawJson, String)> {
    let version = |rev: &str| {
        versions
            .iter()
            .find(|version| version.rev.as_deref() == Some(rev))
            .ok_or_else(|| {
                let known: Vec<&str> = versions.iter().filter_map(|version| version.rev.as_deref()).collect();
                ApiError::new(
                    ErrorKind::NotFound,
                    format!("there is no version {rev:?}; nothing was written"),
                )
                .hint(format!("Versions: {}.", known.join(", ")))
            })
    };
    match keep {
        ConflictKeep::Rev(rev) => Ok((raw(&torn.content(version(rev)?)?)?, rev.clone())),
        ConflictKeep::Fields(merge) => {
            let mut data = torn.content(version(&merge.from)?)?;
            for field in &merge.fields {
                let other = torn.content(version(&field.rev)?)?;
                take(&mut data, &other, field)?;
            }
            Ok((raw(&data)?, merge.from.clone()))
        }
        ConflictKeep::Data(given) => {
            version(&given.from)?;
            let bad = |what: String| ApiError::new(ErrorKind::Usage, format!("the content is no JSON object: {what}"));
            let mut data: Value = serde_json::from_str(&given.json).map_err(|error| bad(error.to_string()))?;
            let Value::Object(members) = &mut data else {
                return Err(bad("it is something else".to_owned()));
            };
            for name in torn.finder()?.own_fields() {
                members.shift_remove(*name);
            }
            Ok((raw(&data)?, given.from.clone()))
        }
    }
}

/// Puts a field of another version into the content. Positions in lists of two versions mean different things, so that a list is taken as a
/// whole.
fn take(into: &mut Value, from: &Value, field: &ConflictField) -> Result<()> {
    let no_place = || {
        ApiError::new(
            ErrorKind::Usage,
            format!("the field {:?} has no place in the version", field.field),
        )
        .hint("Fields are written as in the differences: /title, /address/street.")
    };
    let mut names = field.field.strip_prefix('/').ok_or_else(no_place)?.split('/').peekable();
    let (mut target, mut source) = (into, Some(from));
    while let Some(name) = names.next() {
        let name = name.replace("~1", "/").replace("~0", "~");
        let Value::Object(members) = target else {
            return Err(no_place());
        };
        source = source.and_then(|value| value.get(&name));
        let lists = members.get(&name).is_some_and(Value::is_array) || source.is_some_and(Value::is_array);
        let deeper = names.peek().is_some() && !lists && members.get(&name).is_some_and(Value::is_object);
        if !deeper {
            match source {
                Some(value) => members.insert(name, value.clone()),
                None => members.shift_remove(&name),
            };
            return Ok(());
        }
        target = members.get_mut(&name).ok_or_else(no_place)?;
    }
    Ok(())
}

/// The plan of one step: what undo reads.
fn plan(app: &App, torn: &Torn, request: &ConflictSettleRequest, vault: &str) -> Result<PlanFile> {
    let mut out = PlanWriter::new(&plans_dir(app))?;
    out.push(PlanStep {
        index: 0,
        subject: subject(request),
        action: StepAction::Update,
        live: Some(request.expect.clone()),
        backup: None,
        only: Vec::new(),
        fields: Vec::new(),
        left_out: Vec::new(),
        reason: None,
        notes: Vec::new(),
        bytes: 0,
    })?;
    Ok(out.finish(PlanHeader {
        version: backstay_engine::restore::PLAN_VERSION,
        plan_id: Uuid::now_v7().to_string(),
        created: app.now(),
        vault: vault.to_owned(),
        snapshot: String::new(),
        bundle: None,
        source: torn.row.name.clone(),
        selection: Selection::default(),
        target: TargetSpec::InPlace,
        policy: ConflictPolicy::Skip,
        options: std::collections::BTreeMap::new(),
        counts: PlanCounts {
            update: 1,
            ..PlanCounts::default()
        },
        bytes: 0,
    })?)
}

fn subject(request: &ConflictSettleRequest) -> Subject {
    Subject::Record {
        collection: request.collection.clone(),
        id: request.id.clone(),
    }
}

/// Does it as a run with a record.
fn recorded(app: &App, context: &Context<'_>, settling: &Settling, run: &Run) -> Result<ConflictSettleReply> {
    let recording = Recording::new(context.reporter);
    let result = settle(app, context, &recording, settling, run);
    let end = match &result {
        Ok(reply) => RunEnd {
            finished: app.now(),
            verdict: Verdict::Complete,
            reason: None,
            counters: Counters {
                items: 1,
                ..Counters::default()
            },
            snapshot: Some(reply.safety_snapshot.clone()),
        },
        Err(error) => failed_end(app, error),
    };
    let runs = app.journal().runs();
    runs.add_events(&run.id, &recording.into_events(app.now()))?;
    runs.finish(&run.id, &end)?;
    let record = subject_name(&subject(&settling.request));
    let detail = json!({ "run": run.id, "record": record, "from": settling.from, "verdict": end.verdict });
    app.audit("conflict.settle", &settling.torn.row.name, detail)?;
    result
}

fn settle(
    app: &App,
    context: &Context<'_>,
    recording: &Recording<'_>,
    settling: &Settling,
    run: &Run,
) -> Result<ConflictSettleReply> {
    let Settling { torn, request, .. } = settling;
    let safety = saved(app, context, recording, settling, run)?;
    let intent = StepIntent {
        index: 0,
        subject: subject(request),
        action: StepAction::Update,
        before: Some(request.expect.clone()),
    };
    app.journal().restores().intents(&run.id, &[intent])?;
    let finder = torn.finder()?;
    let written = finder.settle(
        &request.collection,
        &request.id,
        &settling.data,
        &settling.from,
        settling.expect,
    );
    let rev = finder
        .versions(&request.collection, &request.id)
        .ok()
        .and_then(|now| now.first()?.rev.clone());
    // What is there now tells undo whether a person changed it since.
    let now = || torn.state(context, &request.collection, &request.id).ok();
    let (state, after) = match &written {
        Ok(written) => (
            StepState::Done { new_id: None },
            written.hash.or_else(now).map(|hash| hash.to_string()),
        ),
        Err(error) => (
            StepState::Failed {
                kind: error.kind,
                message: error.message.clone(),
            },
            None,
        ),
    };
    let result = StepResult { index: 0, state, after };
    app.journal().restores().results(&run.id, &[result])?;
    written?;
    Ok(ConflictSettleReply {
        run: run.id.clone(),
        verdict: Verdict::Complete,
        rev,
        removed: settling.versions - 1,
        safety_snapshot: safety,
        can_undo: true,
    })
}

/// After an interruption: finds out whether the conflict was settled. It is not settled now, because the content is kept nowhere.
pub(super) fn found_out(app: &App, context: &Context<'_>, owner: &Owner, run: &str, plan: &PlanFile) -> Result<RestoreReply> {
    let known = app.journal().restores().recorded(run, 0..1)?;
    let nothing = || {
        ApiError::new(
            ErrorKind::Refused,
            "nothing was written before it was interrupted; choose again",
        )
    };
    let step = known.into_iter().next().ok_or_else(nothing)?;
    let Subject::Record { collection, id } = &step.subject else {
        return Err(nothing());
    };
    let torn = Torn::open(app, &plan.header.source)?;
    let now = torn.state(context, collection, id)?.to_string();
    let restore = app.journal().restores().resume(owner, run, app.now())?;
    let settled = step.before.as_ref() != Some(&now);
    let state = if settled {
        StepState::Done { new_id: None }
    } else {
        StepState::Failed {
            kind: ErrorKind::Interrupted,
            message: "was interrupted before it was written; choose again".to_owned(),
        }
    };
    let result = StepResult {
        index: 0,
        state,
        after: settled.then_some(now),
    };
    app.journal().restores().results(run, &[result])?;
    let verdict = if settled { Verdict::Complete } else { Verdict::Failed };
    let end = RunEnd {
        finished: app.now(),
        verdict,
        reason: None,
        counters: Counters::default(),
        snapshot: None,
    };
    app.journal().runs().finish(run, &end)?;
    Ok(RestoreReply {
        run: run.to_owned(),
        verdict,
        plan: plan.header.clone(),
        target: torn.row.name,
        written: u64::from(settled),
        gaps: Vec::new(),
        read_back: ReadBack::default(),
        safety_snapshot: restore.undo.map(|undo| undo.snapshot),
        can_undo: settled,
    })
}

/// Saves the record with all its versions.
fn saved(app: &App, context: &Context<'_>, recording: &Recording<'_>, settling: &Settling, run: &Run) -> Result<String> {
    let Settling { torn, plan, keeper, .. } = settling;
    let connector = app.connector(&torn.row.kind)?;
    let live = State::live(&*torn.source, context.cancel)?;
    let input = SafetyInput {
        plan,
        live: &live,
        vault: &keeper.1,
        source_id: &torn.row.id,
        source_name: &torn.row.name,
        source_kind: connector.kind(),
        connector_version: connector.version(),
        run: &run.id,
    };
    let snapshot = save_touched(&input, &job(app, context, recording))?.ok_or_else(|| changed(&settling.request))?;
    let reference = UndoRef {
        vault: keeper.0.id.clone(),
        snapshot: snapshot.id.to_hex(),
    };
    app.journal().restores().set_undo(&run.id, &reference)?;
    Ok(reference.snapshot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(into: Value, from: &Value, field: &str) -> Option<Value> {
        let mut out = into;
        let field = ConflictField {
            field: field.to_owned(),
            rev: String::new(),
        };
        take(&mut out, from, &field).ok().map(|()| out)
    }

    #[test]
    fn a_field_comes_over_with_what_is_around_it_left_alone() {
        let mine = json!({"a": 1, "in": {"x": 1, "y": 2}, "tags": ["p", "q"], "gone": true, "flat": 1});
        let theirs = json!({"a": 2, "in": {"x": 9, "z": 3}, "tags": ["q"], "flat": {"now": "deep"}, "n/a": 5});
        assert_eq!(taken(mine.clone(), &theirs, "/a").unwrap()["a"], json!(2));
        assert_eq!(taken(mine.clone(), &theirs, "/in/x").unwrap()["in"], json!({"x": 9, "y": 2}));
        assert_eq!(
            taken(mine.clone(), &theirs, "/in/y").unwrap()["in"],
            json!({"x": 1}),
            "theirs has none"
        );
        assert_eq!(
            taken(mine.clone(), &theirs, "/tags/0").unwrap()["tags"],
            json!(["q"]),
            "lists come as a whole"
        );
        assert_eq!(
            taken(mine.clone(), &theirs, "/flat/now").unwrap()["flat"],
            json!({"now": "deep"})
        );
        assert_eq!(taken(mine.clone(), &theirs, "/n~1a").unwrap()["n/a"], json!(5));
        assert!(taken(mine.clone(), &theirs, "/gone").unwrap().get("gone").is_none());
        assert!(taken(mine.clone(), &theirs, "a").is_none(), "no pointer");
        assert!(taken(json!([1]), &theirs, "/a").is_none());
    }
}
