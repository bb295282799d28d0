//! That documents survive being records, whatever they are and however they came.

use backstay_model::{ContentHash, RawJson};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use super::*;

fn raw(value: &Value) -> RawJson {
    RawJson::from_value(value).unwrap()
}

fn parse(text: &str) -> Result<Leaf, ConvertError> {
    Leaf::parse(RawJson::parse(text.as_bytes()).unwrap())
}

/// A leaf of the document `doc`.
#[derive(Debug, Clone)]
struct Made {
    generation: u64,
    name: String,
    deleted: bool,
    body: Value,
    attachments: Vec<String>,
}

impl Made {
    fn rev(&self) -> String {
        format!("{}-{}", self.generation, self.name)
    }

    fn document(&self) -> Value {
        let mut doc =
            json!({ "_id": "doc", "_rev": self.rev(), "_revisions": { "start": self.generation, "ids": [self.name, "p"] } });
        doc["value"] = self.body.clone();
        if self.deleted {
            doc["_deleted"] = json!(true);
        }
        for (number, name) in self.attachments.iter().enumerate() {
            doc["_attachments"][name] = json!({
                "content_type": "text/plain", "revpos": 1, "digest": format!("md5-{}{number}", self.rev()), "length": number, "stub": true
            });
        }
        doc
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[0-9]{1,40}\\.[0-9]{1,20}".prop_map(|text| serde_json::from_str(text.trim_start_matches('0')).unwrap_or(Value::Null)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4).prop_map(|members| members.into_iter().collect::<Value>()),
        ]
    })
}

fn made() -> impl Strategy<Value = Made> {
    (
        1..4_u64,
        "[0-9a-f]{1,4}",
        any::<bool>(),
        value(),
        vec("[a-c/\u{e9} ]{1,3}", 0..3),
    )
        .prop_map(|(generation, name, deleted, body, mut attachments)| {
            attachments.sort();
            attachments.dedup();
            Made {
                generation,
                name,
                deleted,
                body,
                attachments,
            }
        })
}

/// Leaves with different revisions.
fn several() -> impl Strategy<Value = Vec<Made>> {
    vec(made(), 1..5).prop_map(|mut all| {
        all.sort_by_key(Made::rev);
        all.dedup_by_key(|made| made.rev());
        all
    })
}

fn leaves(all: &[Made]) -> Vec<Leaf> {
    all.iter().map(|made| Leaf::parse(raw(&made.document())).unwrap()).collect()
}

proptest! {
    #[test]
    fn leaves_come_back_as_they_were(all in several()) {
        let mut document = Document::new(leaves(&all)).unwrap();
        prop_assert_eq!(document.record().hash, hash_of_revs(&all.iter().map(Made::rev).collect::<Vec<_>>()));
        let record = document.record();
        let back = Document::of(&record).unwrap();
        prop_assert_eq!(back.leaves().len(), all.len());
        for (leaf, original) in back.leaves().iter().zip(document.leaves()) {
            prop_assert_eq!(&leaf.text, &original.text, "byte for byte");
            prop_assert_eq!((&leaf.rev, &leaf.revisions, leaf.deleted), (&original.rev, &original.revisions, original.deleted));
            let names = |leaf: &Leaf| leaf.attachments.iter().map(|a| (a.name.clone(), a.digest.clone())).collect::<Vec<_>>();
            prop_assert_eq!(names(leaf), names(original));
        }
        prop_assert_eq!(back.record(), record);
        // Without tombstones the hash is the same, and nothing of them is there.
        let live = all.iter().filter(|made| !made.deleted).count();
        let hash = document.record().hash;
        match document.clone().without_tombstones() {
            None => prop_assert_eq!(live, 0),
            Some(rest) => {
                prop_assert_eq!(rest.leaves().len(), live);
                prop_assert_eq!(rest.record().hash, hash);
                document = rest;
                prop_assert!(!document.record().data.value().unwrap().as_object().unwrap().contains_key("_deleted_conflicts"));
            }
        }
    }

    #[test]
    fn any_order_of_leaves_gives_one_record(all in several().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))) {
        let (one, other) = (leaves(&all.0), leaves(&all.1));
        prop_assert_eq!(Document::new(one).unwrap().record(), Document::new(other).unwrap().record());
    }

    #[test]
    fn a_body_written_anew_says_the_same(made in made()) {
        let leaf = Leaf::parse(raw(&made.document())).unwrap();
        let rev = "9-new".parse().unwrap();
        let meta = Meta { id: Some("other \"id\""), rev: Some(&rev), deleted: made.deleted, ..Meta::default() };
        let written = Leaf::parse(leaf.compose(&meta).unwrap()).unwrap();
        prop_assert_eq!(written.id.as_str(), "other \"id\"");
        prop_assert!(same_body(&leaf, &written).unwrap());
        prop_assert!(written.revisions.is_none() && written.attachments.is_empty());
    }
}

