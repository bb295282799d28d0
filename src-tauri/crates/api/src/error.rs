//! The one error that leaves Backstay: a code to decide on, a sentence, what to do next.

use backstay_engine::EngineError;
use backstay_journal::JournalError;
use backstay_model::ErrorKind;
use backstay_secrets::SecretsError;
use backstay_source::SourceError;
use backstay_vault::VaultError;
use serde::{Deserialize, Serialize};

/// Results of commands.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

/// What a command failed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
#[ts(optional_fields = nullable)]
pub struct ApiError {
    /// The class; the window and scripts decide on this alone.
    pub code: ErrorKind,
    /// What went wrong and what was not changed, in a sentence without secrets.
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The errors below, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub causes: Vec<String>,
    /// The vault whose password is needed, when that is what went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// Trying again later may help.
    #[serde(default)]
    pub retry: bool,
}

impl ApiError {
    /// An error without causes.
    pub fn new(code: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            causes: Vec::new(),
            vault: None,
            retry: false,
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says which vault's password is needed.
    #[must_use]
    pub(crate) fn needs_password(mut self, vault: &str) -> Self {
        self.vault = Some(vault.to_owned());
        self
    }

    fn from_error(code: ErrorKind, hint: Option<String>, error: &dyn std::error::Error) -> Self {
        let message = error.to_string();
        let mut causes = Vec::new();
        let mut below = error.source();
        while let Some(cause) = below {
            let text = cause.to_string();
            if text != message && causes.last() != Some(&text) {
                causes.push(text);
            }
            below = cause.source();
        }
        let retry = matches!(code, ErrorKind::Locked | ErrorKind::Unreachable | ErrorKind::Changed);
        Self {
            code,
            message,
            hint,
            causes,
            vault: None,
            retry,
        }
    }
}

/// What to do about an error of a vault.
fn vault_hint(error: &VaultError) -> Option<String> {
    let hint = match error {
        VaultError::NoRepository { .. } => {
            "Is the disk attached? Create a vault with `backstay vault create`, add an existing one with `backstay vault add`."
        }
        VaultError::AlreadyExists { .. } => "Use it with `backstay vault add NAME --path PATH`.",
        VaultError::WrongPassword => "Nothing was changed. Check the password, or use another key of the vault.",
        VaultError::KeysDamaged { .. } => {
            "Use the password of another key, or open the vault with the remembered key, and run `backstay repair`."
        }
        VaultError::WrongMasterKey => "The vault was replaced by another one; give its password with --password-file.",
        VaultError::ConfigDamaged { .. } => {
            "Restore the file `config` from a copy of the vault; the backups themselves are untouched."
        }
        VaultError::FileDamaged { .. }
        | VaultError::BlobDamaged { .. }
        | VaultError::BlobMissing { .. }
        | VaultError::TreeDamaged { .. } => {
            "`backstay verify VAULT --read-data` shows what is affected; `backstay repair VAULT --dry-run` what can be mended."
        }
        VaultError::Unsound { .. } => "Nothing was removed. Run `backstay repair VAULT --dry-run` first.",
        VaultError::Locked { .. } | VaultError::LockDamaged { .. } => {
            "Wait until the other program has finished. `backstay vault unlock` removes locks whose owner is gone."
        }
        VaultError::LockLost | VaultError::PacksVanished { .. } => "Nothing was saved. Run it again.",
        VaultError::PlanOutdated => "Nothing was changed. Run it again.",
        VaultError::SnapshotNotFound { .. } => "`backstay snapshots` lists them.",
        VaultError::SnapshotAmbiguous { .. } => "Give more digits of the id.",
        VaultError::LastKey { .. } => "Add another key first.",
        VaultError::KeyInUse { .. } => "Open the vault with another password to remove this key.",
        VaultError::Poisoned(cause) => return vault_hint(cause),
        _ => return place_hint(error),
    };
    Some(hint.to_owned())
}

fn place_hint(error: &VaultError) -> Option<String> {
    match error.kind() {
        ErrorKind::Full => {
            Some("Nothing half-written counts. Free some space, or run `backstay forget` and `backstay prune`.".to_owned())
        }
        ErrorKind::Unreachable => Some("Is the disk attached and the network up?".to_owned()),
        _ => None,
    }
}

/// What to do about an error of the state database.
fn journal_hint(error: &JournalError) -> Option<String> {
    let hint = match error {
        JournalError::NotFound { what: "source", .. } => "`backstay source list` lists the sources.",
        JournalError::NotFound { what: "vault", .. } => "`backstay vault list` lists the vaults.",
        JournalError::NotFound { what: "plan", .. } => "`backstay plan list` lists the plans.",
        JournalError::NotFound {
            what: "run" | "restore", ..
        }
        | JournalError::Ambiguous { what: "run", .. } => "`backstay runs` lists the runs with their ids.",
        JournalError::NameTaken { .. } => "Choose another name.",
        JournalError::Full { .. } => "Free some space on the disk that holds Backstay's state; the vaults are not affected.",
        _ => return None,
    };
    Some(hint.to_owned())
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Vault(error) => error.into(),
            EngineError::Source(error) => error.into(),
            EngineError::Journal(error) => error.into(),
            error => Self::from_error(error.kind(), error.hint(), &error),
        }
    }
}
impl From<backstay_vault::PlaceError> for ApiError {
    fn from(error: backstay_vault::PlaceError) -> Self {
        VaultError::from(error).into()
    }
}
impl From<VaultError> for ApiError {
    fn from(error: VaultError) -> Self {
        Self::from_error(error.kind(), vault_hint(&error), &error)
    }
}
impl From<SourceError> for ApiError {
    fn from(error: SourceError) -> Self {
        // What failed while a source was read may be the vault it went to; then its hint is the one that helps.
        let below = || error.cause.as_ref()?.downcast_ref::<VaultError>().and_then(vault_hint);
        Self::from_error(error.kind, error.hint.clone().or_else(below), &error)
    }
}
impl From<JournalError> for ApiError {
    fn from(error: JournalError) -> Self {
        Self::from_error(error.kind(), journal_hint(&error), &error)
    }
}
impl From<SecretsError> for ApiError {
    fn from(error: SecretsError) -> Self {
        Self::from_error(error.kind(), None, &error)
    }
}
