//! Addresses, and paths whose parts have any letters.

use backstay_model::ErrorKind;
use backstay_source_http::{Address, HttpError, Request};

use crate::{
    client,
    server::{Server, ok},
};

fn target(base: &str, request: Request<'_>) -> String {
    let server = Server::start(|_, _| ok("{}"));
    client(&format!("{}{base}", server.url())).read(request, 10).unwrap();
    server.seen()[0].target.clone()
}

#[test]
fn parts_of_a_path_arrive_as_they_are() {
    let parts = ["db", "a/b", "ü ?#+&=%", "_design/x", "~.-_", "!'()*;:@,$"];
    let target = target("", Request::get(parts));
    assert_eq!(
        target,
        "/db/a%2Fb/%C3%BC%20%3F%23%2B%26%3D%25/_design%2Fx/~.-_/%21%27%28%29%2A%3B%3A%40%2C%24"
    );
}

#[test]
fn queries_arrive_as_they_are() {
    let request = Request::get(["x"])
        .query("a", "1+1 & 2")
        .query_json("keys", &["é\"", "b"])
        .unwrap();
    assert_eq!(
        target("", request),
        "/x?a=1%2B1%20%26%202&keys=%5B%22%C3%A9%5C%22%22%2C%22b%22%5D"
    );
}

#[test]
fn a_service_may_live_below_a_path() {
    assert_eq!(target("/couch/", Request::get(["db"])), "/couch/db");
    assert_eq!(target("/couch", Request::get([""])), "/couch/");
    assert_eq!(target("/couch", Request::get([""; 0])), "/couch");
    assert_eq!(target("", Request::get([""; 0])), "/");
}

#[test]
fn names_that_no_path_keeps_are_refused_by_name() {
    let server = Server::start(|_, _| ok("{}"));
    for part in [".", ".."] {
        let error = client(&server.url()).read(Request::get(["db", part]), 10).unwrap_err();
        assert!(
            matches!(&error, HttpError::Unaddressable { part: named } if named == part),
            "{error:?}"
        );
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn addresses_that_make_no_sense_are_refused() {
    for bad in [
        "",
        "host",
        "ftp://host",
        "http://",
        "https://host/?a=b",
        "https://host/#x",
        "file:///etc",
    ] {
        let error = Address::read(bad).unwrap_err();
        assert!(matches!(error, HttpError::BadAddress { .. }), "{bad}: {error:?}");
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.hint().is_some());
    }
}

#[test]
fn a_password_in_an_address_is_refused_and_not_repeated() {
    for bad in ["https://ann:hush@host", "https://ann@host", "https://:hush@host/db"] {
        let error = Address::read(bad).unwrap_err();
        assert!(matches!(error, HttpError::LoginInAddress), "{error:?}");
        let shown = format!("{error} {error:?} {:?}", error.hint());
        assert!(!shown.contains("hush") && !shown.contains("ann"), "{shown}");
    }
}

#[test]
fn open_addresses_are_known() {
    let open = |text| Address::read(text).unwrap().is_open();
    assert!(open("http://host:5984"));
    assert!(!open("https://host") && !open("http://localhost:5984") && !open("http://[::1]:5984") && !open("http://127.0.0.1"));
}
