//! Opening the rows of a source: of its living databases, and of those stored in a snapshot.

use std::{io::Seek, path::Path, sync::Arc};

use backstay_model::{FileKind, SnapshotMeta};
use backstay_source::{Cancel, FileView, ReadSeek};

use super::{
    image::Reading,
    private,
    rows::{Database, Opener, Place, Rows},
};
use crate::{
    client::{Print, open_immutable, read_transaction},
    config::Config,
    error::{Fact, Result},
    list::{Survey, name_all, newest_state, progress, stores},
};

/// The rows of the living databases; none when the path does not exist.
///
/// # Errors
/// When the source's path cannot be read.
pub fn live(config: &Arc<Config>, cancel: &Cancel) -> Result<Rows> {
    let survey = match Survey::take(config, cancel, |_| None) {
        Err(e) if matches!(e.fact, Fact::Missing) => Survey::default(),
        other => other?,
    };
    let places = survey.listing.found.iter().zip(&survey.names).map(|(found, naming)| {
        let (config, cancel, path) = (config.clone(), cancel.clone(), found.path.clone());
        Place::new(
            naming.prefix.clone(),
            found.rel.clone(),
            Arc::new(move || open_live(&config, &cancel, &path)),
        )
    });
    Ok(Rows::new(places.collect(), survey.listing.folder))
}

/// Opens a living database for reading rows, without leaving a trace beside it.
fn open_live(config: &Config, cancel: &Cancel, path: &Path) -> Result<Database> {
    let subject = path.display().to_string();
    let (print, header) = Print::take(path)?;
    if header.wal && print.wal.is_none() {
        // At rest in WAL mode: opening it the usual way would create a log.
        return Database::at_rest(open_immutable(path)?, path.to_owned(), print, &subject);
    }
    if !private::needed(path, &print) {
        match read_transaction(path, config.wait, cancel) {
            Ok(live) => return Database::locked(live, &subject),
            Err(e) if private::can_help(&e) => {}
            Err(e) => return Err(e),
        }
    }
    let image = Arc::new(private::image(&Reading { config, cancel }, path)?);
    let opener: Opener = Arc::new(move || {
        let mut file = image.file().map_err(|e| backstay_source::SourceError::io("a copy", e))?;
        file.rewind().map_err(|e| backstay_source::SourceError::io("a copy", e))?;
        Ok(Box::new(file) as Box<dyn ReadSeek>)
    });
    Database::stored(opener, &subject)
}

/// The rows of the databases stored in a snapshot.
///
/// # Errors
/// When the list of files cannot be read.
pub fn stored(files: &Arc<dyn FileView>, meta: &SnapshotMeta) -> Result<Rows> {
    let mut rels = Vec::new();
    for entry in files.walk(None)? {
        let entry = entry?;
        if entry.kind == FileKind::File {
            rels.push(entry.path);
        }
    }
    rels.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    let names: Vec<&str> = rels.iter().map(String::as_str).collect();
    let open = |rel: &str| -> Result<Database> {
        let (files, path) = (files.clone(), rel.to_owned());
        Database::stored(Arc::new(move || files.open(&path)), rel)
    };
    let current: Vec<usize> = stores(&names)
        .iter()
        .filter_map(|store| newest_state(&store.states, |at| open(names[at]).map(|d| d.with(progress))))
        .collect();
    let folder = is_folder(meta, &names);
    let naming = name_all(&names, folder, "", |at| current.contains(&at));
    let places = naming.into_iter().zip(&rels).map(|(naming, rel)| {
        let (files, name) = (files.clone(), rel.clone());
        let open = move || {
            let (files, path) = (files.clone(), name.clone());
            Database::stored(Arc::new(move || files.open(&path)), &name)
        };
        Place::new(naming.prefix, rel.clone(), Arc::new(open))
    });
    Ok(Rows::new(places.collect(), false))
}

/// Whether the snapshot is that of a folder: its cursor says so.
fn is_folder(meta: &SnapshotMeta, names: &[&str]) -> bool {
    let told = meta.cursor.as_ref().and_then(|c| c.value().ok());
    let told = told.and_then(|c| c.get("folder").and_then(serde_json::Value::as_bool));
    told.unwrap_or(names.len() != 1 || names[0].contains('/'))
}
