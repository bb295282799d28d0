//! Where guards trip, and what a tripped one says.

use backstay_model::Field;
use serde::{Deserialize, Serialize};

/// When a guard trips. What is missing in stored rules has its default; `null` switches a limit off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
pub struct GuardRules {
    /// Share of a collection, in percent, whose disappearance is a mass deletion; 25 by default.
    pub share_percent: Option<f64>,
    /// Number of records (or files) whose disappearance is a mass deletion; 500 by default.
    pub count: Option<u64>,
    /// The share counts only for collections of at least this many; 20 by default.
    pub least: u64,
    /// A collection that lost its last record.
    pub emptied: bool,
    /// Columns that are gone or of another kind.
    pub schema: bool,
    /// Collections, workspaces or databases that are no longer there.
    pub coverage: bool,
}

impl Default for GuardRules {
    fn default() -> Self {
        Self {
            share_percent: Some(25.0),
            count: Some(500),
            least: 20,
            emptied: true,
            schema: true,
            coverage: true,
        }
    }
}

impl GuardRules {
    /// How many of `before` items may not be gone: that many are a mass deletion. `None` when no number is.
    #[must_use]
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count, rounded up"
    )]
    pub fn limit(&self, before: u64) -> Option<u64> {
        let share = self.share_percent.filter(|_| before >= self.least);
        let share = share.map(|percent| (before as f64 * percent.clamp(0.0, 100.0) / 100.0).ceil() as u64);
        let limit = match (self.count, share) {
            (Some(count), Some(share)) => count.min(share),
            (count, share) => count.or(share)?,
        };
        // Nothing gone is never too much.
        Some(limit.max(1))
    }

    /// Whether `gone` of `before` items are a mass deletion.
    #[must_use]
    pub fn is_mass(&self, before: u64, gone: u64) -> bool {
        self.limit(before).is_some_and(|limit| gone >= limit)
    }
}

/// What tripped. One cause has one entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Trip {
    /// Many records of one collection are gone.
    MassDeletion {
        /// The collection.
        collection: String,
        /// Records before.
        before: u64,
        /// Records now.
        now: u64,
        /// Records of before that are not there any more; one that was replaced under another id is gone.
        gone: u64,
        /// `gone` in percent of `before`.
        share: f64,
    },
    /// A collection has no records any more.
    Emptied {
        /// The collection.
        collection: String,
        /// Records before.
        before: u64,
    },
    /// Columns are gone or of another kind. New ones are no reason for an alarm.
    SchemaChanged {
        /// The collection.
        collection: String,
        /// Columns that are gone.
        gone: Vec<Column>,
        /// Columns of another kind.
        retyped: Vec<ColumnChange>,
    },
    /// Collections, workspaces or databases that were there and are not.
    CoverageLost {
        /// Their names; a workspace stands for all that was in it.
        names: Vec<String>,
    },
    /// Many files are gone.
    FilesGone {
        /// Files before.
        before: u64,
        /// Files now.
        now: u64,
        /// Paths of before at which there is no file any more.
        gone: u64,
        /// `gone` in percent of `before`.
        share: f64,
    },
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its kind in the source's words.
    pub kind: String,
}

impl From<&Field> for Column {
    fn from(field: &Field) -> Self {
        Self {
            name: field.name.clone(),
            kind: field.kind.clone(),
        }
    }
}

/// A column of another kind than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ColumnChange {
    /// Its name.
    pub name: String,
    /// Its kind before, in the source's words.
    pub before: String,
    /// Its kind now.
    pub now: String,
}

/// `part` of `whole` in percent; 0 of nothing.
#[allow(clippy::cast_precision_loss, reason = "a share for people")]
pub(crate) fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}
