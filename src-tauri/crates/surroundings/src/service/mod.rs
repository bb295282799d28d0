//! How the system starts the agent and looks after it: units, property lists and tasks, written, enabled and taken away again.
//!
//! Two things are installed: the agent itself (`PROGRAM --home HOME agent run`), and a watch that looks at it from outside
//! (`PROGRAM --home HOME agent look`) at an interval, so that somebody notices when the agent no longer runs.
//!
//! Under systemd the agent owes its manager two things, both in [`crate::notify`]: `ready` within two minutes after its start, and
//! `alive` at least every ten minutes from the loop that starts backups. Without them it is ended and started again. An exit status
//! of 2 (a wrong command line) is final, 0 is a wish to end, all others are a failure, after which it is started again in 30 seconds.

mod check;
mod disk;
mod error;
mod launchctl;
mod launchd;
mod places;
mod schtasks;
mod stamp;
mod system;
mod systemctl;
mod systemd;
mod tasks;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use error::ServiceError;
pub use places::Places;

use system::Told;

/// What starts programs on this system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Init {
    /// systemd, for one person; runs while that person is logged in (or lingers).
    SystemdUser,
    /// systemd, for the computer.
    SystemdSystem,
    /// launchd of macOS, for one person.
    Launchd,
    /// The Task Scheduler of Windows, for one person.
    TaskScheduler,
}

impl Init {
    /// What a person's programs are started with on this system.
    #[must_use]
    pub fn of_this_system() -> Self {
        if cfg!(target_os = "macos") {
            Self::Launchd
        } else if cfg!(windows) {
            Self::TaskScheduler
        } else {
            Self::SystemdUser
        }
    }
}

/// What is to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The program `backstay`, absolute.
    pub program: PathBuf,
    /// The home directory of its state, absolute.
    pub home: PathBuf,
    /// Variables of its environment. Anyone on the computer may be able to read them: no secrets.
    pub environment: Vec<(String, String)>,
    /// The account it runs as: of system units (none: root) and of the Task Scheduler (needed there, as `DOMAIN\name` or `name`).
    /// Otherwise it runs as the person whose units they are.
    pub user: Option<String>,
    /// How often the watch looks, in minutes, 1 to 1440.
    pub watch_every_minutes: u32,
}

/// One file the system reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitFile {
    /// Its name, below [`Places::units`].
    pub path: PathBuf,
    /// Its text. Task Scheduler files are stored as UTF-16, all others as UTF-8.
    pub content: String,
    /// Permissions on Unix.
    pub mode: u32,
}

/// What happens to a file of ours that a person has edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// It stays, and the whole action is refused.
    Keep,
    /// It is overwritten or removed.
    Replace,
}

/// What an installation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Installed {
    /// The files as they lie there now, whether written or already right.
    pub files: Vec<PathBuf>,
    /// Whether any of them was written or changed.
    pub changed: bool,
    /// Whether the system starts them now. Otherwise [`Installed::next_steps`] says how.
    pub enabled: bool,
    /// What a person should know, one English sentence each.
    pub notes: Vec<String>,
    /// Commands left to run, in their order.
    pub next_steps: Vec<String>,
}

/// What taking it away did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Uninstalled {
    /// The files removed.
    pub files: Vec<PathBuf>,
    /// What a person should know, one English sentence each.
    pub notes: Vec<String>,
}

/// How things stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// All files are there.
    pub installed: bool,
    /// Files of ours that a person has edited.
    pub edited: Vec<PathBuf>,
    /// The system starts the agent by itself; `None` when it cannot be asked.
    pub enabled: Option<bool>,
    /// The agent runs now; `None` when the system cannot be asked.
    pub running: Option<bool>,
    /// When the watch was started last; `None` when never or unknown.
    pub last_watch: Option<DateTime<Utc>>,
    /// Why something is unknown, one English sentence each.
    pub notes: Vec<String>,
}

/// The files by which `init` starts what is wanted. Touches nothing.
///
/// # Errors
/// When a path, name or number cannot be written into them.
pub fn files(init: Init, wanted: &Wanted) -> Result<Vec<UnitFile>, ServiceError> {
    check::check(init, wanted)?;
    match init {
        Init::SystemdUser | Init::SystemdSystem => systemd::files(init, wanted),
        Init::Launchd => launchd::files(wanted),
        Init::TaskScheduler => tasks::files(wanted),
    }
}

