//! Credentials: added to every request, renewed once when the service no longer takes them.

use reqwest::header::HeaderMap;

use crate::{Client, Result};

/// What a request was refused with.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// The headers the credentials had added. When others are in use by now, somebody else renewed them already.
    pub with: &'a HeaderMap,
}

/// A way to log in.
pub trait Auth: Send + Sync {
    /// What tells these credentials from others, for the rate budget they share. May be secret: only its hash is kept.
    fn identity(&self) -> String;

    /// Adds the credentials to the headers of a request. `bare` asks the same service without credentials, for those that log in.
    ///
    /// # Errors
    /// When logging in fails.
    fn apply(&self, headers: &mut HeaderMap, bare: &Client) -> Result<()>;

    /// Whether a refusal is about the credentials.
    fn refuses(&self, status: u16, said: &[u8]) -> bool {
        let _ = said;
        status == 401
    }

    /// Asked once when a request was refused for its credentials: `true` when the credentials are new and the request is worth repeating.
    ///
    /// # Errors
    /// When logging in fails.
    fn renew(&self, refused: &Refused<'_>, bare: &Client) -> Result<bool> {
        let _ = (refused, bare);
        Ok(false)
    }

    /// Sees the headers of every answer: services hand out fresh cookies by the way.
    fn seen(&self, headers: &HeaderMap) {
        let _ = headers;
    }
}

/// No credentials.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAuth;

impl Auth for NoAuth {
    fn identity(&self) -> String {
        String::new()
    }
    fn apply(&self, _: &mut HeaderMap, _: &Client) -> Result<()> {
        Ok(())
    }
}
