//! Answers that are read as they come.

use std::{
    io::Read,
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use backstay_model::ErrorKind;
use backstay_source::{Cancel, SourceError};
use backstay_source_http::{Client, HttpError, NoAuth, Request, Settings};

use crate::{
    client,
    server::{Act, Server, answer, cut, ok},
    settings,
};

fn slow(pieces: usize, pause: Duration) -> Vec<Act> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", pieces * 4);
    let mut acts = vec![Act::Say(head.into_bytes())];
    for _ in 0..pieces {
        acts.push(Act::Wait(pause));
        acts.push(Act::Say(b"tick".to_vec()));
    }
    acts
}

#[test]
fn a_body_may_take_as_long_as_it_likes_while_something_comes() {
    let server = Server::start(|_, _| slow(8, Duration::from_millis(60)));
    let settings = Settings {
        silence: Duration::from_millis(200),
        ..settings()
    };
    let client = Client::new(&server.url(), settings, Arc::new(NoAuth)).unwrap();
    let begun = Instant::now();
    let mut text = String::new();
    let answer = client.open(Request::get(["x"])).unwrap();
    assert_eq!(answer.length(), Some(32));
    answer.into_reader().read_to_string(&mut text).unwrap();
    assert_eq!(text, "tick".repeat(8));
    assert!(
        begun.elapsed() > settings_silence(),
        "longer than the silence allowed: {:?}",
        begun.elapsed()
    );
}

fn settings_silence() -> Duration {
    Duration::from_millis(200)
}

#[test]
fn a_body_that_falls_silent_is_an_error_that_may_pass() {
    let server = Server::start(|_, _| {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbeginning".to_vec();
        vec![Act::Say(head), Act::Hang]
    });
    let client = client(&server.url());
    let mut body = client
        .open(Request::get(["x"]).silence(Duration::from_millis(150)))
        .unwrap()
        .into_reader();
    let mut text = String::new();
    let begun = Instant::now();
    let error = body.read_to_string(&mut text).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(1));
    let error = HttpError::from_io("it", error);
    assert!(matches!(error, HttpError::Silent { .. }), "{error:?}");
    assert!(error.is_temporary());
}

#[test]
fn a_body_shorter_than_announced_is_never_taken_for_whole() {
    let server = Server::start(|_, _| cut(100, b"beginning"));
    let client = client(&server.url());
    let mut body = client.open(Request::get(["x"])).unwrap().into_reader();
    let mut bytes = Vec::new();
    let error = body.read_to_end(&mut bytes).unwrap_err();
    assert_eq!(bytes, b"beginning");
    let error = HttpError::from_io("it", error);
    assert!(
        matches!(
            error,
            HttpError::Cut {
                got: 9,
                expected: Some(100),
                ..
            }
        ),
        "{error:?}"
    );
    // Reading on gives the error again and no end.
    assert!(body.read(&mut [0; 10]).is_err());
}

#[test]
fn the_class_of_an_error_survives_the_way_through_a_reader() {
    let server = Server::start(|_, _| cut(100, b"beginning"));
    let mut body = client(&server.url()).open(Request::get(["x"])).unwrap().into_reader();
    let error = std::io::copy(&mut body, &mut std::io::sink()).unwrap_err();
    let shown = SourceError::io("an attachment", error);
    assert_eq!(shown.kind, ErrorKind::Unreachable);
    assert_ne!(shown.retry, backstay_model::Retry::Final);
    assert!(shown.subject.starts_with("http://127.0.0.1"), "{shown}");
}

