//! Backstay as the window uses it: calls by name with JSON, jobs that outlive the window, the app lock, and news for whoever listens.
//!
//! Nothing here knows a desktop; tests use it as the window does.

pub(crate) mod cache;
mod calls;
mod exact;
mod jobs;
mod lock;
mod once;
mod pace;

use std::sync::{Arc, OnceLock};

use backstay_model::ErrorKind;
use backstay_secrets::Secret;
use backstay_tell::Message;
use serde_json::Value;

pub use jobs::Jobs;
pub use once::Once;

use crate::{
    ApiError, App, AppOptions, COMMANDS, Command as _, CommandEntry, Result,
    agent::Running,
    commands::SettingsSet,
    types::Settings,
    types::{
        JobRef, JobStartRequest, JobView, JobsReply, LockOpenRequest, LockSetRequest, LockState, Nothing, PauseRequest, Topic,
    },
    typescript::TypeScript,
};
use calls::Calls;
use lock::Lock;

/// What stands beside the jobs has at least so long to come to a safe point.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(2);

/// Hears what happens, from any thread.
pub trait Listener: Send + Sync {
    /// A job is new, went on, or ended.
    fn job(&self, job: &JobView);
    /// What was read of these topics is out of date.
    fn stale(&self, topics: &[Topic]);
    /// Something people are to be told on the desktop; `false` when it could not be shown. May take a moment.
    fn tell(&self, _: &Message) -> bool {
        false
    }
}

/// What comes along with a call. The passwords are forgotten with it.
#[derive(Clone, Default)]
pub struct CallOptions {
    /// Password of the vault the call opens.
    pub password: Option<Secret>,
    /// A new password: of a vault to be created, of a key to be added.
    pub new_password: Option<Secret>,
    /// Passphrase of the app lock, for a call that needs it again.
    pub passphrase: Option<Secret>,
    /// Names the call, so that [`Desk::cancel`] can stop it.
    pub token: Option<String>,
}

/// One opened Backstay with its jobs and its lock.
pub struct Desk {
    app: Arc<App>,
    jobs: Jobs,
    lock: Lock,
    calls: Calls,
    listener: Arc<dyn Listener>,
    agent: OnceLock<Running>,
}

/// What the desk itself answers; everything else is in [`COMMANDS`].
pub(crate) fn describe(out: &mut TypeScript) {
    out.add::<Topic>();
    out.command::<JobStartRequest, JobView>("job.start");
    out.command::<Nothing, JobsReply>("job.list");
    out.command::<JobRef, Nothing>("job.cancel");
    out.command::<JobRef, Nothing>("job.dismiss");
    out.command::<PauseRequest, JobsReply>("job.pause");
    out.command::<Nothing, LockState>("lock.state");
    out.command::<LockSetRequest, LockState>("lock.set");
    out.command::<LockOpenRequest, LockState>("lock.open");
    out.command::<Nothing, LockState>("lock.close");
}

pub(crate) fn entry(name: &str) -> Result<&'static CommandEntry> {
    COMMANDS
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| ApiError::new(ErrorKind::Usage, format!("there is no command {name:?}")))
}

fn read<T: serde::de::DeserializeOwned>(name: &str, request: Value) -> Result<T> {
    serde_json::from_value(request).map_err(|error| ApiError::new(ErrorKind::Usage, format!("{name}: {error}")))
}

fn write<T: serde::Serialize>(reply: &T) -> Result<Value> {
    serde_json::to_value(reply).map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))
}

impl Desk {
    /// Opens the state directory and starts the thread that runs jobs.
    ///
    /// # Errors
    /// When the state directory cannot be used.
    pub fn open(options: AppOptions, listener: Arc<dyn Listener>) -> Result<Self> {
        let app = Arc::new(App::open(options)?);
        crate::commands::give_up_left(&app, false);
        let lock = Lock::open(&app)?;
        let jobs = Jobs::start(app.clone(), listener.clone())?;
        Ok(Self {
            app,
            jobs,
            lock,
            calls: Calls::default(),
            listener,
            agent: OnceLock::new(),
        })
    }

