//! What can go wrong between Backstay and a service, as facts. No text here holds a credential or a query.

use std::{io, path::PathBuf, time::Duration};

use backstay_model::ErrorKind;
use backstay_source::SourceError;
use bytes::Bytes;

/// A request that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The address of the service cannot be one.
    #[error("The address {reason}")]
    BadAddress {
        /// The rest of a sentence.
        reason: &'static str,
    },
    /// The address has a user or a password in it.
    #[error("The address holds a user name or password")]
    LoginInAddress,
    /// A name that cannot stand in a path.
    #[error("The name \"{part}\" cannot be asked for over HTTP")]
    Unaddressable {
        /// The name.
        part: String,
    },
    /// A header that cannot be sent.
    #[error("The value of the header {name} has letters that cannot be sent")]
    BadHeader {
        /// The header's name.
        name: String,
    },
    /// The file with certificates cannot be used.
    #[error("{} holds no certificates in PEM form that can be read", .path.display())]
    BadAuthority {
        /// The file.
        path: PathBuf,
    },
    /// The system gave no threads or sockets.
    #[error("Could not begin: {reason}")]
    NoResources {
        /// Why, in the system's words.
        reason: String,
    },
    /// The service is not who it should be, or speaks no TLS we trust.
    #[error("No safe connection to {place}: {reason}")]
    Tls {
        /// The service.
        place: String,
        /// Why.
        reason: String,
    },
    /// No connection, or it ended before an answer came.
    #[error("{place} cannot be reached: {reason}")]
    Unreachable {
        /// The service.
        place: String,
        /// Why.
        reason: String,
        /// The request may have arrived.
        sent: bool,
    },
    /// Nothing came for too long.
    #[error("{place} said nothing for {} s", .after.as_secs_f32())]
    Silent {
        /// The service.
        place: String,
        /// How long.
        after: Duration,
    },
    /// The answer broke off.
    #[error("The answer of {place} broke off after {got} bytes{}", .expected.map(|all| format!(" of {all}")).unwrap_or_default())]
    Cut {
        /// The service.
        place: String,
        /// Bytes that came.
        got: u64,
        /// Bytes that were announced.
        expected: Option<u64>,
    },
    /// The service refused.
    #[error("{place} answered {status} to {asked}")]
    Status {
        /// The service.
        place: String,
        /// Method and path, without the query.
        asked: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of the answer's text, for the connector, which knows what in it can be shown.
        said: Bytes,
        /// How long the service wants to be left alone.
        after: Option<Duration>,
    },
    /// The service told somebody with the same credential to leave it alone for longer than is worth waiting.
    #[error("{place} wants to be left alone for {} s", .after.as_secs())]
    Busy {
        /// The service.
        place: String,
        /// How long.
        after: Duration,
    },
    /// The service sends elsewhere.
    #[error("{place} sends to another address{}", .to.as_ref().map(|to| format!(": {to}")).unwrap_or_default())]
    Redirected {
        /// The service.
        place: String,
        /// Scheme, host and port of the other address.
        to: Option<String>,
    },
    /// The answer is larger than what may be read into memory.
    #[error("The answer of {place} is larger than {limit} bytes")]
    TooLarge {
        /// The service.
        place: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The answer is no JSON, or other JSON than agreed.
    #[error("The answer of {place} to {asked} cannot be understood: {reason}")]
    BadJson {
        /// The service.
        place: String,
        /// Method and path, without the query.
        asked: String,
        /// Why.
        reason: String,
    },
    /// What was to be sent cannot be read.
    #[error("What was to be sent to {place} cannot be read: {error}")]
    Sending {
        /// The service.
        place: String,
        /// Why.
        error: io::Error,
    },
    /// Trying again did not help.
    #[error("{last} ({tries} tries in {} s)", .within.as_secs())]
    GaveUp {
        /// Number of tries.
        tries: u32,
        /// Time since the first failure.
        within: Duration,
        /// The last failure.
        last: Box<Self>,
    },
    /// Logging in failed; the reason is the connector's.
    #[error(transparent)]
    LogIn(Box<SourceError>),
    /// Stopped on request.
    #[error("Stopped on request")]
    Cancelled,
}

