//! Files of other programs: told by their content through the connectors, and converted into bundles that are kept for a while.
//!
//! A converted file lies in `cache/converted` of the home, named after the SHA-256 of the file and its name (which names what is in
//! it). Whatever was not used for a week goes, and the longest unused before that when all together take more than the caches may.

use std::{
    fs::{self, File, FileTimes},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, TryLockError},
    time::{Duration, SystemTime},
};

use backstay_engine::{
    EngineError, Job,
    bundle::{ConvertInput, ForeignFacts, Limits, OpenedBundle, RESERVE, convert, file_identity},
};
use backstay_model::{ContentHash, ErrorKind};
use backstay_source::{Connector, ForeignFormat};

use crate::{ApiError, App, Result, types::ForeignInfo};

/// Converted files that were not used for so long are removed.
const UNUSED: Duration = Duration::from_secs(7 * 24 * 3600);
/// Bytes they may take when the settings cannot be read.
const LIMIT: u64 = 1 << 30;
/// Digits of the hash of a file's name.
const NAME_DIGITS: usize = 8;
/// A call that waits for another one looks this often whether it was cancelled.
const LOOK: Duration = Duration::from_millis(50);

/// One conversion at a time in this process: the second to ask for a file finds it made.
static MAKING: Mutex<()> = Mutex::new(());

/// A file of another program, and who reads it.
pub(crate) struct Recognised<'a> {
    pub(crate) connector: &'a dyn Connector,
    pub(crate) format: &'static ForeignFormat,
}

impl Recognised<'_> {
    /// What people and the window are told about it; `notes` are known once it was read.
    pub(crate) fn info(&self, notes: Vec<String>) -> ForeignInfo {
        ForeignInfo {
            format: self.format.name.to_owned(),
            title: self.format.title.to_owned(),
            kind: self.connector.kind().to_owned(),
            kind_title: self.connector.title().to_owned(),
            notes,
        }
    }
}

/// Looks at the beginning of a file; `None` when it is no connector's.
pub(crate) fn recognise<'a>(app: &'a App, path: &Path) -> Option<Recognised<'a>> {
    app.each_connector().find_map(|connector| {
        let format = connector.foreign()?.recognise(path)?;
        Some(Recognised { connector, format })
    })
}

/// What an open bundle was before it was converted.
pub(crate) fn info(app: &App, opened: &OpenedBundle) -> Option<ForeignInfo> {
    let meta = opened.bundle().meta();
    let facts = ForeignFacts::of(meta)?;
    let kind = app.each_connector().find(|connector| connector.kind() == meta.source_kind);
    Some(ForeignInfo {
        format: facts.format,
        title: facts.title,
        kind: meta.source_kind.clone(),
        kind_title: kind.map_or_else(|| meta.source_kind.clone(), |kind| kind.title().to_owned()),
        notes: facts.notes,
    })
}

/// Opens the bundle a file is converted to, and converts it if that was not done yet.
///
/// # Errors
/// Why the file is refused.
pub(crate) fn converted(app: &App, found: &Recognised<'_>, path: &Path, job: &Job<'_>) -> Result<OpenedBundle> {
    let before = stamp(path);
    let identity = file_identity(path, job)?;
    let directory = app.home().join("cache").join("converted");
    let failed = |error| ApiError::from(backstay_source::SourceError::io(directory.display().to_string(), error));
    fs::create_dir_all(&directory).map_err(failed)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut of_name = ContentHash::of(name.as_bytes()).to_string();
    of_name.truncate(NAME_DIGITS);
    let place = directory.join(format!("{identity}-{of_name}.zip"));
    let _making = wait(job)?;
    let kept = match place.is_file() {
        true => OpenedBundle::open(&place, &Limits::default(), job).ok(),
        false => None,
    };
    job.cancel.check().map_err(EngineError::from)?;
    let opened = match kept {
        Some(opened) => opened,
        // A cache that is damaged is made again.
        None => {
            sweep(app, &directory, None);
            let input = ConvertInput {
                path,
                format: found.format,
                connector: found.connector,
                identity: &identity,
                to: &place,
                reserve: RESERVE,
            };
            convert(&input, job)?;
            // What was converted must be what the identity is of.
            if stamp(path) != before {
                let _ = fs::remove_file(&place);
                let message = format!("{} changed while it was being read. Nothing of it was taken", path.display());
                return Err(ApiError::new(ErrorKind::Changed, message).hint("Try again."));
            }
            OpenedBundle::open(&place, &Limits::default(), job)?
        }
    };
    used(&place);
    sweep(app, &directory, Some(&place));
    Ok(opened.standing_for(path.to_owned(), identity))
}

/// Size and time of a file: what tells whether somebody writes to it.
fn stamp(path: &Path) -> Option<(u64, Option<SystemTime>)> {
    let about = fs::metadata(path).ok()?;
    Some((about.len(), about.modified().ok()))
}

fn wait(job: &Job<'_>) -> Result<MutexGuard<'static, ()>> {
    loop {
        match MAKING.try_lock() {
            Ok(guard) => return Ok(guard),
            Err(TryLockError::Poisoned(broken)) => return Ok(broken.into_inner()),
            Err(TryLockError::WouldBlock) => {}
        }
        job.cancel.check().map_err(EngineError::from)?;
        std::thread::sleep(LOOK);
    }
}

/// Notes that a converted file was used now, by the time of its last reading: a bundle whose time of change moves counts as changed.
fn used(place: &Path) {
    if let Ok(file) = File::options().append(true).open(place) {
        let _ = file.set_times(FileTimes::new().set_accessed(SystemTime::now()));
    }
}

/// Removes converted files that nobody used for long, what killed programs left, and the longest unused where there are too many.
/// What cannot be removed stays: it is in nobody's way.
fn sweep(app: &App, directory: &Path, keep: Option<&Path>) {
    let limit = app.settings().map_or(LIMIT, |settings| settings.cache_limit);
    let Ok(entries) = fs::read_dir(directory) else { return };
    let mut found: Vec<(SystemTime, u64, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((meta.accessed().unwrap_or(SystemTime::UNIX_EPOCH), meta.len(), entry.path()))
        })
        .collect();
    found.sort_by_key(|(time, ..)| std::cmp::Reverse(*time));
    let mut total = 0_u64;
    for (time, bytes, path) in found {
        if keep == Some(path.as_path()) {
            total = total.saturating_add(bytes);
            continue;
        }
        let partial = path.extension().is_some_and(|ending| ending == "partial");
        // One in use is locked, and the lock dies with its process.
        let left = partial && File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
        let old = SystemTime::now().duration_since(time).is_ok_and(|age| age > UNUSED);
        let over = !partial && total.saturating_add(bytes) > limit;
        if left || (!partial && (old || over)) {
            let _ = fs::remove_file(&path);
        } else {
            total = total.saturating_add(bytes);
        }
    }
}
