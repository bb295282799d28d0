//! Backstay's own settings: read, changed, taken to another machine; what the caches take; what this program is.

use std::path::{Path, PathBuf};

use backstay_journal::{NewSource, NewVault};
use backstay_model::{ErrorKind, RawJson};
use backstay_secrets::SecretName;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Command, Guard,
    settings_plans::{self, ExportedChannel, ExportedPlan},
};
use crate::{
    ApiError, App, Context, Result, settings,
    types::{
        AboutReply, CacheReply, Nothing, PathRequest, Settings, SettingsImportReply, SettingsImportRequest, Topic, WrittenReply,
    },
};

/// Layout version of an exported settings file.
const VERSION: u32 = 1;
/// Largest settings file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// Reads the settings.
pub struct SettingsGet;
/// Changes the settings.
pub struct SettingsSet;
/// Writes settings, sources, vaults, plans and channels into a file, without secrets.
pub struct SettingsExport;
/// Takes settings, sources, vaults, plans and channels over from such a file.
pub struct SettingsImport;
/// Tells what the caches take.
pub struct CacheInfo;
/// Empties the caches.
pub struct CacheClear;
/// Tells about this program.
pub struct About;

impl Command for SettingsGet {
    const NAME: &'static str = "settings.get";
    const GUARD: Guard = Guard::Free;
    type Request = Nothing;
    type Reply = Settings;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<Settings> {
        app.settings()
    }
}

impl Command for SettingsSet {
    const NAME: &'static str = "settings.set";
    const CHANGES: &'static [Topic] = &[Topic::Settings, Topic::Audit];
    type Request = Settings;
    type Reply = Settings;
    fn run(app: &App, _: &Context<'_>, request: Settings) -> Result<Settings> {
        let before = app.settings()?;
        let after = app.set_settings(request)?;
        let changed = changed(&before, &after);
        if !changed.is_empty() {
            app.audit("settings.change", "settings", json!({ "changed": changed }))?;
        }
        if before.lock != after.lock || before.lock_after != after.lock_after {
            app.audit(
                "settings.lock",
                "app lock",
                json!({ "lock": after.lock, "after": after.lock_after }),
            )?;
        }
        Ok(after)
    }
}

/// Names of the settings that differ.
fn changed(before: &Settings, after: &Settings) -> Vec<String> {
    let value = |settings: &Settings| serde_json::to_value(settings).unwrap_or_default();
    let (before, after) = (value(before), value(after));
    let all = after.as_object().into_iter().flatten();
    all.filter(|(name, value)| before.get(name.as_str()) != Some(*value))
        .map(|(name, _)| name.clone())
        .collect()
}

/// A settings file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exported {
    /// Says what the file is.
    backstay_settings: u32,
    settings: Settings,
    vaults: Vec<ExportedVault>,
    sources: Vec<ExportedSource>,
    #[serde(default)]
    plans: Vec<ExportedPlan>,
    #[serde(default)]
    channels: Vec<ExportedChannel>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExportedVault {
    name: String,
    path: String,
    repository_id: String,
    default: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExportedSource {
    id: String,
    name: String,
    kind: String,
    options: RawJson,
    /// Names of its secret settings; their values stay in the keychain.
    secrets: Vec<String>,
    vaults: Vec<String>,
}

fn gather(app: &App) -> Result<Exported> {
    let vaults = app.journal().vaults();
    let mut sources = Vec::new();
    for source in app.journal().sources().list()? {
        let secrets = app.connector(&source.kind).map_or_else(
            |_| Vec::new(),
            |connector| {
                connector
                    .options()
                    .iter()
                    .filter(|o| o.secret)
                    .map(|o| o.name.to_owned())
                    .collect()
            },
        );
        sources.push(ExportedSource {
            vaults: vaults.assigned(&source.id)?.into_iter().map(|vault| vault.name).collect(),
            id: source.id,
            name: source.name,
            kind: source.kind,
            options: source.config,
            secrets,
        });
    }
    let vaults = vaults.list()?.into_iter().map(|vault| ExportedVault {
        name: vault.name,
        path: vault.place,
        repository_id: vault.repository_id,
        default: vault.default,
    });
    Ok(Exported {
        backstay_settings: VERSION,
        settings: app.settings()?,
        vaults: vaults.collect(),
        sources,
        plans: settings_plans::plans(app)?,
        channels: settings_plans::channels_of(app)?,
    })
}

fn absolute(path: &str) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| ApiError::new(ErrorKind::Usage, format!("{path:?} is not a path: {error}")))
}

