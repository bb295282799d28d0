//! The client against servers that follow a script: every rule of trying again, bodies that break off or never end, budgets,
//! log-ins, TLS.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod address;
mod auth;
mod bodies;
mod budget;
mod errors;
mod proxy;
mod redirect;
mod retry;
mod server;
mod tls;
mod uploads;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use backstay_source_http::{Client, NoAuth, Observer, Patience, Pause, Rate, Settings};

/// Patience for tests: pauses of some milliseconds.
pub fn patience() -> Patience {
    Patience {
        first: Duration::from_millis(5),
        longest: Duration::from_millis(40),
        dead: Duration::from_millis(600),
        busy: Duration::from_secs(5),
        failures: 2,
    }
}

pub fn settings() -> Settings {
    Settings {
        connect: Duration::from_secs(2),
        silence: Duration::from_secs(2),
        patience: patience(),
        rate: Rate::default(),
        ..Settings::default()
    }
}

pub fn client(url: &str) -> Client {
    Client::new(url, settings(), Arc::new(NoAuth)).unwrap()
}

/// Keeps the pauses it is told.
#[derive(Default)]
pub struct Watch(pub Mutex<Vec<Pause>>);

impl Observer for Watch {
    fn pausing(&self, pause: &Pause) {
        self.0.lock().unwrap().push(pause.clone());
    }
}

impl Watch {
    pub fn told(&self) -> Vec<Pause> {
        self.0.lock().unwrap().clone()
    }
}
