//! Who works on a vault: named in keys, locks and snapshots.

use serde::{Deserialize, Serialize};

/// A program at work on a computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Name of the computer.
    pub hostname: String,
    /// Name of the user.
    pub username: String,
    /// User id (Unix), else 0.
    pub uid: u32,
    /// Group id (Unix), else 0.
    pub gid: u32,
    /// Process id.
    pub pid: u32,
}

impl Host {
    /// This process.
    #[must_use]
    pub fn current() -> Self {
        let named = |key: &str| std::env::var(key).ok().filter(|name| !name.is_empty());
        let username = named("USER").or_else(|| named("LOGNAME")).or_else(|| named("USERNAME"));
        #[cfg(unix)]
        let (uid, gid) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
        #[cfg(not(unix))]
        let (uid, gid) = (0, 0);
        Self {
            hostname: gethostname::gethostname().to_string_lossy().into_owned(),
            username: username.unwrap_or_else(|| "unknown".to_owned()),
            uid,
            gid,
            pid: std::process::id(),
        }
    }
}

/// Which computer it is, beyond its name, as locks tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The installation, and the space in which its process ids count: two containers on one computer differ.
    pub id: String,
    /// Changes with every start of the system, after which process ids mean other processes.
    pub boot: String,
}

impl Machine {
    /// This computer; `None` where that cannot be told.
    #[must_use]
    pub fn this() -> Option<Self> {
        let text = |path: &str| std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
        let processes = std::fs::read_link("/proc/self/ns/pid").ok()?;
        let boot = text("/proc/sys/kernel/random/boot_id").filter(|id| !id.is_empty())?;
        let id = text("/etc/machine-id").unwrap_or_default();
        Some(Self {
            id: format!("{id}/{}", processes.display()),
            boot,
        })
    }
}

/// Whether a process with this id lives on this computer; `true` where that cannot be told.
pub(crate) fn process_lives(pid: u32) -> bool {
    #[cfg(unix)]
    {
        let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) else {
            return false;
        };
        // A process of another user answers "not permitted": it lives.
        !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH))
    }
    #[cfg(not(unix))]
    {
        let _ = pid;
        true
    }
}
