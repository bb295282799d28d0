//! Restore drills: a snapshot restored into a scratch place on this computer and compared with the backup (MISSION R11).
//!
//! Nothing at the source is touched, or even looked at: a drill works when the source is gone. What comes back is read by the code
//! of a real restore, from the vault, and written by it; only where it is written to differs.

mod error;
mod files;
mod pick;
mod place;
mod request;
mod rows;
mod scratch;
mod tally;

use std::sync::Arc;

use backstay_model::{Selection, Stage};
use backstay_source::Connector;
use backstay_vault::{Reader, Snapshot, Vault};
use chrono::{DateTime, Utc};

pub use error::DrillError;
pub use request::{DrillDone, DrillRequest, DrillScope, DrillWay};
pub use scratch::sweep;

use crate::{EngineError, Job, Meter, Result, State, snapshot::open_snapshot};
use files::Exported;
use pick::{Picks, need, room};
use place::{Restored, Volume, is_path};
use scratch::Scratch;
use tally::Tally;

/// Restores a snapshot into a scratch place, reads it back, compares, and removes the place again, whatever happens.
///
/// What cannot be read from the vault is a result, by name, and no error: the verdict is *failed* then.
///
/// # Errors
/// When the drill itself is not possible: no room, no scratch place, a vault out of reach; or when it is cancelled.
pub fn drill(
    vault: &Vault,
    snapshot: &Snapshot,
    connector: &Arc<dyn Connector>,
    request: &DrillRequest,
    job: &Job<'_>,
) -> Result<DrillDone> {
    Meter::new(job.reporter).stage(Stage::Preparing, None, None);
    let mut run = Run {
        snapshot,
        connector,
        request,
        job,
        tally: Tally::default(),
        started: job.clock.now(),
        restored: None,
        volume: Volume::default(),
    };
    let reader = vault.reader().map_err(EngineError::from);
    if let Err(error) = reader.and_then(|reader| run.all(&reader)) {
        run.tally.finding(None, error)?;
    }
    Ok(run.done())
}

struct Run<'a> {
    snapshot: &'a Snapshot,
    connector: &'a Arc<dyn Connector>,
    request: &'a DrillRequest,
    job: &'a Job<'a>,
    tally: Tally,
    started: DateTime<Utc>,
    /// When everything was back.
    restored: Option<DateTime<Utc>>,
    volume: Volume,
}

impl Run<'_> {
    fn all(&mut self, reader: &Reader) -> Result<()> {
        let kind = |kind: &str| (kind == self.connector.kind()).then(|| self.connector.clone());
        let backup = open_snapshot(reader, self.snapshot, &kind)?;
        let other = backup.meta.as_ref().filter(|meta| meta.source_kind != self.connector.kind());
        if let Some(meta) = other {
            return Err(DrillError::OtherKind {
                snapshot: meta.source_kind.clone(),
                connector: self.connector.kind().to_owned(),
            }
            .into());
        }
        let picks = Picks::of(self.request.scope, self.snapshot, &backup, self.job)?;
        room(
            self.request,
            need(&picks, self.request.scope, &backup, reader, self.snapshot)?,
        )?;
        let scratch = Scratch::make(&self.request.scratch)?;
        self.bring_back(reader, &backup, &picks, &scratch)?;
        self.job.cancel.check()?;
        Ok(scratch.remove()?)
    }

    fn bring_back(&mut self, reader: &Reader, backup: &State, picks: &Picks, scratch: &Scratch) -> Result<()> {
        let whole = self.request.scope == DrillScope::Everything;
        let restored = match self.way() {
            DrillWay::SamePlace if !picks.is_restored() => None,
            DrillWay::SamePlace => {
                let made = Restored::make(self.connector, self.snapshot, backup, picks, scratch, self.job);
                Some(made?)
            }
            DrillWay::Files => None,
        };
        let exported = match self.way() {
            DrillWay::SamePlace if picks.exported.only.is_empty() => None,
            DrillWay::SamePlace => Some(picks.exported.clone()),
            DrillWay::Files if whole => Some(Selection::default()),
            DrillWay::Files => Some(picks.selection()),
        };
        let exported = exported.filter(|selection| whole || !selection.only.is_empty());
        let exported = exported
            .map(|selection| Exported::make(reader, self.snapshot, backup, selection, scratch, self.job))
            .transpose()?;
        self.restored = Some(self.job.clock.now());
        if let Some(restored) = restored {
            self.volume.add(&restored.compare(backup, whole, &mut self.tally, self.job)?);
        }
        if let Some(exported) = exported {
            self.volume.add(&exported.compare(backup, &mut self.tally, self.job)?);
        }
        Ok(())
    }

    fn way(&self) -> DrillWay {
        if is_path(&**self.connector) {
            DrillWay::SamePlace
        } else {
            DrillWay::Files
        }
    }

    fn done(self) -> DrillDone {
        let now = self.job.clock.now();
        let restored = self.restored.unwrap_or(now);
        DrillDone {
            verdict: self.tally.verdict(),
            snapshot: self.snapshot.id.to_hex(),
            taken: self.snapshot.time,
            scope: self.request.scope,
            way: self.way(),
            seconds: seconds(self.started, restored),
            compare_seconds: seconds(restored, now),
            bytes: self.volume.bytes,
            records: self.volume.records,
            files: self.volume.files,
            compared: self.tally.compared,
            differing_count: self.tally.count,
            score: self.tally.score(),
            differing: self.tally.differing,
        }
    }
}

/// Seconds between two moments; 0 when the clock was set back in between.
#[allow(clippy::cast_precision_loss, reason = "milliseconds of a drill are few")]
fn seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from).num_milliseconds().max(0) as f64 / 1000.0
}
