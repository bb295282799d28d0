//! A record as a row of a table: short values under the names of their fields.

use backstay_model::{Collection, Field, Record};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// Characters of a value that are shown.
const SHOWN: usize = 300;
/// Bytes of binary values that are shown.
const BYTES_SHOWN: usize = 8;
/// Largest whole number JavaScript holds exactly.
const JS_EXACT: u64 = 9_007_199_254_740_991;

/// One row: what a table shows of a record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The record's id.
    pub id: String,
    /// When the service says it changed.
    pub changed: Option<DateTime<Utc>>,
    /// Values by field.
    pub values: Map<String, Value>,
    /// Number of attachments.
    pub assets: u64,
    /// It vanished from the live source since the listing was made.
    #[serde(default)]
    pub gone: bool,
}

impl Row {
    /// The row of a record; `fields` limits it to some fields, none means all.
    #[must_use]
    pub fn of(record: &Record, fields: &[String]) -> Self {
        let members = members(record).unwrap_or_default();
        Self::from_members(record, members, fields)
    }

    /// The row of a record whose JSON is parsed already.
    #[must_use]
    pub fn from_members(record: &Record, members: Map<String, Value>, fields: &[String]) -> Self {
        let wanted = |name: &String| fields.is_empty() || fields.contains(name);
        Self {
            id: record.id.clone(),
            changed: record.changed,
            values: members
                .into_iter()
                .filter(|(name, _)| wanted(name))
                .map(|(name, value)| (name, short(value)))
                .collect(),
            assets: record.assets.len() as u64,
            gone: false,
        }
    }

    /// The row of a record that is there no more.
    #[must_use]
    pub fn gone(id: String) -> Self {
        Self {
            id,
            gone: true,
            ..Self::default()
        }
    }
}

/// The members of a record's JSON; a record that is no object has one without a name. `None` for damaged JSON.
#[must_use]
pub fn members(record: &Record) -> Option<Map<String, Value>> {
    match record.data.value().ok()? {
        Value::Object(members) => Some(members),
        other => Some(Map::from_iter([(String::new(), other)])),
    }
}

/// A value as a table shows it.
fn short(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(cut(text)),
        Value::Number(number) => number_for_window(number),
        Value::Object(members) => special(&members).unwrap_or_else(|| nested(Value::Object(members))),
        Value::Array(items) => nested(Value::Array(items)),
        other => other,
    }
}

/// What is nested stays as it is while it is short, else its JSON is cut.
fn nested(value: Value) -> Value {
    let text = value.to_string();
    match text.len() <= SHOWN {
        true => inner(value),
        false => Value::String(cut(text)),
    }
}

/// Numbers inside lists and objects, made safe for the window as well.
fn inner(value: Value) -> Value {
    match value {
        Value::Number(number) => number_for_window(number),
        Value::Array(items) => items.into_iter().map(inner).collect(),
        Value::Object(members) => Value::Object(members.into_iter().map(|(name, value)| (name, inner(value))).collect()),
        other => other,
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text,
        Some(_) => text.chars().take(SHOWN - 1).chain(['…']).collect(),
    }
}

/// A number JavaScript would change goes as text.
fn number_for_window(number: Number) -> Value {
    let text = number.as_str();
    let exact = match text.parse::<i128>() {
        Ok(whole) => whole.unsigned_abs() <= u128::from(JS_EXACT),
        Err(_) => text
            .parse::<f64>()
            .ok()
            .filter(|size| size.is_finite())
            .and_then(|size| serde_json::from_str::<Value>(&format!("{size:?}")).ok())
            .is_some_and(|back| backstay_compare::equal(&back, &Value::Number(number.clone()))),
    };
    match exact {
        true => Value::Number(number),
        false => Value::String(text.to_owned()),
    }
}

