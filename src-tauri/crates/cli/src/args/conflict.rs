//! `backstay conflict`: records with several versions, side by side, and choosing between them.

use std::path::PathBuf;

use backstay_api::{
    commands,
    types::{
        ConflictData, ConflictField, ConflictFields, ConflictKeep, ConflictPlace, ConflictRef, ConflictReply, ConflictRow,
        ConflictSettleRequest, ConflictVersion, ConflictsReply, ConflictsRequest,
    },
};
use clap::{ArgGroup, Args, Subcommand};

use crate::{
    ask,
    errors::{CliError, Result},
    output::somebody_is_there,
    print::{self, conflict},
    session::{Exit, Session},
};

/// `backstay conflict …`
#[derive(Debug, Subcommand)]
pub enum ConflictCommand {
    /// List records that have several versions
    #[command(
        after_help = "Examples:\n  backstay conflict list office\n  backstay conflict list office --collection sales --json"
    )]
    List(List),
    /// Show all versions of a record, and what is different in each
    #[command(after_help = "Example:\n  backstay conflict show office sales invoice-17")]
    Show(Record),
    /// Make one version the only one
    #[command(after_help = "\
Examples:
  backstay conflict settle office sales invoice-17
  backstay conflict settle office sales invoice-17 --keep 3-a1b2c3
  backstay conflict settle office sales invoice-17 --data merged.json --yes

All versions are saved in a vault first: `backstay undo RUN` brings them back. At
a terminal, without --keep and --data, the versions are shown and chosen from,
or merged field by field.")]
    Settle(Settle),
}

/// Arguments of `conflict list`.
#[derive(Debug, Args)]
pub struct List {
    /// The source
    source: String,
    /// Only in this collection
    #[arg(long, value_name = "COLLECTION")]
    collection: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u64,
}

/// A record of a source.
#[derive(Debug, Clone, Args)]
pub struct Record {
    /// The source
    source: String,
    /// The collection
    collection: String,
    /// Id of the record
    id: String,
}

/// Arguments of `conflict settle`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").args(["keep", "data"]))]
pub struct Settle {
    #[command(flatten)]
    record: Record,
    /// Keep the version with this revision
    #[arg(long, value_name = "REV")]
    keep: Option<String>,
    /// Keep the JSON in this file (`-`: standard input)
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// With --data: the version whose attachments stay (without it: the one the service shows)
    #[arg(long, value_name = "REV", requires = "data")]
    from: Option<String>,
    /// Only if the record is still in this state (`expect` of `conflict show --json`)
    #[arg(long, value_name = "STATE")]
    expect: Option<String>,
}

/// Does it.
pub(super) fn run(command: &ConflictCommand, session: &Session<'_>) -> Result<Exit> {
    match command {
        ConflictCommand::List(args) => list(args, session),
        ConflictCommand::Show(args) => session.reply(&shown(args, session)?, conflict::show).map(|()| Exit::DONE),
        ConflictCommand::Settle(args) => settle(args, session),
    }
}

/// All conflicts, page by page, up to a limit.
fn found(source: &str, collection: Option<&str>, limit: u64, session: &Session<'_>) -> Result<ConflictsReply> {
    let mut all = ConflictsReply::default();
    let mut after: Option<ConflictPlace> = None;
    loop {
        session_check(session)?;
        let left = limit.saturating_sub(all.conflicts.len() as u64);
        let page = session.quick::<commands::Conflicts>(ConflictsRequest {
            source: source.to_owned(),
            collection: collection.map(ToOwned::to_owned),
            after: after.take(),
            limit: Some(left.clamp(1, 1000)),
        })?;
        all.conflicts.extend(page.conflicts);
        all.gaps.extend(page.gaps);
        all.next = page.next;
        if all.next.is_none() || all.conflicts.len() as u64 >= limit {
            return Ok(all);
        }
        after.clone_from(&all.next);
    }
}

fn session_check(session: &Session<'_>) -> Result<()> {
    if session.cancel.is_cancelled() {
        Err(CliError::Cancelled)
    } else {
        Ok(())
    }
}

fn list(args: &List, session: &Session<'_>) -> Result<Exit> {
    let reply = found(&args.source, args.collection.as_deref(), args.limit, session)?;
    session.reply(&reply, |reply| conflict::list(reply, &args.source))?;
    Ok(if reply.gaps.is_empty() { Exit::DONE } else { Exit::PARTIAL })
}

fn shown(args: &Record, session: &Session<'_>) -> Result<ConflictReply> {
    session.quick::<commands::ConflictShow>(ConflictRef {
        source: args.source.clone(),
        collection: args.collection.clone(),
        id: args.id.clone(),
    })
}

fn settle(args: &Settle, session: &Session<'_>) -> Result<Exit> {
    let reply = shown(&args.record, session)?;
    let keep = match (&args.keep, &args.data) {
        (Some(rev), _) => ConflictKeep::Rev(rev.clone()),
        (None, Some(path)) => ConflictKeep::Data(ConflictData {
            json: content(path)?,
            from: args
                .from
                .clone()
                .or_else(|| reply.versions.first().map(|version| version.rev.clone()))
                .unwrap_or_default(),
        }),
        (None, None) => choose(&reply, session)?,
    };
    let expect = args.expect.clone().unwrap_or_else(|| reply.expect.clone());
    settled(&reply, keep, expect, session)
}

