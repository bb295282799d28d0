//! A restore plan as a file: a header line, then one step a line. Streamed both ways: a plan may have millions of steps.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Lines, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use backstay_model::{PlanHeader, PlanStep};
use sha2::{Digest, Sha256};

use crate::{EngineError, Result};

/// Layout version of plan files.
pub const PLAN_VERSION: u32 = 1;

/// A plan stored as a file.
#[derive(Debug, Clone)]
pub struct PlanFile {
    /// Its first line.
    pub header: PlanHeader,
    /// Where it lies.
    pub path: PathBuf,
}

impl PlanFile {
    /// Opens a plan.
    ///
    /// # Errors
    /// When the file is missing or is no plan of a known version.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| EngineError::PlanIo {
            path: path.to_owned(),
            error,
        })?;
        let mut line = String::new();
        BufReader::new(file)
            .read_line(&mut line)
            .map_err(|error| EngineError::PlanIo {
                path: path.to_owned(),
                error,
            })?;
        let header: PlanHeader = serde_json::from_str(&line).map_err(|error| EngineError::BadPlan {
            path: path.to_owned(),
            error,
        })?;
        if header.version > PLAN_VERSION {
            return Err(EngineError::NewerPlan {
                path: path.to_owned(),
                version: header.version,
            });
        }
        Ok(Self {
            header,
            path: path.to_owned(),
        })
    }

    /// Its steps, one after the other. A plan that lost steps since it was made ends with an error, so that doing less
    /// than was shown never looks like having done it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn steps(&self) -> Result<impl Iterator<Item = Result<PlanStep>> + use<>> {
        let path = self.path.clone();
        let file = File::open(&path).map_err(|error| EngineError::PlanIo {
            path: path.clone(),
            error,
        })?;
        let counts = self.header.counts;
        Ok(Steps {
            lines: BufReader::new(file).lines(),
            path,
            next: 0,
            wanted: counts.writes() + counts.skip + counts.conflict + counts.impossible,
            ended: false,
        }
        .skip_header())
    }

    /// SHA-256 of the file, hexadecimal: what the journal keeps, so that a resumed restore runs the plan it began with.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn checksum(&self) -> Result<String> {
        let failed = |error| EngineError::PlanIo {
            path: self.path.clone(),
            error,
        };
        let mut file = File::open(&self.path).map_err(failed)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut buffer).map_err(failed)?;
            if read == 0 {
                return Ok(hex::encode(hasher.finalize()));
            }
            hasher.update(&buffer[..read]);
        }
    }
}

/// Reads steps and counts them.
struct Steps {
    lines: Lines<BufReader<File>>,
    path: PathBuf,
    next: u64,
    wanted: u64,
    ended: bool,
}

impl Steps {
    fn skip_header(mut self) -> Self {
        // Its content was read when the plan was opened; an error comes again with the first step.
        let _ = self.lines.next();
        self
    }

    fn step(&mut self) -> Result<Option<PlanStep>> {
        let (path, found) = (self.path.clone(), self.next);
        let Some(line) = self.lines.next() else {
            return if found == self.wanted {
                Ok(None)
            } else {
                Err(self.incomplete())
            };
        };
        let line = line.map_err(|error| EngineError::PlanIo {
            path: path.clone(),
            error,
        })?;
        let step: PlanStep = serde_json::from_str(&line).map_err(|error| EngineError::BadPlan { path, error })?;
        if step.index != found || found == self.wanted {
            return Err(self.incomplete());
        }
        self.next += 1;
        Ok(Some(step))
    }

    fn incomplete(&self) -> EngineError {
        EngineError::IncompletePlan {
            path: self.path.clone(),
            step: self.next,
            steps: self.wanted,
        }
    }
}

impl Iterator for Steps {
    type Item = Result<PlanStep>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step().transpose();
        self.ended = !matches!(step, Some(Ok(_)));
        step
    }
}

/// Collects steps and becomes a [`PlanFile`].
pub struct PlanWriter {
    steps: BufWriter<File>,
    dir: PathBuf,
    next: u64,
}

impl PlanWriter {
    /// Starts a plan that will lie in `dir` (created if missing).
    ///
    /// # Errors
    /// When nothing can be written there.
    pub fn new(dir: &Path) -> Result<Self> {
        let failed = |error| EngineError::PlanIo {
            path: dir.to_owned(),
            error,
        };
        std::fs::create_dir_all(dir).map_err(failed)?;
        let steps = tempfile::tempfile_in(dir).map_err(failed)?;
        Ok(Self {
            steps: BufWriter::new(steps),
            dir: dir.to_owned(),
            next: 0,
        })
    }

    /// Adds a step and gives it its number.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn push(&mut self, mut step: PlanStep) -> Result<()> {
        step.index = self.next;
        self.next += 1;
        let failed = |error| EngineError::PlanIo {
            path: self.dir.clone(),
            error,
        };
        serde_json::to_writer(&mut self.steps, &step).map_err(|error| failed(error.into()))?;
        self.steps.write_all(b"\n").map_err(failed)
    }

    /// Writes the finished plan to `<dir>/<plan id>.ndjson`: whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self, header: PlanHeader) -> Result<PlanFile> {
        let path = self.dir.join(format!("{}.ndjson", header.plan_id));
        let failed = |error| EngineError::PlanIo {
            path: path.clone(),
            error,
        };
        let mut steps = self.steps.into_inner().map_err(|error| failed(error.into_error()))?;
        steps.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.dir).map_err(failed)?;
        let mut line = serde_json::to_vec(&header).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        file.write_all(&line).map_err(failed)?;
        std::io::copy(&mut steps, &mut file).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(PlanFile { header, path })
    }
}
