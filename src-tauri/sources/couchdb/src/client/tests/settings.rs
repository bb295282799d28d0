//! The settings of a source: what is understood, what is refused and how.

use std::collections::BTreeMap;

use backstay_model::ErrorKind;
use backstay_source::{Secrets, SourceConfig, SourceError};
use serde_json::{Value, json};

use crate::config::{Chosen, CouchConfig, Login, OPTIONS};

struct Kept(BTreeMap<&'static str, &'static str>);

impl Secrets for Kept {
    fn get(&self, id: &str, name: &str) -> backstay_source::Result<Option<String>> {
        assert_eq!(id, "the-source");
        assert!(
            OPTIONS.iter().any(|option| option.name == name && option.secret),
            "{name} is no secret"
        );
        Ok(self.0.get(name).map(|&text| text.to_owned()))
    }
}

fn read(options: Value, secrets: &[(&'static str, &'static str)]) -> Result<CouchConfig, SourceError> {
    if let Some(options) = options.as_object() {
        for name in options.keys() {
            let known = OPTIONS.iter().any(|option| option.name == name && !option.secret);
            assert!(known, "{name} is no setting");
        }
    }
    let config = SourceConfig {
        id: "the-source".to_owned(),
        name: "Source".to_owned(),
        options,
    };
    CouchConfig::read(&config, &Kept(secrets.iter().copied().collect())).map_err(SourceError::from)
}

const URL: &str = "https://couch.example:6984";

#[test]
fn an_address_is_all_it_takes() {
    let config = read(json!({ "url": format!(" {URL} ") }), &[]).unwrap();
    assert_eq!((config.url.as_str(), &config.login), (URL, &Login::None));
    assert_eq!((config.rate.per_second, config.rate.at_once), (None, 6));
    assert!(config.local && !config.deleted && config.chosen == Chosen::default());
}

#[test]
fn how_to_log_in_is_told_by_what_is_given() {
    let of = |options: Value, secrets: &[(&'static str, &'static str)]| {
        let mut all = json!({ "url": URL });
        all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        read(all, secrets).unwrap().login
    };
    assert!(matches!(of(json!({"user": "ann"}), &[("password", "p")]), Login::Basic { user, .. } if user == "ann"));
    assert!(matches!(
        of(json!({"user": "ann", "auth": "cookie"}), &[("password", "p")]),
        Login::Cookie { .. }
    ));
    assert!(matches!(of(json!({}), &[("token", "t")]), Login::Jwt { .. }));
    assert!(
        matches!(of(json!({}), &[("api-key", "k")]), Login::Iam { url, .. } if url.starts_with("https://iam.cloud.ibm.com/"))
    );
    let login = of(json!({"user": "ann", "proxy-roles": "a, b"}), &[("proxy-secret", "s")]);
    assert!(matches!(login, Login::Proxy { roles, .. } if roles == "a,b"));
    assert_eq!(of(json!({"user": "ann", "auth": "none"}), &[("password", "p")]), Login::None);
}

/// Options, secrets, and the setting that is named.
type Case = (Value, &'static [(&'static str, &'static str)], &'static str);

#[test]
fn settings_that_make_no_sense_are_named_with_what_to_do() {
    let cases: &[Case] = &[
        (json!({}), &[], "url"),
        (json!({"url": "couch.example"}), &[], "address"),
        (json!({"url": "https://ann:hush@couch.example"}), &[], "address"),
        (json!({"url": URL, "user": "ann"}), &[], "password"),
        (json!({"url": URL}), &[("password", "hush")], "user"),
        (json!({"url": URL, "user": "a:b"}), &[("password", "hush")], "user"),
        (json!({"url": URL, "auth": "magic"}), &[], "auth"),
        (json!({"url": URL, "auth": "jwt"}), &[], "token"),
        (json!({"url": URL, "auth": "iam"}), &[], "api-key"),
        (json!({"url": URL, "auth": "proxy"}), &[], "user"),
        (json!({"url": URL, "iam-url": "nowhere"}), &[("api-key", "hush")], "iam-url"),
        (json!({"url": URL, "rate": "fast"}), &[], "rate"),
        (json!({"url": URL, "rate": "0"}), &[], "rate"),
        (json!({"url": URL, "parallel": "1.5"}), &[], "parallel"),
        (json!({"url": URL, "parallel": 65}), &[], "parallel"),
        (json!({"url": URL, "ca": "ca.pem"}), &[], "ca"),
        (json!({"url": URL, "database": ["Sales"]}), &[], "database"),
        (json!({"url": URL, "exclude": "a b"}), &[], "exclude"),
    ];
    for (options, secrets, named) in cases {
        let error = read(options.clone(), secrets).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage, "{options}");
        assert!(error.subject.contains(named), "{options}: {error}");
        assert!(error.hint.is_some(), "{options}: {error}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hush"), "{shown}");
    }
}

#[test]
fn numbers_come_as_texts_and_as_numbers() {
    let config = read(json!({"url": URL, "rate": "2.5", "parallel": 3}), &[]).unwrap();
    assert_eq!((config.rate.per_second, config.rate.at_once), (Some(2.5), 3));
}

#[test]
fn databases_are_chosen_by_names_and_patterns() {
    let chosen = |take: &[&str], leave: &[&str], system| Chosen {
        take: take.iter().map(|&name| name.to_owned()).collect(),
        leave: leave.iter().map(|&name| name.to_owned()).collect(),
        system,
    };
    let takes = |chosen: &Chosen| -> Vec<&str> {
        let all = ["_global_changes", "_replicator", "_users", "a", "a-1", "a-2/b", "b"];
        all.into_iter().filter(|name| chosen.takes(name)).collect()
    };
    assert_eq!(takes(&chosen(&[], &[], false)), ["a", "a-1", "a-2/b", "b"]);
    assert_eq!(takes(&chosen(&[], &["a-*"], false)), ["a", "b"]);
    assert_eq!(takes(&chosen(&["a-*", "b"], &["a-1"], false)), ["a-2/b", "b"]);
    assert_eq!(takes(&chosen(&["*b"], &[], false)), ["a-2/b", "b"]);
    assert_eq!(takes(&chosen(&["a*2*b"], &[], false)), ["a-2/b"]);
    assert_eq!(takes(&chosen(&["a*1*1"], &[], false)), [""; 0]);
    assert_eq!(takes(&chosen(&["b"], &[], true)), ["_replicator", "_users", "b"]);
    assert_eq!(takes(&chosen(&["_users", "b"], &[], false)), ["_users", "b"]);
    assert_eq!(
        takes(&chosen(&["*"], &["_users"], true)),
        ["_replicator", "a", "a-1", "a-2/b", "b"]
    );
    let named = chosen(&["b", "a-*"], &[], false);
    assert_eq!(named.named().collect::<Vec<_>>(), ["b"]);
    assert!(named.needs_list() && !chosen(&["b"], &[], false).needs_list());
}
