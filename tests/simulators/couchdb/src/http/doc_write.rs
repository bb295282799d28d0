//! Writing one document: POST, PUT (JSON or multipart), DELETE, COPY.

use std::sync::Arc;

use hyper::header::{ETAG, IF_MATCH, LOCATION};

use super::databases::encode;
use super::doc_read::find;
use super::multipart::{boundary_of, read_related};
use super::reply::{Outcome, json, set};
use super::request::Request;
use crate::error::ApiError;
use crate::json as text;
use crate::server::Server;
use crate::store::database::Database;
use crate::store::edit::{Mode, fill_stubs, update};
use crate::store::id::check_doc_id;
use crate::store::incoming::{Incoming, IncomingAttachment};
use crate::store::rev::Rev;

/// Writes a document that is complete.
pub(crate) fn store(
    server: &Server,
    database: &Database,
    request: &Request,
    mut doc: Incoming,
    mode: Mode,
) -> Result<Rev, ApiError> {
    let writer = server.writer(request, database);
    prepare(database, &mut doc)?;
    let rev = database.write(|state| {
        fill_stubs(state, &mut doc, mode)?;
        update(state, database.options, doc, mode, &writer)
    })?;
    server.tell(&database.name, "updated");
    if &*database.name == "_replicator" {
        server.replications.wake();
    }
    Ok(rev)
}

/// What some databases make of a document before it is stored.
pub(crate) fn prepare(database: &Database, doc: &mut Incoming) -> Result<(), ApiError> {
    if &*database.name != "_users" || doc.deleted || doc.id.starts_with('_') {
        return Ok(());
    }
    let object = format!("{{{}}}", doc.members);
    let mut members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&object).map_err(|_| ApiError::invalid_json())?;
    let name = members.get("name").and_then(|name| name.as_str()).unwrap_or_default();
    if doc.id != format!("org.couchdb.user:{name}") {
        return Err(ApiError::forbidden("Doc ID must be of the form org.couchdb.user:name"));
    }
    if let Some(password) = members.shift_remove("password") {
        let salt = uuid::Uuid::new_v4().simple().to_string();
        let key = super::auth::derive(&salt, password.as_str().unwrap_or_default());
        members.insert("password_scheme".to_owned(), "pbkdf2".into());
        members.insert("iterations".to_owned(), 10.into());
        members.insert("derived_key".to_owned(), key.into());
        members.insert("salt".to_owned(), salt.into());
    }
    let whole = serde_json::Value::Object(members).to_string();
    whole[1..whole.len() - 1].clone_into(&mut doc.members);
    Ok(())
}

/// What a write answers.
fn written(request: &Request, database: &Database, status: u16, id: &str, rev: &Rev) -> super::reply::Reply {
    let mut answer = json(
        status,
        format!(
            "{{\"ok\":true,\"id\":{},\"rev\":{}}}",
            text::string(id),
            text::string(&rev.to_string())
        ),
    );
    set(&mut answer, ETAG, &format!("\"{rev}\""));
    let place = format!("http://{}/{}/{}", request.host(), encode(&database.name), encode(id));
    set(&mut answer, LOCATION, &place);
    answer
}

/// `POST /{db}`: the id may be missing.
pub(crate) async fn post(server: &Arc<Server>, database: &Arc<Database>, mut request: Request) -> Outcome {
    request.wants_json()?;
    let body = request.text().await?;
    let mut doc = Incoming::parse(body.as_str(), server.limits())?;
    doc.check_attachment_names()?;
    if doc.id.is_empty() {
        doc.id = uuid::Uuid::new_v4().simple().to_string();
        doc.set_rev(None);
    }
    let id = doc.id.clone();
    let rev = store(server, database, &request, doc, Mode::Edit)?;
    Ok(written(&request, database, 201, &id, &rev))
}

/// The revision a request names in its query or headers; both must agree.
fn named_rev(request: &Request) -> Result<Option<Rev>, ApiError> {
    let query = request.query.get("rev").map(Rev::parse).transpose()?;
    let header = request.header(IF_MATCH).map(|text| text.trim_matches('"'));
    let header = header.filter(|text| *text != "*").map(Rev::parse).transpose()?;
    match (query, header) {
        (Some(query), Some(header)) if query != header => {
            Err(ApiError::bad_request("Document rev and etag have different values"))
        }
        (query, header) => Ok(query.or(header)),
    }
}

