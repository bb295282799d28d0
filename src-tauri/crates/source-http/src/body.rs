//! What a request carries: nothing, bytes, or a stream that is read while it is sent.

use std::{
    fmt,
    io::{self, Read},
    pin::Pin,
    sync::mpsc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc::UnboundedReceiver;

/// Opens a streamed body anew for every try.
pub type Reopen<'a> = Box<dyn FnMut() -> io::Result<Box<dyn Read + 'a>> + 'a>;

/// The body of a request.
#[derive(Default)]
pub enum Body<'a> {
    /// None.
    #[default]
    Empty,
    /// Bytes in memory.
    Bytes(Bytes),
    /// A stream, read by the thread that sends the request.
    Stream {
        /// Its length in bytes, which it must have exactly; without it the body is sent in chunks.
        length: Option<u64>,
        /// Opens it from its beginning.
        open: Reopen<'a>,
    },
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Stream { length, .. } => write!(f, "Stream({length:?})"),
        }
    }
}

/// Something happened to a request on its way.
pub(crate) enum Event {
    /// The answer began, or there will be none.
    Head(reqwest::Result<reqwest::Response>),
    /// A piece of the body was taken.
    Taken,
}

/// The end of a streamed body that the HTTP library reads.
pub(crate) struct Pipe {
    pub pieces: UnboundedReceiver<io::Result<Bytes>>,
    pub events: mpsc::Sender<Event>,
    pub left: Option<u64>,
}

impl http_body::Body for Pipe {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.pieces.poll_recv(context).map(|piece| {
            let piece = piece?;
            // Nobody waits for it any more: the request is being given up.
            let _ = self.events.send(Event::Taken);
            Some(piece.map(|bytes| {
                let taken = bytes.len() as u64;
                self.left = self.left.map(|left| left.saturating_sub(taken));
                Frame::data(bytes)
            }))
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map(SizeHint::with_exact).unwrap_or_default()
    }
}
