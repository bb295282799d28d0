//! `cargo xtask bench`: the same data, in the same run, through Backstay and its peers.

mod contender;
mod couchdb;
mod data;
mod measure;
mod results;
mod text;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use contender::Contender;
pub use couchdb::couchdb;
use data::Workload;
use results::{Results, Row};

/// What to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Share of the full size (1 GiB, 1.5 million records, 100,000 files), in percent.
    pub scale: u64,
    /// Only these workloads (`sqlite`, `records`, `files`); empty for all.
    pub workloads: Vec<String>,
    /// Only these programs (`backstay`, `restic`, `borg`); empty for all.
    pub programs: Vec<String>,
}

impl Options {
    /// Reads `[--scale PERCENT] [--only NAME]…`, where a name is a workload or a program.
    ///
    /// # Errors
    /// When an argument is not understood.
    pub fn parse(arguments: &[&str]) -> Result<Self> {
        let mut options = Self {
            scale: 100,
            workloads: Vec::new(),
            programs: Vec::new(),
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let value = *rest.next().with_context(|| format!("{argument} needs a value"))?;
            match *argument {
                "--scale" => options.scale = value.parse().context("--scale takes a percentage")?,
                "--only" if Workload::by_name(value).is_some() => options.workloads.push(value.to_owned()),
                "--only" if Contender::by_name(value).is_some() => options.programs.push(value.to_owned()),
                "--only" => bail!("--only takes sqlite, records, files, backstay, restic or borg, not {value}"),
                other => bail!("what is {other}?"),
            }
        }
        Ok(options)
    }
}

/// Runs the measurements and returns them as Markdown. Works below `target/bench` and removes what it made there.
///
/// # Errors
/// When a program is missing or fails: a figure of a failed run would mean nothing.
pub fn bench(root: &Path, options: &Options, say: &mut dyn FnMut(&str)) -> Result<String> {
    let place = root.join("target/bench");
    let mut results = Results::default();
    let chosen = |name: &str, list: &[String]| list.is_empty() || list.iter().any(|l| l == name);
    for workload in Workload::ALL.into_iter().filter(|w| chosen(w.name(), &options.workloads)) {
        clear(&place)?;
        let source = place.join("source");
        fs::create_dir_all(&source)?;
        let mut runs = Vec::new();
        for contender in Contender::ALL.into_iter().filter(|c| chosen(c.name(), &options.programs)) {
            let home = place.join(contender.name());
            fs::create_dir_all(&home)?;
            contender.prepare(&home, workload, &source, root)?;
            runs.push(Run {
                contender,
                workload,
                home,
                root,
            });
        }
        for state in data::State::ALL {
            say(&format!("{}: making the data ({})", workload.name(), state.name()));
            data::make(workload, state, &source, options.scale)?;
            for run in &runs {
                results.add(workload.name(), state.name(), run.contender.name(), run.backup(&source)?, say);
            }
        }
        for run in &runs {
            results.add(workload.name(), "restore", run.contender.name(), run.restore()?, say);
            results.add(workload.name(), "check", run.contender.name(), run.check()?, say);
        }
    }
    clear(&place)?;
    Ok(results.to_string())
}

fn clear(place: &Path) -> Result<()> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    Ok(())
}

/// One program on one workload.
struct Run<'a> {
    contender: Contender,
    workload: Workload,
    home: PathBuf,
    root: &'a Path,
}

impl Run<'_> {
    fn backup(&self, source: &Path) -> Result<Row> {
        measure::warm(source)?;
        let before = measure::stored(&repository(&self.home))?;
        let usage = measure::run(&mut self.contender.backup(&self.home, self.workload, source, self.root))?;
        let after = measure::stored(&repository(&self.home))?;
        Ok(Row {
            usage,
            stored: Some(after.saturating_sub(before)),
        })
    }

    fn restore(&self) -> Result<Row> {
        let target = self.home.join("restored");
        fs::create_dir_all(&target)?;
        let usage = measure::run(&mut self.contender.restore(&self.home, self.workload, &target, self.root))?;
        fs::remove_dir_all(&target)?;
        Ok(Row { usage, stored: None })
    }

    fn check(&self) -> Result<Row> {
        let usage = measure::run(&mut self.contender.check(&self.home, self.workload, self.root))?;
        Ok(Row { usage, stored: None })
    }
}

fn repository(home: &Path) -> PathBuf {
    home.join("repository")
}
