//! Which process does something, so that work left behind by a dead one is recognised.

use std::fs;

use serde::{Deserialize, Serialize};

/// A process on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Id of the system's boot it runs in, where the system tells (Linux).
    #[serde(default)]
    pub boot: Option<String>,
    /// Program and version, for people.
    pub program: String,
}

impl Process {
    /// This process.
    #[must_use]
    pub fn this(program: &str) -> Self {
        Self {
            pid: std::process::id(),
            boot: boot_id(),
            program: program.to_owned(),
        }
    }

    /// Whether the process is certainly gone. `false` also when that cannot be told (another system than Linux, or its
    /// number was given to a new process).
    #[must_use]
    pub fn is_gone(&self) -> bool {
        match (&self.boot, boot_id()) {
            (Some(then), Some(now)) => *then != now || !fs::exists(format!("/proc/{}", self.pid)).unwrap_or(true),
            _ => false,
        }
    }
}

/// A process told apart from a later one with the same number, as in a container that is started anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Presence {
    pub(crate) pid: Option<u32>,
    pub(crate) boot: Option<String>,
    /// Clock ticks from the system's boot to the process's start (Linux).
    pub(crate) born: Option<u64>,
}

impl Presence {
    /// This process.
    pub(crate) fn this() -> Self {
        let pid = std::process::id();
        Self {
            pid: Some(pid),
            boot: boot_id(),
            born: born(pid),
        }
    }

    /// Whether the process is certainly gone; as [`Process::is_gone`], and also when its number belongs to a younger one.
    pub(crate) fn is_gone(&self) -> bool {
        let Some(pid) = self.pid else { return false };
        let process = Process {
            pid,
            boot: self.boot.clone(),
            program: String::new(),
        };
        let younger = || matches!((self.born, born(pid)), (Some(then), Some(now)) if then != now);
        process.is_gone() || (self.boot.is_some() && younger())
    }
}

/// When a process of this boot started: the 22nd field of `/proc/PID/stat` (proc(5)); the second may hold spaces and brackets.
fn born(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// Linux's random id of this boot.
fn boot_id() -> Option<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Presence, Process};

    #[cfg(target_os = "linux")]
    #[test]
    fn tells_the_living_from_the_dead() {
        let this = Process::this("test");
        assert!(!this.is_gone());
        assert!(
            Process {
                boot: Some("another boot".to_owned()),
                ..this.clone()
            }
            .is_gone()
        );
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        assert!(Process { pid, ..this }.is_gone());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_number_given_to_a_younger_process_is_not_the_old_one() {
        let this = Presence::this();
        assert!(!this.is_gone());
        let born = this.born.map(|ticks| ticks - 1);
        assert!(born.is_some() && Presence { born, ..this.clone() }.is_gone());
        // Where nothing is known, nothing is certain.
        assert!(!Presence { pid: None, ..this }.is_gone());
    }
}
