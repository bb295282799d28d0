//! `backstay man`: manual pages, made from the same help texts.

use std::{fs, path::PathBuf};

use clap::{Args, CommandFactory};

use super::Cli;
use crate::{
    errors::{CliError, Result},
    output::Output,
    session::Exit,
};

/// Arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay man | man -l -
  backstay man --output-dir ~/.local/share/man/man1")]
pub struct Man {
    /// Write a page for every command into this directory instead of the main one to standard output
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
}

/// Does it.
pub(super) fn run(args: &Man, output: &Output) -> Result<Exit> {
    let command = Cli::command();
    match &args.output_dir {
        Some(dir) => {
            let failed = |error| CliError::File {
                path: dir.clone(),
                verb: "written",
                error,
            };
            fs::create_dir_all(dir).map_err(failed)?;
            clap_mangen::generate_to(command, dir).map_err(failed)?;
            output.note(&format!("Wrote the manual pages into {}.", dir.display()));
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page).map_err(CliError::Output)?;
            output.bytes(&page)?;
        }
    }
    Ok(Exit::DONE)
}
