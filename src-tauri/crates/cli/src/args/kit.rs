//! `backstay vault recovery-kit`: the page to print.

use std::path::PathBuf;

use backstay_api::{commands, types::KitFormat};
use clap::{Args, ValueEnum};

use crate::{
    errors::Result,
    file,
    session::{Exit, Session},
};

pub(super) const HELP: &str = "\
Examples:
  backstay vault recovery-kit safe --output kit.html
  backstay vault recovery-kit safe --with-password --format text

The page has the exact steps to restore with the stock restic program. Print it and keep it away from the machine.
With --with-password it holds the password itself: whoever has the page can read the backups.";

/// Arguments of `recovery-kit`.
#[derive(Debug, Args)]
pub struct Kit {
    /// Name of the vault
    name: String,
    /// Write it to this file (must not exist) instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the password on it
    #[arg(long)]
    with_password: bool,
    /// Form of the page
    #[arg(long, value_enum, default_value = "html")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A page to print from a browser
    Html,
    /// Plain text
    Text,
}

/// Does it.
pub(super) fn run(args: &Kit, session: &Session<'_>) -> Result<Exit> {
    let request = commands::RecoveryKitRequest {
        name: args.name.clone(),
        with_password: args.with_password,
        format: match args.format {
            Format::Html => KitFormat::Html,
            Format::Text => KitFormat::Text,
        },
    };
    if let Some(path) = &args.output {
        file::must_not_exist(path)?;
    }
    let kit = session.quick::<commands::RecoveryKit>(request)?;
    match &args.output {
        Some(path) => {
            file::write_private(path, kit.content.as_bytes())?;
            session.output.note(&format!(
                "Wrote {}. Print it and keep it away from this machine.",
                path.display()
            ));
            if session.output.json {
                session.output.document(&serde_json::json!({ "path": path }))?;
            }
        }
        None => session.reply(&kit, |kit| kit.content.clone())?,
    }
    Ok(Exit::DONE)
}
