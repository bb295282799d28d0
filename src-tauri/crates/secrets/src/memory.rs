//! A place for secrets that ends with the process: for demonstrations and tests, and for people who type them each time.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::{Result, Secret, SecretName, SecretStore, SecretsError};

/// Secrets in memory only.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<BTreeMap<SecretName, Secret>>);

impl SecretStore for MemoryStore {
    fn get(&self, name: &SecretName) -> Result<Secret> {
        self.0
            .lock()
            .get(name)
            .cloned()
            .ok_or_else(|| SecretsError::NotFound { name: name.clone() })
    }

    fn set(&self, name: &SecretName, value: &Secret) -> Result<()> {
        self.0.lock().insert(name.clone(), value.clone());
        Ok(())
    }

    fn delete(&self, name: &SecretName) -> Result<()> {
        let gone = self.0.lock().remove(name);
        gone.map(drop).ok_or_else(|| SecretsError::NotFound { name: name.clone() })
    }

    fn describe(&self) -> String {
        "this process's memory".to_owned()
    }
}
