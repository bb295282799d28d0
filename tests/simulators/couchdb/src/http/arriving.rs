//! The body of a request while it arrives: counted, and read to its end even when nobody wants the rest.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::counters::Cell;
use crate::error::ApiError;

/// Bytes of a refused body that are still read, so that the client gets the refusal and not a broken connection.
const PATIENCE: u64 = 256 << 20;

/// A body that arrives.
pub(crate) struct Arriving {
    body: Option<Incoming>,
    cell: Arc<Cell>,
}

impl Arriving {
    pub(crate) fn new(body: Incoming, cell: Arc<Cell>) -> Self {
        let body = (!body.is_end_stream()).then_some(body);
        Self { body, cell }
    }

    /// At least so many bytes come.
    pub(crate) fn announced(&self) -> u64 {
        self.body.as_ref().map_or(0, |body| body.size_hint().lower())
    }

    /// The next bytes; nothing at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        while let Some(body) = &mut self.body {
            match body.frame().await {
                None => self.body = None,
                Some(Err(_)) => {
                    self.body = None;
                    return Err(ApiError::bad_request("The connection broke"));
                }
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.cell.received(data.len() as u64);
                        return Ok(Some(data));
                    }
                }
            }
        }
        Ok(None)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let (Some(mut body), Ok(runtime)) = (self.body.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let cell = Arc::clone(&self.cell);
        runtime.spawn(async move {
            let mut rest = 0;
            while let Some(Ok(frame)) = body.frame().await {
                let length = frame.data_ref().map_or(0, Bytes::len) as u64;
                cell.received(length);
                rest += length;
                if rest > PATIENCE {
                    break;
                }
            }
        });
    }
}
