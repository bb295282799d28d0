//! Replication between sources of one kind: once, as a run; or kept, by the process that watches the clock; or by the service itself.

use backstay_journal::{Counters, Lead, NewReplication, NewRun, Replication as Kept, ReplicationPhase, Run, RunEnd};
use backstay_model::{ErrorKind, RunKind, Verdict};
use backstay_source::{Replication, ReplicationProgress, Via};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{
    Command, Guard,
    backup::{Recording, failed_end, named},
    conflicts::raw,
};
use crate::{
    ApiError, App, Context, Result,
    app::SourceSecrets,
    replicas::{Ends, Watching, replicator, what_of},
    types::{
        Nothing, ReplicationEnd, ReplicationRef, ReplicationReply, ReplicationRow, ReplicationStartRequest, ReplicationState,
        ReplicationsReply, ReplicationsRequest, ServiceReplication, Topic,
    },
};

/// Lists replications.
pub struct Replications;
/// Starts a replication.
pub struct ReplicationStart;
/// Stops a replication; a kept one can be begun again.
pub struct ReplicationStop;
/// Lets a replication that was stopped go on.
pub struct ReplicationResume;
/// Ends a replication and forgets it.
pub struct ReplicationRemove;

impl Command for ReplicationStart {
    const NAME: &'static str = "replication.start";
    const CHANGES: &'static [Topic] = &[Topic::Replications, Topic::Runs, Topic::Audit];
    const GUARD: Guard = Guard::Restores;
    type Request = ReplicationStartRequest;
    type Reply = ReplicationReply;
    fn run(app: &App, context: &Context<'_>, request: ReplicationStartRequest) -> Result<ReplicationReply> {
        let ends = Ends::find(app, &request.from, &request.to)?;
        ends.check(&request.what)?;
        let request = ReplicationStartRequest {
            from: end(&ends.from.name, &request.from.collection),
            to: end(&ends.to.name, &request.to.collection),
            ..request
        };
        match (request.what.continuous, request.stay) {
            (false, _) => once(app, context, &ends, request),
            (true, true) => stay(app, context, &ends, request),
            (true, false) => keep(app, context, &ends, request),
        }
    }
}

fn end(source: &str, collection: &str) -> ReplicationEnd {
    ReplicationEnd {
        source: source.to_owned(),
        collection: collection.to_owned(),
    }
}

fn detail(request: &ReplicationStartRequest) -> serde_json::Value {
    json!({ "from": request.from, "to": request.to, "what": request.what })
}

fn replied(
    request: ReplicationStartRequest,
    run: Option<String>,
    progress: ReplicationProgress,
    gaps: Vec<backstay_model::Gap>,
) -> ReplicationReply {
    let whole = gaps.is_empty() && progress.failed == 0;
    ReplicationReply {
        run,
        kept: None,
        verdict: if whole { Verdict::Complete } else { Verdict::Partial },
        from: request.from,
        to: request.to,
        progress,
        gaps,
    }
}

/// Until everything went through, as a run with a record.
fn once(app: &App, context: &Context<'_>, ends: &Ends, request: ReplicationStartRequest) -> Result<ReplicationReply> {
    let owner = app.own()?;
    let new = NewRun {
        kind: RunKind::Replicate,
        source: Some(named(&ends.from.id, &ends.from.name)),
        vault: None,
        snapshot: None,
        plan: None,
    };
    let run = app.journal().runs().begin(&owner, &new, app.now())?;
    let recording = Recording::new(context.reporter);
    backstay_engine::Reporter::note(&recording, &ends.text());
    let watch = Watching::new(context.cancel, &recording);
    let done = ends.replicate(app, &request.what, &watch);
    let (heard, gaps) = watch.into_heard();
    let told = detail(&request);
    let result = done.map(|progress| replied(request, Some(run.id.clone()), progress, gaps.clone()));
    ended(app, &run, recording, &result, &heard, &gaps)?;
    app.audit("replication.run", &ends.from.name, json!({ "run": run.id, "asked": told }))?;
    result
}

fn ended(
    app: &App,
    run: &Run,
    recording: Recording<'_>,
    result: &Result<ReplicationReply>,
    heard: &ReplicationProgress,
    gaps: &[backstay_model::Gap],
) -> Result<()> {
    let progress = result.as_ref().map_or(heard, |reply| &reply.progress);
    let counters = Counters {
        items: progress.written,
        bytes: progress.bytes,
        ..Counters::default()
    };
    let end = match result {
        Ok(reply) => RunEnd {
            finished: app.now(),
            verdict: reply.verdict,
            reason: None,
            counters,
            snapshot: None,
        },
        Err(error) => RunEnd {
            counters,
            ..failed_end(app, error)
        },
    };
    let runs = app.journal().runs();
    runs.add_gaps(&run.id, gaps)?;
    runs.add_events(&run.id, &recording.into_events(app.now()))?;
    runs.finish(&run.id, &end)?;
    Ok(())
}

