//! What keeps a slot that is due from beginning now.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{Moment, Reason, Rules, World, quiet};

/// It may not begin now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hold {
    pub(crate) reason: Reason,
    /// At the latest until then, if the clock decides it.
    pub(crate) until: Option<DateTime<Utc>>,
    pub(crate) ask: bool,
}

impl Hold {
    fn new(reason: Reason, until: Option<DateTime<Utc>>) -> Self {
        Self {
            reason,
            until,
            ask: false,
        }
    }
}

/// The first reason found, those a person set before those of the surroundings. `since`: when a backup was first delayed.
pub(crate) fn find(rules: &Rules, zone: Tz, since: DateTime<Utc>, world: &World<'_>) -> Option<Hold> {
    let now = world.now;
    paused(world)
        .map(|until| Hold::new(Reason::Paused, Some(until)))
        .or_else(|| world.busy.then(|| Hold::new(Reason::Busy, None)))
        .or_else(|| quiet::at(&rules.quiet, zone, now).map(|quiet| Hold::new(Reason::Quiet, quiet.until)))
        .or_else(|| {
            let patience = patience(rules.battery, world.on_battery, since)?;
            let waits = patience.deadline.is_none_or(|deadline| now < deadline);
            waits.then(|| Hold::new(Reason::Battery, patience.deadline))
        })
        .or_else(|| (world.online == Some(false)).then(|| Hold::new(Reason::Offline, None)))
        .or_else(|| {
            let patience = patience(rules.metered, world.metered, since)?;
            let until = patience.deadline.filter(|deadline| now < *deadline);
            Some(Hold {
                ask: patience.deadline.is_some() && until.is_none(),
                ..Hold::new(Reason::Metered, until)
            })
        })
}

/// The end of a pause that holds now.
pub(crate) fn paused(world: &World<'_>) -> Option<DateTime<Utc>> {
    world.paused_until.filter(|until| *until > world.now)
}

struct Patience {
    /// `None`: beyond the end of time.
    deadline: Option<DateTime<Utc>>,
}

/// How long such a moment delays; `None` if it does not.
fn patience(rule: Moment, is_so: Option<bool>, since: DateTime<Utc>) -> Option<Patience> {
    match rule {
        Moment::Wait { max_minutes } if is_so == Some(true) => Some(Patience {
            deadline: since.checked_add_signed(TimeDelta::minutes(i64::from(max_minutes))),
        }),
        Moment::Run | Moment::Wait { .. } => None,
    }
}
