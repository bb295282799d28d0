//! `backstay export`: a snapshot as one file or directory.

use std::path::Path;

use backstay_api::{
    commands,
    types::{BundleFormat, ExportRequest},
};
use clap::{Args, ValueEnum};

use super::In;
use crate::{
    errors::{CliError, Result},
    only,
    print::bundles,
    session::{Exit, Session},
};

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay export notes@latest notes.backstay.zip
  backstay export 3f2a91c0 /mnt/usb/notes --format directory
  backstay export notes@latest tasks.backstay.zip --only tasks

A bundle holds everything needed to restore from it, and is not encrypted:
whoever has it can read it.

Exit code 3: something could not be read and was named; the rest is in the
bundle.")]
pub struct Export {
    /// Snapshot, or another bundle
    #[arg(value_name = "SNAPSHOT")]
    snapshot: String,
    /// File or directory to make
    #[arg(value_name = "FILE|DIR")]
    to: String,
    /// What to make
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "zip")]
    format: Container,
    /// Only this: COLLECTION, COLLECTION/ID or files/PATH (may be repeated, or separated by commas)
    #[arg(long, value_name = "WHAT")]
    only: Vec<String>,
    /// Replace a bundle that lies there
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    within: In,
}

/// `--format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Container {
    /// One ZIP file
    Zip,
    /// A directory
    Directory,
}

/// Does it.
pub(super) fn run(args: &Export, session: &Session<'_>) -> Result<Exit> {
    let to = std::path::absolute(Path::new(&args.to)).map_err(|error| CliError::File {
        path: args.to.clone().into(),
        verb: "written",
        error,
    })?;
    let reply = session.long::<commands::Export>(ExportRequest {
        at: args.within.snapshot(&args.snapshot),
        to: to.display().to_string(),
        format: match args.format {
            Container::Zip => BundleFormat::Zip,
            Container::Directory => BundleFormat::Directory,
        },
        only: args.only.iter().flat_map(|names| only::split(names)).collect(),
        overwrite: args.overwrite,
    })?;
    session.result(&reply, bundles::export)?;
    Ok(Exit::verdict(reply.verdict, None))
}