    /// From now on this process runs the plans, or stands by while another does. `desktop` says that messages can be shown here.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn watch(&self, desktop: bool) -> Result<()> {
        self.app.set_has_desktop(desktop);
        self.app.set_watching();
        if self.agent.get().is_none() {
            let running = Running::start(&self.app, self.jobs.stage())?;
            self.jobs.when_done(running.bell());
            // A second call at the same moment starts a second agent, which ends at once: one is enough.
            let _ = self.agent.set(running);
        }
        Ok(())
    }

    /// Whether this process watches the clock, and does not hang.
    #[must_use]
    pub fn is_watching(&self) -> bool {
        self.agent.get().is_some_and(Running::is_alive)
    }

    /// Plans may have changed: whoever watches the clock looks again.
    fn ring(&self, topics: &[Topic]) {
        let about = [
            Topic::Plans,
            Topic::Channels,
            Topic::Settings,
            Topic::Sources,
            Topic::Replications,
        ];
        if let Some(agent) = self.agent.get().filter(|_| topics.iter().any(|topic| about.contains(topic))) {
            agent.ring();
        }
    }

    /// The opened Backstay, for what the shell needs of it (tray, notifications).
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// All jobs.
    #[must_use]
    pub fn jobs(&self) -> JobsReply {
        self.jobs.list()
    }

    /// Calls a command by name. Blocks until it is done.
    ///
    /// # Errors
    /// As the command; [`ErrorKind::AppLocked`] when the passphrase is needed first.
    pub fn call(&self, name: &str, request: Value, options: &CallOptions) -> Result<Value> {
        self.answer(name, request, options).map(exact::for_window)
    }

    fn answer(&self, name: &str, request: Value, options: &CallOptions) -> Result<Value> {
        match name {
            "lock.state" => write(&self.lock.state()),
            "lock.open" => write(&self.unlock(&read(name, request)?)?),
            "lock.close" => write(&self.close_lock()?),
            "lock.set" => {
                let state = self.lock.set(&self.app, &read(name, request)?)?;
                self.listener.stale(&[Topic::Lock, Topic::Audit]);
                write(&state)
            }
            "job.list" => write(&self.jobs.list()),
            _ => self.guarded(name, request, options),
        }
    }

    fn unlock(&self, request: &LockOpenRequest) -> Result<LockState> {
        let state = self.lock.unlock(&self.app, request);
        self.listener.stale(&[Topic::Lock]);
        state
    }

    /// Locks the window, as after a time without input.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn close_lock(&self) -> Result<LockState> {
        let state = self.lock.close(&self.app)?;
        if state.locked {
            self.app.forget_opened();
        }
        self.listener.stale(&[Topic::Lock]);
        Ok(state)
    }

    fn guarded(&self, name: &str, request: Value, options: &CallOptions) -> Result<Value> {
        match name {
            "job.start" => {
                let request: JobStartRequest = read(name, request)?;
                let entry = entry(&request.command)?;
                self.lock.admit(&self.app, entry, options)?;
                write(&self.jobs.add(entry, request.request, options.clone()))
            }
            "job.cancel" => {
                self.lock.admit_open()?;
                self.jobs.cancel(&read::<JobRef>(name, request)?.job)?;
                write(&Nothing {})
            }
            "job.dismiss" => {
                self.jobs.dismiss(&read::<JobRef>(name, request)?.job)?;
                write(&Nothing {})
            }
            "job.pause" => {
                self.lock.admit_open()?;
                write(&self.jobs.pause(read::<PauseRequest>(name, request)?.until))
            }
            _ => self.plain(entry(name)?, request, options),
        }
    }

    fn plain(&self, entry: &'static CommandEntry, request: Value, options: &CallOptions) -> Result<Value> {
        self.lock.admit(&self.app, entry, options)?;
        if entry.name == SettingsSet::NAME && self.loosens_lock(&request)? {
            self.lock.admit_again(&self.app, options)?;
        }
        let call = self.calls.begin(options.token.as_deref());
        let result = calls::run(&self.app, entry, request, options, call.cancel(), &backstay_engine::Silent);
        if !entry.changes.is_empty() {
            self.listener.stale(entry.changes);
            self.ring(entry.changes);
        }
        result
    }

    /// Whether settings would let someone past the lock who was kept out before.
    fn loosens_lock(&self, request: &Value) -> Result<bool> {
        let new: Settings = read(SettingsSet::NAME, request.clone())?;
        let old = self.app.settings()?;
        let scope = |s: &Settings| [s.lock.opening, s.lock.deleting, s.lock.restoring];
        let dropped = scope(&old).iter().zip(scope(&new)).any(|(before, after)| *before && !after);
        let later = |minutes: u32| if minutes == 0 { u32::MAX } else { minutes };
        Ok(dropped || later(new.lock_after) > later(old.lock_after))
    }

    /// Stops the call with this token; a call that is done is nothing to stop.
    pub fn cancel(&self, token: &str) {
        self.calls.cancel(token);
    }

    /// Holds waiting jobs back until a time, or lets them go.
    pub fn pause(&self, until: Option<chrono::DateTime<chrono::Utc>>) -> JobsReply {
        self.jobs.pause(until)
    }

    /// Starts a job from outside the window (tray menu), whatever the lock says: backing up reveals and removes nothing.
    ///
    /// # Errors
    /// When there is no such command.
    pub fn start(&self, command: &str, request: Value) -> Result<JobView> {
        Ok(self.jobs.add(entry(command)?, request, CallOptions::default()))
    }

    /// Stops a job from outside the window.
    ///
    /// # Errors
    /// When there is no such job.
    pub fn cancel_job(&self, job: &str) -> Result<()> {
        self.jobs.cancel(job)
    }

    /// Cancels what runs and waits for it to end cleanly, at most `patience`; says whether it did.
    pub fn shut_down(&self, patience: std::time::Duration) -> bool {
        self.app.set_ending();
        let until = std::time::Instant::now() + patience;
        let jobs = self.jobs.shut_down(patience);
        // Replications end with their checkpoints written.
        let left = until.saturating_duration_since(std::time::Instant::now()).max(LAST_WORDS);
        let ended = self.agent.get().is_none_or(|agent| agent.end(left)) && jobs;
        crate::commands::give_up_left(&self.app, true);
        ended
    }
}
