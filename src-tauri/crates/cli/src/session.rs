//! One call of the program: the opened Backstay and how to speak to whoever called.

use std::path::PathBuf;

use backstay_api::{App, AppOptions, Cancel, Command, Context, Silent};
use backstay_model::{ErrorKind, Verdict};
use serde::Serialize;

use crate::{
    args::Global,
    errors::{CliError, Result},
    output::{Output, somebody_is_there},
    password::{self, CliPasswords, Given},
    progress, secrets,
};

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit(pub u8);

impl Exit {
    /// Everything asked for was done.
    pub const DONE: Self = Self(0);
    /// Something is missing; it was named.
    pub const PARTIAL: Self = Self(3);

    /// The code for a class of errors.
    #[must_use]
    pub fn of(kind: ErrorKind) -> Self {
        Self(kind.exit_code())
    }

    /// The code for a verdict; `reason` is why it failed, if it did.
    #[must_use]
    pub fn verdict(verdict: Verdict, reason: Option<ErrorKind>) -> Self {
        match verdict {
            Verdict::Complete => Self::DONE,
            Verdict::Partial => Self::PARTIAL,
            Verdict::Failed => Self::of(reason.unwrap_or(ErrorKind::Io)),
            Verdict::Cancelled => Self::of(ErrorKind::Cancelled),
        }
    }
}

/// One call of the program.
pub struct Session<'a> {
    /// The opened Backstay.
    pub app: App,
    /// How to speak.
    pub output: &'a Output,
    /// Set by Ctrl-C.
    pub cancel: &'a Cancel,
    /// `--yes`
    pub yes: bool,
    /// Where passwords come from.
    pub passwords: CliPasswords,
}

impl<'a> Session<'a> {
    /// Opens the state directory.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub fn open(global: &Global, output: &'a Output, cancel: &'a Cancel) -> Result<Self> {
        let app = App::open(options(global)?)?;
        let current = Given {
            file: global.password_file.clone(),
            command: global.password_command.clone(),
            variable: password::VARIABLE,
        };
        Ok(Self {
            app,
            output,
            cancel,
            yes: global.yes,
            passwords: CliPasswords::from(current),
        })
    }

    /// Runs a command that takes no time worth showing.
    ///
    /// # Errors
    /// The command's.
    pub fn quick<C: Command>(&self, request: C::Request) -> Result<C::Reply> {
        let context = Context {
            cancel: self.cancel,
            reporter: &Silent,
            passwords: &self.passwords,
        };
        Ok(C::run(&self.app, &context, request)?)
    }

    /// Runs a command that may take long, showing how it goes.
    ///
    /// # Errors
    /// The command's.
    pub fn long<C: Command>(&self, request: C::Request) -> Result<C::Reply> {
        let reporter = progress::reporter(self.output);
        let context = Context {
            cancel: self.cancel,
            reporter: &*reporter,
            passwords: &self.passwords,
        };
        Ok(C::run(&self.app, &context, request)?)
    }

    /// Takes messages to whoever is to be told, when no other process does. That one of them did not get through changes no result.
    pub fn tell(&self) {
        match backstay_api::commands::deliver(&self.app) {
            Ok(0) => {}
            Ok(told) => tracing::info!("{told} messages were sent"),
            Err(error) => tracing::warn!("nobody could be told: {}", error.message),
        }
    }

    /// Shows the reply of a quick command: a JSON document, or text.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn reply<T: Serialize>(&self, reply: &T, text: impl FnOnce(&T) -> String) -> Result<()> {
        if self.output.json {
            self.output.document(reply)
        } else {
            self.output.text(&text(reply))
        }
    }

    /// Shows the reply of a long command: the last event, or text.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn result<T: Serialize>(&self, reply: &T, text: impl FnOnce(&T) -> String) -> Result<()> {
        if self.output.json {
            self.output.event("result", reply)
        } else {
            self.output.text(&text(reply))
        }
    }

    /// Asks the person at the terminal to confirm; `--yes` answers for them.
    ///
    /// # Errors
    /// [`CliError::Declined`], or [`CliError::NeedsYes`] when nobody can be asked.
    pub fn confirm(&self, question: &str, what: &str, look: Option<String>) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        if self.output.json || !somebody_is_there() {
            return Err(CliError::NeedsYes {
                what: what.to_owned(),
                look,
            });
        }
        let answer = dialoguer::Confirm::new().with_prompt(question).default(false).interact();
        if answer.map_err(|_| CliError::NoAnswer)? {
            Ok(())
        } else {
            Err(CliError::Declined)
        }
    }
}

/// What a Backstay of the command line is made of.
///
/// # Errors
/// When no state directory is known, or the environment's place for secrets makes no sense.
pub fn options(global: &Global) -> Result<AppOptions> {
    let home = home(global)?;
    Ok(AppOptions {
        secrets: secrets::preference(&home)?,
        home,
        connectors: backstay_registry::connectors(),
        program: "backstay",
        actor: actor(),
    })
}

/// `--home`, `BACKSTAY_HOME`, or the place this system keeps such things in.
///
/// # Errors
/// When the system names none.
pub fn home(global: &Global) -> Result<PathBuf> {
    let default = || dirs::data_local_dir().map(|dir| dir.join("backstay"));
    global.home.clone().or_else(default).ok_or(CliError::NoHome)
}

/// The user of the operating system, for the audit trail.
#[must_use]
pub fn actor() -> String {
    whoami::username().unwrap_or_else(|_| "unknown".to_owned())
}
