//! The arguments: one file per command, with its help and what it does.

use std::path::PathBuf;

use backstay_api::Cancel;
use clap::{ArgAction, Args, Parser, Subcommand};

use crate::{
    errors::Result,
    output::Output,
    session::{Exit, Session},
};

mod agent;
mod audit;
mod backup;
mod cat;
mod channel;
mod completions;
mod conflict;
mod couchdb;
mod diff;
mod drill;
mod export;
mod forget;
mod get;
mod history;
mod hold;
mod import;
mod key;
mod kit;
mod ls;
mod man;
mod pin;
mod plan;
mod prune;
mod repair;
mod restore;
mod resume;
mod rules;
mod runs;
mod sample;
mod search;
mod settings;
mod show;
mod snapshots;
mod source;
mod source_add;
mod source_ask;
mod source_secret;
mod source_set;
mod status;
mod undo;
mod vault;
mod verify;

const AFTER_HELP: &str = "\
First backup:
  backstay vault create safe --path /mnt/disk/backups
  backstay source add sqlite notes --path ~/app/data
  backstay backup notes

Exit codes:
    0  complete
    1  failed
    2  wrong usage
    3  partial: what is missing is named
    4  refused: needs a confirmation, or a guard stands in the way
    5  not found
    6  wrong password, or no permission
    7  locked by someone else
    8  damaged data
  130  cancelled

A snapshot is named by the beginning of its id, by \"latest\", \"SOURCE@latest\"
or \"SOURCE@TIME\"; \"live:SOURCE\" is the source as it is now. A bundle made by
`backstay export` is named by its path (or \"bundle:PATH\").
A TIME is 2026-11-20 (the end of that day), \"2026-11-20 14:00\",
2026-11-20T14:00:00Z, \"yesterday 14:00\" or \"2h ago\".

For scripts: --json, and docs/CLI.md.";

/// Backs up data that lives inside applications, and brings it back.
#[derive(Debug, Parser)]
#[command(name = "backstay", version, after_help = AFTER_HELP, max_term_width = 100, subcommand_required = true)]
#[command(arg_required_else_help = true, disable_help_subcommand = false, propagate_version = false)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Directory for Backstay's state (or BACKSTAY_HOME)
    #[arg(long, global = true, value_name = "DIR", env = "BACKSTAY_HOME", hide_env = true)]
    pub home: Option<PathBuf>,
    /// JSON on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Answer every question with yes
    #[arg(long, short, global = true)]
    pub yes: bool,
    /// No progress, only results and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Take the vault's password from a file
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "password_command")]
    pub password_file: Option<PathBuf>,
    /// Take the vault's password from a command's output
    #[arg(long, global = true, value_name = "CMD")]
    pub password_command: Option<String>,
    /// Say more (-vv even more)
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create and look after vaults, where backups are kept
    #[command(subcommand)]
    Vault(vault::VaultCommand),
    /// Add and look after sources, what is backed up
    #[command(subcommand)]
    Source(source::SourceCommand),
    /// Back up sources
    Backup(backup::Backup),
    /// List snapshots
    Snapshots(snapshots::Snapshots),
    /// Show what a snapshot says about itself
    Show(show::Show),
    /// List collections, records or files of a snapshot
    Ls(ls::Ls),
    /// Show one record of a snapshot
    Get(get::Get),
    /// Write a file of a snapshot to standard output
    Cat(cat::Cat),
    /// Search everything that was ever saved
    Search(search::Search),
    /// Show all versions of a record or file
    History(history::History),
    /// Compare two snapshots, or a snapshot and its source as it is now
    Diff(diff::Diff),
    /// Bring back records, files or everything
    Restore(restore::Restore),
    /// Take a restore back
    Undo(undo::Undo),
    /// Go on with a restore that was interrupted
    Resume(resume::Resume),
    /// Look at records that have several versions, and choose between them
    #[command(subcommand)]
    Conflict(conflict::ConflictCommand),
    /// Replicate CouchDB databases; at a terminal, a menu for everything about them
    Couchdb(couchdb::Couchdb),
    /// Write a snapshot into one file or directory
    Export(export::Export),
    /// Keep a bundle in a vault, as one more snapshot
    Import(import::Import),
    /// Decide what is backed up when, how long it stays and how it is checked
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    /// Run the plans without a screen, or have the system do so
    #[command(subcommand)]
    Agent(agent::AgentCommand),
    /// Show how everything is: sources, plans, alarms
    Status(status::Status),
    /// Look at guards that tripped, and answer them
    #[command(subcommand)]
    Hold(hold::HoldCommand),
    /// Try to restore a source into a scratch place, and measure the time
    Drill(drill::Drill),
    /// Compare what a source shows now with what is saved of it
    Coverage(drill::Coverage),
    /// Pin a snapshot, so that no rule removes it
    Pin(pin::Pin),
    /// Take the pin off a snapshot
    Unpin(pin::Unpin),
    /// Tell people and programs: webhooks, heartbeats, mail, commands
    #[command(subcommand)]
    Channel(channel::ChannelCommand),
    /// Check a vault for damage
    Verify(verify::Verify),
    /// Remove old snapshots by rule
    Forget(forget::Forget),
    /// Free the space of removed snapshots
    Prune(prune::Prune),
    /// Mend a damaged vault as far as possible
    Repair(repair::Repair),
    /// List what Backstay did, or show one run
    Runs(runs::Runs),
    /// Show, check or export the audit trail
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Keep Backstay's own settings, or take them to another machine
    #[command(subcommand)]
    Settings(settings::SettingsCommand),
    /// Make a workspace to try everything on, change it, remove it
    #[command(subcommand)]
    Sample(sample::SampleCommand),
    /// Tell the whole story on a sample workspace
    Demo(crate::demo::Demo),
    /// Print the completion script for a shell
    Completions(completions::Completions),
    /// Print the manual page
    Man(man::Man),
    /// Write to a sample workspace until standard input ends (the other process of the demo)
    #[command(hide = true)]
    DemoWriter(crate::demo::writer::DemoWriter),
}

