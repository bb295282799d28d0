//! What errors show, and what they never show.

use std::sync::Arc;

use backstay_model::ErrorKind;
use backstay_source::SourceError;
use backstay_source_http::{Auth, Client, HeaderMap, HeaderValue, Hidden, HttpError, Request, header::AUTHORIZATION};

use crate::{
    server::{Act, Server, answer, cut, nobody},
    settings,
};

struct Secretive;

impl Auth for Secretive {
    fn identity(&self) -> String {
        "hush".to_owned()
    }
    fn apply(&self, headers: &mut HeaderMap, _: &Client) -> Result<(), HttpError> {
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer hush"));
        Ok(())
    }
}

#[test]
fn no_error_shows_a_credential_or_a_query() {
    let servers = [
        Server::start(|_, _| answer(401, &[], b"")),
        Server::start(|_, _| answer(500, &[], b"")),
        Server::start(|_, _| vec![Act::Close]),
        Server::start(|_, _| cut(10, b"x")),
        Server::start(|_, _| vec![Act::Say(b"what?\r\n\r\n".to_vec()), Act::Close]),
    ];
    let nowhere = format!("http://127.0.0.1:{}", nobody());
    for url in servers.iter().map(Server::url).chain([nowhere]) {
        let client = Client::new(&url, settings(), Arc::new(Secretive)).unwrap();
        let error = client.read(Request::get(["x"]).query("sig", "hush"), 100).unwrap_err();
        let mut shown = format!("{error} {error:?} {client:?}");
        let error = SourceError::from(error);
        shown += &format!("{error} {error:?}");
        assert!(!shown.contains("hush"), "{shown}");
    }
    assert_eq!(format!("{:?}", Hidden::new("hush")), "Hidden(…)");
}

#[test]
fn classes_of_statuses() {
    let class = |status| {
        let server = Server::start(move |_, _| answer(status, &[("retry-after", "9999")], b""));
        let client = Client::new(&server.url(), settings(), Arc::new(Secretive)).unwrap();
        client.read(Request::get(["x"]).once(), 10).unwrap_err().kind()
    };
    for (status, kind) in [
        (401, ErrorKind::Auth),
        (403, ErrorKind::Auth),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Changed),
        (413, ErrorKind::Limit),
        (429, ErrorKind::Limit),
        (501, ErrorKind::Unsupported),
        (503, ErrorKind::Unreachable),
        (507, ErrorKind::Full),
        (400, ErrorKind::Io),
    ] {
        assert_eq!(class(status), kind, "{status}");
    }
}
