//! Values of SQLite as JSON, exactly, and back.
//!
//! `null`, numbers and strings are themselves: an integer has neither point nor exponent, a real has one of them. What JSON
//! cannot say is an object with one member: `{"$real":"Infinity"}`, `{"$text":"base64 of bytes that are not UTF-8"}`,
//! `{"$blob":"base64"}`. No other objects occur, so a text can never be taken for one.

use std::cmp::Ordering;

use base64::{Engine, engine::general_purpose::STANDARD};
use rusqlite::{
    ToSql,
    types::{ToSqlOutput, ValueRef},
};
use serde_json::Value;

use crate::error::Fact;

/// One value, owned, with texts as the bytes they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// NULL
    Null,
    /// INTEGER
    Integer(i64),
    /// REAL; never NaN, which SQLite keeps as NULL.
    Real(f64),
    /// TEXT, usually UTF-8.
    Text(Vec<u8>),
    /// BLOB
    Blob(Vec<u8>),
}

impl From<ValueRef<'_>> for Cell {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(n) => Self::Integer(n),
            ValueRef::Real(x) => Self::Real(x),
            ValueRef::Text(t) => Self::Text(t.to_vec()),
            ValueRef::Blob(b) => Self::Blob(b.to_vec()),
        }
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.as_ref()))
    }
}

impl Cell {
    /// The value, borrowed.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Integer(n) => ValueRef::Integer(*n),
            Self::Real(x) => ValueRef::Real(*x),
            Self::Text(t) => ValueRef::Text(t),
            Self::Blob(b) => ValueRef::Blob(b),
        }
    }

    /// Reads a value written by [`write`].
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_json(value: &Value) -> Result<Self, Fact> {
        match value {
            Value::Null => Ok(Self::Null),
            Value::String(text) => Ok(Self::Text(text.clone().into_bytes())),
            Value::Number(number) => Self::from_number(&number.to_string()),
            Value::Object(members) => {
                let mut members = members.iter();
                match (members.next(), members.next()) {
                    (Some((name, Value::String(text))), None) => Self::from_member(name, text),
                    _ => Err(bad(value)),
                }
            }
            Value::Bool(_) | Value::Array(_) => Err(bad(value)),
        }
    }

    fn from_number(text: &str) -> Result<Self, Fact> {
        if text.contains(['.', 'e', 'E']) {
            let x: f64 = text.parse().map_err(|_| bad(text))?;
            // A number too large for a double would silently become infinite.
            return if x.is_finite() { Ok(Self::Real(x)) } else { Err(bad(text)) };
        }
        text.parse().map(Self::Integer).map_err(|_| bad(text))
    }

    fn from_member(name: &str, text: &str) -> Result<Self, Fact> {
        let bytes = || STANDARD.decode(text).map_err(|e| bad(format!("{name}: {e}")));
        match (name, text) {
            ("$real", "Infinity") => Ok(Self::Real(f64::INFINITY)),
            ("$real", "-Infinity") => Ok(Self::Real(f64::NEG_INFINITY)),
            ("$text", _) => Ok(Self::Text(bytes()?)),
            ("$blob", _) => Ok(Self::Blob(bytes()?)),
            _ => Err(bad(format!("{name}: {text}"))),
        }
    }
}

fn bad(detail: impl std::fmt::Display) -> Fact {
    Fact::BadValue {
        detail: format!("{detail:.200}"),
    }
}

/// Writes a value as JSON.
pub fn write(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Integer(n) => out.extend_from_slice(n.to_string().as_bytes()),
        ValueRef::Real(x) if x.is_finite() => out.extend_from_slice(format!("{x:?}").as_bytes()),
        ValueRef::Real(x) if x > 0.0 => out.extend_from_slice(br#"{"$real":"Infinity"}"#),
        ValueRef::Real(_) => out.extend_from_slice(br#"{"$real":"-Infinity"}"#),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => write_text(out, text),
            Err(_) => write_member(out, "$text", text),
        },
        ValueRef::Blob(bytes) => write_member(out, "$blob", bytes),
    }
}

