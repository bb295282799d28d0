//! Tables of records, folders, and records as text.

use std::sync::Arc;

use backstay_engine::{
    EngineError,
    browse::{self, Filter, Listing, ListingInput, Query, Row as EngineRow, Sort, Test, file_name},
};
use backstay_model::{ContentHash, ErrorKind, FileEntry};
use uuid::Uuid;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    desk::cache::{OpenListing, View, is_live, with_view},
    types::{
        CountReply, CountRequest, FilterKind, FolderEntry, FolderReply, FolderRequest, GetRequest, ListingOpenRequest,
        ListingReply, LocateReply, LocateRequest, RecordTextReply, Row, RowsReply, RowsRequest, SnapshotRef,
    },
};

/// Rows in one reply.
const ROWS: u64 = 1000;
/// Entries of a folder in one reply.
const ENTRIES: u64 = 10_000;
/// What keys of files with tables are made for.
const PURPOSE: &str = "backstay listings";

/// Opens a table.
pub struct ListingOpen;
/// Reads rows of a table.
pub struct Rows;
/// Finds a record in a table.
pub struct Locate;
/// Counts records.
pub struct Count;
/// Lists a folder.
pub struct Folder;
/// Reads the text of a record.
pub struct RecordText;

fn query(request: &ListingOpenRequest) -> Query {
    let test = |kind| match kind {
        FilterKind::Contains => Test::Contains,
        FilterKind::Is => Test::Is,
        FilterKind::IsNot => Test::IsNot,
        FilterKind::Greater => Test::Greater,
        FilterKind::Less => Test::Less,
        FilterKind::Empty => Test::Empty,
        FilterKind::NotEmpty => Test::NotEmpty,
    };
    let filter = |filter: &crate::types::FieldFilter| Filter {
        field: filter.field.clone(),
        test: test(filter.kind),
        value: filter.value.clone(),
    };
    Query {
        search: request
            .search
            .as_ref()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty()),
        filters: request.filters.iter().map(filter).collect(),
        sort: request.sort.as_ref().map(|sort| Sort {
            field: sort.field.clone(),
            descending: sort.descending,
        }),
    }
}

/// A name that is the same for the same table of the same snapshot.
fn name_of(view: &View<'_>, collection: &str, query: &Query) -> Result<Option<String>> {
    let Some(found) = view.found() else { return Ok(None) };
    let about = (browse::VERSION, found.snapshot.id.to_hex(), collection, query);
    let json = serde_json::to_vec(&about).map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))?;
    Ok(Some(ContentHash::of(&json).to_string()))
}

/// The same snapshot by its full id, so that `latest` stays what it was.
fn fixed(view: &View<'_>, at: &SnapshotRef) -> SnapshotRef {
    match view.found() {
        Some(found) => SnapshotRef {
            snapshot: found.snapshot.id.to_hex(),
            vault: Some(found.record.name.clone()),
        },
        None => at.clone(),
    }
}

/// Opens a table: as it was made before, or made now.
fn open(
    app: &App,
    context: &Context<'_>,
    view: &View<'_>,
    at: &SnapshotRef,
    collection: &str,
    query: &Query,
) -> Result<(String, Arc<OpenListing>)> {
    let opened = app.opened();
    let name = name_of(view, collection, query)?;
    let known = name.clone().unwrap_or_else(|| Uuid::now_v7().to_string());
    let _making = opened.listings().make(&known, context.cancel)?;
    if let Some(table) = opened.listings().find(&known) {
        return Ok((known, table));
    }
    let key = match view.found() {
        Some(found) => found.vault.master_key().derived(PURPOSE),
        None => opened.session_key().clone(),
    };
    let input = ListingInput {
        collection,
        query,
        name: name.as_deref(),
        live: is_live(at),
        store: opened.store(app),
        key: &key,
        cancel: context.cancel,
    };
    let listing = match Listing::cached(&input) {
        Some(listing) => listing,
        None => Listing::make(view, &input)?,
    };
    let at = fixed(view, at);
    Ok((known.clone(), opened.listings().keep(known, OpenListing { listing, at })))
}

impl Command for ListingOpen {
    const NAME: &'static str = "listing.open";
    type Request = ListingOpenRequest;
    type Reply = ListingReply;
    fn run(app: &App, context: &Context<'_>, request: ListingOpenRequest) -> Result<ListingReply> {
        let query = query(&request);
        let (listing, table) = with_view(app, context, &request.at, |view| {
            open(app, context, view, &request.at, &request.collection, &query)
        })?;
        let about = table.listing.about();
        Ok(ListingReply {
            listing,
            total: about.total,
            of: about.of,
            fields: about.fields.clone(),
            title: about.title.clone(),
        })
    }
}

fn row(row: EngineRow) -> Row {
    Row {
        id: row.id,
        changed: row.changed,
        values: row.values,
        assets: row.assets,
        gone: row.gone,
    }
}

