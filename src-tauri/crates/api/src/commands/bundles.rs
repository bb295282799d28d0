//! Bundles: write one, look into one, keep one in a vault.

use std::sync::Arc;

use backstay_engine::{
    EngineError, Job, Reporter, State,
    bundle::{
        Bundle, ExportDone, ExportInput, ForeignDone, ForeignInput, ForeignTarget, Format, ImportDone, ImportInput, Limits,
        OpenedBundle, Origin, Target, export, export_foreign, import,
    },
};
use backstay_journal::{Counters, NewRun, Run, RunEnd, Source as SourceRecord, Vault as VaultRecord};
use backstay_model::{ErrorKind, RunKind, Selection, SnapshotMeta, Verdict};
use backstay_source::{Connector, ForeignFormat};
use serde_json::json;

use super::{
    Command,
    backup::{Recording, failed_end, named},
};
use crate::{
    ApiError, App, Context, Result, bundles,
    foreign::{self, Recognised},
    names::{self, Found},
    types::{
        BundleFormat, BundlePart, BundleReply, BundleRequest, ExportReply, ExportRequest, ForeignExport, ImportReply,
        ImportRequest, Topic,
    },
    vaults,
};

/// Writes a snapshot into a bundle.
pub struct Export;
/// Looks into a bundle.
pub struct Inspect;
/// Keeps a bundle in a vault.
pub struct Import;

/// Damaged files of a bundle that are listed by name; all are counted.
const LISTED: usize = 100;

impl Command for Export {
    const NAME: &'static str = "bundle.export";
    const CHANGES: &'static [Topic] = &[Topic::Runs, Topic::Audit];
    type Request = ExportRequest;
    type Reply = ExportReply;
    fn run(app: &App, context: &Context<'_>, request: ExportRequest) -> Result<ExportReply> {
        let from = From::find(app, context, &request)?;
        let owner = app.own()?;
        let source = app.journal().sources().get(from.label()).ok();
        let new = NewRun {
            kind: RunKind::Export,
            source: source.map(|row| named(&row.id, &row.name)),
            vault: from.vault().map(|record| named(&record.id, &record.name)),
            snapshot: from.snapshot(),
            plan: None,
        };
        let run = app.journal().runs().begin(&owner, &new, app.now())?;
        let recording = Recording::new(context.reporter);
        let result = match &request.foreign {
            None => from
                .write(app, context, &recording, &request)
                .map(|done| exported(&run, done)),
            Some(wanted) => from
                .write_foreign(app, context, &recording, &request, wanted)
                .map(|done| exported_foreign(&run, done)),
        };
        let end = match &result {
            Ok(reply) => RunEnd {
                finished: app.now(),
                verdict: reply.verdict,
                reason: None,
                counters: Counters {
                    items: reply.files + reply.records,
                    bytes: reply.bytes,
                    ..Counters::default()
                },
                snapshot: new.snapshot,
            },
            Err(error) => failed_end(app, error),
        };
        let gaps = result.as_ref().map(|reply| reply.gaps.as_slice()).unwrap_or_default();
        app.journal().runs().add_gaps(&run.id, gaps)?;
        app.journal().runs().add_events(&run.id, &recording.into_events(app.now()))?;
        app.journal().runs().finish(&run.id, &end)?;
        let detail = json!({ "run": run.id, "snapshot": request.at.snapshot, "only": request.only, "verdict": end.verdict });
        app.audit("export", &request.to, detail)?;
        result
    }
}

fn exported(run: &Run, done: ExportDone) -> ExportReply {
    let verdict = if done.gaps.is_empty() {
        Verdict::Complete
    } else {
        Verdict::Partial
    };
    ExportReply {
        run: run.id.clone(),
        verdict,
        path: done.finished.path.display().to_string(),
        bytes: done.finished.bytes,
        files: done.files,
        records: done.records,
        gaps: done.gaps,
    }
}

fn exported_foreign(run: &Run, done: ForeignDone) -> ExportReply {
    ExportReply {
        run: run.id.clone(),
        verdict: if done.gaps.is_empty() {
            Verdict::Complete
        } else {
            Verdict::Partial
        },
        path: done.path.display().to_string(),
        bytes: done.bytes,
        files: done.files,
        records: done.records,
        gaps: done.gaps,
    }
}

/// What an export takes.
enum From {
    Snapshot(Box<Found>),
    Bundle(Arc<OpenedBundle>),
}