/// For as long as the call: a person sits and watches.
fn stay(app: &App, context: &Context<'_>, ends: &Ends, request: ReplicationStartRequest) -> Result<ReplicationReply> {
    let twin = app.journal().replications().list()?.into_iter().find(|kept| {
        kept.stopped.is_none()
            && (&kept.from_source.id, &kept.to_source.id) == (&ends.from.id, &ends.to.id)
            && (&kept.from_collection, &kept.to_collection) == (&request.from.collection, &request.to.collection)
    });
    if let Some(kept) = twin {
        let text = format!(
            "{} is replicated already, by the app or the agent; nothing was begun",
            ends.text()
        );
        return Err(ApiError::new(ErrorKind::Refused, text).hint(format!("It is the replication {}.", kept.id)));
    }
    app.audit("replication.watch", &ends.from.name, detail(&request))?;
    let watch = Watching::new(context.cancel, context.reporter);
    let progress = ends.replicate(app, &request.what, &watch)?;
    let (_, gaps) = watch.into_heard();
    Ok(replied(request, None, progress, gaps))
}

/// Handed to the service, or written down for the process that watches the clock.
fn keep(app: &App, context: &Context<'_>, ends: &Ends, mut request: ReplicationStartRequest) -> Result<ReplicationReply> {
    let same_service = ends.from.id == ends.to.id;
    if request.what.via == Via::Server || (request.what.via == Via::Auto && same_service) {
        let asked = Replication {
            via: Via::Server,
            ..request.what.clone()
        };
        let watch = Watching::new(context.cancel, context.reporter);
        match ends.replicate(app, &asked, &watch) {
            Ok(progress) => {
                app.audit("replication.start", &ends.from.name, detail(&request))?;
                let (_, gaps) = watch.into_heard();
                return Ok(replied(request, None, progress, gaps));
            }
            Err(error) if request.what.via == Via::Auto && error.code == ErrorKind::Unsupported => {}
            Err(error) => return Err(error),
        }
    }
    request.what.via = Via::Here;
    there(app, context, &request)?;
    let new = NewReplication {
        from_source: ends.from.id.clone(),
        from_collection: request.from.collection.clone(),
        to_source: ends.to.id.clone(),
        to_collection: request.to.collection.clone(),
        what: raw(&json!(request.what))?,
    };
    let kept = app.journal().replications().keep(&new, app.now())?;
    app.audit("replication.start", &ends.from.name, detail(&request))?;
    let progress = ReplicationProgress {
        via: Via::Here,
        ..ReplicationProgress::default()
    };
    Ok(ReplicationReply {
        kept: Some(kept.id),
        ..replied(request, None, progress, Vec::new())
    })
}

/// Whether both ends are there now: a mistyped name is told at once and not by a thread later.
fn there(app: &App, context: &Context<'_>, request: &ReplicationStartRequest) -> Result<()> {
    let missing = |end: &ReplicationEnd| -> Result<Option<ApiError>> {
        let row = app.journal().sources().get(&end.source)?;
        let live = app.open_source(&row)?.live_records(context.cancel)?;
        let found = live.map(|live| live.has(&end.collection)).transpose()?.unwrap_or(false);
        let text = format!("{:?} has no {:?}; nothing was begun", row.name, end.collection);
        Ok((!found).then(|| ApiError::new(ErrorKind::NotFound, text)))
    };
    if let Some(error) = missing(&request.from)? {
        return Err(error);
    }
    if !request.what.create_target
        && let Some(error) = missing(&request.to)?
    {
        return Err(error.hint("Add --create to make it."));
    }
    Ok(())
}

