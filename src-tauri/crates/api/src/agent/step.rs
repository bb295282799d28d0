//! One look at the clock: what is due, what was missed and why, what waits; written down before anything begins.

use backstay_journal::{Claim, Lead, Slot, SlotKey, SlotOutcome, Step, TaskState};
use backstay_schedule::{Absence, Decision, Reason, Settled, State, Waiting, World, decide};
use backstay_surroundings::{Look, Tick};
use backstay_tell::Event;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{OFTEN, Stage, absence};
use crate::{
    App, Result,
    plans::{
        Loaded, Watched, alerts,
        messages::{age, message},
        raw, slot, unraw,
    },
    types::{PlanRunRequest, SlotRef, Task},
};

/// Absences are remembered as long as a person may ask why (days).
const REMEMBER: i64 = 400;
/// After a sleep or a start, what was missed is caught up: this long nothing is called late.
const CATCHING_UP: TimeDelta = TimeDelta::minutes(15);
/// Old records are cleared once in this time.
const CLEAR: TimeDelta = TimeDelta::hours(24);
/// Alarms that come with time alone are looked at so often.
const REVIEW: TimeDelta = TimeDelta::seconds(60);

/// What watches the clock. Holds only what is cheaper to remember than to read again; everything that counts is in the journal.
pub struct Agent {
    /// Marks slots this process took.
    token: String,
    last: Tick,
    absences: Vec<Absence>,
    reviewed: Option<DateTime<Utc>>,
    cleared: Option<DateTime<Utc>>,
}

impl Agent {
    /// Begins to watch: what a process that died had taken is given back, and the time nobody watched gets its reason.
    #[must_use]
    pub fn begin(app: &App, lead: &Lead, now: &Tick) -> Self {
        let mut agent = Self {
            token: Uuid::new_v4().to_string(),
            last: now.clone(),
            absences: Vec::new(),
            reviewed: None,
            cleared: None,
        };
        if let Err(error) = agent.take_over(app, lead, now) {
            tracing::error!("what was before could not be read: {}", error.message);
        }
        agent
    }

    fn take_over(&mut self, app: &App, lead: &Lead, now: &Tick) -> Result<()> {
        let watch = app.journal().watch();
        let since = now.wall - TimeDelta::days(REMEMBER);
        for known in watch.absences(since)? {
            let why = match known.why.as_str() {
                "asleep" => Reason::Asleep,
                "off" => Reason::Off,
                _ => Reason::NotRunning,
            };
            self.absences.push(Absence {
                from: known.from,
                to: known.to,
                why,
            });
        }
        if let Some(beat) = watch.last_beat()? {
            let before = absence::tick_of(&beat);
            self.note(app, absence::between(&before, now, false))?;
        }
        app.journal().slots().close_left(lead, &self.token, now.wall)?;
        for left in app.journal().slots().waiting()? {
            again(app, &left, now.wall)?;
        }
        Ok(())
    }

    fn note(&mut self, app: &App, absence: Option<Absence>) -> Result<()> {
        if let Some(absence) = absence {
            app.journal()
                .watch()
                .absence(absence.from, absence.to, slot::code(absence.why))?;
            self.absences.push(absence);
        }
        Ok(())
    }

