//! The settings of a CouchDB source.

use std::path::{Path, PathBuf};

use backstay_source::{OptionSpec, Secrets, SourceConfig};
use backstay_source_http::{Address, Hidden, Rate};

use crate::error::{CouchError, Result};

const TEXT: OptionSpec = OptionSpec::TEXT;

/// Where Cloudant's tokens come from unless the settings say otherwise.
const IAM: &str = "https://iam.cloud.ibm.com/identity/token";
/// Requests at a time.
const PARALLEL: usize = 6;
/// More requests at a time than this only make a server slower.
const MOST_PARALLEL: usize = 64;

/// The options of the connector; the command line and the window are built from them.
pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "url",
        value: "URL",
        help: "Address of the server, without user and password (https://host:6984).",
        required: true,
        ..TEXT
    },
    OptionSpec {
        name: "database",
        value: "NAME",
        help: "A database to protect, or several (sales-*); without it all databases, new ones too.",
        multiple: true,
        ..TEXT
    },
    OptionSpec {
        name: "exclude",
        value: "NAME",
        help: "A database to leave out, or several (*-scratch).",
        multiple: true,
        ..TEXT
    },
    OptionSpec {
        name: "auth",
        value: "HOW",
        help: "How to log in; by default as the other settings tell.",
        choices: &["basic", "cookie", "jwt", "proxy", "iam", "none"],
        ..TEXT
    },
    OptionSpec {
        name: "user",
        value: "NAME",
        help: "Name of the user.",
        ..TEXT
    },
    OptionSpec {
        name: "password",
        value: "TEXT",
        help: "Password of the user.",
        secret: true,
        ..TEXT
    },
    OptionSpec {
        name: "token",
        value: "TEXT",
        help: "A JSON Web Token (jwt).",
        secret: true,
        ..TEXT
    },
    OptionSpec {
        name: "api-key",
        value: "TEXT",
        help: "An API key of IBM Cloud (iam).",
        secret: true,
        ..TEXT
    },
    OptionSpec {
        name: "iam-url",
        value: "URL",
        help: "Where tokens for the API key come from (https://iam.cloud.ibm.com/identity/token).",
        ..TEXT
    },
    OptionSpec {
        name: "proxy-roles",
        value: "ROLES",
        help: "Roles of the user, separated by commas (proxy).",
        ..TEXT
    },
    OptionSpec {
        name: "proxy-secret",
        value: "TEXT",
        help: "The secret the server shares with its proxy (proxy).",
        secret: true,
        ..TEXT
    },
    OptionSpec {
        name: "ca",
        value: "FILE",
        help: "Certificates to trust beside the system's, in PEM form, as a full path.",
        path: true,
        ..TEXT
    },
    OptionSpec {
        name: "deleted",
        help: "Keep what is left of deleted documents too.",
        flag: true,
        ..TEXT
    },
    OptionSpec {
        name: "no-local",
        help: "Leave out _local documents.",
        flag: true,
        ..TEXT
    },
    OptionSpec {
        name: "system",
        help: "Take _users and _replicator too; they may hold password hashes and credentials.",
        flag: true,
        ..TEXT
    },
    OptionSpec {
        name: "rate",
        value: "NUMBER",
        help: "Requests a second at most.",
        ..TEXT
    },
    OptionSpec {
        name: "parallel",
        value: "NUMBER",
        help: "Requests at a time (6).",
        ..TEXT
    },
];

/// How to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Login {
    /// Not at all.
    None,
    /// User and password with every request.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Hidden,
    },
    /// User and password once, then a cookie.
    Cookie {
        /// The user.
        user: String,
        /// The password.
        password: Hidden,
    },
    /// A token somebody else gave out.
    Jwt {
        /// The token.
        token: Hidden,
    },
    /// As a proxy that vouches for the user.
    Proxy {
        /// The user.
        user: String,
        /// The user's roles, separated by commas.
        roles: String,
        /// The secret; empty when the server asks for no token.
        secret: Hidden,
    },
    /// An API key that is changed for tokens.
    Iam {
        /// The key.
        key: Hidden,
        /// Where.
        url: String,
    },
}

