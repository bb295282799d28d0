//! Where a snapshot could be restored to: what the wizard's step *where* offers.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use backstay_journal::Source as SourceRecord;
use backstay_model::TargetSpec;
use backstay_source::Connector;
use chrono::{DateTime, Local, Utc};

use super::{Command, elsewhere, origin::Origin, target};
use crate::{
    App, Context, Result,
    commands::setup::{self, root},
    types::{TargetSource, TargetsReply, TargetsRequest},
};

/// Places tried before giving up to find a free one.
const TRIED: u32 = 1000;

/// Says where a snapshot could be restored to.
pub struct Targets;

impl Command for Targets {
    const NAME: &'static str = "restore.targets";
    type Request = TargetsRequest;
    type Reply = TargetsReply;
    fn run(app: &App, context: &Context<'_>, request: TargetsRequest) -> Result<TargetsReply> {
        let found = Origin::find(app, context, &request.at)?;
        let (name, time) = match &found {
            Origin::Snapshot(snapshot) => (found.shown(app), snapshot.snapshot.time),
            Origin::Bundle(opened) => (found.shown(app), opened.bundle().meta().started),
        };
        let kind = elsewhere::kind_of(app, &found)?;
        let connector = app.connector(&kind).ok();
        let named_places = connector.as_deref().is_some_and(setup::names_places);
        let suggested = if named_places {
            format!("*-restored-{}", time.with_timezone(&Local).format("%Y%m%d"))
        } else {
            free_place(&documents().join("Restored"), &name, time)
        };
        let spec = TargetSpec::New(suggested.clone());
        let can_write = |spec: &TargetSpec| target(app, &found, spec, &BTreeMap::new());
        let (origin, no_in_place) = match app.journal().sources().get(found.label()) {
            Ok(row) => {
                let why = can_write(&TargetSpec::InPlace).err().map(|error| error.message);
                (app.connector(&row.kind).ok().and_then(|kind| place_of(&*kind, &row)), why)
            }
            Err(_) => (None, Some(format!("the source {name:?} is not set up here"))),
        };
        let place = if no_in_place.is_none() { &TargetSpec::InPlace } else { &spec };
        let capabilities = can_write(place).ok().map(|target| target.source.capabilities());
        let cannot_write = capabilities.as_ref().is_some_and(|can| !can.create && !can.update);
        Ok(TargetsReply {
            suggested,
            origin,
            no_in_place: no_in_place.or_else(|| cannot_write.then(|| format!("{name:?} can only be read, not written"))),
            capabilities,
            sources: sources(app, &kind, found.label())?,
            options: connector
                .as_deref()
                .map(|connector| setup::option_rows(connector.restore_options()))
                .unwrap_or_default(),
            kind,
            named_places,
        })
    }
}

/// The sources of a kind that are set up here.
fn sources(app: &App, kind: &str, origin: &str) -> Result<Vec<TargetSource>> {
    let connector = app.connector(kind).ok();
    let rows = app.journal().sources().list()?.into_iter().filter(|row| row.kind == kind);
    let told = rows.map(|row| {
        let (capabilities, problem) = match app.open_source(&row) {
            Ok(source) => (Some(source.capabilities()), None),
            Err(error) => (None, Some(error.message)),
        };
        let read_only = capabilities.as_ref().is_some_and(|can| !can.create && !can.update);
        TargetSource {
            place: connector.as_deref().and_then(|connector| place_of(connector, &row)),
            origin: row.id == origin,
            problem: problem.or_else(|| read_only.then(|| format!("{:?} can only be read, not written", row.name))),
            name: row.name,
            capabilities,
        }
    });
    Ok(told.collect())
}

/// Where a source lies, for people: its path, else the first setting it cannot be without.
pub(super) fn place_of(connector: &dyn Connector, row: &SourceRecord) -> Option<String> {
    let options = row.config.value().ok()?;
    if let Some(path) = root(connector, &options) {
        return Some(path.display().to_string());
    }
    let first = connector.options().iter().find(|spec| spec.required && !spec.secret)?;
    Some(options.get(first.name)?.as_str()?.to_owned())
}

/// The person's folder for documents, else the home directory, else the one for temporary files.
fn documents() -> PathBuf {
    let home = dirs::document_dir().filter(|dir| dir.is_dir()).or_else(dirs::home_dir);
    home.filter(|dir| dir.is_dir()).unwrap_or_else(std::env::temp_dir)
}

/// A path below `folder` where nothing lies. It ends with a slash: a folder is meant, also where the source is one file.
fn free_place(folder: &Path, name: &str, time: DateTime<Utc>) -> String {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ') {
                c
            } else {
                '_'
            }
        })
        .collect();
    let base = format!(
        "{} {}",
        safe.trim_start_matches('.'),
        time.with_timezone(&Local).format("%Y-%m-%d %H.%M")
    );
    let numbered = (2..TRIED).map(|n| folder.join(format!("{base} ({n})")));
    let free = std::iter::once(folder.join(&base))
        .chain(numbered)
        .find(|path| !path.exists());
    format!("{}/", free.unwrap_or_else(|| folder.join(&base)).display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_place_is_free_and_a_single_folder() {
        let dir = tempfile::tempdir().unwrap();
        let time = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let first = free_place(dir.path(), "../a/b", time);
        assert_eq!(Path::new(&first).parent(), Some(dir.path()), "{first}");
        std::fs::create_dir(&first).unwrap();
        let second = free_place(dir.path(), "../a/b", time);
        assert!(second != first && second.ends_with("(2)/"), "{second}");
    }
}