impl Command for Replications {
    const NAME: &'static str = "replication.list";
    type Request = ReplicationsRequest;
    type Reply = ReplicationsReply;
    fn run(app: &App, _: &Context<'_>, request: ReplicationsRequest) -> Result<ReplicationsReply> {
        let only = request
            .source
            .as_deref()
            .map(|name| app.journal().sources().get(name))
            .transpose()?;
        let about = |kept: &Kept| {
            only.as_ref()
                .is_none_or(|only| kept.from_source.id == only.id || kept.to_source.id == only.id)
        };
        let watched = Lead::holder(app.home_dir())?.is_some();
        let kept = app.journal().replications().list()?;
        let mut reply = ReplicationsReply {
            kept: kept
                .iter()
                .filter(|kept| about(kept))
                .map(|kept| row(kept, watched))
                .collect::<Result<_>>()?,
            ..ReplicationsReply::default()
        };
        let asked = match only {
            Some(only) => vec![only],
            None if request.services => app.journal().sources().list()?,
            None => Vec::new(),
        };
        for source in asked {
            let connector = app.connector(&source.kind)?;
            let Some(replicator) = connector.replicator() else { continue };
            match replicator.on_server(&app.source_config(&source)?, &SourceSecrets(app)) {
                Ok(found) => reply
                    .on_services
                    .extend(found.into_iter().map(|replication| ServiceReplication {
                        source: source.name.clone(),
                        replication,
                    })),
                Err(error) => reply.gaps.push(error.to_gap()),
            }
        }
        Ok(reply)
    }
}

fn parsed<T: DeserializeOwned>(json: Option<&backstay_model::RawJson>) -> Option<T> {
    serde_json::from_slice(json?.as_bytes()).ok()
}

fn row(kept: &Kept, watched: bool) -> Result<ReplicationRow> {
    let state = match (kept.stopped, watched, kept.heard.phase) {
        (Some(_), ..) => ReplicationState::Stopped,
        (None, false, _) => ReplicationState::Nobody,
        (None, true, Some(ReplicationPhase::Idle)) => ReplicationState::Idle,
        (None, true, Some(ReplicationPhase::Trying)) => ReplicationState::Trying,
        (None, true, Some(ReplicationPhase::Running) | None) => ReplicationState::Running,
    };
    Ok(ReplicationRow {
        id: kept.id.clone(),
        from: end(&kept.from_source.name, &kept.from_collection),
        to: end(&kept.to_source.name, &kept.to_collection),
        what: what_of(kept)?,
        state,
        created: kept.created,
        moved: kept.heard.moved,
        progress: parsed(kept.heard.progress.as_ref()),
        problem: parsed(kept.heard.problem.as_ref()),
        again: kept.heard.again.filter(|_| state == ReplicationState::Trying),
        gaps: kept.gaps.clone(),
        gap_count: kept.gap_count,
    })
}

impl Command for ReplicationStop {
    const NAME: &'static str = "replication.stop";
    const CHANGES: &'static [Topic] = &[Topic::Replications, Topic::Audit];
    type Request = ReplicationRef;
    type Reply = Nothing;
    fn run(app: &App, _: &Context<'_>, request: ReplicationRef) -> Result<Nothing> {
        if let Some(name) = &request.source {
            return stop_on_service(app, name, &request.id);
        }
        let kept = app.journal().replications().set_stopped(&request.id, Some(app.now()))?;
        app.audit("replication.stop", &kept.from_source.name, json!({ "id": kept.id }))?;
        Ok(Nothing {})
    }
}

fn stop_on_service(app: &App, name: &str, id: &str) -> Result<Nothing> {
    let source = app.journal().sources().get(name)?;
    let connector = app.connector(&source.kind)?;
    replicator(&*connector)?.stop_on_server(&app.source_config(&source)?, &SourceSecrets(app), id)?;
    app.audit("replication.stop", &source.name, json!({ "onService": id }))?;
    Ok(Nothing {})
}

impl Command for ReplicationResume {
    const NAME: &'static str = "replication.resume";
    const CHANGES: &'static [Topic] = &[Topic::Replications, Topic::Audit];
    const GUARD: Guard = Guard::Restores;
    type Request = ReplicationRef;
    type Reply = Nothing;
    fn run(app: &App, _: &Context<'_>, request: ReplicationRef) -> Result<Nothing> {
        if request.source.is_some() {
            let text = "a replication the service runs cannot be gone on with; start it anew";
            return Err(ApiError::new(ErrorKind::Unsupported, text));
        }
        let kept = app.journal().replications().set_stopped(&request.id, None)?;
        app.audit("replication.resume", &kept.from_source.name, json!({ "id": kept.id }))?;
        Ok(Nothing {})
    }
}

impl Command for ReplicationRemove {
    const NAME: &'static str = "replication.remove";
    const CHANGES: &'static [Topic] = &[Topic::Replications, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = ReplicationRef;
    type Reply = Nothing;
    fn run(app: &App, _: &Context<'_>, request: ReplicationRef) -> Result<Nothing> {
        if let Some(name) = &request.source {
            return stop_on_service(app, name, &request.id);
        }
        let kept = app.journal().replications().remove(&request.id)?;
        app.audit("replication.remove", &kept.from_source.name, json!({ "id": kept.id }))?;
        Ok(Nothing {})
    }
}