/// The settings, checked for sense.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CouchConfig {
    /// Address of the server.
    pub url: String,
    /// Which databases.
    pub chosen: Chosen,
    /// How to log in.
    pub login: Login,
    /// Certificates to trust.
    pub ca: Option<PathBuf>,
    /// Tombstones are wanted.
    pub deleted: bool,
    /// `_local` documents are wanted.
    pub local: bool,
    /// What requests may cost.
    pub rate: Rate,
}

/// Which databases are protected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// Names and patterns; empty: all.
    pub take: Vec<String>,
    /// Names and patterns of what is left out.
    pub leave: Vec<String>,
    /// `_users` and `_replicator` too.
    pub system: bool,
}

impl Chosen {
    /// Whether the database is protected. Databases of the server's own (`_users`) only when they are asked for as such or named;
    /// `_global_changes` only when it is named.
    pub(crate) fn takes(&self, name: &str) -> bool {
        if self.leave.iter().any(|pattern| fits(pattern, name)) {
            return false;
        }
        if name.starts_with('_') {
            let named = self.take.iter().any(|pattern| pattern == name);
            return named || (self.system && matches!(name, "_users" | "_replicator"));
        }
        self.take.is_empty() || self.take.iter().any(|pattern| fits(pattern, name))
    }

    /// The databases asked for by their full names: these are missed when they are not there.
    pub(crate) fn named(&self) -> impl Iterator<Item = &str> {
        self.take.iter().map(String::as_str).filter(|name| !name.contains('*'))
    }

    /// Whether the server's list of databases has to be asked for.
    pub(crate) fn needs_list(&self) -> bool {
        self.take.is_empty() || self.take.iter().any(|name| name.contains('*'))
    }
}

/// Whether a name is one of a pattern, in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, between)) = parts.split_last() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in between {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

impl CouchConfig {
    /// Reads the settings of a source, and its secrets.
    ///
    /// # Errors
    /// When they make no sense, which setting it is and what to do; or the keychain cannot be read.
    pub(crate) fn read(config: &SourceConfig, secrets: &dyn Secrets) -> Result<Self> {
        let url = config.text("url").map(str::trim).filter(|url| !url.is_empty());
        let url = url.ok_or_else(|| {
            setting(
                "url",
                "is missing",
                "Give the address of the server, such as https://host:6984.",
            )
        })?;
        Address::read(url)?;
        Ok(Self {
            url: url.to_owned(),
            chosen: Chosen {
                take: names(config, "database")?,
                leave: names(config, "exclude")?,
                system: config.flag("system"),
            },
            login: login(config, secrets)?,
            ca: config.text("ca").map(full).transpose()?,
            deleted: config.flag("deleted"),
            local: !config.flag("no-local"),
            rate: Rate {
                per_second: number(config, "rate")?,
                at_once: parallel(config)?,
            },
        })
    }
}

