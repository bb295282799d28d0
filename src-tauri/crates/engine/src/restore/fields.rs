//! Some fields of a record: put into the record as it is live, everything else in it untouched.

use backstay_compare::equal;
use backstay_model::{RawJson, Record};
use serde_json::Value;

/// `into` with the values `from` has at `pointers`; a field `from` does not have is taken out. `None` when a field has no place:
/// what would hold it is not there, or a list is too short.
pub(super) fn merged(into: &Value, from: &Value, pointers: &[String]) -> Option<Value> {
    let mut out = into.clone();
    for pointer in pointers {
        put(&mut out, from.pointer(pointer), pointer)?;
    }
    Some(out)
}

fn put(out: &mut Value, value: Option<&Value>, pointer: &str) -> Option<()> {
    let Some((parent, last)) = pointer.rsplit_once('/') else {
        // The whole record.
        *out = value?.clone();
        return Some(());
    };
    let last = last.replace("~1", "/").replace("~0", "~");
    match (out.pointer_mut(parent), value) {
        (Some(Value::Object(members)), Some(value)) => {
            members.insert(last, value.clone());
        }
        (Some(Value::Object(members)), None) => {
            // Keeps the order of the other members.
            members.shift_remove(&last);
        }
        (Some(Value::Array(items)), Some(value)) => *items.get_mut(last.parse::<usize>().ok()?)? = value.clone(),
        (None, None) => {}
        _ => return None,
    }
    Some(())
}

/// Whether both have the same at every pointer.
pub(super) fn agree(a: &Value, b: &Value, pointers: &[String]) -> bool {
    pointers.iter().all(|pointer| match (a.pointer(pointer), b.pointer(pointer)) {
        (Some(a), Some(b)) => equal(a, b),
        (None, None) => true,
        _ => false,
    })
}

/// The member at the top that a pointer goes through.
pub(super) fn top(pointer: &str) -> String {
    let first = pointer.split('/').nth(1).unwrap_or_default();
    first.replace("~1", "/").replace("~0", "~")
}

/// The live record with some fields of the stored one. `None` when a side cannot be parsed or a field has no place.
pub(super) fn merged_record(live: &Record, stored: &Record, pointers: &[String]) -> Option<Record> {
    let data = merged(&live.data.value().ok()?, &stored.data.value().ok()?, pointers)?;
    let merged = Record::new(live.id.clone(), RawJson::from_value(&data).ok()?);
    Some(Record {
        rev: live.rev.clone(),
        changed: live.changed,
        assets: live.assets.clone(),
        ..merged
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(into: &Value, from: &Value, pointers: &[&str]) -> Option<Value> {
        merged(into, from, &pointers.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn only_what_was_chosen_changes() {
        let live = json!({"id": 1, "title": "now", "note": "now", "in": {"a": 1, "b": 2}, "list": [1, 2], "x/y": 0});
        let then = json!({"id": 1, "title": "then", "in": {"a": 9, "b": 9}, "list": [7, 8, 9], "x/y": 5});
        let got = with(&live, &then, &["/title", "/in/a", "/list/1", "/x~1y"]).unwrap();
        assert_eq!(
            got,
            json!({"id": 1, "title": "then", "note": "now", "in": {"a": 9, "b": 2}, "list": [1, 8], "x/y": 5})
        );
        assert_eq!(
            with(&live, &then, &["/note"]).unwrap().get("note"),
            None,
            "a field it did not have then goes"
        );
        assert_eq!(with(&live, &then, &["/none/deep"]), Some(live.clone()));
        for no_place in ["/list/2", "/title/x"] {
            let from = json!({"list": [7, 8, 9], "title": {"x": 1}});
            assert_eq!(with(&live, &from, &[no_place]), None, "{no_place}");
        }
        assert_eq!(with(&live, &then, &[""]), Some(then));
    }

    #[test]
    fn numbers_keep_all_their_digits() {
        let live: Value = serde_json::from_str(r#"{"a":1,"b":12345678901234567890123.50}"#).unwrap();
        let got = with(&live, &json!({"a": 2}), &["/a"]).unwrap();
        assert_eq!(got.to_string(), r#"{"a":2,"b":12345678901234567890123.50}"#);
    }

    #[test]
    fn sides_agree_on_the_chosen_fields_alone() {
        let pointers = ["/a".to_owned(), "/c".to_owned()];
        assert!(agree(&json!({"a": 1, "b": 2}), &json!({"a": 1, "b": 3}), &pointers));
        assert!(!agree(&json!({"a": 1}), &json!({"a": 1, "c": null}), &pointers));
    }
}