impl HttpError {
    /// The class.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::BadAddress { .. } | Self::LoginInAddress | Self::BadAuthority { .. } | Self::BadHeader { .. } => {
                ErrorKind::Usage
            }
            Self::Unaddressable { .. } => ErrorKind::Unsupported,
            Self::NoResources { .. } | Self::BadJson { .. } => ErrorKind::Io,
            Self::Tls { .. } | Self::Unreachable { .. } | Self::Silent { .. } | Self::Cut { .. } | Self::Redirected { .. } => {
                ErrorKind::Unreachable
            }
            Self::TooLarge { .. } | Self::Busy { .. } => ErrorKind::Limit,
            Self::Sending { error, .. } => {
                let own = error.get_ref().and_then(|inner| inner.downcast_ref::<SourceError>());
                own.map_or(ErrorKind::Io, |own| own.kind)
            }
            Self::GaveUp { last, .. } => last.kind(),
            Self::LogIn(error) => error.kind,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Status { status, .. } => of_status(*status),
        }
    }

    /// The status of a refusal and the beginning of its text, also after several tries.
    #[must_use]
    pub fn refusal(&self) -> Option<(u16, &Bytes)> {
        match self {
            Self::Status { status, said, .. } => Some((*status, said)),
            Self::GaveUp { last, .. } => last.refusal(),
            _ => None,
        }
    }

    /// Whether it may work at another time. The layers here have tried already.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Silent { .. } | Self::Cut { .. } | Self::Busy { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500 | 502..=504 | 520..=599),
            Self::GaveUp { last, .. } => last.is_temporary(),
            Self::LogIn(error) => error.retry != backstay_model::Retry::Final,
            _ => false,
        }
    }

    /// What to do next, for people.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::BadAddress { .. } => "Give an address such as https://host:6984.",
            Self::LoginInAddress => "Give user and password in their own settings, where they are kept in the keychain.",
            Self::BadAuthority { .. } => "Give a file with one or more certificates (-----BEGIN CERTIFICATE-----).",
            Self::Tls { .. } => "Check the address; for a certificate of your own authority, name its file in the settings.",
            Self::Redirected { .. } => "Give the address the service really has; credentials are not sent elsewhere.",
            Self::Unreachable { .. } | Self::Silent { .. } | Self::Cut { .. } => {
                "Check the address, the network and the service."
            }
            Self::GaveUp { last, .. } => return last.hint(),
            Self::Status { status: 401 | 403, .. } => "Check the credentials and what they allow.",
            _ => return None,
        })
    }

    /// The error a [`crate::BodyReader`] reported through [`io::Read`]; any other becomes [`HttpError::Sending`] of `place`.
    #[must_use]
    pub fn from_io(place: &str, error: io::Error) -> Self {
        let sending = |error| Self::Sending {
            place: place.to_owned(),
            error,
        };
        let mut own = match error.downcast::<SourceError>() {
            Ok(own) => own,
            Err(error) => return sending(error),
        };
        match own.cause.take().map(|cause| cause.downcast::<Self>()) {
            Some(Ok(http)) => *http,
            Some(Err(cause)) => {
                own.cause = Some(cause);
                sending(io::Error::other(own))
            }
            None => sending(io::Error::other(own)),
        }
    }

    /// The error as readers report it; [`SourceError::io`] and [`HttpError::from_io`] find it again.
    #[must_use]
    pub fn into_io(self) -> io::Error {
        io::Error::other(SourceError::from(self))
    }

    fn subject(&self) -> String {
        match self {
            Self::Tls { place, .. }
            | Self::Unreachable { place, .. }
            | Self::Silent { place, .. }
            | Self::Cut { place, .. }
            | Self::Status { place, .. }
            | Self::Busy { place, .. }
            | Self::Redirected { place, .. }
            | Self::TooLarge { place, .. }
            | Self::BadJson { place, .. }
            | Self::Sending { place, .. } => place.clone(),
            Self::GaveUp { last, .. } => last.subject(),
            Self::BadAuthority { path } => path.display().to_string(),
            Self::Unaddressable { part } => part.clone(),
            Self::BadAddress { .. } | Self::LoginInAddress => "The address".to_owned(),
            Self::BadHeader { name } => name.clone(),
            Self::NoResources { .. } => "The connection".to_owned(),
            Self::LogIn(error) => error.subject.clone(),
            Self::Cancelled => "the job".to_owned(),
        }
    }

    fn predicate(&self) -> String {
        match self {
            Self::BadAddress { reason } => (*reason).to_owned(),
            Self::LoginInAddress => "holds a user name or password".to_owned(),
            Self::Unaddressable { .. } => "cannot be asked for over HTTP".to_owned(),
            Self::BadHeader { .. } => "has letters that cannot be sent".to_owned(),
            Self::BadAuthority { .. } => "holds no certificates in PEM form that can be read".to_owned(),
            Self::NoResources { reason } => format!("could not begin: {reason}"),
            Self::Tls { reason, .. } => format!("gave no safe connection: {reason}"),
            Self::Unreachable { reason, .. } => format!("cannot be reached: {reason}"),
            Self::Silent { after, .. } => format!("said nothing for {} s", after.as_secs_f32()),
            Self::Cut { got, .. } => format!("broke off its answer after {got} bytes"),
            Self::Status { status, asked, .. } => format!("answered {status} to {asked}"),
            Self::Busy { after, .. } => format!("wants to be left alone for {} s", after.as_secs()),
            Self::Redirected { to: Some(to), .. } => format!("sends to another address: {to}"),
            Self::Redirected { to: None, .. } => "sends to another address".to_owned(),
            Self::TooLarge { limit, .. } => format!("gave an answer of more than {limit} bytes"),
            Self::BadJson { asked, reason, .. } => format!("gave an answer to {asked} that cannot be understood: {reason}"),
            Self::Sending { error, .. } => format!("could not be sent what cannot be read: {error}"),
            Self::GaveUp { tries, within, last } => format!("{} ({tries} tries in {} s)", last.predicate(), within.as_secs()),
            Self::LogIn(error) => error.message.clone(),
            Self::Cancelled => "stopped on request".to_owned(),
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn of_status(status: u16) -> ErrorKind {
    match status {
        401 | 403 | 407 => ErrorKind::Auth,
        404 | 410 => ErrorKind::NotFound,
        409 | 412 => ErrorKind::Changed,
        405 | 406 | 415 | 501 => ErrorKind::Unsupported,
        413 | 414 | 429 | 431 => ErrorKind::Limit,
        423 => ErrorKind::Locked,
        507 => ErrorKind::Full,
        408 | 502..=504 | 520..=599 => ErrorKind::Unreachable,
        _ => ErrorKind::Io,
    }
}

impl From<HttpError> for SourceError {
    fn from(error: HttpError) -> Self {
        let error = match error {
            HttpError::LogIn(error) => return *error,
            HttpError::Sending { place, error } => match error.downcast::<Self>() {
                Ok(own) => return own,
                Err(error) => HttpError::Sending { place, error },
            },
            error => error,
        };
        let mut made = Self::new(error.kind(), error.subject(), error.predicate());
        if let Some(hint) = error.hint() {
            made = made.hint(hint);
        }
        if error.is_temporary() {
            made = made.temporary(match &error {
                HttpError::Status { after, .. } => after.map(millis),
                HttpError::Busy { after, .. } => Some(millis(*after)),
                _ => None,
            });
        }
        made.caused_by(error)
    }
}
