//! The one list of commands that the window, the command line and the service call.
//!
//! A [`Command`] has a name, a request and a reply; [`COMMANDS`] lists them all. Handlers are short: resolve names, call the
//! engine, turn the result into its wire type. Nothing below this crate knows a wire type, nothing above it knows the engine.

pub mod agent;
mod app;
mod bundles;
pub mod commands;
mod context;
pub mod desk;
mod error;
mod foreign;
mod inspect;
mod names;
mod plans;
mod reach;
mod replicas;
mod sample;
mod settings;
pub mod types;
pub mod typescript;
mod vaults;

pub use app::{App, AppOptions, SystemClock, describe};
pub use backstay_engine::{Clock, Reporter, Silent};
pub use backstay_schedule as schedule;
pub use backstay_secrets::Secret;
pub use backstay_source::{Cancel, Connector, OptionSpec};
pub use backstay_surroundings::notify;
pub use backstay_tell as tell;
pub use commands::{COMMANDS, Command, CommandEntry, Guard};
pub use context::{Context, NoPasswords, Passwords};
pub use error::{ApiError, Result};

/// Where secrets are kept, as the programs choose it.
pub mod secrets {
    pub use backstay_secrets::{
        Backend, ChooseError, FileConfig, KeySource, PLACE, Preference, Prompt, SecretsError, create_key_file,
    };
}
