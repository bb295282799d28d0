//! Bundles as commands name them (`bundle:PATH`), opened once and kept for a while: opening one reads all its records. A file of another
//! program is named in the same way and stands for the bundle it is converted to.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::SystemTime,
};

use backstay_engine::{
    Job, State,
    bundle::{Limits, OpenedBundle},
};
use backstay_model::{ErrorKind, Verdict};

use crate::{
    ApiError, App, Context, Result, foreign,
    types::{SnapshotRef, SnapshotRow},
};

/// Prefix of a reference to a bundle.
pub(crate) const PREFIX: &str = "bundle:";
/// Bundles kept open.
const KEPT: usize = 2;
/// Files whose size and time tell whether a directory is still the same bundle.
const WITNESSES: [&str; 2] = ["checksums", "metadata.json"];

/// What tells whether a file is still the same: size and time.
type Stamp = Vec<(u64, Option<SystemTime>)>;

/// Bundles that are open.
#[derive(Default)]
pub(crate) struct BundleCache(Mutex<Vec<(PathBuf, Stamp, Arc<OpenedBundle>)>>);

/// The path of a reference to a bundle, made absolute; `None` for other references.
///
/// # Errors
/// When it is no path.
pub(crate) fn path_of(at: &SnapshotRef) -> Result<Option<PathBuf>> {
    at.snapshot.strip_prefix(PREFIX).map(absolute).transpose()
}

/// A path made absolute.
///
/// # Errors
/// When it is no path.
pub(crate) fn absolute(path: &str) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| ApiError::new(ErrorKind::Usage, format!("{path:?} is not a path: {error}")))
}

fn stamp(path: &Path) -> Option<Stamp> {
    let of = |path: &Path| {
        let about = std::fs::metadata(path).ok()?;
        Some((about.len(), about.modified().ok()))
    };
    if path.is_dir() {
        return WITNESSES.iter().map(|name| of(&path.join(name))).collect();
    }
    Some(vec![of(path)?])
}

/// Opens the bundle at `path`, or takes it from those that are open.
///
/// # Errors
/// Why it is refused.
pub(crate) fn open(app: &App, context: &Context<'_>, path: &Path) -> Result<Arc<OpenedBundle>> {
    let now = stamp(path);
    if let (Ok(kept), Some(now)) = (app.bundles().0.lock(), &now)
        && let Some((_, _, opened)) = kept.iter().find(|(known, stamp, _)| known == path && stamp == now)
    {
        return Ok(opened.clone());
    }
    let job = Job {
        cancel: context.cancel,
        clock: app.clock(),
        reporter: context.reporter,
    };
    let opened = match foreign::recognise(app, path) {
        None => OpenedBundle::open(path, &Limits::default(), &job)?,
        Some(format) => foreign::converted(app, &format, path, &job)?,
    };
    let opened = Arc::new(opened);
    if let (Ok(mut kept), Some(now)) = (app.bundles().0.lock(), now) {
        kept.retain(|(known, _, _)| known != path);
        kept.truncate(KEPT - 1);
        kept.insert(0, (path.to_owned(), now, opened.clone()));
    }
    Ok(opened)
}

/// The content of an open bundle.
///
/// # Errors
/// When its files cannot be understood.
pub(crate) fn state(app: &App, opened: &OpenedBundle) -> Result<State> {
    Ok(opened.state(&|kind| app.connector(kind).ok())?)
}

/// A bundle as a row of a list of snapshots.
pub(crate) fn row(opened: &OpenedBundle) -> SnapshotRow {
    let bundle = opened.bundle();
    let meta = bundle.meta();
    SnapshotRow {
        id: format!("{PREFIX}{}", opened.path().display()),
        vault: String::new(),
        time: meta.started,
        source: meta.source_name.clone(),
        source_id: Some(meta.source_id.clone()),
        verdict: Some(if meta.gaps.is_empty() {
            meta.verdict
        } else {
            Verdict::Partial
        }),
        host: String::new(),
        tags: Vec::new(),
        safety: false,
        pin: None,
        bytes: Some(bundle.unpacked()),
        stored: Some(bundle.length()),
    }
}
