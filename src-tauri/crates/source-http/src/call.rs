//! One exchange with a service: sends a request, feeds its body, and waits for the head of the answer without being deaf to
//! cancellation.

use std::{
    io::{self, Read},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use backstay_source::Cancel;
use bytes::Bytes;
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::JoinHandle,
};

use crate::{
    Body, HttpError, Result,
    body::{Event, Pipe},
    runtime::spawn,
    words,
};

/// How often a waiting thread looks at the flag.
pub(crate) const LOOK: Duration = Duration::from_millis(50);
/// Bytes of a body that are read at once.
const PIECE: usize = 64 * 1024;
/// Pieces of a body that are on their way at most.
const AHEAD: usize = 8;

/// The open end of a body whose answer came early: dropped with the answer, so that the answer can be read to its end.
pub(crate) type OpenEnd = Option<UnboundedSender<io::Result<Bytes>>>;

/// A request that is being sent.
pub(crate) struct Call<'a> {
    pub client: &'a reqwest::Client,
    pub place: &'a str,
    pub silence: Duration,
    pub cancel: &'a Cancel,
}

impl Call<'_> {
    /// Sends `request` with `body` and waits for the head of the answer.
    pub(crate) fn send(&self, mut request: reqwest::Request, body: &mut Body<'_>) -> Result<(reqwest::Response, OpenEnd)> {
        let (events, happened) = mpsc::channel();
        let mut feed = None;
        match body {
            Body::Empty => {}
            Body::Bytes(bytes) => *request.body_mut() = Some(bytes.clone().into()),
            Body::Stream { length, open } => {
                let content = open().map_err(|error| self.sending(error))?;
                let (pieces, taken) = unbounded_channel();
                *request.body_mut() = Some(reqwest::Body::wrap(Pipe {
                    pieces: taken,
                    events: events.clone(),
                    left: *length,
                }));
                feed = Some(Feed {
                    content,
                    pieces: Some(pieces),
                    left: *length,
                    ahead: 0,
                });
            }
        }
        let client = self.client.clone();
        let task = Aborting(spawn(async move {
            let answer = client.execute(request).await;
            let _ = events.send(Event::Head(answer));
        })?);
        let answer = self.wait(&happened, feed.as_mut())?;
        drop(task);
        Ok((answer, feed.and_then(|feed| feed.pieces)))
    }

    fn wait(&self, happened: &Receiver<Event>, mut feed: Option<&mut Feed<'_>>) -> Result<reqwest::Response> {
        let mut moved = Instant::now();
        loop {
            if let Some(feed) = feed.as_deref_mut()
                && feed.wants()
            {
                feed.give().map_err(|error| self.sending(error))?;
                moved = Instant::now();
            }
            match happened.recv_timeout(if feed.as_ref().is_some_and(|feed| feed.wants()) {
                Duration::ZERO
            } else {
                LOOK
            }) {
                Ok(Event::Head(answer)) => return answer.map_err(|error| self.broken(error)),
                Ok(Event::Taken) => {
                    moved = Instant::now();
                    if let Some(feed) = feed.as_deref_mut() {
                        feed.ahead = feed.ahead.saturating_sub(1);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(HttpError::NoResources {
                        reason: "a task ended early".to_owned(),
                    });
                }
            }
            if self.cancel.is_cancelled() {
                return Err(HttpError::Cancelled);
            }
            if moved.elapsed() > self.silence {
                return Err(HttpError::Silent {
                    place: self.place.to_owned(),
                    after: self.silence,
                });
            }
        }
    }

    fn sending(&self, error: io::Error) -> HttpError {
        HttpError::Sending {
            place: self.place.to_owned(),
            error,
        }
    }

    /// The error for a request without an answer.
    fn broken(&self, error: reqwest::Error) -> HttpError {
        let error = error.without_url();
        let place = self.place.to_owned();
        let reason = words::root(&error);
        if words::causes(&error).any(|cause| cause.is::<rustls::Error>()) {
            HttpError::Tls { place, reason }
        } else {
            let sent = !error.is_connect();
            HttpError::Unreachable { place, reason, sent }
        }
    }
}

/// The end of a streamed body that the calling thread reads from its source.
struct Feed<'a> {
    content: Box<dyn Read + 'a>,
    pieces: OpenEnd,
    left: Option<u64>,
    ahead: usize,
}

impl Feed<'_> {
    fn wants(&self) -> bool {
        self.pieces.is_some() && self.ahead < AHEAD
    }

    /// Reads the next piece and hands it over; at the end, closes the body.
    fn give(&mut self) -> io::Result<()> {
        let Some(pieces) = &self.pieces else { return Ok(()) };
        let mut piece = vec![0; PIECE];
        let got = loop {
            match self.content.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                got => break got,
            }
        };
        let other_length = || io::Error::new(io::ErrorKind::InvalidData, "it has another length than it was said to have");
        let got = got.and_then(|got| match self.left {
            Some(left) if got as u64 > left || (got == 0 && left > 0) => Err(other_length()),
            _ => Ok(got),
        });
        match got {
            Ok(0) => self.pieces = None,
            Ok(got) => {
                piece.truncate(got);
                self.left = self.left.map(|left| left - got as u64);
                self.ahead += 1;
                // The other end is gone when the answer came early or the connection broke: the next event tells.
                let _ = pieces.send(Ok(piece.into()));
            }
            Err(error) => {
                // The service must not take the beginning for the whole.
                let _ = pieces.send(Err(io::Error::other("given up")));
                return Err(error);
            }
        }
        Ok(())
    }
}

/// Ends a task when nobody waits for it any more.
pub(crate) struct Aborting(pub JoinHandle<()>);

impl Drop for Aborting {
    fn drop(&mut self) {
        self.0.abort();
    }
}
