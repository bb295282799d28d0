//! `backstay export`: a snapshot as one file or directory, or in the format of another program.

use std::path::Path;

use backstay_api::{
    commands,
    types::{BundleFormat, ExportRequest, ForeignExport},
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
  backstay export shop@latest orders.txt.gz --only orders --format couchbackup
  backstay export shop@latest all-databases --format ndjson --attachments

A bundle holds everything needed to restore from it, and is not encrypted:
whoever has it can read it.

Formats of other programs, of CouchDB databases: couchbackup is what
@cloudant/couchbackup restores (with --attachments there, if it is given here),
ndjson has the documents as the database shows them, one a line. One database
makes one file (compressed if its name ends with .gz), several make a directory.

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
    /// Formats of other programs: put attachments into the file
    #[arg(long, conflicts_with = "without_attachments")]
    attachments: bool,
    /// Formats of other programs: leaving attachments out is meant
    #[arg(long)]
    without_attachments: bool,
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
    /// A file that couchbackup restores
    Couchbackup,
    /// Documents, one a line
    Ndjson,
}

impl Container {
    /// The format of another program, by its name in the engine.
    fn foreign(self) -> Option<&'static str> {
        match self {
            Self::Zip | Self::Directory => None,
            Self::Couchbackup => Some("couchbackup"),
            Self::Ndjson => Some("ndjson"),
        }
    }
}

/// Does it.
pub(super) fn run(args: &Export, session: &Session<'_>) -> Result<Exit> {
    let to = std::path::absolute(Path::new(&args.to)).map_err(|error| CliError::File {
        path: args.to.clone().into(),
        verb: "written",
        error,
    })?;
    let foreign = args.format.foreign();
    if foreign.is_none() && (args.attachments || args.without_attachments) {
        return Err(CliError::Usage {
            message: "a bundle always has its attachments".to_owned(),
            hint: "Leave --attachments and --without-attachments out, or choose --format couchbackup or ndjson.".to_owned(),
        });
    }
    let reply = session.long::<commands::Export>(ExportRequest {
        at: args.within.snapshot(&args.snapshot),
        to: to.display().to_string(),
        format: match args.format {
            Container::Directory => BundleFormat::Directory,
            Container::Zip | Container::Couchbackup | Container::Ndjson => BundleFormat::Zip,
        },
        only: args.only.iter().flat_map(|names| only::split(names)).collect(),
        overwrite: args.overwrite,
        foreign: foreign.map(|format| ForeignExport {
            format: format.to_owned(),
            attachments: args.attachments,
            without_attachments: args.without_attachments,
        }),
    })?;
    session.result(&reply, bundles::export)?;
    Ok(Exit::verdict(reply.verdict, None))
}
