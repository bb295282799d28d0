//! Care for a vault: check, retention, prune, repair.

use backstay_engine::{Reporter, backup};
use backstay_journal::{Counters, NewRun, Owner, PlanRef, Reason, RunEnd, Vault as VaultRecord};
use backstay_model::{ErrorKind, Gap, Progress, RunKind, Verdict};
use backstay_source::Cancel;
use backstay_vault::{
    Id, Vault,
    maintain::{
        Watch,
        check::{CheckOptions, check},
        forget::{forget, preview_forget},
        prune::{PruneOptions, PrunePlan, plan_prune, prune},
        repair::{RepairOptions, plan_repair, repair},
        report::{CheckReport, Depth, Problem, Severity, SnapshotLoss},
        retention::{KeepRules, Span},
    },
};
use serde_json::json;

use super::{
    Command, Guard,
    backup::{failed_end, named},
};
use crate::{
    ApiError, App, Context, Result, names,
    plans::{guards, keep as retention},
    types::{
        ForgetReply, ForgetRequest, KeepSpec, ProblemRow, PruneReply, PruneRequest, RepairReply, RepairRequest, Topic,
        VerifyReply, VerifyRequest,
    },
    vaults,
};

/// Checks a vault.
pub struct Verify;
/// Removes snapshots by rule.
pub struct Forget;
/// Frees space.
pub struct Prune;
/// Mends a vault.
pub struct Repair;

/// Lost paths listed for each snapshot; all are counted.
const LISTED_PATHS: usize = 50;

/// Lets the caller watch and cancel work on a vault.
pub(crate) struct Watching<'a> {
    reporter: &'a dyn Reporter,
    cancel: &'a Cancel,
}

impl Watch for Watching<'_> {
    fn progress(&self, progress: &Progress) {
        self.reporter.progress(progress);
    }
    fn cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

pub(crate) fn watching<'a>(context: &Context<'a>) -> Watching<'a> {
    Watching {
        reporter: context.reporter,
        cancel: context.cancel,
    }
}

/// Removes snapshots, as a run with a record. Returns the run and how many went.
pub(crate) fn remove(
    app: &App,
    context: &Context<'_>,
    owner: &Owner,
    record: &VaultRecord,
    vault: &Vault,
    going: &[Id],
    plan: Option<&PlanRef>,
) -> Result<(String, u64)> {
    as_run(app, owner, (RunKind::Forget, plan), record, |run| {
        let done = forget(vault, going, &watching(context))?;
        let items = done.removed.len() as u64;
        let counters = Counters {
            items,
            ..Counters::default()
        };
        Ok(((run.to_owned(), items), ended(app, Verdict::Complete, None, counters)))
    })
}

/// Does work on a vault as a run with a record. The work says how the run ended.
fn as_run<T>(
    app: &App,
    owner: &Owner,
    (kind, plan): (RunKind, Option<&PlanRef>),
    record: &VaultRecord,
    work: impl FnOnce(&str) -> Result<(T, RunEnd)>,
) -> Result<T> {
    let new = NewRun {
        plan: plan.cloned(),
        kind,
        source: None,
        vault: Some(named(&record.id, &record.name)),
        snapshot: None,
    };
    let run = app.journal().runs().begin(owner, &new, app.now())?;
    let (result, end) = match work(&run.id) {
        Ok((value, end)) => (Ok(value), end),
        Err(error) => {
            let end = failed_end(app, &error);
            (Err(error), end)
        }
    };
    app.journal().runs().finish(&run.id, &end)?;
    let action = match kind {
        RunKind::Check => "verify",
        RunKind::Forget => "forget",
        RunKind::Prune => "prune",
        _ => "repair",
    };
    app.audit(action, &record.name, json!({ "run": run.id, "verdict": end.verdict }))?;
    result
}

fn ended(app: &App, verdict: Verdict, reason: Option<Reason>, counters: Counters) -> RunEnd {
    RunEnd {
        finished: app.now(),
        verdict,
        reason,
        counters,
        snapshot: None,
    }
}