impl Command for SettingsExport {
    const NAME: &'static str = "settings.export";
    const CHANGES: &'static [Topic] = &[Topic::Audit];
    type Request = PathRequest;
    type Reply = WrittenReply;
    fn run(app: &App, _: &Context<'_>, request: PathRequest) -> Result<WrittenReply> {
        let path = absolute(&request.path)?;
        let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(ApiError::new(ErrorKind::Usage, format!("{:?} is not a file", request.path)));
        };
        settings::write(dir, &name.to_string_lossy(), &gather(app)?)?;
        let path = path.display().to_string();
        app.audit("settings.export", &path, json!({}))?;
        Ok(WrittenReply { path })
    }
}

fn read(path: &Path) -> Result<Exported> {
    let length = std::fs::metadata(path)
        .map_err(|error| crate::ApiError::from(backstay_source::SourceError::io(path.display().to_string(), error)))?
        .len();
    let shown = path.display();
    let no = |why: &str| {
        ApiError::new(
            ErrorKind::Unsupported,
            format!("{shown} is no settings file of Backstay ({why}); nothing was changed"),
        )
    };
    if length > LARGEST {
        return Err(no("too large"));
    }
    let value: Value = settings::read(path).map_err(|_| no("no JSON"))?.ok_or_else(|| no("gone"))?;
    match value.get("backstaySettings").and_then(Value::as_u64) {
        None => return Err(no("it does not say it is one")),
        Some(version) if version > u64::from(VERSION) => {
            return Err(ApiError::new(
                ErrorKind::Unsupported,
                format!("{shown} was written by a newer Backstay; nothing was changed"),
            )
            .hint("Update Backstay first."));
        }
        Some(_) => {}
    }
    serde_json::from_value(value).map_err(|error| no(&error.to_string()))
}

impl Command for SettingsImport {
    const NAME: &'static str = "settings.import";
    const CHANGES: &'static [Topic] = &[
        Topic::Settings,
        Topic::Sources,
        Topic::Vaults,
        Topic::Plans,
        Topic::Channels,
        Topic::Audit,
    ];
    type Request = SettingsImportRequest;
    type Reply = SettingsImportReply;
    fn run(app: &App, _: &Context<'_>, request: SettingsImportRequest) -> Result<SettingsImportReply> {
        let path = absolute(&request.path)?;
        let given = read(&path)?;
        let mut reply = SettingsImportReply {
            dry_run: request.dry_run,
            ..SettingsImportReply::default()
        };
        take_vaults(app, &given, &mut reply)?;
        take_sources(app, &given, &mut reply)?;
        settings_plans::take_plans(app, &given.plans, &mut reply)?;
        settings_plans::take_channels(app, &given.channels, &mut reply)?;
        if !request.dry_run {
            // What the lock protects here is decided here, not by a file.
            let lock = app.settings()?;
            app.set_settings(Settings {
                lock: lock.lock,
                lock_after: lock.lock_after,
                ..given.settings
            })?;
            app.audit(
                "settings.import",
                &path.display().to_string(),
                json!({ "sources": reply.sources, "vaults": reply.vaults, "plans": reply.plans, "channels": reply.channels }),
            )?;
        }
        Ok(reply)
    }
}

