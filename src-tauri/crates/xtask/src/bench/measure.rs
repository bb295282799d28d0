//! What a program costs: processor, time and memory, as GNU `time` reports them; and bytes on disk.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// What one run cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usage {
    /// Processor seconds, user and system, of the program and what it started.
    pub(crate) cpu: f64,
    /// Seconds on the clock.
    pub(crate) wall: f64,
    /// Largest resident memory, MiB.
    pub(crate) memory: f64,
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} s CPU, {:.2} s, {:.0} MiB", self.cpu, self.wall, self.memory)
    }
}

/// Runs a program to its end and measures it.
pub(crate) fn run(command: &mut Command) -> Result<Usage> {
    let mut timed = Command::new("/usr/bin/time");
    timed
        .args(["--quiet", "--format", "USED %U %S %e %M"])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            timed.env(name, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    let output = timed
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .context("starting /usr/bin/time (package time)")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{command:?} failed:\n{errors}");
    }
    errors
        .lines()
        .rev()
        .find_map(parse)
        .with_context(|| format!("no figures from time:\n{errors}"))
}

fn parse(line: &str) -> Option<Usage> {
    let numbers: Vec<f64> = line.strip_prefix("USED ")?.split(' ').map_while(|n| n.parse().ok()).collect();
    let [user, system, wall, kib] = numbers[..] else { return None };
    Some(Usage {
        cpu: user + system,
        wall,
        memory: kib / 1024.0,
    })
}

/// Reads everything below a folder, so that whoever is measured next finds it in the system's memory: borg throws out what
/// it has read, and the next in turn would pay for the disk.
pub(crate) fn warm(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            warm(&path)?;
        } else {
            std::io::copy(&mut fs::File::open(&path)?, &mut std::io::sink())?;
        }
    }
    Ok(())
}

/// Bytes in the files below a folder; 0 if it does not exist.
pub(crate) fn stored(folder: &Path) -> Result<u64> {
    if !folder.exists() {
        return Ok(0);
    }
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        sum += if about.is_dir() { stored(&entry.path())? } else { about.len() };
    }
    Ok(sum)
}
