//! What the command line itself can fail with, and the one place where every error becomes text, JSON and an exit code.

use std::{io, path::PathBuf};

use backstay_api::ApiError;
use backstay_model::ErrorKind;
use serde_json::json;

use crate::output::Output;

/// Results of the command line.
pub type Result<T, E = CliError> = std::result::Result<T, E>;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A command of the api failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// Standard output cannot be written (and nobody closed it on purpose).
    #[error("the output cannot be written: {0}")]
    Output(#[source] io::Error),
    /// A file named on the command line cannot be read or written.
    #[error("{} cannot be {verb}: {error}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// `read` or `written`.
        verb: &'static str,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A file that would be overwritten.
    #[error("{} exists already; it was not overwritten", path.display())]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// `--password-command` failed.
    #[error("the password command failed ({status}): {command}")]
    PasswordCommand {
        /// The command.
        command: String,
        /// How it ended.
        status: String,
    },
    /// Neither option, variable nor keychain has the password, and nobody can be asked.
    #[error("a password for the vault {vault:?} is needed, and there is no terminal to ask for it; nothing was changed")]
    NoPassword {
        /// Which vault.
        vault: String,
    },
    /// An empty password.
    #[error("an empty password protects nothing; nothing was changed")]
    EmptyPassword,
    /// A dialogue on the terminal broke off.
    #[error("the question was not answered; nothing was changed")]
    NoAnswer,
    /// The person said no.
    #[error("not confirmed; nothing was changed")]
    Declined,
    /// Someone has to say yes, and nobody can be asked.
    #[error("{what} needs a confirmation; nothing was changed")]
    NeedsYes {
        /// What would be done.
        what: String,
        /// The command that looks first, if there is one.
        look: Option<String>,
    },
    /// A restore without a place to go to.
    #[error("say where to restore to; nothing was changed")]
    NoTarget,
    /// Items of a restore that need a decision and nobody to make it.
    #[error("{count} items were changed since the newest backup and need a decision; nothing was written")]
    Undecided {
        /// How many.
        count: u64,
        /// The first ones.
        first: Vec<String>,
    },
    /// Binary content would go to a terminal.
    #[error("{path} is binary and would garble the terminal; it was not shown")]
    BinaryOnTerminal {
        /// Which file.
        path: String,
    },
    /// Arguments that contradict each other or miss something, beyond what the parser sees.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What is right.
        hint: String,
    },
    /// No home directory is known.
    #[error("the directory for Backstay's state is not known: this system names no home directory")]
    NoHome,
    /// The demo could not go on.
    #[error("the demo stopped at: {step}: {reason}")]
    Demo {
        /// Which step.
        step: String,
        /// Why.
        reason: String,
    },
    /// Stopped by the person.
    #[error("cancelled on request")]
    Cancelled,
}

impl CliError {
    /// The class.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Api(error) => error.code,
            Self::Output(error) | Self::File { error, .. } => match error.kind() {
                io::ErrorKind::NotFound => ErrorKind::NotFound,
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Auth,
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::Full,
                _ => ErrorKind::Io,
            },
            Self::Exists { .. } | Self::Declined | Self::NeedsYes { .. } | Self::Undecided { .. } => ErrorKind::Refused,
            Self::PasswordCommand { .. } | Self::NoPassword { .. } | Self::EmptyPassword => ErrorKind::Auth,
            Self::NoTarget | Self::BinaryOnTerminal { .. } | Self::Usage { .. } | Self::NoHome => ErrorKind::Usage,
            Self::NoAnswer | Self::Cancelled => ErrorKind::Cancelled,
            Self::Demo { .. } => ErrorKind::Internal,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Api(error) => error.hint.clone(),
            Self::Exists { .. } => Some("Give another name, or move the file away first.".to_owned()),
            Self::PasswordCommand { .. } => {
                Some("Run the command by hand: it must print the password and end with status 0.".to_owned())
            }
            Self::NoPassword { .. } => {
                Some("Use --password-file FILE, --password-command COMMAND or BACKSTAY_PASSWORD.".to_owned())
            }
            Self::NeedsYes { look: Some(look), .. } => Some(format!("Look first with `{look}`; then add --yes.")),
            Self::NeedsYes { look: None, .. } => Some("Add --yes if you mean it.".to_owned()),
            Self::NoTarget => {
                Some("--to TARGET restores into a new place (safe); --in-place writes back where it came from; --into SOURCE writes into another source.".to_owned())
            }
            Self::Undecided { first, .. } => Some(format!(
                "Choose with --on-conflict skip|local|remote|newest|both, or look first with --dry-run. First: {}.",
                first.join(", ")
            )),
            Self::BinaryOnTerminal { .. } => Some("Write it to a file with --output FILE, or pipe it into a program.".to_owned()),
            Self::Usage { hint, .. } => Some(hint.clone()),
            Self::NoHome => Some("Name it with --home DIR or BACKSTAY_HOME.".to_owned()),
            _ => None,
        }
    }

    /// The error as it goes over the wire.
    #[must_use]
    pub fn to_api(&self) -> ApiError {
        if let Self::Api(error) = self {
            return error.clone();
        }
        let error = ApiError::new(self.kind(), self.to_string());
        match self.hint() {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// Shows the error: text on standard error, or a JSON document on standard output.
    pub fn show(&self, output: &Output) {
        let error = self.to_api();
        if output.json {
            // Nothing more can be done when even the error cannot be written.
            let _ = output.document(&json!({ "error": error }));
            return;
        }
        output.complain(&format!("Error: {}", sentence(&error.message)));
        // Many errors say themselves what was below them.
        for cause in error.causes.iter().filter(|cause| !error.message.contains(cause.as_str())) {
            output.complain(&format!("  because: {cause}"));
        }
        if let Some(hint) = &error.hint {
            output.complain(&format!("Hint: {hint}"));
        }
    }
}

impl From<CliError> for ApiError {
    fn from(error: CliError) -> Self {
        error.to_api()
    }
}

/// Ends with a full stop and keeps names as they are.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