impl From {
    fn find(app: &App, context: &Context<'_>, request: &ExportRequest) -> Result<Self> {
        match bundles::path_of(&request.at)? {
            Some(path) => Ok(Self::Bundle(bundles::open(app, context, &path)?)),
            None => Ok(Self::Snapshot(Box::new(names::snapshot(app, context, &request.at)?))),
        }
    }

    fn label(&self) -> &str {
        match self {
            Self::Snapshot(found) => &found.snapshot.label,
            Self::Bundle(opened) => &opened.bundle().meta().source_id,
        }
    }

    fn vault(&self) -> Option<&VaultRecord> {
        match self {
            Self::Snapshot(found) => Some(&found.record),
            Self::Bundle(_) => None,
        }
    }

    fn snapshot(&self) -> Option<String> {
        match self {
            Self::Snapshot(found) => Some(found.snapshot.id.to_hex()),
            Self::Bundle(_) => None,
        }
    }

    fn write(&self, app: &App, context: &Context<'_>, reporter: &dyn Reporter, request: &ExportRequest) -> Result<ExportDone> {
        let selection = Selection {
            only: request.only.clone(),
            ..Selection::default()
        };
        let target = Target {
            path: bundles::absolute(&request.to)?,
            format: match request.format {
                BundleFormat::Zip => Format::Zip,
                BundleFormat::Directory => Format::Directory,
            },
            overwrite: request.overwrite,
        };
        let job = job(app, context, reporter);
        let write = |state: &State, origin: Origin<'_>| {
            let input = ExportInput {
                state,
                origin,
                selection: &selection,
                target,
            };
            Ok(export(input, &job)?)
        };
        match self {
            Self::Snapshot(found) => {
                let (reader, state) = found.open(app)?;
                let snapshot = &found.snapshot;
                write(
                    &state,
                    Origin::Snapshot {
                        reader: &reader,
                        snapshot,
                    },
                )
            }
            Self::Bundle(opened) => write(&bundles::state(app, opened)?, Origin::Bundle(opened)),
        }
    }

    fn state(&self, app: &App) -> Result<State> {
        match self {
            Self::Snapshot(found) => Ok(found.open(app)?.1),
            Self::Bundle(opened) => bundles::state(app, opened),
        }
    }

    fn write_foreign(
        &self,
        app: &App,
        context: &Context<'_>,
        reporter: &dyn Reporter,
        request: &ExportRequest,
        wanted: &ForeignExport,
    ) -> Result<ForeignDone> {
        let state = self.state(app)?;
        let kind = state.meta.as_ref().map(|meta| meta.source_kind.clone()).unwrap_or_default();
        let connector = app.connector(&kind)?;
        let format = format_of(&*connector, wanted)?;
        let input = ForeignInput {
            state: &state,
            connector: &*connector,
            format,
            without_attachments: wanted.without_attachments,
            selection: &Selection {
                only: request.only.clone(),
                ..Selection::default()
            },
            target: ForeignTarget {
                path: bundles::absolute(&request.to)?,
                overwrite: request.overwrite,
            },
        };
        Ok(export_foreign(&input, &job(app, context, reporter))?)
    }
}

/// The format that is meant, with or without attachments.
fn format_of(connector: &dyn Connector, wanted: &ForeignExport) -> Result<&'static ForeignFormat> {
    let all = connector.foreign().map_or(&[][..], |foreign| foreign.formats());
    let writes = |format: &&'static ForeignFormat| format.writes && format.name == wanted.format;
    let found = all
        .iter()
        .filter(writes)
        .find(|format| format.attachments == wanted.attachments);
    found.ok_or_else(|| {
        let mut names: Vec<&str> = all.iter().filter(|format| format.writes).map(|format| format.name).collect();
        names.dedup();
        let known = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        ApiError::new(
            ErrorKind::Unsupported,
            format!(
                "{} is not written as {:?}; nothing was written",
                connector.title(),
                wanted.format
            ),
        )
        .hint(format!(
            "Formats of other programs for it: {known}. A bundle works for everything."
        ))
    })
}

fn job<'a>(app: &'a App, context: &Context<'a>, reporter: &'a dyn Reporter) -> Job<'a> {
    Job {
        cancel: context.cancel,
        clock: app.clock(),
        reporter,
    }
}

