//! `backstay vault key` and `backstay vault password`: what opens a vault.

use std::path::PathBuf;

use backstay_api::{commands, types::Named};
use clap::{Args, Subcommand};

use crate::{
    errors::Result,
    password::{Given, NEW_VARIABLE},
    print::setup,
    session::{Exit, Session},
};

pub(super) const PASSWORD_HELP: &str = "\
Example:
  backstay vault password safe

The old password stops working. Snapshots are not touched.
The new one is typed twice, or comes from --new-password-file, --new-password-command or BACKSTAY_NEW_PASSWORD.";

/// `backstay vault key …`
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Add a key: one more password that opens the vault
    #[command(after_help = "\
Example:
  backstay vault key add safe

The new password is typed twice, or comes from --new-password-file, --new-password-command or BACKSTAY_NEW_PASSWORD.")]
    Add(NewPassword),
    /// List the keys
    #[command(after_help = "Example:\n  backstay vault key list safe")]
    List(Vault),
    /// Remove a key; its password no longer opens the vault
    #[command(after_help = "Example:\n  backstay vault key remove safe 3f2a91c0")]
    Remove(Remove),
}

/// A vault and where its new password comes from.
#[derive(Debug, Args)]
pub struct NewPassword {
    /// Name of the vault
    name: String,
    /// Take the new password from a file
    #[arg(long, value_name = "FILE", conflicts_with = "new_password_command")]
    new_password_file: Option<PathBuf>,
    /// Take the new password from a command's output
    #[arg(long, value_name = "CMD")]
    new_password_command: Option<String>,
}

/// A vault by name.
#[derive(Debug, Args)]
pub struct Vault {
    /// Name of the vault
    name: String,
}

/// A key of a vault.
#[derive(Debug, Args)]
pub struct Remove {
    /// Name of the vault
    name: String,
    /// Id of the key, or its beginning
    key: String,
}

impl NewPassword {
    fn prepare(&self, session: &mut Session<'_>) -> Named {
        session.passwords.new = Some(Given {
            file: self.new_password_file.clone(),
            command: self.new_password_command.clone(),
            variable: NEW_VARIABLE,
        });
        Named { name: self.name.clone() }
    }
}

/// `backstay vault key …`
pub(super) fn run(command: &KeyCommand, session: &mut Session<'_>) -> Result<Exit> {
    match command {
        KeyCommand::Add(args) => {
            let request = args.prepare(session);
            let keys = session.quick::<commands::KeyAdd>(request)?;
            session.reply(&keys, |keys| {
                format!("Added a key to the vault \"{}\".\n{}", args.name, setup::keys(keys))
            })?;
        }
        KeyCommand::List(args) => {
            session.reply(
                &session.quick::<commands::Keys>(Named { name: args.name.clone() })?,
                setup::keys,
            )?;
        }
        KeyCommand::Remove(args) => remove(args, session)?,
    }
    Ok(Exit::DONE)
}

fn remove(args: &Remove, session: &Session<'_>) -> Result<()> {
    let what = format!("removing the key {} of the vault \"{}\"", args.key, args.name);
    session.confirm(
        &format!("Remove the key {}? Its password will no longer open the vault.", args.key),
        &what,
        None,
    )?;
    let request = commands::KeyRemoveRequest {
        name: args.name.clone(),
        key: args.key.clone(),
    };
    let keys = session.quick::<commands::KeyRemove>(request)?;
    session.reply(&keys, |keys| format!("Removed the key {}.\n{}", args.key, setup::keys(keys)))
}

/// `backstay vault password`
pub(super) fn change(args: &NewPassword, session: &mut Session<'_>) -> Result<Exit> {
    let request = args.prepare(session);
    let key = session.quick::<commands::PasswordChange>(request)?;
    session.reply(&key, |_| {
        format!(
            "The vault \"{}\" has a new password; the old one no longer opens it.\n",
            args.name
        )
    })?;
    Ok(Exit::DONE)
}
