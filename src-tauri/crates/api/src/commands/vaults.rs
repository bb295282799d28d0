//! Vaults: create, add, look at, keys, recovery kit, locks.

use backstay_journal::{NewVault, Vault as VaultRecord};
use backstay_model::ErrorKind;
use backstay_vault::{
    CreateOptions, FileKind, Id, Vault,
    maintain::kit::{Kit, KitPassword, KitSelect, KitSource},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Command, Guard};
use crate::{
    ApiError, App, Context, Result, names,
    types::{
        KeyRow, KeysReply, KitFormat, KitReply, Named, Nothing, Topic, UnlockReply, VaultCreateRequest, VaultInfoReply, VaultRow,
        VaultsReply,
    },
    vaults,
};

/// Creates a vault.
pub struct VaultCreate;
/// Adds a vault that exists: from another machine, after a disaster, or made with restic.
pub struct VaultAdd;
/// Lists vaults.
pub struct Vaults;
/// A vault in numbers.
pub struct VaultInfo;
/// Forgets a vault; its files stay where they are.
pub struct VaultRemove;
/// Lists the keys of a vault.
pub struct Keys;
/// Adds a key: another password that opens the vault.
pub struct KeyAdd;
/// Removes a key.
pub struct KeyRemove;
/// Replaces the password given by a new one.
pub struct PasswordChange;
/// The page to print and keep.
pub struct RecoveryKit;
/// Removes locks whose owner is gone.
pub struct Unlock;

fn row(app: &App, record: &VaultRecord, note: Option<String>) -> VaultRow {
    VaultRow {
        name: record.name.clone(),
        path: record.place.clone(),
        repository_id: record.repository_id.clone(),
        created: record.created,
        is_default: record.default,
        remembered: vaults::is_remembered(app, &record.repository_id),
        note,
    }
}

/// The vault of this name, opened.
fn opened(app: &App, context: &Context<'_>, name: &str) -> Result<(VaultRecord, Vault)> {
    let record = app.journal().vaults().get(name)?;
    let vault = vaults::open(app, context, &record)?;
    Ok((record, vault))
}

/// The keys of a vault; `in_use` is the one it was opened with or, after a change of password, will be.
fn key_rows(vault: &Vault, in_use: Option<Id>) -> Result<KeysReply> {
    let (keys, _) = vault.keys()?;
    let keys = keys.into_iter().map(|key| KeyRow {
        in_use: in_use.map_or(key.current, |id| key.id == id),
        id: key.id.to_hex(),
        user: key.username,
        host: key.hostname,
        created: key.created,
    });
    Ok(KeysReply { keys: keys.collect() })
}

/// The path as it is kept: absolute, so that it means the same from everywhere.
fn absolute(path: &str) -> Result<String> {
    if path.contains("://") {
        return Ok(path.to_owned());
    }
    let full =
        std::path::absolute(path).map_err(|error| ApiError::new(ErrorKind::Usage, format!("{path:?} is not a path: {error}")))?;
    full.into_os_string()
        .into_string()
        .map_err(|_| ApiError::new(ErrorKind::Usage, format!("{path:?} is not valid UTF-8")))
}

fn no_password(name: &str) -> ApiError {
    ApiError::new(
        ErrorKind::Auth,
        format!("no password was given for the vault {name:?}; nothing was changed"),
    )
    .hint("Give it with --password-file, --password-command or BACKSTAY_PASSWORD.")
}

/// Enters a vault into the state and remembers its key as asked.
fn enter(app: &App, request: &VaultCreateRequest, place: String, vault: &Vault, action: &str) -> Result<VaultRow> {
    let new = NewVault {
        name: request.name.clone(),
        place,
        repository_id: vault.id().to_hex(),
    };
    let record = app.journal().vaults().add(&new, app.now())?;
    app.audit(
        action,
        &record.name,
        json!({ "place": record.place, "repository": record.repository_id }),
    )?;
    let note = match request.remember.then(|| vaults::remember(app, vault)) {
        Some(Err(error)) => Some(format!(
            "its key could not be remembered, so the password is needed every time: {}",
            error.message
        )),
        _ => None,
    };
    Ok(row(app, &record, note))
}

