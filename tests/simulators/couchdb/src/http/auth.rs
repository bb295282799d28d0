//! Who asks, and what they may: basic, cookie, JWT, proxy and IAM authentication; `_security` of databases.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::request::{Request, User};
use crate::config::{Config, Profile};
use crate::error::ApiError;
use crate::json::Members;
use crate::server::Server;
use crate::store::database::Database;

/// Cookies and tokens that were given out.
pub(crate) struct Sessions {
    secret: Mutex<[u8; 16]>,
    tokens: Mutex<HashMap<String, Instant>>,
}

impl Sessions {
    pub(crate) fn new() -> Self {
        Self {
            secret: Mutex::new(rand::random()),
            tokens: Mutex::default(),
        }
    }

    /// Makes every cookie and token worthless.
    pub(crate) fn forget(&self) {
        *self.secret.lock() = rand::random();
        self.tokens.lock().clear();
    }

    /// The cookie of a user: name, time and a signature over both.
    pub(crate) fn cookie(&self, config: &Config, name: &str) -> String {
        let value = self.sign(name, chrono::Utc::now().timestamp_millis());
        let age = config.session.as_secs();
        format!("AuthSession={value}; Version=1; Max-Age={age}; Path=/; HttpOnly")
    }

    fn sign(&self, name: &str, at: i64) -> String {
        let text = format!("{name}:{at:X}");
        let signature = hex::encode(hmac_sha256(&*self.secret.lock(), text.as_bytes()));
        URL_SAFE_NO_PAD.encode(format!("{text}:{signature}"))
    }

    /// Name and age of a cookie; nothing when its signature is another server's.
    fn check(&self, value: &str) -> Result<Option<(String, Duration)>, ApiError> {
        let malformed = || ApiError::bad_request("Malformed AuthSession cookie. Please clear your cookies.");
        let value = value.trim_matches('"');
        let text = URL_SAFE_NO_PAD.decode(value).ok().and_then(|raw| String::from_utf8(raw).ok());
        let text = text.ok_or_else(malformed)?;
        let mut parts = text.rsplitn(3, ':');
        let (Some(_), Some(at), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed());
        };
        let at = i64::from_str_radix(at, 16).map_err(|_| malformed())?;
        if self.sign(name, at) != value {
            return Ok(None);
        }
        let age = chrono::Utc::now().timestamp_millis() - at;
        Ok(Some((
            name.to_owned(),
            Duration::from_millis(u64::try_from(age).unwrap_or(0)),
        )))
    }

    /// A new cookie for one that has used up a tenth of its time, as CouchDB renews them.
    pub(crate) fn renewal(&self, config: &Config, request: &Request) -> Option<String> {
        if request.user.handler != Some("cookie") {
            return None;
        }
        let (name, age) = self.check(&session_cookie(request)?).ok().flatten()?;
        (age * 10 > config.session).then(|| self.cookie(config, &name))
    }

    /// A Bearer token of the IAM endpoint.
    pub(crate) fn new_token(&self, life: Duration) -> String {
        let token = format!("iam-{}", uuid::Uuid::new_v4().simple());
        self.tokens.lock().insert(token.clone(), Instant::now() + life);
        token
    }

    fn token_is_good(&self, token: &str) -> bool {
        self.tokens.lock().get(token).is_some_and(|until| Instant::now() < *until)
    }
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    // A key of any length is taken.
    Hmac::<Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        },
    )
}

fn hmac_sha1(key: &[u8], text: &[u8]) -> Vec<u8> {
    Hmac::<Sha1>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        },
    )
}

/// The value of the cookie `AuthSession`; an empty one counts as none.
fn session_cookie(request: &Request) -> Option<String> {
    let cookies = request.header("cookie")?;
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.find(|(name, _)| *name == "AuthSession")?.1;
    (!value.is_empty()).then(|| value.to_owned())
}

impl Server {
    /// Who asks. Nobody in particular is fine; wrong credentials are not.
    pub(crate) fn authenticate(&self, request: &Request) -> Result<User, ApiError> {
        if self.config.admins.is_empty() {
            return Ok(User {
                name: None,
                roles: vec!["_admin".to_owned()],
                handler: None,
            });
        }
        if let Some(user) = self.by_cookie(request)? {
            return Ok(user);
        }
        if let Some(value) = request.header("authorization") {
            let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
            if scheme.eq_ignore_ascii_case("basic") {
                return self.by_basic(rest.trim());
            }
            if scheme.eq_ignore_ascii_case("bearer") {
                return self.by_bearer(rest.trim());
            }
        }
        Ok(self.by_proxy(request).unwrap_or_default())
    }