    /// Looks at all plans. Returns when to look again at the latest.
    ///
    /// # Errors
    /// When the state cannot be read or written; then nothing began that is not written down.
    pub fn step(&mut self, app: &App, stage: &dyn Stage, now: &Tick) -> Result<DateTime<Utc>> {
        self.note(app, absence::between(&self.last, now, true))?;
        self.last = now.clone();
        app.journal().watch().beat(&absence::beat(now, app.program()))?;
        let watched = Watched::of(app)?;
        let mut look = None;
        let mut wake = now.wall + OFTEN;
        for plan in watched.plans.iter().filter(|plan| plan.plan.enabled) {
            for task in Task::ALL {
                let Some(ready) = ready(&watched, plan, task) else { continue };
                let looked = self.look_at(app, stage, plan, task, &ready, &mut look, now.wall);
                match looked {
                    Ok(at) => wake = wake.min(at),
                    // One plan whose record is damaged must not stop the others.
                    Err(error) => tracing::error!("{}: {}", plan.plan.name, error.message),
                }
            }
        }
        self.review(app, stage, &watched)?;
        self.clear(app, now.wall)?;
        Ok(wake.max(now.wall + TimeDelta::milliseconds(100)))
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "the surroundings of one task, looked at once for all of them"
    )]
    fn look_at(
        &self,
        app: &App,
        stage: &dyn Stage,
        plan: &Loaded,
        task: Task,
        ready: &backstay_schedule::Ready,
        look: &mut Option<Look>,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>> {
        let known = app.journal().tasks().get(&plan.plan.id, task.name())?;
        let Some(known) = known else {
            // Never looked at: what was due before the plan was changed last is not missed.
            app.journal().tasks().put(&fresh(plan, task))?;
            return Ok(now);
        };
        let waiting: Option<Waiting> = known.waiting.as_ref().and_then(unraw);
        let due = waiting.is_some() || ready.next_after(known.handled).is_some_and(|next| next <= now);
        let state = State {
            handled: known.handled,
            waiting,
        };
        // Asked only when something is due: power and network cost a question to other programs.
        let seen = match due {
            true => look.get_or_insert_with(|| app.surroundings().look()).clone(),
            false => Look::default(),
        };
        let world = World {
            now,
            on_battery: seen.on_battery,
            // What stays on this computer costs nothing by the byte.
            metered: seen.metered.filter(|_| task == Task::Backup && uses_network(app, plan)),
            // Whether a source or vault is within reach shows when it is asked.
            online: None,
            busy: stage.is_busy(&plan.plan.id, task.name()),
            paused_until: plan.plan.paused_until.filter(|until| *until > now),
            absences: &self.absences,
        };
        let decision = decide(ready, &plan.seed(task), &plan.spec.rules, &state, &world);
        // A try that waits for its time is not begun by the clock of the timetable; a newer slot takes its place.
        if let Some(at) = known.retry_at.filter(|at| *at > now)
            && decision.settle.is_empty()
            && waiting.is_some()
        {
            return Ok(at);
        }
        self.apply(app, stage, plan, task, known, &decision, now)?;
        Ok(decision.wake)
    }

    #[allow(clippy::too_many_arguments, reason = "one step of one task, all of it written at once")]
    fn apply(
        &self,
        app: &App,
        stage: &dyn Stage,
        plan: &Loaded,
        task: Task,
        known: TaskState,
        decision: &Decision,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let known_epoch = known.epoch;
        let epoch = known_epoch + u32::from(decision.rewind.is_some());
        let key = |due: DateTime<Utc>| SlotKey {
            plan: plan.plan.id.clone(),
            task: task.name().to_owned(),
            epoch,
            due,
        };
        // What is settled when the clock went back was due by the old clock.
        let old = |due: DateTime<Utc>| SlotKey {
            epoch: known_epoch,
            ..key(due)
        };
        let same = known_epoch == epoch && known.handled == decision.state.handled;
        let was: Option<Waiting> = known.waiting.as_ref().and_then(unraw);
        if same && was == decision.state.waiting && decision.settle.is_empty() && decision.run.is_none() {
            return self.ask(app, plan, task, decision);
        }
        let newer = decision.run.map(|run| run.due) != was.map(|waiting| waiting.due);
        let step = Step {
            task: TaskState {
                handled: decision.state.handled,
                epoch,
                waiting: decision.state.waiting.as_ref().map(raw).transpose()?,
                retry_at: None,
                attempts: if newer && decision.run.is_some() { 0 } else { known.attempts },
                ..known
            },
            settle: settled(decision, was.as_ref(), &old, &key),
            claim: decision.run.map(|run| Claim {
                owner: self.token.clone(),
                slot: key(run.due),
                now,
                late: run.late.map(|why| slot::code(why).to_owned()),
            }),
        };
        if !app.journal().schedule_step(&step)? {
            return Ok(());
        }
        hand_over(app, stage, plan, task, decision, epoch)?;
        self.ask(app, plan, task, decision)
    }

    /// The network changed: what could not be reached is tried again now, not only when its time comes.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub fn reconnected(app: &App) -> Result<()> {
        for plan in app.journal().plans().list()? {
            for state in app.journal().tasks().of(&plan.id)? {
                let waiting: Option<Waiting> = state.waiting.as_ref().and_then(unraw);
                if state.retry_at.is_some() && waiting.is_some_and(|waiting| waiting.reason == Reason::Offline) {
                    app.journal().tasks().put(&TaskState { retry_at: None, ..state })?;
                }
            }
        }
        Ok(())
    }

    /// A run has waited for a free network as long as the rule allows: the person decides.
    fn ask(&self, app: &App, plan: &Loaded, task: Task, decision: &Decision) -> Result<()> {
        let cause = format!("ask:{}:{}", plan.plan.id, task.name());
        let Some(wait) = decision.wait.filter(|wait| wait.ask) else {
            // Cheap: most plans never ask.
            return alerts::resolve(app, &cause, None);
        };
        let title = format!("{}: waits for a free network", plan.plan.name);
        let since = age(decision.wake - wait.waiting.since);
        let body = format!("It has waited {since}. Back up now over the metered network?");
        let mut told = message(app, Event::MeteredAsk, cause, title, body);
        told.plan = Some(plan.plan.name.clone());
        alerts::raise(app, &told)
    }

    /// Alarms that come with time alone.
    fn review(&mut self, app: &App, stage: &dyn Stage, watched: &Watched) -> Result<()> {
        let soon = |at: DateTime<Utc>| watched.now - at < REVIEW && watched.now >= at;
        if self.reviewed.is_some_and(soon) {
            return Ok(());
        }
        self.reviewed = Some(watched.now);
        let before = app.journal().alerts().open()?.len();
        let back = self.absences.last().map(|absence| absence.to + CATCHING_UP);
        alerts::review(app, watched, back)?;
        alerts::resolve(app, "silent", None)?;
        if app.journal().alerts().open()?.len() != before {
            stage.changed();
        }
        Ok(())
    }

    /// Clears what is too old for anyone to ask about.
    fn clear(&mut self, app: &App, now: DateTime<Utc>) -> Result<()> {
        if self.cleared.is_some_and(|at| now - at < CLEAR && now >= at) {
            return Ok(());
        }
        self.cleared = Some(now);
        let before = now - TimeDelta::days(REMEMBER);
        self.absences.retain(|absence| absence.to > before);
        app.journal().slots().prune(before)?;
        app.journal().outbox().prune(now - TimeDelta::days(30))?;
        app.journal().alerts().prune(before)?;
        Ok(app.journal().watch().prune(before)?)
    }
}

