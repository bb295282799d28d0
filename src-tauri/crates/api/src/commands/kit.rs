//! Recovery kits: twelve words that open a vault, on a page to print, confirmed by typing some of them back.
//!
//! The words stand nowhere but on the page: here they are kept in memory until the kit is confirmed or given up.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use backstay_journal::{Kit as KitRecord, NewKit, Vault as VaultRecord};
use backstay_model::ErrorKind;
use backstay_vault::{CreateOptions, Id, Vault, VaultError, maintain::kit::KitPassword};
use bip39::{Language, Mnemonic};
use rand::{Rng as _, seq::IteratorRandom as _};
use serde_json::json;
use zeroize::{Zeroize as _, Zeroizing};

use super::{Command, vaults::kit_page};
use crate::{
    ApiError, App, Context, Result,
    types::{KitBeginReply, KitConfirmReply, KitConfirmRequest, KitRef, KitWriteRequest, Named, Nothing, Topic, WrittenReply},
    vaults,
};

/// Bytes of chance in the words: 128 bits, which makes twelve of them.
const CHANCE: usize = 16;
/// Words asked for when a kit is confirmed.
const ASKED: usize = 3;
/// Folder of pages that are only printed, in the state directory.
const PAGES: &str = "kit";

/// Adds a key that words open.
pub struct KitBegin;
/// Writes the page.
pub struct KitWrite;
/// Confirms a kit by some of its words.
pub struct KitConfirm;
/// Gives up a kit that was begun.
pub struct KitCancel;

/// A kit that was begun in this process.
struct Begun {
    words: Vec<String>,
    ask: Vec<u32>,
    page: Option<tempfile::TempPath>,
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.words.iter_mut().for_each(|word| word.zeroize());
    }
}

static BEGUN: Mutex<Option<HashMap<String, Begun>>> = Mutex::new(None);

fn begun() -> MutexGuard<'static, Option<HashMap<String, Begun>>> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does `work` with a kit of this process.
fn with<T>(kit: &str, work: impl FnOnce(&mut Begun) -> Result<T>) -> Result<T> {
    match begun().get_or_insert_default().get_mut(kit) {
        Some(begun) => work(begun),
        None => Err(ApiError::new(ErrorKind::NotFound, "this recovery kit is no longer being made").hint("Begin a new one.")),
    }
}

impl Command for KitBegin {
    const NAME: &'static str = "kit.begin";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Audit];
    type Request = Named;
    type Reply = KitBeginReply;
    fn run(app: &App, context: &Context<'_>, request: Named) -> Result<KitBeginReply> {
        let record = app.journal().vaults().get(&request.name)?;
        let vault = vaults::open(app, context, &record)?;
        // One that was begun before and left lying counts no longer.
        for left in app
            .journal()
            .kits()
            .of(&record.id)?
            .iter()
            .filter(|kit| kit.confirmed.is_none())
        {
            give_up(app, &record, &vault, left)?;
        }
        let words = words()?;
        let new = NewKit {
            vault: record.id.clone(),
            key: String::new(),
        };
        // Noted first: whatever happens, the key can be found again by the name it carries.
        let kit = app.journal().kits().begin(&new, env!("CARGO_PKG_NAME"), app.now())?;
        let mut options = CreateOptions::default();
        options.host.username = key_name(&kit.id);
        let password = Zeroizing::new(words.join(" "));
        let key = vault.add_key(&password, &options)?.to_hex();
        app.journal().kits().set_key(&kit.id, &key)?;
        app.audit("kit.begin", &record.name, json!({ "kit": kit.id, "key": key }))?;
        let mut ask: Vec<u32> = (1..=words.len() as u32).sample(&mut rand::rng(), ASKED);
        ask.sort_unstable();
        let reply = KitBeginReply {
            kit: kit.id.clone(),
            words: words.clone(),
            ask: ask.clone(),
        };
        let made = Begun { words, ask, page: None };
        begun().get_or_insert_default().insert(kit.id, made);
        Ok(reply)
    }
}

