//! What happens when somebody chooses from the tray's menu.

use std::sync::{Arc, Mutex, PoisonError};

use backstay_api::{
    Command as _,
    commands::PlanPause,
    types::{JobState, PlanPauseRequest},
};
use chrono::{DateTime, Days, Local, NaiveTime, TimeDelta, Utc};
use serde_json::json;
use tauri::{AppHandle, Manager, menu::MenuEvent};

use super::{
    draw,
    jobs::job_title,
    view::{Deed, OPEN_END_DAYS, View},
};
use crate::{backstay::Backstay, herald, quit};

/// The view whose menu is shown; entries are numbered by it.
static SHOWN: Mutex<Option<View>> = Mutex::new(None);

pub(super) fn remember(view: &View) {
    *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(view.clone());
}

pub(super) fn on_menu(app: &AppHandle, event: &MenuEvent) {
    let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let deed = shown.and_then(|view| draw::deed(&view, event.id().as_ref()));
    let backstay = app.state::<Arc<Backstay>>().inner().clone();
    // A click on a line that has just changed its meaning does nothing.
    if let Some(deed) = deed {
        act(app, &backstay, deed);
    }
}

fn act(app: &AppHandle, backstay: &Arc<Backstay>, deed: Deed) {
    match deed {
        Deed::Go(to) => backstay.go_to(app, &to),
        Deed::Open => backstay.open_paths(app, Vec::new()),
        Deed::Quit => quit::ask(app),
        Deed::Cancel(job) => ask_to_cancel(app, backstay, job),
        Deed::BackUpAll => {
            let started = backstay.desk().and_then(|desk| desk.start("backup", json!({ "all": true })));
            if let Err(error) = started {
                tracing::warn!("the backup could not be started: {}", error.message);
            }
        }
        Deed::PauseHour => pause(app, backstay, Some(Utc::now() + TimeDelta::hours(1))),
        Deed::PauseTomorrow => pause(app, backstay, Some(tomorrow(Local::now()))),
        Deed::PauseOpen => pause(app, backstay, Some(Utc::now() + TimeDelta::days(10 * OPEN_END_DAYS))),
        Deed::Resume => pause(app, backstay, None),
        Deed::Nothing => {}
    }
}

/// Holds back what waits here, and the plans, whoever runs them. Both past the app lock: a pause loses nothing and shows nothing.
fn pause(app: &AppHandle, backstay: &Backstay, until: Option<DateTime<Utc>>) {
    let Ok(desk) = backstay.desk() else { return };
    desk.pause(until);
    if let Err(error) = backstay.ask::<PlanPause>(PlanPauseRequest { plan: None, until }) {
        tracing::warn!("the plans could not be paused: {}", error.message);
    }
    herald::stale(app, PlanPause::CHANGES);
    backstay.news(super::News::State);
}

/// Six in the morning: when a working day begins, night backups should have run.
fn tomorrow(now: DateTime<Local>) -> DateTime<Utc> {
    let six = NaiveTime::from_hms_opt(6, 0, 0).unwrap_or_default();
    let day = now.date_naive() + Days::new(1);
    let morning = day.and_time(six).and_local_timezone(Local).earliest();
    // In the hour that a clock change leaves out there is no such time.
    morning.map_or_else(|| now.to_utc() + TimeDelta::days(1), |time| time.to_utc())
}

fn ask_to_cancel(app: &AppHandle, backstay: &Arc<Backstay>, id: String) {
    let texts = backstay.texts();
    let Some(job) = backstay
        .busy()
        .into_iter()
        .find(|job| job.id == id && job.state != JobState::Done)
    else {
        return;
    };
    let what = job_title(&job, texts);
    let words = quit::Words {
        title: texts.text("cancel.title", &[("what", &what)]),
        body: texts.text("cancel.body", &[]),
        go: texts.text("cancel.go", &[]),
        stay: texts.text("cancel.stay", &[]),
    };
    let desk = backstay.clone();
    quit::question(app, backstay, words, move |_| {
        // It may have ended while the question was open.
        if let Ok(desk) = desk.desk() {
            let _ = desk.cancel_job(&id);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tomorrow_is_in_the_morning() {
        let now = Local::now();
        let until = tomorrow(now).with_timezone(&Local);
        assert_eq!(until.time(), NaiveTime::from_hms_opt(6, 0, 0).unwrap());
        assert_eq!(until.date_naive(), now.date_naive() + Days::new(1));
    }
}