impl Command for Inspect {
    const NAME: &'static str = "bundle.inspect";
    type Request = BundleRequest;
    type Reply = BundleReply;
    fn run(app: &App, context: &Context<'_>, request: BundleRequest) -> Result<BundleReply> {
        let path = bundles::absolute(&request.path)?;
        if let Some(found) = foreign::recognise(app, &path) {
            return inspect_foreign(app, context, &path, &found, request.verify);
        }
        let bundle = match Bundle::open(&path, &Limits::default()) {
            Ok(bundle) => bundle,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(EngineError::from(error).into()),
            Err(error) => return Ok(refused(&path, EngineError::from(error).into())),
        };
        let mut reply = about(app, &path, &bundle);
        if request.verify {
            let job = job(app, context, context.reporter);
            OpenedBundle::verify(&bundle, &job, &mut |_, error| {
                reply.damaged += 1;
                if reply.damage.len() < LISTED {
                    reply.damage.push(error.to_string());
                }
            })?;
            reply.intact = Some(reply.damaged == 0);
            if reply.damaged == 0 {
                // Whole files may still contradict each other.
                match bundles::open(app, context, &path) {
                    Ok(_) => {}
                    Err(error) if error.code == ErrorKind::Cancelled => return Err(error),
                    Err(error) => reply.refused = Some(error),
                }
            }
        }
        Ok(reply)
    }
}

/// What a bundle says about itself.
fn about(app: &App, path: &std::path::Path, bundle: &Bundle) -> BundleReply {
    let meta = bundle.meta();
    BundleReply {
        format: if bundle.is_directory() {
            BundleFormat::Directory
        } else {
            BundleFormat::Zip
        },
        path: path.display().to_string(),
        bytes: bundle.length(),
        metadata: meta.clone(),
        parts: parts(bundle),
        intact: None,
        damage: Vec::new(),
        damaged: 0,
        source: app.journal().sources().get(&meta.source_id).ok().map(|row| row.name),
        foreign: None,
        refused: None,
    }
}

/// Looks into a file of another program: it is read to its end, which compares all there is to compare.
fn inspect_foreign(
    app: &App,
    context: &Context<'_>,
    path: &std::path::Path,
    found: &Recognised<'_>,
    verify: bool,
) -> Result<BundleReply> {
    let bytes = std::fs::metadata(path).map_or(0, |about| about.len());
    let opened = match bundles::open(app, context, path) {
        Ok(opened) => opened,
        Err(error) if error.code == ErrorKind::Cancelled => return Err(error),
        Err(error) => {
            return Ok(BundleReply {
                bytes,
                foreign: Some(found.info(Vec::new())),
                ..refused(path, error)
            });
        }
    };
    Ok(BundleReply {
        bytes,
        intact: verify.then_some(true),
        foreign: foreign::info(app, &opened),
        ..about(app, path, opened.bundle())
    })
}

fn parts(bundle: &Bundle) -> Vec<BundlePart> {
    let meta = bundle.meta();
    let mut parts: Vec<BundlePart> = meta
        .collections
        .iter()
        .map(|collection| BundlePart {
            name: collection.name.clone(),
            items: collection.records,
            bytes: bundle
                .find(&format!("databases/{}.ndjson", collection.slug))
                .map(|entry| entry.size),
        })
        .collect();
    for name in ["files", "assets", "pages"] {
        let top = format!("{name}/");
        let (items, bytes) = bundle
            .below(&top)
            .fold((0, 0), |(items, bytes), entry| (items + 1, bytes + entry.size));
        if items > 0 {
            parts.push(BundlePart {
                name: name.to_owned(),
                items,
                bytes: Some(bytes),
            });
        }
    }
    parts
}

/// What can be said of a bundle that was refused.
fn refused(path: &std::path::Path, error: ApiError) -> BundleReply {
    let never = chrono::DateTime::UNIX_EPOCH;
    BundleReply {
        path: path.display().to_string(),
        format: if path.is_dir() {
            BundleFormat::Directory
        } else {
            BundleFormat::Zip
        },
        bytes: std::fs::metadata(path).map_or(0, |about| about.len()),
        metadata: SnapshotMeta {
            format_version: 0,
            program: String::new(),
            source_id: String::new(),
            source_name: String::new(),
            source_kind: String::new(),
            connector_version: 0,
            api_version: None,
            started: never,
            finished: never,
            verdict: Verdict::Failed,
            gaps: Vec::new(),
            collections: Vec::new(),
            files: 0,
            file_bytes: 0,
            assets: 0,
            workspaces: Vec::new(),
            cursor: None,
            audit_head: None,
            extra: std::collections::BTreeMap::new(),
        },
        parts: Vec::new(),
        intact: None,
        damage: Vec::new(),
        damaged: 0,
        source: None,
        foreign: None,
        refused: Some(error),
    }
}

