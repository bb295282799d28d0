//! Retention as people decide on it: keep rules, pins, and guards that let nothing go.

use std::collections::{BTreeMap, HashMap};

use backstay_journal::{Source as SourceRecord, Vault as VaultRecord};
use backstay_vault::{
    Id, Vault,
    maintain::{
        forget::preview_forget,
        prune::PruneOptions,
        retention::{Candidate, Decision, KeepReason, KeepRules, decide},
    },
};
use chrono::Local;

use super::{Loaded, Watched, run::vaults as vaults_of};
use crate::{
    App, Context, Result,
    commands::keep::{rules, watching},
    types::{ForgetRow, KeepDay, KeepPreviewReply, KeepPreviewRequest, KeepRow, Task},
    vaults,
};

/// Stands in the list of tags of a pinned snapshot while rules decide. No snapshot in a vault can have it: tags hold no blanks.
const PIN: &str = "pinned by hand";
/// Rows of a preview: so many that stay and so many that would go.
const ROWS: usize = 500;

/// What rules say about all snapshots of a source in a vault; a pinned one always stays.
pub(crate) fn decisions(
    app: &App,
    record: &VaultRecord,
    vault: &Vault,
    source: &SourceRecord,
    rules: &KeepRules,
) -> Result<Vec<Decision>> {
    let pins: HashMap<String, Option<String>> = app
        .journal()
        .pins()
        .of_vault(&record.id)?
        .into_iter()
        .map(|pin| (pin.snapshot, pin.name))
        .collect();
    let all = vault.snapshots()?;
    // Safety copies are decided upon too, by their age.
    let mine = all.good.iter().filter(|snapshot| snapshot.label == source.id);
    let candidates: Vec<Candidate> = mine
        .map(|snapshot| Candidate {
            id: snapshot.id,
            time: snapshot.time,
            tags: snapshot.tags.clone(),
        })
        .collect();
    let mut decided = decide(rules, &candidates, app.now(), &Local);
    for decision in &mut decided {
        if pins.contains_key(&decision.id.to_hex()) {
            decision.reasons.insert(0, KeepReason::Tag(PIN.to_owned()));
        }
    }
    Ok(decided)
}

/// Those that would go.
pub(crate) fn going(decided: &[Decision]) -> Vec<Id> {
    decided.iter().filter(|one| !one.keep()).map(|one| one.id).collect()
}

/// A decision as the window and scripts see it.
pub(crate) fn forget_row(decision: &Decision, vault: &str) -> ForgetRow {
    let text = |reason: &KeepReason| match reason {
        KeepReason::Tag(tag) if tag == PIN => "pinned".to_owned(),
        reason => reason.to_string(),
    };
    ForgetRow {
        id: decision.id.to_hex(),
        vault: vault.to_owned(),
        time: decision.time,
        keep: decision.keep(),
        reasons: decision.reasons.iter().map(text).collect(),
    }
}

/// What keep rules would do to the sources of a plan. Removes nothing.
pub(crate) fn preview(app: &App, context: &Context<'_>, request: &KeepPreviewRequest) -> Result<KeepPreviewReply> {
    let plan = super::get(app, &request.plan)?;
    let rules = rules(request.keep.as_ref().unwrap_or(&plan.spec.keep))?;
    let watched = Watched::of(app)?;
    let mut reply = KeepPreviewReply {
        next: watched.next_of(&plan, Task::Forget),
        frees: request.bytes.then_some(0),
        ..KeepPreviewReply::default()
    };
    let mut days: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut rows = Vec::new();
    for (record, sources) in by_vault(app, &plan)? {
        let vault = match vaults::open(app, context, &record) {
            Ok(vault) => vault,
            Err(error) => {
                reply.unreachable.push((record.name.clone(), error));
                continue;
            }
        };
        if let Some(used) = app.journal().vaults().used(&record.id)? {
            *reply.used.get_or_insert(0) += used;
        }
        let mut leaving = Vec::new();
        for source in sources {
            let held = watched.held.contains_key(&source.id);
            let mut decided = decisions(app, &record, &vault, &source, &rules)?;
            if held {
                hold_back(&mut decided);
                if !reply.held.contains(&source.name) {
                    reply.held.push(source.name.clone());
                }
            }
            leaving.extend(going(&decided));
            for decision in &decided {
                let day = decision.time.with_timezone(&Local).format("%Y-%m-%d").to_string();
                let count = days.entry(day).or_default();
                *(if decision.keep() { &mut count.0 } else { &mut count.1 }) += 1;
                rows.push(KeepRow {
                    source: source.name.clone(),
                    row: forget_row(decision, &record.name),
                });
            }
        }
        if let Some(frees) = reply.frees.as_mut().filter(|_| !leaving.is_empty()) {
            *frees += preview_forget(&vault, &leaving, PruneOptions::default(), &watching(context))?.bytes;
        }
    }
    reply.stay = days.values().map(|(stay, _)| stay).sum();
    reply.go = days.values().map(|(_, go)| go).sum();
    reply.days = days.into_iter().map(|(day, (stay, go))| KeepDay { day, stay, go }).collect();
    reply.rows = shown(rows);
    Ok(reply)
}

/// A guard holds the source: whatever rules say, all stays.
fn hold_back(decided: &mut [Decision]) {
    for decision in decided.iter_mut().filter(|one| !one.keep()) {
        decision.reasons.push(KeepReason::Tag("held by guard".to_owned()));
    }
}

/// Newest first; of those that go and those that stay only so many.
fn shown(mut rows: Vec<KeepRow>) -> Vec<KeepRow> {
    rows.sort_by_key(|row| std::cmp::Reverse(row.row.time));
    let (mut stay, mut go) = (0, 0);
    rows.retain(|row| {
        let count = if row.row.keep { &mut stay } else { &mut go };
        *count += 1;
        *count <= ROWS
    });
    rows
}

/// The vaults of a plan, each with the sources of the plan that go there.
pub(crate) fn by_vault(app: &App, plan: &Loaded) -> Result<Vec<(VaultRecord, Vec<SourceRecord>)>> {
    let mut found: Vec<(VaultRecord, Vec<SourceRecord>)> = Vec::new();
    for named in &plan.plan.sources {
        let source = app.journal().sources().get(&named.name)?;
        for record in vaults_of(app, plan, &source)? {
            match found.iter_mut().find(|(known, _)| known.id == record.id) {
                Some((_, sources)) => sources.push(source.clone()),
                None => found.push((record, vec![source.clone()])),
            }
        }
    }
    Ok(found)
}
