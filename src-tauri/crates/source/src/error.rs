//! The one error of the connector contract: what class it is, what it is about, and whether trying again can help.

use std::{error::Error, fmt, io};

use backstay_model::{ErrorKind, Gap, Retry};

/// What a connector reports. Connectors keep typed errors of their own and convert them to this at their edge.
#[derive(Debug)]
pub struct SourceError {
    /// The class; code decides on this.
    pub kind: ErrorKind,
    /// Whether a layer above may try again.
    pub retry: Retry,
    /// What it is about: a path, a collection, an id.
    pub subject: String,
    /// What went wrong, as the rest of a sentence that begins with the subject.
    pub message: String,
    /// What to do next, for people.
    pub hint: Option<String>,
    /// The error below, if any.
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

impl SourceError {
    /// A final error without cause.
    pub fn new(kind: ErrorKind, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind,
            retry: Retry::Final,
            subject: subject.into(),
            message: message.into(),
            hint: None,
            cause: None,
        }
    }

    /// An input/output error on `subject`, classified by its kind. One that carries an error of this type (views hand
    /// theirs through [`io::Read`]) is that error: its class must not be lost on the way.
    pub fn io(subject: impl Into<String>, error: io::Error) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(own) => return own,
            Err(error) => error,
        };
        let kind = match error.kind() {
            io::ErrorKind::NotFound => ErrorKind::NotFound,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Auth,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => ErrorKind::Full,
            _ => ErrorKind::Io,
        };
        let message = match kind {
            ErrorKind::NotFound => "does not exist".to_owned(),
            ErrorKind::Auth => "may not be read or written (permission denied)".to_owned(),
            ErrorKind::Full => "does not fit: no space is left".to_owned(),
            _ => error.to_string(),
        };
        Self::new(kind, subject, message).caused_by(error)
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the error below.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// Marks it as temporary: a layer may try again after `millis`.
    #[must_use]
    pub fn temporary(mut self, millis: Option<u64>) -> Self {
        self.retry = Retry::After(millis);
        self
    }

    /// The error as a gap of a run that goes on without the subject.
    #[must_use]
    pub fn to_gap(&self) -> Gap {
        Gap {
            subject: self.subject.clone(),
            kind: self.kind,
            message: self.message.clone(),
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.message)
    }
}

impl Error for SourceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|e| e as &(dyn Error + 'static))
    }
}
