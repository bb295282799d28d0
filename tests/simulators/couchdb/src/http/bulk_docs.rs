//! `POST /{db}/_bulk_docs`.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::doc_write::prepare;
use super::reply::{Outcome, json};
use super::request::Request;
use crate::error::ApiError;
use crate::json as text;
use crate::json::Members;
use crate::server::Server;
use crate::store::database::Database;
use crate::store::edit::{Mode, fill_stubs, update};
use crate::store::incoming::{Incoming, IncomingAttachment};
use crate::store::rev::Rev;

/// Stores many documents: new revisions, or (`new_edits: false`) revisions as they are.
pub(crate) async fn bulk_docs(server: &Arc<Server>, database: &Arc<Database>, mut request: Request) -> Outcome {
    if request.method != hyper::Method::POST {
        return Err(ApiError::method("POST"));
    }
    request.wants_json()?;
    let body = request.text().await?;
    let members = Members::parse(body.as_str())?;
    let docs = members
        .get("docs")
        .ok_or_else(|| ApiError::bad_request("POST body must include `docs` parameter."))?;
    let docs: Vec<&RawValue> =
        serde_json::from_str(docs).map_err(|_| ApiError::bad_request("`docs` parameter must be an array."))?;
    let mode = match members.get("new_edits") {
        None | Some("true") => Mode::Edit,
        Some("false") => Mode::Replicated,
        Some(_) => return Err(ApiError::bad_request("`new_edits` parameter must be a boolean.")),
    };
    server.rates.documents(true, docs.len())?;
    let docs = parse(server, database, &docs, mode)?;
    let results = store(server, database, &request, docs, mode)?;
    Ok(json(201, answer(&results, mode)))
}

/// Reads all documents; one that is no document refuses all of them, as in CouchDB.
fn parse(server: &Server, database: &Database, docs: &[&RawValue], mode: Mode) -> Result<Vec<Incoming>, ApiError> {
    let limits = server.limits();
    let mut all = Vec::with_capacity(docs.len());
    for one in docs {
        let mut doc = Incoming::parse(one.get(), limits)?;
        if mode == Mode::Replicated && doc.ids.is_empty() {
            return Err(ApiError::bad_request(
                "When `new_edits: false`, the document needs `_rev` or `_revisions` specified",
            ));
        }
        doc.check_attachment_names()?;
        if doc
            .attachments
            .iter()
            .any(|one| matches!(one, IncomingAttachment::Follows(..)))
        {
            return Err(ApiError::bad_request("attachment shorter than expected"));
        }
        if doc.id.is_empty() {
            doc.id = uuid::Uuid::new_v4().simple().to_string();
        }
        prepare(database, &mut doc)?;
        all.push(doc);
    }
    Ok(all)
}

struct Written {
    id: String,
    /// What came in (for errors of replicated documents).
    named: Option<Rev>,
    result: Result<Rev, ApiError>,
}

fn store(
    server: &Server,
    database: &Database,
    request: &Request,
    mut docs: Vec<Incoming>,
    mode: Mode,
) -> Result<Vec<Written>, ApiError> {
    let writer = server.writer(request, database);
    let results = database.write(|state| {
        // An attachment that is named and not there refuses the whole request before anything is stored.
        for doc in &mut docs {
            fill_stubs(state, doc, mode)?;
        }
        let write = |doc: Incoming| Written {
            id: doc.id.clone(),
            named: doc.rev(),
            result: update(state, database.options, doc, mode, &writer),
        };
        Ok(docs.into_iter().map(write).collect::<Vec<_>>())
    })?;
    server.tell(&database.name, "updated");
    if &*database.name == "_replicator" {
        server.replications.wake();
    }
    Ok(results)
}

/// New edits tell of every document, replicated ones only of those that were refused.
fn answer(results: &[Written], mode: Mode) -> String {
    let mut out = String::with_capacity(results.len() * 96 + 2);
    out.push('[');
    for one in results {
        if mode == Mode::Replicated && one.result.is_ok() {
            continue;
        }
        if out.len() > 1 {
            out.push(',');
        }
        match &one.result {
            Ok(rev) => {
                out.push_str("{\"ok\":true,\"id\":");
                text::push_string(&mut out, &one.id);
                out.push_str(",\"rev\":");
                text::push_string(&mut out, &rev.to_string());
                out.push('}');
            }
            Err(error) => {
                out.push_str("{\"id\":");
                text::push_string(&mut out, &one.id);
                if mode == Mode::Replicated
                    && let Some(rev) = &one.named
                {
                    out.push_str(",\"rev\":");
                    text::push_string(&mut out, &rev.to_string());
                }
                out.push(',');
                out.push_str(&error.members());
                out.push('}');
            }
        }
    }
    out.push(']');
    out
}
