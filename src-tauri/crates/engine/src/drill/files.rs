//! Bringing back into files: the records of a service as JSON lines, and single rows of databases. Written by the export that
//! people use, opened by the gate that every bundle passes.

use std::collections::HashSet;

use backstay_bundle::{Bundle, BundleError};
use backstay_model::{CollectionKind, ErrorKind, FileEntry, FileKind, Gap, Selection, Stage};
use backstay_vault::{Reader, Snapshot};
use sha2::{Digest, Sha256};

use super::{place::Volume, rows::compare_keys, scratch::Scratch, tally::Tally};
use crate::{
    EngineError, Job, Meter, Result, State,
    bundle::{ExportDone, ExportInput, Format, Limits, OpenedBundle, Origin, Target, export},
    restore::{Ids, pick},
    side_by_side::Side,
};

/// Digits of the hash in the name of an attachment.
const HASH_DIGITS: usize = 64;

/// Everything written into a folder of the scratch place.
pub(super) struct Exported {
    done: ExportDone,
    selection: Selection,
}

impl Exported {
    /// Writes what is selected.
    ///
    /// # Errors
    /// When the snapshot cannot be read or the folder not be written, or the job is cancelled.
    pub(super) fn make(
        reader: &Reader,
        snapshot: &Snapshot,
        backup: &State,
        selection: Selection,
        scratch: &Scratch,
        job: &Job<'_>,
    ) -> Result<Self> {
        let target = Target {
            path: scratch.folder("export")?.join("bundle"),
            format: Format::Directory,
            overwrite: false,
        };
        let input = ExportInput {
            state: backup,
            origin: Origin::Snapshot { reader, snapshot },
            selection: &selection,
            target,
        };
        let done = export(input, job)?;
        Ok(Self { done, selection })
    }

    /// Opens what was written and compares it with the backup.
    ///
    /// # Errors
    /// When it cannot be read as a whole, or the job is cancelled.
    pub(super) fn compare(self, backup: &State, tally: &mut Tally, job: &Job<'_>) -> Result<Volume> {
        let volume = Volume {
            bytes: self.done.finished.bytes,
            files: self.done.files,
            records: self.done.records,
        };
        for gap in self.done.gaps {
            tally.missing(gap);
        }
        let opened = OpenedBundle::open(&self.done.finished.path, &Limits::default(), job)?;
        let found = opened.state(&|_| None)?;
        let picked = pick(backup, &self.selection)?;
        let meter = Meter::new(job.reporter);
        meter.stage(Stage::Verifying, None, None);
        let attached = Attached::of(opened.bundle());
        for (name, ids) in &picked.collections {
            job.cancel.check()?;
            // What the service keeps for its own running is in the export, too.
            if !matches!(backup.collection(name)?.kind, CollectionKind::Table | CollectionKind::Aside) {
                continue;
            }
            if let Err(error) = compare_collection(backup, &found, name, ids, tally, &meter, job) {
                tally.finding(Some(name), error)?;
            }
            if backup.runs(name).is_some()
                && let Err(error) = attached.missing_of(&found, name, tally, job)
            {
                tally.finding(Some(name), error)?;
            }
        }
        if let Some(paths) = &picked.files {
            compare_files(backup, &found, paths, tally, &meter, job)?;
        }
        attachments(opened.bundle(), tally, &meter, job)?;
        Ok(volume)
    }
}

fn compare_collection(
    backup: &State,
    found: &State,
    name: &str,
    ids: &Ids,
    tally: &mut Tally,
    meter: &Meter<'_>,
    job: &Job<'_>,
) -> Result<()> {
    let (Some(left), Some(right)) = (backup.records_of(name)?, found.records_of(name)?) else {
        tally.missing(Gap {
            subject: name.to_owned(),
            kind: ErrorKind::Damaged,
            message: "is not there".to_owned(),
        });
        return Ok(());
    };
    let Ids::Some(ids) = ids else {
        let (left, right) = (Side { view: left, name }, Side { view: right, name });
        return compare_keys(left, right, tally, meter, job);
    };
    for id in ids {
        let (wanted, there) = (left.get(name, id)?, right.get(name, id)?);
        match (wanted, there) {
            (Some(wanted), Some(there)) if wanted.hash == there.hash => tally.same(1),
            (_, None) => tally.differs(&format!("{name}/{id}"), "is not there"),
            _ => tally.differs(&format!("{name}/{id}"), "has other content than the backup"),
        }
    }
    Ok(())
}

