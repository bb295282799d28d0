//! A backup run: every database that changed becomes a file of the snapshot, several side by side.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use backstay_model::{ErrorKind, Gap, RawJson, WorkspaceMeta};
use backstay_source::{Cancel, FileHint, Outcome, Sink, SourceError};
use chrono::Utc;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::{
    files::unescaped,
    image::{Image, Reading},
};
use crate::{
    client::Print,
    config::Config,
    convert::{directory_entry, file_entry},
    error::{Error, Fact, Result},
    list::{Found, Survey, directories},
};

/// Databases worked on at a time.
const SIDE_BY_SIDE: usize = 3;
/// Size of the blocks databases should be cut into, unless their pages are larger. Measured: see QUIRKS.md, "Blocks".
const BLOCK: u32 = 32 * 1024;

/// What the next run needs to know of this one.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Cursor {
    /// The source is a folder: collections are named after files.
    folder: bool,
    databases: BTreeMap<String, Saved>,
}

/// One database as it was saved.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    print: Print,
    meta: WorkspaceMeta,
    /// It is the current state file of its LiveStore.
    #[serde(default)]
    current: bool,
}

/// Why a database is not in the snapshot.
enum Failed {
    /// It has a fault of its own: the others go on.
    Alone(SourceError),
    /// Nothing can go on.
    All(SourceError),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::Cancelled => Self::All(error.into()),
            _ => Self::Alone(error.into()),
        }
    }
}

/// A run.
pub struct Run<'a> {
    config: &'a Config,
    sink: &'a dyn Sink,
    before: Cursor,
    survey: Survey,
    done: Mutex<Vec<(usize, Saved)>>,
    failed: Mutex<Vec<(usize, SourceError)>>,
    stop: Cancel,
}

impl<'a> Run<'a> {
    /// Looks at what there is.
    ///
    /// # Errors
    /// When the source's path cannot be read.
    pub fn new(config: &'a Config, cursor: Option<&RawJson>, sink: &'a dyn Sink) -> Result<Self> {
        // A cursor of another version is as good as none: everything is read again.
        let before: Cursor = cursor
            .and_then(|c| serde_json::from_slice(c.as_bytes()).ok())
            .unwrap_or_default();
        let known = |files: &[&Found]| {
            let saved: Vec<&Saved> = files.iter().map(|f| unchanged(&before, f)).collect::<Option<_>>()?;
            saved.iter().position(|s| s.current)
        };
        let survey = Survey::take(config, sink.cancel(), known)?;
        Ok(Self {
            config,
            sink,
            before,
            survey,
            done: Mutex::default(),
            failed: Mutex::default(),
            stop: sink.cancel().clone(),
        })
    }

    /// Works through everything.
    ///
    /// # Errors
    /// When the sink fails, the job is cancelled, or there is not one database that could be saved though there are some.
    pub fn go(self) -> backstay_source::Result<Outcome> {
        let found = &self.survey.listing.found;
        let bytes = found
            .iter()
            .filter_map(|f| std::fs::metadata(&f.path).ok())
            .map(|m| m.len())
            .sum();
        self.sink.total(Some(found.len() as u64), Some(bytes));
        let dirs = directories(found.iter().map(|f| f.rel.as_str()));
        for dir in &dirs {
            let entry = directory_entry(dir, &self.config.path.join(unescaped(dir)))?;
            self.sink
                .file(&entry, FileHint::Plain, &mut || Ok(Box::new(std::io::empty())))?;
        }
        self.side_by_side(&self.units())?;
        for dir in dirs.iter().rev() {
            self.sink.leave_directory(dir)?;
        }
        self.finish()
    }

    /// What has to be of one moment: the event log and the current state of a LiveStore; else every file by itself.
    fn units(&self) -> Vec<Vec<usize>> {
        let mut units = Vec::new();
        let mut paired = vec![false; self.survey.listing.found.len()];
        for (store, current) in &self.survey.stores {
            if let Some(state) = *current {
                paired[store.eventlog] = true;
                paired[state] = true;
                units.push(vec![store.eventlog, state]);
            }
        }
        units.extend(paired.iter().enumerate().filter(|(_, p)| !**p).map(|(at, _)| vec![at]));
        units
    }

