//! `backstay vault recovery-kit`: the page to print.

use std::path::{Path, PathBuf};

use backstay_api::{
    commands,
    types::{KitBeginReply, KitConfirmRequest, KitFormat, KitRef, KitWriteRequest, Named},
};
use backstay_model::ErrorKind;
use clap::{Args, ValueEnum};

use crate::{
    ask,
    errors::{CliError, Result},
    file,
    output::somebody_is_there,
    session::{Exit, Session},
};

pub(super) const HELP: &str = "\
Examples:
  backstay vault recovery-kit safe --output kit.html
  backstay vault recovery-kit safe --words --output kit.html
  backstay vault recovery-kit safe --with-password --format text

The page has the exact steps to restore with the stock restic program. Print it and keep it away from the machine.
With --with-password it holds the password itself: whoever has the page can read the backups.
With --words the page holds twelve words that open the vault as its password
does, also with restic. They are made for this page and stand nowhere else.
Some are asked for to make sure that the page can be read (not with --yes);
then the words of an earlier page no longer open the vault.";

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
    /// Make twelve words that open the vault, and print them on it; some are asked for afterwards
    #[arg(long, requires = "output", conflicts_with_all = ["with_password", "format"])]
    words: bool,
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

/// Makes a page with words, and confirms it.
fn with_words(args: &Kit, path: &Path, session: &Session<'_>) -> Result<Exit> {
    file::must_not_exist(path)?;
    let kit = session.quick::<commands::KitBegin>(Named { name: args.name.clone() })?;
    let done = write_and_confirm(&kit, path, session);
    if !matches!(done, Ok(true)) {
        session.quick::<commands::KitCancel>(KitRef { kit: kit.kit.clone() })?;
    }
    if done? {
        session
            .output
            .note("The words open the vault from now on; those of an earlier page made on this computer no longer do.");
        return Ok(Exit::DONE);
    }
    session
        .output
        .complain("These were not the words on the page. Its words do not open the vault; make a new page.");
    Ok(Exit::of(ErrorKind::Refused))
}

fn write_and_confirm(kit: &KitBeginReply, path: &Path, session: &Session<'_>) -> Result<bool> {
    let request = KitWriteRequest {
        kit: kit.kit.clone(),
        path: Some(path.display().to_string()),
    };
    let page = session.quick::<commands::KitWrite>(request)?;
    session.reply(&page, |page| {
        format!("Wrote {}. Print it and keep it away from this machine.\n", page.path)
    })?;
    let asked = |number: &u32| kit.words.get(*number as usize - 1).cloned().unwrap_or_default();
    let words = if session.yes {
        kit.ask.iter().map(asked).collect()
    } else if somebody_is_there() {
        kit.ask
            .iter()
            .map(|number| ask::line(&format!("Word {number} on the page")))
            .collect::<Result<_>>()?
    } else {
        return Err(CliError::NoAnswer);
    };
    let confirmed = session.quick::<commands::KitConfirm>(KitConfirmRequest {
        kit: kit.kit.clone(),
        words,
    })?;
    Ok(confirmed.confirmed)
}

/// Does it.
pub(super) fn run(args: &Kit, session: &Session<'_>) -> Result<Exit> {
    if let (true, Some(path)) = (args.words, &args.output) {
        return with_words(args, path, session);
    }
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
