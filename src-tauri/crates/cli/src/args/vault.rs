//! `backstay vault`: where backups are kept.

use backstay_api::{
    commands,
    types::{Named, Nothing, VaultCreateRequest},
};
use clap::{Args, Subcommand};

use super::{key, kit};
use crate::{
    errors::Result,
    print::setup,
    secrets,
    session::{Exit, Session},
};

/// `backstay vault …`
#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Create a vault: an encrypted repository in the restic format
    #[command(after_help = "\
Example:
  backstay vault create safe --path /mnt/disk/backups

The password is typed twice, or comes from --password-file, --password-command or BACKSTAY_PASSWORD.
Nothing can be restored without it: print the recovery kit.")]
    Create(Create),
    /// Add a vault that exists already, also one made by restic
    #[command(after_help = "Example:\n  backstay vault add old --path /mnt/disk/restic-repo")]
    Add(Create),
    /// List the vaults
    #[command(after_help = "Example:\n  backstay vault list")]
    List,
    /// Show a vault in numbers
    #[command(after_help = "Example:\n  backstay vault info safe")]
    Info(Name),
    /// Take a vault off the list; nothing in it is changed
    #[command(after_help = "Example:\n  backstay vault remove old")]
    Remove(Name),
    /// Add, list and remove the keys that open a vault
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Change the password of a vault
    #[command(after_help = key::PASSWORD_HELP)]
    Password(key::NewPassword),
    /// Write the page to print and keep, with which everything can be restored without Backstay
    #[command(after_help = kit::HELP)]
    RecoveryKit(kit::Kit),
    /// Remove locks that dead processes left behind
    #[command(after_help = "Example:\n  backstay vault unlock safe")]
    Unlock(Name),
}

/// Arguments of `create` and `add`.
#[derive(Debug, Args)]
pub struct Create {
    /// Name for the vault
    name: String,
    /// Directory, or URL, of the vault
    #[arg(long, value_name = "DIR")]
    path: String,
    /// Do not keep the key in the keychain or the encrypted file: ask for the password every time
    #[arg(long)]
    no_remember: bool,
}

/// A vault by name.
#[derive(Debug, Args)]
pub struct Name {
    /// Name of the vault
    name: String,
}

impl Name {
    fn named(&self) -> Named {
        Named { name: self.name.clone() }
    }
}

/// Does it.
pub(super) fn run(command: &VaultCommand, session: &mut Session<'_>) -> Result<Exit> {
    match command {
        VaultCommand::Create(args) => {
            let row = session.quick::<commands::VaultCreate>(args.request())?;
            session.reply(&row, |row| setup::vault_made(row, true))?;
        }
        VaultCommand::Add(args) => {
            let row = session.quick::<commands::VaultAdd>(args.request())?;
            session.reply(&row, |row| setup::vault_made(row, false))?;
        }
        VaultCommand::List => session.reply(&session.quick::<commands::Vaults>(Nothing {})?, setup::vaults)?,
        VaultCommand::Info(args) => session.reply(&session.quick::<commands::VaultInfo>(args.named())?, setup::vault_info)?,
        VaultCommand::Remove(args) => remove(args, session)?,
        VaultCommand::Unlock(args) => session.reply(&session.quick::<commands::Unlock>(args.named())?, setup::unlocked)?,
        VaultCommand::Key(args) => return key::run(args, session),
        VaultCommand::Password(args) => return key::change(args, session),
        VaultCommand::RecoveryKit(args) => return kit::run(args, session),
    }
    Ok(Exit::DONE)
}

fn remove(args: &Name, session: &Session<'_>) -> Result<()> {
    let what = format!("taking the vault \"{}\" off the list", args.name);
    session.confirm(
        &format!("Take the vault \"{}\" off the list? Its files stay.", args.name),
        &what,
        None,
    )?;
    let done = session.quick::<commands::VaultRemove>(args.named())?;
    session.reply(&done, |_| {
        format!("The vault \"{}\" is off the list; its files were not touched.\n", args.name)
    })
}

impl Create {
    fn request(&self) -> VaultCreateRequest {
        VaultCreateRequest {
            name: self.name.clone(),
            path: self.path.clone(),
            remember: !self.no_remember && !secrets::nowhere(),
        }
    }
}
