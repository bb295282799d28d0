//! As a proxy that vouches for the user: three headers, the third one an HMAC of the name with the secret both know.

use std::sync::atomic::{AtomicBool, Ordering};

use backstay_source_http::{Auth, Client, HeaderMap, HeaderName, Hidden, HttpError, Refused};
use hmac::{Hmac, KeyInit as _, Mac as _};

use super::set;

const USER: HeaderName = HeaderName::from_static("x-auth-couchdb-username");
const ROLES: HeaderName = HeaderName::from_static("x-auth-couchdb-roles");
const TOKEN: HeaderName = HeaderName::from_static("x-auth-couchdb-token");

pub(super) struct Proxy {
    user: String,
    roles: String,
    secret: Hidden,
    sha1: String,
    sha256: String,
    /// SHA-1 is what every server took before it could be chosen; one that refuses it is tried with the other.
    newer: AtomicBool,
}

impl Proxy {
    pub(super) fn new(user: &str, roles: &str, secret: &Hidden) -> Self {
        let key = secret.reveal().as_bytes();
        let sha1 = Hmac::<sha1::Sha1>::new_from_slice(key).map(|mac| hex::encode(mac.chain_update(user).finalize().into_bytes()));
        let sha256 =
            Hmac::<sha2::Sha256>::new_from_slice(key).map(|mac| hex::encode(mac.chain_update(user).finalize().into_bytes()));
        Self {
            user: user.to_owned(),
            roles: roles.to_owned(),
            secret: secret.clone(),
            // Keys of any length are taken.
            sha1: sha1.unwrap_or_default(),
            sha256: sha256.unwrap_or_default(),
            newer: AtomicBool::new(false),
        }
    }
}

impl Auth for Proxy {
    fn identity(&self) -> String {
        format!("{}:{}:{}", self.user, self.roles, self.secret.reveal())
    }

    fn apply(&self, headers: &mut HeaderMap, _: &Client) -> Result<(), HttpError> {
        set(headers, USER, &self.user)?;
        set(headers, ROLES, &self.roles)?;
        if self.secret.is_empty() {
            return Ok(());
        }
        let token = if self.newer.load(Ordering::Relaxed) {
            &self.sha256
        } else {
            &self.sha1
        };
        set(headers, TOKEN, token)
    }

    fn renew(&self, refused: &Refused<'_>, _: &Client) -> Result<bool, HttpError> {
        let older = refused
            .with
            .get(TOKEN)
            .is_some_and(|token| token.as_bytes() == self.sha1.as_bytes());
        if older {
            self.newer.store(true, Ordering::Relaxed);
        }
        Ok(older)
    }
}
