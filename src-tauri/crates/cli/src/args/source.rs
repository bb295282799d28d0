//! `backstay source`: what is backed up.

use backstay_api::{
    commands,
    types::{Named, Nothing},
};
use clap::{Args, Subcommand};

use super::{source_add, source_set};
use crate::{
    errors::Result,
    print::setup,
    session::{Exit, Session},
};

/// `backstay source …`
#[derive(Debug, Subcommand)]
pub enum SourceCommand {
    /// Add a source, after testing that it can be read
    #[command(after_help = "\
Example:
  backstay source add sqlite notes --path ~/app/data

`backstay source add KIND --help` lists the options of a kind. At a terminal,
what is missing is asked for.")]
    Add(source_add::Add),
    /// List the sources
    #[command(after_help = "Example:\n  backstay source list")]
    List,
    /// Show a source and its settings
    #[command(after_help = "Example:\n  backstay source show notes")]
    Show(Name),
    /// Change a source: its settings, its secrets, its name, where it goes
    Set(source_set::Set),
    /// List the kinds of sources, or what one kind can be told
    Kinds(source_set::Kinds),
    /// Take a source off the list; its snapshots stay
    #[command(after_help = "Example:\n  backstay source remove notes")]
    Remove(Name),
    /// Test whether a source can be read, and what is in reach
    #[command(after_help = "Example:\n  backstay source probe notes")]
    Probe(Name),
}

/// A source by name.
#[derive(Debug, Args)]
pub struct Name {
    /// Name of the source
    name: String,
}

impl Name {
    fn named(&self) -> Named {
        Named { name: self.name.clone() }
    }
}

/// Does it.
pub(super) fn run(command: &SourceCommand, session: &Session<'_>) -> Result<Exit> {
    match command {
        SourceCommand::Add(args) => return source_add::run(args, session),
        SourceCommand::Set(args) => return source_set::run(args, session),
        SourceCommand::Kinds(args) => return source_set::kinds(args, session),
        SourceCommand::List => session.reply(&session.quick::<commands::Sources>(Nothing {})?, setup::sources)?,
        SourceCommand::Show(args) => session.reply(&session.quick::<commands::SourceShow>(args.named())?, setup::source)?,
        SourceCommand::Remove(args) => remove(args, session)?,
        SourceCommand::Probe(args) => session.reply(&session.quick::<commands::SourceProbe>(args.named())?, setup::probe)?,
    }
    Ok(Exit::DONE)
}

fn remove(args: &Name, session: &Session<'_>) -> Result<()> {
    let what = format!("taking the source \"{}\" off the list", args.name);
    session.confirm(
        &format!("Take the source \"{}\" off the list? Its snapshots stay.", args.name),
        &what,
        None,
    )?;
    let done = session.quick::<commands::SourceRemove>(args.named())?;
    session.reply(&done, |_| {
        format!(
            "The source \"{}\" is off the list; its snapshots stay in the vaults.\n",
            args.name
        )
    })
}