fn names(config: &SourceConfig, option: &'static str) -> Result<Vec<String>> {
    let names = config
        .texts(option)
        .into_iter()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_$()+-/*".contains(c);
    names
        .map(|name| match name.chars().find(|c| !known(*c)) {
            None => Ok(name.to_owned()),
            Some(_) => Err(setting(
                option,
                format!("has \"{name}\", which can be no name of a database"),
                "Names have a-z, 0-9, _ $ ( ) + - and / in them; * stands for anything.",
            )),
        })
        .collect()
}

fn login(config: &SourceConfig, secrets: &dyn Secrets) -> Result<Login> {
    let secret = |name: &str| -> Result<Option<Hidden>> {
        let found = secrets.get(&config.id, name).map_err(CouchError::Taker)?;
        Ok(found.map(Hidden::from).filter(|text| !text.is_empty()))
    };
    let user = config.text("user").filter(|user| !user.is_empty());
    let need_user = || {
        let user = user.ok_or_else(|| setting("user", "is missing", "Give the name of the user."))?;
        Ok::<_, CouchError>(user.to_owned())
    };
    let need = |name: &'static str, hint: &'static str| secret(name)?.ok_or_else(|| setting(name, "is missing", hint));
    let how = match config.text("auth").filter(|how| !how.is_empty()) {
        Some(how) => how,
        None if secret("api-key")?.is_some() => "iam",
        None if secret("token")?.is_some() => "jwt",
        None if secret("proxy-secret")?.is_some() => "proxy",
        None if user.is_some() => "basic",
        None if secret("password")?.is_some() => {
            return Err(setting(
                "user",
                "is missing",
                "Give the name of the user whose password it is.",
            ));
        }
        None => "none",
    };
    let password = || need("password", "Give the password of the user.");
    Ok(match how {
        "none" => Login::None,
        "basic" => Login::Basic {
            user: no_colon(need_user()?)?,
            password: password()?,
        },
        "cookie" => Login::Cookie {
            user: need_user()?,
            password: password()?,
        },
        "jwt" => Login::Jwt {
            token: need("token", "Give the JSON Web Token.")?,
        },
        "proxy" => Login::Proxy {
            user: need_user()?,
            roles: config.text("proxy-roles").unwrap_or_default().replace(' ', ""),
            secret: secret("proxy-secret")?.unwrap_or_default(),
        },
        "iam" => Login::Iam {
            url: iam_url(config)?,
            key: need("api-key", "Give the API key of the service.")?,
        },
        other => {
            let problem = format!("is \"{other}\", which is no way to log in");
            return Err(setting("auth", problem, "Give one of basic, cookie, jwt, proxy, iam, none."));
        }
    })
}

/// Where tokens for an API key come from.
fn iam_url(config: &SourceConfig) -> Result<String> {
    let url = config.text("iam-url").filter(|url| !url.is_empty()).unwrap_or(IAM);
    let bad = |error: backstay_source_http::HttpError| {
        setting(
            "iam-url",
            format!("cannot be used: {error}"),
            "Give an address such as https://iam.cloud.ibm.com/identity/token.",
        )
    };
    Address::read(url).map_err(bad)?;
    Ok(url.to_owned())
}

/// A colon would end the name (RFC 7617, section 2).
fn no_colon(user: String) -> Result<String> {
    if user.contains(':') {
        return Err(setting(
            "user",
            "has a colon in it, which basic log-in cannot send",
            "Set auth to cookie.",
        ));
    }
    Ok(user)
}

fn full(path: &str) -> Result<PathBuf> {
    if Path::new(path).is_absolute() {
        return Ok(PathBuf::from(path));
    }
    // A relative path would mean another file in each place the program is started from.
    Err(setting(
        "ca",
        "is no full path",
        "Give the path from the root of the disk on.",
    ))
}

fn number(config: &SourceConfig, option: &'static str) -> Result<Option<f64>> {
    let text = match config.options.get(option) {
        Some(serde_json::Value::String(text)) if !text.trim().is_empty() => text.trim().to_owned(),
        Some(serde_json::Value::Number(number)) => number.to_string(),
        _ => return Ok(None),
    };
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(Some(number)),
        _ => Err(setting(
            option,
            format!("is \"{text}\", which is no number above zero"),
            "Give a number such as 20.",
        )),
    }
}

fn parallel(config: &SourceConfig) -> Result<usize> {
    let Some(number) = number(config, "parallel")? else {
        return Ok(PARALLEL);
    };
    if number.fract() == 0.0 && number <= MOST_PARALLEL as f64 {
        // It is a whole number between 1 and 64.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        return Ok(number as usize);
    }
    Err(setting(
        "parallel",
        "is no whole number from 1 to 64",
        "Give a number such as 6.",
    ))
}

fn setting(option: &'static str, problem: impl Into<String>, hint: &'static str) -> CouchError {
    CouchError::Setting {
        option,
        problem: problem.into(),
        hint,
    }
}
