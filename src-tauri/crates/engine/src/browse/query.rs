//! What a table shows and in which order, and whether a record belongs to it.

use std::borrow::Cow;

use backstay_model::Record;
use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::{
    fold::{Needle, fold},
    order::sort_key,
};

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Test {
    Contains,
    Is,
    IsNot,
    Greater,
    Less,
    Empty,
    NotEmpty,
}

/// A condition on one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// A member of the record's JSON.
    pub field: String,
    /// How it compares.
    pub test: Test,
    /// With what.
    pub value: String,
}

/// An order by one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sort {
    /// A member of the record's JSON.
    pub field: String,
    /// From the greatest to the least. What is empty comes last either way.
    pub descending: bool,
}

/// What a table shows and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Query {
    /// Only records that contain this text, in any case.
    pub search: Option<String>,
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// `None`: the collection's own order.
    pub sort: Option<Sort>,
}

impl Query {
    /// Whether it shows everything in the collection's own order.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.filters.is_empty() && self.sort.is_none() && self.search.as_deref().is_none_or(|text| text.trim().is_empty())
    }
}

/// A query, prepared to be asked a million times.
pub struct Asked<'a> {
    search: Option<Needle>,
    conditions: Vec<Condition<'a>>,
}

struct Condition<'a> {
    field: &'a str,
    test: Test,
    needle: Needle,
    /// The value as it compares with texts.
    text: &'a str,
    /// The value as a number, if it is one.
    number: Option<Vec<u8>>,
}

impl<'a> Asked<'a> {
    /// Prepares a query.
    #[must_use]
    pub fn new(query: &'a Query) -> Self {
        let search = query.search.as_deref().map(Needle::new).filter(|needle| !needle.is_empty());
        let conditions = query.filters.iter().map(|filter| Condition {
            field: &filter.field,
            test: filter.test,
            needle: Needle::new(&filter.value),
            text: &filter.value,
            number: number_key(&filter.value),
        });
        Self {
            search,
            conditions: conditions.collect(),
        }
    }

    /// Whether the record contains what is searched for.
    #[must_use]
    pub fn is_found(&self, record: &Record) -> bool {
        self.search.as_ref().is_none_or(|needle| needle.is_in_record(record))
    }

    /// Whether all conditions hold.
    #[must_use]
    pub fn holds(&self, members: &Map<String, Value>) -> bool {
        self.conditions
            .iter()
            .all(|condition| condition.holds(members.get(condition.field)))
    }
}

fn number_key(text: &str) -> Option<Vec<u8>> {
    let number: Number = serde_json::from_str(text.trim()).ok()?;
    sort_key(Some(&Value::Number(number)))
}

/// The text of a single value.
fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

impl Condition<'_> {
    fn holds(&self, value: Option<&Value>) -> bool {
        let empty = sort_key(value).is_none();
        match self.test {
            Test::Empty => empty,
            Test::NotEmpty => !empty,
            Test::Contains => value.is_some_and(|value| self.contains(value)),
            Test::Is => value.is_some_and(|value| self.is(value)),
            Test::IsNot => !value.is_some_and(|value| self.is(value)),
            Test::Greater => !empty && value.is_some_and(|value| self.beyond(value, std::cmp::Ordering::Greater)),
            Test::Less => !empty && value.is_some_and(|value| self.beyond(value, std::cmp::Ordering::Less)),
        }
    }

    fn contains(&self, value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|item| self.contains(item)),
            Value::Object(members) => members.values().any(|member| self.contains(member)),
            other => self.needle.is_in(&text_of(other)),
        }
    }

    /// A list is what one of its items is.
    fn is(&self, value: &Value) -> bool {
        match value {
            Value::Array(items) if !items.is_empty() => items.iter().any(|item| self.is(item)),
            Value::Number(_) => match &self.number {
                Some(wanted) => sort_key(Some(value)).as_ref() == Some(wanted),
                None => false,
            },
            other => text_of(other) == self.text,
        }
    }

    fn beyond(&self, value: &Value, order: std::cmp::Ordering) -> bool {
        let number = match value {
            Value::Number(_) => sort_key(Some(value)),
            Value::String(text) => number_key(text),
            _ => None,
        };
        match (number, &self.number) {
            (Some(value), Some(wanted)) => value.cmp(wanted) == order,
            _ => fold(&text_of(value)).as_ref().cmp(fold(self.text).as_ref()) == order,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_means_what_it_says() {
        let members: Map<String, Value> = serde_json::from_str(
            r#"{"name":"Ärzte & Co","n":10,"big":9007199254740993,"price":"9.50","tags":["red","Blue"],"none":null,"blank":"","list":[],"ok":true}"#,
        )
        .unwrap();
        let cases = [
            ("name", Test::Contains, "ärzte", true),
            ("name", Test::Is, "ärzte & co", false),
            ("name", Test::Is, "Ärzte & Co", true),
            ("name", Test::IsNot, "x", true),
            ("n", Test::Is, "10.0", true),
            ("n", Test::Is, "ten", false),
            ("n", Test::Greater, "9", true),
            ("n", Test::Less, "9", false),
            ("big", Test::Greater, "9007199254740992", true),
            ("big", Test::Is, "9007199254740992", false),
            ("price", Test::Less, "10", true),
            ("tags", Test::Is, "red", true),
            ("tags", Test::IsNot, "red", false),
            ("tags", Test::Contains, "blue", true),
            ("none", Test::Empty, "", true),
            ("blank", Test::Empty, "", true),
            ("list", Test::Empty, "", true),
            ("absent", Test::Empty, "", true),
            ("absent", Test::Contains, "a", false),
            ("absent", Test::IsNot, "a", true),
            ("none", Test::Less, "5", false),
            ("ok", Test::Is, "true", true),
            ("ok", Test::NotEmpty, "", true),
        ];
        for (field, test, value, expected) in cases {
            let filter = Filter {
                field: field.into(),
                test,
                value: value.into(),
            };
            let query = Query {
                filters: vec![filter],
                ..Query::default()
            };
            assert_eq!(Asked::new(&query).holds(&members), expected, "{field} {test:?} {value}");
        }
    }
}
