//! `backstay sample`: a workspace to try everything on.

use std::path::PathBuf;

use backstay_api::{
    commands,
    types::{Nothing, SampleReply, SampleRequest},
};
use clap::{Args, Subcommand};

use crate::{
    errors::Result,
    session::{Exit, Session},
};

/// `backstay sample …`
#[derive(Debug, Subcommand)]
pub enum SampleCommand {
    /// Make it: a notes app's data, some documents, a vault and a little history
    #[command(after_help = "Examples:\n  backstay sample create\n  backstay sample create --path ~/try-backstay --language de")]
    Create(Create),
    /// Make edits in it that you will want to undo, and name them
    #[command(after_help = "\
Example:
  backstay sample change
  backstay diff Sample-workspace@latest live
  backstay restore Sample-workspace@latest --only files --in-place --on-conflict remote")]
    Change,
    /// Remove it with its sources and its vault, and nothing else
    #[command(after_help = "Example:\n  backstay sample remove")]
    Remove,
}

/// Arguments of `create`.
#[derive(Debug, Args)]
pub struct Create {
    /// A new or empty folder (default: in the state directory)
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Language of the content: en or de
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
}

/// Does it.
pub(super) fn run(command: &SampleCommand, session: &Session<'_>) -> Result<Exit> {
    match command {
        SampleCommand::Create(args) => {
            let request = SampleRequest {
                path: args.path.as_ref().map(|path| path.display().to_string()),
                language: Some(args.language.clone()),
            };
            let made = session.long::<commands::SampleCreate>(request)?;
            session.result(&made, created)?;
        }
        SampleCommand::Change => {
            let changed = session.quick::<commands::SampleChange>(Nothing {})?;
            session.reply(&changed, |sample| {
                sample.changes.iter().map(|change| format!("{change}\n")).collect()
            })?;
        }
        SampleCommand::Remove => {
            session.confirm(
                "Remove the sample workspace with its sources and its vault?",
                "removing the sample workspace",
                None,
            )?;
            let done = session.quick::<commands::SampleRemove>(Nothing {})?;
            session.reply(&done, |_| "The sample workspace is gone.\n".to_owned())?;
        }
    }
    Ok(Exit::DONE)
}

fn created(sample: &SampleReply) -> String {
    let mut text = format!(
        "The sample lies in {}.\nSources: {}. Vault: {}.\n",
        sample.path.as_deref().unwrap_or_default(),
        sample.sources.join(", "),
        sample.vault.as_deref().unwrap_or_default()
    );
    if let Some(note) = &sample.note {
        text.push_str(note);
        text.push('\n');
    }
    text.push_str("Next: backstay snapshots, then backstay sample change\n");
    text
}