impl Command for Import {
    const NAME: &'static str = "bundle.import";
    const CHANGES: &'static [Topic] = &[Topic::Snapshots, Topic::Runs, Topic::Audit];
    type Request = ImportRequest;
    type Reply = ImportReply;
    fn run(app: &App, context: &Context<'_>, request: ImportRequest) -> Result<ImportReply> {
        let record = match &request.vault {
            Some(name) => app.journal().vaults().get(name)?,
            None => app.journal().vaults().default()?.ok_or_else(|| {
                ApiError::new(ErrorKind::NotFound, "there is no vault to keep it in; nothing was written")
                    .hint("Create one with `backstay vault create NAME --path DIR`.")
            })?,
        };
        let opened = bundles::open(app, context, &bundles::absolute(&request.path)?)?;
        let (id, name) = becomes(app, opened.bundle().meta(), request.source.as_deref())?;
        let owner = app.own()?;
        let new = NewRun {
            kind: RunKind::Backup,
            source: app.journal().sources().get(&id).ok().map(|row| named(&row.id, &row.name)),
            vault: Some(named(&record.id, &record.name)),
            snapshot: None,
            plan: None,
        };
        let run = app.journal().runs().begin(&owner, &new, app.now())?;
        let recording = Recording::new(context.reporter);
        let done = keep(app, context, &recording, &opened, &record, (&id, &name));
        let result = done.map(|done| imported(&run, &record, done));
        let end = match &result {
            Ok(reply) => RunEnd {
                finished: app.now(),
                verdict: reply.verdict,
                reason: None,
                counters: Counters {
                    stored_bytes: reply.stored,
                    ..Counters::default()
                },
                snapshot: Some(reply.snapshot.clone()),
            },
            Err(error) => failed_end(app, error),
        };
        let gaps = result.as_ref().map(|reply| reply.gaps.as_slice()).unwrap_or_default();
        app.journal().runs().add_gaps(&run.id, gaps)?;
        app.journal().runs().add_events(&run.id, &recording.into_events(app.now()))?;
        app.journal().runs().finish(&run.id, &end)?;
        let identity = opened.identity();
        let detail = json!({ "run": run.id, "vault": record.name, "bundle": request.path, "identity": identity, "verdict": end.verdict, "snapshot": end.snapshot });
        app.audit("import", &name, detail)?;
        result
    }
}

fn imported(run: &Run, record: &VaultRecord, done: ImportDone) -> ImportReply {
    ImportReply {
        run: run.id.clone(),
        verdict: done.meta.verdict,
        snapshot: done.snapshot.id.to_hex(),
        vault: record.name.clone(),
        stored: done.stats.bytes_stored,
        gaps: done.meta.gaps,
    }
}

fn keep(
    app: &App,
    context: &Context<'_>,
    reporter: &dyn Reporter,
    opened: &OpenedBundle,
    record: &VaultRecord,
    (id, name): (&str, &str),
) -> Result<ImportDone> {
    let vault = vaults::open(app, context, record)?;
    let input = ImportInput {
        opened,
        connector: &app.connector(&opened.bundle().meta().source_kind)?,
        source_id: id,
        source_name: name,
        vault: &vault,
    };
    let done = import(&input, &job(app, context, reporter))?;
    app.journal().vaults().seen(&record.id, app.now())?;
    Ok(done)
}

/// Id and name of the source a bundle becomes a point in time of.
fn becomes(app: &App, meta: &SnapshotMeta, wanted: Option<&str>) -> Result<(String, String)> {
    let of = |row: SourceRecord| (row.id, row.name);
    let Some(name) = wanted else {
        let own = app.journal().sources().get(&meta.source_id).ok().map(of);
        return Ok(own.unwrap_or_else(|| (meta.source_id.clone(), meta.source_name.clone())));
    };
    match app.journal().sources().get(name) {
        Ok(row) if row.kind == meta.source_kind => Ok(of(row)),
        Ok(row) => Err(ApiError::new(
            ErrorKind::Usage,
            format!(
                "{:?} is a source of kind {}, and the bundle is of kind {}; nothing was written",
                row.name, row.kind, meta.source_kind
            ),
        )
        .hint("Give another name with --source.")),
        // The same new name for bundles of one source is one history.
        Err(_) => Ok((format!("{}+{name}", meta.source_id), name.to_owned())),
    }
}
