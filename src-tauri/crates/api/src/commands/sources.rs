//! Sources: add, list, show, probe, remove.

use backstay_engine::snapshot::read_meta;
use backstay_journal::{NewSource, RunFilter};
use backstay_model::{ErrorKind, RawJson, RunKind, Verdict};
use backstay_secrets::{Secret, SecretName, SecretsError};
use backstay_source::{Connector, OptionSpec, SourceConfig};
use backstay_vault::Snapshot;
use serde_json::{Map, Value, json};

use super::{Command, Guard, setup::Given};
use crate::{
    ApiError, App, Context, Result,
    app::SourceSecrets,
    names,
    types::{ConnectorInfo, Named, Nothing, ProbeReply, SourceAddRequest, SourceRow, SourcesReply, Topic},
    vaults,
};

/// Lists sources.
pub struct Sources;
/// Adds a source, after testing it.
pub struct SourceAdd;
/// Shows one source.
pub struct SourceShow;
/// Removes a source from the list; its snapshots stay.
pub struct SourceRemove;
/// Tests a source.
pub struct SourceProbe;

/// The kinds of sources there are.
#[must_use]
pub fn connectors(app: &App) -> Vec<ConnectorInfo> {
    app.connectors()
}

impl Command for Sources {
    const NAME: &'static str = "source.list";
    type Request = Nothing;
    type Reply = SourcesReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<SourcesReply> {
        let sources = app
            .journal()
            .sources()
            .list()?
            .iter()
            .map(|source| row(app, source))
            .collect::<Result<_>>()?;
        Ok(SourcesReply { sources })
    }
}

impl Command for SourceShow {
    const NAME: &'static str = "source.show";
    type Request = Named;
    type Reply = SourceRow;
    fn run(app: &App, _: &Context<'_>, request: Named) -> Result<SourceRow> {
        let source = app.journal().sources().get(&request.name)?;
        let mut row = row(app, &source)?;
        row.capabilities = app.open_source(&source).ok().map(|source| source.capabilities());
        Ok(row)
    }
}

impl Command for SourceProbe {
    const NAME: &'static str = "source.probe";
    type Request = Named;
    type Reply = ProbeReply;
    fn run(app: &App, context: &Context<'_>, request: Named) -> Result<ProbeReply> {
        let row = app.journal().sources().get(&request.name)?;
        let source = app.open_source(&row)?;
        let probe = source.probe(context.cancel)?;
        Ok(ProbeReply {
            source: row.name,
            probe,
            capabilities: source.capabilities(),
        })
    }
}

impl Command for SourceRemove {
    const NAME: &'static str = "source.remove";
    const CHANGES: &'static [Topic] = &[Topic::Sources, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = Named;
    type Reply = Nothing;
    fn run(app: &App, _: &Context<'_>, request: Named) -> Result<Nothing> {
        let source = app.journal().sources().get(&request.name)?;
        app.audit("source.remove", &source.name, json!({ "id": source.id, "kind": source.kind }))?;
        app.journal().sources().remove(&source.id, app.now())?;
        let connector = app.connector(&source.kind)?;
        for option in connector.options().iter().filter(|option| option.secret) {
            match app.secrets()?.delete(&SecretName::source_field(&source.id, option.name)?) {
                Ok(()) | Err(SecretsError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Nothing {})
    }
}

impl Command for SourceAdd {
    const NAME: &'static str = "source.add";
    const CHANGES: &'static [Topic] = &[Topic::Sources, Topic::Audit];
    type Request = SourceAddRequest;
    type Reply = SourceRow;
    fn run(app: &App, context: &Context<'_>, request: SourceAddRequest) -> Result<SourceRow> {
        let connector = app.connector(&request.kind)?;
        let Settings { open, secret } = check_options(&*connector, &request.options, &[])?;
        let probe_config = SourceConfig {
            id: String::new(),
            name: request.name.clone(),
            options: Value::Object(open.clone()),
        };
        let source = connector.open(
            &probe_config,
            &Given {
                fresh: &secret,
                kept: &SourceSecrets(app),
            },
        )?;
        if let (Err(error), false) = (source.probe(context.cancel), request.force) {
            let mut error = ApiError::from(error);
            error.message = format!("{}; the source was not added", error.message);
            error.hint.get_or_insert_with(|| "Add it anyway with --force.".to_owned());
            return Err(error);
        }
        let former = request
            .adopt
            .then(|| former_id(app, context, &request.kind, &request.name))
            .transpose()?;
        let config =
            RawJson::from_value(&Value::Object(open)).map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))?;
        let new = NewSource {
            name: request.name,
            kind: request.kind,
            config,
            instance_id: None,
            user_id: None,
        };
        let added = match former {
            Some(id) => app.journal().sources().adopt(&id, &new, app.now())?,
            None => app.journal().sources().add(&new, app.now())?,
        };
        for (name, value) in secret {
            app.secrets()?
                .set(&SecretName::source_field(&added.id, &name)?, &Secret::from_text(value))?;
        }
        app.audit("source.add", &added.name, json!({ "id": added.id, "kind": added.kind }))?;
        row(app, &added)
    }
}

