//! `_find`, `_explain` and `_index`: every query walks all documents, indexes are kept as design documents and used for nothing.

use std::sync::Arc;

use hyper::Method;
use serde_json::{Value, json as object};

use super::doc_write::store;
use super::reply::{Outcome, json};
use super::request::Request;
use super::selector::Selector;
use crate::error::ApiError;
use crate::json as text;
use crate::json::Members;
use crate::server::Server;
use crate::store::database::Database;
use crate::store::edit::Mode;
use crate::store::incoming::Incoming;
use crate::store::render::{View, push_document};

/// `POST /{db}/_find` and `POST /{db}/_explain`.
pub(crate) async fn find(database: &Arc<Database>, mut request: Request, explain: bool) -> Outcome {
    if request.method != Method::POST {
        return Err(ApiError::method("POST"));
    }
    request.wants_json()?;
    let body = request.text().await?;
    let members = Members::parse(body.as_str())?;
    let raw = members
        .get("selector")
        .ok_or_else(|| ApiError::new(400, "missing_required_key", "Missing required key: selector"))?;
    let selector = Selector::parse(raw)?;
    let limit: usize = members.read("limit").unwrap_or(25);
    let skip: usize = match members.read::<Value>("bookmark") {
        Some(Value::String(mark)) if mark.starts_with("at") => mark[2..].parse().unwrap_or(0),
        _ => members.read("skip").unwrap_or(0),
    };
    let fields: Option<Vec<String>> = members.read("fields");
    if explain {
        return Ok(json(
            200,
            format!(
                "{{\"dbname\":{},\"index\":{{\"ddoc\":null,\"name\":\"_all_docs\",\"type\":\"special\",\
                 \"def\":{{\"fields\":[{{\"_id\":\"asc\"}}]}}}},\"selector\":{},\"limit\":{limit},\"skip\":{skip},\"fields\":\"all_fields\"}}",
                text::string(&database.name),
                selector.as_json()
            ),
        ));
    }
    let found = matching(database, &selector, skip, limit);
    let mark = format!("at{}", skip + found.len());
    let docs: Vec<String> = found
        .into_iter()
        .map(|(text, value)| project(fields.as_deref(), text, &value))
        .collect();
    Ok(json(
        200,
        format!(
            "{{\"docs\":[\n{}],\n\"bookmark\":\"{mark}\",\n\"warning\":\"No matching index found, create an index to optimize query time.\"}}",
            docs.join(",\n")
        ),
    ))
}

fn matching(database: &Database, selector: &Selector, skip: usize, limit: usize) -> Vec<(String, Value)> {
    database.read(|state| {
        let mut found = Vec::new();
        let mut skipped = 0;
        for doc in state.docs.values() {
            if found.len() == limit {
                break;
            }
            // Indexes hold no design documents.
            if doc.tree.is_deleted() || doc.id.starts_with("_design/") {
                continue;
            }
            let Some(winner) = doc.winner() else { continue };
            let mut whole = String::new();
            if push_document(&mut whole, doc, winner, &View::default(), false).is_err() {
                continue;
            }
            let Ok(value) = serde_json::from_str::<Value>(&whole) else {
                continue;
            };
            if !selector.matches(&value) {
                continue;
            }
            if skipped < skip {
                skipped += 1;
                continue;
            }
            found.push((whole, value));
        }
        found
    })
}

/// A document with the wanted fields alone.
fn project(fields: Option<&[String]>, whole: String, value: &Value) -> String {
    let Some(fields) = fields else { return whole };
    let mut out = serde_json::Map::new();
    for field in fields {
        if let Some(found) = value.get(field) {
            out.insert(field.clone(), found.clone());
        }
    }
    Value::Object(out).to_string()
}

/// `/{db}/_index`: list, make, delete.
pub(crate) async fn index(server: &Arc<Server>, database: &Arc<Database>, mut request: Request) -> Outcome {
    match request.method {
        Method::GET => list(database),
        Method::POST => {
            let body = request.text().await?;
            make(server, database, &request, body.as_str())
        }
        Method::DELETE => delete(server, database, &request),
        _ => Err(ApiError::method("GET,POST,DELETE")),
    }
}

