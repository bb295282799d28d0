//! Messages by e-mail.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Delivered, Hidden, Limits, Message, Result, TellError};

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Security {
    /// Not at all. A password is sent only to this computer itself.
    None,
    /// Plain at first, then TLS or nothing (usually port 587).
    #[default]
    StartTls,
    /// TLS from the first byte (usually port 465).
    Tls,
}

/// A mail server and whom to write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mail {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Login; without one, mail is sent without.
    pub user: Option<String>,
    /// Its password.
    pub password: Hidden,
    /// Sender: `a@b.example` or `Name <a@b.example>`.
    pub from: String,
    /// Recipients, written the same way.
    pub to: Vec<String>,
    /// Certificates (PEM) of an authority to be trusted besides the system's.
    pub authority: Option<PathBuf>,
}

/// Sends a message.
///
/// # Errors
/// When the server does not accept it within the limits.
pub fn mail(mail: &Mail, message: &Message, limits: &Limits) -> Result<Delivered> {
    let _ = (mail, message, limits);
    Err(TellError::NoResources {
        reason: "not there yet".to_owned(),
    })
}