fn take_vaults(app: &App, given: &Exported, reply: &mut SettingsImportReply) -> Result<()> {
    let known = app.journal().vaults().list()?;
    for vault in &given.vaults {
        if known
            .iter()
            .any(|have| have.repository_id == vault.repository_id || have.name.eq_ignore_ascii_case(&vault.name))
        {
            reply.kept.push(vault.name.clone());
            continue;
        }
        backstay_journal::check_name(&vault.name)?;
        if !reply.dry_run {
            let new = NewVault {
                name: vault.name.clone(),
                place: vault.path.clone(),
                repository_id: vault.repository_id.clone(),
            };
            app.journal().vaults().add(&new, app.now())?;
            if vault.default && known.is_empty() {
                app.journal().vaults().set_default(&vault.name)?;
            }
        }
        reply.vaults.push(vault.name.clone());
    }
    Ok(())
}

fn take_sources(app: &App, given: &Exported, reply: &mut SettingsImportReply) -> Result<()> {
    let known = app.journal().sources().list()?;
    for source in &given.sources {
        if known
            .iter()
            .any(|have| have.id == source.id || have.name.eq_ignore_ascii_case(&source.name))
        {
            reply.kept.push(source.name.clone());
            continue;
        }
        backstay_journal::check_name(&source.name)?;
        // A kind this program does not have would be a source that can never be backed up.
        app.connector(&source.kind)?;
        if !reply.dry_run {
            add_source(app, source)?;
        }
        reply.sources.push(source.name.clone());
        reply
            .secrets
            .extend(source.secrets.iter().map(|secret| format!("{}: {secret}", source.name)));
    }
    Ok(())
}

fn add_source(app: &App, source: &ExportedSource) -> Result<()> {
    let new = NewSource {
        name: source.name.clone(),
        kind: source.kind.clone(),
        config: source.options.clone(),
        instance_id: None,
        user_id: None,
    };
    // The same id: its history in the vaults goes on.
    let added = app.journal().sources().adopt(&source.id, &new, app.now())?;
    let vaults = app.journal().vaults();
    let there: Vec<&str> = source
        .vaults
        .iter()
        .filter(|name| vaults.get(name).is_ok())
        .map(String::as_str)
        .collect();
    if !there.is_empty() {
        vaults.assign(&added.id, &there)?;
    }
    Ok(())
}

/// Where caches lie; everything in it can be made again.
fn cache_dir(app: &App) -> PathBuf {
    app.home().join("cache")
}

fn measure(dir: &Path, total: &mut CacheReply) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(meta) if meta.is_dir() => measure(&entry.path(), total),
            Ok(meta) => {
                total.bytes += meta.len();
                total.files += 1;
            }
            // It went away while we looked: a cache may do that.
            Err(_) => {}
        }
    }
}

fn info(app: &App) -> CacheReply {
    let mut total = CacheReply::default();
    measure(&cache_dir(app), &mut total);
    total
}

impl Command for CacheInfo {
    const NAME: &'static str = "cache.info";
    type Request = Nothing;
    type Reply = CacheReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<CacheReply> {
        Ok(info(app))
    }
}

impl Command for CacheClear {
    const NAME: &'static str = "cache.clear";
    type Request = Nothing;
    type Reply = CacheReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<CacheReply> {
        let dir = cache_dir(app);
        match std::fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(backstay_source::SourceError::io(dir.display().to_string(), error).into())
            }
            _ => Ok(info(app)),
        }
    }
}

impl Command for About {
    const NAME: &'static str = "about";
    const GUARD: Guard = Guard::Free;
    type Request = Nothing;
    type Reply = AboutReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<AboutReply> {
        // Reading a name that is not there shows whether the place answers, and reveals nothing.
        let probe = SecretName::vault_master_key(&"0".repeat(64)).map_err(ApiError::from);
        let answer = probe.and_then(|name| match app.secrets()?.get(&name) {
            Ok(_) | Err(backstay_secrets::SecretsError::NotFound { .. }) => Ok(app.secrets()?.describe()),
            Err(error) => Err(error.into()),
        });
        let (secrets, secrets_problem) = match answer {
            Ok(place) => (place, None),
            Err(error) => ("none".to_owned(), Some(error.message)),
        };
        Ok(AboutReply {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            home: app.home().display().to_string(),
            secrets,
            secrets_problem,
        })
    }
}
