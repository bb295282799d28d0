//! `backstay completions`: the script that makes a shell complete commands and options.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use crate::{errors::Result, output::Output, session::Exit};

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay completions bash > ~/.local/share/bash-completion/completions/backstay
  backstay completions zsh > ~/.zfunc/_backstay")]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// Does it.
pub(super) fn run(args: &Completions, output: &Output) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "backstay", &mut script);
    output.bytes(&script)?;
    Ok(Exit::DONE)
}
