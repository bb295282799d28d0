//! What servers refuse, in words for people.

use backstay_couchdb_standin::{Act, Config, Fault, Standin};
use backstay_model::{ErrorKind, Retry};
use backstay_source::SourceError;
use backstay_source_http::Hidden;

use super::{config, database, quick, raw, standin};
use crate::{
    client::{DocQuery, Server},
    config::Login,
    error::{CouchError, Refusal},
};

fn refuse(status: u16, headers: &[(&str, &str)], body: &str) -> Act {
    Act::Answer {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}

#[test]
fn refusals_have_classes_words_and_hints() {
    let standin = standin();
    let database = database(&standin);
    let cases = [
        (
            401,
            r#"{"error":"unauthorized","reason":"You are not authorized to access this db."}"#,
            Refusal::Unauthorized,
            ErrorKind::Auth,
        ),
        (
            403,
            r#"{"error":"forbidden","reason":"no\nway"}"#,
            Refusal::Forbidden,
            ErrorKind::Auth,
        ),
        (
            404,
            r#"{"error":"not_found","reason":"Database does not exist."}"#,
            Refusal::NoDatabase,
            ErrorKind::NotFound,
        ),
        (
            404,
            r#"{"error":"not_found","reason":"no_db_file"}"#,
            Refusal::NoDatabase,
            ErrorKind::NotFound,
        ),
        (404, "<html>", Refusal::Unknown, ErrorKind::Unsupported),
        (
            409,
            r#"{"error":"conflict","reason":"Document update conflict."}"#,
            Refusal::Conflict,
            ErrorKind::Changed,
        ),
        (
            412,
            r#"{"error":"missing_stub","reason":"id:a, name:x"}"#,
            Refusal::MissingStub,
            ErrorKind::Io,
        ),
        (
            413,
            r#"{"error":"document_too_large","reason":"a"}"#,
            Refusal::TooLarge,
            ErrorKind::Limit,
        ),
        (413, "", Refusal::TooLarge, ErrorKind::Limit),
        (
            400,
            r#"{"error":"bad_request","reason":{"odd":1}}"#,
            Refusal::BadRequest,
            ErrorKind::Io,
        ),
        (507, "", Refusal::Full, ErrorKind::Full),
        (
            500,
            r#"{"error":"unknown_error","reason":"function_clause"}"#,
            Refusal::Failed,
            ErrorKind::Unreachable,
        ),
    ];
    for (status, body, refusal, kind) in cases {
        let fault = standin.fault(Fault::on("GET", "/db/a", refuse(status, &[], body)).times(0));
        let error = database.get("a", DocQuery::default()).unwrap_err();
        assert!(fault.fired() > 0);
        standin.clear_faults();
        assert_eq!(
            (error.refusal(), error.kind()),
            (Some(refusal), kind),
            "{status} {body}: {error}"
        );
        let shown = SourceError::from(error);
        assert_eq!(shown.subject, "db/a");
        assert!(!shown.message.contains('\n') && shown.message.len() > 5, "{shown}");
        assert_eq!(shown.retry != Retry::Final, status == 500, "{status}");
    }
}

#[test]
fn reasons_of_the_server_are_repeated() {
    let standin = standin();
    let database = database(&standin);
    let body = r#"{"error":"forbidden","reason":"type is missing"}"#;
    let fault = standin.fault(Fault::on("PUT", "/db/a", refuse(403, &[], body)));
    let error = SourceError::from(database.put("a", &raw("{}"), true).unwrap_err());
    assert_eq!(fault.fired(), 1);
    assert!(error.to_string().contains("type is missing"), "{error}");
    assert!(error.hint.unwrap().contains("validation"));
}

#[test]
fn a_busy_server_is_waited_for() {
    let standin = standin();
    let database = database(&standin);
    let busy = refuse(
        429,
        &[("Retry-After", "0")],
        r#"{"error":"too_many_requests","reason":"slow down"}"#,
    );
    let fault = standin.fault(Fault::on("GET", "/db", busy).times(3));
    database.info().unwrap();
    assert_eq!(fault.fired(), 3);
}

#[test]
fn a_document_beyond_the_limit_is_named() {
    let standin = Standin::start(Config {
        max_document: 1000,
        ..Config::default()
    })
    .unwrap();
    let database = database(&standin);
    let large = raw(&format!(r#"{{"_id":"large","_rev":"1-a","x":"{}"}}"#, "y".repeat(2000)));
    let error = database.put("large", &large, false).unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::TooLarge));
    assert!(SourceError::from(error).hint.unwrap().contains("max_document_size"));
}

#[test]
fn the_list_of_databases_may_be_for_administrators() {
    let standin = standin();
    let nobody = Server::with_settings(&config(&standin.url(), Login::None), quick()).unwrap();
    let error = nobody.all_dbs().unwrap_err();
    assert!(matches!(error, CouchError::NoList { .. }), "{error:?}");
    let shown = SourceError::from(error);
    assert_eq!(shown.kind, ErrorKind::Auth);
    assert!(shown.hint.unwrap().contains("Name the databases"));
}

#[test]
fn wrong_credentials_are_told_at_once_and_never_shown() {
    let standin = standin();
    for login in [
        Login::Basic {
            user: "admin".to_owned(),
            password: Hidden::new("hush"),
        },
        Login::Cookie {
            user: "admin".to_owned(),
            password: Hidden::new("hush"),
        },
    ] {
        let server = Server::with_settings(&config(&standin.url(), login), quick()).unwrap();
        standin.reset_counters();
        let error = server.database("db").info().unwrap_err();
        assert!(standin.total().requests <= 2, "{}", standin.total().requests);
        let shown = format!("{error} {error:?} {server:?}");
        assert!(!shown.contains("hush"), "{shown}");
        let error = SourceError::from(error);
        assert_eq!((error.kind, error.retry), (ErrorKind::Auth, Retry::Final));
        assert!(error.hint.is_some());
    }
}

#[test]
fn a_restart_in_the_middle_is_survived() {
    let standin = standin();
    let database = database(&standin);
    let fault = standin.fault(Fault::on("GET", "/db", Act::Restart));
    database.info().unwrap();
    assert_eq!(fault.fired(), 1);
}