/// Runs a command.
///
/// # Errors
/// The command's.
pub fn run(cli: &Cli, output: &Output, cancel: &Cancel) -> Result<Exit> {
    match &cli.command {
        Command::Completions(args) => completions::run(args, output),
        Command::Man(args) => man::run(args, output),
        Command::Demo(args) => crate::demo::run(args, output, cancel),
        Command::DemoWriter(args) => crate::demo::writer::run(args),
        Command::Agent(agent::AgentCommand::Run(args)) => agent::run::run(args, &cli.global, output, cancel),
        command => with_state(command, &mut Session::open(&cli.global, output, cancel)?),
    }
}

fn with_state(command: &Command, session: &mut Session<'_>) -> Result<Exit> {
    match command {
        Command::Vault(args) => vault::run(args, session),
        Command::Source(args) => source::run(args, session),
        Command::Backup(args) => backup::run(args, session),
        Command::Snapshots(args) => snapshots::run(args, session),
        Command::Show(args) => show::run(args, session),
        Command::Ls(args) => ls::run(args, session),
        Command::Get(args) => get::run(args, session),
        Command::Cat(args) => cat::run(args, session),
        Command::Search(args) => search::run(args, session),
        Command::History(args) => history::run(args, session),
        Command::Diff(args) => diff::run(args, session),
        Command::Restore(args) => restore::run(args, session),
        Command::Undo(args) => undo::run(args, session),
        Command::Resume(args) => resume::run(args, session),
        Command::Conflict(args) => conflict::run(args, session),
        Command::Couchdb(args) => couchdb::run(args, session),
        Command::Export(args) => export::run(args, session),
        Command::Import(args) => import::run(args, session),
        Command::Plan(args) => plan::run(args, session),
        Command::Agent(args) => agent::run(args, session),
        Command::Status(args) => status::run(args, session),
        Command::Hold(args) => hold::run(args, session),
        Command::Drill(args) => drill::run(args, session),
        Command::Coverage(args) => drill::coverage(args, session),
        Command::Pin(args) => pin::run(args, session),
        Command::Unpin(args) => pin::unpin(args, session),
        Command::Channel(args) => channel::run(args, session),
        Command::Verify(args) => verify::run(args, session),
        Command::Forget(args) => forget::run(args, session),
        Command::Prune(args) => prune::run(args, session),
        Command::Repair(args) => repair::run(args, session),
        Command::Runs(args) => runs::run(args, session),
        Command::Audit(args) => audit::run(args, session),
        Command::Sample(args) => sample::run(args, session),
        Command::Settings(args) => settings::run(args, session),
        // Handled before a state directory was opened.
        Command::Completions(_) | Command::Man(_) | Command::Demo(_) | Command::DemoWriter(_) => Ok(Exit::DONE),
    }
}

/// A snapshot on the command line, in one vault or any.
#[derive(Debug, Clone, Args)]
pub struct In {
    /// Look only in this vault
    #[arg(long, value_name = "VAULT")]
    pub vault: Option<String>,
}

impl In {
    /// The snapshot called `name`.
    #[must_use]
    pub fn snapshot(&self, name: &str) -> backstay_api::types::SnapshotRef {
        backstay_api::types::SnapshotRef {
            snapshot: normal(name),
            vault: self.vault.clone(),
        }
    }
}

/// `SOURCE@TIME` in any form a person may type, as the api takes it (RFC 3339).
fn normal(name: &str) -> String {
    if let Some(path) = bundle(name) {
        return format!("bundle:{path}");
    }
    match name.rsplit_once('@') {
        Some((source, at)) if at != "latest" => match crate::time::argument(at) {
            Ok(time) => format!("{source}@{}", time.to_rfc3339()),
            Err(_) => name.to_owned(),
        },
        _ => name.to_owned(),
    }
}

/// Endings of files of other programs that open like bundles; what they are is told by their content.
const FOREIGN: [&str; 7] = ["gz", "ndjson", "jsonl", "json", "txt", "couchbackup", "backup"];

/// The path of a bundle, if `name` is one: after `bundle:`, with a `/` in it, ending in `.zip`, of a directory with metadata that
/// lies there, or of a file there with an ending that files of other programs have.
fn bundle(name: &str) -> Option<&str> {
    if let Some(path) = name.strip_prefix("bundle:") {
        return Some(path);
    }
    if name.starts_with("live:") || (name.contains('@') && !std::path::Path::new(name).exists()) {
        return None;
    }
    let path = std::path::Path::new(name);
    let named = name.contains(std::path::MAIN_SEPARATOR) || path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip"));
    let foreign = path
        .extension()
        .and_then(|end| end.to_str())
        .is_some_and(|end| FOREIGN.contains(&end.to_ascii_lowercase().as_str()));
    (named || path.join("metadata.json").is_file() || (foreign && path.is_file())).then_some(name)
}