/// Refuses a name before anything is made on disk.
fn free_name(app: &App, name: &str) -> Result<()> {
    backstay_journal::check_name(name)?;
    if app
        .journal()
        .vaults()
        .list()?
        .iter()
        .any(|vault| vault.name.eq_ignore_ascii_case(name))
    {
        return Err(ApiError::new(
            ErrorKind::Refused,
            format!("there is already a vault named {name:?}; nothing was changed"),
        ));
    }
    Ok(())
}

impl Command for VaultCreate {
    const NAME: &'static str = "vault.create";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Audit];
    type Request = VaultCreateRequest;
    type Reply = VaultRow;
    fn run(app: &App, context: &Context<'_>, request: VaultCreateRequest) -> Result<VaultRow> {
        free_name(app, &request.name)?;
        let path = absolute(&request.path)?;
        let place = vaults::place(&path)?;
        // Looked at before a password is asked for, and again when it is created.
        // (A folder that does not exist yet cannot hold one.)
        if matches!(Vault::exists(&*place), Ok(true)) {
            return Err(backstay_vault::VaultError::AlreadyExists { place: path }.into());
        }
        let password = match context.passwords.given(&request.name)? {
            Some(password) => password,
            None => context
                .passwords
                .choose(&request.name)?
                .ok_or_else(|| no_password(&request.name))?,
        };
        if password.is_empty() {
            return Err(ApiError::new(
                ErrorKind::Usage,
                "an empty password protects nothing; no vault was created",
            ));
        }
        let vault = Vault::create(place, vaults::text(&password)?, &CreateOptions::default())?;
        enter(app, &request, path, &vault, "vault.create")
    }
}

impl Command for VaultAdd {
    const NAME: &'static str = "vault.add";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Snapshots, Topic::Audit];
    type Request = VaultCreateRequest;
    type Reply = VaultRow;
    fn run(app: &App, context: &Context<'_>, request: VaultCreateRequest) -> Result<VaultRow> {
        free_name(app, &request.name)?;
        let path = absolute(&request.path)?;
        let place = vaults::place(&path)?;
        if !Vault::exists(&*place)? {
            return Err(backstay_vault::VaultError::NoRepository { place: path }.into());
        }
        let password = match context.passwords.given(&request.name)? {
            Some(password) => password,
            None => context
                .passwords
                .ask(&request.name)?
                .ok_or_else(|| no_password(&request.name))?,
        };
        let unlock = backstay_vault::Unlock::Password(vaults::text(&password)?.to_owned());
        let vault = Vault::open(place, &unlock)?;
        enter(app, &request, path, &vault, "vault.add")
    }
}

impl Command for Vaults {
    const NAME: &'static str = "vault.list";
    type Request = Nothing;
    type Reply = VaultsReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<VaultsReply> {
        let vaults = app
            .journal()
            .vaults()
            .list()?
            .iter()
            .map(|record| row(app, record, None))
            .collect();
        Ok(VaultsReply { vaults })
    }
}

impl Command for VaultInfo {
    const NAME: &'static str = "vault.info";
    type Request = Named;
    type Reply = VaultInfoReply;
    fn run(app: &App, context: &Context<'_>, request: Named) -> Result<VaultInfoReply> {
        let (record, vault) = opened(app, context, &request.name)?;
        let snapshots = vault.snapshots()?;
        let mut problems = names::damaged(&record.name, &snapshots);
        problems.extend(vault.reader()?.warnings().iter().map(ToString::to_string));
        let bytes = vaults::count_used(app, &record, &vault)?;
        let packs = vault.place().list(FileKind::Pack)?.len() as u64;
        let locks = vault.locks()?.iter().map(|lock| lock.to_string()).collect();
        app.journal().vaults().seen(&record.id, app.now())?;
        Ok(VaultInfoReply {
            vault: row(app, &record, None),
            snapshots: snapshots.good.len() as u64,
            newest: snapshots.good.last().map(|s| s.time),
            bytes,
            packs,
            keys: vault.keys()?.0.len() as u64,
            locks,
            problems,
        })
    }
}