fn list(database: &Database) -> Outcome {
    let mut all = vec![object!({
        "ddoc": null, "name": "_all_docs", "type": "special", "def": {"fields": [{"_id": "asc"}]},
    })];
    database.read(|state| {
        for (id, doc) in state
            .docs
            .range::<str, _>((std::ops::Bound::Included("_design/"), std::ops::Bound::Unbounded))
        {
            if !id.starts_with("_design/") || doc.tree.is_deleted() {
                break;
            }
            let body = doc.winner().and_then(|winner| doc.tree.node(winner).body.as_ref());
            let members = body.map(|body| format!("{{{}}}", body.members)).unwrap_or_default();
            let Ok(value) = serde_json::from_str::<Value>(&members) else {
                continue;
            };
            if value["language"] != "query" {
                continue;
            }
            for (name, view) in value["views"].as_object().into_iter().flatten() {
                all.push(object!({
                    "ddoc": &**id, "name": name, "type": "json", "partitioned": false, "def": view["options"]["def"],
                }));
            }
        }
    });
    let rows: Vec<String> = all.iter().map(Value::to_string).collect();
    Ok(json(
        200,
        format!("{{\"total_rows\":{},\"indexes\":[{}]}}", rows.len(), rows.join(",")),
    ))
}

fn make(server: &Arc<Server>, database: &Arc<Database>, request: &Request, body: &str) -> Outcome {
    let members = Members::parse(body)?;
    let definition: Value = members
        .read("index")
        .ok_or_else(|| ApiError::new(400, "missing_required_key", "Missing required key: index"))?;
    let digest = {
        use sha2::Digest as _;
        hex::encode(&sha2::Sha256::digest(definition.to_string())[..20])
    };
    let name: String = members.read("name").unwrap_or_else(|| digest.clone());
    let ddoc: String = members.read("ddoc").unwrap_or(digest);
    let id = if ddoc.starts_with("_design/") {
        ddoc
    } else {
        format!("_design/{ddoc}")
    };
    let known = database.read(|state| state.docs.get(id.as_str()).is_some_and(|doc| !doc.tree.is_deleted()));
    if !known {
        let fields = definition["fields"].as_array().cloned().unwrap_or_default();
        let map: serde_json::Map<String, Value> = fields
            .iter()
            .map(|field| (field.as_str().unwrap_or_default().to_owned(), "asc".into()))
            .collect();
        let doc = object!({
            "language": "query",
            "views": {&name: {
                "map": {"fields": map, "partial_filter_selector": {}}, "reduce": "_count", "options": {"def": definition},
            }},
        });
        let mut doc = Incoming::parse(&doc.to_string(), server.limits())?;
        doc.id.clone_from(&id);
        store(server, database, request, doc, Mode::Edit)?;
    }
    let result = if known { "exists" } else { "created" };
    Ok(json(
        200,
        format!(
            "{{\"result\":\"{result}\",\"id\":{},\"name\":{}}}",
            text::string(&id),
            text::string(&name)
        ),
    ))
}

fn delete(server: &Arc<Server>, database: &Arc<Database>, request: &Request) -> Outcome {
    // `_index/{ddoc}/json/{name}`, the design document with or without its prefix.
    let parts: Vec<&str> = request.segments.iter().skip(2).map(String::as_str).collect();
    let ddoc = match parts.as_slice() {
        ["_design", ddoc, ..] => *ddoc,
        [ddoc, ..] => ddoc.strip_prefix("_design/").unwrap_or(ddoc),
        [] => return Err(ApiError::missing()),
    };
    let id = format!("_design/{ddoc}");
    let rev = database.read(|state| {
        let doc = state.docs.get(id.as_str()).filter(|doc| !doc.tree.is_deleted());
        doc.and_then(|doc| doc.winning_rev().cloned())
    });
    let mut doc = Incoming {
        id,
        deleted: true,
        ..Incoming::default()
    };
    doc.set_rev(Some(rev.ok_or_else(ApiError::missing)?));
    store(server, database, request, doc, Mode::Edit)?;
    Ok(super::reply::ok(200))
}
