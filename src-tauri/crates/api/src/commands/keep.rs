//! Care for a vault: check, retention, prune, repair.

use backstay_engine::{Reporter, backup};
use backstay_journal::{Counters, NewRun, Owner, Reason, RunEnd, Vault as VaultRecord};
use backstay_model::{ErrorKind, Progress, RunKind, Verdict};
use backstay_source::Cancel;
use backstay_vault::{
    Vault,
    maintain::{
        Watch,
        check::{CheckOptions, check},
        forget::{forget, preview_forget},
        prune::{PruneOptions, PrunePlan, plan_prune, prune},
        repair::{RepairOptions, plan_repair, repair},
        report::{CheckReport, Depth, Problem, Severity, SnapshotLoss},
        retention::{Candidate, KeepRules, Span, decide},
    },
};
use chrono::Local;
use serde_json::json;

use super::{
    Command, Guard,
    backup::{failed_end, named},
};
use crate::{
    ApiError, App, Context, Result, names,
    types::{
        ForgetReply, ForgetRequest, ForgetRow, KeepSpec, ProblemRow, PruneReply, PruneRequest, RepairReply, RepairRequest, Topic,
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
pub(super) struct Watching<'a> {
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

pub(super) fn watching<'a>(context: &Context<'a>) -> Watching<'a> {
    Watching {
        reporter: context.reporter,
        cancel: context.cancel,
    }
}

/// Does work on a vault as a run with a record. The work says how the run ended.
fn as_run<T>(
    app: &App,
    owner: &Owner,
    kind: RunKind,
    record: &VaultRecord,
    work: impl FnOnce(&str) -> Result<(T, RunEnd)>,
) -> Result<T> {
    let new = NewRun {
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
        let record = app.journal().vaults().get(&request.vault)?;
        let owner = app.own()?;
        as_run(app, &owner, RunKind::Check, &record, |run| {
            let vault = vaults::open(app, context, &record)?;
            let options = CheckOptions {
                depth,
                paths_per_snapshot: LISTED_PATHS,
                now: app.now(),
            };
            let report = check(&vault, &options, &watching(context))?;
            app.journal()
                .runs()
                .note_share(run, request.read_data.unwrap_or_default().min(100.0))?;
            let _ = vaults::count_used(app, &record, &vault);
            let reply = verify_reply(run, &record.name, &report);
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

fn rules(spec: &KeepSpec) -> Result<KeepRules> {
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
        let owner = app.own()?;
        let mut reply = ForgetReply {
            dry_run: request.dry_run,
            ..ForgetReply::default()
        };
        for record in names::vault_records(app, request.vault.as_deref())? {
            let vault = vaults::open(app, context, &record)?;
            let all = vault.snapshots()?;
            // Safety copies are decided upon too, by their age.
            let mine: Vec<Candidate> = all
                .good
                .iter()
                .filter(|s| s.label == source.id)
                .map(|s| Candidate {
                    id: s.id,
                    time: s.time,
                    tags: s.tags.clone(),
                })
                .collect();
            let decisions = decide(&rules, &mine, app.now(), &Local);
            let going: Vec<_> = decisions.iter().filter(|d| !d.keep()).map(|d| d.id).collect();
            reply.snapshots.extend(decisions.iter().map(|d| ForgetRow {
                id: d.id.to_hex(),
                vault: record.name.clone(),
                time: d.time,
                keep: d.keep(),
                reasons: d.reasons.iter().map(ToString::to_string).collect(),
            }));
            reply.removed += going.len() as u64;
            if !going.is_empty() {
                reply.frees += preview_forget(&vault, &going, PruneOptions::default(), &watching(context))?.bytes;
            }
            if !request.dry_run && !going.is_empty() {
                as_run(app, &owner, RunKind::Forget, &record, |_| {
                    let done = forget(&vault, &going, &watching(context))?;
                    let counters = Counters {
                        items: done.removed.len() as u64,
                        ..Counters::default()
                    };
                    Ok(((), ended(app, Verdict::Complete, None, counters)))
                })?;
            }
            if request.prune && !request.dry_run {
                reply
                    .pruned
                    .push(prune_one(app, context, &owner, &record, &vault, PruneOptions::default())?);
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

fn prune_one(
    app: &App,
    context: &Context<'_>,
    owner: &Owner,
    record: &VaultRecord,
    vault: &Vault,
    options: PruneOptions,
) -> Result<PruneReply> {
    as_run(app, owner, RunKind::Prune, record, |_| {
        let plan = prune(vault, options, None, &watching(context))?;
        let _ = vaults::count_used(app, record, vault);
        let reply = prune_reply(&record.name, &plan, false);
        let counters = Counters {
            items: reply.packs_deleted,
            bytes: plan.copied_bytes,
            ..Counters::default()
        };
        Ok((reply, ended(app, Verdict::Complete, None, counters)))
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
        prune_one(app, context, &owner, &record, &vault, options)
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
        as_run(app, &owner, RunKind::Repair, &record, |_| {
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
