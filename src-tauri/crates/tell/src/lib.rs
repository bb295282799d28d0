//! Tells people and programs how it went: desktop, webhook, heartbeat, e-mail, commands before and after.
//!
//! It knows neither plans nor runs: a caller gives a [`Message`] and a channel. Every call blocks and has a time limit, so it
//! belongs on a worker thread. Addresses with tokens and passwords are [`Hidden`]: no error, no `Debug` and no `Display`
//! of this crate shows them.

pub mod desktop;
mod error;
mod facts;
mod heartbeat;
mod hidden;
mod hook;
mod http;
mod limits;
mod mail;
mod message;
mod text;
mod webhook;
mod within;

pub use error::TellError;
pub use heartbeat::{Beat, Heartbeat, beat};
pub use hidden::Hidden;
pub use hook::{Command, Hook, HookDone, hook};
pub use limits::{Delivered, Limits};
pub use mail::{Mail, Security, mail};
pub use message::{Event, Message};
pub use webhook::{Form, Webhook, webhook};

/// Result of this crate.
pub type Result<T> = std::result::Result<T, TellError>;
