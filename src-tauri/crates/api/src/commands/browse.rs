//! Looking into snapshots: list, show, records, files, versions, differences.

use std::io::{Read, Write};

use backstay_engine::{Depth, FILES, State, backup, diff_states, fields_between};
use backstay_model::{Collection, ErrorKind, FileEntry, Record, RecordChange};

use super::{Command, listing::fill_counts};
use crate::{
    ApiError, App, Context, Result, bundles,
    desk::cache::{View, with_view},
    names,
    types::{
        CatRequest, CollectionCounts, DiffReply, DiffRequest, FileRow, GetRequest, HistoryReply, HistoryRequest, HistoryVersion,
        LsReply, LsRequest, RecordReply, ShowReply, SnapshotRef, SnapshotsReply, SnapshotsRequest,
    },
    vaults,
};

/// Lists snapshots.
pub struct Snapshots;
/// Shows what a snapshot says about itself.
pub struct Show;
/// Lists collections, records or files.
pub struct Ls;
/// Reads one record.
pub struct Get;
/// Shows all versions of one record or file.
pub struct History;
/// Compares two states.
pub struct Diff;

/// Prefix of a reference to the live source.
const LIVE: &str = "live:";

/// Opens what a reference names: a snapshot, `live:SOURCE`, or `bundle:PATH`.
pub(super) fn open(app: &App, context: &Context<'_>, at: &SnapshotRef) -> Result<State> {
    if let Some(name) = at.snapshot.strip_prefix(LIVE) {
        let row = app.journal().sources().get(name)?;
        let source = app.open_source(&row)?;
        return Ok(State::live(&*source, context.cancel)?);
    }
    if let Some(path) = bundles::path_of(at)? {
        return bundles::state(app, &*bundles::open(app, context, &path)?);
    }
    Ok(names::snapshot(app, context, at)?.open(app)?.1)
}

impl Command for Snapshots {
    const NAME: &'static str = "snapshot.list";
    type Request = SnapshotsRequest;
    type Reply = SnapshotsReply;
    fn run(app: &App, context: &Context<'_>, request: SnapshotsRequest) -> Result<SnapshotsReply> {
        let source = request
            .source
            .as_deref()
            .map(|name| app.journal().sources().get(name))
            .transpose()?;
        let mut reply = SnapshotsReply::default();
        let mut first_error = None;
        for record in names::vault_records(app, request.vault.as_deref())? {
            let all = match vaults::open(app, context, &record).and_then(|vault| app.opened().snapshots(&vault)) {
                Ok(all) => all,
                Err(error) => {
                    reply.problems.push(format!("vault {}: {}", record.name, error.message));
                    first_error.get_or_insert(error);
                    continue;
                }
            };
            reply.problems.extend(names::damaged(&record.name, &all));
            let fits = |s: &&backstay_vault::Snapshot| {
                source.as_ref().is_none_or(|source| s.label == source.id)
                    && (request.all || !names::is_safety(s))
                    && request.at.is_none_or(|at| s.time <= at)
            };
            let mut rows: Vec<_> = all
                .good
                .iter()
                .filter(fits)
                .map(|s| names::row(app, &record.name, s))
                .collect();
            if request.at.is_some() {
                // Only the newest of each source is the state at that time.
                rows.reverse();
                let mut seen = std::collections::HashSet::new();
                rows.retain(|row| seen.insert(row.source_id.clone().unwrap_or_else(|| row.source.clone())));
            }
            names::with_pins(app, &record, &mut rows)?;
            reply.snapshots.extend(rows);
        }
        match first_error {
            // One vault was asked for, or none answers: that is a failure and no empty list.
            Some(error) if reply.snapshots.is_empty() => Err(error),
            _ => {
                reply.snapshots.sort_by_key(|row| row.time);
                Ok(reply)
            }
        }
    }
}

