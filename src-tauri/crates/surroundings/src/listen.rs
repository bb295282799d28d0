//! Hearing over the system's bus what should wake a scheduler: sleep, power, network.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::zvariant::Value;
use zbus::{MatchRule, Message};

use crate::state::Bus;
use crate::waker::{Bell, Change};

const UPOWER: &str = "org.freedesktop.UPower";
const NETWORK_MANAGER: &str = "org.freedesktop.NetworkManager";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// Listens until it is dropped. Where there is no bus, it tries again at growing intervals.
pub(crate) struct Listener {
    connection: Arc<Mutex<Option<Connection>>>,
    /// Gone with the listener, which tells the thread to end.
    alive: Option<Sender<()>>,
}

impl Listener {
    /// `None` when the system has no thread left; the clocks then have to do.
    pub(crate) fn start(bus: Bus, bell: Bell) -> Option<Self> {
        let (alive, ended) = channel();
        let connection = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&connection);
        // Not joined: a greeting the bus never answers would hold up whoever drops this.
        thread::Builder::new()
            .name("bus-listener".to_owned())
            .spawn(move || listen(&bus, &bell, &slot, &ended))
            .ok()?;
        Some(Self {
            connection,
            alive: Some(alive),
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // First, so that a thread that connects just now sees it when there is nothing here to close yet.
        self.alive = None;
        if let Some(connection) = self.connection.lock().take() {
            // Closed by the other side already is as good.
            let _ = connection.close();
        }
    }
}

fn listen(bus: &Bus, bell: &Bell, slot: &Mutex<Option<Connection>>, ended: &Receiver<()>) {
    let first = Duration::from_secs(1).min(bus.hold_off);
    let mut pause = first;
    let mut was_up = false;
    loop {
        if let Ok(connection) = bus.connect() {
            *slot.lock() = Some(connection.clone());
            if ended.recv_timeout(Duration::ZERO) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
            if was_up {
                // Whatever changed while nobody listened.
                bell.tell(Change::Power);
                bell.tell(Change::Network);
            }
            was_up = true;
            pause = first;
            // The bus went away, or does not let us listen: try again later.
            let _ = hear(&connection, bell, ended);
            slot.lock().take();
        }
        match ended.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => pause = (pause * 2).min(bus.hold_off * 5),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Passes on what the bus says, until it ends.
fn hear(connection: &Connection, bell: &Bell, ended: &Receiver<()>) -> zbus::Result<()> {
    // Before the rules, so that nothing between them is lost.
    let messages = MessageIterator::from(connection.clone());
    let proxy = DBusProxy::new(connection)?;
    for rule in rules()? {
        proxy.add_match_rule(rule)?;
    }
    for message in messages {
        if ended.recv_timeout(Duration::ZERO) == Err(RecvTimeoutError::Disconnected) {
            return Ok(());
        }
        for change in changes(&message?) {
            bell.tell(change);
        }
    }
    Ok(())
}

fn rules() -> zbus::Result<Vec<MatchRule<'static>>> {
    let signals = || MatchRule::builder().msg_type(Type::Signal);
    let properties = || signals().interface(PROPERTIES)?.member("PropertiesChanged");
    let owner = || {
        signals()
            .sender("org.freedesktop.DBus")?
            .interface("org.freedesktop.DBus")?
            .member("NameOwnerChanged")
    };
    Ok(vec![
        properties()?.path("/org/freedesktop/UPower")?.arg(0, UPOWER)?.build(),
        properties()?
            .path("/org/freedesktop/NetworkManager")?
            .arg(0, NETWORK_MANAGER)?
            .build(),
        signals()
            .path("/org/freedesktop/login1")?
            .interface("org.freedesktop.login1.Manager")?
            .member("PrepareForSleep")?
            .build(),
        owner()?.arg(0, UPOWER)?.build(),
        owner()?.arg(0, NETWORK_MANAGER)?.build(),
    ])
}

/// What a message says has changed.
fn changes(message: &Message) -> Vec<Change> {
    let header = message.header();
    let member = header.member().map(|member| member.as_str());
    match member {
        Some("PropertiesChanged") => properties_changed(message),
        Some("NameOwnerChanged") => match message.body().deserialize::<(&str, &str, &str)>() {
            Ok((UPOWER, _, _)) => vec![Change::Power],
            Ok((NETWORK_MANAGER, _, _)) => vec![Change::Network],
            _ => Vec::new(),
        },
        Some("PrepareForSleep") => match message.body().deserialize::<bool>() {
            Ok(true) => vec![Change::GoingToSleep],
            Ok(false) => vec![Change::Resumed],
            Err(_) => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn properties_changed(message: &Message) -> Vec<Change> {
    let body = message.body();
    let Ok((interface, changed, invalid)) = body.deserialize::<(&str, HashMap<&str, Value<'_>>, Vec<&str>)>() else {
        return Vec::new();
    };
    let (watched, change): (&[&str], Change) = match interface {
        UPOWER => (&["OnBattery"], Change::Power),
        NETWORK_MANAGER => (&["Metered", "Connectivity", "State"], Change::Network),
        _ => return Vec::new(),
    };
    let moved = |name: &&str| changed.contains_key(name) || invalid.contains(name);
    if watched.iter().any(moved) { vec![change] } else { Vec::new() }
}
