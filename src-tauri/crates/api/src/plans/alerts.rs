//! Alarms: raised once for one cause, taken back when the cause is gone. What is told to whom follows from settings and channels.

use std::hash::{DefaultHasher, Hash, Hasher};

use backstay_journal::{Raised, RatesOf, Source as SourceRecord};
use backstay_model::{RunKind, Verdict};
use backstay_tell::{Event, Message};
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Loaded, Watched, channels,
    messages::{age, last_good, message, sentence},
    raw, slot, unraw,
};
use crate::{
    ApiError, App, Result,
    types::{BackupReport, DrillRow, HoldRow, PlanRunReply, SlotRef, Task, UpkeepReport},
};

/// Recent runs of a plan, for its failure rate (days).
const RECENT: i64 = 30;
/// Share of recent runs that may fail without an alarm, in percent (MISSION P4).
const RATE: f64 = 1.0;
/// Days without a failure after which the alarm is taken back.
const CALM: i64 = 3;
/// One failure is told as such; a rate needs a second one.
const FEWEST: u64 = 2;

/// Raises an alarm. Told only when it is a new one.
pub(crate) fn raise(app: &App, message: &Message) -> Result<()> {
    let event = message.event.name();
    let raised = app
        .journal()
        .alerts()
        .raise(&message.cause, event, &raw(message)?, app.now())?;
    if raised == Raised::New {
        tell(app, message)?;
    }
    Ok(())
}

/// Puts a message into the outbox for everyone who wants it.
pub(crate) fn tell(app: &App, message: &Message) -> Result<()> {
    let (journal, now) = (app.journal(), app.now());
    let event = message.event.name();
    let content = raw(message)?;
    let plan = match &message.plan {
        Some(name) => journal.plans().get(name).ok().map(|plan| plan.id),
        None => None,
    };
    for channel in journal.channels().list()? {
        let of_plan = channel.plans.is_empty() || plan.as_ref().is_some_and(|plan| channel.plans.contains(plan));
        let told = channels::kind_of(&channel).is_some_and(|kind| !matches!(kind, crate::types::ChannelKind::Heartbeat {}));
        if channel.enabled && told && of_plan && channels::wants(&channel, message.event) {
            journal.outbox().put(&channel.id, event, &message.cause, &content, now)?;
        }
    }
    if app.is_watching() && wanted_here(app, message.event) {
        journal
            .outbox()
            .put(super::post::DESKTOP, event, &message.cause, &content, now)?;
    }
    Ok(())
}

/// Whether the desktop's own notifications tell of it.
fn wanted_here(app: &App, event: Event) -> bool {
    let settings = app.settings().unwrap_or_default();
    match event {
        Event::Failed | Event::DrillFailed | Event::Damaged | Event::FailureRate | Event::Watchdog => settings.notify_failed,
        Event::Partial => settings.notify_partial,
        Event::Overdue | Event::MeteredAsk => settings.notify_overdue,
        Event::Guard => settings.notify_guard,
        Event::Complete => settings.notify_complete,
        Event::Recovered => false,
        Event::Test => true,
    }
}

/// Takes back the alarms whose cause begins so, apart from one. Those who want to know hear that it is over.
pub(crate) fn resolve(app: &App, prefix: &str, except: Option<&str>) -> Result<()> {
    for alert in app.journal().alerts().open_like(prefix)? {
        if except == Some(alert.cause.as_str()) {
            continue;
        }
        // Another process may have seen the same: whoever took the alarm back tells.
        let Some(alert) = app.journal().alerts().resolve(&alert.cause, app.now())? else {
            continue;
        };
        if let Some(before) = unraw::<Message>(&alert.message) {
            let over = Message {
                event: Event::Recovered,
                title: format!("Over: {}", before.title),
                body: format!("It lasted {}.", age(app.now() - alert.first)),
                time: app.now(),
                ..before
            };
            tell(app, &over)?;
        }
    }
    Ok(())
}

/// After a run of a plan: what it means for alarms.
pub(crate) fn after_run(app: &App, plan: &Loaded, task: Task, slot: Option<&SlotRef>, reply: &PlanRunReply) -> Result<()> {
    if let Some(error) = &reply.error {
        after_failure(app, plan, task, slot, error)?;
    }
    for run in &reply.runs {
        after_backup(app, plan, slot, run)?;
    }
    for one in &reply.upkeep {
        after_upkeep(app, plan, task, slot, one)?;
    }
    if reply.error.is_none() {
        resolve(app, &format!("plan:{}:{}", plan.plan.id, task.name()), None)?;
    }
    if task == Task::Backup {
        rate(app, plan)?;
    }
    Ok(())
}