fn compare_files(
    backup: &State,
    found: &State,
    paths: &[String],
    tally: &mut Tally,
    meter: &Meter<'_>,
    job: &Job<'_>,
) -> Result<()> {
    let (Some(stored), Some(there)) = (&backup.files, &found.files) else {
        return Ok(());
    };
    let starts: Vec<Option<&str>> = match paths {
        [] => vec![None],
        paths => paths.iter().map(|path| Some(path.as_str())).collect(),
    };
    for start in starts {
        for entry in stored.walk(start)? {
            job.cancel.check()?;
            let entry = entry?;
            meter.add(1, entry.size, &entry.path);
            let same = |other: &FileEntry| -> Result<bool> {
                let alike = other.kind == entry.kind && other.size == entry.size;
                Ok(alike && (entry.kind == FileKind::Directory || stored.identity(&entry)? == there.identity(other)?))
            };
            let other = there.stat(&entry.path)?;
            match other.as_ref().map(same) {
                Some(Ok(true)) => tally.same(1),
                Some(Ok(false)) => tally.differs(&entry.path, "has other content than the backup"),
                Some(Err(error)) => tally.finding(Some(&entry.path), error)?,
                None => tally.missing(Gap {
                    subject: entry.path.clone(),
                    kind: ErrorKind::Damaged,
                    message: "is not there".to_owned(),
                }),
            }
        }
    }
    Ok(())
}

/// The attachments that came back, by their hashes.
struct Attached(HashSet<[u8; 32]>);

impl Attached {
    fn of(bundle: &Bundle) -> Self {
        let hash = |name: &str| {
            let mut hash = [0; 32];
            let digits = name.rsplit('/').next()?.get(..HASH_DIGITS)?;
            hex::decode_to_slice(digits, &mut hash).ok()?;
            Some(hash)
        };
        Self(bundle.below("assets/").filter_map(|entry| hash(entry.name)).collect())
    }

    /// Names attachments that records refer to and that did not come back. One that could not be fetched when the backup was made
    /// is a gap of the backup.
    fn missing_of(&self, found: &State, name: &str, tally: &mut Tally, job: &Job<'_>) -> Result<()> {
        let Some(view) = found.records_of(name)? else { return Ok(()) };
        for record in view.scan(name, None)? {
            job.cancel.check()?;
            let record = record?;
            for asset in &record.assets {
                let mut hash = [0; 32];
                let Some(digits) = &asset.sha256 else { continue };
                if hex::decode_to_slice(digits, &mut hash).is_ok() && self.0.contains(&hash) {
                    continue;
                }
                tally.missing(Gap {
                    subject: format!("{name}/{}: {}", record.id, asset.name),
                    kind: ErrorKind::Damaged,
                    message: "its content is not in the backup".to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// Attachments are named after the hash of their content.
fn attachments(bundle: &Bundle, tally: &mut Tally, meter: &Meter<'_>, job: &Job<'_>) -> Result<()> {
    let stop = job.cancel.flag();
    for entry in bundle.below("assets/") {
        job.cancel.check()?;
        let mut hasher = Sha256::new();
        let read = bundle.stream(entry.name, Some(&stop), &mut |bytes| {
            hasher.update(bytes);
            meter.add(0, bytes.len() as u64, entry.name);
            Ok(())
        });
        match read {
            Ok(()) => {}
            Err(BundleError::Cancelled) => return Err(BundleError::Cancelled.into()),
            Err(error) => {
                tally.finding(Some(entry.name), EngineError::Bundle(error))?;
                continue;
            }
        }
        let name = entry.name.rsplit('/').next().unwrap_or_default();
        match name.get(..HASH_DIGITS) == Some(hex::encode(hasher.finalize()).as_str()) {
            true => tally.same(1),
            false => tally.differs(entry.name, "has other content than its name says"),
        }
    }
    Ok(())
}
