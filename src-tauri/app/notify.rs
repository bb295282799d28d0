//! Notifications of the desktop: what ended badly while nobody looked, as far as the settings allow.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use backstay_api::types::JobView;
use backstay_model::Verdict;
use notify_rust::Notification;
use tauri::{AppHandle, Manager};

use crate::{
    backstay::Backstay,
    texts::Texts,
    tray::{Kind, job_kind, job_title},
    window,
};

/// Notifications that wait for a click. Some desktops never say that one is gone, so only the last few may wait.
static WAITING: AtomicUsize = AtomicUsize::new(0);
const MOST_WAITING: usize = 3;

/// Title and text for a job that ended, if it is to be told.
fn words(backstay: &Backstay, texts: &Texts, job: &JobView, window_open: bool) -> Option<(String, String)> {
    let settings = backstay.settings();
    let what = job_title(job, texts);
    let restore = job_kind(job) == Kind::Restore;
    let (wanted, title, body) = match job.verdict? {
        Verdict::Failed => {
            let reason = job.error.as_ref().map(|error| sentence(&error.message)).unwrap_or_default();
            let body = texts.text("notify.failed.body", &[("reason", &reason)]);
            (settings.notify_failed, "notify.failed", body)
        }
        Verdict::Partial => {
            let body = texts.count("notify.partial.body", job.gap_count.max(1), &[]);
            (settings.notify_partial, "notify.partial", body)
        }
        Verdict::Complete if restore => {
            let wanted = settings.notify_restore && !window_open;
            (wanted, "notify.restored", texts.text("notify.restored.body", &[]))
        }
        Verdict::Complete => (
            settings.notify_complete && job_kind(job) == Kind::Backup,
            "notify.complete",
            texts.text("notify.complete.body", &[]),
        ),
        Verdict::Cancelled => return None,
    };
    wanted.then(|| (texts.text(title, &[("what", &what)]), body))
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

/// Tells of a job that ended, if the settings want it.
pub(crate) fn job_ended(app: &AppHandle, backstay: &Arc<Backstay>, job: &JobView) {
    let window_open = app.get_webview_window(window::LABEL).is_some();
    let Some((title, body)) = words(backstay, backstay.texts(), job, window_open) else {
        return;
    };
    let to = match &job.run {
        Some(run) => format!("/activity/runs/{run}"),
        None => "/activity".to_owned(),
    };
    let (app, backstay) = (app.clone(), backstay.clone());
    // Speaking to the desktop takes its time, and waiting for a click may take days.
    let spawned = thread::Builder::new().name("notification".to_owned()).spawn(move || {
        if clicked(&title, &body, &backstay.texts().text("tray.open", &[])) {
            backstay.go_to(&app, &to);
        }
    });
    if let Err(error) = spawned {
        tracing::warn!("no thread for a notification: {error}");
    }
}

fn build(title: &str, body: &str) -> Notification {
    let mut notification = Notification::new();
    notification.appname("Backstay").summary(title).body(body);
    #[cfg(target_os = "linux")]
    notification
        .icon("backstay-desktop")
        .hint(notify_rust::Hint::DesktopEntry("app.backstay.Backstay".to_owned()));
    notification
}

/// Shows a notification; says whether it was sent.
pub(crate) fn show(title: &str, body: &str) -> bool {
    let shown = build(title, body).show();
    if let Err(error) = &shown {
        tracing::warn!("a notification could not be shown: {error}");
    }
    shown.is_ok()
}

/// Shows a notification and waits for it to be clicked or to go away.
#[cfg(target_os = "linux")]
fn clicked(title: &str, body: &str, open: &str) -> bool {
    if WAITING.fetch_add(1, Ordering::SeqCst) >= MOST_WAITING {
        WAITING.fetch_sub(1, Ordering::SeqCst);
        show(title, body);
        return false;
    }
    let mut hit = false;
    match build(title, body).action("default", open).show() {
        Ok(handle) => handle.wait_for_action(|action| hit = action == "default"),
        Err(error) => tracing::warn!("a notification could not be shown: {error}"),
    }
    WAITING.fetch_sub(1, Ordering::SeqCst);
    hit
}

#[cfg(not(target_os = "linux"))]
fn clicked(title: &str, body: &str, _: &str) -> bool {
    let _ = (&WAITING, MOST_WAITING, Ordering::SeqCst);
    show(title, body);
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("the disk is full"), "The disk is full.");
        assert_eq!(sentence("Äpfel fehlen."), "Äpfel fehlen.");
        assert_eq!(sentence(""), ".");
    }
}