impl Command for Show {
    const NAME: &'static str = "snapshot.show";
    type Request = SnapshotRef;
    type Reply = ShowReply;
    fn run(app: &App, context: &Context<'_>, request: SnapshotRef) -> Result<ShowReply> {
        if let Some(path) = bundles::path_of(&request)? {
            let opened = bundles::open(app, context, &path)?;
            let state = bundles::state(app, &opened)?;
            return Ok(ShowReply {
                snapshot: bundles::row(&opened),
                collections: state.collections()?,
                metadata: state.meta,
            });
        }
        with_view(app, context, &request, |view| {
            let found = view
                .found()
                .ok_or_else(|| ApiError::new(ErrorKind::Usage, "a living source has no description of its own"))?;
            let mut collections = view.collections()?;
            fill_counts(app, view, &mut collections)?;
            let mut rows = [names::row(app, &found.record.name, &found.snapshot)];
            names::with_pins(app, &found.record, &mut rows)?;
            let [snapshot] = rows;
            Ok(ShowReply {
                snapshot,
                metadata: view.meta.clone(),
                collections,
            })
        })
    }
}

impl Command for Ls {
    const NAME: &'static str = "browse.list";
    type Request = LsRequest;
    type Reply = LsReply;
    fn run(app: &App, context: &Context<'_>, request: LsRequest) -> Result<LsReply> {
        let state = View::open(app, context, &request.at)?;
        let wanted = request.collection.as_deref();
        if let Some(path) = wanted.and_then(|name| {
            if name == FILES {
                Some("")
            } else {
                name.strip_prefix("files/")
            }
        }) {
            return list_files(&state, path, &request, context);
        }
        match (wanted, &request.search) {
            (None, None) => {
                let mut collections = state.collections()?;
                fill_counts(app, &state, &mut collections)?;
                if collections.is_empty() && state.files.is_some() {
                    return list_files(&state, "", &request, context);
                }
                Ok(LsReply {
                    total: Some(collections.len() as u64),
                    collections,
                    ..LsReply::default()
                })
            }
            (Some(name), None) => {
                let view = state.view(name)?;
                let records = view.page(name, request.offset, request.limit)?;
                let total = view.count(name)?;
                Ok(LsReply {
                    total: Some(total),
                    more: request.offset + (records.len() as u64) < total,
                    records,
                    ..LsReply::default()
                })
            }
            (name, Some(text)) => search(&state, name, text, &request, context),
        }
    }
}

/// Items of a stream from `offset` on, at most `limit`; whether there are more.
fn window<T>(items: impl Iterator<Item = Result<T>>, offset: u64, limit: u64) -> Result<(Vec<T>, bool)> {
    let mut out = Vec::new();
    for (number, item) in (0_u64..).zip(items) {
        let item = item?;
        if number < offset {
            continue;
        }
        if out.len() as u64 == limit {
            return Ok((out, true));
        }
        out.push(item);
    }
    Ok((out, false))
}

fn list_files(state: &State, below: &str, request: &LsRequest, context: &Context<'_>) -> Result<LsReply> {
    let below = below.trim_end_matches('/');
    let Some(files) = &state.files else {
        return Err(ApiError::new(ErrorKind::NotFound, "this snapshot has no files"));
    };
    if !below.is_empty() && files.stat(below)?.is_none() {
        return Err(ApiError::new(
            ErrorKind::NotFound,
            format!("there is no file {below:?} in this snapshot"),
        ));
    }
    let text = request.search.as_deref().map(str::to_lowercase);
    let entries = files.walk((!below.is_empty()).then_some(below))?.map(|entry| {
        context.cancel.check()?;
        Ok(entry?)
    });
    let fits = |entry: &Result<FileEntry>| match (entry, &text) {
        (Ok(entry), Some(text)) => entry.path.to_lowercase().contains(text),
        _ => true,
    };
    let (entries, more) = window(entries.filter(fits), request.offset, request.limit)?;
    let row = |entry: FileEntry| FileRow {
        path: entry.path,
        kind: entry.kind,
        size: entry.size,
        modified: entry.meta.modified,
    };
    Ok(LsReply {
        files: entries.into_iter().map(row).collect(),
        more,
        ..LsReply::default()
    })
}

