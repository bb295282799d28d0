//! An answer whose body is read piece by piece, by blocking calls that end when the job is cancelled.

use std::{
    fmt,
    future::{Future as _, poll_fn},
    io::{self, Read},
    pin::pin,
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    task::Poll,
    time::{Duration, Instant},
};

use backstay_source::Cancel;
use bytes::{Buf as _, Bytes, BytesMut};
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use tokio::task::yield_now;

use crate::{
    HttpError, Result,
    call::{Aborting, LOOK, OpenEnd},
    runtime::spawn,
};

/// The head of an answer, with its body still to be read.
#[derive(Debug)]
pub struct Response {
    status: u16,
    headers: HeaderMap,
    asked: String,
    body: BodyReader,
}

impl Response {
    pub(crate) fn new(
        answer: reqwest::Response,
        open: OpenEnd,
        asked: String,
        place: &str,
        silence: Duration,
        cancel: &Cancel,
    ) -> Self {
        let expected = answer.content_length();
        Self {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            asked,
            body: BodyReader {
                current: Bytes::new(),
                answer: Some(answer),
                end: None,
                coming: None,
                failed: false,
                got: 0,
                expected,
                place: place.to_owned(),
                silence,
                cancel: cancel.clone(),
                _open: open,
            },
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// All headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The text of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Length of the body in bytes, if it was announced.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.body.expected
    }

    /// The body, to be read as it comes. Its errors are [`backstay_source::SourceError`]s inside; [`HttpError::from_io`] gives them back.
    #[must_use]
    pub fn into_reader(self) -> BodyReader {
        self.body
    }

    /// The whole body.
    ///
    /// # Errors
    /// When it has more than `limit` bytes, breaks off, or the job is cancelled.
    pub fn bytes(mut self, limit: u64) -> Result<Bytes> {
        self.body.all(limit)
    }

    /// The whole body, of at most `limit` bytes, read as JSON.
    ///
    /// # Errors
    /// As [`Response::bytes`], and when it is other JSON than `T`.
    pub fn json<T: DeserializeOwned>(mut self, limit: u64) -> Result<T> {
        let bytes = self.body.all(limit)?;
        parse(&bytes, &self.body.place, &self.asked)
    }
}

pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8], place: &str, asked: &str) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| HttpError::BadJson {
        place: place.to_owned(),
        asked: asked.to_owned(),
        reason: error.to_string(),
    })
}

/// Bytes that are handed over at once, when so many are there.
const PIECE: usize = 64 * 1024;

/// How often in a row the next part of a body is looked for before what there is is handed over.
const WAITS: u32 = 3;

/// Some of a body.
struct Piece {
    answer: reqwest::Response,
    bytes: Bytes,
    /// It ended behind these bytes, well or not.
    end: Option<reqwest::Result<()>>,
}

/// Waits for some of the body, and takes what else is there already: services send their answers in very small parts, and handing
/// each to another thread would cost more than all the rest.
async fn gather(mut answer: reqwest::Response) -> Piece {
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    let mut waits = 0;
    let end = loop {
        let some = !first.is_empty() || !all.is_empty();
        let chunk = {
            let mut chunk = pin!(answer.chunk());
            match poll_fn(|context| Poll::Ready(chunk.as_mut().poll(context))).await {
                Poll::Ready(chunk) => chunk,
                Poll::Pending if some && waits >= WAITS => break None,
                // The library reads on only when somebody asks, in a task of its own: let it.
                Poll::Pending if some => {
                    waits += 1;
                    yield_now().await;
                    continue;
                }
                Poll::Pending => chunk.await,
            }
        };
        waits = 0;
        match chunk {
            Ok(None) => break Some(Ok(())),
            Err(error) => break Some(Err(error)),
            Ok(Some(chunk)) if !some => first = chunk,
            Ok(Some(chunk)) => {
                all.extend_from_slice(&first);
                all.extend_from_slice(&chunk);
                first = Bytes::new();
            }
        }
        if first.len() + all.len() >= PIECE {
            break None;
        }
    };
    let bytes = if all.is_empty() { first } else { all.freeze() };
    Piece { answer, bytes, end }
}

/// The body of an answer. Dropping it before its end closes the connection.
pub struct BodyReader {
    current: Bytes,
    /// Between two pieces.
    answer: Option<reqwest::Response>,
    /// How it ended, behind the last piece.
    end: Option<reqwest::Result<()>>,
    /// A piece is being waited for.
    coming: Option<(Receiver<Piece>, Aborting)>,
    failed: bool,
    got: u64,
    expected: Option<u64>,
    place: String,
    silence: Duration,
    cancel: Cancel,
    _open: OpenEnd,
}

