//! Where a restore goes: the same databases, one under a new name, each under a new name, on this server or another one.

use backstay_model::{ErrorKind, TargetSpec};
use backstay_source::{Result, SourceError};
use backstay_source_http::Address;

use crate::{
    config::{Chosen, CouchConfig, Login},
    convert::Names,
};

const HINT: &str = "Give the name of a new database, a pattern such as copy-* in which * stands for each name, or either behind the address of another server (https://host:6984/copy-*).";

/// The settings and names of a place.
///
/// # Errors
/// When it makes no sense.
pub(crate) fn find(config: &CouchConfig, target: &TargetSpec) -> Result<(CouchConfig, Names)> {
    let text = match target {
        TargetSpec::InPlace => return Ok((config.clone(), Names::Same)),
        TargetSpec::New(text) => text.trim(),
        TargetSpec::Source(place) => {
            let message = "is another source, which has to be looked up first";
            return Err(SourceError::new(ErrorKind::Usage, place.source.clone(), message));
        }
    };
    if !(text.starts_with("http://") || text.starts_with("https://")) {
        return Ok((config.clone(), names(text)?));
    }
    let (server, rest) = split(config, text)?;
    let names = match rest.trim_matches('/') {
        "" => Names::Same,
        rest => names(&rest.replace("%2F", "/").replace("%2f", "/"))?,
    };
    if same_server(config, &server) {
        return Ok((config.clone(), names));
    }
    let other = CouchConfig {
        url: server,
        login: Login::None,
        // Which databases there are is for the backup to say.
        chosen: Chosen {
            take: config.chosen.take.clone(),
            ..Chosen::default()
        },
        ..config.clone()
    };
    Ok((other, names))
}

fn names(text: &str) -> Result<Names> {
    Names::parse(text).map_err(|_| {
        SourceError::new(
            ErrorKind::Usage,
            format!("\"{text}\""),
            "is no place for a restore into CouchDB",
        )
        .hint(HINT)
    })
}

/// The server's address, and what stands behind it. The source's own address may have a path (behind a proxy), which is no database.
fn split<'a>(config: &CouchConfig, text: &'a str) -> Result<(String, &'a str)> {
    let own = config.url.trim_end_matches('/');
    if let Some(rest) = text.strip_prefix(own)
        && (rest.is_empty() || rest.starts_with('/'))
    {
        return Ok((config.url.clone(), rest));
    }
    let begin = text.find("://").map_or(0, |at| at + 3);
    let end = text[begin..].find('/').map_or(text.len(), |at| begin + at);
    let server = &text[..end];
    Address::read(server).map_err(SourceError::from)?;
    Ok((server.to_owned(), &text[end..]))
}

fn same_server(config: &CouchConfig, server: &str) -> bool {
    config.url == server
        || match (Address::read(&config.url), Address::read(server)) {
            (Ok(own), Ok(other)) => own.place() == other.place(),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use backstay_source_http::Rate;

    use super::*;

    fn config() -> CouchConfig {
        CouchConfig {
            url: "https://here:6984/couch".to_owned(),
            chosen: Chosen::default(),
            login: Login::Jwt {
                token: "secret".to_owned().into(),
            },
            ca: None,
            deleted: false,
            local: true,
            rate: Rate::default(),
        }
    }

    fn at(text: &str) -> Result<(CouchConfig, Names)> {
        find(&config(), &TargetSpec::New(text.to_owned()))
    }

    #[test]
    fn places_are_names_or_other_servers() {
        let each = Names::Around("copy-".to_owned(), String::new());
        assert_eq!(at("copy").unwrap(), (config(), Names::One("copy".to_owned())));
        assert_eq!(at("copy-*").unwrap(), (config(), each.clone()));
        assert_eq!(at("https://here:6984/couch/copy-*").unwrap(), (config(), each.clone()));
        let (other, names) = at("https://there:6984/copy-*").unwrap();
        assert_eq!((other.url.as_str(), names), ("https://there:6984", each));
        assert_eq!(other.login, Login::None, "credentials are for the source's server alone");
        assert_eq!(at("http://there:5984/").unwrap().1, Names::Same);
    }

    #[test]
    fn other_texts_are_refused() {
        for bad in [
            "",
            "Copy",
            "/tmp/copy",
            "a b",
            "https://user:password@there/copy",
            "https://there/Copy",
        ] {
            let error = at(bad).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage, "{bad}");
            assert!(!error.to_string().contains("user:password"), "{error}");
        }
    }
}
