//! `backstay settings`: settings, sources and vaults as a file, to keep or to take to another machine.

use std::path::PathBuf;

use backstay_api::{
    commands,
    types::{Nothing, PathRequest, Settings, SettingsImportReply, SettingsImportRequest},
};
use clap::{Args, Subcommand};

use crate::{
    errors::Result,
    file,
    session::{Exit, Session},
};

/// `backstay settings …`
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// Show the settings of the window
    #[command(after_help = "Example:\n  backstay settings show --json")]
    Show,
    /// Write settings, sources and vaults into a file, without secrets
    #[command(after_help = "Example:\n  backstay settings export backstay-settings.json")]
    Export(Export),
    /// Take settings, sources and vaults over from a file; what is here already stays as it is
    #[command(after_help = "\
Examples:
  backstay settings import backstay-settings.json --dry-run
  backstay settings import backstay-settings.json

Passwords and tokens are in no file: those of vaults are asked for at first use.")]
    Import(Import),
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// File to write (must not exist)
    file: PathBuf,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct Import {
    /// File to read
    file: PathBuf,
    /// Only show what would be added
    #[arg(long)]
    dry_run: bool,
}

/// Does it.
pub(super) fn run(command: &SettingsCommand, session: &Session<'_>) -> Result<Exit> {
    match command {
        SettingsCommand::Show => session.reply(&session.quick::<commands::SettingsGet>(Nothing {})?, shown)?,
        SettingsCommand::Export(args) => {
            file::must_not_exist(&args.file)?;
            let path = args.file.display().to_string();
            let done = session.quick::<commands::SettingsExport>(PathRequest { path })?;
            session.reply(&done, |done| {
                format!("Wrote {}: settings, sources and vaults, without secrets.\n", done.path)
            })?;
        }
        SettingsCommand::Import(args) => {
            let request = SettingsImportRequest {
                path: args.file.display().to_string(),
                dry_run: args.dry_run,
            };
            session.reply(&session.quick::<commands::SettingsImport>(request)?, imported)?;
        }
    }
    Ok(Exit::DONE)
}

/// Settings as a script writes them: one a line, in the words of the file.
fn shown(settings: &Settings) -> String {
    match serde_json::to_string_pretty(settings) {
        Ok(text) => text + "\n",
        Err(error) => format!("{error}\n"),
    }
}

fn imported(reply: &SettingsImportReply) -> String {
    let mut out = String::new();
    let mut line = |what: &str, names: &[String]| {
        if !names.is_empty() {
            out.push_str(&format!("{what}: {}\n", names.join(", ")));
        }
    };
    let added = |what: &str| match reply.dry_run {
        true => format!("{what} that would be added"),
        false => format!("{what} added"),
    };
    line(&added("Vaults"), &reply.vaults);
    line(&added("Sources"), &reply.sources);
    line("Here already, left as they are", &reply.kept);
    line("Secrets to enter again", &reply.secrets);
    out.push_str(if reply.dry_run {
        "Nothing was changed.\n"
    } else {
        "The settings were taken over.\n"
    });
    out
}
