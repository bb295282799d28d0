//! What can go wrong with secrets. No variant can carry a value: only names, paths and what a system said.

use std::path::PathBuf;

use backstay_model::ErrorKind;

use crate::SecretName;

/// Why a secret could not be read or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretsError {
    /// No keychain answers on this machine or in this session.
    #[error("no keychain can be reached: {detail}. On a server use an encrypted file with a key file or passphrase instead")]
    NoKeychain {
        /// What the system said.
        detail: String,
    },
    /// The keychain is there but locked, and was not unlocked.
    #[error(
        "the keychain is locked; nothing was read or stored. Unlock it (log in to the desktop, or open its password manager) and try again"
    )]
    Locked,
    /// The keychain or a program in between refused.
    #[error("the keychain refused access: {detail}. Allow it for this program and try again")]
    Denied {
        /// What the system said.
        detail: String,
    },
    /// The keychain did not answer in time (it may be asking for its password in a window nobody sees).
    #[error("the keychain did not answer within {seconds} seconds; it may be waiting for its password in a window")]
    NoAnswer {
        /// How long we waited.
        seconds: u64,
    },
    /// The keychain failed in another way.
    #[error("the keychain failed: {detail}")]
    Keychain {
        /// What the system said.
        detail: String,
    },
    /// There is no secret of this name.
    #[error("no secret named {name} is stored")]
    NotFound {
        /// The name.
        name: SecretName,
    },
    /// The encrypted file does not open with this passphrase or key file.
    #[error("{path} does not open with this passphrase or key; it was not changed")]
    WrongPassphrase {
        /// The encrypted file.
        path: PathBuf,
    },
    /// What is stored is damaged.
    #[error(
        "{place} is damaged: {detail}. It was not changed; put it back from a copy, or move it away and enter the secrets again"
    )]
    Damaged {
        /// The encrypted file, or the keychain.
        place: String,
        /// What was found.
        detail: String,
    },
    /// Neither place for secrets can be used.
    #[error(
        "there is no place for secrets: no keychain can be reached ({detail}), and no encrypted file is set up. Either run in a \
         session with a keychain, or name a key file or passphrase for the encrypted file"
    )]
    NoPlace {
        /// Why the keychain cannot be used.
        detail: String,
    },
    /// A file with a key or passphrase can be read by others.
    #[error("{path} can be read by others (mode {mode:o}); make it private: chmod 600 {path}")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// No passphrase came from where it should.
    #[error("no passphrase: {detail}")]
    NoPassphrase {
        /// Where it should have come from, and what happened.
        detail: String,
    },
    /// What should be a key file is none.
    #[error("{path} is not a key file (a line AGE-SECRET-KEY-1…)")]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// Another process writes the encrypted file and does not finish.
    #[error("{path} is held by another process; try again")]
    Busy {
        /// The encrypted file.
        path: PathBuf,
    },
    /// The value is longer than the place takes.
    #[error("the value of {name} is too long for the keychain")]
    TooLong {
        /// The name.
        name: SecretName,
    },
    /// A name is not allowed.
    #[error("\"{name}\" cannot be the name of a secret")]
    Name {
        /// The name asked for.
        name: String,
    },
    /// Reading or writing a file failed.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl SecretsError {
    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        use std::io::ErrorKind as Kind;
        match self {
            Self::NoKeychain { .. } | Self::NoAnswer { .. } => ErrorKind::Unreachable,
            Self::Locked | Self::Busy { .. } => ErrorKind::Locked,
            Self::Denied { .. } | Self::WrongPassphrase { .. } | Self::NoPassphrase { .. } => ErrorKind::Auth,
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::Damaged { .. } => ErrorKind::Damaged,
            Self::NoPlace { .. } | Self::Name { .. } | Self::NoKey { .. } => ErrorKind::Usage,
            Self::Exposed { .. } => ErrorKind::Refused,
            Self::TooLong { .. } => ErrorKind::Limit,
            Self::Keychain { .. } => ErrorKind::Io,
            Self::Io { source, .. } => match source.kind() {
                Kind::PermissionDenied | Kind::ReadOnlyFilesystem => ErrorKind::Auth,
                Kind::StorageFull | Kind::QuotaExceeded => ErrorKind::Full,
                Kind::NotFound => ErrorKind::NotFound,
                _ => ErrorKind::Io,
            },
        }
    }
}
