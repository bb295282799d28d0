//! JSON for tests: parsing, and random values that collide often enough to be interesting.

use proptest::prelude::*;
use serde_json::{Map, Value};

pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Few keys and few leaves, so that two random values share much.
pub fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        prop::sample::select(vec![
            "0",
            "-0",
            "1",
            "1.0",
            "1.00",
            "1e0",
            "10",
            "1e1",
            "12345678901234567890",
            "1e400"
        ])
        .prop_map(json),
        prop::sample::select(vec!["", "a", "b", "ä~/", "1"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            any_map(inner).prop_map(Value::Object),
        ]
    })
}

pub fn any_object() -> impl Strategy<Value = Value> {
    any_map(any_value()).prop_map(Value::Object)
}

fn any_map(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let key = prop::sample::select(vec!["id", "a", "b", "c", "~", "/", "0", ""]);
    prop::collection::vec((key, value), 0..5).prop_map(|entries| entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}
