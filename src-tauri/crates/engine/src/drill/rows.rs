//! Rows of databases, read from the backup's files and from those brought back, side by side.

use std::collections::HashMap;

use backstay_model::{Collection, CollectionKind, Stage};

use super::tally::Tally;
use crate::{
    Job, Meter, Result, State,
    side_by_side::{Side, side_by_side},
};

/// File and name in it of a table that is read from a file.
fn place_of(about: &Collection) -> Option<(String, String)> {
    let raw = about.raw.as_ref()?.value().ok()?;
    let text = |name: &str| Some(raw.get(name)?.as_str()?.to_owned());
    text("file").zip(text("table"))
}

/// Tables by their places.
type Tables = HashMap<(String, String), String>;

/// The tables read from the files of the backup, row by row, against those read from the restored files.
///
/// # Errors
/// When the restored files cannot be read as a whole, or the job is cancelled.
pub(super) fn compare_rows(backup: &State, live: &State, tally: &mut Tally, job: &Job<'_>) -> Result<()> {
    let (Some(stored), Some(restored)) = (&backup.derived, &live.derived) else {
        return Ok(());
    };
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Verifying, None, None);
    let there = restored.collections()?.into_iter();
    let there: Tables = there.filter_map(|about| Some((place_of(&about)?, about.name))).collect();
    let wanted = match stored.collections() {
        Ok(wanted) => wanted,
        Err(error) => return tally.finding(None, error.into()),
    };
    for about in wanted {
        if about.kind != CollectionKind::Table {
            continue;
        }
        let name = place_of(&about).and_then(|place| there.get(&place));
        let Some(name) = name else {
            tally.differs(&about.name, "is not there");
            continue;
        };
        let (left, right) = (
            Side {
                view: &**stored,
                name: &about.name,
            },
            Side { view: &**restored, name },
        );
        if let Err(error) = compare_keys(left, right, tally, &meter, job) {
            tally.finding(Some(&about.name), error)?;
        }
    }
    Ok(())
}

/// One collection against what it has become.
///
/// # Errors
/// When a side cannot be read, or the job is cancelled.
pub(super) fn compare_keys(wanted: Side<'_>, found: Side<'_>, tally: &mut Tally, meter: &Meter<'_>, job: &Job<'_>) -> Result<()> {
    side_by_side(wanted, found, job.cancel, &mut |met| {
        meter.add(1, 0, wanted.name);
        let problem = match (met.left, met.right) {
            (Some(left), Some(right)) if left == right => {
                tally.same(1);
                return Ok(true);
            }
            (Some(_), Some(_)) => "has other content than the backup",
            (Some(_), None) => "is not there",
            _ => "is there and not in the backup",
        };
        tally.differs(&format!("{}/{}", wanted.name, met.id), problem);
        Ok(true)
    })
}
