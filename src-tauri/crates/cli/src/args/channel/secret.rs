//! Where the secret of a channel (an address with a token, a password) comes from. Never from an argument: those are seen by every
//! other user of the computer.

use std::{io::Read, path::PathBuf};

use clap::Args;

use crate::{
    errors::{CliError, Result},
    output::somebody_is_there,
};

/// Variable that holds it.
const VARIABLE: &str = "BACKSTAY_CHANNEL_SECRET";
/// Nothing that is an address or a password is longer.
const LONGEST: u64 = 64 * 1024;

/// Where to read it.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Given {
    /// Take the address (or password) from the first line of a file
    #[arg(long, visible_alias = "url-file", value_name = "FILE", conflicts_with = "secret_stdin")]
    secret_file: Option<PathBuf>,
    /// Take it from the first line of standard input
    #[arg(long, visible_alias = "url-stdin")]
    secret_stdin: bool,
}

impl Given {
    /// The secret, if one was given without asking.
    ///
    /// # Errors
    /// When it cannot be read, or is empty.
    pub fn read(&self) -> Result<Option<String>> {
        let text = if let Some(path) = &self.secret_file {
            let read = std::fs::read_to_string(path);
            Some(read.map_err(|error| CliError::File {
                path: path.clone(),
                verb: "read",
                error,
            })?)
        } else if self.secret_stdin {
            let mut text = String::new();
            let read = std::io::stdin().lock().take(LONGEST).read_to_string(&mut text);
            read.map_err(|error| CliError::File {
                path: PathBuf::from("standard input"),
                verb: "read",
                error,
            })?;
            Some(text)
        } else {
            std::env::var(VARIABLE).ok().filter(|text| !text.is_empty())
        };
        let Some(text) = text else { return Ok(None) };
        let line = text.lines().next().unwrap_or_default().trim();
        if line.is_empty() {
            return Err(CliError::Usage {
                message: "the secret of the channel is empty; nothing was changed".to_owned(),
                hint: "The address or password is the first line.".to_owned(),
            });
        }
        Ok(Some(line.to_owned()))
    }

    /// The secret; asked for at the terminal when it was not given.
    ///
    /// # Errors
    /// When there is none and nobody can be asked.
    pub fn need(&self, prompt: &str) -> Result<String> {
        if let Some(secret) = self.read()? {
            return Ok(secret);
        }
        if !somebody_is_there() {
            return Err(CliError::Usage {
                message: format!("the channel needs a secret ({}); nothing was changed", prompt.to_lowercase()),
                hint: format!("Give it with --secret-file, --secret-stdin or {VARIABLE}."),
            });
        }
        let asked = dialoguer::Password::new().with_prompt(prompt).interact();
        asked.map_err(|_| CliError::NoAnswer)
    }
}
