//! JSON kept byte for byte, so that nothing a service sent is lost by reading it.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::value::RawValue;

/// One JSON value as the bytes it was received in (UTF-8, one line: no raw line breaks).
///
/// Unknown fields, key order and big numbers stay exactly as they came. Cloning is cheap.
#[derive(Clone, PartialEq, Eq)]
pub struct RawJson(Bytes);

impl RawJson {
    /// Takes JSON text after checking that it is one valid value. White space that would break a line is removed.
    ///
    /// # Errors
    /// When `text` is not one valid JSON value.
    pub fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        let raw: &RawValue = serde_json::from_slice(text)?;
        let text = raw.get().trim();
        if text.bytes().any(|b| b == b'\n' || b == b'\r') {
            return Ok(Self(Bytes::from(one_line(text))));
        }
        Ok(Self(Bytes::copy_from_slice(text.as_bytes())))
    }

    /// Takes bytes known to be one JSON value without line breaks, because this program just wrote them itself.
    #[must_use]
    pub fn trusted(bytes: Bytes) -> Self {
        debug_assert!(!bytes.contains(&b'\n'), "a record's JSON must be one line");
        Self(bytes)
    }

    /// Serialises `value` as compact JSON.
    ///
    /// # Errors
    /// When `value` cannot be represented in JSON (a map with keys that are not text).
    pub fn from_value<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        Ok(Self(Bytes::from(serde_json::to_vec(value)?)))
    }

    /// The JSON text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The JSON text, sharing memory.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.0.clone()
    }

    /// Parses into a tree; numbers stay exact.
    ///
    /// # Errors
    /// When the bytes are not JSON (a damaged vault).
    pub fn value(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::from_slice(&self.0)
    }
}

/// Removes line breaks, which in valid JSON can only stand between tokens.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| *c != '\n' && *c != '\r').collect()
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_slice(&self.0).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(raw.get().as_bytes()).map_err(D::Error::custom)
    }
}

/// Any JSON value; the window takes it apart itself.
impl ts_rs::TS for RawJson {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;
    fn name(_: &ts_rs::Config) -> String {
        "unknown".to_owned()
    }
    fn inline(_: &ts_rs::Config) -> String {
        "unknown".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_unknown_fields_and_big_numbers() {
        let text = r#"{"b":12345678901234567890123.50,"a":[1e400,"x\ny"]}"#;
        let raw = RawJson::parse(text.as_bytes()).unwrap();
        assert_eq!(raw.as_bytes(), text.as_bytes());
        assert_eq!(serde_json::to_string(&raw).unwrap(), text);
        assert_eq!(
            raw.value().unwrap().to_string(),
            text.replace("1e400", "1e+400"),
            "numbers stay exact"
        );
    }

    #[test]
    fn folds_line_breaks_between_tokens_only() {
        let raw = RawJson::parse(b" {\n \"a\" :\r\n \"x\\ny\" }\n").unwrap();
        assert_eq!(raw.as_bytes(), b"{ \"a\" : \"x\\ny\" }");
    }

    #[test]
    fn refuses_what_is_not_one_value() {
        assert!(RawJson::parse(b"{} {}").is_err());
        assert!(RawJson::parse(b"").is_err());
    }
}
