//! Why something could not be told, as facts. No variant holds an address with a token or a password.

use std::{path::PathBuf, time::Duration};

use backstay_model::{ErrorKind, Retry};

/// A failure to tell. `place` is what may be shown of an address: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TellError {
    /// The address cannot be one.
    #[error("the address is not usable: {reason}")]
    BadUrl {
        /// What is wrong, without the address.
        reason: &'static str,
    },
    /// A header of a webhook cannot be sent.
    #[error("the header {name} cannot be sent")]
    BadHeader {
        /// Its name.
        name: String,
    },
    /// A mail address cannot be one.
    #[error("{address} is no mail address")]
    BadAddress {
        /// As it was given.
        address: String,
    },
    /// A mail for nobody.
    #[error("the mail has no recipient")]
    NoRecipient,
    /// The file with the authority's certificates cannot be used.
    #[error("{} holds no usable certificates", path.display())]
    BadAuthority {
        /// The file.
        path: PathBuf,
    },
    /// The receiver answered with a refusal.
    #[error("{place} answered {status}{}", said(answer))]
    Refused {
        /// Who.
        place: String,
        /// HTTP status.
        status: u16,
        /// The beginning of what it said.
        answer: String,
        /// The pause it asked for.
        after: Option<Duration>,
    },
    /// The mail server answered with a refusal.
    #[error("{place} answered {code}{}", said(answer))]
    MailRefused {
        /// Who.
        place: String,
        /// Reply code (RFC 5321, section 4.2).
        code: u16,
        /// The beginning of what it said.
        answer: String,
    },
    /// The receiver sends us elsewhere, and we do not go: too often, from `https` to `http`, or nowhere.
    #[error("{place} leads to another address that is not followed: {reason}")]
    Redirected {
        /// Who.
        place: String,
        /// Why it is not followed.
        reason: &'static str,
    },
    /// No answer in time.
    #[error("{place} did not answer within {} s", after.as_secs_f64())]
    TimedOut {
        /// Who.
        place: String,
        /// The limit.
        after: Duration,
    },
    /// No connection, or it broke.
    #[error("{place} is out of reach: {reason}")]
    Unreachable {
        /// Who.
        place: String,
        /// Why, as the system says.
        reason: String,
    },
    /// The connection could not be made safe.
    #[error("no safe connection to {place}: {reason}")]
    Tls {
        /// Who.
        place: String,
        /// Why.
        reason: String,
    },
    /// The mail server does not take user or password.
    #[error("{place} refuses user or password ({code})")]
    Login {
        /// Who.
        place: String,
        /// Reply code.
        code: u16,
    },
    /// The mail server knows no way to log in that we know, or none at all.
    #[error("{place} offers no login by user and password")]
    NoLogin {
        /// Who.
        place: String,
    },
    /// A password would go over an open connection.
    #[error("the password for {place} is not sent over an open connection")]
    Open {
        /// Who.
        place: String,
    },
    /// A command has no program.
    #[error("the command is empty")]
    NoCommand,
    /// A command cannot be started.
    #[error("{program} cannot be started: {reason}")]
    NotStarted {
        /// The program, without its arguments.
        program: String,
        /// Why, as the system says.
        reason: String,
    },
    /// A command ended with an error.
    #[error("{program} ended with {}", ended(*code, *signal))]
    HookFailed {
        /// The program, without its arguments.
        program: String,
        /// Its exit code.
        code: Option<i32>,
        /// The signal that ended it.
        signal: Option<i32>,
        /// The end of what it said.
        output: String,
    },
    /// A command took too long and was ended.
    #[error("{program} was ended after {} s", after.as_secs_f64())]
    HookTimedOut {
        /// The program, without its arguments.
        program: String,
        /// The limit.
        after: Duration,
        /// The end of what it said.
        output: String,
    },
    /// A command was ended because the person stopped the run.
    #[error("{program} was stopped")]
    HookCancelled {
        /// The program, without its arguments.
        program: String,
    },
    /// Nobody shows notifications here.
    #[error("no desktop shows notifications here: {reason}")]
    NoDesktop {
        /// Why.
        reason: String,
    },
    /// The system gave no thread or no event loop.
    #[error("the system is short of resources: {reason}")]
    NoResources {
        /// Why.
        reason: String,
    },
}

fn said(answer: &str) -> String {
    if answer.is_empty() {
        String::new()
    } else {
        format!(": {answer}")
    }
}

fn ended(code: Option<i32>, signal: Option<i32>) -> String {
    match (code, signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no exit code".to_owned(),
    }
}

impl TellError {
    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::BadUrl { .. }
            | Self::BadHeader { .. }
            | Self::BadAddress { .. }
            | Self::NoRecipient
            | Self::BadAuthority { .. }
            | Self::Open { .. }
            | Self::NoCommand => ErrorKind::Usage,
            Self::Refused { status, .. } => match status {
                401 | 403 | 407 => ErrorKind::Auth,
                404 | 410 => ErrorKind::NotFound,
                _ if self.retry() == Retry::Final => ErrorKind::Unsupported,
                _ => ErrorKind::Unreachable,
            },
            Self::MailRefused { code: 400..=499, .. } => ErrorKind::Unreachable,
            Self::MailRefused { code: 530..=538, .. } | Self::Login { .. } => ErrorKind::Auth,
            Self::MailRefused { .. } => ErrorKind::Unsupported,
            Self::Redirected { .. } | Self::NoLogin { .. } => ErrorKind::Unsupported,
            Self::TimedOut { .. } | Self::Unreachable { .. } | Self::Tls { .. } | Self::NoDesktop { .. } => {
                ErrorKind::Unreachable
            }
            Self::NotStarted { .. } => ErrorKind::NotFound,
            Self::HookFailed { .. } | Self::NoResources { .. } => ErrorKind::Io,
            Self::HookTimedOut { .. } => ErrorKind::Limit,
            Self::HookCancelled { .. } => ErrorKind::Cancelled,
        }
    }

    /// The end of what a command said before it failed.
    #[must_use]
    pub fn output(&self) -> Option<&str> {
        match self {
            Self::HookFailed { output, .. } | Self::HookTimedOut { output, .. } => Some(output),
            _ => None,
        }
    }

    /// Whether trying again can help: of HTTP answers 408, 425, 429 and 5xx (RFC 9110, section 15; RFC 8470, section 5.2;
    /// RFC 6585, section 4), of SMTP 4xx (RFC 5321, section 4.2.1).
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Refused {
                status: 408 | 425 | 429 | 500..=599,
                after,
                ..
            } => Retry::After(after.map(|pause| pause.as_millis().try_into().unwrap_or(u64::MAX))),
            Self::MailRefused { code: 400..=499, .. } => Retry::After(None),
            Self::TimedOut { .. } | Self::Unreachable { .. } | Self::NoDesktop { .. } | Self::NoResources { .. } => {
                Retry::After(None)
            }
            _ => Retry::Final,
        }
    }
}
