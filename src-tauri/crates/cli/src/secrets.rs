//! Where remembered keys are kept on this machine: the keychain, or an encrypted file where the environment names its key.

use std::path::Path;

use backstay_api::secrets::{ChooseError, PLACE, Preference, Prompt};

use crate::{
    errors::{CliError, Result},
    output::somebody_is_there,
};

/// Whether somebody decided that nothing is remembered.
#[must_use]
pub fn nowhere() -> bool {
    matches!(std::env::var(PLACE).as_deref(), Ok("none"))
}

/// What the environment says about the place for secrets.
///
/// # Errors
/// When it makes no sense, or a key file cannot be made.
pub fn preference(home: &Path) -> Result<Preference> {
    // A window that asks for the keychain's password is of use only where somebody sits.
    let prompt = if somebody_is_there() { Prompt::Allowed } else { Prompt::Never };
    Preference::from_variables(home, prompt, |name| std::env::var_os(name)).map_err(|error| match error {
        ChooseError::KeyFile(error) => CliError::Api(error.into()),
        ChooseError::Place { value } => CliError::Usage {
            message: format!("{PLACE} is {value:?}"),
            hint: "It must be auto, keychain, file or none.".to_owned(),
        },
    })
}