fn settled(reply: &ConflictReply, keep: ConflictKeep, expect: String, session: &Session<'_>) -> Result<Exit> {
    let subject = format!("{}/{}", reply.collection, reply.id);
    let question = format!(
        "Keep this as the only version of {subject}, in the living source \"{}\"?",
        reply.source
    );
    let what = format!("settling the conflict of {subject} in the living source \"{}\"", reply.source);
    let look = format!("backstay conflict show {} {} {}", reply.source, reply.collection, reply.id);
    session.confirm(&question, &what, Some(look))?;
    let done = session.long::<commands::ConflictSettle>(ConflictSettleRequest {
        source: reply.source.clone(),
        collection: reply.collection.clone(),
        id: reply.id.clone(),
        keep,
        expect,
    })?;
    session.result(&done, |done| {
        format!(
            "Settled {subject}: one version{}, {} gone.\nUndo with: backstay undo {}\n",
            done.rev.as_ref().map(|rev| format!(" ({rev})")).unwrap_or_default(),
            print::counted(done.removed, "other", "others"),
            print::short_run(&done.run)
        )
    })?;
    Ok(Exit::verdict(done.verdict, None))
}

fn content(path: &PathBuf) -> Result<String> {
    let read = if path.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin().lock())
    } else {
        std::fs::read_to_string(path)
    };
    read.map_err(|error| CliError::File {
        path: path.clone(),
        verb: "read",
        error,
    })
}

/// Lets a person choose a version, or put one together.
fn choose(reply: &ConflictReply, session: &Session<'_>) -> Result<ConflictKeep> {
    if session.output.json || !somebody_is_there() {
        let revs: Vec<&str> = reply.versions.iter().map(|version| version.rev.as_str()).collect();
        return Err(CliError::Usage {
            message: "say which version stays; nothing was changed".to_owned(),
            hint: format!("--keep REV or --data FILE. Versions: {}.", revs.join(", ")),
        });
    }
    session.output.complain(&conflict::show(reply));
    let mut items: Vec<String> = reply.versions.iter().map(|version| format!("keep {}", version.rev)).collect();
    items.push("merge field by field".to_owned());
    let names: Vec<&str> = items.iter().map(String::as_str).collect();
    let chosen = ask::select("Which version stays?", &names)?;
    match reply.versions.get(chosen) {
        Some(version) => Ok(ConflictKeep::Rev(version.rev.clone())),
        None => merge(&reply.versions),
    }
}

/// Begins with the version the service shows and asks for every field in which another one differs.
fn merge(versions: &[ConflictVersion]) -> Result<ConflictKeep> {
    let Some(first) = versions.first() else {
        return Err(CliError::NoAnswer);
    };
    let mut asked: Vec<&str> = Vec::new();
    let mut fields = Vec::new();
    for version in versions {
        for change in &version.differences {
            if asked.contains(&change.field.as_str()) {
                continue;
            }
            asked.push(&change.field);
            let mut items = vec![format!("{}  ({})", conflict::value(change.before.as_ref()), first.rev)];
            let mut revs = vec![first.rev.clone()];
            for other in versions.iter().skip(1) {
                if let Some(theirs) = other.differences.iter().find(|theirs| theirs.field == change.field) {
                    items.push(format!("{}  ({})", conflict::value(theirs.after.as_ref()), other.rev));
                    revs.push(other.rev.clone());
                }
            }
            let names: Vec<&str> = items.iter().map(String::as_str).collect();
            let chosen = ask::select(&change.field, &names)?;
            if let Some(rev) = revs.get(chosen).filter(|rev| **rev != first.rev) {
                fields.push(ConflictField {
                    field: change.field.clone(),
                    rev: rev.clone(),
                });
            }
        }
    }
    Ok(ConflictKeep::Fields(ConflictFields {
        from: first.rev.clone(),
        fields,
    }))
}

/// Goes through the conflicts of a source one after the other.
///
/// # Errors
/// The commands'; [`CliError::NoAnswer`].
pub(super) fn walk(source: &str, session: &Session<'_>) -> Result<Exit> {
    let reply = found(source, None, 100, session)?;
    session.output.complain(&conflict::list(&reply, source));
    if reply.conflicts.is_empty() {
        return Ok(Exit::DONE);
    }
    let mut items: Vec<String> = reply.conflicts.iter().map(line).collect();
    items.push("leave them".to_owned());
    let names: Vec<&str> = items.iter().map(String::as_str).collect();
    let Some(row) = reply.conflicts.get(ask::select("Which one?", &names)?) else {
        return Ok(Exit::DONE);
    };
    settle(
        &Settle {
            record: Record {
                source: source.to_owned(),
                collection: row.collection.clone(),
                id: row.id.clone(),
            },
            keep: None,
            data: None,
            from: None,
            expect: None,
        },
        session,
    )
}

fn line(row: &ConflictRow) -> String {
    format!("{}/{}  {} versions", row.collection, row.id, row.versions)
}
