//! Conditions, and whether a document meets them.

use std::cmp::Ordering;

use serde_json::Value;

use super::{collate::compare, path::Path};

/// What a document has to be like.
#[derive(Debug)]
pub(super) enum Node {
    /// Every one of these matches.
    All(Vec<Node>),
    /// One of these matches.
    Any(Vec<Node>),
    /// What lies at the path meets the condition.
    Member(Path, Condition),
}

impl Node {
    /// Whether the value is like that.
    pub(super) fn matches(&self, value: &Value) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.matches(value)),
            Self::Any(nodes) => nodes.iter().any(|node| node.matches(value)),
            Self::Member(path, condition) => match path.find(value) {
                Some(found) => condition.met(found, path.is_id()),
                None => matches!(condition, Condition::Exists(false)),
            },
        }
    }
}

/// How a value has to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

impl Compare {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Greater => order.is_gt(),
        }
    }

    fn negated(self) -> Self {
        match self {
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::GreaterOrEqual => Self::Less,
            Self::Greater => Self::LessOrEqual,
        }
    }
}

/// Kinds of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Type {
    /// The kind of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

/// A condition on a value that is there.
#[derive(Debug)]
pub(super) enum Condition {
    Compare(Compare, Value),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    /// A list that has all of these, or is the one list given.
    HasAll(Vec<Value>),
    Exists(bool),
    Type(Type),
    Size(u64),
    Remainder {
        divisor: i128,
        remainder: i128,
    },
    Pattern(Box<fancy_regex::Regex>),
    BeginsWith(String),
    AnyElement(Box<Node>),
    AllElements(Box<Node>),
    AnyKey(Box<Node>),
    Not(Box<Condition>),
}

impl Condition {
    /// The opposite, for values that are there.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Compare(compare, value) => Self::Compare(compare.negated(), value),
            Self::In(values) => Self::NotIn(values),
            Self::NotIn(values) => Self::In(values),
            Self::Exists(there) => Self::Exists(!there),
            Self::Not(condition) => *condition,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Whether the value meets it. Ids compare by their bytes.
    fn met(&self, value: &Value, id: bool) -> bool {
        let order = |wanted: &Value| match (value, wanted) {
            (Value::String(value), Value::String(wanted)) if id => value.cmp(wanted),
            _ => compare(value, wanted),
        };
        match self {
            Self::Compare(comparison, wanted) => comparison.holds(order(wanted)),
            Self::In(wanted) => is_in(value, wanted),
            Self::NotIn(wanted) => !is_in(value, wanted),
            Self::HasAll(wanted) => has_all(value, wanted),
            Self::Exists(there) => *there,
            Self::Type(wanted) => Type::of(value) == *wanted,
            Self::Size(wanted) => value.as_array().is_some_and(|items| items.len() as u64 == *wanted),
            Self::Remainder { divisor, remainder } => match value {
                Value::Number(number) => number.as_i128().and_then(|n| n.checked_rem(*divisor)) == Some(*remainder),
                _ => false,
            },
            // A pattern that takes too long to judge matches nothing, as at the server.
            Self::Pattern(pattern) => value.as_str().is_some_and(|text| pattern.is_match(text).unwrap_or(false)),
            Self::BeginsWith(prefix) => value.as_str().is_some_and(|text| text.starts_with(prefix.as_str())),
            Self::AnyElement(node) => value
                .as_array()
                .is_some_and(|items| items.iter().any(|item| node.matches(item))),
            Self::AllElements(node) => value
                .as_array()
                .is_some_and(|items| !items.is_empty() && items.iter().all(|item| node.matches(item))),
            Self::AnyKey(node) => value
                .as_object()
                .is_some_and(|members| members.keys().any(|key| node.matches(&Value::String(key.clone())))),
            Self::Not(condition) => !condition.met(value, id),
        }
    }
}

/// A value that is one of those wanted; of a list, one of its items is enough.
fn is_in(value: &Value, wanted: &[Value]) -> bool {
    let one = |value: &Value| wanted.iter().any(|wanted| compare(value, wanted).is_eq());
    match value {
        Value::Array(items) => items.iter().any(one),
        value => one(value),
    }
}

fn has_all(value: &Value, wanted: &[Value]) -> bool {
    let Value::Array(items) = value else { return false };
    let same_list = matches!(wanted, [Value::Array(only)] if only == items);
    same_list || wanted.iter().all(|wanted| items.contains(wanted))
}
