//! `_security`, limits, and requests for maintenance.

use hyper::Method;

use super::auth::{DEFAULT_SECURITY, db_admin};
use super::reply::{Outcome, json, ok};
use super::request::Request;
use crate::error::ApiError;
use crate::json as text;
use crate::json::Members;
use crate::store::database::Database;

/// Reading and writing a setting of a database.
pub(crate) async fn settings(database: &Database, mut request: Request, which: &str) -> Outcome {
    match request.method {
        Method::GET => Ok(json(
            200,
            database.read(|state| match which {
                "_security" => state.security.clone().unwrap_or_else(|| DEFAULT_SECURITY.to_owned()),
                "_revs_limit" => state.revs_limit.to_string(),
                "_purged_infos_limit" => state.purged_infos_limit.to_string(),
                _ => state.auto_purge.clone(),
            }),
        )),
        Method::PUT => {
            let body = request.text().await?;
            put(database, &request, which, body.as_str())
        }
        _ => Err(ApiError::method("PUT,GET")),
    }
}

fn put(database: &Database, request: &Request, which: &str, body: &str) -> Outcome {
    if which == "_security" && &*database.name == "_users" {
        return Err(ApiError::forbidden(
            "You can't edit the security object of the user database.",
        ));
    }
    db_admin(request, database)?;
    let mut compact = String::with_capacity(body.len());
    serde_json::from_str::<&serde_json::value::RawValue>(body).map_err(|_| ApiError::invalid_json())?;
    text::push_compact(&mut compact, body.trim());
    match which {
        "_security" => {
            check_security(&compact)?;
            database.write(|state| state.security = Some(compact));
        }
        "_revs_limit" => {
            let limit: usize = compact
                .parse()
                .map_err(|_| ApiError::bad_request("`revs_limit` must be a positive integer"))?;
            database.write(|state| state.revs_limit = limit.max(1));
        }
        "_purged_infos_limit" => {
            let limit = compact.parse().ok().filter(|limit: &u64| *limit > 0);
            let limit = limit.ok_or_else(|| ApiError::bad_request("`purged_infos_limit` must be positive integer"))?;
            database.write(|state| state.purged_infos_limit = limit);
        }
        _ => {
            check_auto_purge(&compact)?;
            database.write(|state| state.auto_purge = compact);
            return Ok(ok(201));
        }
    }
    Ok(ok(200))
}

fn check_security(body: &str) -> Result<(), ApiError> {
    let bad = |reason: &'static str| ApiError::bad_request(reason);
    let members = Members::parse(body)?;
    for half in ["admins", "members"] {
        let Some(group) = members.get(half) else { continue };
        let group = Members::parse(group)?;
        for list in ["names", "roles"] {
            if group.get(list).is_some() && group.read::<Vec<String>>(list).is_none() {
                return Err(bad(match list {
                    "names" => "names must be a JSON list of strings",
                    _ => "roles must be a JSON list of strings",
                }));
            }
        }
    }
    Ok(())
}

fn check_auto_purge(body: &str) -> Result<(), ApiError> {
    let members = Members::parse(body).map_err(|_| ApiError::bad_request("malformed auto purge body"))?;
    for (name, value) in &members.0 {
        if name != "deleted_document_ttl" {
            return Err(ApiError::bad_request("invalid auto purge property"));
        }
        if serde_json::from_str::<String>(value.get()).is_err() {
            return Err(ApiError::bad_request("deleted_document_ttl must be a valid string"));
        }
    }
    Ok(())
}

/// `_ensure_full_commit`, `_compact` and what else only says that it was asked.
pub(crate) fn maintenance(database: &Database, request: &Request, which: &str) -> Outcome {
    if request.method != Method::POST {
        return Err(ApiError::method("POST"));
    }
    if which != "_sync_shards" {
        request.wants_json()?;
    }
    match which {
        "_ensure_full_commit" => Ok(json(
            201,
            format!("{{\"ok\":true,\"instance_start_time\":\"{}\"}}", database.created),
        )),
        "_compact" => {
            database.write(|state| {
                state.compactions += 1;
                for doc in state.docs.values_mut() {
                    doc.tree.compact();
                }
            });
            Ok(ok(202))
        }
        _ => Ok(ok(202)),
    }
}
