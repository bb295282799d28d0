//! Changing a source that exists: its name, its settings, where it goes.

use std::path::Path;

use backstay_journal::{Source as SourceRecord, SourceChange as Changed};
use backstay_model::{ErrorKind, RawJson};
use backstay_secrets::{Secret, SecretName, SecretsError};
use backstay_source::{Connector, SourceConfig};
use serde_json::{Map, Value, json};

use super::{
    Command,
    setup::{Given, real, root},
    sources::{Settings, check_options, row},
};
use crate::{
    ApiError, App, Context, Result,
    app::SourceSecrets,
    types::{SourceChangeRequest, SourceRow, Topic},
};

/// Changes a source. Everything is checked before anything is changed.
pub struct SourceChange;

impl Command for SourceChange {
    const NAME: &'static str = "source.change";
    const CHANGES: &'static [Topic] = &[Topic::Sources, Topic::Vaults, Topic::Audit];
    type Request = SourceChangeRequest;
    type Reply = SourceRow;
    fn run(app: &App, context: &Context<'_>, request: SourceChangeRequest) -> Result<SourceRow> {
        let source = app.journal().sources().get(&request.name)?;
        let connector = app.connector(&source.kind)?;
        if let Some(to) = &request.rename {
            free_name(app, &source, to)?;
        }
        let vaults = request.vaults.as_deref().map(|names| known_vaults(app, names)).transpose()?;
        let settings = match &request.options {
            Some(options) => Some(tried(app, context, &*connector, &source, options)?),
            None => None,
        };
        let mut detail = Map::new();
        if let Some(Settings { open, secret }) = settings {
            detail.insert("settings".to_owned(), json!(open));
            detail.insert("secrets".to_owned(), secret.iter().map(|(name, _)| name.as_str()).collect());
            for (name, value) in secret {
                let name = SecretName::source_field(&source.id, &name)?;
                app.secrets()?.set(&name, &Secret::from_text(value))?;
            }
            let config = RawJson::from_value(&Value::Object(open))
                .map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))?;
            let change = Changed {
                config: Some(config),
                ..Changed::default()
            };
            app.journal().sources().update(&source.id, &change)?;
        }
        if let Some(vaults) = vaults {
            let ids: Vec<&str> = vaults.iter().map(String::as_str).collect();
            app.journal().vaults().assign(&source.id, &ids)?;
            detail.insert("vaults".to_owned(), json!(request.vaults));
        }
        if let Some(to) = &request.rename {
            app.journal().sources().rename(&source.id, to)?;
            detail.insert("rename".to_owned(), json!(to));
        }
        detail.insert("id".to_owned(), json!(source.id));
        app.audit("source.change", &source.name, Value::Object(detail))?;
        row(app, &app.journal().sources().get(&source.id)?)
    }
}

fn free_name(app: &App, source: &SourceRecord, to: &str) -> Result<()> {
    backstay_journal::check_name(to)?;
    match app.journal().sources().get(to) {
        Ok(other) if other.id != source.id => Err(backstay_journal::JournalError::NameTaken {
            what: "source",
            name: other.name,
        }
        .into()),
        _ => Ok(()),
    }
}

/// Ids of vaults by name; a vault that is not there is named before anything is changed.
fn known_vaults(app: &App, names: &[String]) -> Result<Vec<String>> {
    names.iter().map(|name| Ok(app.journal().vaults().get(name)?.id)).collect()
}

/// The new settings, checked and tried.
fn tried(
    app: &App,
    context: &Context<'_>,
    connector: &dyn Connector,
    source: &SourceRecord,
    options: &Map<String, Value>,
) -> Result<Settings> {
    let settings = check_options(connector, options, &kept_secrets(app, connector, &source.id)?)?;
    let open = Value::Object(settings.open.clone());
    same_thing(app, connector, source, &open)?;
    let config = SourceConfig {
        id: source.id.clone(),
        name: source.name.clone(),
        options: open,
    };
    let secrets = Given {
        fresh: &settings.secret,
        kept: &SourceSecrets(app),
    };
    let probed = connector.open(&config, &secrets)?.probe(context.cancel);
    probed.map_err(|error| {
        let mut error = ApiError::from(error);
        error.message = format!("{}; the source was not changed", error.message);
        error
    })?;
    Ok(settings)
}

/// Names of the secret settings the store holds for the source: they stay unless given anew.
fn kept_secrets(app: &App, connector: &dyn Connector, id: &str) -> Result<Vec<String>> {
    let mut kept = Vec::new();
    for spec in connector.options().iter().filter(|spec| spec.secret) {
        match app.secrets()?.get(&SecretName::source_field(id, spec.name)?) {
            Ok(_) => kept.push(spec.name.to_owned()),
            Err(SecretsError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(kept)
}

/// Refuses settings that point at another thing: its history would no longer be that of what is backed up.
fn same_thing(app: &App, connector: &dyn Connector, source: &SourceRecord, options: &Value) -> Result<()> {
    let before = root(connector, &source.config.value().unwrap_or_default());
    let (Some(before), Some(now)) = (before, root(connector, options)) else {
        return Ok(());
    };
    if real(&before) == real(&now) {
        return Ok(());
    }
    let refused = |why: String| {
        ApiError::new(
            ErrorKind::Refused,
            format!("{why}; the source {:?} was not changed", source.name),
        )
        .hint("Add a source of its own for it; this one keeps its history.")
    };
    for other in app.journal().sources().list()? {
        let taken = other.id != source.id
            && other.kind == source.kind
            && root(connector, &other.config.value().unwrap_or_default()).is_some_and(|path| real(&path) == real(&now));
        if taken {
            return Err(refused(format!("{} belongs to the source {:?}", now.display(), other.name)));
        }
    }
    // The names of what is inside differ between a file and a folder, so that nothing would be found again.
    if is_file(&before) != is_file(&now) {
        let (from, to) = if is_file(&now) {
            ("folder", "file")
        } else {
            ("file", "folder")
        };
        return Err(refused(format!(
            "{} is a {to}, and its history is that of a {from}",
            now.display()
        )));
    }
    Ok(())
}

/// Whether it is a file, or looks like one that is gone.
fn is_file(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(meta) => !meta.is_dir(),
        Err(_) => path.extension().is_some(),
    }
}