/// Settings of a source, those for everyone to see and those that are not.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) open: Map<String, Value>,
    pub(super) secret: Vec<(String, String)>,
}

/// The id under which the vaults hold a source of this kind and name that is not set up here: that of the newest snapshot.
fn former_id(app: &App, context: &Context<'_>, kind: &str, name: &str) -> Result<String> {
    let mut newest: Option<Snapshot> = None;
    for record in names::vault_records(app, None)? {
        let vault = vaults::open(app, context, &record)?;
        let reader = vault.reader()?;
        for snapshot in vault.snapshots()?.good.into_iter().rev() {
            if newest.as_ref().is_some_and(|known| known.time >= snapshot.time) || names::is_safety(&snapshot) {
                continue;
            }
            let is_it = read_meta(&reader, &snapshot).is_ok_and(|meta| meta.source_kind == kind && meta.source_name == name);
            if is_it && app.journal().sources().get(&snapshot.label).is_err() {
                newest = Some(snapshot);
                break;
            }
        }
    }
    newest.map(|snapshot| snapshot.label).ok_or_else(|| {
        let text =
            format!("no vault holds snapshots of a source {name:?} of kind {kind:?} that is not set up here; it was not added");
        ApiError::new(ErrorKind::NotFound, text)
            .hint("`backstay snapshots` lists the names; without --adopt a new history begins.")
    })
}

/// Splits settings into open and secret ones, after checking them against what the connector declares. Secret ones in `kept` are
/// known already.
pub(super) fn check_options(connector: &dyn Connector, given: &Map<String, Value>, kept: &[String]) -> Result<Settings> {
    let Settings { mut open, mut secret } = Settings::default();
    for (name, value) in given {
        let Some(spec) = connector.options().iter().find(|spec| spec.name == name) else {
            let known = connector
                .options()
                .iter()
                .map(|spec| spec.name)
                .collect::<Vec<_>>()
                .join(", ");
            return Err(usage(connector, &format!("has no option {name:?}")).hint(format!("Options: {known}.")));
        };
        if !fits(spec, value) {
            return Err(usage(connector, &format!("cannot use this value of {name:?}")));
        }
        match (spec.secret, value.as_str()) {
            (true, Some(text)) => secret.push((name.clone(), text.to_owned())),
            // Anything else would end up in the state database.
            (true, None) => {
                return Err(usage(
                    connector,
                    &format!("takes {name:?} as one text, because it is a secret"),
                ));
            }
            (false, _) => {
                open.insert(name.clone(), value.clone());
            }
        }
    }
    match connector
        .options()
        .iter()
        .find(|spec| spec.required && !given.contains_key(spec.name) && !kept.iter().any(|name| name == spec.name))
    {
        Some(missing) => Err(usage(
            connector,
            &format!("needs the option {:?} ({})", missing.name, missing.help),
        )),
        None => Ok(Settings { open, secret }),
    }
}

fn fits(spec: &OptionSpec, value: &Value) -> bool {
    match value {
        Value::Bool(_) => spec.flag,
        Value::String(_) => !spec.flag,
        Value::Array(items) => spec.multiple && items.iter().all(Value::is_string),
        _ => false,
    }
}

fn usage(connector: &dyn Connector, what: &str) -> ApiError {
    ApiError::new(ErrorKind::Usage, format!("a source of kind {:?} {what}", connector.kind()))
}

pub(super) fn row(app: &App, source: &backstay_journal::Source) -> Result<SourceRow> {
    let filter = RunFilter {
        kinds: vec![RunKind::Backup],
        source: Some(source.id.clone()),
        ..RunFilter::default()
    };
    let last = app.journal().runs().newest(&filter)?;
    let good = RunFilter {
        verdicts: vec![Verdict::Complete, Verdict::Partial],
        ..filter
    };
    Ok(SourceRow {
        id: source.id.clone(),
        name: source.name.clone(),
        kind: source.kind.clone(),
        options: source.config.value().unwrap_or(Value::Null),
        created: source.created,
        capabilities: None,
        last_backup: app.journal().runs().newest(&good)?.and_then(|run| run.finished),
        last_verdict: last.and_then(|run| run.verdict),
    })
}