/// After a run of a plan that could not even begin.
pub(crate) fn after_failure(app: &App, plan: &Loaded, task: Task, slot: Option<&SlotRef>, error: &ApiError) -> Result<()> {
    if !super::messages::needs_person(error.code) || !slot::is_final(app, plan, task, slot, error) {
        return Ok(());
    }
    let cause = format!("plan:{}:{}", plan.plan.id, task.name());
    let title = format!("{}: {} failed", plan.plan.name, word(task));
    let mut told = message(app, Event::Failed, cause, title, sentence(&error.message));
    told.plan = Some(plan.plan.name.clone());
    told.code = Some(error.code);
    told.verdict = Some(Verdict::Failed);
    raise(app, &told)
}

fn word(task: Task) -> &'static str {
    match task {
        Task::Backup => "backup",
        Task::Forget => "removing old backups",
        Task::Prune => "freeing space",
        Task::Structure | Task::Sample | Task::Full => "check",
        Task::Drill | Task::DrillOne => "restore drill",
    }
}

fn after_backup(app: &App, plan: &Loaded, slot: Option<&SlotRef>, run: &BackupReport) -> Result<()> {
    let Ok(source) = app.journal().sources().get(&run.source) else {
        return Ok(());
    };
    let vault = app.journal().vaults().get(&run.vault).map_or(String::new(), |vault| vault.id);
    let (failed, partial) = (
        format!("failed:{}:{vault}", source.id),
        format!("partial:{}:{vault}", source.id),
    );
    match run.verdict {
        Verdict::Cancelled => Ok(()),
        Verdict::Complete => {
            resolve(app, &failed, None)?;
            resolve(app, &partial, None)?;
            complete(app, plan, run)
        }
        Verdict::Partial => {
            resolve(app, &failed, None)?;
            let cause = format!("{partial}:{:x}", gap_print(run));
            resolve(app, &partial, Some(&cause))?;
            raise(app, &partial_message(app, plan, &source, run, cause)?)
        }
        Verdict::Failed => {
            let error = run.error.clone();
            let waits = error
                .as_ref()
                .is_some_and(|error| !slot::is_final(app, plan, Task::Backup, slot, error));
            if waits {
                return Ok(());
            }
            let code = error.as_ref().map(|error| error.code);
            let cause = format!("{failed}:{code:?}");
            resolve(app, &failed, Some(&cause))?;
            raise(app, &failed_message(app, plan, &source, run, cause)?)
        }
    }
}

/// The same gaps every hour are one cause.
fn gap_print(run: &BackupReport) -> u64 {
    let mut subjects: Vec<&str> = run.gaps.iter().map(|gap| gap.subject.as_str()).collect();
    subjects.sort_unstable();
    let mut hasher = DefaultHasher::new();
    subjects.hash(&mut hasher);
    hasher.finish()
}

fn good_of(app: &App, source: &SourceRecord) -> Result<Option<DateTime<Utc>>> {
    Ok(app.journal().runs().standing(&source.id, &[])?.good.map(|run| run.started))
}

fn about(told: Message, plan: &Loaded, run: &BackupReport, good: Option<DateTime<Utc>>) -> Message {
    Message {
        plan: Some(plan.plan.name.clone()),
        source: Some(run.source.clone()),
        vault: Some(run.vault.clone()),
        run: Some(run.run.clone()),
        verdict: Some(run.verdict),
        gaps: run.gaps.len() as u64,
        code: run.error.as_ref().map(|error| error.code),
        last_good: good,
        ..told
    }
}

fn partial_message(app: &App, plan: &Loaded, source: &SourceRecord, run: &BackupReport, cause: String) -> Result<Message> {
    let good = good_of(app, source)?;
    let count = run.gaps.len();
    let title = format!("{}: saved, with {count} gap{}", run.source, if count == 1 { "" } else { "s" });
    let first = run
        .gaps
        .first()
        .map(|gap| format!("Missing: {}. ", gap.subject))
        .unwrap_or_default();
    let body = format!("{first}{}", last_good(good, app.now()));
    Ok(about(message(app, Event::Partial, cause, title, body), plan, run, good))
}

fn failed_message(app: &App, plan: &Loaded, source: &SourceRecord, run: &BackupReport, cause: String) -> Result<Message> {
    let good = good_of(app, source)?;
    let title = format!("{}: backup failed", run.source);
    let why = run.error.as_ref().map(|error| sentence(&error.message)).unwrap_or_default();
    let body = format!("{why} {}", last_good(good, app.now()));
    Ok(about(message(app, Event::Failed, cause, title, body), plan, run, good))
}