/// What JSON cannot say (see the SQLite connector's values): binary as its first bytes and its length, infinity as a word.
fn special(members: &Map<String, Value>) -> Option<Value> {
    let (name, value) = members.iter().next().filter(|_| members.len() == 1)?;
    let text = value.as_str()?;
    match name.as_str() {
        "$real" => Some(Value::String(text.to_owned())),
        "$text" => {
            let bytes = decode(text)?;
            Some(Value::String(cut(String::from_utf8_lossy(&bytes).into_owned())))
        }
        "$blob" => {
            // Only the beginning is decoded: a blob may be large.
            let head = decode(text.get(..text.len().min(16)).filter(|head| head.len() % 4 == 0)?)?;
            let padding = text.bytes().rev().take_while(|b| *b == b'=').count();
            let length = (text.len() / 4 * 3).saturating_sub(padding);
            let shown = &head[..head.len().min(BYTES_SHOWN)];
            let more = if length > shown.len() { "…" } else { "" };
            Some(Value::String(format!("0x{}{more} ({length} B)", hex::encode_upper(shown))))
        }
        _ => None,
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// The fields of a collection: its schema's, or those of its first records.
#[must_use]
pub fn fields_of(collection: &Collection, first: &[Record]) -> Vec<Field> {
    if !collection.schema.fields.is_empty() {
        return collection.schema.fields.clone();
    }
    let mut fields: Vec<Field> = Vec::new();
    for (name, value) in first.iter().filter_map(members).flatten() {
        match fields.iter_mut().find(|field| field.name == name) {
            // The first value that is one tells the kind.
            Some(field) if field.kind == "null" => kind_of(&value).clone_into(&mut field.kind),
            Some(_) => {}
            None => fields.push(Field {
                kind: kind_of(&value).to_owned(),
                name,
                computed: false,
            }),
        }
    }
    fields
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Names of fields that name a record, the best first.
const TITLES: [&str; 18] = [
    "title",
    "name",
    "subject",
    "label",
    "headline",
    "displayname",
    "fullname",
    "filename",
    "summary",
    "caption",
    "question",
    "titel",
    "betreff",
    "bezeichnung",
    "heading",
    "topic",
    "description",
    "text",
];

/// The field that names a record for people: by its name, by its kind, else the first text that is not the key.
#[must_use]
pub fn title_of(collection: &Collection, fields: &[Field], first: &[Record]) -> Option<String> {
    let plain = |name: &str| name.to_lowercase().replace(['_', '-', ' '], "");
    let key = &collection.schema.key;
    let by_name = TITLES
        .iter()
        .find_map(|title| fields.iter().find(|field| plain(&field.name) == *title));
    let by_kind = || fields.iter().find(|field| field.kind.eq_ignore_ascii_case("title"));
    let by_end = || {
        let ends = |field: &&Field| ["name", "title"].iter().any(|end| plain(&field.name).ends_with(end));
        fields.iter().find(|field| ends(field) && is_text(field, first))
    };
    let by_place = || {
        fields.iter().find(|field| {
            let name = plain(&field.name);
            let technical = name.ends_with("id") || name.ends_with("at") || name.ends_with("date") || name.ends_with("url");
            !technical && !key.contains(&field.name) && is_text(field, first)
        })
    };
    let found = by_name.or_else(by_kind).or_else(by_end).or_else(by_place)?;
    Some(found.name.clone())
}

/// Whether a field holds texts people write: by its declared kind and by what the first records hold.
fn is_text(field: &Field, first: &[Record]) -> bool {
    let kind = field.kind.to_ascii_lowercase();
    let declared = ["text", "char", "clob", "string"].iter().any(|word| kind.contains(word));
    let mut values = first
        .iter()
        .filter_map(members)
        .filter_map(|mut members| members.remove(&field.name));
    match values.find(|value| !value.is_null()) {
        Some(value) => value.is_string(),
        None => declared,
    }
}

#[cfg(test)]
mod tests {
    use backstay_model::{CollectionKind, RawJson, Schema};

    use super::*;

    fn record(json: &str) -> Record {
        Record::new("1", RawJson::parse(json.as_bytes()).unwrap())
    }

    #[test]
    fn numbers_javascript_would_change_go_as_text() {
        let row = Row::of(
            &record(
                r#"{"a":9007199254740991,"b":9007199254740993,"c":0.1,"d":0.1000000000000000055,"e":1e400,"f":[18446744073709551615],"g":-5,"h":0.30000000000000004}"#,
            ),
            &[],
        );
        let shown = serde_json::to_string(&row.values).unwrap();
        assert_eq!(
            shown,
            r#"{"a":9007199254740991,"b":"9007199254740993","c":0.1,"d":"0.1000000000000000055","e":"1e+400","f":["18446744073709551615"],"g":-5,"h":0.30000000000000004}"#
        );
    }

    #[test]
    fn long_and_binary_values_are_short() {
        let long = "ä".repeat(1000);
        let row = Row::of(
            &record(&format!(
                r#"{{"t":"{long}","b":{{"$blob":"iVBORw0KGgoAAAANSUhEUg=="}},"s":{{"$blob":"AQ=="}},"i":{{"$real":"Infinity"}},"o":{{"deep":"{long}"}}}}"#
            )),
            &[],
        );
        assert_eq!(row.values["t"].as_str().unwrap().chars().count(), 300);
        assert_eq!(row.values["b"], "0x89504E470D0A1A0A… (16 B)");
        assert_eq!(row.values["s"], "0x01 (1 B)");
        assert_eq!(row.values["i"], "Infinity");
        assert_eq!(row.values["o"].as_str().unwrap().chars().count(), 300);
        assert_eq!(Row::of(&record(r#"{"a":1,"b":2}"#), &["b".to_owned()]).values.len(), 1);
        assert_eq!(Row::of(&record("[1]"), &[]).values[""], serde_json::json!([1]));
    }

    #[test]
    fn the_title_is_what_people_call_a_record() {
        let title = |json: &str, key: &[&str]| {
            let collection = Collection {
                name: "c".into(),
                title: None,
                kind: CollectionKind::Table,
                schema: Schema {
                    fields: Vec::new(),
                    key: key.iter().map(|k| (*k).to_owned()).collect(),
                },
                records: None,
                raw: None,
            };
            let first = [record(json)];
            let fields = fields_of(&collection, &first);
            title_of(&collection, &fields, &first)
        };
        assert_eq!(title(r#"{"id":"x","Body":"b","Title":"t"}"#, &[]).as_deref(), Some("Title"));
        assert_eq!(
            title(r#"{"id":"x","full_name":"n","note":"t"}"#, &[]).as_deref(),
            Some("full_name")
        );
        assert_eq!(
            title(r#"{"code":"x","created_at":"2026","city":"t"}"#, &["code"]).as_deref(),
            Some("city")
        );
        assert_eq!(title(r#"{"id":1,"n":2}"#, &["id"]), None);
    }
}
