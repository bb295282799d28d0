//! Names of secrets: what the rest of the program stores instead of values.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::SecretsError;

/// Longest name, in bytes; the system's keychains take at least this.
const LONGEST: usize = 200;

/// The name of a secret: parts of ASCII letters, digits, `.`, `_`, `-`, joined by `/` (`vault/<id>/password`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretName(String);

impl SecretName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`SecretsError::Name`].
    pub fn new(name: impl Into<String>) -> Result<Self, SecretsError> {
        let name = name.into();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let good = name.len() <= LONGEST && name.split('/').all(|part| !part.is_empty() && part.chars().all(plain));
        if good {
            Ok(Self(name))
        } else {
            Err(SecretsError::Name { name })
        }
    }

    /// The master key of a vault, kept so that opening does not cost a key derivation each time.
    ///
    /// # Errors
    /// [`SecretsError::Name`] when `vault` is not an id.
    pub fn vault_master_key(vault: &str) -> Result<Self, SecretsError> {
        Self::new(format!("vault/{vault}/master-key"))
    }

    /// The password of a vault.
    ///
    /// # Errors
    /// [`SecretsError::Name`] when `vault` is not an id.
    pub fn vault_password(vault: &str) -> Result<Self, SecretsError> {
        Self::new(format!("vault/{vault}/password"))
    }

    /// A field of a source's settings (a token, a password).
    ///
    /// # Errors
    /// [`SecretsError::Name`] when `source` is not an id or `field` not a plain word.
    pub fn source_field(source: &str, field: &str) -> Result<Self, SecretsError> {
        Self::new(format!("source/{source}/{field}"))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for SecretName {
    type Error = SecretsError;
    fn try_from(name: String) -> Result<Self, SecretsError> {
        Self::new(name)
    }
}

impl From<SecretName> for String {
    fn from(name: SecretName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::SecretName;

    #[test]
    fn rules() {
        assert_eq!(
            SecretName::vault_password("0193-a").unwrap().as_str(),
            "vault/0193-a/password"
        );
        assert_eq!(
            SecretName::source_field("x", "api_token").unwrap().as_str(),
            "source/x/api_token"
        );
        for bad in ["", "/", "a/", "a//b", "a b", "é", "a\n", &"x".repeat(201)] {
            assert!(SecretName::new(bad).is_err(), "{bad}");
        }
    }
}
