//! Canonical JSON and its hash.

use backstay_compare::{IgnorePatterns, PatternError, canonical, content_hash, equal};
use backstay_model::ErrorKind;
use proptest::prelude::*;

use super::values::{any_value, json};

fn text(value: &str, ignore: &IgnorePatterns) -> String {
    String::from_utf8(canonical(&json(value), ignore)).unwrap()
}

#[test]
fn one_spelling() {
    let none = IgnorePatterns::none();
    assert_eq!(
        text(r#" { "b" : [1.50, 15E-1, -0, -0.0, 100], "a" : "ü\u000a" } "#, &none),
        r#"{"a":"ü\n","b":[15e-1,15e-1,0,0e0,100]}"#
    );
    assert_eq!(text("12345678901234567890123", &none), "12345678901234567890123");
    assert_eq!(text(r#"{"é":1,"z":2,"a":3}"#, &none), r#"{"a":3,"z":2,"é":1}"#);
}

#[test]
fn ignores_what_moves_on_every_read() {
    let ignore = IgnorePatterns::none()
        .fields(&[
            "/request_id",
            "/files/*/expiry_time",
            "/**/etag",
            "/deep/**/x",
            "/list/0",
            "/twin/**/twin",
        ])
        .unwrap()
        .url_queries(&["/files/*/url"])
        .unwrap();
    assert_eq!(
        text(r#"{"request_id":"r","inner":{"request_id":"kept"}}"#, &ignore),
        r#"{"inner":{"request_id":"kept"}}"#
    );
    assert_eq!(
        text(
            r#"{"files":[{"url":"https://h/p?sig=1#f","expiry_time":"t","name":"a?b"}]}"#,
            &ignore
        ),
        r#"{"files":[{"name":"a?b","url":"https://h/p"}]}"#
    );
    assert_eq!(
        text(r#"{"etag":1,"a":[{"etag":2,"b":{"etag":3,"c":4}}]}"#, &ignore),
        r#"{"a":[{"b":{"c":4}}]}"#
    );
    assert_eq!(
        text(r#"{"deep":{"x":1,"y":{"x":2,"z":3}},"x":4}"#, &ignore),
        r#"{"deep":{"y":{"z":3}},"x":4}"#
    );
    assert_eq!(
        text(r#"{"twin":{"a":1,"twin":2}}"#, &ignore),
        r#"{"twin":{"a":1}}"#,
        "one key is not both ends of a pattern"
    );
    assert_eq!(text(r#"{"list":[1,2]}"#, &ignore), r#"{"list":[2]}"#);
}

#[test]
fn a_link_signed_anew_has_the_same_hash_and_another_file_has_not() {
    let ignore = IgnorePatterns::none().url_queries(&["/url"]).unwrap();
    let hash = |url: &str| content_hash(&serde_json::json!({ "url": url }), &ignore);
    assert_eq!(
        hash("https://h/file?X-Amz-Signature=1"),
        hash("https://h/file?X-Amz-Signature=2")
    );
    assert_eq!(hash("https://h/file"), hash("https://h/file#part"));
    assert_ne!(
        hash("https://h/file?X-Amz-Signature=1"),
        hash("https://h/other?X-Amz-Signature=1")
    );
}

#[test]
fn refuses_what_is_no_pattern() {
    let error = IgnorePatterns::none().fields(&["request_id"]).unwrap_err();
    assert_eq!(
        error,
        PatternError::NotAPointer {
            pattern: "request_id".into()
        }
    );
    assert_eq!(error.kind(), ErrorKind::Internal);
    let error = IgnorePatterns::none().fields(&["/**/a/**"]).unwrap_err();
    assert_eq!(
        error,
        PatternError::TwoDeep {
            pattern: "/**/a/**".into()
        }
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn equal_exactly_when_the_form_is(a in any_value(), b in any_value()) {
        let none = IgnorePatterns::none();
        prop_assert_eq!(canonical(&a, &none) == canonical(&b, &none), equal(&a, &b));
        let again = json(std::str::from_utf8(&canonical(&a, &none)).unwrap());
        prop_assert!(equal(&a, &again), "the form must keep the content: {} became {}", a, again);
        prop_assert_eq!(canonical(&again, &none), canonical(&a, &none));
    }
}