    fn by_cookie(&self, request: &Request) -> Result<Option<User>, ApiError> {
        let Some(value) = session_cookie(request) else {
            return Ok(None);
        };
        // A cookie that is too old, or signed before a restart, counts as none.
        let Some((name, age)) = self.sessions.check(&value)? else {
            return Ok(None);
        };
        if age >= self.config.session {
            return Ok(None);
        }
        let roles = self.roles(&name);
        Ok(roles.map(|roles| User {
            name: Some(name),
            roles,
            handler: Some("cookie"),
        }))
    }

    fn by_basic(&self, coded: &str) -> Result<User, ApiError> {
        let wrong = || ApiError::unauthorized("Name or password is incorrect.");
        let text = STANDARD.decode(coded).ok().and_then(|raw| String::from_utf8(raw).ok());
        let text = text.ok_or_else(|| ApiError::bad_request("Authorization header has invalid base64 value"))?;
        let (name, password) = text.split_once(':').ok_or_else(wrong)?;
        let roles = self.login(name, password).ok_or_else(wrong)?;
        Ok(User {
            name: Some(name.to_owned()),
            roles,
            handler: Some("default"),
        })
    }

    fn by_bearer(&self, token: &str) -> Result<User, ApiError> {
        if self.config.profile == Profile::Cloudant {
            if self.sessions.token_is_good(token) {
                return Ok(User {
                    name: Some("ServiceId".to_owned()),
                    roles: vec!["_admin".to_owned()],
                    handler: Some("iam"),
                });
            }
            return Err(ApiError::unauthorized("Token is expired or invalid"));
        }
        match &self.config.jwt_secret {
            None => Ok(User::default()),
            Some(secret) => by_jwt(token, secret),
        }
    }

    /// `X-Auth-CouchDB-*`; the token is an HMAC of the name.
    fn by_proxy(&self, request: &Request) -> Option<User> {
        let secret = self.config.proxy_secret.as_ref()?.as_bytes();
        let name = request.header("x-auth-couchdb-username")?;
        let token = request.header("x-auth-couchdb-token")?.to_ascii_lowercase();
        let fits = [hmac_sha256(secret, name.as_bytes()), hmac_sha1(secret, name.as_bytes())];
        if !fits.iter().any(|fit| hex::encode(fit) == token) {
            return None;
        }
        let roles = request.header("x-auth-couchdb-roles").unwrap_or_default().split(',');
        Some(User {
            name: Some(name.to_owned()),
            roles: roles
                .map(|role| role.trim().to_owned())
                .filter(|role| !role.is_empty())
                .collect(),
            handler: Some("proxy"),
        })
    }

    /// The roles of a user whose password fits.
    pub(crate) fn login(&self, name: &str, password: &str) -> Option<Vec<String>> {
        if let Some(known) = self.config.admins.get(name) {
            return (known == password).then(|| vec!["_admin".to_owned()]);
        }
        let (_, stored) = self.stored_user(name)?;
        (stored.derived_key == derive(&stored.salt, password)).then_some(stored.roles)
    }

    /// The roles of a user by name.
    fn roles(&self, name: &str) -> Option<Vec<String>> {
        if self.config.admins.contains_key(name) {
            return Some(vec!["_admin".to_owned()]);
        }
        self.stored_user(name).map(|(_, stored)| stored.roles)
    }

    fn stored_user(&self, name: &str) -> Option<(String, StoredUser)> {
        let id = format!("org.couchdb.user:{name}");
        let members = self.database("_users").ok()?.read(|state| {
            let doc = state.docs.get(id.as_str())?;
            let node = doc.tree.node(doc.winner()?);
            (!node.deleted).then(|| node.body.clone())?
        })?;
        let stored = serde_json::from_str(&format!("{{{}}}", members.members)).ok()?;
        Some((id, stored))
    }
}

/// The part of a user document that matters for logging in.
#[derive(Deserialize)]
struct StoredUser {
    #[serde(default)]
    roles: Vec<String>,
    salt: String,
    derived_key: String,
}

