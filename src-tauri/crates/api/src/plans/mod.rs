//! Plans as the journal keeps them, read with their meaning: what each promises, when it comes next, whom a guard holds.

pub(crate) mod alerts;
pub(crate) mod channels;
pub(crate) mod drill;
pub(crate) mod guards;
pub(crate) mod hooks;
pub(crate) mod keep;
pub(crate) mod messages;
pub(crate) mod post;
pub(crate) mod row;
pub(crate) mod run;
pub(crate) mod slot;
pub(crate) mod upkeep;

use std::collections::{HashMap, HashSet};

use backstay_journal::{Plan, PlanRef};
use backstay_model::{ErrorKind, RawJson};
use backstay_schedule::{Ready, Schedule, ScheduleError};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    ApiError, App, Result,
    types::{PlanSpec, Task},
};

/// Name of the system's time zone; UTC when the system does not say.
pub(crate) fn system_zone() -> String {
    iana_time_zone::get_timezone().unwrap_or_else(|_| "UTC".to_owned())
}

impl From<ScheduleError> for ApiError {
    fn from(error: ScheduleError) -> Self {
        ApiError::new(error.kind(), error.to_string()).hint("Nothing was saved.")
    }
}

/// A plan with what it says.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// As it is stored.
    pub plan: Plan,
    /// What it says.
    pub spec: PlanSpec,
}

impl Loaded {
    /// Reads what a stored plan says.
    pub(crate) fn of(plan: Plan) -> Result<Self> {
        let damaged = |error: &dyn std::fmt::Display| {
            let message = format!("what the plan {:?} says cannot be read: {error}", plan.name);
            ApiError::new(ErrorKind::Damaged, message).hint("Set it anew with `backstay plan edit`, or in the window.")
        };
        let spec = plan.spec.value().map_err(|error| damaged(&error))?;
        let spec = serde_json::from_value(spec).map_err(|error| damaged(&error))?;
        Ok(Self { plan, spec })
    }

    /// The timetable of a task, checked; `None` when it only runs by hand.
    pub(crate) fn ready(&self, task: Task, zone: &str) -> Result<Option<Ready>, ScheduleError> {
        let timetable = self.spec.timetable(task);
        if timetable.schedule == Schedule::Manual {
            return Ok(None);
        }
        timetable.check(zone).map(Some)
    }

    /// Longest age of a good backup it allows; `None` when it only runs by hand.
    pub(crate) fn promise(&self, zone: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
        if let Some(minutes) = self.spec.promise_minutes {
            return Some(TimeDelta::minutes(minutes.into()));
        }
        self.ready(Task::Backup, zone).ok()??.default_promise(now)
    }

    /// Whether it is switched on and not paused.
    pub(crate) fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.plan.enabled && self.plan.paused_until.is_none_or(|until| until <= now)
    }

    /// How runs refer to it.
    pub(crate) fn reference(&self, slot: Option<DateTime<Utc>>) -> PlanRef {
        PlanRef {
            id: self.plan.id.clone(),
            name: self.plan.name.clone(),
            slot,
        }
    }

    /// The seed of its jitter: the same slot is always shifted by the same time.
    pub(crate) fn seed(&self, task: Task) -> String {
        format!("{}/{}", self.plan.id, task.name())
    }
}

/// A plan by name or id.
pub(crate) fn get(app: &App, name: &str) -> Result<Loaded> {
    Loaded::of(app.journal().plans().get(name)?)
}

/// Writes what a plan says as the journal keeps it.
pub(crate) fn stored(spec: &PlanSpec) -> Result<RawJson> {
    raw(spec)
}

/// Any value as the journal keeps it.
pub(crate) fn raw<T: serde::Serialize>(value: &T) -> Result<RawJson> {
    RawJson::from_value(value).map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))
}

/// A value as it was kept; `None` when it is of a version that cannot be read.
pub(crate) fn unraw<T: serde::de::DeserializeOwned>(raw: &RawJson) -> Option<T> {
    serde_json::from_value(raw.value().ok()?).ok()
}

/// All plans, and what follows from them for sources. A plan that cannot be read is left out here; the list of plans names it.
pub(crate) struct Watched {
    /// Plans that can be read.
    pub plans: Vec<Loaded>,
    /// Guards that hold a source, by its id.
    pub held: HashMap<String, u64>,
    /// The system's time zone.
    pub zone: String,
    /// The moment.
    pub now: DateTime<Utc>,
    promises: HashMap<String, TimeDelta>,
}

impl Watched {
    pub(crate) fn of(app: &App) -> Result<Self> {
        let (now, zone) = (app.now(), system_zone());
        let plans: Vec<Loaded> = app
            .journal()
            .plans()
            .list()?
            .into_iter()
            .filter_map(|plan| Loaded::of(plan).ok())
            .collect();
        let mut held = HashMap::new();
        for hold in app.journal().holds().open(None)? {
            *held.entry(hold.source.id).or_default() += 1;
        }
        let promises = plans
            .iter()
            .filter_map(|plan| Some((plan.plan.id.clone(), plan.promise(&zone, now)?)))
            .collect();
        Ok(Self {
            plans,
            held,
            zone,
            now,
            promises,
        })
    }

    /// The plans a source is in.
    pub(crate) fn of_source<'a>(&'a self, source: &'a str) -> impl Iterator<Item = &'a Loaded> {
        self.plans
            .iter()
            .filter(move |plan| plan.plan.sources.iter().any(|named| named.id == source))
    }

    /// The strictest promise of the active plans of a source.
    pub(crate) fn promise(&self, source: &str) -> Option<TimeDelta> {
        let active = self.of_source(source).filter(|plan| plan.is_active(self.now));
        active.filter_map(|plan| self.promises.get(&plan.plan.id)).min().copied()
    }

    /// The next backup of a source by any plan.
    pub(crate) fn next(&self, source: &str) -> Option<DateTime<Utc>> {
        let plans = self.of_source(source).filter(|plan| plan.plan.enabled);
        plans.filter_map(|plan| self.next_of(plan, Task::Backup)).min()
    }

    /// The next slot of a task of a plan; none begins during a pause.
    pub(crate) fn next_of(&self, plan: &Loaded, task: Task) -> Option<DateTime<Utc>> {
        let from = plan.plan.paused_until.map_or(self.now, |until| until.max(self.now));
        plan.ready(task, &self.zone).ok()??.next_after(from)
    }

    /// Whether the newest good backup of a source is older than promised. A source that never had one has the promised time from
    /// the moment its plan was made.
    pub(crate) fn is_overdue(&self, source: &str, good: Option<DateTime<Utc>>) -> bool {
        let Some(promise) = self.promise(source) else { return false };
        let since = good.or_else(|| self.of_source(source).map(|plan| plan.plan.created).min());
        since.is_some_and(|since| self.now - since > promise)
    }

    /// Ids of all sources that are in some plan.
    pub(crate) fn planned(&self) -> HashSet<&str> {
        let sources = self.plans.iter().flat_map(|plan| &plan.plan.sources);
        sources.map(|named| named.id.as_str()).collect()
    }
}
