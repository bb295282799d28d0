//! The one opened Backstay behind window and tray, and what waits for the window to ask for it.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use backstay_api::{
    ApiError, AppOptions, Cancel, Command, Context, NoPasswords, Silent,
    commands::SettingsGet,
    desk::Desk,
    types::{JobState, JobView, Nothing, Settings},
};
use serde::Serialize;
use tauri::{AppHandle, Emitter};

use crate::{
    Launch, Surroundings, Wish,
    herald::Herald,
    launch,
    texts::{self, Texts},
    tray::{News, Tray},
    window,
};

/// One opened Backstay.
pub(crate) struct Backstay {
    /// Or why it could not be opened: then the window says so to every call.
    desk: Result<Desk, ApiError>,
    home: PathBuf,
    /// Language of the desktop, for settings that follow it.
    language: String,
    hidden: bool,
    waiting: Mutex<Waiting>,
    tray: Tray,
    /// A native question is open; a second one would lie on top of it.
    asking: AtomicBool,
    quitting: AtomicBool,
}

/// What the window is to open as soon as it asks.
#[derive(Debug, Default)]
struct Waiting {
    paths: Vec<PathBuf>,
    to: Option<String>,
    /// The window has asked once, and hears events from now on.
    listening: bool,
}

/// Reply of `shell.launch`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LaunchReply {
    /// Files and folders to open.
    pub paths: Vec<PathBuf>,
    /// Route to go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// It was started without a window.
    pub hidden: bool,
    /// Version of the app.
    pub version: &'static str,
}

impl Backstay {
    /// Opens the state directory. A failure is kept, for the window to show.
    pub(crate) fn open(app: &AppHandle, launch: Launch, surroundings: Surroundings) -> Arc<Self> {
        let options = AppOptions {
            home: surroundings.home.clone(),
            connectors: backstay_registry::connectors(),
            program: "backstay-desktop",
            actor: surroundings.actor,
            secrets: surroundings.secrets,
        };
        let desk = Desk::open(options, Arc::new(Herald::new(app.clone())));
        if let Err(error) = &desk {
            tracing::error!("the state directory cannot be opened: {}", error.message);
        }
        Arc::new(Self {
            desk,
            home: surroundings.home,
            language: surroundings.language,
            hidden: launch.hidden,
            waiting: Mutex::new(Waiting {
                paths: launch.paths,
                ..Waiting::default()
            }),
            tray: Tray::new(surroundings.desktop),
            asking: AtomicBool::new(false),
            quitting: AtomicBool::new(false),
        })
    }

    /// Begins to run the plans, or to stand by while another process does. Messages for the desktop are shown here.
    pub(crate) fn run_plans(&self) {
        if let Err(error) = self.desk().and_then(|desk| desk.watch(true)) {
            tracing::error!("the plans are not run by this process: {}", error.message);
        }
    }

    /// The desk, or why there is none.
    pub(crate) fn desk(&self) -> Result<&Desk, ApiError> {
        self.desk.as_ref().map_err(Clone::clone)
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// Started without a window, and nothing to open.
    pub(crate) fn hidden(&self) -> bool {
        self.hidden && self.waiting().paths.is_empty()
    }

    /// The settings, or their defaults while they cannot be read.
    pub(crate) fn settings(&self) -> Settings {
        self.ask::<SettingsGet>(Nothing {}).unwrap_or_default()
    }

    /// Runs a command past the app lock, for the tray and notifications: one that only reads, or loses nothing.
    pub(crate) fn ask<C: Command>(&self, request: C::Request) -> Result<C::Reply, ApiError> {
        let context = Context {
            cancel: &Cancel::default(),
            reporter: &Silent,
            passwords: &NoPasswords,
        };
        C::run(self.desk()?.app(), &context, request)
    }

    /// The texts in the language of the settings.
    pub(crate) fn texts(&self) -> &'static Texts {
        match self.settings().language.as_str() {
            "" | "system" => texts::of(&self.language),
            chosen => texts::of(chosen),
        }
    }

    /// Jobs that run or wait.
    pub(crate) fn busy(&self) -> Vec<JobView> {
        let Ok(desk) = self.desk() else { return Vec::new() };
        let mut jobs = desk.jobs().jobs;
        jobs.retain(|job| job.state != JobState::Done);
        jobs
    }

    pub(crate) fn tray(&self) -> &Tray {
        &self.tray
    }

    pub(crate) fn start_tray(self: &Arc<Self>, app: &AppHandle) {
        self.tray.start(app, self);
    }

    /// Tells the tray that something changed.
    pub(crate) fn news(&self, news: News) {
        self.tray.news(news);
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was to be opened; from now on the window hears events.
    pub(crate) fn take_launch(&self) -> LaunchReply {
        let mut waiting = self.waiting();
        waiting.listening = true;
        LaunchReply {
            paths: std::mem::take(&mut waiting.paths),
            to: waiting.to.take(),
            hidden: self.hidden,
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// The window is gone: the next one asks again, for files and for the passphrase.
    pub(crate) fn window_gone(&self) {
        self.waiting().listening = false;
        if let Err(error) = self.desk().and_then(|desk| desk.close_lock().map(drop)) {
            tracing::warn!("the window was not locked: {error}");
        }
    }

    /// A second launch: its arguments arrive here, it ends.
    pub(crate) fn second_launch(&self, app: &AppHandle, args: Vec<String>, cwd: &str) {
        let args = args.into_iter().skip(1).map(Into::into);
        if let Wish::Start(Launch { paths, hidden: false }) = launch::read(args, Path::new(cwd)) {
            self.open_paths(app, paths);
        }
    }

    /// Shows the window with these files.
    pub(crate) fn open_paths(&self, app: &AppHandle, paths: Vec<PathBuf>) {
        if !paths.is_empty() {
            let mut waiting = self.waiting();
            if waiting.listening {
                drop(waiting);
                tell(app, "open", &serde_json::json!({ "paths": paths }));
            } else {
                waiting.paths.extend(paths);
            }
        }
        window::show_or_log(app);
    }

    /// Shows the window at a route.
    pub(crate) fn go_to(&self, app: &AppHandle, to: &str) {
        let mut waiting = self.waiting();
        if waiting.listening {
            drop(waiting);
            tell(app, "navigate", &serde_json::json!({ "to": to }));
        } else {
            waiting.to = Some(to.to_owned());
            drop(waiting);
        }
        window::show_or_log(app);
    }

    /// Begins a native question, unless one is open.
    pub(crate) fn begin_question(&self) -> bool {
        !self.asking.swap(true, Ordering::SeqCst)
    }

    pub(crate) fn end_question(&self) {
        self.asking.store(false, Ordering::SeqCst);
    }

    /// Begins to quit; says whether this is the first call.
    pub(crate) fn begin_quitting(&self) -> bool {
        !self.quitting.swap(true, Ordering::SeqCst)
    }
}

fn tell(app: &AppHandle, event: &str, payload: &serde_json::Value) {
    if let Err(error) = app.emit(event, payload) {
        tracing::warn!("the window was not told ({event}): {error}");
    }
}
