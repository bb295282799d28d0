//! Places in the changes feed. Clients get an opaque text; only its leading number may mislead them, as CouchDB's does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::ApiError;

/// What CouchDB's own sequences begin with (a compressed Erlang term).
const OPENING: &str = "g1AAAA";

/// The text for place `seq` of the database that bears `token`.
pub(crate) fn write(seq: u64, token: u32) -> String {
    let mut out = String::with_capacity(48);
    push(&mut out, seq, token);
    out
}

/// Appends the text without quotes.
pub(crate) fn push(out: &mut String, seq: u64, token: u32) {
    let mut raw = [0u8; 12];
    raw[..4].copy_from_slice(&token.to_be_bytes());
    raw[4..].copy_from_slice(&seq.to_be_bytes());
    out.push_str(&seq.to_string());
    out.push('-');
    out.push_str(OPENING);
    URL_SAFE_NO_PAD.encode_string(raw, out);
}

/// Reads what a client gives as `since`. A sequence of another database, or of one that was deleted since, counts from the start: its
/// shards are unknown, and an unknown shard is read anew.
pub(crate) fn read(text: &str, token: u32) -> Result<u64, ApiError> {
    if text == "0" {
        return Ok(0);
    }
    let text = text.trim_matches('"');
    let malformed = || ApiError::bad_request("Malformed sequence supplied in 'since' parameter.");
    let opaque = match text.split_once('-') {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => text,
    };
    let coded = opaque.strip_prefix(OPENING).ok_or_else(malformed)?;
    let raw = URL_SAFE_NO_PAD.decode(coded).map_err(|_| malformed())?;
    let (whose, seq) = raw.split_at_checked(4).ok_or_else(malformed)?;
    let seq: [u8; 8] = seq.try_into().map_err(|_| malformed())?;
    if whose != token.to_be_bytes() {
        return Ok(0);
    }
    Ok(u64::from_be_bytes(seq))
}
