//! What the computer is doing now: its power, its network.

use serde::{Deserialize, Serialize};

/// One look at the computer. `None` means that nobody could say, and a note tells why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Look {
    /// Whether it runs on its battery.
    pub on_battery: Option<bool>,
    /// Whether the network costs by what goes through it (a guess of the system counts).
    pub metered: Option<bool>,
    /// Whether a network is there that leads anywhere. A local network without the internet counts as online: a vault may be in it.
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
    Box::new(Unknown)
}

/// Nothing is known.
struct Unknown;

impl Surroundings for Unknown {
    fn look(&self) -> Look {
        Look {
            notes: vec!["Power and network are not asked for on this system.".to_owned()],
            ..Look::default()
        }
    }
}
