//! Web addresses: what may be shown of them, and where they lead.

use reqwest::{Response, Url, header::LOCATION};

use crate::{Result, TellError};

/// A web address with what may be shown of it. The rest may hold a token.
#[derive(Clone)]
pub(crate) struct Address {
    pub url: Url,
    /// Scheme, host and port.
    pub place: String,
}

impl Address {
    /// Reads an address.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let url = Url::parse(text.trim()).map_err(|_| TellError::BadUrl {
            reason: "it is no web address",
        })?;
        Self::of(url)
    }

    fn of(url: Url) -> Result<Self> {
        if !matches!(url.scheme(), "https" | "http") {
            return Err(TellError::BadUrl {
                reason: "it begins neither with https: nor with http:",
            });
        }
        let place = url.origin().ascii_serialization();
        Ok(Self { url, place })
    }

    /// Whether the address is this computer.
    pub(crate) fn is_here(&self) -> bool {
        is_here(self.url.host_str().unwrap_or_default())
    }

    /// Where a redirect leads, if it may be followed.
    pub(crate) fn follow(&self, response: &Response) -> Result<Self> {
        let refused = |reason| TellError::Redirected {
            place: self.place.clone(),
            reason,
        };
        let location = response.headers().get(LOCATION);
        let next = location
            .and_then(|value| value.to_str().ok())
            .and_then(|text| self.url.join(text).ok())
            .and_then(|url| Self::of(url).ok())
            .ok_or_else(|| refused("it names none"))?;
        if self.url.scheme() == "https" && next.url.scheme() == "http" {
            return Err(refused("it is not safe (http)"));
        }
        Ok(next)
    }

    /// The parts of the address that may be secret: user, password, path and query.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let url = &self.url;
        let path = url.path_segments().into_iter().flatten().map(str::to_owned);
        let query = url.query_pairs().map(|(_, value)| value.into_owned());
        let login = [url.username().to_owned(), url.password().unwrap_or_default().to_owned()];
        let raw = url.query().into_iter().map(str::to_owned);
        path.chain(query).chain(raw).chain(login).collect()
    }
}

/// Whether a host is this computer.
pub(crate) fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}
