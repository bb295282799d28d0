//! Opening a bundle as a [`State`].

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use backstay_bundle::{Bundle, BundleError, CHECKSUMS, Limits, MANIFEST, METADATA, Manifest};
use backstay_model::Stage;
use backstay_records::RunStore;
use backstay_source::{Connector, FileView};

use super::{
    assets::BundleAssets,
    collection::{broken, describe, description_path, index, records_path},
    files::BundleFiles,
    spill::Spill,
};
use crate::{EngineError, Job, Meter, Result, RunsView, State};

/// Directories of a bundle whose files speak for themselves.
pub(super) const EXTRAS: [&str; 3] = ["assets", "pages", "blocks"];

/// A bundle whose records are indexed and whose list of files fits what lies in it. Files are verified when they are read.
pub struct OpenedBundle {
    bundle: Arc<Bundle>,
    list: Option<Arc<Manifest>>,
    runs: Arc<dyn RunStore>,
    /// The file of another program it was converted from: its path and what tells it from another.
    stands_for: Option<(PathBuf, String)>,
}

impl OpenedBundle {
    /// Opens the bundle at `path`. All its records are read once, into a temporary file; memory does not grow with them.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn open(path: &Path, limits: &Limits, job: &Job<'_>) -> Result<Self> {
        let bundle = Bundle::open(path, limits)?;
        let stop = job.cancel.flag();
        let meter = Meter::new(job.reporter);
        let records = bundle.meta().collections.iter().map(|c| c.records).sum();
        meter.stage(Stage::Preparing, Some(records), None);
        let list = Manifest::open(&bundle, Some(&stop))?.map(Arc::new);
        let spill = Spill::new().map_err(EngineError::Temp)?;
        let mut known = vec![METADATA.to_owned(), CHECKSUMS.to_owned(), MANIFEST.to_owned()];
        for summary in &bundle.meta().collections {
            let described = describe(&bundle, summary)?;
            if known.contains(&description_path(&summary.slug)) {
                return Err(broken(METADATA, 1, "it names a collection twice"));
            }
            index(&bundle, &described, &spill, &stop, &meter)?;
            known.extend([description_path(&summary.slug), records_path(&summary.slug)]);
        }
        known.sort();
        let stray = bundle.below("").find(|entry| {
            let top = entry.name.split('/').next().unwrap_or_default();
            top != backstay_bundle::FILES
                && !(EXTRAS.contains(&top) && entry.name != top)
                && known.binary_search_by(|name| name.as_str().cmp(entry.name)).is_err()
        });
        if let Some(stray) = stray {
            return Err(BundleError::Unlisted {
                entry: stray.name.to_owned(),
            }
            .into());
        }
        Ok(Self {
            bundle: Arc::new(bundle),
            list,
            runs: Arc::new(spill),
            stands_for: None,
        })
    }

    /// Says that the bundle was converted from the file at `path`, which has this identity: people know that one.
    #[must_use]
    pub fn standing_for(mut self, path: PathBuf, identity: String) -> Self {
        self.stands_for = Some((path, identity));
        self
    }

    /// Where the bundle lies, or the file it was converted from.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.stands_for.as_ref().map_or_else(|| self.bundle.path(), |(path, _)| path)
    }

    /// Names its content: of the bundle, or of the file it was converted from.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.stands_for
            .as_ref()
            .map_or_else(|| self.bundle.identity(), |(_, identity)| identity)
    }

    /// The container.
    #[must_use]
    pub fn bundle(&self) -> &Arc<Bundle> {
        &self.bundle
    }

    /// What it holds, as the words of a snapshot. `connector` finds the connector of a kind of source, for records that are
    /// derived from files.
    ///
    /// # Errors
    /// When its files cannot be understood.
    pub fn state(&self, connector: &dyn Fn(&str) -> Option<Arc<dyn Connector>>) -> Result<State> {
        let meta = self.bundle.meta();
        let connector = connector(&meta.source_kind);
        let runs = RunsView::open(&self.runs)?.with_assets(Arc::new(BundleAssets(self.bundle.clone())));
        let files: Option<Arc<dyn FileView>> = self.list.as_ref().map(|list| {
            let files = BundleFiles::new(self.bundle.clone(), list.clone(), connector.clone());
            Arc::new(files) as Arc<dyn FileView>
        });
        let derived = match (&connector, &files) {
            (Some(connector), Some(files)) => connector.stored_records(files.clone(), meta)?,
            _ => None,
        };
        Ok(State {
            meta: Some(meta.clone()),
            stored: (!runs.is_empty()).then_some(runs),
            derived,
            files,
        })
    }

    /// Reads every file and compares it with its checksum; gives the names of those that do not fit to `wrong`.
    ///
    /// # Errors
    /// When the job is cancelled, or the bundle can no longer be read at all.
    pub fn verify(bundle: &Bundle, job: &Job<'_>, wrong: &mut dyn FnMut(&str, &BundleError)) -> Result<()> {
        let stop = job.cancel.flag();
        let meter = Meter::new(job.reporter);
        let files = bundle.below("").count() as u64;
        meter.stage(Stage::Verifying, Some(files), Some(bundle.unpacked()));
        for entry in bundle.below("") {
            job.cancel.check()?;
            let checked = bundle.stream(entry.name, Some(&stop), &mut |bytes| {
                meter.add(0, bytes.len() as u64, entry.name);
                Ok(())
            });
            match checked {
                Ok(()) => {}
                Err(BundleError::Cancelled) => return Err(BundleError::Cancelled.into()),
                Err(error) => wrong(entry.name, &error),
            }
            meter.add(1, 0, entry.name);
        }
        Ok(())
    }
}
