//! What the server says of itself: version, health, lists of databases, their news.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;

use super::auth::server_admin;
use super::databases::describe;
use super::reply::{Outcome, Sender, channel, json, reply};
use super::request::Request;
use crate::config::Profile;
use crate::error::ApiError;
use crate::json as text;
use crate::server::Server;

fn only_get(request: &Request) -> Result<(), ApiError> {
    if request.method == Method::GET {
        Ok(())
    } else {
        Err(ApiError::method("GET,HEAD"))
    }
}

/// `GET /`.
pub(crate) fn welcome(server: &Server, request: &Request) -> Outcome {
    only_get(request)?;
    let vendor = match server.config.profile {
        Profile::CouchDb => {
            "\"features\":[\"access-ready\",\"partitioned\",\"pluggable-storage-engines\",\"reshard\",\"scheduler\"],\
             \"vendor\":{\"name\":\"The Apache Software Foundation\"}"
        }
        Profile::Cloudant => {
            "\"features\":[\"geo\",\"access-ready\",\"iam\",\"partitioned\",\"pluggable-storage-engines\",\"scheduler\"],\
             \"vendor\":{\"name\":\"IBM Cloudant\",\"version\":\"8700\",\"variant\":\"paas\"},\"features_flags\":[\"partitioned\"]"
        }
    };
    Ok(json(
        200,
        format!(
            "{{\"couchdb\":\"Welcome\",\"version\":\"3.5.0\",\"git_sha\":\"11f0d3643\",\"uuid\":\"{}\",{vendor}}}",
            server.uuid
        ),
    ))
}

/// `GET /_up`.
pub(crate) fn up(request: &Request) -> Outcome {
    only_get(request)?;
    Ok(json(200, "{\"status\":\"ok\",\"seeds\":{}}".to_owned()))
}

/// `GET /_uuids`.
pub(crate) fn uuids(request: &Request) -> Outcome {
    only_get(request)?;
    let count = match request.query.get("count") {
        None => 1,
        Some(text) => text
            .parse::<usize>()
            .map_err(|_| ApiError::bad_request("count must be a non-negative integer"))?,
    };
    if count > 1000 {
        return Err(ApiError::bad_request("count parameter too large"));
    }
    let all: Vec<String> = (0..count).map(|_| format!("\"{}\"", uuid::Uuid::new_v4().simple())).collect();
    Ok(json(200, format!("{{\"uuids\":[{}]}}", all.join(","))))
}

