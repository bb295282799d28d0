//! A command and all it started, ended together.

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::process::Command;

/// Makes a command the head of a process group of its own.
pub(super) fn lead(command: &mut Command) {
    #[cfg(unix)]
    command.process_group(0);
    #[cfg(windows)]
    // CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW
    command.creation_flags(0x0000_0200 | 0x0800_0000);
}

/// A command's process group, by the id of its head.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family(u32);

impl Family {
    /// The group a started command leads.
    pub(super) fn of(head: u32) -> Self {
        Self(head)
    }
}

#[cfg(unix)]
impl Family {
    fn id(self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.0).ok()?)
    }

    /// Asks all of them to end.
    pub(super) fn ask(self) {
        self.id().map(|id| kill_process_group(id, Signal::TERM));
    }

    /// Ends all of them.
    pub(super) fn end(self) {
        self.id().map(|id| kill_process_group(id, Signal::KILL));
    }

    /// Whether one of them is still there.
    pub(super) fn lives(self) -> bool {
        self.id().is_some_and(|id| test_kill_process_group(id).is_ok())
    }
}

#[cfg(windows)]
impl Family {
    fn taskkill(self, force: bool) {
        let mut command = std::process::Command::new("taskkill");
        command.args(["/T", "/PID", &self.0.to_string()]);
        if force {
            command.arg("/F");
        }
        let _ = command.output();
    }

    /// Asks all of them to end.
    pub(super) fn ask(self) {
        self.taskkill(false);
    }

    /// Ends all of them.
    pub(super) fn end(self) {
        self.taskkill(true);
    }

    /// Whether one of them is still there: cannot be told cheaply, so they get their time.
    pub(super) fn lives(self) -> bool {
        true
    }
}