fn contains(record: &Record, text: &str) -> bool {
    record.id.to_lowercase().contains(text) || String::from_utf8_lossy(record.data.as_bytes()).to_lowercase().contains(text)
}

/// Searches the text of records, streaming. JSON writes some characters in another way (`\u00e9`, `\"`), so those that
/// need it are looked for in both.
fn search(state: &State, name: Option<&str>, text: &str, request: &LsRequest, context: &Context<'_>) -> Result<LsReply> {
    let plain = text.to_lowercase();
    let quoted = serde_json::to_string(&plain).unwrap_or_default();
    let quoted = quoted.trim_matches('"').to_owned();
    let collections: Vec<Collection> = match name {
        Some(name) => vec![state.collection(name)?],
        None => state.collections()?,
    };
    let mut reply = LsReply::default();
    let mut skip = request.offset;
    for collection in collections {
        for record in state.view(&collection.name)?.scan(&collection.name, None)? {
            context.cancel.check()?;
            let record = record?;
            if !contains(&record, &plain) && !contains(&record, &quoted) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            if reply.records.len() as u64 == request.limit {
                reply.more = true;
                return Ok(reply);
            }
            reply.records.push(record);
            reply.record_collections.push(collection.name.clone());
        }
    }
    Ok(reply)
}

impl Command for Get {
    const NAME: &'static str = "record.get";
    type Request = GetRequest;
    type Reply = RecordReply;
    fn run(app: &App, context: &Context<'_>, request: GetRequest) -> Result<RecordReply> {
        let record = with_view(app, context, &request.at, |state| one(state, &request))?;
        Ok(RecordReply {
            hash: record.hash.to_string(),
            collection: request.collection,
            record,
        })
    }
}

fn one(state: &State, request: &GetRequest) -> Result<Record> {
    if request.collection == FILES {
        return file_facts(state, &request.id);
    }
    let found = state.view(&request.collection)?.get(&request.collection, &request.id)?;
    let missing = || backstay_engine::EngineError::NoRecord {
        collection: request.collection.clone(),
        id: request.id.clone(),
    };
    Ok(found.ok_or_else(missing)?)
}

/// What is known about a file without reading it, as a record.
fn file_facts(state: &State, path: &str) -> Result<Record> {
    let path = path.strip_prefix("files/").unwrap_or(path);
    let found = state.files.as_ref().map(|files| files.stat(path)).transpose()?.flatten();
    let entry = found.ok_or_else(|| backstay_engine::EngineError::NoFile { path: path.to_owned() })?;
    let mut facts = serde_json::json!({ "kind": entry.kind, "size": entry.size, "modified": entry.meta.modified });
    if let (Some(mode), Some(members)) = (entry.meta.mode, facts.as_object_mut()) {
        members.insert("mode".to_owned(), format!("{:04o}", mode & 0o7777).into());
    }
    let data =
        backstay_model::RawJson::from_value(&facts).map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))?;
    Ok(Record {
        changed: entry.meta.modified,
        ..Record::new(entry.path, data)
    })
}

/// Writes a file of a snapshot to `out`; gives the number of bytes.
///
/// # Errors
/// When there is no such file, it cannot be read, or `out` fails.
pub fn cat(app: &App, context: &Context<'_>, request: &CatRequest, out: &mut dyn Write) -> Result<u64> {
    if let Some(path) = bundles::path_of(&request.at)? {
        let opened = bundles::open(app, context, &path)?;
        let mut content = bundle_file(app, &opened, &request.path)?;
        return copy_out(context, &request.path, &mut content, out);
    }
    let found = names::snapshot(app, context, &request.at)?;
    let reader = found.vault.reader()?;
    let mut node = None;
    for path in [request.path.clone(), format!("files/{}", request.path)] {
        node = reader
            .find(&found.snapshot, FileEntry::unescape(&path))?
            .filter(backstay_vault::Node::is_file);
        if node.is_some() {
            break;
        }
    }
    let Some(node) = node else {
        return Err(backstay_engine::EngineError::NoFile {
            path: request.path.clone(),
        }
        .into());
    };
    copy_out(context, &request.path, &mut reader.open(&node)?, out)
}

