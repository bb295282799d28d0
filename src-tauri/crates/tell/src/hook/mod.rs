//! Commands before and after a run.

mod family;
mod watch;

use std::{
    fmt,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::process;

use crate::{Hidden, Result, TellError, text, within};
use watch::End;

/// Variables with Backstay's own secrets; no command gets to see them.
const SECRETS: [&str; 3] = ["BACKSTAY_PASSWORD", "BACKSTAY_NEW_PASSWORD", "BACKSTAY_SECRETS_PASSPHRASE"];

/// What is run.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Command {
    /// A program and its arguments, as they are.
    Program(Vec<String>),
    /// A line for the system's shell (`sh -c`, `cmd /C`).
    Shell(String),
}

/// A command with its bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// What is run.
    pub command: Command,
    /// It and all it started are ended after this.
    pub time_limit: Duration,
    /// Variables of its own; they win over those of the call.
    pub env: Vec<(String, Hidden)>,
    /// Where it is run; without one, where Backstay runs.
    pub dir: Option<PathBuf>,
}

/// A command that ended well (exit code 0).
#[derive(Debug, Clone, PartialEq)]
pub struct HookDone {
    /// Exit code.
    pub code: i32,
    /// How long it took.
    pub seconds: f64,
    /// The last 4 KiB of what it said, to either stream.
    pub output: String,
}

/// Runs a command with the caller's variables added to the environment and Backstay's secrets taken out of it.
///
/// `cancelled` is asked several times a second; once it says yes, the command is ended as at the limit.
///
/// # Errors
/// When the command cannot be started, ends with another code than 0, is cancelled, or takes too long.
pub fn hook(hook: &Hook, variables: &[(String, String)], cancelled: &(dyn Fn() -> bool + Sync)) -> Result<HookDone> {
    let mut command = command(hook)?;
    let own = hook.env.iter().map(|(name, value)| (name.as_str(), value.reveal()));
    command
        .envs(variables.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        .envs(own);
    for name in SECRETS {
        command.env_remove(name);
    }
    if let Some(dir) = &hook.dir {
        command.current_dir(dir);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // What escapes every other way ends with this call.
    command.kill_on_drop(true);
    family::lead(&mut command);
    let start = Instant::now();
    let program = hook.command.program();
    within::block(|| async {
        let child = command.spawn().map_err(|error| TellError::NotStarted {
            program: program.clone(),
            reason: text::line(&error.to_string(), 200),
        })?;
        let (end, output) = watch::watch(child, hook.time_limit, cancelled).await;
        let after = hook.time_limit;
        match end {
            End::Exit(status) if status.success() => Ok(HookDone {
                code: 0,
                seconds: start.elapsed().as_secs_f64(),
                output,
            }),
            End::Exit(status) => Err(TellError::HookFailed {
                program,
                code: status.code(),
                signal: signal(status),
                output,
            }),
            End::TooLong => Err(TellError::HookTimedOut { program, after, output }),
            End::Cancelled => Err(TellError::HookCancelled { program }),
            End::Lost(reason) => Err(TellError::NoResources { reason }),
        }
    })
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Command").field(&self.program()).finish()
    }
}

impl Command {
    /// What may be shown of it: arguments and shell lines may hold passwords.
    #[must_use]
    pub fn program(&self) -> String {
        match self {
            Self::Program(words) => words.first().cloned().unwrap_or_default(),
            Self::Shell(_) => "the command line".to_owned(),
        }
    }
}

fn command(hook: &Hook) -> Result<process::Command> {
    match &hook.command {
        Command::Program(words) => {
            let (program, arguments) = words.split_first().ok_or(TellError::NoCommand)?;
            if program.trim().is_empty() {
                return Err(TellError::NoCommand);
            }
            let mut command = process::Command::new(program);
            command.args(arguments);
            Ok(command)
        }
        Command::Shell(line) if line.trim().is_empty() => Err(TellError::NoCommand),
        Command::Shell(line) => Ok(shell(line)),
    }
}

#[cfg(not(windows))]
fn shell(line: &str) -> process::Command {
    let mut command = process::Command::new("/bin/sh");
    command.arg("-c").arg(line);
    command
}

#[cfg(windows)]
fn shell(line: &str) -> process::Command {
    let mut command = process::Command::new("cmd");
    // The line is the shell's to take apart, quotes and all.
    command.arg("/C").raw_arg(line);
    command
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
