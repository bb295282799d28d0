//! Sameness of two JSON values, and a fingerprint that agrees with it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use serde_json::Value;

use crate::{MAX_DEPTH, number};

/// Whether two values have the same content (the rule is in the crate's documentation).
///
/// Does not recurse: values of any depth are compared without using up the stack.
#[must_use]
pub fn equal(a: &Value, b: &Value) -> bool {
    let mut pairs = vec![(a, b)];
    while let Some(pair) = pairs.pop() {
        match pair {
            (Value::Null, Value::Null) => {}
            (Value::Bool(a), Value::Bool(b)) if a == b => {}
            (Value::Number(a), Value::Number(b)) if number::same(a, b) => {}
            (Value::String(a), Value::String(b)) if a == b => {}
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => pairs.extend(a.iter().zip(b)),
            (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
                for (key, value) in a {
                    match b.get(key) {
                        Some(other) => pairs.push((value, other)),
                        None => return false,
                    }
                }
            }
            _ => return false,
        }
    }
    true
}

/// A number that is the same for equal values and almost always different for others. Not for storing: it may differ between
/// versions of the program.
pub(crate) fn fingerprint(value: &Value) -> u64 {
    nested(value, 0)
}

fn nested(value: &Value, depth: usize) -> u64 {
    let mut state = DefaultHasher::new();
    match value {
        Value::Null => 0u8.hash(&mut state),
        Value::Bool(b) => (1u8, b).hash(&mut state),
        Value::Number(n) => {
            2u8.hash(&mut state);
            number::hash(n, &mut state);
        }
        Value::String(s) => (3u8, s).hash(&mut state),
        Value::Array(items) => {
            (4u8, items.len()).hash(&mut state);
            if depth < MAX_DEPTH {
                for item in items {
                    nested(item, depth + 1).hash(&mut state);
                }
            }
        }
        Value::Object(map) => {
            (5u8, map.len()).hash(&mut state);
            // The order of keys does not count, so the entries' hashes are added up.
            let mut sum = 0u64;
            if depth < MAX_DEPTH {
                for (key, value) in map {
                    let mut entry = DefaultHasher::new();
                    (key, nested(value, depth + 1)).hash(&mut entry);
                    sum = sum.wrapping_add(entry.finish());
                }
            }
            sum.hash(&mut state);
        }
    }
    state.finish()
}
