//! The behaviour every connector must show. Which checks run follows from the source's capabilities.

mod attachments;
mod conflicts;
mod files;
mod records;
mod state;
mod writes;

use std::{fmt, sync::Arc};

use backstay_model::TargetSpec;
use backstay_source::{Result as SourceResult, Source, SourceError};

pub use state::{Seed, SeedRecord};

/// What a connector's tests supply.
pub trait Harness {
    /// A source with nothing in it.
    ///
    /// # Errors
    /// When it cannot be made.
    fn create(&self) -> SourceResult<Arc<dyn Source>>;

    /// Makes the live side of the source made last hold exactly `seed`; what it held before and `seed` lacks goes. Things the
    /// source has no place for (files in a source of records) are left out.
    ///
    /// # Errors
    /// When it cannot be written.
    fn seed(&self, seed: &Seed) -> SourceResult<()>;

    /// Gives the record of the live side a second version in conflict with its own, with this title. `false` when the source has
    /// no conflicts.
    ///
    /// # Errors
    /// When it cannot be written.
    fn conflict(&self, collection: &str, id: &str, title: &str) -> SourceResult<bool> {
        let _ = (collection, id, title);
        Ok(false)
    }

    /// A place that does not exist yet, for restores; `None` when the source cannot restore elsewhere. A new one each time.
    fn new_place(&self) -> Option<TargetSpec>;

    /// Removes what [`Harness::create`] made last.
    fn destroy(&self);
}

/// A check that did not hold.
#[derive(Debug, thiserror::Error)]
#[error("{check}: {detail}")]
pub struct Failure {
    /// Name of the check.
    pub check: &'static str,
    /// What was seen.
    pub detail: Detail,
    /// The error that came instead of an answer.
    #[source]
    pub error: Option<Box<SourceError>>,
}

/// What a failed check saw.
#[derive(Debug, PartialEq, Eq)]
pub enum Detail {
    /// An error, given beside.
    Error,
    /// Two things that should be the same, as text.
    Differ {
        /// What should have been.
        wanted: String,
        /// What was.
        got: String,
    },
    /// The contract was broken, in words.
    Breach(String),
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error => f.write_str("an unexpected error"),
            Self::Differ { wanted, got } => write!(f, "wanted {wanted}, got {got}"),
            Self::Breach(what) => f.write_str(what),
        }
    }
}

/// What ran.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Checks that held.
    pub held: Vec<&'static str>,
    /// Checks that do not apply, and why.
    pub left_out: Vec<(&'static str, &'static str)>,
}

/// What a check gives.
type Checked = Result<(), Failure>;

/// One check on a fresh source.
type Check = fn(&Bench<'_>) -> Checked;

/// Checks and their names.
type Checks = &'static [(&'static str, Check)];

/// What a check works with.
struct Bench<'a> {
    check: &'static str,
    harness: &'a dyn Harness,
    source: Arc<dyn Source>,
}

impl Bench<'_> {
    /// Turns an unexpected error into a failure of this check.
    fn ok<T>(&self, result: SourceResult<T>) -> Result<T, Failure> {
        result.map_err(|error| Failure {
            check: self.check,
            detail: Detail::Error,
            error: Some(Box::new(error)),
        })
    }

    fn same<T: PartialEq + fmt::Debug>(&self, wanted: &T, got: &T) -> Checked {
        if wanted == got {
            return Ok(());
        }
        // Long lists would hide the difference; whoever needs more runs the check by hand.
        let show = |value: &T| format!("{value:?}").chars().take(600).collect();
        Err(self.fail(Detail::Differ {
            wanted: show(wanted),
            got: show(got),
        }))
    }

    fn holds(&self, what: &str, condition: bool) -> Checked {
        if condition {
            return Ok(());
        }
        Err(self.fail(Detail::Breach(format!("does not hold: {what}"))))
    }

    fn fail(&self, detail: Detail) -> Failure {
        Failure {
            check: self.check,
            detail,
            error: None,
        }
    }
}

/// Runs every check that applies, each on a fresh source.
///
/// # Errors
/// The first check that does not hold.
pub fn run(harness: &dyn Harness) -> Result<Report, Failure> {
    let mut report = Report::default();
    let probe = fresh("capabilities", harness)?;
    let can = probe.source.capabilities();
    harness.destroy();
    let takes_records = can.records && can.create && can.update && can.delete;
    let attaches = can.records && can.attachments;
    let groups: [(Checks, Option<&'static str>); 8] = [
        (records::CHECKS, (!can.records).then_some("has no records")),
        (attachments::CHECKS, (!attaches).then_some("has no records with attachments")),
        (
            attachments::WRITES,
            (!(attaches && takes_records)).then_some("takes no records with attachments"),
        ),
        (conflicts::CHECKS, (!can.conflicts).then_some("has no records in conflict")),
        (records::FEED, (!can.change_feed).then_some("has no change feed")),
        (files::CHECKS, (!can.files).then_some("has no files")),
        (writes::RECORDS, (!takes_records).then_some("takes no records")),
        (writes::FILES, (!(can.files && can.create)).then_some("takes no files")),
    ];
    for (checks, reason) in groups {
        for (name, check) in checks {
            if let Some(reason) = reason {
                report.left_out.push((name, reason));
                continue;
            }
            let bench = fresh(name, harness)?;
            let result = check(&bench);
            harness.destroy();
            result?;
            report.held.push(name);
        }
    }
    Ok(report)
}

fn fresh<'a>(check: &'static str, harness: &'a dyn Harness) -> Result<Bench<'a>, Failure> {
    let source = harness.create().map_err(|error| Failure {
        check,
        detail: Detail::Error,
        error: Some(Box::new(error)),
    })?;
    Ok(Bench { check, harness, source })
}
