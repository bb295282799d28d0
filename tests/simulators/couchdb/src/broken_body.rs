//! Bodies that break off or crawl.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::header::CONTENT_LENGTH;

use crate::http::reply::{Body, Reply};

/// Ends a body after `after` bytes: the connection breaks, or the body seems whole.
pub(crate) fn cut(answer: Reply, after: u64, breaks: bool) -> Reply {
    let (mut parts, body) = answer.into_parts();
    if breaks {
        // The client is promised all of it.
        if let Some(length) = known_size(&body) {
            parts.headers.insert(CONTENT_LENGTH, length.into());
        }
    } else {
        parts.headers.remove(CONTENT_LENGTH);
    }
    let frames = stream::unfold(Some((body, after)), move |state| async move {
        let (mut body, left) = state?;
        if left == 0 {
            let broken = io::Error::new(io::ErrorKind::BrokenPipe, "a scripted fault cut the body");
            return breaks.then_some((Err(broken), None));
        }
        let data = next_data(&mut body).await?;
        match data {
            Err(error) => Some((Err(error), None)),
            Ok(mut data) => {
                data.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                let left = left - data.len() as u64;
                Some((Ok(Frame::data(data)), Some((body, left))))
            }
        }
    });
    Reply::from_parts(parts, StreamBody::new(frames).boxed_unsync())
}

/// Sends a body in pieces of `bytes` with a pause before each.
pub(crate) fn slow(answer: Reply, bytes: usize, pause: Duration) -> Reply {
    let (mut parts, body) = answer.into_parts();
    if let Some(length) = known_size(&body) {
        parts.headers.insert(CONTENT_LENGTH, length.into());
    }
    let frames = stream::unfold((body, Bytes::new()), move |(mut body, mut rest)| async move {
        if rest.is_empty() {
            match next_data(&mut body).await? {
                Ok(data) => rest = data,
                Err(error) => return Some((Err(error), (body, Bytes::new()))),
            }
        }
        tokio::time::sleep(pause).await;
        let piece = rest.split_to(bytes.min(rest.len()));
        Some((Ok(Frame::data(piece)), (body, rest)))
    });
    Reply::from_parts(parts, StreamBody::new(frames).boxed_unsync())
}

/// The size of a body, where it is known beforehand.
fn known_size(body: &Body) -> Option<u64> {
    hyper::body::Body::size_hint(body).exact()
}

async fn next_data(body: &mut Body) -> Option<io::Result<Bytes>> {
    loop {
        match body.frame().await? {
            Err(error) => return Some(Err(error)),
            Ok(frame) => match frame.into_data() {
                Ok(data) if data.is_empty() => {}
                Ok(data) => return Some(Ok(data)),
                Err(_) => {}
            },
        }
    }
}