impl fmt::Debug for BodyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BodyReader({} bytes read from {})", self.got, self.place)
    }
}

impl BodyReader {
    /// The next piece as it came; `None` at the end.
    ///
    /// # Errors
    /// When the answer breaks off, the service is silent for too long, or the job is cancelled.
    pub fn piece(&mut self) -> Result<Option<Bytes>> {
        if !self.current.is_empty() {
            return Ok(Some(std::mem::take(&mut self.current)));
        }
        if self.failed {
            return Err(self.cut());
        }
        match self.next() {
            Ok(Some(piece)) if piece.is_empty() => self.piece(),
            Err(error) => {
                self.failed = true;
                self.coming = None;
                self.answer = None;
                Err(error)
            }
            piece => piece,
        }
    }

    /// Sets how long the service may say nothing from now on.
    pub fn set_silence(&mut self, most: Duration) {
        self.silence = most;
    }

    fn next(&mut self) -> Result<Option<Bytes>> {
        if self.end.is_some() {
            return self.ended();
        }
        if self.coming.is_none() {
            self.ask()?;
        }
        let Some((coming, _)) = &self.coming else { return Ok(None) };
        let begun = Instant::now();
        let piece = loop {
            if self.cancel.is_cancelled() {
                return Err(HttpError::Cancelled);
            }
            match coming.recv_timeout(LOOK) {
                Ok(piece) => break piece,
                Err(RecvTimeoutError::Disconnected) => return Err(self.cut()),
                Err(RecvTimeoutError::Timeout) if begun.elapsed() > self.silence => {
                    return Err(HttpError::Silent {
                        place: self.place.clone(),
                        after: self.silence,
                    });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        self.coming = None;
        self.got += piece.bytes.len() as u64;
        self.end = piece.end;
        if self.end.is_none() && self.expected != Some(self.got) {
            // The next one comes while the caller works on this one.
            self.answer = Some(piece.answer);
            self.ask()?;
        }
        if piece.bytes.is_empty() {
            return self.ended();
        }
        Ok(Some(piece.bytes))
    }

    /// What the end of the body means.
    fn ended(&mut self) -> Result<Option<Bytes>> {
        match self.end.take() {
            Some(Err(_)) => Err(self.cut()),
            _ if self.expected.is_some_and(|expected| self.got < expected) => Err(self.cut()),
            _ => Ok(None),
        }
    }

    /// Has the next piece fetched, unless that is under way.
    fn ask(&mut self) -> Result<()> {
        let Some(answer) = self.answer.take() else { return Ok(()) };
        let (give, coming) = mpsc::channel();
        let task = spawn(async move {
            let _ = give.send(gather(answer).await);
        })?;
        self.coming = Some((coming, Aborting(task)));
        Ok(())
    }

    fn all(&mut self, limit: u64) -> Result<Bytes> {
        let too_large = |place: &str| HttpError::TooLarge {
            place: place.to_owned(),
            limit,
        };
        if self.expected.is_some_and(|expected| expected > limit) {
            return Err(too_large(&self.place));
        }
        let Some(first) = self.piece()? else { return Ok(Bytes::new()) };
        let mut all = Vec::new();
        let mut piece = first;
        loop {
            if (all.len() + piece.len()) as u64 > limit {
                return Err(too_large(&self.place));
            }
            if all.is_empty() && self.expected == Some(piece.len() as u64) {
                return Ok(piece);
            }
            all.extend_from_slice(&piece);
            match self.piece()? {
                Some(next) => piece = next,
                None => return Ok(all.into()),
            }
        }
    }

    /// The beginning of the body, as far as it comes.
    pub(crate) fn beginning(&mut self, most: usize) -> Bytes {
        let mut all = Vec::new();
        while let Ok(Some(piece)) = self.piece() {
            all.extend_from_slice(&piece);
            if all.len() >= most {
                break;
            }
        }
        all.truncate(most);
        all.into()
    }

    fn cut(&self) -> HttpError {
        HttpError::Cut {
            place: self.place.clone(),
            got: self.got,
            expected: self.expected,
        }
    }
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.current.is_empty() {
            match self.piece().map_err(HttpError::into_io)? {
                Some(piece) => self.current = piece,
                None => return Ok(0),
            }
        }
        let count = buffer.len().min(self.current.len());
        self.current.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}
