//! What opens the encrypted file: a key file, or a passphrase from a file, a command or the environment.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use age::secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::{Result, Secret, SecretsError};

/// Work factor of the passphrase's key derivation (scrypt, N = 2^16, r = 8): 64 MiB and a fraction of a second. One step
/// more would take half of what a whole backup may use of memory.
const WORK: u8 = 16;
/// The largest work factor accepted: files written by the `age` program with its default of 18 open.
const MOST_WORK: u8 = 20;
/// No passphrase or key is longer (bytes).
const LONGEST: u64 = 64 << 10;
/// How a line with a key begins.
const KEY: &str = "AGE-SECRET-KEY-1";

/// Where the key of the encrypted file comes from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// A key file, as [`create_key_file`] or `age-keygen` writes it; readable by its owner only.
    KeyFile(PathBuf),
    /// A passphrase the caller has.
    Passphrase(Secret),
    /// A file with a passphrase (a line break at its end does not count); readable by its owner only.
    PassphraseFile(PathBuf),
    /// A shell command that prints the passphrase.
    PassphraseCommand(String),
    /// An environment variable with the passphrase.
    PassphraseEnv(String),
}

/// The key itself.
pub(super) enum Key {
    Identity(age::x25519::Identity),
    Passphrase(SecretString),
}

impl Key {
    pub(super) fn resolve(source: &KeySource) -> Result<Self> {
        match source {
            KeySource::KeyFile(path) => read_identity(path).map(Self::Identity),
            KeySource::Passphrase(secret) => passphrase(secret.expose(), "it was given"),
            KeySource::PassphraseFile(path) => passphrase(&read_private(path)?, &path.display().to_string()),
            KeySource::PassphraseCommand(command) => passphrase(&run(command)?, "the command's output"),
            KeySource::PassphraseEnv(variable) => {
                let value = std::env::var_os(variable).map(|value| Zeroizing::new(value.into_encoded_bytes()));
                let missing = || SecretsError::NoPassphrase {
                    detail: format!("the variable {variable} is not set"),
                };
                passphrase(&value.ok_or_else(missing)?, &format!("the variable {variable}"))
            }
        }
    }

    pub(super) fn encrypt(&self, plain: &[u8]) -> Result<Vec<u8>, age::EncryptError> {
        match self {
            Self::Identity(identity) => age::encrypt(&identity.to_public(), plain),
            Self::Passphrase(passphrase) => {
                let mut recipient = age::scrypt::Recipient::new(passphrase.clone());
                recipient.set_work_factor(WORK);
                age::encrypt(&recipient, plain)
            }
        }
    }

    pub(super) fn decrypt(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, age::DecryptError> {
        let decryptor = age::Decryptor::new_buffered(sealed)?;
        let mut reader = match self {
            Self::Identity(identity) => decryptor.decrypt(std::iter::once(identity as &dyn age::Identity))?,
            Self::Passphrase(passphrase) => {
                let mut identity = age::scrypt::Identity::new(passphrase.clone());
                identity.set_max_work_factor(MOST_WORK);
                decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity))?
            }
        };
        // Room for all of it at once: a vector that grows leaves copies behind that nobody wipes.
        let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
        reader.read_to_end(&mut plain)?;
        Ok(plain)
    }
}

/// Writes a new key file (mode 0600), in the format of `age-keygen`. An existing file is not touched.
///
/// # Errors
/// [`SecretsError::Io`], also when the file exists.
pub fn create_key_file(path: &Path) -> Result<()> {
    let io = |source| SecretsError::Io {
        path: path.to_owned(),
        source,
    };
    let identity = age::x25519::Identity::generate();
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(io)?;
    let text = Zeroizing::new(format!(
        "# Opens Backstay's encrypted secrets. Keep a copy in a safe place.\n# public key: {}\n{}\n",
        identity.to_public(),
        identity.to_string().expose_secret()
    ));
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)
}

fn read_identity(path: &Path) -> Result<age::x25519::Identity> {
    let text = read_private(path)?;
    let text = std::str::from_utf8(&text).unwrap_or_default();
    let line = text.lines().map(str::trim).find(|line| line.starts_with(KEY));
    // The parser's own error text is not used: it may quote the line.
    line.and_then(|line| line.parse().ok())
        .ok_or_else(|| SecretsError::NoKey { path: path.to_owned() })
}

/// Reads a file that only its owner may read.
fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let io = |source| SecretsError::Io {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(io)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Of the open file, so that nobody swaps it in between.
        let mode = file.metadata().map_err(io)?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(SecretsError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(1024));
    file.take(LONGEST).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

fn run(command: &str) -> Result<Zeroizing<Vec<u8>>> {
    let mut shell = if cfg!(windows) {
        Command::new("cmd")
    } else {
        Command::new("sh")
    };
    shell.arg(if cfg!(windows) { "/C" } else { "-c" }).arg(command);
    // Its messages go where ours go; it may not read what is meant for us.
    let ran = shell.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let ran = ran.map_err(|error| SecretsError::NoPassphrase {
        detail: format!("the command cannot be run: {error}"),
    })?;
    let output = Zeroizing::new(ran.stdout);
    if !ran.status.success() {
        return Err(SecretsError::NoPassphrase {
            detail: format!("the command failed ({})", ran.status),
        });
    }
    Ok(output)
}

/// Takes a passphrase without the line break a file or command ends with.
fn passphrase(bytes: &[u8], origin: &str) -> Result<Key> {
    let text = std::str::from_utf8(bytes).map_err(|_| SecretsError::NoPassphrase {
        detail: format!("{origin} is not text"),
    })?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(SecretsError::NoPassphrase {
            detail: format!("{origin} is empty"),
        });
    }
    Ok(Key::Passphrase(SecretString::from(text.to_owned())))
}