fn complete(app: &App, plan: &Loaded, run: &BackupReport) -> Result<()> {
    let title = format!("{}: backup complete", run.source);
    let told = message(app, Event::Complete, format!("complete:{}", run.run), title, String::new());
    tell(app, &about(told, plan, run, Some(run.started)))
}

fn after_upkeep(app: &App, plan: &Loaded, task: Task, slot: Option<&SlotRef>, one: &UpkeepReport) -> Result<()> {
    // Drills raise their own alarm, whoever asked for them.
    if matches!(task, Task::Drill | Task::DrillOne) && one.run.is_some() {
        return Ok(());
    }
    let check = matches!(task, Task::Structure | Task::Sample | Task::Full);
    let place = one.vault.clone().unwrap_or_default();
    let name = if check {
        "damaged".to_owned()
    } else {
        format!("upkeep:{}", task.name())
    };
    let cause = format!("{name}:{}:{}", place, one.source.clone().unwrap_or_default());
    let Some(error) = one.error.as_ref().filter(|_| one.verdict == Verdict::Failed) else {
        // A shallow check that finds nothing does not take back what a deeper one found.
        if one.verdict == Verdict::Complete && (!check || task == Task::Full) {
            resolve(app, &cause, None)?;
        }
        return Ok(());
    };
    if !slot::is_final(app, plan, task, slot, error) {
        return Ok(());
    }
    let (event, title) = match check && error.code == backstay_model::ErrorKind::Damaged {
        true => (Event::Damaged, format!("{place}: the vault is damaged")),
        false => (Event::Failed, format!("{place}: {} failed", word(task))),
    };
    let mut told = message(app, event, cause, title, sentence(&error.message));
    told.plan = Some(plan.plan.name.clone());
    told.source.clone_from(&one.source);
    told.vault.clone_from(&one.vault);
    told.run.clone_from(&one.run);
    told.code = Some(error.code);
    told.verdict = Some(one.verdict);
    raise(app, &told)
}

/// After a restore drill, whoever asked for it: one that failed is an alarm, and so is one that took longer than it may.
pub(crate) fn after_drill(app: &App, plan: Option<&Loaded>, drill: &DrillRow) -> Result<()> {
    let cause = format!("drill:{}:{}", drill.source, drill.vault);
    let target = plan
        .and_then(|plan| plan.spec.upkeep.target_minutes)
        .filter(|_| !drill.one_each);
    let slow = target.filter(|minutes| drill.seconds > f64::from(*minutes) * 60.0);
    let (title, body) = match (drill.verdict, slow) {
        (Verdict::Cancelled, _) => return Ok(()),
        (Verdict::Failed, _) => {
            let why = drill
                .reason
                .as_ref()
                .map(|(_, message)| sentence(message))
                .unwrap_or_default();
            let title = format!("{}: the restore drill failed", drill.source);
            (
                title,
                format!("{why} Nothing at the source was touched. Check the vault {:?}.", drill.vault),
            )
        }
        (_, Some(minutes)) => {
            let took = age(TimeDelta::seconds(drill.seconds.max(0.0).round() as i64));
            let title = format!("{}: getting it back takes longer than {minutes} minutes", drill.source);
            (title, format!("The restore drill brought everything back; it took {took}."))
        }
        _ => return resolve(app, &cause, None),
    };
    let mut told = message(app, Event::DrillFailed, cause, title, body);
    told.plan = plan.map(|plan| plan.plan.name.clone());
    told.source = Some(drill.source.clone());
    told.vault = Some(drill.vault.clone());
    told.run = Some(drill.run.clone());
    told.verdict = Some(drill.verdict);
    told.code = drill.reason.as_ref().map(|(code, _)| *code);
    raise(app, &told)
}

/// A guard tripped.
pub(crate) fn guard(app: &App, hold: &HoldRow) -> Result<()> {
    use backstay_engine::guard::Trip;
    let what = match &hold.trip {
        Trip::MassDeletion {
            collection,
            before,
            gone,
            ..
        } => format!("{gone} of {before} records of {collection} were deleted at the source."),
        Trip::Emptied { collection, before } => format!("{collection} became empty; it had {before} records."),
        Trip::SchemaChanged {
            collection,
            gone,
            retyped,
        } => {
            let count = gone.len() + retyped.len();
            format!("{count} columns of {collection} are gone or of another kind.")
        }
        Trip::CoverageLost { names } => format!("Out of reach now: {}.", names.join(", ")),
        Trip::FilesGone { before, gone, .. } => format!("{gone} of {before} files were deleted at the source."),
    };
    let title = format!("{}: held by a guard", hold.source);
    let body = format!("{what} No older backup is removed until you answer. New backups go on.");
    let mut told = message(app, Event::Guard, format!("guard:{}", hold.id), title, body);
    told.source = Some(hold.source.clone());
    told.vault.clone_from(&hold.vault);
    told.run.clone_from(&hold.run);
    raise(app, &told)
}

