//! `backstay cat`: the bytes of one file of a snapshot.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

use backstay_api::{Context, Silent, commands, types::CatRequest};
use clap::Args;

use super::In;
use crate::{
    errors::{CliError, Result},
    file::NewFile,
    output::Output,
    session::{Exit, Session},
};

/// Arguments of `cat`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstay cat notes@latest files/app.db --output copy.db
  backstay cat 3f2a91c0 metadata.json")]
pub struct Cat {
    /// Snapshot
    #[arg(value_name = "SNAPSHOT")]
    snapshot: String,
    /// Path in the snapshot; "files/" may be left out
    #[arg(value_name = "PATH")]
    path: String,
    /// Write to this file (must not exist) instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    within: In,
}

/// Does it.
pub(super) fn run(args: &Cat, session: &Session<'_>) -> Result<Exit> {
    let request = CatRequest {
        at: args.within.snapshot(&args.snapshot),
        path: args.path.clone(),
    };
    let context = Context {
        cancel: session.cancel,
        reporter: &Silent,
        passwords: &session.passwords,
    };
    if let Some(path) = &args.output {
        let mut file = NewFile::create(path)?;
        let bytes = commands::cat(&session.app, &context, &request, &mut file)?;
        file.finish()?;
        if session.output.json {
            session
                .output
                .document(&serde_json::json!({ "path": path, "bytes": bytes }))?;
        }
        return Ok(Exit::DONE);
    }
    let mut out = Guarded {
        output: session.output,
        terminal: io::stdout().is_terminal(),
        refused: false,
    };
    let done = commands::cat(&session.app, &context, &request, &mut out);
    if out.refused {
        return Err(CliError::BinaryOnTerminal { path: args.path.clone() });
    }
    // A reader that had enough is no error.
    if !session.output.is_closed() {
        done?;
    }
    Ok(Exit::DONE)
}

/// Standard output that lets no binary content through to a terminal.
struct Guarded<'a> {
    output: &'a Output,
    terminal: bool,
    refused: bool,
}

impl Write for Guarded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.terminal && bytes.contains(&0) {
            self.refused = true;
            return Err(io::ErrorKind::InvalidData.into());
        }
        let written = if self.terminal {
            self.output.text(&String::from_utf8_lossy(bytes))
        } else {
            self.output.bytes(bytes)
        };
        match written {
            Ok(()) if self.output.is_closed() => Err(io::ErrorKind::BrokenPipe.into()),
            Ok(()) => Ok(bytes.len()),
            Err(CliError::Output(error)) => Err(error),
            Err(other) => Err(io::Error::other(other)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
