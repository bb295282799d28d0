//! Records with several versions: finding them, and looking at them side by side. Choosing one is a run that can be taken back, and
//! stands with the restores.

use std::sync::Arc;

use backstay_engine::fields_between;
use backstay_journal::Source as SourceRecord;
use backstay_model::{CollectionKind, ContentHash, ErrorKind, RawJson, Record};
use backstay_source::{Conflicts as Finder, Source};
use serde_json::Value;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    types::{ConflictPlace, ConflictRef, ConflictReply, ConflictRow, ConflictVersion, ConflictsReply, ConflictsRequest},
};

/// Records on a page, unless told otherwise.
const PAGE: u64 = 100;
/// Most records on a page.
const MOST: u64 = 1000;

/// Lists records in conflict.
pub struct Conflicts;
/// Shows all versions of a record.
pub struct ConflictShow;

/// A source whose records can have several versions.
pub(super) struct Torn {
    pub(super) row: SourceRecord,
    pub(super) source: Arc<dyn Source>,
}

impl Torn {
    pub(super) fn open(app: &App, name: &str) -> Result<Self> {
        let row = app.journal().sources().get(name)?;
        let source = app.open_source(&row)?;
        Ok(Self { row, source })
    }

    pub(super) fn finder(&self) -> Result<&dyn Finder> {
        self.source.conflicts().ok_or_else(|| {
            let text = format!(
                "{:?}: a record has one version at a time in this kind of source",
                self.row.name
            );
            ApiError::new(ErrorKind::Unsupported, text)
        })
    }

    /// Names the state of a record as it is now, for whoever is to change exactly that. Asked before what is shown, so that a change in
    /// between is noticed later.
    pub(super) fn state(&self, context: &Context<'_>, collection: &str, id: &str) -> Result<ContentHash> {
        let live = self.source.live_records(context.cancel)?;
        let record = live.as_ref().map(|live| live.get(collection, id)).transpose()?.flatten();
        record.map(|record| record.hash).ok_or_else(|| self.gone(collection, id))
    }

    fn gone(&self, collection: &str, id: &str) -> ApiError {
        ApiError::new(
            ErrorKind::NotFound,
            format!("{:?} has no record {collection}/{id}", self.row.name),
        )
    }

    /// All versions of a record, the one the service shows first.
    pub(super) fn versions(&self, collection: &str, id: &str) -> Result<Vec<Record>> {
        let versions = self.finder()?.versions(collection, id)?;
        if versions.is_empty() {
            return Err(self.gone(collection, id));
        }
        Ok(versions)
    }

    /// The content of a version without what belongs to the service.
    pub(super) fn content(&self, version: &Record) -> Result<Value> {
        let broken = |error: serde_json::Error| ApiError::new(ErrorKind::Damaged, format!("{}: {error}", version.id));
        let mut data = version.data.value().map_err(broken)?;
        if let Value::Object(members) = &mut data {
            for name in self.finder()?.own_fields() {
                members.shift_remove(*name);
            }
        }
        Ok(data)
    }
}

/// JSON as a record keeps it.
pub(super) fn raw(value: &Value) -> Result<RawJson> {
    RawJson::from_value(value).map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))
}

impl Command for Conflicts {
    const NAME: &'static str = "conflict.list";
    type Request = ConflictsRequest;
    type Reply = ConflictsReply;
    fn run(app: &App, context: &Context<'_>, request: ConflictsRequest) -> Result<ConflictsReply> {
        let torn = Torn::open(app, &request.source)?;
        let finder = torn.finder()?;
        let limit = usize::try_from(request.limit.unwrap_or(PAGE).clamp(1, MOST)).unwrap_or(usize::MAX);
        let mut reply = ConflictsReply::default();
        let places = places(&torn, context, &request)?;
        let alone = request.collection.is_some();
        for mut place in places {
            loop {
                let left = limit - reply.conflicts.len();
                let page = match finder.list(&place.collection, place.after.as_deref(), left, context.cancel) {
                    Ok(page) => page,
                    Err(error) if alone || error.kind == ErrorKind::Cancelled => return Err(error.into()),
                    // A collection of settings has no versions; anything else is told.
                    Err(error) if error.kind == ErrorKind::Unsupported => break,
                    Err(error) => {
                        reply.gaps.push(error.to_gap());
                        break;
                    }
                };
                reply
                    .conflicts
                    .extend(page.found.into_iter().map(|(record, versions)| ConflictRow {
                        collection: place.collection.clone(),
                        id: record.id,
                        rev: record.rev,
                        changed: record.changed,
                        versions,
                    }));
                let Some(next) = page.next else { break };
                place.after = Some(next);
                if reply.conflicts.len() >= limit {
                    reply.next = Some(place);
                    return Ok(reply);
                }
            }
            if reply.conflicts.len() >= limit {
                // What follows in other collections begins with the next one; the one just read to its end is asked once more.
                reply.next = (!alone).then_some(place);
                return Ok(reply);
            }
        }
        Ok(reply)
    }
}

/// Where to look: the collections from the one an earlier page ended in.
fn places(torn: &Torn, context: &Context<'_>, request: &ConflictsRequest) -> Result<Vec<ConflictPlace>> {
    let after = request.after.clone();
    let from = |collection: String| match &after {
        Some(place) if place.collection == collection => place.clone(),
        _ => ConflictPlace { collection, after: None },
    };
    if let Some(collection) = &request.collection {
        return Ok(vec![from(collection.clone())]);
    }
    let Some(live) = torn.source.live_records(context.cancel)? else {
        return Ok(Vec::new());
    };
    let names = live.collections()?.into_iter().filter_map(|collection| {
        let first = after.as_ref().is_none_or(|place| collection.name >= place.collection);
        (first && collection.kind == CollectionKind::Table).then_some(collection.name)
    });
    Ok(names.map(from).collect())
}

impl Command for ConflictShow {
    const NAME: &'static str = "conflict.show";
    type Request = ConflictRef;
    type Reply = ConflictReply;
    fn run(app: &App, context: &Context<'_>, request: ConflictRef) -> Result<ConflictReply> {
        let torn = Torn::open(app, &request.source)?;
        torn.finder()?;
        let state = torn.state(context, &request.collection, &request.id)?;
        let found = torn.versions(&request.collection, &request.id)?;
        let mut versions: Vec<ConflictVersion> = Vec::with_capacity(found.len());
        let mut winner: Option<Record> = None;
        for version in &found {
            let data = raw(&torn.content(version)?)?;
            let shown = Record::new(version.id.clone(), data.clone());
            let differences = match &winner {
                Some(winner) => fields_between(Some(winner), Some(&shown))?,
                None => Vec::new(),
            };
            versions.push(ConflictVersion {
                rev: version.rev.clone().unwrap_or_default(),
                winner: winner.is_none(),
                changed: version.changed,
                data,
                assets: version.assets.clone(),
                differences,
            });
            winner.get_or_insert(shown);
        }
        Ok(ConflictReply {
            expect: state.to_string(),
            vault: super::restore::keeper_name(app, &torn.row.id)?,
            source: torn.row.name,
            collection: request.collection,
            id: request.id,
            versions,
        })
    }
}
