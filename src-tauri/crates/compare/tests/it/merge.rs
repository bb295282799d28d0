//! Three-way merge: by table, and its laws.

use backstay_compare::{Choice, Merge, equal, merge_records, merge_with, merge3};
use proptest::prelude::*;
use serde_json::Value;

use super::values::{any_object, json};

fn clean(base: &str, local: &str, remote: &str, expected: &str) {
    match merge3(&json(base), &json(local), &json(remote)) {
        Merge::Clean(Some(merged)) => assert!(equal(&merged, &json(expected)), "{merged} is not {expected}"),
        other => panic!("{base} {local} {remote}: {other:?}"),
    }
}

fn conflicts(base: &str, local: &str, remote: &str, expected: &[&str]) {
    match merge3(&json(base), &json(local), &json(remote)) {
        Merge::Conflicts(found) => assert_eq!(found.iter().map(|c| c.field.as_str()).collect::<Vec<_>>(), expected),
        other => panic!("{base} {local} {remote}: {other:?}"),
    }
}

#[test]
fn disjoint_edits_merge() {
    clean(r#"{"a":1,"b":1}"#, r#"{"a":2,"b":1}"#, r#"{"a":1,"b":3}"#, r#"{"a":2,"b":3}"#);
    clean(
        r#"{"o":{"x":1,"y":1}}"#,
        r#"{"o":{"x":2,"y":1}}"#,
        r#"{"o":{"x":1,"y":2}}"#,
        r#"{"o":{"x":2,"y":2}}"#,
    );
    clean(r#"{"a":1}"#, r#"{"a":1,"n":1}"#, "{}", r#"{"n":1}"#);
    clean(r#"{"a":1}"#, r#"{"a":5}"#, r#"{"a":5}"#, r#"{"a":5}"#);
    clean(r#"{"a":1}"#, "{}", "{}", "{}");
}

#[test]
fn the_same_field_twice_is_a_conflict() {
    conflicts(r#"{"a":1,"b":1}"#, r#"{"a":2,"b":1}"#, r#"{"a":3,"b":4}"#, &["/a"]);
    conflicts(r#"{"a":1}"#, "{}", r#"{"a":3}"#, &["/a"]); // deleted here, edited there
    conflicts(r#"{"a":1}"#, r#"{"a":3}"#, "{}", &["/a"]);
    conflicts(r#"{"o":{"x":1}}"#, "{}", r#"{"o":{"x":2}}"#, &["/o"]); // deleted around an edit
    conflicts("{}", r#"{"a":{"x":1}}"#, r#"{"a":{"y":1}}"#, &["/a"]); // both added
    conflicts(r#"{"l":[1]}"#, r#"{"l":[1,2]}"#, r#"{"l":[0,1]}"#, &["/l"]); // arrays as a whole
    conflicts(
        r#"{"a":1,"b":{"c":1}}"#,
        r#"{"a":2,"b":{"c":2}}"#,
        r#"{"a":3,"b":{"c":3}}"#,
        &["/a", "/b/c"],
    );
}

#[test]
fn whole_records() {
    let (base, edited) = (json(r#"{"a":1}"#), json(r#"{"a":2}"#));
    assert_eq!(merge_records(Some(&base), Some(&base), None), Merge::Clean(None));
    assert_eq!(merge_records(Some(&base), None, None), Merge::Clean(None));
    assert_eq!(merge_records(None, Some(&base), None), Merge::Clean(Some(base.clone())));
    for (local, remote) in [(Some(&edited), None), (None, Some(&edited))] {
        let Merge::Conflicts(found) = merge_records(Some(&base), local, remote) else {
            panic!("edit against delete")
        };
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].field.as_str(), found[0].local.as_ref(), found[0].remote.as_ref()),
            ("", local, remote)
        );
    }
}

#[test]
fn decisions_are_made_per_field() {
    let (base, local, remote) = (
        json(r#"{"a":1,"b":1,"c":1,"d":1}"#),
        json(r#"{"a":2,"b":2,"c":2,"d":2}"#),
        json(r#"{"a":3,"b":3,"d":3}"#),
    );
    let merged = merge_with(Some(&base), Some(&local), Some(&remote), |conflict| {
        match conflict.field.as_str() {
            "/a" => Some(Choice::Local),
            "/b" => Some(Choice::Other(Value::from(9))),
            "/c" => Some(Choice::Remote),
            _ => Some(Choice::Base),
        }
    });
    assert_eq!(merged, Merge::Clean(Some(json(r#"{"a":2,"b":9,"d":1}"#))));
    let undecided = merge_with(Some(&base), Some(&local), Some(&remote), |c| {
        (c.field != "/a").then_some(Choice::Local)
    });
    assert!(matches!(undecided, Merge::Conflicts(left) if left.len() == 1 && left[0].field == "/a"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]
    #[test]
    fn laws(base in any_object(), a in any_object(), b in any_object()) {
        let is = |merge: &Merge, value: &Value| matches!(merge, Merge::Clean(Some(merged)) if equal(merged, value));
        prop_assert!(is(&merge3(&base, &base, &b), &b), "an untouched side gives way");
        prop_assert!(is(&merge3(&base, &a, &base), &a));
        prop_assert!(is(&merge3(&base, &a, &a), &a), "the same change on both sides");
        match (merge3(&base, &a, &b), merge3(&base, &b, &a)) {
            (Merge::Clean(Some(ab)), Merge::Clean(Some(ba))) => {
                prop_assert!(equal(&ab, &ba), "symmetric");
                prop_assert!(is(&merge3(&base, &a, &ab), &ab), "idempotent: merging the result again changes nothing");
                prop_assert!(is(&merge3(&base, &ab, &b), &ab));
            }
            (Merge::Conflicts(ab), Merge::Conflicts(ba)) => {
                let mut ab: Vec<_> = ab.into_iter().map(|c| (c.field, c.local, c.remote)).collect();
                let mut ba: Vec<_> = ba.into_iter().map(|c| (c.field, c.remote, c.local)).collect();
                ab.sort_by(|x, y| x.0.cmp(&y.0));
                ba.sort_by(|x, y| x.0.cmp(&y.0));
                prop_assert_eq!(ab, ba, "symmetric conflicts");
            }
            (ab, ba) => prop_assert!(false, "one direction conflicts, the other not: {:?} {:?}", ab, ba),
        }
    }

    #[test]
    fn deciding_all_for_one_side_keeps_the_other_sides_own_edits(base in any_object(), a in any_object(), b in any_object()) {
        let merged = merge_with(Some(&base), Some(&a), Some(&b), |_| Some(Choice::Local));
        prop_assert!(matches!(merged, Merge::Clean(Some(_))));
    }
}