    fn side_by_side(&self, units: &[Vec<usize>]) -> backstay_source::Result<()> {
        let next = AtomicUsize::new(0);
        let fatal: Mutex<Option<SourceError>> = Mutex::default();
        thread::scope(|scope| {
            for _ in 0..SIDE_BY_SIDE.min(units.len()) {
                scope.spawn(|| {
                    while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if fatal.lock().is_some() {
                            return;
                        }
                        match self.unit(unit) {
                            Ok(()) => {}
                            Err(Failed::Alone(error)) => self.failed.lock().push((unit[0], error)),
                            Err(Failed::All(error)) => {
                                fatal.lock().get_or_insert(error);
                            }
                        }
                    }
                });
            }
        });
        fatal.into_inner().map_or(Ok(()), Err)
    }

    fn unit(&self, unit: &[usize]) -> std::result::Result<(), Failed> {
        self.stop.check().map_err(Failed::All)?;
        let mut changed = Vec::new();
        for at in unit {
            if !self.keep(*at)? {
                changed.push(*at);
            }
        }
        match changed[..] {
            [] => Ok(()),
            [one] => self.single(one),
            [first, second, ..] => self.pair([first, second]),
        }
    }

    /// Takes an unchanged database over from the previous snapshot.
    fn keep(&self, at: usize) -> std::result::Result<bool, Failed> {
        let found = &self.survey.listing.found[at];
        let Some(saved) = unchanged(&self.before, found) else {
            return Ok(false);
        };
        if !self.sink.keep(&found.rel).map_err(Failed::All)? {
            return Ok(false);
        }
        let mut saved = saved.clone();
        saved.meta.backup_type = "unchanged".to_owned();
        self.saved(at, saved);
        Ok(true)
    }

    fn single(&self, at: usize) -> std::result::Result<(), Failed> {
        let path = &self.survey.listing.found[at].path;
        let image = self.reading().image(path)?;
        if self.offer(at, &image)? {
            return Ok(());
        }
        // It was written to while it was read in place: now from a copy.
        let image = self.reading().copied(path)?;
        if self.offer(at, &image)? {
            return Ok(());
        }
        Err(Fact::KeptChanging.at(path).into())
    }

    /// Event log and state: copied while both are kept from writers.
    fn pair(&self, pair: [usize; 2]) -> std::result::Result<(), Failed> {
        let found = pair.map(|at| &self.survey.listing.found[at]);
        let paths = found.map(|f| f.path.as_path());
        let images = match self.reading().together(paths, |_, _| false) {
            Ok(images) => images,
            // One of the two is at fault (or cannot be locked where it lies): each for itself, so that a sound one is saved.
            Err(e) if e.kind() != ErrorKind::Cancelled => {
                tracing::warn!(error = %e, "event log and state could not be copied together");
                self.sink.gap(apart(found[0], &e));
                for at in pair {
                    match self.single(at) {
                        Err(Failed::Alone(error)) => self.failed.lock().push((at, error)),
                        other => other?,
                    }
                }
                return Ok(());
            }
            Err(e) => return Err(e.into()),
        };
        for (at, image) in pair.into_iter().zip(images) {
            let Some(image) = image else { continue };
            if !self.offer(at, &image)? {
                return Err(Fact::KeptChanging.at(&self.survey.listing.found[at].path).into());
            }
        }
        Ok(())
    }

    /// Gives an image to the sink; `false` when its bytes moved meanwhile.
    fn offer(&self, at: usize, image: &Image) -> std::result::Result<bool, Failed> {
        let found = &self.survey.listing.found[at];
        let entry = file_entry(&found.rel, &found.path, image.size, &image.print)?;
        let outcome = Mutex::new(None);
        let mut opened_badly = None;
        let mut open = || match image.stream(&found.path) {
            Ok(stream) => {
                *outcome.lock() = Some(stream.outcome());
                Ok(Box::new(stream) as Box<dyn std::io::Read + Send>)
            }
            Err(e) => {
                opened_badly = Some(());
                Err(SourceError::from(e))
            }
        };
        let hint = FileHint::Pages(BLOCK.max(image.header.page_size));
        let timestamp = Utc::now();
        let given = self.sink.file(&entry, hint, &mut open);
        let outcome = outcome.into_inner();
        let moved = outcome.as_ref().is_some_and(|o| o.lock().moved);
        match given {
            Err(_) if moved => return Ok(false),
            Err(e) if opened_badly.is_some() => return Err(Failed::Alone(e)),
            Err(e) => return Err(Failed::All(e)),
            Ok(_) => {}
        }
        let digest = outcome.and_then(|o| o.lock().sha256);
        let Some(digest) = digest else {
            let subject = found.rel.clone();
            let error = SourceError::new(ErrorKind::Internal, subject, "was not read to its end by the sink");
            return Err(Failed::All(error));
        };
        let meta = self.meta(at, image, timestamp, digest);
        let saved = Saved {
            print: image.print.clone(),
            meta,
            current: self.survey.stores.iter().any(|(_, current)| *current == Some(at)),
        };
        self.saved(at, saved);
        Ok(true)
    }

    fn meta(&self, at: usize, image: &Image, timestamp: chrono::DateTime<Utc>, digest: [u8; 32]) -> WorkspaceMeta {
        let store = self.survey.store_of();
        let version = store.get(&at).map(|s| s.version.clone());
        WorkspaceMeta {
            instance_id: self.survey.names[at].instance.clone(),
            user_id: self.config.user_id.clone(),
            timestamp,
            database_size: image.size,
            backup_type: "full".to_owned(),
            version: version.unwrap_or_else(|| image.header.user_version.to_string()),
            checksum: format!("sha256:{}", hex::encode(digest)),
            path: self.survey.listing.found[at].rel.clone(),
        }
    }

    fn saved(&self, at: usize, saved: Saved) {
        self.sink.workspace(saved.meta.clone());
        self.done.lock().push((at, saved));
    }

    fn reading(&self) -> Reading<'_> {
        Reading {
            config: self.config,
            cancel: self.sink.cancel(),
        }
    }

    fn finish(self) -> backstay_source::Result<Outcome> {
        let failed = self.failed.into_inner();
        let done = self.done.into_inner();
        let found = &self.survey.listing.found;
        // Not one of them could be saved: that is no partial snapshot.
        let folder = self.survey.listing.folder;
        let nothing = done.is_empty() && !found.is_empty();
        let own = failed.iter().map(|(at, error)| Gap {
            subject: found[*at].rel.clone(),
            ..error.to_gap()
        });
        for gap in own.chain(self.survey.listing.gaps.iter().cloned()) {
            self.sink.gap(gap);
        }
        if let Some((_, first)) = failed.into_iter().next().filter(|_| nothing) {
            return Err(first);
        }
        let databases = done.into_iter().map(|(at, saved)| (found[at].rel.clone(), saved)).collect();
        let cursor = RawJson::from_value(&Cursor { folder, databases })
            .map_err(|e| SourceError::new(ErrorKind::Internal, "the cursor", "cannot be written").caused_by(e))?;
        Ok(Outcome {
            cursor: Some(cursor),
            api_version: Some(format!("SQLite {}", rusqlite::version())),
        })
    }
}

/// The saved state of a file, when its fingerprint proves that it still is in that state.
fn unchanged<'a>(before: &'a Cursor, found: &Found) -> Option<&'a Saved> {
    let saved = before.databases.get(&found.rel)?;
    let (now, _) = Print::take(&found.path).ok()?;
    now.proves_unchanged_since(&saved.print).then_some(saved)
}

/// The gap of a LiveStore whose two databases are not of one moment.
fn apart(eventlog: &Found, error: &Error) -> Gap {
    Gap {
        subject: eventlog.rel.clone(),
        kind: ErrorKind::Changed,
        message: format!("event log and state are not of one moment: {error}"),
    }
}