impl Command for Verify {
    const NAME: &'static str = "vault.verify";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Runs, Topic::Audit];
    type Request = VerifyRequest;
    type Reply = VerifyReply;
    fn run(app: &App, context: &Context<'_>, request: VerifyRequest) -> Result<VerifyReply> {
        let depth = match request.read_data {
            None => Depth::Structural,
            Some(percent) if percent >= 100.0 => Depth::ReadAll,
            Some(percent) if percent > 0.0 => Depth::Sample { percent, seed: None },
            Some(_) => {
                return Err(ApiError::new(
                    ErrorKind::Usage,
                    "the share to read is a number of percent above 0",
                ));
            }
        };
        check_one(app, context, &request.vault, depth, None)
    }
}

/// Checks a vault, as a run with a record. What it found stays with the run.
pub(crate) fn check_one(
    app: &App,
    context: &Context<'_>,
    vault: &str,
    depth: Depth,
    plan: Option<&PlanRef>,
) -> Result<VerifyReply> {
    let record = app.journal().vaults().get(vault)?;
    let owner = app.own()?;
    as_run(app, &owner, (RunKind::Check, plan), &record, |run| {
        let vault = vaults::open(app, context, &record)?;
        let options = CheckOptions {
            depth,
            paths_per_snapshot: LISTED_PATHS,
            now: app.now(),
        };
        let report = check(&vault, &options, &watching(context))?;
        let share = match depth {
            Depth::Structural => 0.0,
            Depth::Sample { percent, .. } => percent,
            Depth::ReadAll => 100.0,
        };
        app.journal().runs().note_share(run, share)?;
        let _ = vaults::count_used(app, &record, &vault);
        let reply = verify_reply(run, &record.name, &report);
        app.journal().runs().add_gaps(run, &findings(&reply))?;
        let counters = Counters {
            items: report.packs_read,
            bytes: report.bytes_read,
            ..Counters::default()
        };
        let reason = (reply.verdict != Verdict::Complete).then(|| Reason {
            kind: ErrorKind::Damaged,
            message: format!("{} problems", reply.problems.iter().filter(|p| !p.harmless).count()),
        });
        let verdict = reply.verdict;
        Ok((reply, ended(app, verdict, reason, counters)))
    })
}

/// What a check found, as the gaps of its run.
fn findings(reply: &VerifyReply) -> Vec<Gap> {
    let bad = reply.problems.iter().filter(|problem| !problem.harmless);
    bad.map(|problem| Gap {
        subject: problem.affects.first().unwrap_or(&problem.problem).clone(),
        kind: ErrorKind::Damaged,
        message: problem.message.clone(),
    })
    .collect()
}

fn verify_reply(run: &str, vault: &str, report: &CheckReport) -> VerifyReply {
    let mut problems: Vec<ProblemRow> = report.problems.iter().map(|problem| problem_row(problem, report)).collect();
    if report.omitted > 0 {
        let message = format!("{} further findings are not listed", report.omitted);
        problems.push(ProblemRow {
            problem: "omitted".to_owned(),
            message,
            harmless: report.is_sound(),
            affects: Vec::new(),
        });
    }
    for loss in &report.losses {
        problems.push(ProblemRow {
            problem: "snapshotLoss".to_owned(),
            message: format!("snapshot {} lost {} files or directories", loss.snapshot.to_hex(), loss.count),
            harmless: false,
            affects: lost_paths(loss),
        });
    }
    let sound = report.is_sound();
    VerifyReply {
        run: run.to_owned(),
        vault: vault.to_owned(),
        verdict: if sound { Verdict::Complete } else { Verdict::Failed },
        kind: (!sound).then_some(ErrorKind::Damaged),
        snapshots: report.snapshots,
        packs: report.packs,
        packs_read: report.packs_read,
        bytes_read: report.bytes_read,
        problems,
    }
}

fn lost_paths(loss: &SnapshotLoss) -> Vec<String> {
    let mut paths: Vec<String> = loss
        .paths
        .iter()
        .map(|lost| {
            if lost.path.is_empty() {
                "/".to_owned()
            } else {
                lost.path.clone()
            }
        })
        .collect();
    if loss.count > paths.len() as u64 {
        paths.push(format!("… and {} more", loss.count - paths.len() as u64));
    }
    paths
}

