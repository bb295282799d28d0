//! A keychain with nothing in it, for connectors that need no secrets.

use backstay_source::{Result, Secrets};

/// Has no secret of any source.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn get(&self, _id: &str, _name: &str) -> Result<Option<String>> {
        Ok(None)
    }
}