impl Command for Rows {
    const NAME: &'static str = "listing.rows";
    type Request = RowsRequest;
    type Reply = RowsReply;
    fn run(app: &App, context: &Context<'_>, request: RowsRequest) -> Result<RowsReply> {
        let table = app.opened().listings().get(&request.listing)?;
        let limit = request.limit.min(ROWS);
        let read = |view: Option<&View<'_>>| {
            let state = view.map(|view| &**view);
            Ok(table.listing.rows(state, request.offset, limit, &request.fields)?)
        };
        let rows = match table.listing.is_self_contained() {
            true => read(None)?,
            false => with_view(app, context, &table.at, |view| read(Some(view)))?,
        };
        Ok(RowsReply {
            rows: rows.into_iter().map(row).collect(),
        })
    }
}

impl Command for Locate {
    const NAME: &'static str = "listing.locate";
    type Request = LocateRequest;
    type Reply = LocateReply;
    fn run(app: &App, context: &Context<'_>, request: LocateRequest) -> Result<LocateReply> {
        let table = app.opened().listings().get(&request.listing)?;
        let index = match table.listing.is_self_contained() {
            true => table.listing.locate(None, &request.id)?,
            false => with_view(app, context, &table.at, |view| {
                Ok(table.listing.locate(Some(view), &request.id)?)
            })?,
        };
        Ok(LocateReply { index })
    }
}

impl Command for Count {
    const NAME: &'static str = "browse.count";
    type Request = CountRequest;
    type Reply = CountReply;
    fn run(app: &App, context: &Context<'_>, request: CountRequest) -> Result<CountReply> {
        // Counting a table of a snapshot makes what its listing needs, so that it opens at once afterwards.
        let records = with_view(app, context, &request.at, |view| {
            if is_live(&request.at) {
                return Ok(view
                    .view(&request.collection)
                    .map_err(ApiError::from)?
                    .count(&request.collection)?);
            }
            let (_, table) = open(app, context, view, &request.at, &request.collection, &Query::default())?;
            Ok(table.listing.about().of)
        })?;
        Ok(CountReply { records })
    }
}

impl Command for Folder {
    const NAME: &'static str = "browse.folder";
    type Request = FolderRequest;
    type Reply = FolderReply;
    fn run(app: &App, context: &Context<'_>, request: FolderRequest) -> Result<FolderReply> {
        let path = request.path.trim_matches('/').to_owned();
        let entries = with_view(app, context, &request.at, |view| folder(app, view, &path))?;
        let offset = usize::try_from(request.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(request.limit.min(ENTRIES)).unwrap_or(usize::MAX);
        Ok(FolderReply {
            entries: entries.iter().skip(offset).take(limit).map(entry).collect(),
            total: entries.len() as u64,
        })
    }
}

fn folder(app: &App, view: &View<'_>, path: &str) -> Result<Arc<Vec<FileEntry>>> {
    let name = view.found().map(|found| format!("{}/{path}", found.snapshot.id.to_hex()));
    let listings = app.opened().listings();
    if let Some(entries) = name.as_deref().and_then(|name| listings.folder(name)) {
        return Ok(entries);
    }
    let files = view
        .files
        .as_deref()
        .ok_or_else(|| EngineError::NoFile { path: path.to_owned() })?;
    let entries = Arc::new(browse::folder(files, path)?);
    if let Some(name) = name {
        listings.keep_folder(name, entries.clone());
    }
    Ok(entries)
}

fn entry(entry: &FileEntry) -> FolderEntry {
    FolderEntry {
        name: file_name(&entry.path),
        path: entry.path.clone(),
        kind: entry.kind.clone(),
        size: entry.size,
        modified: entry.meta.modified,
    }
}

impl Command for RecordText {
    const NAME: &'static str = "record.text";
    type Request = GetRequest;
    type Reply = RecordTextReply;
    fn run(app: &App, context: &Context<'_>, request: GetRequest) -> Result<RecordTextReply> {
        let found = with_view(app, context, &request.at, |view| {
            let records = view.view(&request.collection).map_err(ApiError::from)?;
            Ok(records.get(&request.collection, &request.id)?)
        })?;
        let missing = || EngineError::NoRecord {
            collection: request.collection.clone(),
            id: request.id.clone(),
        };
        let record = found.ok_or_else(missing)?;
        let text = std::str::from_utf8(record.data.as_bytes())
            .map_err(|_| ApiError::new(ErrorKind::Damaged, format!("the record {:?} is damaged", request.id)))?;
        Ok(RecordTextReply { text: text.to_owned() })
    }
}

/// Fills in the numbers of records that were counted before.
pub(super) fn fill_counts(app: &App, view: &View<'_>, collections: &mut [backstay_model::Collection]) -> Result<()> {
    let Some(found) = view.found() else { return Ok(()) };
    let opened = app.opened();
    let (store, plain) = (opened.store(app), Query::default());
    if !store.dir().exists() {
        return Ok(());
    }
    let key = found.vault.master_key().derived(PURPOSE);
    for collection in collections.iter_mut().filter(|collection| collection.records.is_none()) {
        let name = name_of(view, &collection.name, &plain)?;
        let input = ListingInput {
            collection: &collection.name,
            query: &plain,
            name: name.as_deref(),
            live: false,
            store,
            key: &key,
            cancel: &backstay_source::Cancel::default(),
        };
        collection.records = Listing::cached(&input).map(|listing| listing.about().of);
    }
    Ok(())
}
