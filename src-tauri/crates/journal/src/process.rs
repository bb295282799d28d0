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

/// Linux's random id of this boot.
fn boot_id() -> Option<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::Process;

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
}
