//! What can go wrong when the agent is installed or taken away.

use std::io;
use std::path::PathBuf;

use backstay_model::ErrorKind;

/// Why the system could not be made to start the agent, or to stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// The system starts programs without a working directory.
    #[error("{path} is not absolute; the system needs the whole path. Nothing was written")]
    NotAbsolute {
        /// The program or home directory.
        path: PathBuf,
    },
    /// Units are text.
    #[error("{path} is not Unicode and cannot be written into a unit. Nothing was written")]
    NotUnicode {
        /// The program or home directory.
        path: PathBuf,
    },
    /// A control character: no quoting of all three systems carries it.
    #[error("{text:?} has a control character and cannot be written into a unit. Nothing was written")]
    ControlCharacter {
        /// The path, name or value.
        text: String,
    },
    /// systemd starts no program with a quotation mark or backslash in its path.
    #[error("systemd refuses a program with quotation marks or backslashes in its path: {path}. Nothing was written")]
    UnsafeProgram {
        /// The program.
        path: PathBuf,
    },
    /// The Task Scheduler would put something else in its place.
    #[error("the Task Scheduler would read {text:?} as containing a variable. Nothing was written")]
    WouldBeExpanded {
        /// The path.
        text: String,
    },
    /// Not a name of a variable.
    #[error("{name:?} is no name of an environment variable: letters, digits and _ make one. Nothing was written")]
    BadVariable {
        /// The name.
        name: String,
    },
    /// Not a name of an account.
    #[error("{name:?} is no name of an account. Nothing was written")]
    BadUser {
        /// The name.
        name: String,
    },
    /// The Task Scheduler lets a person register tasks only for a named account.
    #[error("the Task Scheduler needs the account the agent runs as. Nothing was written")]
    UserMissing,
    /// The Task Scheduler passes no environment.
    #[error("the Task Scheduler cannot set environment variables ({name}). Set them for the account. Nothing was written")]
    NoEnvironment {
        /// The first variable.
        name: String,
    },
    /// Out of range.
    #[error("the watch can look every 1 to 1440 minutes, not every {minutes}. Nothing was written")]
    BadInterval {
        /// What was asked for, in minutes.
        minutes: u32,
    },
    /// A person edited a file; it was left alone.
    #[error("{path} was edited or is not by Backstay; it was left alone and nothing was changed")]
    Edited {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("{path} cannot be read: {source}. Nothing was changed")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written; what was written before it was taken back.
    #[error("{path} cannot be written: {source}. Everything is as it was before")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be removed.
    #[error("{path} cannot be removed: {source}")]
    Remove {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program of the system is there and failed.
    #[error("`{command}` failed: {said}")]
    CommandFailed {
        /// The command line.
        command: String,
        /// The last lines of what it said.
        said: String,
    },
    /// A program of the system did not end.
    #[error("`{command}` did not end within {seconds} seconds and was stopped")]
    CommandHung {
        /// The command line.
        command: String,
        /// How long it was given.
        seconds: u64,
    },
    /// The installation failed, and taking it back failed too.
    #[error("{cause}; besides, {} could not be put back as it was", left.display())]
    HalfInstalled {
        /// Why the installation failed.
        cause: Box<ServiceError>,
        /// The first file that is not as it was.
        left: PathBuf,
    },
}

impl ServiceError {
    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotAbsolute { .. }
            | Self::NotUnicode { .. }
            | Self::ControlCharacter { .. }
            | Self::BadVariable { .. }
            | Self::BadUser { .. }
            | Self::UserMissing
            | Self::BadInterval { .. } => ErrorKind::Usage,
            Self::UnsafeProgram { .. } | Self::WouldBeExpanded { .. } | Self::NoEnvironment { .. } => ErrorKind::Unsupported,
            Self::Edited { .. } => ErrorKind::Refused,
            Self::Read { source, .. } | Self::Write { source, .. } | Self::Remove { source, .. } => of_io(source),
            Self::CommandFailed { .. } => ErrorKind::Io,
            Self::CommandHung { .. } => ErrorKind::Unreachable,
            Self::HalfInstalled { cause, .. } => cause.kind(),
        }
    }
}

fn of_io(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Auth,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::Full,
        _ => ErrorKind::Io,
    }
}
