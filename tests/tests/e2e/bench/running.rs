//! Backstay as a plain process.

use std::process::{Child, ExitStatus, Stdio};

use super::{Desk, eventually, programs::desktop_program};

/// A started Backstay.
pub struct Running(Child);

impl Running {
    pub(super) fn start(desk: &Desk, args: &[&str]) -> Self {
        let mut command = desk.command(desktop_program());
        command.args(args).stdin(Stdio::null());
        command.stdout(desk.log("backstay")).stderr(desk.log("backstay"));
        Self(command.spawn().unwrap())
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn ended(&mut self) -> ExitStatus {
        eventually(|| self.0.try_wait().unwrap()).unwrap_or_else(|| panic!("it still runs"))
    }

    /// Memory of the process and its children, in kB: what it shares is divided by those who share it (PSS).
    pub fn memory(&self) -> u64 {
        family(self.0.id()).into_iter().map(pss).sum()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn family(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    let mut next = 0;
    while let Some(parent) = all.get(next).copied() {
        let tasks = std::fs::read_dir(format!("/proc/{parent}/task"))
            .into_iter()
            .flatten()
            .flatten();
        for task in tasks {
            let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
        next += 1;
    }
    all
}

fn pss(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok())
        .unwrap_or(0)
}