/// More than one in a hundred of a plan's recent runs failed.
fn rate(app: &App, plan: &Loaded) -> Result<()> {
    let since = app.now() - TimeDelta::days(RECENT);
    let (runs, of) = (app.journal().runs(), RatesOf::Plan(&plan.plan.id));
    let rates = runs.rates(of, &[RunKind::Backup], since)?;
    let all = rates.complete + rates.partial + rates.failed;
    let percent = share(rates.failed, all);
    let cause = format!("rate:{}", plan.plan.id);
    let lately = runs.rates(of, &[RunKind::Backup], app.now() - TimeDelta::days(CALM))?;
    if rates.failed < FEWEST || percent <= RATE || lately.failed == 0 {
        return resolve(app, &cause, None);
    }
    // A failure that lasts was told as such: the rate is about those that come and go.
    for source in &plan.plan.sources {
        if !app
            .journal()
            .alerts()
            .open_like(&format!("failed:{}:", source.id))?
            .is_empty()
        {
            return Ok(());
        }
    }
    let title = format!("{}: {} of the last {all} backups failed", plan.plan.name, rates.failed);
    let body = format!("That is {percent:.1} % in {RECENT} days; more than {RATE} % is worth a look.");
    let mut told = message(app, Event::FailureRate, cause, title, body);
    told.plan = Some(plan.plan.name.clone());
    raise(app, &told)
}

/// `part` of `all` in percent.
#[allow(clippy::cast_precision_loss, reason = "a share for people")]
pub(crate) fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 * 100.0 / all as f64 }
}

/// Looks at all sources: who is overdue now, who is no more. Returns the names of those that are. When nobody could look for a while,
/// what was missed is being caught up: until `patient` is over, that is no alarm.
pub(crate) fn review(app: &App, watched: &Watched, patient: Option<DateTime<Utc>>) -> Result<Vec<String>> {
    let mut overdue = Vec::new();
    let planned = watched.planned();
    let sources = app.journal().sources().list()?;
    settle(app, &sources)?;
    for source in sources {
        let good = good_of(app, &source)?;
        if !planned.contains(source.id.as_str()) || !watched.is_overdue(&source.id, good) {
            resolve(app, &format!("overdue:{}", source.id), None)?;
            continue;
        }
        overdue.push(source.name.clone());
        if patient.is_none_or(|until| watched.now >= until) {
            raise_quietly_if_known(app, &source, &overdue_message(app, watched, &source, good))?;
        }
    }
    Ok(overdue)
}

fn overdue_message(app: &App, watched: &Watched, source: &SourceRecord, good: Option<DateTime<Utc>>) -> Message {
    let promise = watched.promise(&source.id).map(age).unwrap_or_default();
    let title = match good {
        Some(good) => format!("{}: no good backup for {}", source.name, age(watched.now - good)),
        None => format!("{}: no good backup yet", source.name),
    };
    let body = format!("One was promised every {promise}. {}", last_good(good, watched.now));
    let cause = format!("overdue:{}", source.id);
    let mut told = message(app, Event::Overdue, cause, title, body);
    told.source = Some(source.name.clone());
    told.plan = watched.of_source(&source.id).next().map(|plan| plan.plan.name.clone());
    told.last_good = good;
    told
}

/// Takes back what a backup by hand has mended, and what is about sources that are gone.
fn settle(app: &App, sources: &[SourceRecord]) -> Result<()> {
    for prefix in ["failed:", "partial:", "overdue:"] {
        for alert in app.journal().alerts().open_like(prefix)? {
            let mut parts = alert.cause.split(':').skip(1);
            let source = parts.next().unwrap_or_default();
            let vault: Vec<&str> = parts.next().into_iter().collect();
            let known = sources.iter().any(|known| known.id == source);
            let ended = app.journal().runs().standing(source, &vault)?.ended;
            let mended = prefix != "overdue:"
                && ended
                    .iter()
                    .any(|run| run.verdict == Some(Verdict::Complete) && run.started > alert.last);
            if !known || mended {
                resolve(app, &alert.cause, None)?;
            }
        }
    }
    Ok(())
}

/// A failure that was told is the cause of being overdue: the alarm stands, but nobody is told a second time.
fn raise_quietly_if_known(app: &App, source: &SourceRecord, told: &Message) -> Result<()> {
    let alerts = app.journal().alerts();
    if alerts.open_like(&format!("failed:{}:", source.id))?.is_empty() {
        return raise(app, told);
    }
    alerts.raise(&told.cause, told.event.name(), &raw(told)?, app.now())?;
    Ok(())
}