impl Command for VaultRemove {
    const NAME: &'static str = "vault.remove";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Snapshots, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = Named;
    type Reply = Nothing;
    fn run(app: &App, _: &Context<'_>, request: Named) -> Result<Nothing> {
        let record = app.journal().vaults().remove(&request.name)?;
        app.audit(
            "vault.remove",
            &record.name,
            json!({ "place": record.place, "repository": record.repository_id }),
        )?;
        vaults::forget(app, &record.repository_id);
        app.opened().forget_vault(&record.repository_id);
        Ok(Nothing {})
    }
}

impl Command for Keys {
    const NAME: &'static str = "vault.keys";
    type Request = Named;
    type Reply = KeysReply;
    fn run(app: &App, context: &Context<'_>, request: Named) -> Result<KeysReply> {
        key_rows(&opened(app, context, &request.name)?.1, None)
    }
}

impl Command for KeyAdd {
    const NAME: &'static str = "vault.keyAdd";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Audit];
    type Request = Named;
    type Reply = KeysReply;
    fn run(app: &App, context: &Context<'_>, request: Named) -> Result<KeysReply> {
        let (record, vault) = opened(app, context, &request.name)?;
        let new = context
            .passwords
            .choose(&record.name)?
            .ok_or_else(|| no_password(&record.name))?;
        if new.is_empty() {
            return Err(ApiError::new(
                ErrorKind::Usage,
                "an empty password protects nothing; no key was added",
            ));
        }
        let id = vault.add_key(vaults::text(&new)?, &CreateOptions::default())?;
        app.audit("vault.keyAdd", &record.name, json!({ "key": id.to_hex() }))?;
        key_rows(&vault, None)
    }
}

/// Removes one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyRemoveRequest {
    /// The vault.
    pub name: String,
    /// Beginning of the key's id.
    pub key: String,
}

impl Command for KeyRemove {
    const NAME: &'static str = "vault.keyRemove";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = KeyRemoveRequest;
    type Reply = KeysReply;
    fn run(app: &App, context: &Context<'_>, request: KeyRemoveRequest) -> Result<KeysReply> {
        let (record, vault) = opened(app, context, &request.name)?;
        let (good, damaged) = vault.keys()?;
        let all = good.iter().map(|key| key.id).chain(damaged);
        let found: Vec<_> = all
            .filter(|id| !request.key.is_empty() && id.to_hex().starts_with(&request.key))
            .collect();
        let [id] = found[..] else {
            let (code, what) = if found.is_empty() {
                (ErrorKind::NotFound, "no key begins")
            } else {
                (ErrorKind::Usage, "several keys begin")
            };
            return Err(
                ApiError::new(code, format!("{what} with {:?}; nothing was removed", request.key))
                    .hint(format!("`backstay vault key list {}` lists them.", record.name)),
            );
        };
        vault.remove_key(&id, false)?;
        app.opened().forget_vault(&record.repository_id);
        app.audit("vault.keyRemove", &record.name, json!({ "key": id.to_hex() }))?;
        key_rows(&vault, None)
    }
}

impl Command for PasswordChange {
    const NAME: &'static str = "vault.password";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Audit];
    type Request = Named;
    type Reply = KeysReply;
    fn run(app: &App, context: &Context<'_>, request: Named) -> Result<KeysReply> {
        let record = app.journal().vaults().get(&request.name)?;
        let old = match context.passwords.given(&record.name)? {
            Some(password) => password,
            None => context
                .passwords
                .ask(&record.name)?
                .ok_or_else(|| no_password(&record.name))?,
        };
        let unlock = backstay_vault::Unlock::Password(vaults::text(&old)?.to_owned());
        let vault = Vault::open(vaults::place(&record.place)?, &unlock)?;
        let new = context
            .passwords
            .choose(&record.name)?
            .ok_or_else(|| no_password(&record.name))?;
        if new.is_empty() {
            return Err(ApiError::new(
                ErrorKind::Usage,
                "an empty password protects nothing; the password was not changed",
            ));
        }
        let id = vault.change_password(vaults::text(&old)?, vaults::text(&new)?, &CreateOptions::default())?;
        app.opened().forget_vault(&record.repository_id);
        app.audit("vault.password", &record.name, json!({ "key": id.to_hex() }))?;
        key_rows(&vault, Some(id))
    }
}

