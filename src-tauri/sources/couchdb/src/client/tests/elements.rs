//! Reading the elements of an array as they come, from texts that are whole, cut, and broken.

use std::io::{self, Read};

use bytes::Bytes;
use proptest::prelude::*;

use crate::client::elements::{Broken, Element, Elements};

/// Gives a text in pieces of `size` bytes.
struct Pieces<'a> {
    text: &'a [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.size.min(self.text.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.text[..count]);
        self.text = &self.text[count..];
        Ok(count)
    }
}

type Told = (Vec<Element>, Result<(), Broken>, Vec<(String, Bytes)>);

fn read(text: &[u8], size: usize, limit: usize) -> Told {
    let mut elements = Elements::new(Pieces { text, size }, "rows", limit);
    let mut found = Vec::new();
    let end = loop {
        match elements.next() {
            Ok(Some(element)) => found.push(element),
            Ok(None) => break Ok(()),
            Err(broken) => break Err(broken),
        }
    };
    let rest = ["total", "last_seq", "more"].iter();
    let rest = rest.filter_map(|name| Some(((*name).to_owned(), elements.rest(name)?.clone())));
    let rest = rest.collect();
    (found, end, rest)
}

fn values(elements: &[Element]) -> Vec<&str> {
    elements
        .iter()
        .map(|element| match element {
            Element::Value(bytes) => std::str::from_utf8(bytes).unwrap(),
            Element::TooLarge(_) => "too large",
        })
        .collect()
}

const WHOLE: &str = r#" {"total":3, "rows" :
[ {"a":"}]\"\\","b":[1,{}]}, "x,]\u005d", 12.50 ,null,
[], {"é":"\\"} ] ,"last_seq":"5-x]}","more":{"rows":[1,2]}}
"#;

#[test]
fn elements_are_the_bytes_they_were_wherever_the_text_is_split() {
    for size in 1..WHOLE.len() {
        let (elements, end, rest) = read(WHOLE.as_bytes(), size, 1000);
        end.unwrap();
        assert_eq!(
            values(&elements),
            [
                r#"{"a":"}]\"\\","b":[1,{}]}"#,
                r#""x,]\u005d""#,
                "12.50",
                "null",
                "[]",
                r#"{"é":"\\"}"#
            ],
            "in pieces of {size}"
        );
        let rest: Vec<_> = rest.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
        assert_eq!(
            rest,
            [
                ("total", &b"3"[..]),
                ("last_seq", br#""5-x]}""#),
                ("more", br#"{"rows":[1,2]}"#)
            ]
        );
    }
}

#[test]
fn a_text_that_ends_in_the_middle_is_never_taken_for_whole() {
    let end = WHOLE.trim_end().len();
    for length in 0..end {
        let (_, result, _) = read(&WHOLE.as_bytes()[..length], 7, 1000);
        assert!(matches!(result, Err(Broken::Cut)), "cut at {length}: {result:?}");
    }
    read(&WHOLE.as_bytes()[..end], 7, 1000).1.unwrap();
}

#[test]
fn what_a_server_says_when_it_fails_in_the_middle_is_heard() {
    for text in [
        r#"{"rows":[{"id":1},{"id":2}{"error":"timeout","reason":"slow"}"#,
        "{\"rows\":[{\"id\":1},{\"id\":2}\n\n{\"error\":\"timeout\",\"reason\":\"slow\"}\n",
        r#"{"rows":[{"id":1},{"id":2}]}{"error":"timeout","reason":"slow"}"#,
        r#"{"rows":[{"id":1},{"id":2}],"last_seq":3{"error":"timeout","reason":"slow"}"#,
    ] {
        let (elements, end, _) = read(text.as_bytes(), 5, 1000);
        assert_eq!(values(&elements), [r#"{"id":1}"#, r#"{"id":2}"#], "{text}");
        let Err(Broken::Said(said)) = end else {
            panic!("{text}: {end:?}")
        };
        assert_eq!(&said[..], br#"{"error":"timeout","reason":"slow"}"#);
    }
}

#[test]
fn one_broken_element_takes_no_other_with_it() {
    let text = r#"{"rows":[{"id":1},{"id":,"x":tru},{"id":3}, {"a" "b"} ,{"id":4}]}"#;
    let (elements, end, _) = read(text.as_bytes(), 4, 1000);
    end.unwrap();
    assert_eq!(
        values(&elements),
        [
            r#"{"id":1}"#,
            r#"{"id":,"x":tru}"#,
            r#"{"id":3}"#,
            r#"{"a" "b"}"#,
            r#"{"id":4}"#
        ]
    );
}

#[test]
fn an_element_beyond_the_limit_takes_no_memory_and_no_other_with_it() {
    let large = "y".repeat(100_000);
    let text = format!(r#"{{"rows":[{{"id":1}},{{"id":2,"x":"{large}"}},{{"id":3}}]}}"#);
    let (elements, end, _) = read(text.as_bytes(), 1000, 500);
    end.unwrap();
    assert_eq!(values(&elements), [r#"{"id":1}"#, "too large", r#"{"id":3}"#]);
    let Element::TooLarge(beginning) = &elements[1] else {
        panic!()
    };
    assert!(beginning.starts_with(br#"{"id":2,"x":"yy"#) && beginning.len() < 10_000);
}

#[test]
fn texts_that_are_something_else_are_refused() {
    for text in [
        "<html>",
        "[1]",
        "{rows:[1]}",
        r#"{"rows":{}}"#,
        r#"{"rows":3}"#,
        r#"{"rows":[1,]"#,
        r#"{"a" 1}"#,
        "nope",
    ] {
        let (_, end, _) = read(text.as_bytes(), 3, 1000);
        assert!(end.is_err(), "{text}");
    }
    // An object without the array is whole; who reads it looks whether it was there.
    let (elements, end, _) = read(br#"{"error":"x"}"#, 3, 1000);
    assert!(end.is_ok() && elements.is_empty());
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        "\\PC*".prop_map(serde_json::Value::from),
        "[\\[\\]{}\",:\\\\ ]*".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-z\"\\\\]{0,4}", inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_array_comes_back_element_by_element(items in prop::collection::vec(json(), 0..8), pretty in any::<bool>(), size in 1_usize..50) {
        let whole = serde_json::json!({ "total": items.len(), "rows": items });
        let text = if pretty { serde_json::to_string_pretty(&whole) } else { serde_json::to_string(&whole) }.unwrap();
        let (elements, end, _) = read(text.as_bytes(), size, 1 << 20);
        prop_assert!(end.is_ok(), "{end:?}");
        let back: Vec<serde_json::Value> = values(&elements).iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        prop_assert_eq!(back, items);
    }
}
