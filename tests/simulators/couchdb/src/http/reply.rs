//! Answers: whole ones, and ones that are made while they are sent.

use std::convert::Infallible;
use std::io::{self, Read};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;

use crate::error::ApiError;

/// The body of an answer.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;
/// An answer.
pub(crate) type Reply = Response<Body>;
/// What a handler gives back.
pub(crate) type Outcome = Result<Reply, ApiError>;

/// Bytes of an answer that are sent at once.
pub(crate) const PIECE: usize = 64 << 10;

/// A body that is there already.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}

/// An answer of any type.
pub(crate) fn reply(status: u16, kind: &str, body: Body) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    set(&mut reply, CONTENT_TYPE, kind);
    reply
}

/// A JSON answer; CouchDB ends it with a line break.
pub(crate) fn json(status: u16, mut text: String) -> Reply {
    text.push('\n');
    reply(status, "application/json", full(text))
}

/// `{"ok":true}`.
pub(crate) fn ok(status: u16) -> Reply {
    json(status, "{\"ok\":true}".to_owned())
}

/// A refusal.
pub(crate) fn refusal(error: &ApiError) -> Reply {
    let mut answer = reply(error.status, "application/json", full(error.body()));
    if let Some(allow) = error.allow {
        set(&mut answer, hyper::header::ALLOW, allow);
    }
    answer
}

/// Sets a header; what cannot stand in one is left out.
pub(crate) fn set(reply: &mut Reply, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        reply.headers_mut().insert(name, value);
    }
}

/// The sending side of an answer that is made while it is sent.
pub(crate) struct Sender {
    channel: mpsc::Sender<io::Result<Bytes>>,
    pub(crate) buffer: String,
}

/// The client has gone.
#[derive(Debug)]
pub(crate) struct Gone;

impl Sender {
    /// Sends what was gathered when it is enough.
    pub(crate) async fn flush_if_full(&mut self) -> Result<(), Gone> {
        if self.buffer.len() >= PIECE {
            self.flush().await
        } else {
            Ok(())
        }
    }

    /// Sends what was gathered.
    pub(crate) async fn flush(&mut self) -> Result<(), Gone> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = std::mem::take(&mut self.buffer);
        self.buffer.reserve(PIECE);
        self.send(piece.into()).await
    }

    pub(crate) async fn send(&mut self, piece: Bytes) -> Result<(), Gone> {
        self.channel.send(Ok(piece)).await.map_err(|_| Gone)
    }

    /// Waits until the client goes away.
    pub(crate) async fn gone(&self) {
        self.channel.closed().await;
    }

    /// Ends the answer in the middle.
    pub(crate) async fn fail(self, error: io::Error) {
        // When the client is gone there is nobody to tell.
        let _ = self.channel.send(Err(error)).await;
    }

    /// Sends everything a reader gives.
    pub(crate) async fn copy(&mut self, mut from: Box<dyn Read + Send>) -> Result<(), Gone> {
        self.flush().await?;
        loop {
            match read_piece(&mut from) {
                Ok(piece) if piece.is_empty() => return Ok(()),
                Ok(piece) => self.send(piece).await?,
                Err(error) => {
                    let _ = self.channel.send(Err(error)).await;
                    return Err(Gone);
                }
            }
        }
    }
}

fn read_piece(from: &mut Box<dyn Read + Send>) -> io::Result<Bytes> {
    let mut piece = vec![0; PIECE];
    let mut filled = 0;
    while filled < piece.len() {
        match from.read(&mut piece[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    piece.truncate(filled);
    Ok(piece.into())
}

/// A body and the side that fills it.
pub(crate) fn channel() -> (Sender, Body) {
    let (sender, receiver) = mpsc::channel(4);
    let frames = stream::unfold(receiver, |mut receiver: mpsc::Receiver<io::Result<Bytes>>| async {
        let piece = receiver.recv().await?;
        Some((piece.map(Frame::data), receiver))
    });
    let sender = Sender {
        channel: sender,
        buffer: String::with_capacity(PIECE + 4096),
    };
    (sender, StreamBody::new(frames).boxed_unsync())
}

/// An answer whose body a reader gives; `length` where it is known.
pub(crate) fn from_reader(status: u16, kind: &str, from: Box<dyn Read + Send>, length: Option<u64>) -> Reply {
    let frames = stream::unfold(Some(from), |from| async {
        let mut from = from?;
        match read_piece(&mut from) {
            Ok(piece) if piece.is_empty() => None,
            Ok(piece) => Some((Ok(Frame::data(piece)), Some(from))),
            Err(error) => Some((Err(error), None)),
        }
    });
    let mut answer = reply(status, kind, StreamBody::new(frames).boxed_unsync());
    if let Some(length) = length {
        set(&mut answer, CONTENT_LENGTH, &length.to_string());
    }
    answer
}
