//! `backstay audit`: who did what when.

use std::{io::Write, path::PathBuf};

use backstay_api::{
    commands,
    types::{AuditRequest, Nothing},
};
use backstay_model::ErrorKind;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use crate::{
    errors::{CliError, Result},
    file::NewFile,
    output::Output,
    print::runs,
    session::{Exit, Session},
};

/// `backstay audit …`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List the entries
    #[command(after_help = "\
Examples:
  backstay audit list --limit 20
  backstay audit list --action plan. --since 7d
  backstay audit list --object notes --text mail

Oldest first; newest first when anything is asked of the entries.")]
    List(List),
    /// Check that nothing was changed, cut out or put in
    #[command(after_help = "Example:\n  backstay audit verify\n\nExit code 8: the trail was tampered with.")]
    Verify,
    /// Write the whole trail, one JSON entry a line
    #[command(after_help = "Example:\n  backstay audit export audit.ndjson")]
    Export(Export),
}

/// Arguments that turn the order round.
const FILTERS: [&str; 7] = ["before", "action", "object", "actor", "since", "until", "text"];

/// Arguments of `audit list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only entries after this number
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with_all = FILTERS)]
    after: u64,
    /// Newest first, and only entries before this number
    #[arg(long, value_name = "N")]
    before: Option<u64>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u64,
    /// Only actions that begin so (plan., backup)
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only of this object
    #[arg(long, value_name = "NAME")]
    object: Option<String>,
    /// Only by this user
    #[arg(long, value_name = "USER")]
    actor: Option<String>,
    /// Only at or after this time
    #[arg(long, value_name = "TIME", value_parser = crate::time::argument)]
    since: Option<DateTime<Utc>>,
    /// Only before this time
    #[arg(long, value_name = "TIME", value_parser = crate::time::argument)]
    until: Option<DateTime<Utc>>,
    /// Only with this text somewhere
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

/// Arguments of `audit export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Write to this file (must not exist) instead of standard output
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Does it.
pub(super) fn run(command: &AuditCommand, session: &Session<'_>) -> Result<Exit> {
    match command {
        AuditCommand::List(args) => {
            let request = AuditRequest {
                after: args.after,
                limit: args.limit,
                before: args.before,
                text: args.text.clone(),
                action: args.action.clone(),
                object: args.object.clone(),
                actor: args.actor.clone(),
                since: args.since,
                until: args.until,
            };
            let plain = AuditRequest {
                after: args.after,
                limit: args.limit,
                ..AuditRequest::default()
            };
            let newest_first = request != plain;
            session.reply(&session.quick::<commands::Audit>(request)?, |reply| {
                runs::audit(reply, newest_first)
            })?;
        }
        AuditCommand::Verify => {
            let reply = session.quick::<commands::AuditVerify>(Nothing {})?;
            session.reply(&reply, runs::audit_verified)?;
            return Ok(if reply.intact {
                Exit::DONE
            } else {
                Exit::of(ErrorKind::Damaged)
            });
        }
        AuditCommand::Export(args) => export(args, session)?,
    }
    Ok(Exit::DONE)
}

fn export(args: &Export, session: &Session<'_>) -> Result<()> {
    let Some(path) = &args.file else {
        let done = commands::audit_export(&session.app, &mut Plain(session.output));
        return if session.output.is_closed() { Ok(()) } else { Ok(done?) };
    };
    let mut file = NewFile::create(path)?;
    commands::audit_export(&session.app, &mut file)?;
    file.finish()?;
    if session.output.json {
        return session.output.document(&serde_json::json!({ "path": path }));
    }
    session.output.note(&format!("Wrote {}.", path.display()));
    Ok(())
}

/// Standard output as a stream.
struct Plain<'a>(&'a Output);

impl Write for Plain<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.bytes(bytes) {
            Ok(()) if self.0.is_closed() => Err(std::io::ErrorKind::BrokenPipe.into()),
            Ok(()) => Ok(bytes.len()),
            Err(CliError::Output(error)) => Err(error),
            Err(other) => Err(std::io::Error::other(other)),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
