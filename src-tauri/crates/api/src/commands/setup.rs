//! Setting up by hand in the window: kinds of sources, trying settings, changing a source, and what a dropped path is.

use std::path::{Path, PathBuf};

use backstay_model::ErrorKind;
use backstay_source::{Connector, OptionSpec, Secrets, SourceConfig};
use serde_json::{Map, Value};

use super::{Command, sources::check_options};
use crate::{
    ApiError, App, Context, Result, inspect,
    types::{
        ConnectorRow, ConnectorsReply, InspectReply, InspectRequest, Nothing, OptionRow, PathKind, ProbeReply, ProtectAs,
        SourceTryRequest,
    },
};

/// Lists the kinds of sources with their settings.
pub struct Connectors;
/// Tests settings without adding a source.
pub struct SourceTry;
/// Says what a path is and what can be done with it.
pub struct PathInspect;

impl Command for Connectors {
    const NAME: &'static str = "connector.list";
    type Request = Nothing;
    type Reply = ConnectorsReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<ConnectorsReply> {
        let connectors = app.each_connector().map(|connector| ConnectorRow {
            kind: connector.kind().to_owned(),
            title: connector.title().to_owned(),
            summary: connector.summary().to_owned(),
            options: option_rows(connector.options()),
            restore_options: option_rows(connector.restore_options()),
            named_places: names_places(connector),
            replicates: connector.replicator().is_some(),
        });
        Ok(ConnectorsReply {
            connectors: connectors.collect(),
        })
    }
}

/// Whether a new place in a source of this kind is a name: it has no path.
pub(super) fn names_places(connector: &dyn Connector) -> bool {
    !connector.options().iter().any(|spec| spec.path && spec.required)
}

/// Settings as the window shows them.
pub(super) fn option_rows(specs: &[OptionSpec]) -> Vec<OptionRow> {
    specs.iter().map(option_row).collect()
}

fn option_row(spec: &OptionSpec) -> OptionRow {
    OptionRow {
        name: spec.name.to_owned(),
        value: spec.value.to_owned(),
        help: spec.help.to_owned(),
        required: spec.required,
        multiple: spec.multiple,
        flag: spec.flag,
        secret: spec.secret,
        path: spec.path,
        choices: spec.choices.iter().map(|choice| (*choice).to_owned()).collect(),
    }
}

/// Secret settings that are not kept anywhere yet, before those that are.
pub(super) struct Given<'a> {
    pub(super) fresh: &'a [(String, String)],
    pub(super) kept: &'a dyn Secrets,
}

impl Secrets for Given<'_> {
    fn get(&self, id: &str, name: &str) -> backstay_source::Result<Option<String>> {
        match self.fresh.iter().find(|(known, _)| known == name) {
            Some((_, value)) => Ok(Some(value.clone())),
            // A source that does not exist yet has nothing kept.
            None if id.is_empty() => Ok(None),
            None => self.kept.get(id, name),
        }
    }
}

/// What a source without a name is called in errors: its path, else its kind.
fn spoken_name(connector: &dyn Connector, options: &Map<String, Value>) -> String {
    let path = connector.options().iter().find(|spec| spec.path && spec.required);
    let text = path.and_then(|spec| options.get(spec.name)?.as_str());
    text.unwrap_or(connector.kind()).to_owned()
}

impl Command for SourceTry {
    const NAME: &'static str = "source.try";
    type Request = SourceTryRequest;
    type Reply = ProbeReply;
    fn run(app: &App, context: &Context<'_>, request: SourceTryRequest) -> Result<ProbeReply> {
        let connector = app.connector(&request.kind)?;
        let settings = check_options(&*connector, &request.options, &[])?;
        let name = spoken_name(&*connector, &request.options);
        let config = SourceConfig {
            id: String::new(),
            name: name.clone(),
            options: Value::Object(settings.open),
        };
        let secrets = Given {
            fresh: &settings.secret,
            kept: &crate::app::SourceSecrets(app),
        };
        let source = connector.open(&config, &secrets)?;
        Ok(ProbeReply {
            probe: source.probe(context.cancel)?,
            capabilities: source.capabilities(),
            source: name,
        })
    }
}

impl Command for PathInspect {
    const NAME: &'static str = "path.inspect";
    type Request = InspectRequest;
    type Reply = InspectReply;
    fn run(app: &App, _: &Context<'_>, request: InspectRequest) -> Result<InspectReply> {
        let given = Path::new(request.path.strip_prefix("file://").unwrap_or(&request.path));
        let path = std::path::absolute(given)
            .map_err(|error| ApiError::new(ErrorKind::Usage, format!("{:?} is not a path: {error}", request.path)))?;
        let (kind, foreign) = inspect::kind(app, &path);
        let protect = match kind {
            PathKind::Folder | PathKind::Sqlite | PathKind::Unknown => protect(app, &path),
            _ => Vec::new(),
        };
        let reason = match kind {
            PathKind::Missing => Some(format!("nothing lies at {}", path.display())),
            PathKind::Unknown if protect.is_empty() => Some(cannot_read(app, &path)),
            _ => None,
        };
        let room = inspect::room(&path);
        Ok(InspectReply {
            free: room.free,
            disk: room.disk,
            name: name_of(&path),
            bytes: std::fs::metadata(&path)
                .ok()
                .filter(std::fs::Metadata::is_file)
                .map(|meta| meta.len()),
            protected_by: protected_by(app, &path)?,
            path: path.display().to_string(),
            kind,
            protect,
            reason,
            foreign,
        })
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Every kind of source that says it can protect the path, in the registry's order.
fn protect(app: &App, path: &Path) -> Vec<ProtectAs> {
    let offers = app.each_connector().filter_map(|connector| {
        let options = connector.offers(path)?;
        Some(ProtectAs {
            kind: connector.kind().to_owned(),
            options,
        })
    });
    offers.collect()
}

fn cannot_read(app: &App, path: &Path) -> String {
    let kinds: Vec<&str> = app.each_connector().map(|connector| connector.title()).collect();
    let why = match std::fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => "may not be read (permission denied)",
        _ => "is nothing Backstay can read",
    };
    format!(
        "{} {why}. It reads bundles and saved plans it wrote, vaults, and what these protect: {}",
        name_of(path),
        kinds.join(", ")
    )
}

/// Names of the sources whose path is this one or a folder above it.
fn protected_by(app: &App, path: &Path) -> Result<Vec<String>> {
    let wanted = real(path);
    let mut names = Vec::new();
    for source in app.journal().sources().list()? {
        let Ok(connector) = app.connector(&source.kind) else {
            continue;
        };
        let options = source.config.value().unwrap_or_default();
        if root(&*connector, &options).is_some_and(|root| wanted.starts_with(real(&root))) {
            names.push(source.name);
        }
    }
    Ok(names)
}

/// The path a source protects, if its kind has one.
pub(in crate::commands) fn root(connector: &dyn Connector, options: &Value) -> Option<PathBuf> {
    let spec = connector.options().iter().find(|spec| spec.path && spec.required)?;
    Some(PathBuf::from(options.get(spec.name)?.as_str()?))
}

/// The path with its links followed, as far as it exists.
pub(super) fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