/// The name a kit's key carries in the vault.
fn key_name(kit: &str) -> String {
    format!("recovery-kit-{kit}")
}

/// Twelve words of the BIP39 list: no two are alike in their first four letters, and the last one holds a checksum of the others.
fn words() -> Result<Vec<String>> {
    let mut chance = Zeroizing::new([0; CHANCE]);
    rand::rng().fill_bytes(chance.as_mut());
    let words = Mnemonic::from_entropy_in(Language::English, chance.as_ref())
        .map_err(|error| ApiError::new(ErrorKind::Internal, format!("no words: {error}")))?;
    Ok(words.words().map(ToOwned::to_owned).collect())
}

impl Command for KitWrite {
    const NAME: &'static str = "kit.write";
    const CHANGES: &'static [Topic] = &[Topic::Audit];
    type Request = KitWriteRequest;
    type Reply = WrittenReply;
    fn run(app: &App, context: &Context<'_>, request: KitWriteRequest) -> Result<WrittenReply> {
        let kit = app.journal().kits().get(&request.kit)?;
        let record = app.journal().vaults().get(&kit.vault)?;
        let vault = vaults::open(app, context, &record)?;
        let words = with(&kit.id, |begun| Ok(begun.words.clone()))?;
        let page = kit_page(app, &record, &vault, KitPassword::Words(words), Some(&kit.key))?;
        let html = Zeroizing::new(page.html());
        let path = match &request.path {
            Some(path) => {
                let path = std::path::absolute(path)
                    .map_err(|error| ApiError::new(ErrorKind::Usage, format!("{path:?} is not a path: {error}")))?;
                let folder = path.parent().unwrap_or(Path::new("/"));
                written(folder, &html)?
                    .persist(&path)
                    .map_err(|error| failed(&path, error.error))?;
                path
            }
            None => to_print(app, &kit.id, &html)?,
        };
        app.audit(
            "kit.write",
            &record.name,
            json!({ "kit": kit.id, "kept": request.path.is_some() }),
        )?;
        Ok(WrittenReply {
            path: path.display().to_string(),
        })
    }
}

fn failed(path: &Path, error: std::io::Error) -> ApiError {
    backstay_source::SourceError::io(path.display().to_string(), error).into()
}

/// A private file (0600) with the page.
fn written(folder: &Path, html: &str) -> Result<tempfile::NamedTempFile> {
    use std::io::Write as _;
    let mut file = tempfile::Builder::new()
        .prefix(".kit-")
        .suffix(".html")
        .tempfile_in(folder)
        .map_err(|error| failed(folder, error))?;
    let done = file.write_all(html.as_bytes()).and_then(|()| file.as_file().sync_all());
    done.map_err(|error| failed(folder, error))?;
    Ok(file)
}

/// A page that is printed and goes when the kit is confirmed or given up, or Backstay ends.
fn to_print(app: &App, kit: &str, html: &str) -> Result<PathBuf> {
    let folder = app.home().join(PAGES);
    std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    let page = written(&folder, html)?.into_temp_path();
    let path = page.to_path_buf();
    with(kit, |begun| {
        begun.page = Some(page);
        Ok(())
    })?;
    Ok(path)
}

impl Command for KitConfirm {
    const NAME: &'static str = "kit.confirm";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Audit];
    type Request = KitConfirmRequest;
    type Reply = KitConfirmReply;
    fn run(app: &App, context: &Context<'_>, request: KitConfirmRequest) -> Result<KitConfirmReply> {
        let kit = app.journal().kits().get(&request.kit)?;
        let right = with(&kit.id, |begun| Ok(are_right(begun, &request.words)))?;
        if !right {
            return Ok(KitConfirmReply { confirmed: false });
        }
        let record = app.journal().vaults().get(&kit.vault)?;
        let vault = vaults::open(app, context, &record)?;
        app.journal().kits().confirm(&kit.id, app.now())?;
        begun().get_or_insert_default().remove(&kit.id);
        app.audit("kit.confirm", &record.name, json!({ "kit": kit.id, "key": kit.key }))?;
        for earlier in app.journal().kits().of(&record.id)?.iter().filter(|other| other.id != kit.id) {
            match give_up(app, &record, &vault, earlier) {
                // The vault was opened with the earlier words: that key stays until it is opened otherwise.
                Err(error) if error.code == ErrorKind::Refused => {}
                done => done?,
            }
        }
        Ok(KitConfirmReply { confirmed: true })
    }
}

