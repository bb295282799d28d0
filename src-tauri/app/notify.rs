//! Notifications of the desktop: what the api wants told, and how jobs ended that a person started.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use backstay_api::{
    commands::Alerts,
    tell::{Event, Message, desktop},
    types::{AlertRow, JobView, Nothing},
};
use backstay_model::Verdict;
use chrono::Utc;
use serde_json::json;
use tauri::{AppHandle, Manager};

use crate::{
    backstay::Backstay,
    texts::Texts,
    tray::{Kind, by_the_clock, encode, job_kind, job_title},
    window,
};

/// Notifications that wait for a click. Some desktops never say that one is gone, so only so many may wait.
static WAITING: AtomicUsize = AtomicUsize::new(0);
const MOST_WAITING: usize = 8;
/// Nobody reads older ones.
const LONGEST_WAIT: Duration = Duration::from_hours(24);
/// What a click on a notification does.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Then {
    /// Shows the window at a route.
    Go(String),
    /// Starts the backup of a plan, of one source or of all.
    Run { plan: String, source: Option<String> },
}

/// A button, and the click on the notification itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    id: &'static str,
    label: String,
    then: Then,
}

/// Where a person finds out more about a message.
fn route(message: &Message) -> String {
    let source = message.source.as_ref().map(|name| format!("/sources/{}", encode(name)));
    let plan = message.plan.as_ref().map(|name| format!("/plans/{}", encode(name)));
    let vault = message.vault.as_ref().map(|name| format!("/vaults/{}", encode(name)));
    let run = message.run.as_ref().map(|run| format!("/activity/runs/{}", encode(run)));
    let best = match message.event {
        Event::Guard | Event::Overdue => source.or(plan),
        Event::Damaged => vault.or(run),
        Event::FailureRate => plan.map(|plan| format!("{plan}?tab=proof")),
        Event::MeteredAsk => plan,
        Event::Watchdog => Some("/settings/general".to_owned()),
        _ => run.or(source).or(plan).or(vault),
    };
    best.unwrap_or_else(|| "/activity".to_owned())
}

/// What a person can do about a message, at most two buttons.
fn choices(message: &Message, texts: &Texts) -> Vec<Choice> {
    let go = Then::Go(route(message));
    let choice = |id, key, then: &Then| Choice {
        id,
        label: texts.text(key, &[]),
        then: then.clone(),
    };
    let mut all = vec![choice("default", "tray.open", &go), choice("show", "notify.show", &go)];
    let again = match message.event {
        Event::Failed | Event::Partial => Some(("retry", "notify.retry")),
        Event::MeteredAsk => Some(("now", "notify.backUpNow")),
        _ => None,
    };
    if let (Some((id, key)), Some(plan)) = (again, &message.plan) {
        let then = Then::Run {
            plan: plan.clone(),
            source: message.source.clone(),
        };
        all.push(choice(id, key, &then));
    }
    all
}

/// Shows what the api wants told; says whether it could be shown.
pub(crate) fn tell(app: &AppHandle, backstay: &Arc<Backstay>, message: &Message) -> bool {
    show_with(app, backstay, message, choices(message, backstay.texts()))
}

/// Title and text for a job that ended, if it is to be told.
fn words(backstay: &Backstay, texts: &Texts, job: &JobView, window_open: bool) -> Option<(Event, String, String)> {
    let settings = backstay.settings();
    let what = job_title(job, texts);
    let restore = job_kind(job) == Kind::Restore;
    let (wanted, event, title, body) = match job.verdict? {
        Verdict::Failed => {
            let reason = job.error.as_ref().map(|error| sentence(&error.message)).unwrap_or_default();
            let body = texts.text("notify.failed.body", &[("reason", &reason)]);
            (settings.notify_failed, Event::Failed, "notify.failed", body)
        }
        Verdict::Partial => {
            let body = texts.count("notify.partial.body", job.gap_count.max(1), &[]);
            (settings.notify_partial, Event::Partial, "notify.partial", body)
        }
        Verdict::Complete if restore => {
            let wanted = settings.notify_restore && !window_open;
            let body = texts.text("notify.restored.body", &[]);
            (wanted, Event::Complete, "notify.restored", body)
        }
        Verdict::Complete => (
            settings.notify_complete && job_kind(job) == Kind::Backup,
            Event::Complete,
            "notify.complete",
            texts.text("notify.complete.body", &[]),
        ),
        Verdict::Cancelled => return None,
    };
    wanted.then(|| (event, texts.text(title, &[("what", &what)]), body))
}

