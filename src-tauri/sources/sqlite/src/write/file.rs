//! Restoring whole files.

use std::{
    collections::BTreeSet,
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use backstay_model::{FileEntry, FileKind};
use backstay_source::{Cancel, Expect, FileWriter, Written};
use chrono::Local;

use super::{beside::free_name, exclusive::Exclusive, incoming::Incoming, place};
use crate::{
    client::open_immutable,
    config::Config,
    error::{Error, Fact, Result},
    list::{Role, progress, role},
};

/// Writes files to their places.
pub struct Files {
    config: Arc<Config>,
    cancel: Cancel,
    /// Event logs that wait for the state file of the same store, so that both take their places together.
    waiting: Vec<(PathBuf, String, Incoming, Exclusive)>,
    touched: BTreeSet<PathBuf>,
}

impl Files {
    /// A writer for the source or target with these settings.
    pub fn new(config: Arc<Config>, cancel: Cancel) -> Self {
        Self {
            config,
            cancel,
            waiting: Vec::new(),
            touched: BTreeSet::new(),
        }
    }

    fn put_one(&mut self, entry: &FileEntry, content: &mut dyn Read, expect: Expect) -> Result<Written> {
        let target = place::of(&self.config, &entry.path)?;
        let incoming = Incoming::take(&target, entry, content, &self.cancel)?;
        // Held until the file is in its place.
        let exclusive = Exclusive::take(&target, expect, &self.cancel)?;
        let folder = place::folder(&target).to_owned();
        self.touched.insert(folder.clone());
        let hash = Some(incoming.hash);
        match role(&entry.path) {
            Some(Role::Eventlog { version }) => self.waiting.push((folder, version, incoming, exclusive)),
            Some(Role::State { version }) => {
                let mate = self.waiting.iter().position(|(f, v, ..)| *f == folder && *v == version);
                match mate.map(|at| self.waiting.remove(at)) {
                    Some((_, _, log, _log_exclusive)) => {
                        // The event log is the truth: should the machine stop between the two, the state is behind, and is caught up
                        // with by the store itself or by resuming.
                        log.place()?;
                    }
                    None => not_ahead_of_its_log(&incoming, &folder, &version)?,
                }
                incoming.place()?;
            }
            None => {
                incoming.place()?;
            }
        }
        Ok(Written { new_id: None, hash })
    }

    /// Event logs that were restored without a state file.
    fn place_waiting(&mut self) -> Result<()> {
        for (_, _, log, _exclusive) in self.waiting.drain(..) {
            log.place()?;
        }
        Ok(())
    }

    fn remove_one(&mut self, rel: &str, expect: Expect) -> Result<Written> {
        let target = place::of(&self.config, rel)?;
        let io = |e| Error::io(target.display().to_string(), e);
        if target.is_dir() {
            fs::remove_dir(&target).map_err(io)?;
        } else {
            let _exclusive = Exclusive::take(&target, expect, &self.cancel)?;
            for suffix in ["-wal", "-shm", "-journal", ""] {
                place::remove_if_there(&crate::client::side(&target, suffix))?;
            }
        }
        self.touched.insert(place::folder(&target).to_owned());
        Ok(Written::default())
    }
}

/// A state that has seen events its log does not have would be taken for damaged by the store.
fn not_ahead_of_its_log(state: &Incoming, folder: &Path, version: &str) -> Result<()> {
    let log = folder.join(format!("eventlog@{version}.db"));
    if !log.exists() {
        return Ok(());
    }
    let (seen, _) = progress(&*open_immutable(state.path())?);
    let newest = open_immutable(&log)?
        .query_row("SELECT max(seqNumGlobal) FROM eventlog", [], |r| r.get::<_, Option<i64>>(0))
        .map_err(|e| Error::sql(log.display().to_string(), e))?;
    if newest.is_none_or(|newest| seen > newest) {
        let why = "is ahead of the event log that lies there: restore the event log with it".to_owned();
        return Err(Fact::Refused { why }.at(&state.target));
    }
    Ok(())
}

impl FileWriter for Files {
    fn put(&mut self, entry: &FileEntry, content: &mut dyn Read, expect: Expect) -> backstay_source::Result<Written> {
        match &entry.kind {
            FileKind::File => Ok(self.put_one(entry, content, expect)?),
            FileKind::Directory => {
                if !self.config.single() {
                    let path = place::of(&self.config, &entry.path)?;
                    fs::create_dir_all(&path).map_err(|e| Error::io(path.display().to_string(), e))?;
                }
                Ok(Written::default())
            }
            FileKind::Symlink(_) | FileKind::Other => {
                let why = "is no database: only databases are restored here".to_owned();
                Err(Fact::Unsupported { why }.on(entry.path.clone()).into())
            }
        }
    }

    fn put_beside(&mut self, entry: &FileEntry, content: &mut dyn Read) -> backstay_source::Result<Written> {
        let target = free_name(&place::of(&self.config, &entry.path)?, Local::now());
        let incoming = Incoming::take(&target, entry, content, &self.cancel)?;
        let hash = incoming.place()?;
        self.touched.insert(place::folder(&target).to_owned());
        let name = FileEntry::escape(target.file_name().unwrap_or_default().as_encoded_bytes());
        let rel = match entry.path.rsplit_once('/') {
            Some((dir, _)) => format!("{dir}/{name}"),
            None => name,
        };
        Ok(Written {
            new_id: Some(rel),
            hash: Some(hash),
        })
    }

    fn remove(&mut self, path: &str, expect: Expect) -> backstay_source::Result<Written> {
        Ok(self.remove_one(path, expect)?)
    }

    fn finish(&mut self) -> backstay_source::Result<()> {
        self.place_waiting()?;
        for folder in &self.touched {
            place::sync_folder(folder)?;
        }
        Ok(())
    }
}