/// Names from `start_key` to `end_key`, within `skip` and `limit`.
fn page(server: &Server, request: &Request) -> Result<Vec<String>, ApiError> {
    let query = &request.query;
    let key = |long: &str, short: &str| -> Result<Option<String>, ApiError> {
        match query.json(long)? {
            Some(key) => Ok(Some(key)),
            None => query.json(short),
        }
    };
    let (start, end) = (key("start_key", "startkey")?, key("end_key", "endkey")?);
    let mut names = server.names();
    if query.flag("descending") {
        names.reverse();
    }
    let (low, high) = if query.flag("descending") {
        (end, start)
    } else {
        (start, end)
    };
    names.retain(|name| low.as_ref().is_none_or(|low| name >= low) && high.as_ref().is_none_or(|high| name <= high));
    let skip = usize::try_from(query.number("skip")?.unwrap_or(0)).unwrap_or(usize::MAX);
    let limit = usize::try_from(query.number("limit")?.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    Ok(names.into_iter().skip(skip).take(limit).collect())
}

/// `GET /_all_dbs`, for administrators (`admin_only_all_dbs` is on since 3.0).
pub(crate) fn all_dbs(server: &Server, request: &Request) -> Outcome {
    server_admin(request)?;
    only_get(request)?;
    let names: Vec<String> = page(server, request)?.iter().map(|name| text::string(name)).collect();
    Ok(json(200, format!("[{}]", names.join(","))))
}

/// `/_dbs_info`: all, or those whose names are given.
pub(crate) async fn dbs_info(server: &Server, mut request: Request) -> Outcome {
    server_admin(&request)?;
    let names = match request.method {
        Method::GET => page(server, &request)?,
        Method::POST => {
            let body = request.text().await?;
            let keys = text::Members::parse(body.as_str())?.read::<Vec<String>>("keys");
            let keys = keys.ok_or_else(|| ApiError::bad_request("`keys` member must exist."))?;
            if keys.len() > 100 {
                return Err(ApiError::bad_request("`keys` array must not exceed 100 items."));
            }
            keys
        }
        _ => return Err(ApiError::method("GET,HEAD,POST")),
    };
    let rows: Vec<String> = names
        .iter()
        .map(|name| match server.database(name) {
            Ok(database) => format!("{{\"key\":{},\"info\":{}}}", text::string(name), describe(&database)),
            Err(_) => format!("{{\"key\":{},\"error\":\"not_found\"}}", text::string(name)),
        })
        .collect();
    Ok(json(200, format!("[{}]", rows.join(","))))
}

/// `GET /_db_updates`. CouchDB has it once the database `_global_changes` exists.
pub(crate) async fn db_updates(server: &Arc<Server>, request: &Request) -> Outcome {
    server_admin(request)?;
    only_get(request)?;
    server.database("_global_changes")?;
    let all = server.updates.borrow().len();
    let since = match request.query.get("since") {
        None | Some("0") => 0,
        Some("now") => all,
        Some(text) => {
            let number = text.split('-').next().unwrap_or_default();
            number
                .parse()
                .map_err(|_| ApiError::bad_request("Malformed sequence supplied in 'since' parameter."))?
        }
    };
    let feed = request.query.get("feed").unwrap_or("normal").to_owned();
    let (sender, body) = channel();
    let timeout = Duration::from_millis(request.query.number("timeout")?.unwrap_or(60_000));
    tokio::spawn(send_updates(Arc::clone(server), sender, feed, since, timeout));
    Ok(reply(200, "application/json", body))
}

async fn send_updates(server: Arc<Server>, mut out: Sender, feed: String, since: usize, timeout: Duration) {
    let mut watch = server.updates.subscribe();
    let continuous = feed == "continuous";
    let mut at = since;
    if !continuous {
        out.buffer.push_str("{\"results\":[\n");
    }
    let mut first = true;
    loop {
        let fresh: Vec<(String, &'static str)> = watch.borrow_and_update().get(at..).unwrap_or_default().to_vec();
        for (name, what) in &fresh {
            at += 1;
            if !continuous && !first {
                out.buffer.push_str(",\n");
            }
            first = false;
            out.buffer.push_str(&format!(
                "{{\"db_name\":{},\"type\":\"{what}\",\"seq\":\"{at}-g1AAAA\"}}",
                text::string(name)
            ));
            if continuous {
                out.buffer.push('\n');
            }
        }
        if out.flush().await.is_err() {
            return;
        }
        let wait = continuous || (feed == "longpoll" && first);
        if !wait || tokio::time::timeout(timeout, watch.changed()).await.is_err() {
            break;
        }
    }
    if !continuous {
        out.buffer.push_str(&format!("\n],\"last_seq\":\"{at}-g1AAAA\"}}\n"));
    }
    // A client that went away needs no end.
    let _ = out.flush().await;
}

/// `GET /_active_tasks`: the replications that run.
pub(crate) fn active_tasks(server: &Server, request: &Request) -> Outcome {
    server_admin(request)?;
    only_get(request)?;
    Ok(json(200, server.replications.active_tasks()))
}

/// `GET /_membership`.
pub(crate) fn membership(request: &Request) -> Outcome {
    server_admin(request)?;
    only_get(request)?;
    let node = "[\"nonode@nohost\"]";
    Ok(json(200, format!("{{\"all_nodes\":{node},\"cluster_nodes\":{node}}}")))
}

/// `/_node/_local/_config…`, as far as backups look at it.
pub(crate) fn node(server: &Server, request: &Request) -> Outcome {
    server_admin(request)?;
    only_get(request)?;
    let config = &server.config;
    let sections = [
        ("couchdb", "max_document_size", config.max_document.to_string()),
        ("couchdb", "max_attachment_size", config.max_attachment.to_string()),
        ("couchdb", "uuid", server.uuid.clone()),
        ("chttpd", "max_http_request_size", config.max_request.to_string()),
        ("chttpd_auth", "timeout", config.session.as_secs().to_string()),
    ];
    let parts: Vec<&str> = request.segments.iter().skip(2).map(String::as_str).collect();
    match parts.as_slice() {
        ["_config"] => {
            let mut all = serde_json::Map::new();
            for (section, name, value) in sections {
                let section = all.entry(section).or_insert_with(|| serde_json::json!({}));
                section[name] = value.into();
            }
            Ok(json(200, serde_json::Value::Object(all).to_string()))
        }
        ["_config", section] => {
            let mut all = serde_json::Map::new();
            for (_, name, value) in sections.into_iter().filter(|(of, ..)| of == section) {
                all.insert(name.to_owned(), value.into());
            }
            Ok(json(200, serde_json::Value::Object(all).to_string()))
        }
        ["_config", section, name] => {
            let found = sections.iter().find(|(of, key, _)| of == section && key == name);
            let (_, _, value) = found.ok_or_else(|| ApiError::not_found("unknown_config_value"))?;
            Ok(json(200, text::string(value)))
        }
        _ => Err(ApiError::missing()),
    }
}