#[test]
fn the_winner_is_chosen_as_couchdb_does() {
    let leaf = |rev: &str, deleted: bool| parse(&format!(r#"{{"_id":"a","_rev":"{rev}","_deleted":{deleted}}}"#)).unwrap();
    let all = vec![leaf("9-a", true), leaf("2-b", false), leaf("2-c", false), leaf("10-a", true)];
    let document = Document::new(all).unwrap();
    let order: Vec<String> = document
        .leaves()
        .iter()
        .map(|leaf| leaf.rev.as_ref().unwrap().to_string())
        .collect();
    assert_eq!(order, ["2-c", "2-b", "10-a", "9-a"]);
}

#[test]
fn hashes_are_of_sorted_revisions() {
    assert_eq!(hash_of_revs(&["2-b", "1-a", "2-b"]), ContentHash::of(b"1-a\n2-b"));
    assert_eq!(hash_of_revs(&["1-a"]), ContentHash::of(b"1-a"));
}

#[test]
fn a_document_stays_byte_for_byte() {
    let text = r#"{"_id":"a","_rev":"1-x","n":1e400,"m":12345678901234567890.50, "b" : [ ],"a":"\u00e9\ud83d\ude00"}"#;
    let leaf = parse(text).unwrap();
    assert_eq!(Document::new(vec![leaf]).unwrap().record().data.as_bytes(), text.as_bytes());
}

#[test]
fn what_only_a_server_can_know_is_left_out() {
    let leaf = parse(r#"{"_id":"a","_rev":"1-x","_conflicts":["1-y"],"_local_seq":7,"_revs_info":[],"n":1}"#).unwrap();
    assert_eq!(leaf.text.as_bytes(), br#"{"_id":"a","_rev":"1-x","n":1}"#);
    assert_eq!(leaf.body().unwrap().len(), 1);
}

#[test]
fn members_of_replications_are_content() {
    let leaf = parse(r#"{"_id":"a","_rev":"1-x","_replication_state":"triggered"}"#).unwrap();
    assert_eq!(leaf.body().unwrap().len(), 1);
}

#[test]
fn documents_without_a_revision_are_told_apart_by_their_content() {
    let record = |text| Document::new(vec![parse(text).unwrap()]).unwrap().record();
    let (one, other) = (record(r#"{"_id":"a","n":1}"#), record(r#"{"_id":"a","n":2}"#));
    assert_ne!(one.hash, other.hash);
    assert_eq!(Document::of(&one).unwrap().record(), one);
}

#[test]
fn both_spellings_of_a_media_type_are_known() {
    let leaf = parse(
        r#"{"_id":"a","_attachments":{"b":{"contentType":"x/y","data":"","length":3},"a":{"content_type":"z","stub":true}}}"#,
    );
    let found: Vec<_> = leaf
        .unwrap()
        .attachments
        .into_iter()
        .map(|a| (a.name, a.media_type.unwrap(), a.inline))
        .collect();
    assert_eq!(
        found,
        [
            ("a".to_owned(), "z".to_owned(), false),
            ("b".to_owned(), "x/y".to_owned(), true)
        ]
    );
}

#[test]
fn what_is_no_document_is_refused() {
    for bad in [
        "[]",
        "7",
        r#"{"a":1}"#,
        r#"{"_id":""}"#,
        r#"{"_id":7}"#,
        r#"{"_id":"a","_rev":"x"}"#,
        r#"{"_id":"a","_revisions":{"start":1}}"#,
        r#"{"_id":"a","_attachments":[]}"#,
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
    let two = vec![parse(r#"{"_id":"a"}"#).unwrap(), parse(r#"{"_id":"b"}"#).unwrap()];
    assert!(matches!(Document::new(two), Err(ConvertError::OtherDocument { .. })));
    assert_eq!(Document::new(Vec::new()), Err(ConvertError::NoLeaf));
}

#[test]
fn bodies_are_compared_by_what_they_say() {
    let same = |a: &str, b: &str| {
        let leaf = |text: &str| parse(&format!(r#"{{"_id":"a",{text}}}"#)).unwrap();
        same_body(&leaf(a), &leaf(b)).unwrap()
    };
    assert!(same(r#""n":1.0,"m":{"a":1,"b":2}"#, r#""m":{"b":2,"a":1e0},"n":1"#));
    assert!(same(r#""_rev":"1-a","n":1"#, r#""_rev":"2-b","n":1"#));
    assert!(
        !same(r#""n":12345678901234567890123"#, r#""n":12345678901234567000000"#),
        "a rounded number is another one"
    );
    assert!(!same(r#""n":1"#, r#""n":1,"_deleted":true"#));
    assert!(same(r#""half":"\ud800""#, r#""half":"\ud800""#));
    assert!(!same(r#""half":"\ud800""#, r#""half":"\ud801""#));
}

#[test]
fn the_revision_of_a_local_document_is_no_content() {
    let record = |text: &str| local_record(RawJson::parse(text.as_bytes()).unwrap()).unwrap();
    let (one, later) = (
        record(r#"{"_id":"_local/a","_rev":"0-1","n":1}"#),
        record(r#"{"_id":"_local/a","_rev":"0-2","n":1}"#),
    );
    assert_eq!(one.hash, later.hash);
    assert_ne!(one.hash, record(r#"{"_id":"_local/a","_rev":"0-2","n":2}"#).hash);
}
