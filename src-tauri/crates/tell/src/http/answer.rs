//! What a receiver says when it refuses: a status, a pause, and the beginning of its text.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{Response, header::RETRY_AFTER};
use tokio::time;

use super::{Address, Request};
use crate::{Result, TellError, text};

/// Bytes of an answer that are read.
const MOST_BYTES: usize = 1024;
/// How long the text may take once the status is there.
const TEXT: Duration = Duration::from_secs(2);
/// Letters of it that are kept.
const MOST_LETTERS: usize = 200;

/// The status of a success, or the error for any other answer.
pub(super) async fn judged(address: &Address, mut response: Response, request: &Request) -> Result<u16> {
    let status = response.status();
    let after = pause(&response, Utc::now());
    let text = beginning(&mut response).await;
    let status = match (status.is_success(), (request.judge)(&text)) {
        (true, None) => return Ok(status.as_u16()),
        (true, Some(meant)) => meant,
        (false, _) => status.as_u16(),
    };
    let said = text::without(&text, &request.secrets);
    Err(TellError::Refused {
        place: address.place.clone(),
        status,
        // A page for browsers says nothing to people who read one line.
        answer: if said.trim_start().starts_with('<') {
            String::new()
        } else {
            text::line(&said, MOST_LETTERS)
        },
        after,
    })
}

/// The beginning of the text. The status is known: a text that breaks off or hangs adds what there is of it, and must not have
/// the message sent again.
async fn beginning(response: &mut Response) -> String {
    let mut bytes = Vec::new();
    let read = async {
        while let Ok(Some(part)) = response.chunk().await {
            bytes.extend_from_slice(&part);
            if bytes.len() >= MOST_BYTES {
                break;
            }
        }
    };
    let _ = time::timeout(TEXT, read).await;
    bytes.truncate(MOST_BYTES);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The pause the receiver asks for: seconds or a date (RFC 9110, section 10.2.3).
fn pause(response: &Response, now: DateTime<Utc>) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    Some((date.to_utc() - now).to_std().unwrap_or_default())
}