fn problem_row(problem: &Problem, report: &CheckReport) -> ProblemRow {
    // The name of the variant is the code; its fields are in the message.
    let code = serde_json::to_value(problem)
        .ok()
        .and_then(|value| value.as_object().and_then(|o| o.keys().next().cloned()));
    let blob = match problem {
        Problem::BlobDamaged { blob, .. } | Problem::BlobMissing { blob, .. } => Some(*blob),
        _ => None,
    };
    let hit = |loss: &SnapshotLoss| -> Vec<String> {
        let paths = loss.paths.iter().filter(|lost| Some(lost.blob) == blob);
        paths
            .map(|lost| format!("{}:/{}", &loss.snapshot.to_hex()[..8], lost.path))
            .collect()
    };
    ProblemRow {
        problem: code.unwrap_or_else(|| "problem".to_owned()),
        message: problem.to_string(),
        harmless: problem.severity() != Severity::Damage,
        affects: report.losses.iter().flat_map(hit).collect(),
    }
}

/// The rules a request means.
pub(crate) fn rules(spec: &KeepSpec) -> Result<KeepRules> {
    let span = |name: &str, text: &Option<String>| -> Result<Option<Span>> {
        let parse = |text: &String| {
            text.parse::<Span>().map_err(|error| {
                ApiError::new(ErrorKind::Usage, format!("{name}: {error}")).hint("Write it like 12h, 30d, 2w, 6m, 1y6m.")
            })
        };
        text.as_ref().map(parse).transpose()
    };
    let base = match spec.preset.as_deref() {
        None => KeepRules::default(),
        Some("30d-hourly-12m-daily") => KeepRules::hourly_month_daily_year(),
        Some("30d-12w-12m") => KeepRules::days_weeks_months(),
        Some(other) => {
            return Err(ApiError::new(ErrorKind::Usage, format!("there is no preset {other:?}"))
                .hint("Presets: 30d-hourly-12m-daily, 30d-12w-12m."));
        }
    };
    Ok(KeepRules {
        last: spec.last.unwrap_or(base.last),
        hourly: spec.hourly.unwrap_or(base.hourly),
        daily: spec.daily.unwrap_or(base.daily),
        weekly: spec.weekly.unwrap_or(base.weekly),
        monthly: spec.monthly.unwrap_or(base.monthly),
        yearly: spec.yearly.unwrap_or(base.yearly),
        within: span("within", &spec.within)?,
        keep_tags: spec.tags.clone(),
        forever: spec.forever,
        older_than: span("older than", &spec.older_than)?,
        ..base
    })
}

impl Command for Forget {
    const NAME: &'static str = "snapshot.forget";
    const CHANGES: &'static [Topic] = &[Topic::Snapshots, Topic::Vaults, Topic::Runs, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = ForgetRequest;
    type Reply = ForgetReply;
    fn run(app: &App, context: &Context<'_>, request: ForgetRequest) -> Result<ForgetReply> {
        let rules = rules(&request.keep)?;
        if rules.is_empty() {
            return Err(
                ApiError::new(ErrorKind::Usage, "no rule says what to keep, so nothing was removed")
                    .hint("Give at least one --keep-… rule, --older-than, or a --preset."),
            );
        }
        let source = app.journal().sources().get(&request.source)?;
        // Also of a preview: it would tell what is not going to happen.
        guards::refuse_held(app, &source.id, &source.name)?;
        let owner = app.own()?;
        let mut reply = ForgetReply {
            dry_run: request.dry_run,
            ..ForgetReply::default()
        };
        for record in names::vault_records(app, request.vault.as_deref())? {
            let vault = vaults::open(app, context, &record)?;
            let decided = retention::decisions(app, &record, &vault, &source, &rules)?;
            let going = retention::going(&decided);
            reply
                .snapshots
                .extend(decided.iter().map(|one| retention::forget_row(one, &record.name)));
            reply.removed += going.len() as u64;
            if !going.is_empty() {
                reply.frees += preview_forget(&vault, &going, PruneOptions::default(), &watching(context))?.bytes;
            }
            if !request.dry_run && !going.is_empty() {
                remove(app, context, &owner, &record, &vault, &going, None)?;
            }
            if request.prune && !request.dry_run {
                reply
                    .pruned
                    .push(prune_one(app, context, &owner, &record, &vault, PruneOptions::default(), None)?.1);
            }
        }
        Ok(reply)
    }
}

