//! Guards that tripped: list, look at what went, answer; pins.

use backstay_engine::{
    Job,
    guard::{self, SnapshotView, Trip},
};
use backstay_model::ErrorKind;
use backstay_vault::{Reader, Snapshots, Vault};
use serde_json::json;

use super::{Command, Guard};
use crate::{
    ApiError, App, Context, Result, names,
    plans::{alerts, guards},
    types::{
        GoneRow, GuardBar, HoldReleaseRequest, HoldReviewReply, HoldReviewRequest, HoldRow, HoldsReply, HoldsRequest, Nothing,
        PinRequest, SnapshotRef, Topic,
    },
    vaults,
};

/// Lists guards that tripped.
pub struct Holds;
/// Shows what went.
pub struct HoldReview;
/// Answers a guard.
pub struct HoldRelease;
/// Pins a snapshot, or takes the pin away.
pub struct Pin;

/// Answered ones that are listed.
const LISTED: usize = 200;
/// Most rows of a page.
const MOST_ROWS: u32 = 1000;
/// Longest name of a pin, in characters.
const LONGEST_PIN: usize = 80;

impl Command for Holds {
    const NAME: &'static str = "hold.list";
    type Request = HoldsRequest;
    type Reply = HoldsReply;
    fn run(app: &App, _: &Context<'_>, request: HoldsRequest) -> Result<HoldsReply> {
        let source = match &request.source {
            Some(name) => Some(app.journal().sources().get(name)?.id),
            None => None,
        };
        let holds = app.journal().holds();
        let found = match request.all {
            true => holds.list(source.as_deref(), LISTED)?,
            false => holds.open(source.as_deref())?,
        };
        let mut holds: Vec<HoldRow> = found.into_iter().filter_map(|hold| guards::row(app, hold)).collect();
        holds.sort_by_key(|hold| std::cmp::Reverse(hold.at));
        Ok(HoldsReply { holds })
    }
}

fn get(app: &App, id: &str) -> Result<HoldRow> {
    guards::row(app, app.journal().holds().get(id)?).ok_or_else(|| {
        ApiError::new(
            ErrorKind::Unsupported,
            "this guard was tripped by a newer version of Backstay, which has to answer it",
        )
    })
}

/// The two snapshots a guard compared.
struct Pair {
    before: SnapshotView,
    now: SnapshotView,
}

fn pair(app: &App, context: &Context<'_>, hold: &HoldRow) -> Result<Pair> {
    let gone = |what: &str| {
        ApiError::new(ErrorKind::NotFound, format!("{what} is not in the vault any more"))
            .hint("What went cannot be listed. The hold itself can still be answered.")
    };
    let name = hold.vault.as_deref().ok_or_else(|| gone("the vault"))?;
    let record = app.journal().vaults().get(name)?;
    let vault: Vault = vaults::open(app, context, &record)?;
    let (reader, all) = (vault.reader()?, vault.snapshots()?);
    Ok(Pair {
        before: view(app, &reader, &all, hold.before.as_deref(), true).ok_or_else(|| gone("the backup before"))??,
        now: view(app, &reader, &all, hold.snapshot.as_deref(), false).ok_or_else(|| gone("the backup that saw it"))??,
    })
}

fn view(app: &App, reader: &Reader, all: &Snapshots, id: Option<&str>, before: bool) -> Option<Result<SnapshotView>> {
    let snapshot = all.good.iter().find(|one| Some(one.id.to_hex().as_str()) == id)?;
    let connectors = |kind: &str| app.connector(kind).ok();
    // The one before fills its gaps from the last whole backup, as it did when the guard tripped.
    let opened = match before {
        true => SnapshotView::open_as_before(reader, all, snapshot, &connectors),
        false => SnapshotView::open(reader, snapshot, &connectors),
    };
    Some(opened.map_err(ApiError::from))
}

impl Command for HoldReview {
    const NAME: &'static str = "hold.review";
    type Request = HoldReviewRequest;
    type Reply = HoldReviewReply;
    fn run(app: &App, context: &Context<'_>, request: HoldReviewRequest) -> Result<HoldReviewReply> {
        let hold = get(app, &request.hold)?;
        let pair = pair(app, context, &hold)?;
        let job = Job {
            cancel: context.cancel,
            clock: app.clock(),
            reporter: context.reporter,
        };
        let from = request
            .from
            .as_deref()
            .map(str::parse::<u64>)
            .transpose()
            .map_err(|_| ApiError::new(ErrorKind::Usage, "a page begins where the page before said it does"))?;
        let limit = request.limit.clamp(1, MOST_ROWS) as usize;
        let (rows, next) = match &hold.trip {
            // Columns are in the trip itself; no record went.
            Trip::SchemaChanged { .. } => (Vec::new(), None),
            trip => gone(&pair, trip, from, limit, &job)?,
        };
        let bars = match from {
            None => bars(app, &pair, &hold, &job)?,
            Some(_) => Vec::new(),
        };
        Ok(HoldReviewReply { hold, rows, next, bars })
    }
}