/// A file of a bundle, by its path at the source or in the bundle.
fn bundle_file(app: &App, opened: &backstay_engine::bundle::OpenedBundle, path: &str) -> Result<Box<dyn Read>> {
    if let Some(files) = &bundles::state(app, opened)?.files {
        for path in [path.strip_prefix("files/").unwrap_or(path), path] {
            if files
                .stat(path)?
                .is_some_and(|entry| entry.kind == backstay_model::FileKind::File)
            {
                return Ok(Box::new(files.open(path)?));
            }
        }
    }
    if opened.bundle().find(path).is_none() {
        return Err(backstay_engine::EngineError::NoFile { path: path.to_owned() }.into());
    }
    let content = opened
        .bundle()
        .content(path, None)
        .map_err(backstay_engine::EngineError::from)?;
    Ok(Box::new(content))
}

fn copy_out(context: &Context<'_>, path: &str, content: &mut dyn Read, out: &mut dyn Write) -> Result<u64> {
    let mut buffer = vec![0; 256 << 10];
    let mut total = 0;
    loop {
        context.cancel.check()?;
        let failed = |error: std::io::Error| ApiError::from(backstay_source::SourceError::io(path, error));
        // A stream of the vault carries the vault's own error.
        let unread = |error: std::io::Error| match error.downcast::<backstay_vault::VaultError>() {
            Ok(error) => error.into(),
            Err(error) => failed(error),
        };
        let read = content.read(&mut buffer).map_err(unread)?;
        if read == 0 {
            return Ok(total);
        }
        out.write_all(&buffer[..read]).map_err(failed)?;
        total += read as u64;
    }
}

impl Command for History {
    const NAME: &'static str = "record.history";
    type Request = HistoryRequest;
    type Reply = HistoryReply;
    fn run(app: &App, context: &Context<'_>, request: HistoryRequest) -> Result<HistoryReply> {
        let source = app.journal().sources().get(&request.source)?;
        let mut reply = HistoryReply::default();
        let mut last: Option<Option<Record>> = None;
        let mut opened = Vec::new();
        for record in names::vault_records(app, request.vault.as_deref())? {
            match vaults::open(app, context, &record).and_then(|vault| Ok((app.opened().snapshots(&vault)?, vault))) {
                Ok((all, vault)) => {
                    let mine = backup::snapshots_of(&all, &source.id).cloned();
                    opened.extend(mine.map(|snapshot| names::Found {
                        record: record.clone(),
                        vault: vault.clone(),
                        snapshot,
                    }));
                }
                Err(error) => reply.problems.push(format!("vault {}: {}", record.name, error.message)),
            }
        }
        opened.sort_by_key(|found| found.snapshot.time);
        for found in opened {
            context.cancel.check()?;
            match version(app, &found, &request) {
                Ok(now) => add_version(&mut reply, &mut last, now, &found)?,
                Err(error) => reply
                    .problems
                    .push(format!("snapshot {}: {}", found.snapshot.id.to_hex(), error.message)),
            }
        }
        if reply.versions.is_empty() && reply.problems.is_empty() {
            let (collection, id) = (request.collection, request.id);
            return Err(backstay_engine::EngineError::NoRecord { collection, id }.into());
        }
        Ok(reply)
    }
}

/// The record in one snapshot. A file is shown as a record of its size, time and content hash.
fn version(app: &App, found: &names::Found, request: &HistoryRequest) -> Result<Option<Record>> {
    let state = View::of(app, found.clone())?;
    if request.collection != FILES {
        return Ok(state.record(&request.collection, &request.id)?);
    }
    let Some(files) = &state.files else { return Ok(None) };
    let path = request.id.strip_prefix("files/").unwrap_or(&request.id);
    let Some(entry) = files.stat(path)? else { return Ok(None) };
    let hash = files.identity(&entry)?;
    let shown = serde_json::json!({ "size": entry.size, "modified": entry.meta.modified, "content": hash.to_string() });
    let data =
        backstay_model::RawJson::from_value(&shown).map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))?;
    Ok(Some(Record {
        hash,
        ..Record::new(entry.path, data)
    }))
}

