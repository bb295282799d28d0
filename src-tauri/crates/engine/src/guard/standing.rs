//! Each collection against its limit, as the guard's card draws it.

use serde::{Deserialize, Serialize};

use super::{GuardRules, SnapshotView, gaps::Gaps, judge::file_counts, pairs::pairs, rules::percent};
use crate::{FILES, Job, Result};

/// How much of a collection is gone, and how much may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct Standing {
    /// The collection; [`FILES`] for files.
    pub collection: String,
    /// What people call it, where that differs.
    pub title: Option<String>,
    /// Records (or files) before.
    pub before: u64,
    /// Records (or files) now; `None` when a gap says that they could not be read.
    pub now: Option<u64>,
    /// Those of before that are there no more.
    pub gone: u64,
    /// `gone` in percent of `before`.
    pub share: f64,
    /// So many gone are a mass deletion; `None` when no number is.
    pub limit: Option<u64>,
    /// Whether they are.
    pub over: bool,
}

/// Every collection of before against its limit, by name, files last. Reads more than [`super::judge`]: also small collections are counted.
///
/// # Errors
/// When a snapshot cannot be read, or the job is cancelled.
pub fn standings(rules: &GuardRules, before: &SnapshotView, now: &SnapshotView, job: &Job<'_>) -> Result<Vec<Standing>> {
    let gaps = Gaps::of(&now.meta.gaps);
    let mut out = Vec::new();
    for pair in pairs(before, now, &gaps)? {
        job.cancel.check()?;
        let before = pair.before()?;
        let now = match (pair.same, pair.explained && pair.is.is_none()) {
            (true, _) => Some(before),
            (_, true) => None,
            _ => Some(pair.now()?),
        };
        let gone = pair.count_gone(job)?;
        out.push(Standing {
            collection: pair.name().to_owned(),
            title: pair.was.about.title.clone(),
            ..standing(rules, before, now, gone)
        });
    }
    if !before.is_derived() && before.meta.files > 0 {
        let (before, now, gone) = file_counts(before, now, job)?;
        out.push(standing(rules, before, Some(now), gone));
    }
    Ok(out)
}

fn standing(rules: &GuardRules, before: u64, now: Option<u64>, gone: u64) -> Standing {
    let emptied = rules.emptied && now == Some(0) && gone > 0;
    Standing {
        collection: FILES.to_owned(),
        title: None,
        before,
        now,
        gone,
        share: percent(gone, before),
        limit: rules.limit(before),
        over: emptied || rules.is_mass(before, gone),
    }
}
