//! How values of the model are written in columns: plain-string enums as their JSON text, times as microseconds.

use std::borrow::Cow;

use backstay_model::RawJson;
use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Row, RowIndex};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as ValueError, StrDeserializer};
use uuid::{NoContext, Timestamp, Uuid};

use crate::runs::{Named, Reason};

/// The text of a plain-string enum.
pub(crate) fn text<T: Serialize>(value: &T) -> rusqlite::Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Ok(text),
        _ => Err(rusqlite::Error::InvalidParameterName("not a plain-string enum".to_owned())),
    }
}

/// Reads a plain-string enum.
pub(crate) fn value<T: DeserializeOwned>(row: &Row<'_>, index: impl RowIndex + Copy) -> rusqlite::Result<T> {
    let text: String = row.get(index)?;
    parse(&text)
}

/// Reads a plain-string enum that may be missing.
pub(crate) fn optional<T: DeserializeOwned>(row: &Row<'_>, index: impl RowIndex + Copy) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(index)?;
    text.map(|text| parse(&text)).transpose()
}

fn parse<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    let known: Result<T, ValueError> = T::deserialize(StrDeserializer::new(text));
    known.map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}

/// A time as stored: microseconds since 1970 (finer parts are cut).
pub(crate) fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

/// Reads a time.
pub(crate) fn time(row: &Row<'_>, index: impl RowIndex + Copy) -> rusqlite::Result<DateTime<Utc>> {
    instant(row.get(index)?)
}

/// Reads a time that may be missing.
pub(crate) fn optional_time(row: &Row<'_>, index: impl RowIndex + Copy) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let micros: Option<i64> = row.get(index)?;
    micros.map(instant).transpose()
}

fn instant(micros: i64) -> rusqlite::Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, micros))
}

/// A number as SQLite can hold it; beyond 2^63 it stays at the top, which no real counter reaches.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Reads a number.
pub(crate) fn count(row: &Row<'_>, index: impl RowIndex + Copy) -> rusqlite::Result<u64> {
    let value: i64 = row.get(index)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, value))
}

/// A new id that sorts by time (UUID version 7).
pub(crate) fn new_id(now: DateTime<Utc>) -> String {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos())).to_string()
}

/// Reads JSON text.
pub(crate) fn json(row: &Row<'_>, index: impl RowIndex + Copy) -> rusqlite::Result<RawJson> {
    let text: String = row.get(index)?;
    RawJson::parse(text.as_bytes()).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}

/// Reads JSON text that may be missing.
pub(crate) fn optional_json(row: &Row<'_>, index: impl RowIndex + Copy) -> rusqlite::Result<Option<RawJson>> {
    let text: Option<String> = row.get(index)?;
    text.map(|_| json(row, index)).transpose()
}

/// JSON as it is written.
pub(crate) fn raw(json: &RawJson) -> Cow<'_, str> {
    String::from_utf8_lossy(json.as_bytes())
}

/// A list of texts as a JSON array.
pub(crate) fn texts(list: &[String]) -> String {
    serde_json::Value::from(list).to_string()
}

/// Reads a list of texts.
pub(crate) fn list(row: &Row<'_>, index: impl RowIndex + Copy) -> rusqlite::Result<Vec<String>> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}

/// Reads an id with the name beside it.
pub(crate) fn named(row: &Row<'_>, id: &str, name: &str) -> rusqlite::Result<Option<Named>> {
    let id: Option<String> = row.get(id)?;
    let name: Option<String> = row.get(name)?;
    Ok(id.map(|id| Named {
        id,
        name: name.unwrap_or_default(),
    }))
}

/// Reads why something ended as it did.
pub(crate) fn reason(row: &Row<'_>, kind: &str, message: &str) -> rusqlite::Result<Option<Reason>> {
    let kind = optional(row, kind)?;
    let message: Option<String> = row.get(message)?;
    Ok(kind.map(|kind| Reason {
        kind,
        message: message.unwrap_or_default(),
    }))
}