/// Whether these are the words asked for. Takes as long for wrong ones as for right ones.
fn are_right(begun: &Begun, typed: &[String]) -> bool {
    let wanted: Vec<&str> = begun
        .ask
        .iter()
        .filter_map(|number| begun.words.get(*number as usize - 1).map(String::as_str))
        .collect();
    let mut differs = u8::from(typed.len() != wanted.len());
    for (at, wanted) in wanted.iter().enumerate() {
        let given = typed.get(at).map(|word| word.trim().to_lowercase()).unwrap_or_default();
        differs |= u8::from(given.len() != wanted.len());
        for place in 0..16 {
            let byte = |text: &str| text.as_bytes().get(place).copied().unwrap_or_default();
            differs |= byte(&given) ^ byte(wanted);
        }
    }
    std::hint::black_box(differs) == 0
}

impl Command for KitCancel {
    const NAME: &'static str = "kit.cancel";
    const CHANGES: &'static [Topic] = &[Topic::Vaults, Topic::Audit];
    type Request = KitRef;
    type Reply = Nothing;
    fn run(app: &App, context: &Context<'_>, request: KitRef) -> Result<Nothing> {
        let kit = app.journal().kits().get(&request.kit)?;
        if kit.confirmed.is_some() {
            return Err(
                ApiError::new(ErrorKind::Refused, "this recovery kit was confirmed; it counts")
                    .hint("Remove its key from the vault, or make a new kit."),
            );
        }
        let record = app.journal().vaults().get(&kit.vault)?;
        let vault = vaults::open(app, context, &record)?;
        give_up(app, &record, &vault, &kit)?;
        Ok(Nothing {})
    }
}

/// Removes the key of a kit and forgets the kit.
fn give_up(app: &App, record: &VaultRecord, vault: &Vault, kit: &KitRecord) -> Result<()> {
    begun().get_or_insert_default().remove(&kit.id);
    let name = key_name(&kit.id);
    let (keys, _) = vault.keys()?;
    let own = keys.iter().filter(|key| key.username == name || key.id.to_hex() == kit.key);
    for key in own.map(|key| key.id).collect::<Vec<Id>>() {
        match vault.remove_key(&key, false) {
            Ok(()) | Err(VaultError::KeyNotFound { .. }) => {}
            Err(error @ (VaultError::KeyInUse { .. } | VaultError::LastKey { .. })) => {
                return Err(ApiError::new(ErrorKind::Refused, error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    app.journal().kits().remove(&kit.id)?;
    app.audit("kit.remove", &record.name, json!({ "kit": kit.id, "key": kit.key }))
}

/// Gives up every kit nobody is making any more: those of processes that are gone, or (at the end of this one) all. Vaults that do
/// not open without a password keep theirs; making the next kit removes it.
pub(crate) fn give_up_left(app: &App, all: bool) {
    // Pages that a killed process left.
    let _ = std::fs::remove_dir_all(app.home().join(PAGES));
    let Ok(left) = app.journal().kits().unconfirmed() else {
        return;
    };
    let context = Context {
        cancel: &backstay_source::Cancel::default(),
        reporter: &backstay_engine::Silent,
        passwords: &crate::NoPasswords,
    };
    for kit in left
        .iter()
        .filter(|kit| kit.process.is_gone() || (all && kit.process.pid == std::process::id()))
    {
        begun().get_or_insert_default().remove(&kit.id);
        let Ok(record) = app.journal().vaults().get(&kit.vault) else {
            continue;
        };
        if let Ok(vault) = vaults::open(app, &context, &record) {
            let _ = give_up(app, &record, &vault, kit);
        }
    }
}
