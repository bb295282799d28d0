//! Addresses of services: read, shown without anything secret, and extended by paths whose parts may hold any letters.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

use crate::{HttpError, Result};

/// What stands for itself in a part of a path or a query (RFC 3986, section 2.3, "unreserved").
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a service begins: everything it has lies below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Without a slash at the end.
    base: String,
    url: Url,
}

impl Address {
    /// Reads an address. One with a user, a password, a query or a fragment is none: credentials have settings of their own, where
    /// they are kept safe.
    ///
    /// # Errors
    /// When it cannot be the address of a service, and why. The text itself is not repeated: it may hold a password.
    pub fn read(text: &str) -> Result<Self> {
        let bad = |reason| HttpError::BadAddress { reason };
        let url = Url::parse(text.trim()).map_err(|_| bad("is no web address"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("begins neither with https:// nor with http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(HttpError::LoginInAddress);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("may have no ? and no #"));
        }
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { base, url })
    }

    /// The address as it may be shown: it holds no credentials.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.base
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether what is sent can be read on the way: no TLS, and not this computer.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.url.scheme() == "http" && !self.is_here()
    }

    /// Whether it is this computer.
    #[must_use]
    pub fn is_here(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
    }

    /// The address of what lies below at `path`, asked with `query`. No parts: the address itself; one empty part: with a slash behind.
    ///
    /// # Errors
    /// [`HttpError::Unaddressable`] for a part `.` or `..`: no client and no server on the way keeps them.
    pub(crate) fn join(&self, path: &[String], query: &[(String, String)]) -> Result<Url> {
        let mut text = self.base.clone();
        for part in path {
            if part == "." || part == ".." {
                return Err(HttpError::Unaddressable { part: part.clone() });
            }
            text.push('/');
            text.extend(utf8_percent_encode(part, KEPT));
        }
        for (index, (name, value)) in query.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.extend(utf8_percent_encode(name, KEPT));
            text.push('=');
            text.extend(utf8_percent_encode(value, KEPT));
        }
        Url::parse(&text).map_err(|_| HttpError::BadAddress { reason: "is too long" })
    }
}
