//! When the client tries again, and when it does not.

use std::{
    net::TcpListener,
    sync::Arc,
    thread,
    time::{Duration, Instant, SystemTime},
};

use backstay_model::{ErrorKind, Retry};
use backstay_source::{Cancel, SourceError};
use backstay_source_http::{Client, HttpError, NoAuth, Patience, Request, Settings, Why};

use crate::{
    Watch, client, patience,
    server::{Act, Server, answer, cut, nobody, ok},
    settings,
};

fn get(client: &Client) -> Result<String, HttpError> {
    let (_, body) = client.read(Request::get(["x"]), 1000)?;
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

fn post(client: &Client, harmless: bool) -> Result<(), HttpError> {
    let request = Request::post(["x"]).json_bytes("{}");
    let request = if harmless { request.harmless() } else { request };
    client.read(request, 1000).map(drop)
}

#[test]
fn a_service_that_comes_back_is_waited_for() {
    let port = nobody();
    let watch = Arc::new(Watch::default());
    let client = client(&format!("http://127.0.0.1:{port}")).with_observer(watch.clone());
    let later = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        Server::on(TcpListener::bind(("127.0.0.1", port)).unwrap(), None, |_, _| ok("here"))
    });
    assert_eq!(get(&client).unwrap(), "here");
    let server = later.join().unwrap();
    assert_eq!(server.count(), 1);
    let told = watch.told();
    assert!(told.len() > 1, "each pause is told: {told:?}");
    assert!(told.iter().all(|pause| pause.why == Why::Unreachable));
    assert_eq!(told[0].attempt, 2);
    assert!(told.last().unwrap().wait > told[0].wait, "pauses grow");
}

#[test]
fn patience_ends_and_says_what_was_tried() {
    let begun = Instant::now();
    let error = get(&client(&format!("http://127.0.0.1:{}", nobody()))).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    let HttpError::GaveUp { tries, ref last, .. } = error else {
        panic!("{error:?}")
    };
    assert!(tries > 3);
    assert!(matches!(**last, HttpError::Unreachable { sent: false, .. }), "{last:?}");
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    let shown = SourceError::from(error);
    assert_eq!(shown.retry, Retry::After(None));
    assert!(shown.hint.is_some());
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    let server = Server::start(|_, number| match number {
        0 => cut(10, b"half"),
        1 => vec![Act::Close],
        2 => vec![
            Act::Say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n".to_vec()),
            Act::Close,
        ],
        _ => ok("whole"),
    });
    assert_eq!(get(&client(&server.url())).unwrap(), "whole");
    assert_eq!(server.count(), 4);
}

#[test]
fn a_request_that_may_have_been_carried_out_is_repeated_only_when_that_is_harmless() {
    let server = Server::start(|_, _| vec![Act::Close]);
    let error = post(&client(&server.url()), false).unwrap_err();
    assert!(matches!(error, HttpError::Unreachable { sent: true, .. }), "{error:?}");
    assert_eq!(server.count(), 1, "one try");
    post(&client(&server.url()), true).unwrap_err();
    assert!(server.count() > 3, "several tries: {}", server.count());
}

#[test]
fn a_request_the_service_surely_refused_is_repeated_in_any_case() {
    let server = Server::start(|_, number| match number {
        0 => answer(429, &[], b""),
        1 => answer(503, &[("retry-after", "0")], b""),
        _ => ok("{}"),
    });
    post(&client(&server.url()), false).unwrap();
    assert_eq!(server.count(), 3);
}

#[test]
fn a_503_without_a_time_may_have_been_carried_out() {
    let server = Server::start(|_, _| answer(503, &[], b""));
    let error = post(&client(&server.url()), false).unwrap_err();
    assert_eq!(error.refusal().unwrap().0, 503);
    assert_eq!(server.count(), 1);
}

#[test]
fn retry_after_in_seconds_is_obeyed_and_told() {
    let server = Server::start(|_, number| match number {
        0 => answer(429, &[("retry-after", "1")], b"{\"error\":\"too_many_requests\"}"),
        _ => ok("now"),
    });
    let watch = Arc::new(Watch::default());
    let begun = Instant::now();
    assert_eq!(get(&client(&server.url()).with_observer(watch.clone())).unwrap(), "now");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let told = watch.told();
    assert_eq!((told[0].why, told[0].wait), (Why::Busy(429), Duration::from_secs(1)));
}

#[test]
fn retry_after_as_a_date_is_obeyed() {
    let server = Server::start(|_, number| match number {
        0 => {
            let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
            answer(503, &[("retry-after", &date)], b"")
        }
        _ => ok("now"),
    });
    let begun = Instant::now();
    assert_eq!(get(&client(&server.url())).unwrap(), "now");
    // Dates have whole seconds.
    assert!(begun.elapsed() >= Duration::from_millis(950), "{:?}", begun.elapsed());
}

