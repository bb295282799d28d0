//! Selectors against what the documentation of `_find` says of each operator.

use serde_json::{Value, json};

use super::Mango;

fn document() -> Value {
    json!({
        "_id": "movie:176694", "_rev": "3-aa", "title": "The Tragedy of Man", "year": 2011, "rating": 7.5,
        "director": { "name": "Jankovics", "born": 1941 },
        "genre": ["animation", "drama"], "seen": null, "public": true,
        "scores": [{ "by": "mara", "points": 80 }, { "by": "ola", "points": 91 }],
        "sizes": [70, 80], "empty": [], "with.dot": 1
    })
}

fn matches(selector: &Value) -> bool {
    Mango::parse(&selector.to_string()).unwrap().matches(&document())
}

fn error(selector: &str) -> String {
    match Mango::parse(selector) {
        Ok(_) => format!("{selector} was understood"),
        Err(error) => error.to_string(),
    }
}

/// What the documentation of `/db/_find` says of each operator.
#[test]
fn every_operator() {
    for (wanted, selector) in [
        (true, json!({})),
        (true, json!({ "year": 2011 })),
        (true, json!({ "year": 2011.0 })),
        (false, json!({ "year": "2011" })),
        (true, json!({ "year": 2011, "public": true })),
        (false, json!({ "year": 2011, "public": false })),
        (true, json!({ "director": { "name": "Jankovics" } })),
        (true, json!({ "director.born": { "$lt": 1950 } })),
        (true, json!({ "director": { "born": { "$gt": 1940, "$lte": 1941 } } })),
        (false, json!({ "director": { "born": { "$gt": 1940, "$lt": 1941 } } })),
        (true, json!({ "with\\.dot": 1 })),
        (true, json!({ "scores.1.by": "ola" })),
        (true, json!({ "title": { "$gte": "The", "$ne": "The" } })),
        (true, json!({ "seen": null })),
        (true, json!({ "seen": { "$type": "null" } })),
        (true, json!({ "seen": { "$exists": true } })),
        (false, json!({ "seen": { "$exists": false } })),
        (true, json!({ "missing": { "$exists": false } })),
        (false, json!({ "missing": { "$ne": 1 } })),
        (true, json!({ "rating": { "$in": [7, 7.50] } })),
        (true, json!({ "genre": { "$in": ["drama", "comedy"] } })),
        (false, json!({ "genre": { "$nin": ["drama"] } })),
        (true, json!({ "genre": { "$all": ["drama", "animation"] } })),
        (false, json!({ "genre": { "$all": ["drama", "comedy"] } })),
        (true, json!({ "genre": { "$all": [["animation", "drama"]] } })),
        (true, json!({ "genre": { "$size": 2 } })),
        (true, json!({ "year": { "$mod": [10, 1] } })),
        (false, json!({ "rating": { "$mod": [7, 0] } })),
        (true, json!({ "title": { "$regex": "^The (?!Comedy)" } })),
        (true, json!({ "_id": { "$beginsWith": "movie:" } })),
        (true, json!({ "_id": { "$gte": "movie:", "$lt": "movie:\u{ffff}" } })),
        (
            true,
            json!({ "scores": { "$elemMatch": { "by": "mara", "points": { "$lt": 90 } } } }),
        ),
        (
            false,
            json!({ "scores": { "$elemMatch": { "by": "mara", "points": { "$gt": 90 } } } }),
        ),
        (true, json!({ "sizes": { "$elemMatch": { "$gte": 80, "$lt": 85 } } })),
        (true, json!({ "sizes": { "$allMatch": { "$gte": 70 } } })),
        (false, json!({ "sizes": { "$allMatch": { "$gt": 70 } } })),
        (false, json!({ "empty": { "$allMatch": { "$gt": 70 } } })),
        (true, json!({ "director": { "$keyMapMatch": { "$eq": "born" } } })),
        (false, json!({ "director": { "$keyMapMatch": { "$eq": "died" } } })),
        (true, json!({ "$and": [{ "year": 2011 }, { "rating": { "$gt": 7 } }] })),
        (true, json!({ "$or": [{ "year": 1 }, { "rating": { "$gt": 7 } }] })),
        (false, json!({ "$or": [] })),
        (true, json!({ "year": { "$or": [{ "$eq": 1 }, { "$eq": 2011 }] } })),
        (true, json!({ "$nor": [{ "year": 1900 }, { "year": 1901 }] })),
        (true, json!({ "$not": { "year": { "$lt": 2000 } } })),
        (true, json!({ "year": { "$not": { "$eq": 1 } } })),
        (true, json!({ "$not": { "$and": [{ "year": 2011 }, { "public": false }] } })),
        (true, json!({ "$not": { "title": { "$regex": "^Drive" } } })),
        (true, json!({ "$not": { "$not": { "year": 2011 } } })),
        (true, json!({ "$not": { "missing": { "$exists": true } } })),
        (false, json!({ "$not": { "missing": 1 } })),
        (true, json!({ "selector": { "year": 2011 }, "limit": 10 })),
    ] {
        assert_eq!(matches(&selector), wanted, "{selector}");
    }
}

#[test]
fn a_deleted_document_is_never_asked_for() {
    let all = Mango::parse("{}").unwrap();
    assert!(all.matches(&json!({ "_id": "a" })));
    assert!(!all.matches(&json!({ "_id": "a", "_deleted": true })));
}

#[test]
fn an_error_names_the_place() {
    for (selector, wanted) in [
        ("{", "is not JSON"),
        ("[1]", "has to be a JSON object"),
        (r#"{"year": {"$greater": 1}}"#, "operator $greater at year.$greater"),
        (r#"{"a": {"b": {"$in": 1}}}"#, "a list at a.b.$in"),
        (r#"{"a": {"$mod": [0, 1]}}"#, "two whole numbers"),
        (r#"{"a": {"$type": "date"}}"#, "one of null, boolean"),
        (r#"{"a": {"$regex": "("}}"#, "pattern that cannot be understood at a.$regex"),
        (r#"{"$text": "x"}"#, "only a server with a text index"),
        (r#"{"$gt": 1}"#, "outside of any member"),
        (r#"{"$or": [1]}"#, "a selector"),
        (r#"{"": 1}"#, "without a name"),
    ] {
        let said = error(selector);
        assert!(said.contains(wanted), "{selector}: {said}");
    }
    let deep = format!("{}1{}", r#"{"a":"#.repeat(120), "}".repeat(120));
    assert!(
        error(&deep).contains("nested too deeply") || error(&deep).contains("recursion"),
        "{}",
        error(&deep)
    );
}
