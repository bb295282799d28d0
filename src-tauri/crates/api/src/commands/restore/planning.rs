//! Making a plan.

use std::collections::HashMap;

use backstay_engine::{
    State,
    restore::{Ids, PlanFile, PlanInput, PlanWriter, make_plan, pick, pick_with},
};
use backstay_model::{CollectionKind, ConflictPolicy, Selection, Subject};

use super::{Asked, Command, Plan, base, elsewhere, header, job, origin::Origin, plans_dir, target};
use crate::{
    App, Context, Result, names,
    types::{PlanReply, RestoreRequest, RestoreSource},
};

/// Steps shown with a plan; the plan's file has them all.
const SHOWN: usize = 1000;

/// Decisions for single items, by the subjects they mean.
fn decisions(state: &State, given: &[(String, ConflictPolicy)]) -> Result<HashMap<Subject, ConflictPolicy>> {
    let mut out = HashMap::new();
    for (wanted, policy) in given {
        let picked = pick(
            state,
            &Selection {
                only: vec![wanted.clone()],
                ..Selection::default()
            },
        )?;
        for (collection, ids) in picked.collections {
            if let Ids::Some(ids) = ids {
                out.extend(ids.into_iter().map(|id| {
                    (
                        Subject::Record {
                            collection: collection.clone(),
                            id,
                        },
                        *policy,
                    )
                }));
            }
        }
        out.extend(
            picked
                .files
                .into_iter()
                .flatten()
                .map(|path| (Subject::File { path }, *policy)),
        );
    }
    Ok(out)
}

impl Command for Plan {
    const NAME: &'static str = "restore.plan";
    type Request = RestoreRequest;
    type Reply = PlanReply;
    fn run(app: &App, context: &Context<'_>, request: RestoreRequest) -> Result<PlanReply> {
        let found = match &request.from {
            RestoreSource::Snapshot(reference) => Origin::find(app, context, reference)?,
            RestoreSource::Source { source, at, vault } => {
                Origin::Snapshot(Box::new(names::of_source(app, context, source, *at, vault.as_deref())?))
            }
        };
        let spec = elsewhere::settled(app, &found, &request.target)?;
        let target = target(app, &found, &spec, &request.options)?;
        let state = found.open(app)?;
        let base = base(app, context, &found, &spec)?;
        let live = State::live(&*target.source, context.cancel)?;
        let picked = pick_with(&state, &request.selection, Some(&*target.connector))?;
        let mut out = PlanWriter::new(&plans_dir(app))?;
        let totals = make_plan(
            &PlanInput {
                backup: &state,
                base: base.as_ref(),
                live: &live,
                can: &target.source.capabilities(),
                picked: &picked,
                policy: request.policy,
                decided: &decisions(&state, &request.decisions)?,
            },
            &job(app, context, context.reporter),
            &mut out,
        )?;
        let asides = asides(&state, &request.selection)?;
        let asked = Asked {
            selection: request.selection,
            target: spec,
            policy: request.policy,
            options: request.options,
        };
        let header = header(app, &found, &target.row.name, asked, totals);
        Ok(PlanReply {
            asides,
            ..shown(&out.finish(header)?)?
        })
    }
}

/// What of the backup is left out because nobody named it.
fn asides(state: &State, selection: &Selection) -> Result<Vec<String>> {
    let named = |name: &str| {
        let only = selection
            .only
            .iter()
            .any(|only| only == name || only.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')));
        only || selection.matching.iter().any(|matching| matching.collection == name)
    };
    let found = state.collections()?.into_iter();
    let found = found.filter(|collection| collection.kind == CollectionKind::Aside && !named(&collection.name));
    Ok(found.map(|collection| collection.name).collect())
}

pub(super) fn shown(plan: &PlanFile) -> Result<PlanReply> {
    let mut steps = Vec::new();
    let mut more = false;
    for step in plan.steps()? {
        more = steps.len() == SHOWN;
        if more {
            break;
        }
        steps.push(step?);
    }
    Ok(PlanReply {
        plan: plan.header.clone(),
        path: plan.path.display().to_string(),
        steps,
        more,
        asides: Vec::new(),
    })
}
