//! Settings of sources are checked against what their connector declares.

use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::bench::{Bench, TOKEN};

fn add(bench: &Bench, options: &Value) -> Result<Value, backstay_api::ApiError> {
    bench.call("source.add", json!({"kind": "memory", "name": "notes", "options": options}))
}

#[test]
fn wrong_settings_are_refused_by_name() {
    let bench = Bench::new();
    for (options, named) in [
        (json!({}), "path"),
        (json!({"path": true}), "path"),
        (json!({"path": ["a", "b"]}), "path"),
        (json!({"path": 7}), "path"),
        (json!({"path": null}), "path"),
        (json!({"path": "p", "colour": "red"}), "colour"),
        (json!({"path": "p", "deep": "yes"}), "deep"),
        (json!({"path": "p", "exclude": [1]}), "exclude"),
        (json!({"path": "p", "token": [TOKEN]}), "token"),
    ] {
        let error = add(&bench, &options).expect_err(&options.to_string());
        assert_eq!(error.code, ErrorKind::Usage, "{options}: {error:?}");
        assert!(error.message.contains(named), "{options}: {error:?}");
        assert!(!error.message.contains(TOKEN));
    }
    assert_eq!(bench.ok("source.list", json!({}))["sources"], json!([]), "nothing was added");
    let error = bench.err("source.add", json!({"kind": "fax", "name": "x", "options": {}}));
    assert_eq!(error.code, ErrorKind::Usage);
    assert!(error.hint.unwrap().contains("memory"));
}

#[test]
fn right_settings_are_kept_and_a_name_is_taken_once() {
    let bench = Bench::new();
    let options = json!({"path": "p", "exclude": ["a", "b"], "deep": true});
    let added = add(&bench, &options).unwrap();
    assert_eq!(added["options"], options);
    let shown = bench.ok("source.show", json!({"name": "notes"}));
    assert_eq!(shown["options"], options);
    assert_eq!(shown["capabilities"]["records"], true);
    assert!(add(&bench, &options).is_err());
    bench.ok("source.probe", json!({"name": "notes"}));
    bench.ok("source.remove", json!({"name": "notes"}));
    assert_eq!(bench.err("source.show", json!({"name": "notes"})).code, ErrorKind::NotFound);
}