fn gone(pair: &Pair, trip: &Trip, from: Option<u64>, limit: usize, job: &Job<'_>) -> Result<(Vec<GoneRow>, Option<String>)> {
    let name = match trip {
        Trip::MassDeletion { collection, .. } | Trip::Emptied { collection, .. } => collection.as_str(),
        Trip::FilesGone { .. } => backstay_engine::FILES,
        Trip::CoverageLost { names } => {
            // Whole collections went: they are the list.
            let all = names.iter().map(|name| GoneRow {
                collection: None,
                id: name.clone(),
                summary: None,
            });
            return Ok((all.collect(), None));
        }
        Trip::SchemaChanged { .. } => return Ok((Vec::new(), None)),
    };
    let page = guard::gone(&pair.before, &pair.now, name, from, limit, job)?;
    let rows = page.items.into_iter().map(|item| GoneRow {
        summary: item.title.filter(|title| *title != item.id),
        collection: (item.collection != backstay_engine::FILES).then_some(item.collection),
        id: item.id,
    });
    Ok((rows.collect(), page.next.map(|next| next.to_string())))
}

fn bars(app: &App, pair: &Pair, hold: &HoldRow, job: &Job<'_>) -> Result<Vec<GuardBar>> {
    let source = app.journal().sources().get(&hold.source).map(|source| source.id);
    let rules = source.map_or_else(|_| Ok(guard::GuardRules::default()), |id| guards::rules_of(app, &id))?;
    let all = guard::standings(&rules, &pair.before, &pair.now, job)?;
    let bar = |one: guard::Standing| GuardBar {
        collection: one.title.unwrap_or(one.collection),
        before: one.before,
        now: one.now.unwrap_or(0),
        gone: one.gone,
        limit: one.limit.unwrap_or(one.before.max(1)),
    };
    Ok(all.into_iter().map(bar).collect())
}

impl Command for HoldRelease {
    const NAME: &'static str = "hold.release";
    const CHANGES: &'static [Topic] = &[
        Topic::Holds,
        Topic::Sources,
        Topic::Plans,
        Topic::Snapshots,
        Topic::Audit,
        Topic::Channels,
    ];
    const GUARD: Guard = Guard::Deletes;
    type Request = HoldReleaseRequest;
    type Reply = HoldRow;
    fn run(app: &App, context: &Context<'_>, request: HoldReleaseRequest) -> Result<HoldRow> {
        let hold = get(app, &request.hold)?;
        if hold.released.is_some() {
            return Err(ApiError::new(
                ErrorKind::Changed,
                "this guard was answered already; nothing was changed",
            ));
        }
        if let Some(number) = number(&hold.trip)
            && request.confirm != Some(number)
        {
            return Err(ApiError::new(
                ErrorKind::Refused,
                format!("{number} went at the source; the number has to be given to confirm it. The hold stays."),
            )
            .hint("`backstay hold show` and the window list what went."));
        }
        if request.pin {
            pin_before(app, context, &hold)?;
        }
        let (id, now) = (hold.id.as_str(), app.now());
        let released = app.journal().holds().release(id, app.actor(), request.note.as_deref(), now)?;
        alerts::resolve(app, &format!("guard:{id}"), None)?;
        app.audit(
            "guard.release",
            &hold.source,
            json!({ "hold": id, "trip": hold.trip, "note": request.note, "pinned": request.pin }),
        )?;
        guards::row(app, released).ok_or_else(|| ApiError::new(ErrorKind::Internal, "the hold cannot be read"))
    }
}

/// The number that proves that the person read what went.
fn number(trip: &Trip) -> Option<u64> {
    match trip {
        Trip::MassDeletion { gone, .. } | Trip::FilesGone { gone, .. } => Some(*gone),
        Trip::Emptied { before, .. } => Some(*before),
        Trip::SchemaChanged { .. } | Trip::CoverageLost { .. } => None,
    }
}

fn pin_before(app: &App, context: &Context<'_>, hold: &HoldRow) -> Result<()> {
    let pair = pair(app, context, hold)?;
    let record = app.journal().vaults().get(hold.vault.as_deref().unwrap_or_default())?;
    let name = format!("before the deletion of {}", hold.at.format("%Y-%m-%d"));
    let id = pair.before.snapshot.id.to_hex();
    Ok(app
        .journal()
        .pins()
        .pin(&record.id, &id, Some(&name), app.actor(), app.now())?)
}

impl Command for Pin {
    const NAME: &'static str = "snapshot.pin";
    const CHANGES: &'static [Topic] = &[Topic::Snapshots, Topic::Audit];
    type Request = PinRequest;
    type Reply = Nothing;
    fn run(app: &App, context: &Context<'_>, request: PinRequest) -> Result<Nothing> {
        let wanted = SnapshotRef {
            snapshot: request.snapshot,
            vault: request.vault,
        };
        let found = names::snapshot(app, context, &wanted)?;
        let (id, pins) = (found.snapshot.id.to_hex(), app.journal().pins());
        match &request.name {
            Some(name) if name.trim().is_empty() || name.chars().count() > LONGEST_PIN => {
                return Err(ApiError::new(
                    ErrorKind::Usage,
                    format!("a pin has a name of 1 to {LONGEST_PIN} characters; nothing was changed"),
                ));
            }
            Some(name) => pins.pin(&found.record.id, &id, Some(name), app.actor(), app.now())?,
            None => {
                pins.unpin(&found.record.id, &id)?;
            }
        }
        let action = if request.name.is_some() {
            "snapshot.pin"
        } else {
            "snapshot.unpin"
        };
        app.audit(action, &id, json!({ "vault": found.record.name, "name": request.name }))?;
        Ok(Nothing {})
    }
}
