//! Where a restore goes when it does not go back: another source of the same kind, a new name, a new path; and how it is to be written
//! there.

use std::collections::BTreeMap;

use backstay_journal::Source as SourceRecord;
use backstay_model::{ErrorKind, SourcePlace, TargetSpec};
use backstay_source::Connector;

use super::origin::Origin;
use crate::{ApiError, App, Result, commands::setup};

/// Kind of source the content is of; what says nothing about itself is a folder.
pub(super) fn kind_of(app: &App, found: &Origin) -> Result<String> {
    if let Ok(row) = app.journal().sources().get(found.label()) {
        return Ok(row.kind);
    }
    let meta = found.open(app)?.meta;
    Ok(meta.map_or_else(|| "folder".to_owned(), |meta| meta.source_kind))
}

/// The other source a restore goes into.
pub(super) fn row(app: &App, found: &Origin, other: &SourcePlace) -> Result<SourceRecord> {
    let row = app.journal().sources().get(&other.source)?;
    let kind = kind_of(app, found)?;
    if row.kind == kind {
        return Ok(row);
    }
    let text = format!(
        "{:?} is a source of kind {:?}, and this is a backup of kind {kind:?}; nothing was written",
        row.name, row.kind
    );
    Err(ApiError::new(ErrorKind::Usage, text).hint(format!(
        "Name a source of kind {kind:?}, or restore into a new place with --to."
    )))
}

/// The place in the other source, as that source sees it.
pub(super) fn inner(other: &SourcePlace) -> TargetSpec {
    other.place.clone().map_or(TargetSpec::InPlace, TargetSpec::New)
}

/// The target as a plan keeps it: a path made absolute, because a plan may be run from elsewhere; and the source the content came from is
/// not another source.
pub(super) fn settled(app: &App, found: &Origin, spec: &TargetSpec) -> Result<TargetSpec> {
    let spec = match spec {
        TargetSpec::Source(other) => {
            let row = row(app, found, other)?;
            if row.id == found.label() {
                inner(other)
            } else {
                return Ok(TargetSpec::Source(SourcePlace {
                    source: row.name,
                    place: other
                        .place
                        .as_deref()
                        .map(|place| placed(app, &row.kind, place))
                        .transpose()?,
                }));
            }
        }
        other => other.clone(),
    };
    match spec {
        TargetSpec::New(place) => Ok(TargetSpec::New(placed(app, &kind_of(app, found)?, &place)?)),
        other => Ok(other),
    }
}

/// A place in the words of a kind. Where places are names, a name is a name.
fn placed(app: &App, kind: &str, place: &str) -> Result<String> {
    if setup::names_places(&*app.connector(kind)?) {
        return Ok(place.to_owned());
    }
    let full = std::path::absolute(place)
        .map_err(|error| ApiError::new(ErrorKind::Usage, format!("{place:?} is not a path: {error}")))?;
    // A slash at the end says that a directory is meant, and gets lost otherwise.
    let slash = if place.ends_with('/') { "/" } else { "" };
    Ok(format!("{}{slash}", full.display().to_string().trim_end_matches('/')))
}

/// Whether a restore into this kind of source can be told so.
pub(super) fn check_options(connector: &dyn Connector, options: &BTreeMap<String, String>) -> Result<()> {
    let known = connector.restore_options();
    for (name, value) in options {
        let usage = |text: String| ApiError::new(ErrorKind::Usage, format!("{text}; nothing was written"));
        let Some(spec) = known.iter().find(|spec| spec.name == name) else {
            let names: Vec<&str> = known.iter().map(|spec| spec.name).collect();
            let text = format!("a restore into {} has no option {name:?}", connector.title());
            return Err(usage(text).hint(if names.is_empty() {
                "It has none.".to_owned()
            } else {
                format!("Options: {}.", names.join(", "))
            }));
        };
        let fits = match (spec.flag, spec.choices) {
            (true, _) => matches!(value.as_str(), "true" | "false"),
            (false, []) => true,
            (false, choices) => choices.contains(&value.as_str()),
        };
        if !fits {
            let hint = match (spec.flag, spec.choices) {
                (true, _) => "It is a switch: true or false.".to_owned(),
                (false, choices) => format!("It can be: {}.", choices.join(", ")),
            };
            return Err(usage(format!("{value:?} is no value of the restore option {name:?}")).hint(hint));
        }
    }
    Ok(())
}
