//! Power and network as UPower and NetworkManager tell them over the system's bus.

use std::collections::HashMap;
use std::time::Instant;

use parking_lot::Mutex;
use zbus::zvariant::OwnedValue;

use super::bus::{Bus, Line, Silence};
use super::{Look, Surroundings, supply};

type Properties = HashMap<String, OwnedValue>;

/// A service and the object of it that knows.
struct Service {
    name: &'static str,
    path: &'static str,
    title: &'static str,
    /// What it would have told, for people.
    tells: &'static str,
}

const UPOWER: Service = Service {
    name: "org.freedesktop.UPower",
    path: "/org/freedesktop/UPower",
    title: "UPower",
    tells: "whether the computer runs on its battery",
};

const NETWORK_MANAGER: Service = Service {
    name: "org.freedesktop.NetworkManager",
    path: "/org/freedesktop/NetworkManager",
    title: "NetworkManager",
    tells: "whether the network is metered or leads anywhere",
};

/// Looks over a bus.
pub struct OverBus {
    bus: Bus,
    asked: Mutex<Asked>,
}

struct Asked {
    line: Line,
    /// Services that did not answer, and when.
    hung: HashMap<&'static str, Instant>,
}

impl OverBus {
    /// Nothing is asked before the first look.
    #[must_use]
    pub fn new(bus: Bus) -> Self {
        let line = Line::new(bus.clone());
        Self {
            bus,
            asked: Mutex::new(Asked {
                line,
                hung: HashMap::new(),
            }),
        }
    }

    fn ask(&self, asked: &mut Asked, service: &Service) -> Result<Properties, Silence> {
        if asked
            .hung
            .get(service.name)
            .is_some_and(|since| since.elapsed() < self.bus.hold_off)
        {
            return Err(Silence::ServiceHangs);
        }
        let answer = asked.line.properties(service.name, service.path, service.name);
        if answer == Err(Silence::ServiceHangs) {
            asked.hung.insert(service.name, Instant::now());
        } else {
            asked.hung.remove(service.name);
        }
        answer
    }
}

impl Surroundings for OverBus {
    fn look(&self) -> Look {
        let mut asked = self.asked.lock();
        let mut look = Look::default();
        let power = self.ask(&mut asked, &UPOWER);
        look.on_battery = power
            .as_ref()
            .ok()
            .and_then(|power| bool::try_from(power.get("OnBattery")?.clone()).ok())
            .or_else(|| supply::on_battery(&self.bus.supplies));
        if look.on_battery.is_none() {
            look.notes.push(note(&UPOWER, power.err()));
        }
        let network = self.ask(&mut asked, &NETWORK_MANAGER);
        if let Ok(network) = &network {
            look.metered = metered(network);
            look.online = online(network);
        }
        if look.metered.is_none() || look.online.is_none() {
            look.notes.push(note(&NETWORK_MANAGER, network.err()));
        }
        // One missing bus is one reason.
        look.notes.dedup();
        look
    }
}

/// `NMMetered`: 1 yes, 2 no, 3 yes by a guess, 4 no by a guess, 0 unknown.
fn metered(network: &Properties) -> Option<bool> {
    match number(network, "Metered")? {
        1 | 3 => Some(true),
        2 | 4 => Some(false),
        _ => None,
    }
}

/// `NMConnectivityState`: 1 none, 2 behind a portal, 3 limited, 4 full; where nobody checks it, `NMState` tells more.
///
/// Limited counts as online: the check only failed to reach one page on the internet, a vault in the house may well be reached.
fn online(network: &Properties) -> Option<bool> {
    match number(network, "Connectivity").unwrap_or(0) {
        1 | 2 => return Some(false),
        3 | 4 => return Some(true),
        _ => {}
    }
    match number(network, "State")? {
        // Connected to the site or the world.
        60 | 70 => Some(true),
        // Asleep, not connected, on the way from or to a connection, connected to nothing but this computer.
        10 | 20 | 30 | 40 | 50 => Some(false),
        _ => None,
    }
}

fn number(properties: &Properties, name: &str) -> Option<u32> {
    u32::try_from(properties.get(name)?.clone()).ok()
}

fn note(service: &Service, why: Option<Silence>) -> String {
    let Service { title, tells, .. } = service;
    match why {
        Some(Silence::NoBus) => "There is no system bus to ask about power and network.".to_owned(),
        Some(Silence::BusHangs) => "The system bus does not answer about power and network.".to_owned(),
        Some(Silence::NoService) => format!("{title}, which tells {tells}, does not run."),
        Some(Silence::ServiceHangs) => format!("{title}, which tells {tells}, does not answer."),
        Some(Silence::Refused) => format!("{title} does not tell {tells}."),
        None => format!("{title} does not know {tells}."),
    }
}