fn add_version(
    reply: &mut HistoryReply,
    last: &mut Option<Option<Record>>,
    now: Option<Record>,
    found: &names::Found,
) -> Result<()> {
    let same = last.as_ref().map(|before| before.as_ref().map(|r| r.hash)) == Some(now.as_ref().map(|r| r.hash));
    if same {
        if let Some(version) = reply.versions.last_mut() {
            version.snapshots += 1;
        }
        return Ok(());
    }
    // Snapshots from before the record existed are no version of it.
    if last.is_none() && now.is_none() {
        return Ok(());
    }
    let before = last.as_ref().and_then(Option::as_ref);
    reply.versions.push(HistoryVersion {
        snapshot: found.snapshot.id.to_hex(),
        vault: found.record.name.clone(),
        time: found.snapshot.time,
        hash: now.as_ref().map(|r| r.hash.to_string()),
        fields: fields_between(before, now.as_ref())?,
        snapshots: 1,
    });
    *last = Some(now);
    Ok(())
}

/// Compares two states and hands every difference to `found` as it is met; gives the numbers.
///
/// # Errors
/// When either side cannot be read, or `found` fails.
pub fn diff_stream(
    app: &App,
    context: &Context<'_>,
    request: &DiffRequest,
    found: &mut dyn FnMut(RecordChange) -> Result<()>,
) -> Result<Vec<CollectionCounts>> {
    let (before, after) = sides(app, context, request)?;
    let depth = if request.summary { Depth::Items } else { Depth::Fields };
    let mut failure = None;
    let diffs = diff_states(
        &before,
        &after,
        request.collection.as_deref(),
        depth,
        context.cancel,
        &mut |change| {
            found(change).map_err(|error| {
                failure = Some(error);
                backstay_engine::EngineError::Source(backstay_source::SourceError::new(ErrorKind::Io, "the output", "failed"))
            })
        },
    );
    match (diffs, failure) {
        (_, Some(error)) => Err(error),
        (diffs, None) => Ok(diffs?
            .into_iter()
            .map(|d| CollectionCounts {
                collection: d.collection,
                counts: d.counts,
            })
            .collect()),
    }
}

fn sides(app: &App, context: &Context<'_>, request: &DiffRequest) -> Result<(State, State)> {
    if request.after.snapshot != "live" {
        return Ok((open(app, context, &request.before)?, open(app, context, &request.after)?));
    }
    let (label, before) = match bundles::path_of(&request.before)? {
        Some(path) => {
            let opened = bundles::open(app, context, &path)?;
            (opened.bundle().meta().source_id.clone(), bundles::state(app, &opened)?)
        }
        None => {
            let found = names::snapshot(app, context, &request.before)?;
            let state = found.open(app)?.1;
            (found.snapshot.label, state)
        }
    };
    let row = app.journal().sources().get(&label).map_err(|_| {
        ApiError::new(
            ErrorKind::NotFound,
            "the source of this snapshot is not set up here, so there is no live side",
        )
        .hint("Compare with another snapshot, or add the source.")
    })?;
    let live = State::live(&*app.open_source(&row)?, context.cancel)?;
    Ok((before, live))
}

impl Command for Diff {
    const NAME: &'static str = "diff";
    type Request = DiffRequest;
    type Reply = DiffReply;
    fn run(app: &App, context: &Context<'_>, request: DiffRequest) -> Result<DiffReply> {
        let mut reply = DiffReply::default();
        reply.collections = diff_stream(app, context, &request, &mut |change| {
            if !request.summary && (reply.changes.len() as u64) < request.limit {
                reply.changes.push(change);
            } else {
                reply.truncated |= !request.summary;
            }
            Ok(())
        })?;
        Ok(reply)
    }
}