/// Writes the files, has the system read them, and starts the agent and its watch. Doing it again changes nothing.
///
/// Where nothing of the system answers (a container, a package build), the files are written and the commands to run later returned.
///
/// # Errors
/// When something cannot be written, a person edited a file, or the system refuses. Everything is then as it was before.
pub fn install(init: Init, wanted: &Wanted, places: &Places, edited: Edited) -> Result<Installed, ServiceError> {
    let files = files(init, wanted)?;
    let steps = disk::plan(init, &files, places, edited)?;
    let written = disk::perform(&steps, places)?;
    let changed = written.changed();
    let told = match system::enable(init, places, changed) {
        Ok(told) => told,
        Err(cause) => {
            if changed && written.is_new() {
                // What was begun; that some of it was not is no news.
                drop(system::disable(init, places));
            }
            let cause = written.taken_back(cause);
            system::reread(init, places);
            return Err(cause);
        }
    };
    let files = files.iter().map(|file| places.units.join(&file.path)).collect();
    let (enabled, notes, next_steps) = match told {
        Told::Done { notes, next_steps } => (true, notes, next_steps),
        Told::Nobody { note } => (false, vec![note], system::commands(init, places)),
    };
    Ok(Installed {
        files,
        changed,
        enabled,
        notes,
        next_steps,
    })
}

/// Stops the agent and its watch and removes their files. Nothing installed is no error.
///
/// # Errors
/// When the system refuses or a person edited a file (nothing is removed then), or when a file cannot be removed.
pub fn uninstall(init: Init, places: &Places, edited: Edited) -> Result<Uninstalled, ServiceError> {
    let found = disk::found(init, &names(init), places)?;
    if let Some((path, _)) = found.iter().find(|(_, ours)| !ours && edited == Edited::Keep) {
        return Err(ServiceError::Edited { path: path.clone() });
    }
    let mut uninstalled = Uninstalled::default();
    if found.is_empty() {
        return Ok(uninstalled);
    }
    if let Told::Nobody { note } = system::disable(init, places)? {
        disk::remove(&links(init, places))?;
        uninstalled.notes.push(note);
    }
    uninstalled.files = found.into_iter().map(|(path, _)| path).collect();
    disk::remove(&uninstalled.files)?;
    system::reread(init, places);
    Ok(uninstalled)
}

/// How things stand. Asks the system, for some seconds at most.
///
/// # Errors
/// When files that are there cannot be read.
pub fn status(init: Init, places: &Places) -> Result<Status, ServiceError> {
    let names = names(init);
    let found = disk::found(init, &names, places)?;
    let mut status = Status {
        installed: found.len() == names.len(),
        edited: found.into_iter().filter(|(_, ours)| !ours).map(|(path, _)| path).collect(),
        ..Status::default()
    };
    let known = system::known(init, places);
    status.enabled = known.enabled;
    status.running = known.running;
    status.last_watch = known.last_watch;
    status.notes = known.notes;
    Ok(status)
}

/// The names of all files of ours.
fn names(init: Init) -> Vec<PathBuf> {
    match init {
        Init::SystemdUser | Init::SystemdSystem => systemd::NAMES.iter().map(PathBuf::from).collect(),
        Init::Launchd => launchd::LABELS.iter().map(|label| launchd::file(label)).collect(),
        Init::TaskScheduler => tasks::NAMES.iter().map(|(file, _)| PathBuf::from(file)).collect(),
    }
}

/// The links by which systemd remembers what is enabled. It removes them itself, unless it does not run.
fn links(init: Init, places: &Places) -> Vec<PathBuf> {
    let of = |target: &str, unit: &str| places.units.join(format!("{target}.wants")).join(unit);
    match init {
        Init::SystemdUser => vec![of("default.target", systemd::AGENT), of("timers.target", systemd::TIMER)],
        Init::SystemdSystem => vec![of("multi-user.target", systemd::AGENT), of("timers.target", systemd::TIMER)],
        Init::Launchd | Init::TaskScheduler => Vec::new(),
    }
}
