//! The end: asked for when a job runs, and clean: what runs is cancelled at a safe point first.

use std::{sync::Arc, thread, time::Duration};

use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind};

use crate::{backstay::Backstay, tray::job_title, window};

/// How long a job may take to reach a safe point. A snapshot is written last, so even a kill leaves no half one.
const PATIENCE: Duration = Duration::from_secs(30);

/// Quits; asks first when something runs.
pub(crate) fn ask(app: &AppHandle) {
    let backstay = app.state::<Arc<Backstay>>().inner().clone();
    let Some(job) = backstay.busy().into_iter().next() else {
        return now(app);
    };
    let texts = backstay.texts();
    let what = job_title(&job, texts);
    let body = texts.text("quit.body", &[("what", &what)]);
    let words = Words {
        title: texts.text("quit.title", &[]),
        body,
        go: texts.text("quit.go", &[]),
        stay: texts.text("quit.stay", &[]),
    };
    question(app, &backstay, words, now);
}

/// The words of a question with two answers.
pub(crate) struct Words {
    pub title: String,
    pub body: String,
    pub go: String,
    pub stay: String,
}

/// Asks natively; `act` happens on yes. A second question while one is open is not asked.
pub(crate) fn question(app: &AppHandle, backstay: &Arc<Backstay>, words: Words, act: impl FnOnce(&AppHandle) + Send + 'static) {
    if !backstay.begin_question() {
        return;
    }
    let mut dialog = app
        .dialog()
        .message(words.body)
        .title(words.title)
        .kind(MessageDialogKind::Warning)
        .buttons(MessageDialogButtons::OkCancelCustom(words.go, words.stay));
    if let Some(window) = app.get_webview_window(window::LABEL) {
        dialog = dialog.parent(&window);
    }
    let (app, backstay) = (app.clone(), backstay.clone());
    dialog.show(move |yes| {
        backstay.end_question();
        if yes {
            act(&app);
        }
    });
}

/// Cancels what runs, waits for it, and quits.
pub(crate) fn now(app: &AppHandle) {
    let backstay = app.state::<Arc<Backstay>>().inner().clone();
    if !backstay.begin_quitting() {
        return;
    }
    if let Some(window) = app.get_webview_window(window::LABEL) {
        window::remember(&window, backstay.home());
    }
    let handle = app.clone();
    let end = move || {
        let clean = backstay.desk().map_or(true, |desk| desk.shut_down(PATIENCE));
        if !clean {
            tracing::warn!("a job did not stop in time; its run is shown as interrupted");
        }
        handle.exit(0);
    };
    if thread::Builder::new().name("quit".to_owned()).spawn(end).is_err() {
        app.exit(0);
    }
}

/// The session ends, or somebody sends a signal: no question, but as clean.
pub(crate) fn on_signal(app: &AppHandle) {
    let app = app.clone();
    if let Err(error) = ctrlc::set_handler(move || now(&app)) {
        tracing::warn!("signals are not heard: {error}");
    }
}