fn prune_reply(vault: &str, plan: &PrunePlan, dry_run: bool) -> PruneReply {
    PruneReply {
        vault: vault.to_owned(),
        deleted_bytes: plan.freed_bytes + plan.copied_bytes,
        repacked_bytes: plan.copied_bytes,
        freed_bytes: plan.freed_bytes,
        unused_left: plan.left_unused_bytes,
        packs_deleted: (plan.unused.len() + plan.repack.len() + plan.unreferenced.len()) as u64,
        dry_run,
    }
}

/// Frees space in a vault, as a run with a record.
pub(crate) fn prune_one(
    app: &App,
    context: &Context<'_>,
    owner: &Owner,
    record: &VaultRecord,
    vault: &Vault,
    options: PruneOptions,
    plan: Option<&PlanRef>,
) -> Result<(String, PruneReply)> {
    as_run(app, owner, (RunKind::Prune, plan), record, |run| {
        let plan = prune(vault, options, None, &watching(context))?;
        let _ = vaults::count_used(app, record, vault);
        let reply = prune_reply(&record.name, &plan, false);
        let counters = Counters {
            items: reply.packs_deleted,
            bytes: plan.copied_bytes,
            ..Counters::default()
        };
        Ok(((run.to_owned(), reply), ended(app, Verdict::Complete, None, counters)))
    })
}

impl Command for Prune {
    const NAME: &'static str = "vault.prune";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Runs, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = PruneRequest;
    type Reply = PruneReply;
    fn run(app: &App, context: &Context<'_>, request: PruneRequest) -> Result<PruneReply> {
        let record = app.journal().vaults().get(&request.vault)?;
        let mut options = PruneOptions::default();
        if let Some(percent) = request.max_unused {
            options.max_unused_percent = f64::from(percent);
        }
        let vault = vaults::open(app, context, &record)?;
        if request.dry_run {
            return Ok(prune_reply(
                &record.name,
                &plan_prune(&vault, options, &watching(context))?,
                true,
            ));
        }
        let owner = app.own()?;
        prune_one(app, context, &owner, &record, &vault, options, None).map(|(_, reply)| reply)
    }
}

impl Command for Repair {
    const NAME: &'static str = "vault.repair";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Snapshots, Topic::Runs, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = RepairRequest;
    type Reply = RepairReply;
    fn run(app: &App, context: &Context<'_>, request: RepairRequest) -> Result<RepairReply> {
        let record = app.journal().vaults().get(&request.vault)?;
        let vault = vaults::open(app, context, &record)?;
        let options = RepairOptions {
            depth: Depth::ReadAll,
            replace_snapshots: request.replace_snapshots,
            paths_per_snapshot: LISTED_PATHS,
            now: app.now(),
        };
        let reply = |plan: &backstay_vault::maintain::repair::RepairPlan, folder: Option<String>| RepairReply {
            vault: record.name.clone(),
            steps: plan.steps.iter().map(ToString::to_string).collect(),
            lost: plan
                .losses
                .iter()
                .flat_map(|loss| {
                    let id = loss.snapshot.to_hex();
                    lost_paths(loss).into_iter().map(move |path| format!("{}: {path}", &id[..8]))
                })
                .collect(),
            set_aside: folder,
            dry_run: request.dry_run,
        };
        if request.dry_run {
            return Ok(reply(&plan_repair(&vault, options, &watching(context))?, None));
        }
        let owner = app.own()?;
        as_run(app, &owner, (RunKind::Repair, None), &record, |_| {
            let done = repair(&vault, options, None, &watching(context))?;
            let lost = !done.plan.losses.is_empty();
            let verdict = if lost { Verdict::Partial } else { Verdict::Complete };
            let counters = Counters {
                items: done.plan.steps.len() as u64,
                ..Counters::default()
            };
            Ok((reply(&done.plan, done.folder.clone()), ended(app, verdict, None, counters)))
        })
    }
}

/// Snapshots of a source in a vault, for others in this crate.
pub(super) fn newest_of(vault: &Vault, source_id: &str) -> Result<Option<backstay_vault::Snapshot>> {
    Ok(backup::snapshots_of(&vault.snapshots()?, source_id).next_back().cloned())
}
