//! What a stand-in is started with.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// What kind of server it plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Apache CouchDB 3.5 with its default configuration.
    #[default]
    CouchDb,
    /// IBM Cloudant: smaller limits, 429 beyond the provisioned rates, IAM tokens, no configuration addresses.
    Cloudant,
}

/// Requests a second by class, as Cloudant provisions them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Reads of documents, one by one.
    pub lookups: u32,
    /// Writes of documents, one by one.
    pub writes: u32,
    /// `_all_docs`, `_changes`, `_find` and the like.
    pub queries: u32,
}

impl Default for Rates {
    /// The smallest paid size of the documentation.
    fn default() -> Self {
        Self {
            lookups: 100,
            writes: 50,
            queries: 5,
        }
    }
}

/// Certificate and key of the server, both PEM.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The certificate, followed by those it was signed with.
    pub certificates: String,
    /// The private key.
    pub key: String,
}

/// What a stand-in is started with. The default is CouchDB on a free port with the administrator `admin`, password `password`.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it listens; port 0 takes a free one.
    pub address: SocketAddr,
    /// The kind of server.
    pub profile: Profile,
    /// Administrators and their passwords. Without any, everyone is one ("admin party", which CouchDB gave up with 3.0).
    pub admins: BTreeMap<String, String>,
    /// How long a cookie is good (CouchDB: 10 minutes).
    pub session: Duration,
    /// The secret of HS256 tokens; without one, tokens are not looked at.
    pub jwt_secret: Option<String>,
    /// The secret of proxy authentication; without one, its headers are not looked at.
    pub proxy_secret: Option<String>,
    /// API keys that the IAM endpoint of the Cloudant profile knows.
    pub api_keys: Vec<String>,
    /// How long an IAM token is good (IBM: an hour).
    pub iam_token: Duration,
    /// Provisioned rates of the Cloudant profile; without, nothing is refused.
    pub rates: Option<Rates>,
    /// Largest document in bytes, attachments not counted.
    pub max_document: u64,
    /// Largest attachment in bytes.
    pub max_attachment: u64,
    /// Largest request in bytes.
    pub max_request: u64,
    /// Speaks TLS with this certificate.
    pub tls: Option<Tls>,
    /// What the header `X-Standin-Control` must say to reach the addresses below `/_standin`.
    pub control: String,
    /// Threads that serve.
    pub threads: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            profile: Profile::CouchDb,
            admins: BTreeMap::from([("admin".to_owned(), "password".to_owned())]),
            session: Duration::from_secs(600),
            jwt_secret: None,
            proxy_secret: None,
            api_keys: Vec::new(),
            iam_token: Duration::from_secs(3600),
            rates: None,
            max_document: 8_000_000,
            max_attachment: 1 << 30,
            max_request: 4 << 30,
            tls: None,
            control: "standin".to_owned(),
            threads: 2,
        }
    }
}

impl Config {
    /// Cloudant with its documented limits, one API key (`api-key`) and no limit of rates.
    #[must_use]
    pub fn cloudant() -> Self {
        Self {
            profile: Profile::Cloudant,
            api_keys: vec!["api-key".to_owned()],
            max_document: 1 << 20,
            max_attachment: 10 << 20,
            max_request: 64 << 20,
            ..Self::default()
        }
    }

    /// Everyone is an administrator.
    #[must_use]
    pub fn admin_party() -> Self {
        Self {
            admins: BTreeMap::new(),
            ..Self::default()
        }
    }
}
