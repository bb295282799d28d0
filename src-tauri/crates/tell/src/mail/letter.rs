//! A message as a letter: headers and plain text.

use lettre::{
    address::Envelope,
    message::{
        Mailbox, SinglePart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Mail;
use crate::{Message, Result, TellError, facts, text};

/// Letters of a subject; what is longer is cut by most programs anyway.
const LONGEST_SUBJECT: usize = 200;

/// A letter as it goes over the line, the same for all recipients and tries.
pub(super) struct Letter {
    pub envelopes: Vec<Envelope>,
    pub bytes: Vec<u8>,
}

impl Letter {
    /// Writes the letter.
    pub(super) fn write(mail: &Mail, message: &Message) -> Result<Self> {
        let from = mailbox(&mail.from)?;
        let to = mail.to.iter().map(|address| mailbox(address)).collect::<Result<Vec<_>>>()?;
        if to.is_empty() {
            return Err(TellError::NoRecipient);
        }
        let bad = |error: lettre::error::Error| TellError::BadAddress {
            address: error.to_string(),
        };
        let mut envelopes = Vec::new();
        for recipient in &to {
            let envelope = Envelope::new(Some(from.email.clone()), vec![recipient.email.clone()]);
            envelopes.push(envelope.map_err(bad)?);
        }
        let domain = from.email.domain().to_owned();
        let mut builder = lettre::Message::builder()
            .from(from)
            .subject(subject(message))
            .date_now()
            .message_id(Some(format!("<{}@{domain}>", Uuid::new_v4())))
            .references(format!("<{}@{domain}>", thread(message)))
            .header(AutoSubmitted)
            .header(EventHeader(message.event.name().to_owned()));
        for recipient in to {
            builder = builder.to(recipient);
        }
        let letter = builder.singlepart(SinglePart::plain(body(message))).map_err(bad)?;
        Ok(Self {
            envelopes,
            bytes: letter.formatted(),
        })
    }
}

fn mailbox(address: &str) -> Result<Mailbox> {
    address.trim().parse().map_err(|_| TellError::BadAddress {
        address: text::line(address, 100),
    })
}

/// What happened first, so that a list of subjects tells the story.
fn subject(message: &Message) -> String {
    let subject = format!("[{}] {} ({})", message.event.words(), message.title, message.host);
    text::line(&subject, LONGEST_SUBJECT)
}

/// An id that all letters of one cause refer to: mail programs show them as one conversation.
fn thread(message: &Message) -> String {
    let hash = Sha256::digest(format!("{}\n{}", message.host, message.cause));
    format!("backstay.{}", hex::encode(hash.get(..12).unwrap_or_default()))
}

fn body(message: &Message) -> String {
    let mut body = format!("{}\n\n", message.title.trim());
    if !message.body.trim().is_empty() {
        body += &format!("{}\n\n", message.body.trim());
    }
    for (name, value) in facts::facts(message) {
        body += &format!("{name}: {}\n", text::line(&value, 500));
    }
    body += "\n-- \nBackstay\n";
    body
}

/// No machine is to answer (RFC 3834, section 5).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> std::result::Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The event, for filters.
#[derive(Debug, Clone)]
struct EventHeader(String);

impl Header for EventHeader {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Backstay-Event")
    }

    fn parse(text: &str) -> std::result::Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}
