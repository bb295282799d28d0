//! Field differences: by table, and by the law that a difference applied to one side gives the other.

use backstay_compare::{Move, diff_fields, equal, moves};
use backstay_model::{ChangeKind, FieldChange};
use proptest::prelude::*;
use serde_json::{Value, json as j};

use super::values::{any_value, json};

/// `(before, after, expected)`, expected as `+pointer`, `-pointer`, `~pointer`.
fn check(before: &str, after: &str, expected: &[&str]) {
    let found = diff_fields(&json(before), &json(after));
    let shown: Vec<String> = found.iter().map(show).collect();
    assert_eq!(shown, expected, "{before} -> {after}");
}

fn show(change: &FieldChange) -> String {
    let sign = match change.change {
        ChangeKind::Added => '+',
        ChangeKind::Changed => '~',
        ChangeKind::Removed => '-',
    };
    assert_eq!(change.before.is_none(), sign == '+', "{change:?}");
    assert_eq!(change.after.is_none(), sign == '-', "{change:?}");
    format!("{sign}{}", change.field)
}

#[test]
fn objects() {
    check(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#, &[]);
    check(r#"{"a":1}"#, r#"{"a":2,"b":3}"#, &["~/a", "+/b"]);
    check(r#"{"a":{"x":1,"y":[]}}"#, r#"{"a":{"x":1}}"#, &["-/a/y"]);
    check(r#"{"a":null}"#, "{}", &["-/a"]);
    check(r#"{"a~/b":{"":1}}"#, r#"{"a~/b":{"":2}}"#, &["~/a~0~1b/"]);
    check("1", "2", &["~"]);
    check("{}", "[]", &["~"]);
}

#[test]
fn numbers_by_exact_value() {
    check("[1.0]", "[1.00]", &[]);
    check("[10.0]", "[1e1]", &[]);
    check("[0.5]", "[5E-1]", &[]);
    check("[0]", "[-0]", &[]);
    check("[0.0]", "[-0e7]", &[]);
    check("[1]", "[1.0]", &["~/0"]); // whole and fractional are told apart
    check("[1]", "[-1]", &["~/0"]);
    check("[9007199254740992]", "[9007199254740993]", &["~/0"]); // the same as f64
    check("[1e400]", "[1e401]", &["~/0"]); // both infinite as f64
    check("[0.1]", "[0.1000000000000000000001]", &["~/0"]);
    check("[1e9223372036854775808]", "[1.0e9223372036854775808]", &["~/0"]); // beyond exact reach: by spelling
    check("[1e9223372036854775808]", "[1e9223372036854775808]", &[]);
}

#[test]
fn arrays_are_aligned() {
    check("[1,2,3]", "[0,1,2,3]", &["+/0"]);
    check("[1,2,3]", "[1,3]", &["-/1"]);
    check("[1,2,3]", "[1,9,3]", &["~/1"]);
    check("[1,2,3,4]", "[3,4,5]", &["-/0", "-/1", "+/2"]);
    check("[]", "[1]", &["+/0"]);
    check(r#"[{"x":1},{"x":2}]"#, r#"[{"x":1},{"x":3}]"#, &["~/1/x"]);
    // A named element is followed wherever it stands.
    check(
        r#"[{"id":"a","x":1},{"id":"b","x":1}]"#,
        r#"[{"id":"n"},{"id":"a","x":2},{"id":"b","x":1}]"#,
        &["+/0", "~/1/x"],
    );
    // Another id is another element, also in the same place.
    check(r#"[{"id":"a","x":1}]"#, r#"[{"id":"b","x":1}]"#, &["-/0", "+/0"]);
    // An id that is not unique names nothing: content decides.
    check(r#"[{"id":1,"x":1},{"id":1,"x":2}]"#, r#"[{"id":1,"x":2}]"#, &["-/0"]);
}

#[test]
fn moves_are_recognised() {
    let before = j!({"tags": ["a", "b", "c", "d"], "other": ["a"]});
    let after = j!({"tags": ["d", "a", "b", "c"], "other": []});
    let changes = diff_fields(&before, &after);
    assert_eq!(
        changes.iter().map(show).collect::<Vec<_>>(),
        ["+/tags/0", "-/tags/3", "-/other/0"]
    );
    assert_eq!(moves(&changes), [Move { removed: 1, added: 0 }]);
}

#[test]
fn a_renamed_key_is_no_move() {
    let changes = diff_fields(&j!({"a1": "x"}), &j!({"a2": "x"}));
    assert_eq!(changes.len(), 2);
    assert_eq!(moves(&changes), []);
}

#[test]
fn equal_duplicates_move_one_by_one() {
    let changes = diff_fields(&j!(["x", "x", 1, 2, 3, 4]), &j!([1, 2, 3, 4, "x"]));
    assert_eq!(changes.iter().map(show).collect::<Vec<_>>(), ["-/0", "-/1", "+/4"]);
    assert_eq!(moves(&changes), [Move { removed: 0, added: 2 }]);
}

/// Depth beyond the bound is one difference, not a stack overflow.
#[test]
fn deep_nesting_is_bounded() {
    let deep = |leaf: i32| (0..3_000).fold(Value::from(leaf), |inner, _| j!([inner]));
    let (a, b) = (deep(1), deep(2));
    let changes = diff_fields(&a, &b);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].field, "/0".repeat(backstay_compare::MAX_DEPTH));
    assert!(diff_fields(&a, &deep(1)).is_empty());
}

/// Sizes at which a quadratic method would take minutes.
#[test]
fn huge_arrays_take_bounded_time() {
    let n = 60_000;
    let before: Value = (0..n).collect::<Vec<i32>>().into();
    let shuffled: Value = (0..i64::from(n)).map(|i| i * 7919 % 60_000).collect::<Vec<i64>>().into();
    let others: Value = (0..n).map(|i| i / 2 + n).collect::<Vec<i32>>().into();
    let binary: Value = (0..i64::from(n)).map(|i| i * i / 7 % 2).collect::<Vec<i64>>().into();
    let binary2: Value = (0..i64::from(n)).map(|i| i * i / 11 % 2).collect::<Vec<i64>>().into();
    for (a, b) in [(&before, &shuffled), (&before, &others), (&binary, &binary2)] {
        let start = std::time::Instant::now();
        assert_eq!(apply(a, &diff_fields(a, b)), *b);
        let took = start.elapsed();
        assert!(took.as_secs() < 60, "{took:?}");
    }
    let front: Vec<i32> = std::iter::once(-1).chain(0..n).collect();
    assert_eq!(diff_fields(&before, &front.into()).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn a_difference_applied_gives_the_other_side(before in any_value(), after in any_value()) {
        let changes = diff_fields(&before, &after);
        let result = apply(&before, &changes);
        prop_assert!(equal(&result, &after), "{before} -> {after}: {changes:?} gave {result}");
        prop_assert_eq!(changes.is_empty(), equal(&before, &after));
    }

    #[test]
    fn both_directions_find_the_same_fields(before in any_value(), after in any_value()) {
        let there = diff_fields(&before, &after);
        let back = diff_fields(&after, &before);
        prop_assert!(equal(&apply(&after, &back), &before));
        prop_assert_eq!(there.is_empty(), back.is_empty());
    }
}

/// Applies changes to `before`: what is removed from or added to arrays is placed by the pointers' rule. Written against the
/// documentation of `diff_fields`, independently of how it works.
fn apply(before: &Value, changes: &[FieldChange]) -> Value {
    if let [
        FieldChange {
            field,
            after: Some(after),
            ..
        },
    ] = changes
        && field.is_empty()
    {
        return after.clone();
    }
    rebuild(before, "", changes)
}

fn rebuild(value: &Value, at: &str, changes: &[FieldChange]) -> Value {
    let below = |path: &str| {
        changes
            .iter()
            .any(|c| c.field == path || c.field.starts_with(&format!("{path}/")))
    };
    if !at.is_empty() && !below(at) {
        return value.clone();
    }
    match value {
        Value::Object(map) => {
            let mut map = map.clone();
            for (key, path) in map.keys().map(|k| (k.clone(), join(at, k))).collect::<Vec<_>>() {
                match changes.iter().find(|c| c.field == path) {
                    Some(c) if c.change == ChangeKind::Removed => drop(map.shift_remove(&key)),
                    Some(c) if c.change == ChangeKind::Changed => drop(map.insert(key, c.after.clone().unwrap())),
                    _ => {
                        let inner = rebuild(&map[&key], &path, changes);
                        map.insert(key, inner);
                    }
                }
            }
            for c in changes.iter().filter(|c| c.change == ChangeKind::Added) {
                let (parent, key) = c.field.rsplit_once('/').unwrap();
                if parent == at {
                    map.insert(key.replace("~1", "/").replace("~0", "~"), c.after.clone().unwrap());
                }
            }
            Value::Object(map)
        }
        Value::Array(items) => rebuild_array(items, at, changes),
        other => other.clone(),
    }
}

fn rebuild_array(items: &[Value], at: &str, changes: &[FieldChange]) -> Value {
    let here = |kind: ChangeKind| {
        changes.iter().filter(move |c| c.change == kind).filter_map(|c| {
            let (parent, index) = c.field.rsplit_once('/')?;
            (parent == at).then(|| (index.parse::<usize>().unwrap(), c))
        })
    };
    let removed: std::collections::HashSet<usize> = here(ChangeKind::Removed).map(|(i, _)| i).collect();
    let added: std::collections::HashMap<usize, &FieldChange> = here(ChangeKind::Added).collect();
    let changed: std::collections::HashMap<usize, &FieldChange> = here(ChangeKind::Changed).collect();
    let mut kept = items.iter().enumerate().filter(|(i, _)| !removed.contains(i)).map(|(_, v)| v);
    let scalar_only = changes
        .iter()
        .all(|c| c.field.matches('/').count() <= at.matches('/').count() + 1);
    let mut out = Vec::new();
    for position in 0.. {
        if let Some(c) = added.get(&position) {
            out.push(c.after.clone().unwrap());
            continue;
        }
        let Some(old) = kept.next() else { break };
        out.push(match changed.get(&position) {
            Some(c) => c.after.clone().unwrap(),
            None if scalar_only => old.clone(),
            None => rebuild(old, &join(at, &position.to_string()), changes),
        });
    }
    Value::Array(out)
}

fn join(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}
