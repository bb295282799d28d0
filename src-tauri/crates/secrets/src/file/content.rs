//! What stands inside the encrypted file: `{"version":1,"secrets":{NAME:BASE64,…}}`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Secret, SecretName};

/// Version of this layout.
const VERSION: u32 = 1;

/// All secrets of the file.
pub(super) type Secrets = BTreeMap<SecretName, Secret>;

#[derive(Serialize, Deserialize)]
struct Content {
    version: u32,
    secrets: BTreeMap<SecretName, Zeroizing<String>>,
}

/// Why the content cannot be read; says nothing of what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    Malformed,
    Newer,
}

impl Unreadable {
    pub(super) fn detail(self) -> &'static str {
        match self {
            Self::Malformed => "its content is not laid out as expected",
            Self::Newer => "it was written by a newer Backstay",
        }
    }
}

pub(super) fn read(plain: &[u8]) -> Result<Secrets, Unreadable> {
    // serde's messages may quote values: they are dropped.
    let content: Content = serde_json::from_slice(plain).map_err(|_| Unreadable::Malformed)?;
    if content.version > VERSION {
        return Err(Unreadable::Newer);
    }
    let decode = |text: &str| STANDARD.decode(text).map(Secret::new).map_err(|_| Unreadable::Malformed);
    content
        .secrets
        .into_iter()
        .map(|(name, text)| Ok((name, decode(&text)?)))
        .collect()
}

pub(super) fn write(secrets: &Secrets) -> Zeroizing<Vec<u8>> {
    // Room for all of it at once: a vector that grows leaves copies behind that nobody wipes.
    let room: usize = secrets
        .iter()
        .map(|(name, value)| name.as_str().len() + value.expose().len() * 4 / 3 + 16)
        .sum();
    let mut out = Zeroizing::new(Vec::with_capacity(room + 64));
    let encoded = secrets
        .iter()
        .map(|(name, value)| (name.clone(), Zeroizing::new(STANDARD.encode(value.expose()))));
    let content = Content {
        version: VERSION,
        secrets: encoded.collect(),
    };
    // Text keys and text values always have a JSON form, and memory takes them.
    let written = serde_json::to_writer(&mut *out, &content);
    debug_assert!(written.is_ok(), "text is always JSON");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let name = |text: &str| SecretName::new(text).unwrap();
        let all: Secrets = [
            (name("a/b"), Secret::new(vec![0, 255, 10])),
            (name("c"), Secret::from_text("ü\"\n".to_owned())),
        ]
        .into();
        let plain = write(&all);
        assert!(plain.capacity() >= plain.len());
        let back = read(&plain).unwrap();
        assert_eq!(back.len(), 2);
        assert!(all.iter().all(|(name, value)| back[name].expose() == value.expose()));
        assert_eq!(read(b"{}").unwrap_err(), Unreadable::Malformed);
        assert_eq!(read(br#"{"version":2,"secrets":{}}"#).unwrap_err(), Unreadable::Newer);
    }
}
