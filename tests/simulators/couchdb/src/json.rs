//! JSON as text: documents are kept and sent as they came, without being taken apart and put together again.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::ApiError;

/// The members of one object, in their order; of a name that comes twice, the last value counts, as in CouchDB.
pub(crate) struct Members<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads an object.
    pub(crate) fn parse(text: &'a str) -> Result<Self, ApiError> {
        serde_json::from_str(text).map_err(|_| {
            if serde_json::from_str::<&RawValue>(text).is_ok() {
                ApiError::bad_request("Request body must be a JSON object")
            } else {
                ApiError::invalid_json()
            }
        })
    }

    /// The value of `name` as its text.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.get())
    }

    /// The value of `name` read as `T`; `null` and what does not fit are nothing.
    pub(crate) fn read<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.get(name)?).ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Self::Value = Vec::new();
                while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    match members.iter_mut().find(|(known, _)| *known == name) {
                        Some(known) => known.1 = value,
                        None => members.push((name, value)),
                    }
                }
                Ok(members)
            }
        }
        Ok(Self(deserializer.deserialize_map(Object)?))
    }
}

/// A member's name, borrowed when it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Cow<'de, str>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        Ok(Self(deserializer.deserialize_str(Text)?))
    }
}

/// Appends `text` as a JSON string.
pub(crate) fn push_string(out: &mut String, text: &str) {
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}

/// `text` as a JSON string.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_string(&mut out, text);
    out
}

/// Appends `"name":` after a comma where one is due.
pub(crate) fn push_name(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    push_string(out, name);
    out.push(':');
}

/// Appends the JSON `raw` without the white space between its parts.
pub(crate) fn push_compact(out: &mut String, raw: &str) {
    let space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    if !raw.bytes().any(space) {
        out.push_str(raw);
        return;
    }
    let bytes = raw.as_bytes();
    let (mut kept_from, mut at, mut quoted) = (0, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            byte if !quoted && space(byte) => {
                out.push_str(&raw[kept_from..at]);
                kept_from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    out.push_str(&raw[kept_from.min(raw.len())..]);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn white_space_goes_only_between_the_parts() {
        let mut out = String::new();
        push_compact(&mut out, "{ \"a b\\\" c\" : [ 1,\n 2 ] , \"d\":\" \\\\\" }");
        assert_eq!(out, "{\"a b\\\" c\":[1,2],\"d\":\" \\\\\"}");
    }

    #[test]
    fn the_last_of_two_values_counts() {
        let members = Members::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(members.get("a"), Some("3"));
        assert_eq!(members.0.len(), 2);
    }
}
