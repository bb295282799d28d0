//! Making, changing and removing the sample, with the same commands a person uses.

use std::{fs, path::Path};

use backstay_journal::{RunFilter, Vault as VaultRecord};
use backstay_model::{ErrorKind, RunKind, Verdict};
use backstay_sample::{Language, Sample};
use backstay_secrets::Secret;
use chrono::{DateTime, Utc};
use serde_json::{Map, json};
use uuid::Uuid;

use super::{Note, PASSWORD, keep, note, put};
use crate::{
    ApiError, App, Command as _, Context, Passwords, Result,
    commands::{Backup, SourceAdd, SourceRemove, VaultCreate},
    types::{BackupRequest, Named, SampleReply, SampleRequest, SourceAddRequest, VaultCreateRequest},
    vaults,
};

/// Names of what is made, numbered when a person has used them.
const WORKSPACE: &str = "Sample-workspace";
const DOCUMENTS: &str = "Sample-documents";
const VAULT: &str = "Sample-vault";
/// Days of work after the first backup, each followed by a backup.
const DAYS: u32 = 2;
/// What lies in the sample's folder.
const PARTS: [&str; 3] = ["notes-app", "documents", "vault"];

/// The one password of the sample's vault.
struct Only(Secret);

impl Passwords for Only {
    fn given(&self, _: &str) -> Result<Option<Secret>> {
        Ok(Some(self.0.clone()))
    }
    fn ask(&self, _: &str) -> Result<Option<Secret>> {
        Ok(None)
    }
    fn choose(&self, _: &str) -> Result<Option<Secret>> {
        Ok(Some(self.0.clone()))
    }
}

fn failed(path: &Path, error: std::io::Error) -> ApiError {
    backstay_source::SourceError::io(path.display().to_string(), error).into()
}

fn told(error: backstay_sample::SampleError) -> ApiError {
    match error {
        backstay_sample::SampleError::File { path, error } => failed(&path, error),
        error => ApiError::new(ErrorKind::Io, error.to_string()),
    }
}

/// What there is.
pub(crate) fn state(app: &App) -> Result<SampleReply> {
    let Some(note) = note(app) else {
        return Ok(SampleReply::default());
    };
    let sources = note.sources.iter().filter_map(|id| app.journal().sources().get(id).ok());
    let vault = note.vault.as_ref().and_then(|id| app.journal().vaults().get(id).ok());
    Ok(SampleReply {
        exists: true,
        path: Some(note.path.display().to_string()),
        sources: sources.map(|source| source.name).collect(),
        vault: vault.map(|vault| vault.name),
        changes: note.changes,
        note: note.password.is_some().then(|| {
            format!(
                "There is no keychain here, so the password of the sample's vault lies in {}. It protects made-up data only.",
                note.path.join(PASSWORD).display()
            )
        }),
    })
}

/// Makes everything. What was made before something failed is noted, so that it can be removed.
pub(crate) fn create(app: &App, context: &Context<'_>, request: &SampleRequest) -> Result<SampleReply> {
    if note(app).is_some() {
        return Err(
            ApiError::new(ErrorKind::Refused, "the sample workspace is there already; nothing was made")
                .hint("Remove it first, or go on with it."),
        );
    }
    let path = match &request.path {
        Some(path) => std::path::absolute(path)
            .map_err(|error| ApiError::new(ErrorKind::Usage, format!("{path:?} is not a path: {error}")))?,
        None => app.home().join("sample"),
    };
    if fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_some()) || path.is_file() {
        return Err(ApiError::new(
            ErrorKind::Refused,
            format!("{} is not empty; nothing was made", path.display()),
        )
        .hint("Choose a new folder."));
    }
    for kind in ["sqlite", "folder"] {
        app.connector(kind)?;
    }
    fs::create_dir_all(&path).map_err(|error| failed(&path, error))?;
    let language = Language::of(request.language.as_deref().unwrap_or_default());
    let mut noted = Note {
        path: path.clone(),
        language: language.tag().to_owned(),
        ..Note::default()
    };
    put(app, &noted)?;
    let made = make(app, context, &mut noted, language);
    if let Err(error) = made {
        // Half a sample is worse than none; what cannot be removed now stays noted.
        let _ = remove(app, context);
        return Err(error);
    }
    state(app)
}

