//! What the computer is doing now: its power, its network.

#[cfg(target_os = "linux")]
pub(crate) mod bus;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod mac;
mod pmset;
#[cfg(target_os = "linux")]
mod supply;

use serde::{Deserialize, Serialize};

#[cfg(target_os = "linux")]
pub use bus::Bus;
#[cfg(target_os = "linux")]
pub use linux::OverBus;

/// One look at the computer. `None` means that nobody could say, and a note tells why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Look {
    /// Whether it runs on its battery.
    pub on_battery: Option<bool>,
    /// Whether the network costs by what goes through it (a guess of the system counts).
    pub metered: Option<bool>,
    /// Whether a network is there that leads anywhere. A network without the internet counts as online: a vault may be in it.
    pub online: Option<bool>,
    /// Why something is unknown, one English sentence each. For people, not for programs.
    pub notes: Vec<String>,
}

/// What can look at the computer.
pub trait Surroundings: Send + Sync {
    /// One look. Blocks for some seconds at most, usually for milliseconds.
    fn look(&self) -> Look;
}

/// What this system offers: UPower and NetworkManager over the system's bus on Linux, `pmset` on macOS, nothing on Windows.
#[must_use]
pub fn of_this_system() -> Box<dyn Surroundings> {
    #[cfg(target_os = "linux")]
    let surroundings = OverBus::new(Bus::default());
    #[cfg(target_os = "macos")]
    let surroundings = mac::Mac;
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    let surroundings = NotAsked;
    Box::new(surroundings)
}

/// A system that Backstay does not ask yet.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
struct NotAsked;

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
impl Surroundings for NotAsked {
    fn look(&self) -> Look {
        Look {
            notes: vec!["Backstay does not ask this system for its power and network yet.".to_owned()],
            ..Look::default()
        }
    }
}
