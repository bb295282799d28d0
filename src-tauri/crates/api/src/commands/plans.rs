//! Plans: list, set, remove, pause, run; timetables and keep rules before they count.

use std::collections::HashSet;

use backstay_journal::{NewPlan, PlanChange, Slot, SlotKey, SlotOutcome, Step, TaskState};
use backstay_model::ErrorKind;
use backstay_schedule::{Ready, Schedule, State};
use chrono::{DateTime, Local, TimeDelta, Utc};
use serde_json::json;

use super::{Command, Guard, keep::rules};
use crate::{
    ApiError, App, Context, Result,
    plans::{self, Loaded, Watched, keep as retention, row},
    types::{
        KeepPreviewReply, KeepPreviewRequest, Nothing, PlanPauseRequest, PlanRef, PlanRow, PlanRunReply, PlanRunRequest,
        PlanSetRequest, PlanSpec, PlansReply, Task, TimetableReply, TimetableRequest, Topic,
    },
};

/// Lists plans.
pub struct Plans;
/// Adds a plan, or changes one.
pub struct PlanSet;
/// Removes a plan; what it saved stays.
pub struct PlanRemove;
/// Holds plans back for a while.
pub struct PlanPause;
/// Runs a task of a plan.
pub struct PlanRun;
/// Shows what a timetable means.
pub struct PlanPreview;
/// Shows what keep rules would remove.
pub struct KeepPreview;

/// Why a slot that waited does not run any more: its task runs only by hand now.
const SWITCHED_OFF: &str = "superseded";
/// Most slots shown of a timetable.
const MOST_SLOTS: u32 = 100;
/// Longest pause.
const LONGEST_PAUSE: TimeDelta = TimeDelta::days(3660);

impl Command for Plans {
    const NAME: &'static str = "plan.list";
    type Request = Nothing;
    type Reply = PlansReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<PlansReply> {
        list(app)
    }
}

fn list(app: &App) -> Result<PlansReply> {
    let watched = Watched::of(app)?;
    let planned: HashSet<&str> = watched.planned();
    let sources = app.journal().sources().list()?;
    Ok(PlansReply {
        plans: row::all(app, &watched)?,
        unplanned: sources
            .into_iter()
            .filter(|source| !planned.contains(source.id.as_str()))
            .map(|source| source.name)
            .collect(),
        zone: watched.zone,
    })
}

impl Command for PlanSet {
    const NAME: &'static str = "plan.set";
    const CHANGES: &'static [Topic] = &[Topic::Plans, Topic::Sources, Topic::Audit];
    type Request = PlanSetRequest;
    type Reply = PlanRow;
    fn run(app: &App, _: &Context<'_>, request: PlanSetRequest) -> Result<PlanRow> {
        check(&request.spec)?;
        backstay_journal::check_name(&request.name)?;
        let journal = app.journal();
        let sources = ids(&request.sources, &|name| Ok(journal.sources().get(name)?.id))?;
        let vaults = ids(&request.vaults, &|name| Ok(journal.vaults().get(name)?.id))?;
        let before = request.plan.as_deref().map(|name| plans::get(app, name)).transpose();
        let (spec, now) = (plans::stored(&request.spec)?, app.now());
        if request.dry_run {
            let shown = backstay_journal::Plan {
                id: String::new(),
                name: request.name,
                spec,
                sources: Vec::new(),
                vaults: Vec::new(),
                created: now,
                changed: now,
                enabled: true,
                paused_until: None,
                paused_by: None,
            };
            return row::of(app, &Watched::of(app)?, shown);
        }
        let plan = match &request.plan {
            None => journal.plans().add(
                &NewPlan {
                    name: request.name.clone(),
                    spec,
                    sources,
                    vaults,
                },
                now,
            )?,
            Some(name) => {
                let change = PlanChange {
                    name: Some(request.name.clone()),
                    spec: Some(spec),
                    sources: Some(sources),
                    vaults: Some(vaults),
                    enabled: request.enabled,
                };
                journal.plans().change(name, &change, now)?
            }
        };
        // What a plan said before may be unreadable; then every task begins anew.
        let before = before.ok().flatten();
        renew(app, &plan.id, before.as_ref(), &request, now)?;
        let action = if request.plan.is_some() { "plan.change" } else { "plan.add" };
        app.audit(
            action,
            &plan.name,
            json!({ "sources": request.sources, "vaults": request.vaults, "spec": request.spec, "enabled": request.enabled }),
        )?;
        row::of(app, &Watched::of(app)?, journal.plans().get(&plan.id)?)
    }
}