fn make(app: &App, context: &Context<'_>, noted: &mut Note, language: Language) -> Result<()> {
    let sample = Sample::new(&noted.path, language, app.now());
    sample.make().map_err(told)?;
    let password = Secret::from_text(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()));
    let passwords = Only(password.clone());
    let with = Context {
        passwords: &passwords,
        ..*context
    };
    let vault = VaultCreateRequest {
        name: free(VAULT, |name| app.journal().vaults().get(name).is_ok()),
        path: noted.path.join("vault").display().to_string(),
        remember: true,
    };
    let row = VaultCreate::run(app, &with, vault)?;
    let record = app.journal().vaults().get(&row.name)?;
    // A person's own first vault is to be the default, not this one.
    app.journal().vaults().clear_default(&record.id)?;
    noted.vault = Some(record.id.clone());
    put(app, noted)?;
    if row.note.is_some() {
        keep(&noted.path, &password).map_err(|error| failed(&noted.path, error))?;
        noted.password = Some(true);
        put(app, noted)?;
    }
    for (kind, wanted, place) in [
        ("sqlite", WORKSPACE, sample.workspace()),
        ("folder", DOCUMENTS, sample.documents()),
    ] {
        let request = SourceAddRequest {
            kind: kind.to_owned(),
            name: free(wanted, |name| app.journal().sources().get(name).is_ok()),
            options: Map::from_iter([("path".to_owned(), json!(place))]),
            force: false,
            adopt: false,
        };
        let added = SourceAdd::run(app, context, request)?;
        noted.sources.push(added.id.clone());
        put(app, noted)?;
        app.journal().vaults().assign(&added.id, &[&record.id])?;
    }
    for day in 0..=DAYS {
        if day > 0 {
            sample.work(day).map_err(told)?;
        }
        back_up(app, context, noted)?;
    }
    app.audit(
        "sample.create",
        &noted.path.display().to_string(),
        json!({ "sources": noted.sources, "vault": record.id }),
    )
}

/// The name, with a number when it is taken.
fn free(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..1000).map(|n| format!("{name}-{n}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|name| !taken(name))
        .unwrap_or_else(|| name.to_owned())
}

fn back_up(app: &App, context: &Context<'_>, noted: &Note) -> Result<()> {
    let request = BackupRequest {
        sources: noted.sources.clone(),
        ..BackupRequest::default()
    };
    // The remembered key opens the vault at once; a password would be worked out anew each time.
    let with = Context {
        passwords: &crate::NoPasswords,
        ..*context
    };
    let reply = Backup::run(app, &with, request)?;
    match reply.runs.into_iter().find(|run| run.verdict != Verdict::Complete) {
        Some(run) => Err(run.error.unwrap_or_else(|| {
            ApiError::new(
                ErrorKind::Cancelled,
                format!("the backup of {:?} did not complete", run.source),
            )
        })),
        None => Ok(()),
    }
}

/// Makes the edits a person will want to undo.
pub(crate) fn change(app: &App, now: DateTime<Utc>) -> Result<SampleReply> {
    let mut noted = note(app).ok_or_else(none)?;
    let sample = Sample::new(&noted.path, Language::of(&noted.language), now);
    noted.changes = sample.mishap().map_err(told)?;
    put(app, &noted)?;
    state(app)
}

fn none() -> ApiError {
    ApiError::new(ErrorKind::NotFound, "there is no sample workspace").hint("Make one with `backstay sample create`.")
}

/// Removes all of it, and only it.
pub(crate) fn remove(app: &App, context: &Context<'_>) -> Result<()> {
    let noted = note(app).ok_or_else(none)?;
    let record = noted.vault.as_ref().and_then(|id| app.journal().vaults().get(id).ok());
    if let Some(record) = &record {
        used_by_others(app, &noted, record)?;
    }
    for id in &noted.sources {
        if app.journal().sources().get(id).is_ok() {
            SourceRemove::run(app, context, Named { name: id.clone() })?;
        }
    }
    if let Some(record) = record {
        app.journal().vaults().remove(&record.id)?;
        vaults::forget(app, &record.repository_id);
    }
    for part in PARTS {
        gone(fs::remove_dir_all(noted.path.join(part)), &noted.path.join(part))?;
    }
    gone(fs::remove_file(noted.path.join(PASSWORD)), &noted.path)?;
    // Not empty: a person put something there, which stays.
    let _ = fs::remove_dir(&noted.path);
    app.audit(
        "sample.remove",
        &noted.path.display().to_string(),
        json!({ "sources": noted.sources }),
    )?;
    gone(fs::remove_file(super::place(app)), &super::place(app))
}

/// A thing that is gone already is removed.
fn gone(done: std::io::Result<()>, path: &Path) -> Result<()> {
    match done {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(path, error)),
        _ => Ok(()),
    }
}

/// Refuses while the sample's vault holds something that is no sample.
fn used_by_others(app: &App, noted: &Note, record: &VaultRecord) -> Result<()> {
    let refused = |who: &str| {
        Err(ApiError::new(
            ErrorKind::Refused,
            format!(
                "the vault {:?} also holds backups of {who:?}; nothing was removed",
                record.name
            ),
        )
        .hint("Send that source to another vault first, and back it up there."))
    };
    let filter = RunFilter {
        kinds: vec![RunKind::Backup],
        verdicts: vec![Verdict::Complete, Verdict::Partial],
        vault: Some(record.id.clone()),
        ..RunFilter::default()
    };
    let mut from = None;
    loop {
        let page = app.journal().runs().list(&filter, from, 500)?;
        let mut others = page.rows.iter().filter_map(|run| run.source.as_ref());
        if let Some(other) = others.find(|source| !noted.sources.contains(&source.id)) {
            return refused(&other.name);
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    for source in app.journal().sources().list()? {
        let goes = app
            .journal()
            .vaults()
            .assigned(&source.id)?
            .iter()
            .any(|vault| vault.id == record.id);
        if goes && !noted.sources.contains(&source.id) {
            return refused(&source.name);
        }
    }
    Ok(())
}
