//! Bodies that are streamed out.

use std::{
    io::{self, Cursor, Read},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use backstay_model::ErrorKind;
use backstay_source::{Cancel, SourceError};
use backstay_source_http::{HeaderValue, HttpError, Request};

use crate::{
    client,
    server::{Act, Server, answer, ok},
};

const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 253) as u8).collect()
}

#[test]
fn a_stream_arrives_whole_with_and_without_a_length() {
    let server = Server::start(|_, _| ok("{}"));
    let all = content(1_500_000);
    for length in [Some(all.len() as u64), None] {
        let all = all.clone();
        let request = Request::put(["x"]).stream(BYTES, length, move || Ok(Box::new(Cursor::new(all.clone()))));
        client(&server.url()).read(request, 10).unwrap();
    }
    let seen = server.seen();
    assert!(seen.iter().all(|seen| seen.body == all));
    assert_eq!(seen[0].header("content-length"), Some("1500000"));
    assert_eq!(seen[1].header("transfer-encoding"), Some("chunked"));
    assert_eq!(seen[1].header("content-type"), Some("application/octet-stream"));
}

#[test]
fn a_stream_is_opened_again_for_every_try() {
    let server = Server::start(|_, number| if number < 2 { answer(503, &[], b"") } else { ok("{}") });
    let opened = Arc::new(AtomicUsize::new(0));
    let count = opened.clone();
    let request = Request::put(["x"]).stream(BYTES, Some(5), move || {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Cursor::new(b"hello")))
    });
    client(&server.url()).read(request, 10).unwrap();
    assert_eq!(opened.load(Ordering::Relaxed), 3);
    assert!(server.seen().iter().all(|seen| seen.body == b"hello"));
}

#[test]
fn a_stream_that_can_be_read_once_is_sent_once() {
    let server = Server::start(|_, _| answer(503, &[("retry-after", "0")], b""));
    let request = Request::put(["x"]).stream_once(BYTES, Some(5), Cursor::new(b"hello"));
    let error = client(&server.url()).read(request, 10).unwrap_err();
    assert_eq!(error.refusal().unwrap().0, 503);
    assert_eq!(server.count(), 1);
}

/// Breaks after some bytes.
struct Breaks(usize);

impl Read for Breaks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other(SourceError::new(
                ErrorKind::Damaged,
                "the pack",
                "is damaged",
            )));
        }
        let count = buffer.len().min(self.0);
        self.0 -= count;
        Ok(count)
    }
}

#[test]
fn a_content_that_cannot_be_read_is_its_own_error_and_never_a_whole_request() {
    let server = Server::start(|_, _| ok("{}"));
    for length in [Some(1_000_000), None] {
        let request = Request::put(["x"]).stream(BYTES, length, || Ok(Box::new(Breaks(100_000))));
        let error = client(&server.url()).read(request, 10).unwrap_err();
        assert!(matches!(error, HttpError::Sending { .. }), "{error:?}");
        let shown = SourceError::from(error);
        assert_eq!((shown.kind, shown.subject.as_str()), (ErrorKind::Damaged, "the pack"));
    }
    thread::sleep(Duration::from_millis(50));
    assert_eq!(server.count(), 0, "the server never saw a whole request");
}

#[test]
fn a_content_of_another_length_than_said_is_an_error() {
    let server = Server::start(|_, _| ok("{}"));
    for length in [4, 6] {
        let request = Request::put(["x"]).stream(BYTES, Some(length), || Ok(Box::new(Cursor::new(b"hello"))));
        let error = client(&server.url()).read(request, 10).unwrap_err();
        assert!(error.to_string().contains("another length"), "{error}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn a_refusal_in_the_middle_of_a_stream_is_heard() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        use std::io::Write as _;
        let (mut stream, _) = listener.accept().unwrap();
        let mut begin = [0; 1000];
        let _ = stream.read(&mut begin).unwrap();
        stream
            .write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 15\r\n\r\n{\"error\":\"big\"}")
            .unwrap();
        // Takes what still comes, as servers do that want their answer read.
        let mut rest = [0; 65536];
        stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        while let Ok(1..) = stream.read(&mut rest) {}
    });
    let request = Request::put(["x"]).stream(BYTES, Some(1 << 40), || Ok(Box::new(io::repeat(7))));
    let error = client(&url).read(request, 10).unwrap_err();
    let (status, said) = error.refusal().unwrap();
    assert_eq!((status, &said[..]), (413, &b"{\"error\":\"big\"}"[..]));
    server.join().unwrap();
}

#[test]
fn sending_ends_when_the_job_is_cancelled() {
    let server = Server::start(|_, _| vec![Act::Hang]);
    let cancel = Cancel::default();
    let client = client(&server.url()).with_cancel(&cancel);
    let begun = Instant::now();
    let waker = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        cancel.cancel();
    });
    let request = Request::put(["x"]).stream(BYTES, None, || Ok(Box::new(io::repeat(7))));
    let error = client.read(request, 10).unwrap_err();
    assert!(matches!(error, HttpError::Cancelled), "{error:?}");
    assert!(begun.elapsed() < Duration::from_millis(300), "{:?}", begun.elapsed());
    waker.join().unwrap();
}
