//! Messages by e-mail.

mod letter;
mod smtp;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::{Delivered, Hidden, Limits, Message, Result, TellError, within};
use letter::Letter;

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

impl Mail {
    /// The server and its port.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// Sends a message. Every recipient is served on its own, so that one wrong address keeps it from nobody else.
///
/// # Errors
/// When the server does not accept it for each recipient within the limits: the first refusal, after all were tried.
pub fn mail(mail: &Mail, message: &Message, limits: &Limits) -> Result<Delivered> {
    let letter = Letter::write(mail, message)?;
    within::block(|| async {
        let end = Instant::now() + limits.total;
        let mut result = Err(TellError::NoRecipient);
        for envelope in &letter.envelopes {
            let left = Limits {
                total: end.saturating_duration_since(Instant::now()),
                ..*limits
            };
            let one = within::tries(&left, &mail.place(), || smtp::send(mail, envelope, &letter.bytes)).await;
            result = match (result, one) {
                (Err(TellError::NoRecipient), one) => one,
                (Ok(all), Ok(one)) => Ok(Delivered {
                    status: one.status,
                    tries: all.tries.max(one.tries),
                }),
                (Err(first), _) => Err(first),
                (Ok(_), Err(error)) => Err(error),
            };
        }
        result
    })
}