#[test]
fn reading_a_body_ends_when_the_job_is_cancelled_and_the_connection_with_it() {
    let server = Server::start(|_, _| {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ntick\r\n".to_vec();
        let mut acts = vec![Act::Say(head), Act::Wait(Duration::from_millis(300))];
        acts.extend((0..100).flat_map(|_| [Act::Say(b"4\r\ntick\r\n".to_vec()), Act::Wait(Duration::from_millis(5))]));
        acts
    });
    let cancel = Cancel::default();
    let client = client(&server.url()).with_cancel(&cancel);
    let mut body = client.open(Request::get(["x"])).unwrap().into_reader();
    let mut tick = [0; 4];
    body.read_exact(&mut tick).unwrap();
    let begun = Instant::now();
    let flag = cancel.clone();
    let waker = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        flag.cancel();
    });
    let error = HttpError::from_io("it", body.read(&mut tick).unwrap_err());
    assert!(matches!(error, HttpError::Cancelled), "{error:?}");
    assert!(begun.elapsed() < Duration::from_millis(250), "{:?}", begun.elapsed());
    waker.join().unwrap();
    drop(body);
    let begun = Instant::now();
    while server.dropped.load(Ordering::Relaxed) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(3), "the server still sends to somebody");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_is_read_into_memory_has_a_limit() {
    let server = Server::start(|seen, _| {
        if seen.target == "/told" {
            return answer(200, &[], &[b'x'; 3000]);
        }
        let chunk = [b"3e8\r\n".as_slice(), &[b'x'; 1000], b"\r\n"].concat();
        let mut acts = vec![Act::Say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec())];
        acts.extend((0..100).map(|_| Act::Say(chunk.clone())));
        acts
    });
    for path in ["told", "untold"] {
        let error = client(&server.url()).read(Request::get([path]), 2500).unwrap_err();
        assert!(matches!(error, HttpError::TooLarge { limit: 2500, .. }), "{error:?}");
        assert_eq!(error.kind(), ErrorKind::Limit);
    }
    assert_eq!(server.count(), 2, "and is not asked for again");
}

#[test]
fn a_large_body_comes_whole_and_the_connection_is_used_again() {
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let expected = large.clone();
    let server = Server::start(move |_, _| answer(200, &[], &large));
    let client = client(&server.url());
    for _ in 0..3 {
        let mut bytes = Vec::new();
        client
            .open(Request::get(["x"]))
            .unwrap()
            .into_reader()
            .read_to_end(&mut bytes)
            .unwrap();
        assert!(bytes == expected);
        let (_, bytes) = client.read(Request::get(["x"]), 10_000_000).unwrap();
        assert!(bytes == expected);
    }
    assert_eq!(server.connections.load(Ordering::Relaxed), 1);
}

#[test]
fn json_that_is_other_than_agreed_is_said_so() {
    let server = Server::start(|seen, _| ok(if seen.target.starts_with("/good") { "[1,2]" } else { "<html>" }));
    let client = client(&server.url());
    let good: Vec<u8> = client.json(Request::get(["good"]), 100).unwrap();
    assert_eq!(good, [1, 2]);
    let error = client
        .json::<Vec<u8>>(Request::get(["bad"]).query("token", "hush"), 100)
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("GET /bad") && !text.contains("hush"), "{text}");
}

#[test]
fn an_open_answer_holds_nobody_up() {
    let server = Server::start(|seen, _| {
        if seen.target == "/feed" {
            let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ntick\r\n".to_vec();
            return vec![Act::Say(head), Act::Hang];
        }
        ok("{}")
    });
    let settings = Settings {
        rate: backstay_source_http::Rate {
            at_once: 1,
            per_second: None,
        },
        ..settings()
    };
    let client = Client::new(&server.url(), settings, Arc::new(NoAuth)).unwrap();
    let feed = client.open(Request::get(["feed"])).unwrap();
    client.read(Request::get(["x"]), 10).unwrap();
    drop(feed);
}

#[test]
fn an_answer_in_very_many_small_parts_comes_whole_and_what_came_before_a_break_too() {
    let server = Server::start(|seen, _| {
        let mut text = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        for number in 0..20_000 {
            text.extend_from_slice(format!("6\r\n{number:05}\n\r\n").as_bytes());
        }
        if seen.target == "/whole" {
            text.extend_from_slice(b"0\r\n\r\n");
            return vec![Act::Say(text)];
        }
        // Some of it may be on its way when the connection ends: what counts is that the end is no end.
        vec![Act::Say(text), Act::Wait(Duration::from_millis(100)), Act::Close]
    });
    let client = client(&server.url());
    let expected: String = (0..20_000).map(|number| format!("{number:05}\n")).collect();
    let (_, whole) = client.read(Request::get(["whole"]), 1 << 20).unwrap();
    assert!(whole == expected);
    let mut pieces = 0;
    let mut body = client.open(Request::get(["cut"])).unwrap().into_reader();
    let mut text = Vec::new();
    let error = loop {
        match body.piece() {
            Ok(Some(piece)) => text.extend_from_slice(&piece),
            Ok(None) => panic!("a cut body has no end"),
            Err(error) => break error,
        }
        pieces += 1;
    };
    assert!(matches!(error, HttpError::Cut { got: 120_000, .. }), "{error:?}");
    assert!(text == expected.as_bytes());
    assert!(pieces < 2_000, "{pieces} pieces for 20000 parts");
}
