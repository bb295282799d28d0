//! Where the secret settings of a source (a password, an API key) come from. Never from an argument: those are seen by every other user
//! of the computer.

use std::path::PathBuf;

use backstay_api::OptionSpec;
use clap::Args;
use serde_json::{Map, Value};

use crate::{
    errors::{CliError, Result},
    output::somebody_is_there,
};

/// Variables that hold secrets begin so; the option's name follows (`BACKSTAY_SOURCE_API_KEY`).
const VARIABLE: &str = "BACKSTAY_SOURCE_";

/// Where to read secrets.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub struct Given {
    /// Take a secret setting from the first line of a file (may be repeated)
    #[arg(long, value_name = "OPTION=FILE")]
    pub secret_file: Vec<String>,
}

/// The variable of a secret setting.
pub fn variable(name: &str) -> String {
    format!("{VARIABLE}{}", name.replace('-', "_").to_ascii_uppercase())
}

impl Given {
    /// Adds the secrets that were given without asking.
    ///
    /// # Errors
    /// When one cannot be read, is empty, or is no secret setting of the kind.
    pub fn read(&self, specs: &[OptionSpec], into: &mut Map<String, Value>) -> Result<()> {
        for spec in specs.iter().filter(|spec| spec.secret) {
            if let Some(text) = std::env::var(variable(spec.name)).ok().filter(|text| !text.is_empty()) {
                into.insert(spec.name.to_owned(), Value::from(line(spec.name, &text)?));
            }
        }
        for given in &self.secret_file {
            let (name, path) = given.split_once('=').ok_or_else(|| usage(specs, given))?;
            if !specs.iter().any(|spec| spec.secret && spec.name == name) {
                return Err(usage(specs, name));
            }
            let path = PathBuf::from(path);
            let text = std::fs::read_to_string(&path).map_err(|error| CliError::File {
                path,
                verb: "read",
                error,
            })?;
            into.insert(name.to_owned(), Value::from(line(name, &text)?));
        }
        Ok(())
    }
}

/// Asks for a secret at the terminal, where nobody reads along.
///
/// # Errors
/// When nobody can be asked.
pub fn ask(spec: &OptionSpec, prompt: &str) -> Result<String> {
    if !somebody_is_there() {
        return Err(CliError::Usage {
            message: format!(
                "the setting {:?} is a secret, and there is no terminal to ask for it; nothing was changed",
                spec.name
            ),
            hint: format!(
                "Give it with --secret-file {}=FILE, or in {}.",
                spec.name,
                variable(spec.name)
            ),
        });
    }
    let asked = dialoguer::Password::new().with_prompt(prompt).interact();
    asked.map_err(|_| CliError::NoAnswer)
}

fn usage(specs: &[OptionSpec], given: &str) -> CliError {
    let names: Vec<&str> = specs.iter().filter(|spec| spec.secret).map(|spec| spec.name).collect();
    CliError::Usage {
        message: format!("{given:?} names no secret setting and its file; nothing was changed"),
        hint: if names.is_empty() {
            "This kind of source has no secret settings.".to_owned()
        } else {
            format!("Write OPTION=FILE. Secret settings: {}.", names.join(", "))
        },
    }
}

/// Editors and `echo` end the line; a secret itself never holds a line break.
fn line(name: &str, text: &str) -> Result<String> {
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(CliError::Usage {
            message: format!("the secret setting {name:?} is empty; nothing was changed"),
            hint: "It is the first line.".to_owned(),
        });
    }
    Ok(line.to_owned())
}