/// Asks for the recovery kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryKitRequest {
    /// The vault.
    pub name: String,
    /// Its form.
    pub format: KitFormat,
    /// Print the password (it must be given for this call) instead of a field to write it into.
    pub with_password: bool,
}

/// The page of a vault. `key` is the one the password on it opens; absent: the one the vault was opened with.
pub(super) fn kit_page(app: &App, record: &VaultRecord, vault: &Vault, password: KitPassword, key: Option<&str>) -> Result<Kit> {
    let (keys, _) = vault.keys()?;
    let current = || {
        keys.iter()
            .find(|key| key.current)
            .or(keys.first())
            .map(|key| key.id.to_hex())
    };
    let key = key.map(ToOwned::to_owned).or_else(current).unwrap_or_default();
    let snapshots = vault.snapshots()?;
    let mut sources: Vec<KitSource> = Vec::new();
    for snapshot in snapshots.good.iter().filter(|s| !names::is_safety(s)) {
        let name = names::row(app, &record.name, snapshot).source;
        let select = snapshot.paths.first().cloned().map(KitSelect::Path);
        if let Some(select) = select.filter(|_| !sources.iter().any(|known| known.name == name)) {
            sources.push(KitSource { name, by: select });
        }
    }
    Ok(Kit {
        vault: record.name.clone(),
        location: record.place.clone(),
        id: record.repository_id.clone(),
        date: app.now(),
        key,
        password,
        sources,
    })
}

impl Command for RecoveryKit {
    const NAME: &'static str = "vault.recoveryKit";
    type Request = RecoveryKitRequest;
    type Reply = KitReply;
    fn run(app: &App, context: &Context<'_>, request: RecoveryKitRequest) -> Result<KitReply> {
        let record = app.journal().vaults().get(&request.name)?;
        let mut vault = vaults::open(app, context, &record)?;
        let mut password = KitPassword::Field;
        if request.with_password {
            let given = match context.passwords.given(&record.name)? {
                Some(given) => given,
                None => context
                    .passwords
                    .ask(&record.name)?
                    .ok_or_else(|| no_password(&record.name))?,
            };
            let text = vaults::text(&given)?.to_owned();
            // The kit must never carry a password that does not open the vault.
            vault = Vault::open(vaults::place(&record.place)?, &backstay_vault::Unlock::Password(text.clone()))?;
            password = KitPassword::Printed(text);
        }
        let kit = kit_page(app, &record, &vault, password, None)?;
        app.audit(
            "vault.recoveryKit",
            &record.name,
            json!({ "withPassword": request.with_password }),
        )?;
        let content = match request.format {
            KitFormat::Html => kit.html(),
            KitFormat::Text => kit.text(),
        };
        Ok(KitReply { content })
    }
}

impl Command for Unlock {
    const NAME: &'static str = "vault.unlock";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Audit];
    type Request = Named;
    type Reply = UnlockReply;
    fn run(app: &App, context: &Context<'_>, request: Named) -> Result<UnlockReply> {
        let (record, vault) = opened(app, context, &request.name)?;
        let removed: Vec<String> = vault.unlock()?.iter().map(ToString::to_string).collect();
        app.audit("vault.unlock", &record.name, json!({ "removed": removed }))?;
        Ok(UnlockReply {
            removed,
            kept: vault.locks()?.iter().map(ToString::to_string).collect(),
        })
    }
}