#[test]
fn a_wish_beyond_all_patience_is_no_reason_to_wait() {
    let server = Server::start(|_, _| answer(429, &[("retry-after", "86400")], b""));
    let begun = Instant::now();
    let error = get(&client(&server.url())).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert_eq!(SourceError::from(error).retry, Retry::After(Some(86_400_000)));
}

#[test]
fn a_failure_of_the_service_is_tried_a_few_times_only() {
    let server = Server::start(|_, _| answer(500, &[], b"{\"error\":\"badmatch\"}"));
    let error = get(&client(&server.url())).unwrap_err();
    assert_eq!(server.count(), 3);
    let (status, said) = error.refusal().unwrap();
    assert_eq!((status, &said[..]), (500, &b"{\"error\":\"badmatch\"}"[..]));
}

#[test]
fn gateways_without_a_service_are_waited_for() {
    let server = Server::start(|_, number| match number {
        0 => answer(502, &[], b""),
        1 => answer(504, &[], b""),
        2 => answer(503, &[], b""),
        3 => answer(408, &[], b""),
        4 => answer(522, &[], b""),
        _ => ok("there"),
    });
    assert_eq!(get(&client(&server.url())).unwrap(), "there");
    assert_eq!(server.count(), 6);
}

#[test]
fn refusals_are_final() {
    for status in [400, 401, 403, 404, 405, 409, 412, 413, 415, 501, 507] {
        let server = Server::start(move |_, _| answer(status, &[], b""));
        let error = get(&client(&server.url())).unwrap_err();
        assert_eq!(error.refusal().unwrap().0, status);
        assert_eq!(server.count(), 1, "{status}");
        assert_eq!(SourceError::from(error).retry, Retry::Final, "{status}");
    }
}

#[test]
fn a_service_that_says_nothing_is_given_up() {
    let server = Server::start(|_, _| vec![Act::Hang]);
    let settings = Settings {
        silence: Duration::from_millis(150),
        patience: Patience {
            dead: Duration::from_millis(300),
            ..patience()
        },
        ..settings()
    };
    let client = Client::new(&server.url(), settings, Arc::new(NoAuth)).unwrap();
    let begun = Instant::now();
    let error = get(&client).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(2));
    let HttpError::GaveUp { last, .. } = error else {
        panic!("{error:?}")
    };
    assert!(matches!(*last, HttpError::Silent { .. }), "{last:?}");
    assert!(server.count() > 1);
}

/// Cancels after 100 ms and asserts that `work` ends at most 200 ms later.
fn cancelled(work: impl FnOnce(Cancel) -> HttpError) {
    let cancel = Cancel::default();
    let (flag, begun) = (cancel.clone(), Instant::now());
    let waker = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        flag.cancel();
    });
    let error = work(cancel);
    let took = begun.elapsed();
    waker.join().unwrap();
    assert!(matches!(error, HttpError::Cancelled), "{error:?}");
    assert!(took >= Duration::from_millis(95), "{took:?}");
    assert!(took < Duration::from_millis(300), "{took:?}");
}

#[test]
fn waiting_for_an_answer_ends_when_the_job_is_cancelled() {
    let server = Server::start(|_, _| vec![Act::Hang]);
    cancelled(|cancel| get(&client(&server.url()).with_cancel(&cancel)).unwrap_err());
    assert_eq!(server.count(), 1);
}

#[test]
fn a_pause_ends_when_the_job_is_cancelled() {
    let server = Server::start(|_, _| answer(429, &[("retry-after", "4")], b""));
    cancelled(|cancel| get(&client(&server.url()).with_cancel(&cancel)).unwrap_err());
    assert_eq!(server.count(), 1);
}

#[test]
fn streamed_answers_can_be_asked_for_again_as_a_whole() {
    let server = Server::start(|_, number| if number < 2 { cut(10, b"half") } else { ok("whole") });
    let client = client(&server.url());
    let body = client.repeat(Ok, || {
        let answer = client.open(Request::get(["x"]))?;
        answer.bytes(100)
    });
    assert_eq!(&body.unwrap()[..], b"whole");
    // What is none of the client's failures ends it at once.
    let mut tries = 0;
    let other: Result<(), String> = client
        .repeat(
            |error: Mine| Err(error),
            || {
                tries += 1;
                Err(Mine("no".to_owned()))
            },
        )
        .map_err(|error| error.0);
    assert_eq!((other, tries), (Err("no".to_owned()), 1));
}

struct Mine(String);

impl From<HttpError> for Mine {
    fn from(error: HttpError) -> Self {
        Self(error.to_string())
    }
}
