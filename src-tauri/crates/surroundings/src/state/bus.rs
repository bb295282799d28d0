//! The system's message bus, with time limits: a bus or a service that hangs costs a moment now and then, never the scheduler.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::zvariant::OwnedValue;

/// Where to ask, and how patiently.
#[derive(Debug, Clone)]
pub struct Bus {
    /// The address; `None`: the system's, which `DBUS_SYSTEM_BUS_ADDRESS` may name.
    pub address: Option<String>,
    /// How long connecting, and each answer, may take.
    pub patience: Duration,
    /// How long somebody who did not answer is left alone.
    pub hold_off: Duration,
    /// Where the kernel lists power supplies.
    pub supplies: PathBuf,
}

impl Default for Bus {
    fn default() -> Self {
        Self {
            address: None,
            patience: Duration::from_secs(2),
            hold_off: Duration::from_secs(60),
            supplies: PathBuf::from("/sys/class/power_supply"),
        }
    }
}

impl Bus {
    /// Connects. Blocks as long as the other side likes: a greeting has no time limit.
    pub(crate) fn connect(&self) -> zbus::Result<Connection> {
        match &self.address {
            Some(address) => Builder::address(address.as_str())?,
            None => Builder::system()?,
        }
        .method_timeout(self.patience)
        .build()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// There is no bus.
    NoBus,
    /// The bus does not answer.
    BusHangs,
    /// The service is not there.
    NoService,
    /// The service does not answer.
    ServiceHangs,
    /// The service refuses, or answers what it should not.
    Refused,
}

/// A connection that is made when needed and made again when it breaks.
pub(crate) struct Line {
    bus: Bus,
    state: State,
}

enum State {
    Idle,
    Up(Connection),
    /// A thread is still waiting for a greeting.
    Greeting(Receiver<zbus::Result<Connection>>),
    Down {
        since: Instant,
        why: Silence,
    },
}

impl Line {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus, state: State::Idle }
    }

    /// The connection, within the time limit.
    fn connection(&mut self) -> Result<Connection, Silence> {
        let state = std::mem::replace(&mut self.state, State::Idle);
        let (state, answer) = match state {
            State::Up(connection) if !connection.is_closed() => (State::Up(connection.clone()), Ok(connection)),
            State::Greeting(greeting) => match greeting.try_recv() {
                Ok(outcome) => settled(outcome),
                Err(TryRecvError::Empty) => (State::Greeting(greeting), Err(Silence::BusHangs)),
                Err(TryRecvError::Disconnected) => down(Silence::NoBus),
            },
            State::Down { since, why } if since.elapsed() < self.bus.hold_off => (State::Down { since, why }, Err(why)),
            State::Idle | State::Up(_) | State::Down { .. } => self.greet(),
        };
        self.state = state;
        answer
    }

    fn greet(&self) -> (State, Result<Connection, Silence>) {
        let (sender, greeting) = channel();
        let bus = self.bus.clone();
        let named = thread::Builder::new().name("bus-greeting".to_owned());
        // The receiver is gone when the line was dropped meanwhile; the connection is then dropped too.
        if named.spawn(move || drop(sender.send(bus.connect()))).is_err() {
            return down(Silence::NoBus);
        }
        match greeting.recv_timeout(self.bus.patience) {
            Ok(outcome) => settled(outcome),
            Err(_) => (State::Greeting(greeting), Err(Silence::BusHangs)),
        }
    }

    /// All properties of one interface of a service.
    pub(crate) fn properties(
        &mut self,
        service: &str,
        path: &str,
        interface: &str,
    ) -> Result<HashMap<String, OwnedValue>, Silence> {
        let connection = self.connection()?;
        let answer = connection.call_method(
            Some(service),
            path,
            Some("org.freedesktop.DBus.Properties"),
            "GetAll",
            &(interface,),
        );
        match answer {
            Ok(message) => message.body().deserialize().map_err(|_| Silence::Refused),
            Err(zbus::Error::MethodError(name, _, _)) => Err(match name.as_str() {
                // The last one: it left the bus with our question.
                "org.freedesktop.DBus.Error.ServiceUnknown"
                | "org.freedesktop.DBus.Error.NameHasNoOwner"
                | "org.freedesktop.DBus.Error.NoReply" => Silence::NoService,
                // The bus tried to start it.
                "org.freedesktop.DBus.Error.TimedOut" => Silence::ServiceHangs,
                _ => Silence::Refused,
            }),
            Err(zbus::Error::InputOutput(error)) if error.kind() == std::io::ErrorKind::TimedOut => Err(Silence::ServiceHangs),
            // The bus went away. The connection knows, and the next question makes another.
            Err(_) => Err(Silence::NoBus),
        }
    }
}

fn settled(outcome: zbus::Result<Connection>) -> (State, Result<Connection, Silence>) {
    match outcome {
        Ok(connection) => (State::Up(connection.clone()), Ok(connection)),
        Err(_) => down(Silence::NoBus),
    }
}

fn down(why: Silence) -> (State, Result<Connection, Silence>) {
    let since = Instant::now();
    (State::Down { since, why }, Err(why))
}