/// Ids of what is named, each once, in order.
fn ids(names: &[String], id: &dyn Fn(&str) -> Result<String>) -> Result<Vec<String>> {
    let mut ids: Vec<String> = Vec::new();
    for name in names {
        let id = id(name)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Somebody else writes the same record at most now and then.
const TRIES: u32 = 20;

/// What a new timetable would have done before now is nothing that was missed; what the old one owed stays owed.
fn renew(app: &App, plan: &str, before: Option<&Loaded>, request: &PlanSetRequest, now: DateTime<Utc>) -> Result<()> {
    let switched_on = before.is_some_and(|plan| !plan.plan.enabled) && request.enabled == Some(true);
    let zone = plans::system_zone();
    let looked = app.journal().watch().last_beat()?.map_or(now, |beat| beat.at.min(now));
    for task in Task::ALL {
        let same = before.is_some_and(|before| before.spec.timetable(task) == request.spec.timetable(task));
        if same && !switched_on {
            continue;
        }
        let old = before.and_then(|before| before.ready(task, &zone).ok().flatten());
        let old = old.filter(|_| !switched_on);
        let by_hand = request.spec.timetable(task).schedule == Schedule::Manual;
        for _ in 0..TRIES {
            // One that was never looked at begins with the change of its plan.
            let Some(known) = app.journal().tasks().get(plan, task.name())? else {
                break;
            };
            if app
                .journal()
                .schedule_step(&renewed(known, old.as_ref(), looked, now, by_hand)?)?
            {
                break;
            }
        }
    }
    Ok(())
}

/// What is remembered of a task whose timetable changed. A slot that waits goes on waiting, unless nothing is done by the clock any more.
fn renewed(known: TaskState, old: Option<&Ready>, looked: DateTime<Utc>, now: DateTime<Utc>, by_hand: bool) -> Result<Step> {
    let state = State {
        handled: known.handled,
        waiting: known.waiting.as_ref().and_then(plans::unraw),
    };
    let state = match old {
        Some(old) => state.retimed(old, looked),
        None => State {
            handled: state.handled.max(now),
            ..state
        },
    };
    let left = state.waiting.filter(|_| by_hand);
    let settle = left.map(|waiting| Slot {
        reason: Some(SWITCHED_OFF.to_owned()),
        ..Slot::new(
            &SlotKey {
                plan: known.plan.clone(),
                task: known.task.clone(),
                epoch: known.epoch,
                due: waiting.due,
            },
            SlotOutcome::Skipped,
        )
    });
    Ok(Step {
        task: TaskState {
            handled: state.handled,
            waiting: state.waiting.filter(|_| !by_hand).as_ref().map(plans::raw).transpose()?,
            ..known
        },
        settle: settle.into_iter().collect(),
        claim: None,
    })
}

/// Everything a plan says must make sense before it is kept.
pub(super) fn check(spec: &PlanSpec) -> Result<()> {
    let zone = plans::system_zone();
    for task in Task::ALL {
        let timetable = spec.timetable(task);
        if timetable.schedule != Schedule::Manual {
            timetable.check(&zone)?;
        }
    }
    spec.rules.check()?;
    rules(&spec.keep)?;
    let share = spec.upkeep.sample_percent;
    if !(share > 0.0 && share <= 100.0) {
        return Err(ApiError::new(
            ErrorKind::Usage,
            "the share to read is a number of percent above 0, at most 100",
        ));
    }
    if spec.promise_minutes == Some(0) {
        return Err(ApiError::new(ErrorKind::Usage, "a promise of 0 minutes cannot be kept"));
    }
    if spec
        .guards
        .share_percent
        .is_some_and(|share| !(share > 0.0 && share <= 100.0))
    {
        return Err(ApiError::new(
            ErrorKind::Usage,
            "the share at which a guard trips is a number of percent above 0, at most 100",
        ));
    }
    let hooks = [&spec.hooks.before, &spec.hooks.after];
    if hooks.into_iter().flatten().any(|hook| hook.command.trim().is_empty()) {
        return Err(ApiError::new(ErrorKind::Usage, "a command before or after a backup is empty"));
    }
    Ok(())
}

impl Command for PlanRemove {
    const NAME: &'static str = "plan.remove";
    const CHANGES: &'static [Topic] = &[Topic::Plans, Topic::Sources, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = PlanRef;
    type Reply = Nothing;
    fn run(app: &App, _: &Context<'_>, request: PlanRef) -> Result<Nothing> {
        let plan = app.journal().plans().remove(&request.plan)?;
        let sources: Vec<String> = plan.sources.into_iter().map(|named| named.name).collect();
        app.audit("plan.remove", &plan.name, json!({ "sources": sources }))?;
        Ok(Nothing {})
    }
}

impl Command for PlanPause {
    const NAME: &'static str = "plan.pause";
    const CHANGES: &'static [Topic] = &[Topic::Plans, Topic::Sources, Topic::Audit];
    type Request = PlanPauseRequest;
    type Reply = PlansReply;
    fn run(app: &App, _: &Context<'_>, request: PlanPauseRequest) -> Result<PlansReply> {
        let now = app.now();
        let until = request.until.filter(|until| *until > now);
        if request.until.is_some() && until.is_none() {
            return Err(ApiError::new(
                ErrorKind::Usage,
                "a pause ends in the future; nothing was changed",
            ));
        }
        if until.is_some_and(|until| until - now > LONGEST_PAUSE) {
            return Err(ApiError::new(ErrorKind::Usage, "a pause lasts ten years at most")
                .hint("Switch the plan off instead: then it runs only by hand."));
        }
        let all = match &request.plan {
            Some(name) => vec![app.journal().plans().get(name)?],
            None => app.journal().plans().list()?,
        };
        for plan in &all {
            app.journal().plans().pause(&plan.id, until, app.actor())?;
            let action = if until.is_some() { "plan.pause" } else { "plan.resume" };
            app.audit(action, &plan.name, json!({ "until": until }))?;
        }
        list(app)
    }
}

impl Command for PlanRun {
    const NAME: &'static str = "plan.run";
    const CHANGES: &'static [Topic] = &[
        Topic::Plans,
        Topic::Sources,
        Topic::Vaults,
        Topic::Snapshots,
        Topic::Runs,
        Topic::Holds,
        Topic::Audit,
        Topic::Channels,
    ];
    type Request = PlanRunRequest;
    type Reply = PlanRunReply;
    fn run(app: &App, context: &Context<'_>, request: PlanRunRequest) -> Result<PlanRunReply> {
        let done = plans::run::run(app, context, &request);
        plans::post::deliver_by_hand(app);
        done
    }
}

impl Command for PlanPreview {
    const NAME: &'static str = "plan.preview";
    type Request = TimetableRequest;
    type Reply = TimetableReply;
    fn run(app: &App, _: &Context<'_>, request: TimetableRequest) -> Result<TimetableReply> {
        let zone = plans::system_zone();
        let ready = request.timetable.check(&zone)?;
        let now = app.now();
        let mut next = Vec::new();
        let mut from = now;
        while let Some(slot) = ready
            .next_after(from)
            .filter(|_| next.len() < request.count.min(MOST_SLOTS) as usize)
        {
            next.push(slot);
            from = slot;
        }
        let promise = ready.default_promise(now);
        Ok(TimetableReply {
            words: ready.describe(),
            cron: ready.cron(),
            next,
            zone: ready.zone().to_owned(),
            promise_minutes: promise.map(|time| u64::try_from(time.num_minutes()).unwrap_or(0)),
        })
    }
}

impl Command for KeepPreview {
    const NAME: &'static str = "plan.keepPreview";
    type Request = KeepPreviewRequest;
    type Reply = KeepPreviewReply;
    fn run(app: &App, context: &Context<'_>, request: KeepPreviewRequest) -> Result<KeepPreviewReply> {
        retention::preview(app, context, &request)
    }
}

/// A moment's local day, as figures and calendars name it.
pub(crate) fn day(time: DateTime<Utc>) -> String {
    time.with_timezone(&Local).format("%Y-%m-%d").to_string()
}
