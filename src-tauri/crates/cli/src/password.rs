//! Where vault passwords come from: a file, a command, the environment, a person at the terminal.

use std::{
    collections::HashMap,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Mutex,
};

use backstay_api::{ApiError, Passwords, Secret};
use backstay_model::ErrorKind;

use crate::{
    errors::{CliError, Result},
    output::somebody_is_there,
    progress::aside,
};

/// Variable that holds a vault's password.
pub const VARIABLE: &str = "BACKSTAY_PASSWORD";
/// Variable that holds the new password, where one is set.
pub const NEW_VARIABLE: &str = "BACKSTAY_NEW_PASSWORD";

/// One way to get a password without asking.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// `--password-file`
    pub file: Option<PathBuf>,
    /// `--password-command`
    pub command: Option<String>,
    /// Name of the variable that may hold it.
    pub variable: &'static str,
}

impl Given {
    fn read(&self) -> Result<Option<Secret>> {
        let text = if let Some(path) = &self.file {
            let read = std::fs::read_to_string(path);
            Some(read.map_err(|error| CliError::File {
                path: path.clone(),
                verb: "read",
                error,
            })?)
        } else if let Some(command) = &self.command {
            Some(run(command)?)
        } else {
            std::env::var(self.variable).ok().filter(|text| !text.is_empty())
        };
        let Some(text) = text else { return Ok(None) };
        // Editors and `echo` end the line; a password itself never holds a line break.
        let line = text.lines().next().unwrap_or_default();
        if line.is_empty() {
            return Err(CliError::EmptyPassword);
        }
        Ok(Some(Secret::from_text(line.to_owned())))
    }
}

/// Runs a command of the person's choice in their shell; its first line is the password. It may ask on the terminal.
fn run(command: &str) -> Result<String> {
    let failed = |status: String| CliError::PasswordCommand {
        command: command.to_owned(),
        status,
    };
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let child = Command::new(shell)
        .arg(flag)
        .arg(command)
        .stderr(Stdio::inherit())
        .stdin(Stdio::inherit())
        .output();
    let output = child.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|_| failed("its output is not UTF-8".to_owned()))
}

/// The passwords of one call. Each is asked for (and each command run) once, though a call may open a vault several times.
#[derive(Default)]
pub struct CliPasswords {
    /// The password of the vault.
    pub current: Given,
    /// The password to set, where it is another than the current one (`vault password`, `vault key add`).
    pub new: Option<Given>,
    given: Mutex<Option<Secret>>,
    asked: Mutex<HashMap<String, Secret>>,
}

impl CliPasswords {
    /// Takes the vault's password from there.
    #[must_use]
    pub fn from(current: Given) -> Self {
        Self {
            current,
            ..Self::default()
        }
    }
}

impl Passwords for CliPasswords {
    fn given(&self, _: &str) -> Result<Option<Secret>, ApiError> {
        let broken = |_| ApiError::new(ErrorKind::Internal, "the password is lost");
        let mut given = self.given.lock().map_err(broken)?;
        if given.is_none() {
            *given = self.current.read()?;
        }
        Ok(given.clone())
    }

    fn ask(&self, vault: &str) -> Result<Option<Secret>, ApiError> {
        if let Some(known) = self.asked.lock().ok().and_then(|asked| asked.get(vault).cloned()) {
            return Ok(Some(known));
        }
        if !somebody_is_there() {
            return Ok(None);
        }
        let asked = dialoguer::Password::new().with_prompt(format!("Password of the vault \"{vault}\""));
        let answer = Secret::from_text(aside(|| asked.interact()).map_err(|_| CliError::NoAnswer)?);
        if let Ok(mut asked) = self.asked.lock() {
            asked.insert(vault.to_owned(), answer.clone());
        }
        Ok(Some(answer))
    }

    fn choose(&self, vault: &str) -> Result<Option<Secret>, ApiError> {
        let given = match &self.new {
            Some(new) => new.read()?,
            None => self.current.read()?,
        };
        if given.is_some() {
            return Ok(given);
        }
        if !somebody_is_there() {
            return Err(CliError::NoPassword { vault: vault.to_owned() }.into());
        }
        let asked = dialoguer::Password::new()
            .with_prompt(format!("New password for the vault \"{vault}\""))
            .with_confirmation("The same again", "They differ; once more");
        let asked = aside(|| asked.interact());
        Ok(Some(Secret::from_text(asked.map_err(|_| CliError::NoAnswer)?)))
    }
}