fn ready(watched: &Watched, plan: &Loaded, task: Task) -> Option<backstay_schedule::Ready> {
    match plan.ready(task, &watched.zone) {
        Ok(ready) => ready,
        Err(error) => {
            tracing::error!("{}: {error}", plan.plan.name);
            None
        }
    }
}

/// What was written down may begin now.
fn hand_over(app: &App, stage: &dyn Stage, plan: &Loaded, task: Task, decision: &Decision, epoch: u32) -> Result<()> {
    if let Some(rewind) = decision.rewind {
        let detail = json!({ "task": task.name(), "from": rewind.was, "to": rewind.now });
        app.audit("clock.back", &plan.plan.name, detail)?;
    }
    if let Some(run) = decision.run {
        app.audit(
            "slot.begin",
            &plan.plan.name,
            json!({ "task": task.name(), "due": run.due, "late": run.late, "covers": run.covers }),
        )?;
        stage.begin(PlanRunRequest {
            plan: plan.plan.id.clone(),
            task: Some(task),
            slot: Some(SlotRef { due: run.due, epoch }),
            sources: Vec::new(),
        });
    }
    stage.changed();
    Ok(())
}

/// Whether a plan reads or writes over a network. A source whose settings name a path on this computer, and a vault at one, do not.
fn uses_network(app: &App, plan: &Loaded) -> bool {
    let far = |place: &str| place.contains("://") && !place.starts_with("file://");
    let vaults = plan
        .plan
        .vaults
        .iter()
        .filter_map(|named| app.journal().vaults().get(&named.id).ok());
    if vaults.into_iter().any(|vault| far(&vault.place)) {
        return true;
    }
    plan.plan.sources.iter().any(|named| {
        let own = app.journal().vaults().destinations(&named.id).unwrap_or_default();
        let kind = app.journal().sources().get(&named.id).map(|source| source.kind);
        let local = kind
            .ok()
            .and_then(|kind| app.connector(&kind).ok())
            .is_some_and(|connector| connector.options().iter().any(|option| option.path));
        !local || own.iter().any(|vault| far(&vault.place))
    })
}

fn fresh(plan: &Loaded, task: Task) -> TaskState {
    TaskState {
        plan: plan.plan.id.clone(),
        task: task.name().to_owned(),
        version: 0,
        handled: plan.plan.changed,
        epoch: 0,
        waiting: None,
        retry_at: None,
        attempts: 0,
    }
}

/// A slot that waits is what its task waits for: after a kill the next step runs it again, unless a newer one stands for it.
fn again(app: &App, left: &Slot, now: DateTime<Utc>) -> Result<()> {
    let Some(known) = app.journal().tasks().get(&left.plan, &left.task)? else {
        return Ok(());
    };
    let waited: Option<Waiting> = known.waiting.as_ref().and_then(unraw);
    match waited {
        Some(waiting) if waiting.due == left.first => Ok(()),
        Some(newer) => Ok(app.journal().slots().settle(&[Slot {
            outcome: SlotOutcome::Covered,
            covered_by: Some(newer.due),
            ..left.clone()
        }])?),
        None => {
            let waiting = Waiting {
                due: left.first,
                since: now,
                reason: Reason::Retry,
            };
            Ok(app.journal().tasks().put(&TaskState {
                waiting: Some(raw(&waiting)?),
                retry_at: None,
                handled: known.handled.max(left.first),
                ..known
            })?)
        }
    }
}

/// Slots that need no run, and the one that waits, as records.
fn settled(
    decision: &Decision,
    was: Option<&Waiting>,
    old: &dyn Fn(DateTime<Utc>) -> SlotKey,
    key: &dyn Fn(DateTime<Utc>) -> SlotKey,
) -> Vec<Slot> {
    let of = |settled: &Settled| Slot {
        last: settled.last,
        count: settled.count,
        reason: Some(slot::code(settled.why).to_owned()),
        covered_by: settled.covered_by,
        ..Slot::new(
            &old(settled.first),
            if settled.covered_by.is_some() {
                SlotOutcome::Covered
            } else {
                SlotOutcome::Skipped
            },
        )
    };
    let mut records: Vec<Slot> = decision.settle.iter().map(of).collect();
    if let Some(waiting) = &decision.state.waiting
        && was.map(|was| was.due) != Some(waiting.due)
    {
        records.push(Slot {
            reason: Some(slot::code(waiting.reason).to_owned()),
            waited: Some(waiting.since),
            ..Slot::new(&key(waiting.due), SlotOutcome::Waiting)
        });
    }
    records
}
