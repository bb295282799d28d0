//! The writing process, started and stopped by the demo.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use super::failed;
use crate::errors::{CliError, Result};

/// A running writer. It ends with its standard input, so also when the demo dies.
pub struct Writer(Child);

impl Writer {
    /// Starts this program again as the writer.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(file: &Path) -> Result<Self> {
        let program = std::env::current_exe().map_err(failed("starting the writing process"))?;
        let mut command = Command::new(program);
        command
            .arg("demo-writer")
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit());
        Ok(Self(command.spawn().map_err(failed("starting the writing process"))?))
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    /// Ends it and waits until it is gone.
    ///
    /// # Errors
    /// When it had failed.
    pub fn stop(mut self) -> Result<()> {
        drop(self.0.stdin.take());
        let status = self.0.wait().map_err(failed("stopping the writing process"))?;
        if status.success() {
            return Ok(());
        }
        Err(CliError::Demo {
            step: "writing beside the backup".to_owned(),
            reason: format!("the writing process {status}"),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // Already gone, or about to end because its input did.
        let _ = self.0.wait();
    }
}
