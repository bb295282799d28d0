//! Log-ins: credentials with every request, renewed once when they are refused.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use backstay_model::ErrorKind;
use backstay_source::SourceError;
use backstay_source_http::{Auth, Client, HeaderMap, HeaderValue, HttpError, Refused, Request, header::AUTHORIZATION};
use std::sync::Mutex;

use crate::{
    server::{Server, answer, ok},
    settings,
};

/// Fetches a ticket and shows it.
#[derive(Default)]
struct Ticket {
    current: Mutex<Option<String>>,
    renewed: AtomicUsize,
}

impl Auth for Ticket {
    fn identity(&self) -> String {
        "somebody".to_owned()
    }
    fn apply(&self, headers: &mut HeaderMap, bare: &Client) -> Result<(), HttpError> {
        let mut current = self.current.lock().unwrap();
        if current.is_none() {
            let (_, body) = bare.read(Request::post(["ticket"]).harmless(), 100)?;
            *current = Some(String::from_utf8(body.to_vec()).unwrap());
        }
        headers.insert(AUTHORIZATION, HeaderValue::from_str(current.as_ref().unwrap()).unwrap());
        Ok(())
    }
    fn renew(&self, refused: &Refused<'_>, _: &Client) -> Result<bool, HttpError> {
        let mut current = self.current.lock().unwrap();
        if current.as_deref().map(str::as_bytes) == refused.with.get(AUTHORIZATION).map(HeaderValue::as_bytes) {
            self.renewed.fetch_add(1, Ordering::Relaxed);
            *current = None;
        }
        Ok(true)
    }
}

/// Gives out tickets `t0`, `t1`, … and takes the ones from `good` on.
fn counter(good: usize) -> Server {
    let given = AtomicUsize::new(0);
    Server::start(move |seen, _| {
        if seen.target == "/ticket" {
            assert_eq!(seen.header("authorization"), None, "logging in goes without credentials");
            return ok(&format!("t{}", given.fetch_add(1, Ordering::Relaxed)));
        }
        let number: usize = seen.header("authorization").unwrap()[1..].parse().unwrap();
        if number >= good { ok("in") } else { answer(401, &[], b"{}") }
    })
}

#[test]
fn refused_credentials_are_renewed_once_and_the_request_repeated() {
    let server = counter(1);
    let ticket = Arc::new(Ticket::default());
    let client = Client::new(&server.url(), settings(), ticket.clone()).unwrap();
    let request = Request::post(["x"]).json_bytes("{}");
    client.read(request, 10).unwrap();
    let targets: Vec<_> = server.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/ticket", "/x", "/ticket", "/x"]);
    client.read(Request::get(["x"]), 10).unwrap();
    assert_eq!(server.count(), 5, "what works is kept");
}

#[test]
fn credentials_that_stay_refused_are_an_error_at_once() {
    let server = counter(usize::MAX);
    let client = Client::new(&server.url(), settings(), Arc::new(Ticket::default())).unwrap();
    let error = client.read(Request::get(["x"]), 10).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!(server.count(), 4, "ticket, try, ticket, try");
}

#[test]
fn many_who_are_refused_at_once_renew_once() {
    let server = counter(1);
    let ticket = Arc::new(Ticket::default());
    let client = Client::new(&server.url(), settings(), ticket.clone()).unwrap();
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| client.read(Request::get(["x"]), 10).unwrap());
        }
    });
    assert_eq!(ticket.renewed.load(Ordering::Relaxed), 1);
}

/// Never gets in.
struct Locked;

impl Auth for Locked {
    fn identity(&self) -> String {
        String::new()
    }
    fn apply(&self, _: &mut HeaderMap, bare: &Client) -> Result<(), HttpError> {
        let error = SourceError::new(ErrorKind::Auth, bare.place(), "does not let us in");
        Err(HttpError::LogIn(Box::new(error.hint("Knock."))))
    }
}

#[test]
fn a_log_in_that_fails_speaks_for_itself_and_is_not_repeated() {
    let server = Server::start(|_, _| ok("{}"));
    let client = Client::new(&server.url(), settings(), Arc::new(Locked)).unwrap();
    let error = SourceError::from(client.read(Request::get(["x"]), 10).unwrap_err());
    assert_eq!(error.kind, ErrorKind::Auth);
    assert_eq!(error.hint.as_deref(), Some("Knock."));
    assert_eq!(server.count(), 0);
}
