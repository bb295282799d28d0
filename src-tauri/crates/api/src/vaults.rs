//! Opening vaults for commands: which place, which key, and what to remember.

use std::{path::Path, sync::Arc};

use backstay_journal::Vault as VaultRecord;
use backstay_model::ErrorKind;
use backstay_secrets::{Secret, SecretName, SecretStore, SecretsError};
use backstay_vault::{FileKind, Id, LocalPlace, MasterKey, Place, Unlock, Vault, VaultError};

use crate::{ApiError, App, Context, Result};

/// The place a path or URL names.
pub(crate) fn place(path: &str) -> Result<Arc<dyn Place>> {
    let path = path.strip_prefix("file://").unwrap_or(path);
    if let Some((scheme, _)) = path.split_once("://") {
        return Err(ApiError::new(
            ErrorKind::Unsupported,
            format!("vaults on {scheme}:// are not available in this version"),
        )
        .hint("Use a directory, also one on a mounted disk or share."));
    }
    Ok(Arc::new(LocalPlace::new(Path::new(path))))
}

/// Puts the vault's master key into the secret store.
///
/// # Errors
/// When no store can be reached; the vault is usable all the same.
pub(crate) fn remember(app: &App, vault: &Vault) -> Result<()> {
    let name = SecretName::vault_master_key(&vault.id().to_hex())?;
    Ok(app
        .secrets()?
        .set(&name, &Secret::from_text(vault.master_key().to_secret_text().to_string()))?)
}

/// The remembered master key of a vault; `None` when there is none.
///
/// # Errors
/// When the secret store cannot be read.
fn remembered(app: &App, repository: &str) -> Result<Option<Secret>> {
    secret_in(&*app.secrets()?, repository)
}

fn secret_in(store: &dyn SecretStore, repository: &str) -> Result<Option<Secret>> {
    match store.get(&SecretName::vault_master_key(repository)?) {
        Ok(secret) => Ok(Some(secret)),
        Err(SecretsError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The master key of a vault in `store`; `None` when there is none.
///
/// # Errors
/// When the store cannot be read, or holds something else under that name.
pub(crate) fn key_in(store: &dyn SecretStore, repository: &str) -> Result<Option<MasterKey>> {
    let secret = secret_in(store, repository)?;
    let key = secret.map(|secret| MasterKey::from_secret_text(secret.expose_text().unwrap_or_default()));
    Ok(key.transpose()?)
}

/// Whether the vault's master key is in the secret store. A store that cannot be reached counts as *no*.
pub(crate) fn is_remembered(app: &App, repository: &str) -> bool {
    matches!(remembered(app, repository), Ok(Some(_)))
}

/// Forgets the vault's master key. A key left in the keychain of a vault nobody knows any more does no harm, so that a
/// store that cannot be reached is no error here.
pub(crate) fn forget(app: &App, repository: &str) {
    if let (Ok(store), Ok(name)) = (app.secrets(), SecretName::vault_master_key(repository)) {
        let _ = store.delete(&name);
    }
}

/// Opens a vault: with the password given for this job, else the remembered key, else by asking a person.
///
/// # Errors
/// When the place is gone, the password is wrong, or nobody has one.
pub(crate) fn open(app: &App, context: &Context<'_>, record: &VaultRecord) -> Result<Vault> {
    let given = context.passwords.given(&record.name)?;
    // A password that came along is tried, whoever opened the vault before.
    if given.is_none()
        && let Some(vault) = app.opened().vault(record)?
    {
        return Ok(vault);
    }
    let vault = unlocked(app, context, record, given)?;
    app.opened().keep(&vault);
    Ok(vault)
}

/// Opens with a password; of a wrong one the error says whose it is, so that the window can ask again.
fn with_password(record: &VaultRecord, place: Arc<dyn Place>, password: &Secret) -> Result<Vault> {
    match Vault::open(place, &unlock(password)?) {
        Ok(vault) => checked(record, vault),
        Err(error @ VaultError::WrongPassword) => Err(ApiError::from(error).needs_password(&record.name)),
        Err(error) => Err(error.into()),
    }
}

fn unlocked(app: &App, context: &Context<'_>, record: &VaultRecord, given: Option<Secret>) -> Result<Vault> {
    let place = place(&record.place)?;
    if let Some(password) = given {
        return with_password(record, place, &password);
    }
    let mut unreachable = None;
    match remembered(app, &record.repository_id) {
        Ok(Some(secret)) => {
            let key = MasterKey::from_secret_text(secret.expose_text().unwrap_or_default())?;
            return checked(record, Vault::open(place, &Unlock::MasterKey(key))?);
        }
        Ok(None) => {}
        Err(error) => unreachable = Some(error),
    }
    if let Some(password) = crate::sample::password(app, &record.id) {
        return checked(record, Vault::open(place, &unlock(&password)?)?);
    }
    // Say that the place is gone before asking for a password that cannot help.
    if !Vault::exists(&*place)? {
        return Err(VaultError::NoRepository {
            place: record.place.clone(),
        }
        .into());
    }
    match context.passwords.ask(&record.name)? {
        Some(password) => with_password(record, place, &password),
        None => {
            let why = unreachable.map(|error| format!(" ({})", error.message)).unwrap_or_default();
            Err(ApiError::new(
                ErrorKind::Auth,
                format!("the password of the vault {:?} is not known here{why}", record.name),
            )
            .hint("Give it with --password-file, --password-command or BACKSTAY_PASSWORD.")
            .needs_password(&record.name))
        }
    }
}

/// Counts the bytes a vault takes and notes them. Its cost follows the number of packs, so it is done when a vault was worked on
/// anyway, not when somebody looks.
///
/// # Errors
/// When the place or the state cannot be read.
pub(crate) fn count_used(app: &App, record: &VaultRecord, vault: &Vault) -> Result<u64> {
    let place = vault.place();
    let mut bytes = place.size(FileKind::Config, &Id::CONFIG)?.unwrap_or_default();
    for kind in [FileKind::Key, FileKind::Snapshot, FileKind::Index, FileKind::Pack] {
        bytes += place.list(kind)?.iter().map(|(_, size)| size).sum::<u64>();
    }
    app.journal().vaults().set_used(&record.id, bytes)?;
    Ok(bytes)
}

/// A password as the vault takes it.
///
/// # Errors
/// When it is no text.
pub(crate) fn text(password: &Secret) -> Result<&str> {
    password
        .expose_text()
        .ok_or_else(|| ApiError::new(ErrorKind::Usage, "the password is not valid UTF-8 text"))
}

fn unlock(password: &Secret) -> Result<Unlock> {
    Ok(Unlock::Password(text(password)?.to_owned()))
}

/// Refuses another repository than the one known by this name: someone replaced the disk or the folder.
pub(crate) fn checked(record: &VaultRecord, vault: Vault) -> Result<Vault> {
    if vault.id().to_hex() == record.repository_id {
        return Ok(vault);
    }
    Err(ApiError::new(
        ErrorKind::Refused,
        format!(
            "at {} lies another vault than the one known as {:?}; nothing was changed",
            record.place, record.name
        ),
    )
    .hint("Attach the right disk, or add the other vault under a name of its own with `backstay vault add`."))
}
