//! Pages of a plan's steps: a million of them, filtered and searched, a page at a time.
//!
//! The positions of the steps that fit are found in one pass over the file and kept beside the plan, so that any page is one
//! read. The note is thrown away when the plan's file is another one.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use backstay_model::{PlanStep, StepAction};
use backstay_source::Cancel;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{PlanFile, subject_name};
use crate::{EngineError, Result};

/// Steps between two positions that are kept: a page reads at most so many lines too many.
const EVERY: u64 = 64;
/// Bytes of a kept position.
const WIDTH: u64 = 8;

/// Which steps to page through. Everything given must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepFilter {
    /// Only steps that do this.
    pub action: Option<StepAction>,
    /// Only steps whose subject, field names or values contain this text, in any case.
    pub text: Option<String>,
}

/// The steps of a plan that fit a filter.
pub struct PlanIndex {
    plan: PathBuf,
    matches: Matches,
    note: PathBuf,
    total: u64,
}

/// Tells which lines fit, without building the steps.
struct Matches {
    action: Option<StepAction>,
    text: Option<Wanted>,
}

/// What is read of a step to filter it.
#[derive(Deserialize)]
struct Head {
    action: StepAction,
}

/// A text to look for.
struct Wanted {
    /// In small letters.
    plain: String,
    /// As it stands in the file, where quotes and backslashes are escaped: most lines are told by this alone.
    written: String,
}

impl Wanted {
    /// Whether a line (in small letters) may hold it. A collection and an id stand apart there, where people write a slash.
    fn may_be_in(&self, line: &str) -> bool {
        self.written.split('/').all(|part| line.contains(part))
    }
}

/// Whether subject, field names or values of a step contain the text.
fn names(step: &PlanStep, text: &str) -> bool {
    let holds = |found: &str| found.to_lowercase().contains(text);
    let value = |value: &Option<serde_json::Value>| match value {
        Some(serde_json::Value::String(text)) => holds(text),
        Some(other) => holds(&other.to_string()),
        None => false,
    };
    holds(&subject_name(&step.subject))
        || step
            .fields
            .iter()
            .any(|field| holds(&field.field) || value(&field.before) || value(&field.after))
}

impl Matches {
    fn fits(&self, line: &str) -> bool {
        if let Some(text) = &self.text
            && !(text.may_be_in(&line.to_lowercase()) && serde_json::from_str(line).is_ok_and(|step| names(&step, &text.plain)))
        {
            return false;
        }
        match self.action {
            Some(action) => serde_json::from_str::<Head>(line).is_ok_and(|head| head.action == action),
            None => true,
        }
    }
}

impl PlanIndex {
    /// Finds the steps of `plan` that fit: at once when they were looked for before, else in one pass.
    ///
    /// # Errors
    /// When the plan cannot be read, or the call is cancelled.
    pub fn open(plan: &PlanFile, filter: &StepFilter, cancel: &Cancel) -> Result<Self> {
        let text = filter.text.as_ref().map(|text| {
            let plain = text.to_lowercase();
            let json = serde_json::to_string(&plain).unwrap_or_default();
            Wanted {
                written: json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned(),
                plain,
            }
        });
        let matches = Matches {
            action: filter.action,
            text,
        };
        let meta = std::fs::metadata(&plan.path).map_err(|error| failed(&plan.path, error))?;
        let modified = meta
            .modified()
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let key = format!(
            "{}\0{}\0{:?}\0{:?}\0{:?}",
            plan.header.plan_id,
            meta.len(),
            modified.map(|time| time.as_nanos()),
            filter.action,
            matches.text.as_ref().map(|text| &text.plain)
        );
        let name = hex::encode(&Sha256::digest(key)[..12]);
        let folder = plan.path.with_extension("pages");
        let note = folder.join(name);
        let total = match known(&note) {
            Some(total) => total,
            None => find(&plan.path, &folder, &note, &matches, cancel)?,
        };
        Ok(Self {
            plan: plan.path.clone(),
            matches,
            note,
            total,
        })
    }

    /// How many steps fit.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Up to `limit` of them, from number `offset` on.
    ///
    /// # Errors
    /// When the plan cannot be read.
    pub fn page(&self, offset: u64, limit: u64) -> Result<Vec<PlanStep>> {
        let mut steps = Vec::new();
        if offset >= self.total || limit == 0 {
            return Ok(steps);
        }
        let mut note = File::open(&self.note).map_err(|error| failed(&self.note, error))?;
        let mut eight = [0; WIDTH as usize];
        let read = note
            .seek(SeekFrom::Start(WIDTH * (1 + offset / EVERY)))
            .and_then(|_| note.read_exact(&mut eight));
        read.map_err(|error| failed(&self.note, error))?;
        let mut file = File::open(&self.plan).map_err(|error| failed(&self.plan, error))?;
        file.seek(SeekFrom::Start(u64::from_le_bytes(eight)))
            .map_err(|error| failed(&self.plan, error))?;
        let mut skip = offset % EVERY;
        for line in BufReader::new(file).lines() {
            let line = line.map_err(|error| failed(&self.plan, error))?;
            if !self.matches.fits(&line) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let step = serde_json::from_str(&line).map_err(|error| EngineError::BadPlan {
                path: self.plan.clone(),
                error,
            })?;
            steps.push(step);
            if steps.len() as u64 == limit.min(self.total - offset) {
                break;
            }
        }
        Ok(steps)
    }
}

fn failed(path: &Path, error: std::io::Error) -> EngineError {
    EngineError::PlanIo {
        path: path.to_owned(),
        error,
    }
}

/// The number of steps in a note that is whole.
fn known(note: &Path) -> Option<u64> {
    let mut file = File::open(note).ok()?;
    let mut eight = [0; WIDTH as usize];
    file.read_exact(&mut eight).ok()?;
    let total = u64::from_le_bytes(eight);
    let whole = file.metadata().ok()?.len() == WIDTH * (1 + total.div_ceil(EVERY));
    whole.then_some(total)
}

/// Reads the plan once and notes how many steps fit and where every 64th of them begins.
fn find(plan: &Path, folder: &Path, note: &Path, matches: &Matches, cancel: &Cancel) -> Result<u64> {
    let from = |error| failed(plan, error);
    let into = |error| failed(note, error);
    std::fs::create_dir_all(folder).map_err(into)?;
    let mut out = BufWriter::new(tempfile::NamedTempFile::new_in(folder).map_err(into)?);
    out.write_all(&[0; WIDTH as usize]).map_err(into)?;
    let mut reader = BufReader::with_capacity(1 << 18, File::open(plan).map_err(from)?);
    let mut line = String::new();
    // The header is no step.
    let mut at = reader.read_line(&mut line).map_err(from)? as u64;
    let (mut total, mut lines) = (0_u64, 0_u64);
    loop {
        line.clear();
        let length = reader.read_line(&mut line).map_err(from)? as u64;
        if length == 0 {
            break;
        }
        if matches.fits(&line) {
            if total.is_multiple_of(EVERY) {
                out.write_all(&at.to_le_bytes()).map_err(into)?;
            }
            total += 1;
        }
        at += length;
        lines += 1;
        if lines % 1024 == 0 {
            cancel.check()?;
        }
    }
    let mut file = out.into_inner().map_err(|error| into(error.into_error()))?;
    file.seek(SeekFrom::Start(0)).map_err(into)?;
    file.write_all(&total.to_le_bytes()).map_err(into)?;
    file.persist(note).map_err(|error| into(error.error))?;
    Ok(total)
}
