//! A position in a database's changes: a text on clusters, a number on single nodes, and nobody's business but the server's.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;

/// A position, kept as the JSON the server sent.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Seq(String);

impl Seq {
    /// The beginning.
    pub(crate) fn zero() -> Self {
        Self("0".to_owned())
    }

    /// The position as a text was noted of it ([`fmt::Display`]): a number, a text, or JSON.
    pub(crate) fn noted(text: &str) -> Self {
        if serde_json::from_str::<&RawValue>(text).is_ok() {
            return Self(text.to_owned());
        }
        Self(serde_json::Value::from(text).to_string())
    }

    /// The JSON.
    pub(crate) fn json(&self) -> &str {
        &self.0
    }

    /// As the parameter `since`: a text without its quotes, anything else as JSON.
    pub(crate) fn param(&self) -> String {
        serde_json::from_str(&self.0).unwrap_or_else(|_| self.0.clone())
    }

    /// The number before the dash, or the number: it says roughly how far it is, for showing only.
    pub(crate) fn rough(&self) -> Option<u64> {
        self.param().split('-').next()?.parse().ok()
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.param())
    }
}

impl fmt::Debug for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Seq {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Seq {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get() == "null" {
            return Err(D::Error::custom("a position is not null"));
        }
        Ok(Self(raw.get().to_owned()))
    }
}
