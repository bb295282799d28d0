//! CouchDB's order of JSON values (documentation, "Views Collation"): null, false, true, numbers, texts, lists, objects.

use std::{cmp::Ordering, sync::LazyLock};

use icu_collator::{CollatorBorrowed, options::CollatorOptions};
use serde_json::{Number, Value};

/// The root collation, by which CouchDB compares texts.
static TEXTS: LazyLock<Option<CollatorBorrowed<'static>>> =
    LazyLock::new(|| CollatorBorrowed::try_new(Default::default(), CollatorOptions::default()).ok());

/// How two values compare.
pub(super) fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => numbers(a, b),
        (Value::String(a), Value::String(b)) => texts(a, b),
        (Value::Array(a), Value::Array(b)) => a
            .iter()
            .zip(b)
            .map(|(a, b)| compare(a, b))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| a.len().cmp(&b.len())),
        (Value::Object(a), Value::Object(b)) => a
            .iter()
            .zip(b)
            .map(|((name, value), (other, b))| texts(name, other).then_with(|| compare(value, b)))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| a.len().cmp(&b.len())),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    }
}

/// Numbers by their value: `1`, `1.0` and `1e0` are the same.
fn numbers(a: &Number, b: &Number) -> Ordering {
    if let (Some(a), Some(b)) = (a.as_i128(), b.as_i128()) {
        return a.cmp(&b);
    }
    let value = |number: &Number| number.to_string().parse::<f64>().unwrap_or(f64::NAN);
    value(a).total_cmp(&value(b))
}

/// Texts as a dictionary orders them; by their bytes where its tables are out of reach.
fn texts(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    match TEXTS.as_ref() {
        Some(collator) => collator.compare(a, b),
        None => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use serde_json::{Value, json};

    use super::compare;

    /// The example of CouchDB's documentation of its collation, with numbers in several spellings.
    #[test]
    fn the_order_is_couchdbs() {
        let text = r#"[null, false, true, -1, 0, 1, 1.5, 2, 4, 1e3, 123456789012345678901234567890,
            "a", "A", "aa", "b", "B", "ba", "bb",
            ["a"], ["b"], ["b", "c"], ["b", "c", "a"], ["b", "d"], ["b", "d", "e"],
            {"a": 1}, {"a": 2}, {"b": 1}, {"b": 2}, {"b": 2, "a": 1}, {"b": 2, "c": 2}]"#;
        let values: Vec<Value> = serde_json::from_str(text).unwrap();
        for (i, a) in values.iter().enumerate() {
            for (j, b) in values.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} against {b}");
            }
        }
    }

    #[test]
    fn numbers_are_values_and_not_spellings() {
        let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        for same in ["1", "1.0", "1e0", "10e-1"] {
            assert_eq!(compare(&number(same), &json!(1)), Ordering::Equal, "{same}");
        }
        let (a, b) = (number("9007199254740993"), number("9007199254740992"));
        assert_eq!(compare(&a, &b), Ordering::Greater, "beyond what floating point tells apart");
        assert_eq!(compare(&number("1e400"), &number("5")), Ordering::Greater);
    }
}
