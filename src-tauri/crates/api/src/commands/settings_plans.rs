//! Plans and channels in a settings file: taken to another machine by names. Secrets of channels stay where they are.

use backstay_journal::{NewChannel, NewPlan};
use backstay_model::RawJson;
use serde::{Deserialize, Serialize};

use super::plans::check;
use crate::{
    App, Result,
    plans::{channels, stored},
    types::{ChannelKind, PlanSpec, SettingsImportReply},
};

/// A plan in a settings file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportedPlan {
    name: String,
    sources: Vec<String>,
    vaults: Vec<String>,
    spec: RawJson,
    enabled: bool,
}

/// A channel in a settings file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportedChannel {
    name: String,
    kind: ChannelKind,
    events: Vec<String>,
    plans: Vec<String>,
    enabled: bool,
}

fn names(list: Vec<backstay_journal::Named>) -> Vec<String> {
    list.into_iter().map(|named| named.name).collect()
}

/// All plans.
pub(super) fn plans(app: &App) -> Result<Vec<ExportedPlan>> {
    let all = app.journal().plans().list()?.into_iter().map(|plan| ExportedPlan {
        name: plan.name,
        sources: names(plan.sources),
        vaults: names(plan.vaults),
        spec: plan.spec,
        enabled: plan.enabled,
    });
    Ok(all.collect())
}

/// All channels that this version understands.
pub(super) fn channels_of(app: &App) -> Result<Vec<ExportedChannel>> {
    let name = |id: &String| app.journal().plans().get(id).ok().map(|plan| plan.name);
    let all = app.journal().channels().list()?.into_iter().filter_map(|channel| {
        Some(ExportedChannel {
            kind: channels::kind_of(&channel)?,
            plans: channel.plans.iter().filter_map(name).collect(),
            name: channel.name,
            events: channel.events,
            enabled: channel.enabled,
        })
    });
    Ok(all.collect())
}

/// Adds plans that are not known by name, with the sources and vaults that are.
pub(super) fn take_plans(app: &App, given: &[ExportedPlan], reply: &mut SettingsImportReply) -> Result<()> {
    for plan in given {
        if app.journal().plans().get(&plan.name).is_ok() {
            reply.kept.push(plan.name.clone());
            continue;
        }
        backstay_journal::check_name(&plan.name)?;
        let spec: PlanSpec = crate::plans::unraw(&plan.spec).ok_or_else(|| {
            let message = format!(
                "the plan {:?} in this file cannot be read; nothing of it was added",
                plan.name
            );
            crate::ApiError::new(backstay_model::ErrorKind::Unsupported, message)
        })?;
        check(&spec)?;
        if !reply.dry_run {
            let source = |name: &String| app.journal().sources().get(name).ok().map(|source| source.id);
            let vault = |name: &String| app.journal().vaults().get(name).ok().map(|vault| vault.id);
            let new = NewPlan {
                name: plan.name.clone(),
                spec: stored(&spec)?,
                sources: plan.sources.iter().filter_map(source).collect(),
                vaults: plan.vaults.iter().filter_map(vault).collect(),
            };
            let added = app.journal().plans().add(&new, app.now())?;
            if !plan.enabled {
                let off = backstay_journal::PlanChange {
                    enabled: Some(false),
                    ..backstay_journal::PlanChange::default()
                };
                app.journal().plans().change(&added.id, &off, app.now())?;
            }
        }
        reply.plans.push(plan.name.clone());
    }
    Ok(())
}

/// Adds channels that are not known by name. Each waits for its secret.
pub(super) fn take_channels(app: &App, given: &[ExportedChannel], reply: &mut SettingsImportReply) -> Result<()> {
    for channel in given {
        if app.journal().channels().get(&channel.name).is_ok() {
            reply.kept.push(channel.name.clone());
            continue;
        }
        backstay_journal::check_name(&channel.name)?;
        if !reply.dry_run {
            let plan = |name: &String| app.journal().plans().get(name).ok().map(|plan| plan.id);
            let plans: Vec<String> = channel.plans.iter().filter_map(plan).collect();
            let new = NewChannel {
                name: channel.name.clone(),
                kind: channels::kind_name(&channel.kind).to_owned(),
                config: crate::plans::raw(&channel.kind)?,
                events: channel.events.clone(),
                // One for plans that are not here must not become one for all.
                enabled: channel.enabled && plans.len() == channel.plans.len(),
                plans,
            };
            app.journal().channels().add(&new, app.now())?;
        }
        reply.channels.push(channel.name.clone());
        reply.secrets.push(format!("{}: address or password", channel.name));
    }
    Ok(())
}
