//! What can be reached with these settings, and what a person should know before relying on it.

use std::collections::HashMap;

use backstay_source::{Cancel, Probe, ProbePart, Result};
use backstay_source_http::Request;
use serde::Deserialize;

use crate::{
    client::{Database, DatabaseInfo, Server, Session},
    config::{CouchConfig, Login},
    error::{CouchError, Refusal},
    list,
};

/// Databases a server is asked about in one request: CouchDB's own limit (`max_db_number_for_dbs_info_req`).
const AT_ONCE: usize = 100;
/// Databases asked about one by one, where the server tells about one at a time.
const ONE_BY_ONE: usize = 200;
/// Databases whose settings are looked at for permissions.
const LOOKED_AT: usize = 20;
/// Bytes of an answer about several databases.
const ANSWER: u64 = 16 << 20;

/// Tests credentials and reach, without changing anything.
///
/// # Errors
/// When the server cannot be reached, or refuses everything.
pub(crate) fn probe(server: &Server, config: &CouchConfig, cancel: &Cancel) -> Result<Probe> {
    let server = server.with_cancel(cancel);
    let about = server.info()?;
    let session = server.session()?;
    let mut warnings = Vec::new();
    about_session(session.as_ref(), config, &mut warnings);
    if server.http().address().is_open() {
        warnings.push(format!(
            "What is sent to {} can be read on the way: the address begins with http:// and not with https://.",
            server.place()
        ));
    }
    let (all, chosen) = names(&server, config, &mut warnings)?;
    let infos = infos(&server, &all)?;
    let mut parts = Vec::with_capacity(all.len());
    for name in &all {
        parts.push(part(
            name,
            infos.get(name),
            chosen.contains(name),
            config.chosen.named().any(|named| named == name),
        ));
    }
    // The server's own come last: hardly anybody is looking for them.
    parts.sort_by_key(|part: &ProbePart| part.name.starts_with('_'));
    let readable: Vec<&str> = parts
        .iter()
        .filter(|part| part.chosen && part.problem.is_none())
        .map(|part| part.name.as_str())
        .collect();
    about_databases(&server, config, &readable, &mut warnings)?;
    if infos.len() < all.len() {
        warnings.push(format!(
            "Only {} of {} databases were looked at; the others may have problems.",
            infos.len(),
            all.len()
        ));
    }
    Ok(Probe {
        version: Some(about.title()),
        found: parts.iter().filter(|part| part.chosen).map(in_words).collect(),
        bytes: parts.iter().filter(|part| part.chosen).map(|part| part.bytes).sum(),
        parts,
        warnings,
    })
}

fn about_session(session: Option<&Session>, config: &CouchConfig, warnings: &mut Vec<String>) {
    let Some(session) = session else { return };
    let admin = session.roles.iter().any(|role| role == "_admin");
    match &session.name {
        None if admin => warnings.push(
            "The server has no administrator (\"admin party\"): everybody who reaches it can read and change everything."
                .to_owned(),
        ),
        None if config.login != Login::None => {
            warnings.push("The server does not say who is logged in: the credentials may not count.".to_owned());
        }
        _ => {}
    }
}

/// All databases that can be seen or were named, and those that are chosen.
fn names(server: &Server, config: &CouchConfig, warnings: &mut Vec<String>) -> Result<(Vec<String>, Vec<String>)> {
    let chosen = list::databases(server, &config.chosen)?;
    let mut all = chosen.clone();
    match server.all_dbs() {
        Ok(names) => all.extend(names.into_iter().filter(|name| name != "_global_changes")),
        Err(error) => warnings.push(format!(
            "Databases that are not named in the settings cannot be seen: {error}."
        )),
    }
    all.sort();
    all.dedup();
    Ok((all, chosen))
}

/// What the server says about these databases, as far as it is worth asking.
fn infos(server: &Server, names: &[String]) -> Result<HashMap<String, Result<DatabaseInfo, CouchError>>> {
    #[derive(Deserialize)]
    struct Answer {
        key: String,
        #[serde(default)]
        info: Option<DatabaseInfo>,
    }
    let mut found = HashMap::new();
    for names in names.chunks(AT_ONCE) {
        let request = Request::post(["_dbs_info"])
            .harmless()
            .json(&serde_json::json!({ "keys": names }));
        let answer = request.and_then(|request| server.http().json::<Vec<Answer>>(request, ANSWER));
        let Ok(answers) = answer else { break };
        for Answer { key, info } in answers {
            if let Some(info) = info {
                found.insert(key, Ok(info));
            }
        }
    }
    // Those it said nothing of, or may not: each tells by itself why.
    for name in names
        .iter()
        .filter(|name| !found.contains_key(*name))
        .take(ONE_BY_ONE)
        .cloned()
        .collect::<Vec<_>>()
    {
        server.cancel().check()?;
        match server.database(&name).info() {
            Err(error) if error.refusal().is_none() => return Err(error.into()),
            info => found.insert(name, info),
        };
    }
    Ok(found)
}

fn part(name: &str, info: Option<&Result<DatabaseInfo, CouchError>>, chosen: bool, named: bool) -> ProbePart {
    let mut part = ProbePart {
        name: name.to_owned(),
        chosen,
        ..ProbePart::default()
    };
    match info {
        Some(Ok(info)) => {
            part.records = Some(info.doc_count);
            part.bytes = info.sizes.and_then(|sizes| sizes.external.or(sizes.active).or(sizes.file));
        }
        Some(Err(error)) => {
            part.problem = Some(match error.refusal() {
                Some(Refusal::NoDatabase) if named => "There is no database of this name.".to_owned(),
                _ => format!("{error}."),
            });
        }
        None => {}
    }
    part
}

fn in_words(part: &ProbePart) -> String {
    match (part.records, &part.problem) {
        (_, Some(problem)) => format!("{}: {problem}", part.name),
        (Some(1), None) => format!("{}: 1 document", part.name),
        (Some(records), None) => format!("{}: {records} documents", part.name),
        (None, None) => part.name.clone(),
    }
}

/// What cannot be seen in databases that can be read.
fn about_databases(server: &Server, config: &CouchConfig, names: &[&str], warnings: &mut Vec<String>) -> Result<()> {
    let mut hidden = Vec::new();
    for name in names.iter().take(LOOKED_AT) {
        server.cancel().check()?;
        match server.database(name).security() {
            Err(error) if matches!(error.refusal(), Some(Refusal::Unauthorized | Refusal::Forbidden)) => hidden.push(*name),
            Err(error) if error.refusal().is_none() => return Err(error.into()),
            _ => {}
        }
    }
    if !hidden.is_empty() {
        warnings.push(format!(
            "Who may use them (_security) cannot be seen for {}: backups will be partial.",
            hidden.join(", ")
        ));
    }
    if let (Some(first), true) = (names.first(), config.local)
        && !lists_local(&server.database(first))?
    {
        warnings.push("This server does not list _local documents: they are not in the backups.".to_owned());
    }
    Ok(())
}

fn lists_local(database: &Database) -> Result<bool> {
    match super::aside::local_page(database, None) {
        Ok(_) => Ok(true),
        Err(error) if super::aside::is_unknown(&error) => Ok(false),
        // It is there, and a run will say why it cannot be read.
        Err(error) if error.refusal().is_some() => Ok(true),
        Err(error) => Err(error.into()),
    }
}