/// Writes a text as a JSON string.
pub fn write_text(out: &mut Vec<u8>, text: &str) {
    // Writing text into memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}

fn write_member(out: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    out.extend_from_slice(format!("{{\"{name}\":\"{}\"}}", STANDARD.encode(bytes)).as_bytes());
}

/// The order of values in an index: NULL, numbers, texts by collation, blobs.
pub fn compare(a: &Cell, b: &Cell, collation: Collation) -> Ordering {
    match (a, b) {
        (Cell::Integer(a), Cell::Integer(b)) => a.cmp(b),
        (Cell::Real(a), Cell::Real(b)) => a.total_cmp_zero(*b),
        (Cell::Integer(a), Cell::Real(b)) => compare_mixed(*a, *b),
        (Cell::Real(a), Cell::Integer(b)) => compare_mixed(*b, *a).reverse(),
        (Cell::Text(a), Cell::Text(b)) => collation.compare(a, b),
        (Cell::Blob(a), Cell::Blob(b)) => a.cmp(b),
        _ => a.class().cmp(&b.class()),
    }
}

trait TotalCmpZero {
    fn total_cmp_zero(self, other: Self) -> Ordering;
}

impl TotalCmpZero for f64 {
    /// As SQLite orders reals: -0.0 equals 0.0.
    fn total_cmp_zero(self, other: Self) -> Ordering {
        self.partial_cmp(&other).unwrap_or(Ordering::Equal)
    }
}

/// Compares an integer with a real without losing digits.
fn compare_mixed(a: i64, b: f64) -> Ordering {
    if b < -9_223_372_036_854_775_808.0 {
        return Ordering::Greater;
    }
    if b >= 9_223_372_036_854_775_808.0 {
        return Ordering::Less;
    }
    let whole = b as i64;
    a.cmp(&whole)
        .then_with(|| (a as f64).partial_cmp(&b).unwrap_or(Ordering::Equal))
}

impl Cell {
    fn class(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Integer(_) | Self::Real(_) => 1,
            Self::Text(_) => 2,
            Self::Blob(_) => 3,
        }
    }
}

/// The collations SQLite itself has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Collation {
    /// By bytes.
    #[default]
    Binary,
    /// By bytes, with ASCII letters as small ones.
    Nocase,
    /// By bytes, without spaces at the end.
    Rtrim,
}

impl Collation {
    /// The collation of this name, if it is SQLite's own.
    pub fn named(name: &str) -> Option<Self> {
        [("BINARY", Self::Binary), ("NOCASE", Self::Nocase), ("RTRIM", Self::Rtrim)]
            .into_iter()
            .find(|(n, _)| name.eq_ignore_ascii_case(n))
            .map(|(_, c)| c)
    }

    /// Its name in SQL.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Binary => "BINARY",
            Self::Nocase => "NOCASE",
            Self::Rtrim => "RTRIM",
        }
    }

    fn compare(self, a: &[u8], b: &[u8]) -> Ordering {
        match self {
            Self::Binary => a.cmp(b),
            Self::Nocase => {
                let small = |bytes: &[u8]| bytes.iter().map(u8::to_ascii_lowercase).collect::<Vec<_>>();
                small(a).cmp(&small(b))
            }
            Self::Rtrim => {
                let cut = |bytes: &[u8]| bytes.iter().rposition(|b| *b != b' ').map_or(0, |n| n + 1);
                a[..cut(a)].cmp(&b[..cut(b)])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(cell: &Cell) -> Cell {
        let mut out = Vec::new();
        write(&mut out, cell.as_ref());
        Cell::from_json(&serde_json::from_slice(&out).unwrap()).unwrap()
    }

    #[test]
    fn every_kind_of_value_survives() {
        let cells = [
            Cell::Null,
            Cell::Integer(i64::MIN),
            Cell::Integer(i64::MAX),
            Cell::Real(1.0),
            Cell::Real(-0.1),
            Cell::Real(1e300),
            Cell::Real(5e-324),
            Cell::Real(f64::MAX),
            Cell::Real(f64::INFINITY),
            Cell::Real(f64::NEG_INFINITY),
            Cell::Text(b"a\nb\0c\"".to_vec()),
            Cell::Text(b"\xff\xfe".to_vec()),
            Cell::Text(br#"{"$blob":"AA=="}"#.to_vec()),
            Cell::Blob(vec![0, 255]),
            Cell::Blob(vec![]),
        ];
        for cell in cells {
            assert_eq!(there_and_back(&cell), cell);
        }
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        for text in [
            "true",
            "[1]",
            "{}",
            r#"{"$blob":"?"}"#,
            r#"{"$blob":"AA==","x":1}"#,
            "9223372036854775808",
            "1e400",
            r#"{"x":"y"}"#,
        ] {
            assert!(Cell::from_json(&serde_json::from_str(text).unwrap()).is_err(), "{text}");
        }
    }

    #[test]
    fn order_is_sqlites() {
        let order = [
            Cell::Null,
            Cell::Real(f64::NEG_INFINITY),
            Cell::Integer(i64::MIN),
            Cell::Integer(1),
            Cell::Real(1.5),
            Cell::Integer(9_007_199_254_740_993),
            Cell::Real(9_007_199_254_740_994.0),
            Cell::Integer(i64::MAX),
            Cell::Real(9_223_372_036_854_775_808.0),
            Cell::Text(b"A".to_vec()),
            Cell::Text(b"a".to_vec()),
            Cell::Blob(vec![]),
        ];
        for (i, a) in order.iter().enumerate() {
            for (j, b) in order.iter().enumerate() {
                assert_eq!(compare(a, b, Collation::Binary), i.cmp(&j), "{a:?} {b:?}");
            }
        }
        let (a, b) = (Cell::Text(b"aB ".to_vec()), Cell::Text(b"Ab ".to_vec()));
        assert_eq!(compare(&a, &b, Collation::Nocase), Ordering::Equal);
    }
}