/// A message as a sentence of its own.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// A message of the shell itself.
fn message(event: Event, cause: String, title: String, body: String) -> Message {
    Message {
        event,
        title,
        body,
        time: Utc::now(),
        host: String::new(),
        plan: None,
        source: None,
        vault: None,
        run: None,
        verdict: None,
        gaps: 0,
        code: None,
        cause,
        last_good: None,
    }
}

/// Whether the api tells of the end of a job itself: it raised an alarm of that plan while the job ran, or nothing went wrong.
fn is_told(job: &JobView, alarms: &[AlertRow]) -> bool {
    if job.command != "plan.run" {
        return false;
    }
    let plan = job.request.get("plan").and_then(|plan| plan.as_str());
    let began = job.started.unwrap_or(job.queued);
    let of_job = |alarm: &AlertRow| alarm.since >= began && alarm.message.plan.as_deref() == plan;
    job.verdict == Some(Verdict::Complete) || alarms.iter().any(of_job)
}

/// Tells of a job that ended, if a person started it and the settings want it. What the api tells is not told twice.
pub(crate) fn job_ended(app: &AppHandle, backstay: &Arc<Backstay>, job: &JobView) {
    if by_the_clock(job) {
        return;
    }
    let window_open = app.get_webview_window(window::LABEL).is_some();
    let Some((event, title, body)) = words(backstay, backstay.texts(), job, window_open) else {
        return;
    };
    let alarms = backstay.ask::<Alerts>(Nothing {}).unwrap_or_default().alerts;
    if is_told(job, &alarms) {
        return;
    }
    let mut told = message(event, format!("job:{}", job.id), title, body);
    told.run.clone_from(&job.run);
    told.verdict = job.verdict;
    told.gaps = job.gap_count;
    let open = Choice {
        id: "default",
        label: backstay.texts().text("tray.open", &[]),
        then: Then::Go(route(&told)),
    };
    let (app, backstay) = (app.clone(), backstay.clone());
    // Speaking to the desktop takes its time.
    let spawned = thread::Builder::new()
        .name("notification".to_owned())
        .spawn(move || show_with(&app, &backstay, &told, vec![open]));
    if let Err(error) = spawned {
        tracing::warn!("no thread for a notification: {error}");
    }
}

/// Shows a notification without buttons; says whether it was sent.
pub(crate) fn show(title: &str, body: &str) -> bool {
    let told = message(Event::Test, format!("shell:{title}"), title.to_owned(), body.to_owned());
    send(&told, &[]).is_some()
}

fn send(message: &Message, choices: &[Choice]) -> Option<desktop::Shown> {
    let actions: Vec<desktop::Action> = choices
        .iter()
        .map(|choice| desktop::Action {
            id: choice.id.to_owned(),
            label: choice.label.clone(),
        })
        .collect();
    desktop::show(message, &actions)
        .inspect_err(|error| tracing::warn!("a notification could not be shown: {error}"))
        .ok()
}

/// Shows a notification and, in a thread of its own, does what the person chooses.
fn show_with(app: &AppHandle, backstay: &Arc<Backstay>, message: &Message, choices: Vec<Choice>) -> bool {
    let Some(shown) = send(message, &choices) else { return false };
    if WAITING.fetch_add(1, Ordering::SeqCst) >= MOST_WAITING {
        WAITING.fetch_sub(1, Ordering::SeqCst);
        return true;
    }
    let (app, backstay) = (app.clone(), backstay.clone());
    let spawned = thread::Builder::new().name("click".to_owned()).spawn(move || {
        let clicked = shown.wait(LONGEST_WAIT);
        WAITING.fetch_sub(1, Ordering::SeqCst);
        let choice = clicked.and_then(|id| choices.into_iter().find(|choice| choice.id == id));
        if let Some(choice) = choice {
            act(&app, &backstay, choice.then);
        }
    });
    if let Err(error) = spawned {
        WAITING.fetch_sub(1, Ordering::SeqCst);
        tracing::warn!("no thread for the buttons of a notification: {error}");
    }
    true
}

