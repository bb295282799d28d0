//! Where the files of the system lie, and whom to ask about them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Init;

/// Where units go. Tests and packages name other places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The folder of the units, property lists or task files.
    pub units: PathBuf,
    /// Where `systemctl`, `launchctl` and `schtasks` are looked for, in the form of `PATH`; `None`: where this process looks.
    pub search: Option<OsString>,
    /// Whether the system is told. A package only writes files.
    pub tell_system: bool,
}

impl Places {
    /// The usual ones. `home` is the person's home directory, `config` theirs for settings (`$XDG_CONFIG_HOME`, or `%LOCALAPPDATA%` on
    /// Windows).
    #[must_use]
    pub fn usual(init: Init, home: &Path, config: &Path) -> Self {
        Self {
            units: match init {
                Init::SystemdUser => config.join("systemd/user"),
                Init::SystemdSystem => PathBuf::from("/etc/systemd/system"),
                Init::Launchd => home.join("Library/LaunchAgents"),
                Init::TaskScheduler => config.join("Backstay").join("tasks"),
            },
            search: None,
            tell_system: true,
        }
    }
}