/// Brings together the revision in a document and the one a request names.
fn settle_rev(request: &Request, doc: &mut Incoming) -> Result<(), ApiError> {
    let named = named_rev(request)?;
    match (doc.rev(), named) {
        (Some(inside), Some(named)) if inside != named => Err(ApiError::bad_request(
            "Document rev from request body and query string have different values",
        )),
        (None, Some(named)) => {
            doc.set_rev(Some(named));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// `PUT /{db}/{doc}`.
pub(crate) async fn put(server: &Arc<Server>, database: &Arc<Database>, mut request: Request, id: String) -> Outcome {
    check_doc_id(&id)?;
    let mode = if request.query.get("new_edits") == Some("false") {
        Mode::Replicated
    } else {
        Mode::Edit
    };
    let kind = request.header("content-type").unwrap_or_default().to_owned();
    let mut doc = if kind.starts_with("multipart/related;") {
        let boundary = boundary_of(&kind).ok_or_else(|| ApiError::bad_request("Missing boundary"))?;
        let body = request.take_body()?;
        read_related(body, &boundary, server.limits()).await?
    } else {
        let body = request.text().await?;
        Incoming::parse(body.as_str(), server.limits())?
    };
    doc.check_attachment_names()?;
    doc.id.clone_from(&id);
    settle_rev(&request, &mut doc)?;
    if mode == Mode::Replicated && doc.ids.is_empty() {
        return Err(ApiError::bad_request(
            "When `new_edits: false`, the document needs `_rev` or `_revisions` specified",
        ));
    }
    if doc
        .attachments
        .iter()
        .any(|one| matches!(one, IncomingAttachment::Follows(..)))
    {
        return Err(ApiError::bad_request("attachment shorter than expected"));
    }
    let deleted = doc.deleted;
    let rev = store(server, database, &request, doc, mode)?;
    if request.query.get("batch") == Some("ok") {
        return Ok(json(202, format!("{{\"ok\":true,\"id\":{}}}", text::string(&id))));
    }
    Ok(written(&request, database, if deleted { 200 } else { 201 }, &id, &rev))
}

/// `DELETE /{db}/{doc}`.
pub(crate) fn delete(server: &Arc<Server>, database: &Arc<Database>, request: &Request, id: &str) -> Outcome {
    database.read(|state| {
        if id.starts_with("_local/") {
            return state.local.get(id).map(|_| ()).ok_or_else(ApiError::missing);
        }
        let doc = state.docs.get(id).ok_or_else(ApiError::missing)?;
        find(doc, None, false).map(|_| ())
    })?;
    let mut doc = Incoming {
        id: id.to_owned(),
        deleted: true,
        ..Incoming::default()
    };
    settle_rev(request, &mut doc)?;
    let rev = store(server, database, request, doc, Mode::Edit)?;
    Ok(written(request, database, 200, id, &rev))
}

/// `COPY /{db}/{doc}` to the document the header names.
pub(crate) fn copy(server: &Arc<Server>, database: &Arc<Database>, request: &Request, id: &str) -> Outcome {
    let destination = request
        .header("destination")
        .ok_or_else(|| ApiError::bad_request("Destination header is mandatory for COPY."))?;
    let (target, query) = destination.split_once('?').unwrap_or((destination, ""));
    let target = percent_encoding::percent_decode_str(target).decode_utf8_lossy().into_owned();
    check_doc_id(&target)?;
    let rev = super::request::Query::parse(query).get("rev").map(Rev::parse).transpose()?;
    let source_rev = named_rev(request)?;
    let mut doc = database.read(|state| {
        let doc = state.docs.get(id).ok_or_else(ApiError::missing)?;
        let index = find(doc, source_rev.as_ref(), false)?;
        let body = doc.tree.node(index).body.as_ref().ok_or_else(ApiError::missing)?;
        Ok(Incoming {
            id: target.clone(),
            members: body.members.to_string(),
            attachments: body.attachments.iter().cloned().map(IncomingAttachment::Kept).collect(),
            ..Incoming::default()
        })
    })?;
    doc.set_rev(rev);
    let rev = store(server, database, request, doc, Mode::Edit)?;
    Ok(written(request, database, 201, &target, &rev))
}