fn act(app: &AppHandle, backstay: &Backstay, then: Then) {
    match then {
        Then::Go(to) => backstay.go_to(app, &to),
        Then::Run { plan, source } => {
            let sources: Vec<String> = source.into_iter().collect();
            let request = json!({ "plan": plan, "sources": sources });
            let started = backstay.desk().and_then(|desk| desk.start("plan.run", request));
            if let Err(error) = started {
                let title = backstay.texts().text("notify.notStarted", &[("name", &plan)]);
                show(&title, &sentence(&error.message));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts;

    fn about(event: Event) -> Message {
        Message {
            plan: Some("Every 6 hours".to_owned()),
            source: Some("Team wiki".to_owned()),
            vault: Some("Office NAS".to_owned()),
            run: Some("0198-c2".to_owned()),
            ..message(event, "cause".to_owned(), "title".to_owned(), "body".to_owned())
        }
    }

    fn ids(message: &Message) -> Vec<(&'static str, String)> {
        let all = choices(message, texts::of("en"));
        all.into_iter().map(|choice| (choice.id, choice.label)).collect()
    }

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("the disk is full"), "The disk is full.");
        assert_eq!(sentence("Äpfel fehlen."), "Äpfel fehlen.");
        assert_eq!(sentence(""), ".");
    }

    #[test]
    fn a_message_leads_to_what_it_is_about() {
        let wanted = [
            (Event::Failed, "/activity/runs/0198-c2"),
            (Event::Partial, "/activity/runs/0198-c2"),
            (Event::DrillFailed, "/activity/runs/0198-c2"),
            (Event::Guard, "/sources/Team%20wiki"),
            (Event::Overdue, "/sources/Team%20wiki"),
            (Event::Damaged, "/vaults/Office%20NAS"),
            (Event::FailureRate, "/plans/Every%206%20hours?tab=proof"),
            (Event::MeteredAsk, "/plans/Every%206%20hours"),
            (Event::Watchdog, "/settings/general"),
        ];
        for (event, place) in wanted {
            assert_eq!(route(&about(event)), place, "{event:?}");
        }
        let bare = message(Event::Failed, String::new(), String::new(), String::new());
        assert_eq!(route(&bare), "/activity");
        let of_source = Message {
            source: Some("Notes".to_owned()),
            ..bare
        };
        assert_eq!(route(&of_source), "/sources/Notes");
    }

    #[test]
    fn only_what_can_be_tried_again_has_a_button_for_it() {
        let show = [("default", "Open Backstay".to_owned()), ("show", "Show".to_owned())];
        for event in [
            Event::Guard,
            Event::Overdue,
            Event::DrillFailed,
            Event::Damaged,
            Event::Complete,
        ] {
            assert_eq!(ids(&about(event)), show, "{event:?}");
        }
        for (event, id, label) in [
            (Event::Failed, "retry", "Retry"),
            (Event::Partial, "retry", "Retry"),
            (Event::MeteredAsk, "now", "Back up now"),
        ] {
            let all = choices(&about(event), texts::of("en"));
            assert_eq!(all.len(), 3, "at most two buttons beside the click itself");
            assert_eq!((all[2].id, all[2].label.as_str()), (id, label));
            let then = Then::Run {
                plan: "Every 6 hours".to_owned(),
                source: Some("Team wiki".to_owned()),
            };
            assert_eq!(all[2].then, then);
        }
        let without_plan = Message {
            plan: None,
            ..about(Event::Failed)
        };
        assert_eq!(ids(&without_plan), show, "without a plan there is nothing to start again");
    }

    #[test]
    fn what_the_api_told_of_a_plan_is_not_told_again() {
        let job: JobView = serde_json::from_value(json!({
            "id": "1", "command": "plan.run", "request": {"plan": "Nightly"}, "state": "done", "queued": "2026-11-20T08:59:00Z",
            "started": "2026-11-20T09:00:00Z", "cancelling": false, "gaps": [], "gapCount": 0, "verdict": "failed",
        }))
        .unwrap();
        let alarm = |plan: &str, since: &str| AlertRow {
            cause: "failed:1".to_owned(),
            message: Message {
                plan: Some(plan.to_owned()),
                ..about(Event::Failed)
            },
            since: since.parse().unwrap(),
            last: since.parse().unwrap(),
            count: 1,
        };
        assert!(is_told(&job, &[alarm("Nightly", "2026-11-20T09:05:00Z")]));
        // The same cause as yesterday: the api is silent, and whoever pressed the button hears nothing otherwise.
        assert!(!is_told(&job, &[alarm("Nightly", "2026-11-19T09:05:00Z")]));
        assert!(!is_told(&job, &[alarm("Weekly", "2026-11-20T09:05:00Z")]));
        assert!(!is_told(&job, &[]));
        let complete = JobView {
            verdict: Some(Verdict::Complete),
            ..job.clone()
        };
        assert!(is_told(&complete, &[]), "the api tells of each source");
        let backup = JobView {
            command: "backup".to_owned(),
            ..complete
        };
        assert!(!is_told(&backup, &[]));
    }
}