/// What is kept of a password. One round: nothing of worth is behind it.
pub(crate) fn derive(salt: &str, password: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update(password.as_bytes());
    hex::encode(hash.finalize())
}

#[derive(Deserialize)]
struct Claims {
    sub: Option<String>,
    exp: Option<i64>,
    #[serde(rename = "_couchdb.roles", default)]
    roles: Vec<String>,
}

fn by_jwt(token: &str, secret: &str) -> Result<User, ApiError> {
    let bad = |reason: &'static str| ApiError::bad_request(reason);
    let (signed, signature) = token.rsplit_once('.').ok_or_else(|| bad("Malformed token"))?;
    let (head, claims) = signed.split_once('.').ok_or_else(|| bad("Malformed token"))?;
    let decode = |part: &str| {
        URL_SAFE_NO_PAD
            .decode(part.trim_end_matches('='))
            .map_err(|_| bad("Malformed token"))
    };
    let head: HashMap<String, serde_json::Value> = serde_json::from_slice(&decode(head)?).map_err(|_| bad("Malformed token"))?;
    if head.get("alg").and_then(|alg| alg.as_str()) != Some("HS256") {
        return Err(bad("Invalid alg"));
    }
    if decode(signature)? != hmac_sha256(secret.as_bytes(), signed.as_bytes()) {
        return Err(bad("Bad HMAC"));
    }
    let claims: Claims = serde_json::from_slice(&decode(claims)?).map_err(|_| bad("Malformed token"))?;
    if claims.exp.is_some_and(|until| until <= chrono::Utc::now().timestamp()) {
        return Err(ApiError::unauthorized("Token has expired"));
    }
    let name = claims.sub.ok_or_else(|| ApiError::unauthorized("Token missing sub claim."))?;
    Ok(User {
        name: Some(name),
        roles: claims.roles,
        handler: Some("jwt"),
    })
}

/// Names and roles of one half of `_security`.
#[derive(Deserialize, Default)]
struct Group {
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    roles: Vec<String>,
}

impl Group {
    fn read(security: &str, half: &str) -> Self {
        Members::parse(security)
            .ok()
            .and_then(|members| serde_json::from_str(members.get(half)?).ok())
            .unwrap_or_default()
    }

    fn has(&self, user: &User) -> bool {
        user.is_server_admin()
            || self.roles.iter().any(|role| user.roles.contains(role))
            || user.name.as_ref().is_some_and(|name| self.names.contains(name))
    }
}

/// What a database that nobody gave a `_security` has: since 3.0 it is closed to all but administrators.
pub(crate) const DEFAULT_SECURITY: &str = "{\"members\":{\"roles\":[\"_admin\"]},\"admins\":{\"roles\":[\"_admin\"]}}";

fn refuse(user: &User, reason: &'static str) -> ApiError {
    match user.name {
        None => ApiError::unauthorized(reason),
        Some(_) => ApiError::forbidden(reason),
    }
}

fn security(database: &Database) -> String {
    database
        .read(|state| state.security.clone())
        .unwrap_or_else(|| DEFAULT_SECURITY.to_owned())
}

/// Demands a server administrator.
pub(crate) fn server_admin(request: &Request) -> Result<(), ApiError> {
    if request.user.is_server_admin() {
        return Ok(());
    }
    Err(ApiError::unauthorized("You are not a server admin."))
}

/// Demands an administrator of the database.
pub(crate) fn db_admin(request: &Request, database: &Database) -> Result<(), ApiError> {
    if request.user.is_server_admin() || Group::read(&security(database), "admins").has(&request.user) {
        return Ok(());
    }
    Err(refuse(&request.user, "You are not a db or server admin."))
}

/// Demands someone who may read and write documents of the database.
pub(crate) fn db_member(request: &Request, database: &Database) -> Result<(), ApiError> {
    if request.user.is_server_admin() {
        return Ok(());
    }
    let security = security(database);
    let members = Group::read(&security, "members");
    let public = members.names.is_empty() && members.roles.is_empty();
    if public || members.has(&request.user) || Group::read(&security, "admins").has(&request.user) {
        return Ok(());
    }
    Err(match request.user.name {
        None => ApiError::unauthorized("You are not authorized to access this db."),
        Some(_) => ApiError::forbidden("You are not allowed to access this db."),
    })
}
