//! Telling systemd how the agent is: ready, alive, stopping (the protocol of sd_notify(3)).

use std::ffi::OsString;
use std::time::Duration;

/// The line to the service manager that started this process. Does nothing where there is none.
#[derive(Debug, Default)]
pub struct Notify {
    socket: Option<OsString>,
    watchdog: Option<Duration>,
}

impl Notify {
    /// The line that the manager named in the environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`.
    /// `variable` looks one up; a program passes `|name| std::env::var_os(name)`.
    #[must_use]
    pub fn from_environment(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let number = |name: &str| variable(name)?.to_str()?.parse::<u64>().ok();
        let meant = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        Self {
            socket: variable("NOTIFY_SOCKET"),
            watchdog: number("WATCHDOG_USEC").filter(|_| meant).map(Duration::from_micros),
        }
    }

    /// The agent works: call it once, when plans are read.
    pub fn ready(&self) {
        self.send("READY=1");
    }

    /// The agent is alive: call it at least every [`Notify::alive_every`].
    pub fn alive(&self) {
        self.send("WATCHDOG=1");
    }

    /// The agent ends because it was told to.
    pub fn stopping(&self) {
        self.send("STOPPING=1");
    }

    /// One line for `systemctl status`, such as "Backing up Notes, 40 %".
    pub fn status(&self, line: &str) {
        let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.send(&format!("STATUS={line}"));
    }

    /// How often [`Notify::alive`] is due: half of what the manager allows, as it recommends. `None`: the manager does not watch.
    #[must_use]
    pub fn alive_every(&self) -> Option<Duration> {
        self.watchdog.map(|allowed| allowed / 2)
    }

    #[cfg(target_os = "linux")]
    fn send(&self, message: &str) {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::net::{SocketAddr, UnixDatagram};

        let Some(name) = &self.socket else { return };
        // A name that begins with @ is in the abstract namespace.
        let address = match name.as_bytes().strip_prefix(b"@") {
            Some(name) => SocketAddr::from_abstract_name(name),
            None => SocketAddr::from_pathname(name),
        };
        let sent = address.and_then(|address| {
            let socket = UnixDatagram::unbound()?;
            // A manager that does not read must not hold the agent up.
            socket.set_nonblocking(true)?;
            socket.send_to_addr(message.as_bytes(), &address)
        });
        // Nobody can be told that the one who should be told is not there.
        drop(sent);
    }

    /// There is no systemd anywhere else.
    #[cfg(not(target_os = "linux"))]
    fn send(&self, _message: &str) {
        let _ = &self.socket;
    }
}
