//! `backstay agent`: the plans without a screen.

use backstay_api::{
    commands,
    types::{AgentInstallRequest, Nothing},
};
use clap::{Args, Subcommand};

use crate::{
    errors::Result,
    print::told,
    session::{Exit, Session},
};

pub(super) mod run;
mod say;

/// `backstay agent …`
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Run the plans until stopped
    #[command(after_help = "\
Examples:
  backstay agent run
  backstay agent run --json >> agent.ndjson
  backstay agent run --once

One line for each start, end, wait and alarm. A second agent (or the app in the tray) stands by and takes over when the
first one ends. Ctrl-C and SIGTERM end it: the backup under way stops at a safe point and goes on next time; exit code 0.
The keys of the vaults have to be remembered on this machine (docs/CLI.md, Environment): nobody is asked.")]
    Run(run::Run),
    /// Have the system start the agent, and look every hour whether Backstay runs
    #[command(after_help = "\
Examples:
  backstay agent install --dry-run
  backstay agent install
  sudo backstay agent install --system --user backup

systemd, launchd or the task scheduler. Files a person edited are not overwritten without --force.")]
    Install(Install),
    /// Take agent and watchdog away again
    #[command(after_help = "Example:\n  backstay agent uninstall")]
    Uninstall(Install),
    /// Show who runs the plans, and whether somebody looks that it does
    #[command(after_help = "Example:\n  backstay agent status")]
    Status,
    /// Look from outside whether Backstay runs, and tell people when it does not
    #[command(after_help = "\
Example:
  backstay agent look

The watchdog calls it every hour. Exit code 1: plans wait and nobody runs them; those who are told are told.")]
    Look,
}

/// Arguments of `agent install` and `agent uninstall`.
#[derive(Debug, Args)]
pub struct Install {
    /// For the whole machine, so that plans run without anybody logged in (needs root)
    #[arg(long)]
    system: bool,
    /// The user it runs as
    #[arg(long, value_name = "USER", requires = "system")]
    user: Option<String>,
    /// Overwrite (or remove) files a person edited
    #[arg(long)]
    force: bool,
    /// Only show the files
    #[arg(long)]
    dry_run: bool,
}

impl Install {
    fn request(&self) -> AgentInstallRequest {
        AgentInstallRequest {
            system: self.system,
            force: self.force,
            dry_run: self.dry_run,
            user: self.user.clone(),
        }
    }
}

/// Does it.
pub(super) fn run(command: &AgentCommand, session: &Session<'_>) -> Result<Exit> {
    match command {
        // Handled before a session was opened: it has one of its own.
        AgentCommand::Run(_) => {}
        AgentCommand::Install(args) => {
            let reply = session.quick::<commands::AgentInstall>(args.request())?;
            session.reply(&reply, |reply| told::installed(reply, "Wrote"))?;
        }
        AgentCommand::Uninstall(args) => {
            let reply = session.quick::<commands::AgentUninstall>(args.request())?;
            session.reply(&reply, |reply| told::installed(reply, "Removed"))?;
        }
        AgentCommand::Status => session.reply(&session.quick::<commands::AgentStatus>(Nothing {})?, told::agent)?,
        AgentCommand::Look => {
            let reply = session.quick::<commands::Look>(Nothing {})?;
            session.reply(&reply, told::looked)?;
            return Ok(Exit(u8::from(reply.saw == "silent")));
        }
    }
    Ok(Exit::DONE)
}
