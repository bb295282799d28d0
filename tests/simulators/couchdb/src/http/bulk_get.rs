//! `POST /{db}/_bulk_get`: many documents by id and revision, as JSON or in parts.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::doc_read::{OpenRevs, asked, parts_of, select};
use super::multipart::{PartWriter, boundary};
use super::reply::{Gone, Outcome, Sender, channel, reply};
use super::request::Request;
use crate::error::ApiError;
use crate::faults::Twist;
use crate::json as text;
use crate::json::Members;
use crate::server::Server;
use crate::store::attachment::Attachment;
use crate::store::database::Database;
use crate::store::document::Document;
use crate::store::id::check_doc_id;
use crate::store::render::{Show, View, push_document};
use crate::store::rev::Rev;

/// One document that is asked for.
struct Wanted {
    /// JSON text of the id, `null` when there was none.
    id_text: String,
    id: String,
    which: Result<OpenRevs, WantedError>,
    atts_since: Vec<Rev>,
}

struct WantedError {
    /// JSON text of the revision.
    rev: String,
    error: ApiError,
}

/// Reads many documents.
pub(crate) async fn bulk_get(server: &Arc<Server>, database: &Arc<Database>, mut request: Request) -> Outcome {
    if request.method != hyper::Method::POST {
        return Err(ApiError::method("POST"));
    }
    request.wants_json()?;
    for (name, _) in &request.query.0 {
        if matches!(name.as_str(), "open_revs" | "new_edits" | "w" | "rev" | "atts_since") {
            return Err(ApiError::bad_request(format!("\"{name}\" query parameter is not acceptable")));
        }
    }
    let view = asked(&request.query)?.view;
    let body = request.text().await?;
    let members = Members::parse(body.as_str())?;
    let docs: Vec<&RawValue> = members
        .read("docs")
        .ok_or_else(|| ApiError::bad_request("Missing JSON list of 'docs'."))?;
    let wanted: Vec<Wanted> = docs.iter().map(|one| parse(one.get())).collect();
    server.rates.documents(false, wanted.len())?;
    let mixed = request.accepts("multipart/mixed");
    let parts = !request.accepts("application/json") && (mixed || request.accepts("multipart/related"));
    let (sender, body) = channel();
    let database = Arc::clone(database);
    if parts {
        let outer = format!("--{}", boundary());
        let kind = if mixed { "multipart/mixed" } else { "multipart/related" };
        let kind = format!("{kind}; boundary=\"{outer}\"");
        tokio::spawn(async move { send_parts(&database, sender, &wanted, &view, &outer).await });
        return Ok(reply(200, &kind, body));
    }
    let twist = request.twist.clone();
    tokio::spawn(async move { send_json(&database, sender, &wanted, &view, twist).await });
    Ok(reply(200, "application/json", body))
}

fn parse(text_of: &str) -> Wanted {
    let failed = |id: Option<String>, rev: String, error: ApiError| Wanted {
        id_text: id.as_deref().map_or_else(|| "null".to_owned(), text::string),
        id: id.unwrap_or_default(),
        which: Err(WantedError { rev, error }),
        atts_since: Vec::new(),
    };
    let null = || "null".to_owned();
    let Ok(members) = serde_json::from_str::<Members<'_>>(text_of) else {
        return failed(None, null(), ApiError::bad_request("document must be a JSON object"));
    };
    let Some(id) = members.read::<String>("id") else {
        return failed(None, null(), ApiError::bad_request("document id missed"));
    };
    if let Err(error) = check_doc_id(&id) {
        return failed(Some(id), null(), error);
    }
    let rev = match members.get("rev") {
        None => None,
        Some(raw) => match serde_json::from_str::<String>(raw).map(|rev| Rev::parse(&rev)) {
            Ok(Ok(rev)) => Some(rev),
            _ => return failed(Some(id), raw.to_owned(), ApiError::bad_request("Invalid rev format")),
        },
    };
    let since: Vec<String> = members.read("atts_since").unwrap_or_default();
    Wanted {
        id_text: text::string(&id),
        id,
        which: Ok(rev.map_or(OpenRevs::All, |rev| OpenRevs::These(vec![rev]))),
        atts_since: since.iter().filter_map(|rev| Rev::parse(rev).ok()).collect(),
    }
}

impl Wanted {
    fn view(&self, view: &View) -> View {
        let mut view = view.clone();
        if !self.atts_since.is_empty() {
            view.atts_since.clone_from(&self.atts_since);
            view.attachments = Show::Inline;
        }
        view
    }

    /// What is told of a document that cannot be given.
    fn error(&self, rev: &str, error: &ApiError) -> String {
        format!("{{\"id\":{},\"rev\":{rev},{}}}", self.id_text, error.members())
    }

    fn not_there(&self, rev: Option<&Rev>) -> String {
        let rev = rev.map_or_else(|| "\"undefined\"".to_owned(), |rev| text::string(&rev.to_string()));
        self.error(&rev, &ApiError::missing())
    }
}

async fn send_json(database: &Database, mut out: Sender, wanted: &[Wanted], view: &View, mut twist: Twist) {
    out.buffer.push_str("{\"results\":[");
    for (at, one) in wanted.iter().enumerate() {
        if at > 0 {
            out.buffer.push(',');
        }
        out.buffer.push_str("{\"id\":");
        out.buffer.push_str(&one.id_text);
        out.buffer.push_str(",\"docs\":[");
        let pushed = push_docs(database, &mut out.buffer, one, view, &mut twist);
        if let Err(error) = pushed {
            out.fail(error).await;
            return;
        }
        out.buffer.push_str("]}");
        if out.flush_if_full().await.is_err() {
            return;
        }
    }
    out.buffer.push_str("]}\n");
    // Nobody is left to tell when the client has gone.
    let _ = out.flush().await;
}

fn push_docs(database: &Database, out: &mut String, one: &Wanted, view: &View, twist: &mut Twist) -> std::io::Result<()> {
    let which = match &one.which {
        Ok(which) => which,
        Err(failed) => {
            out.push_str(&format!("{{\"error\":{}}}", one.error(&failed.rev, &failed.error)));
            return Ok(());
        }
    };
    let own_view;
    let view = if one.atts_since.is_empty() {
        view
    } else {
        own_view = one.view(view);
        &own_view
    };
    database.read(|state| {
        let doc: Option<&Document> = state.docs.get(one.id.as_str());
        let found = select(doc, which, view.latest);
        if found.is_empty() {
            out.push_str(&format!("{{\"error\":{}}}", one.not_there(None)));
        }
        for (at, leaf) in found.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            match (doc, leaf) {
                (Some(doc), Ok(index)) => {
                    out.push_str("{\"ok\":");
                    match twist.breaks(&one.id) {
                        Some(with) => out.push_str(with),
                        None => push_document(out, doc, *index, view, false)?,
                    }
                    out.push('}');
                }
                (_, Err(rev)) => out.push_str(&format!("{{\"error\":{}}}", one.not_there(Some(rev)))),
                (None, Ok(_)) => {}
            }
        }
        Ok(())
    })
}

/// A leaf as text with the attachments that follow, or the error instead of it.
enum Part {
    Leaf {
        rev: String,
        doc: String,
        attachments: Vec<Attachment>,
    },
    Failed(String),
}

fn parts(database: &Database, one: &Wanted, view: &View) -> Vec<Part> {
    let which = match &one.which {
        Ok(which) => which,
        Err(failed) => return vec![Part::Failed(one.error(&failed.rev, &failed.error))],
    };
    let view = one.view(view);
    database.read(|state| {
        let doc = state.docs.get(one.id.as_str());
        let found = select(doc, which, view.latest);
        if found.is_empty() {
            return vec![Part::Failed(one.not_there(None))];
        }
        let part = |leaf: &Result<usize, Rev>| match (doc, leaf) {
            (Some(doc), Ok(index)) => match parts_of(doc, *index, &view, false) {
                Ok((text, attachments)) => Part::Leaf {
                    rev: doc.tree.node(*index).rev.to_string(),
                    doc: text,
                    attachments,
                },
                Err(error) => Part::Failed(one.error("null", &error)),
            },
            (_, Err(rev)) => {
                let rev = text::string(&rev.to_string());
                Part::Failed(format!("{{\"rev\":{rev},\"error\":\"not_found\",\"reason\":\"missing\"}}"))
            }
            (None, Ok(_)) => Part::Failed(one.not_there(None)),
        };
        found.iter().map(part).collect()
    })
}

async fn send_parts(database: &Database, sender: Sender, wanted: &[Wanted], view: &View, outer: &str) {
    let mut out = PartWriter::new(sender);
    for one in wanted {
        for part in parts(database, one, view) {
            if send_part(&mut out, one, part, outer).await.is_err() {
                return;
            }
        }
    }
    if !wanted.is_empty() {
        out.push(&format!("\r\n--{outer}--\r\n"));
    }
    // Nobody is left to tell when the client has gone.
    let _ = out.end().await;
}

async fn send_part(out: &mut PartWriter, one: &Wanted, part: Part, outer: &str) -> Result<(), Gone> {
    out.push(&format!("\r\n--{outer}"));
    match part {
        Part::Failed(error) => {
            out.push("\r\nContent-Type: application/json; error=\"true\"\r\n\r\n");
            out.push(&error);
            Ok(())
        }
        Part::Leaf { rev, doc, attachments } => {
            let inner = format!("--{}", boundary());
            if attachments.is_empty() {
                out.push("\r\nContent-Type: application/json\r\n\r\n");
            } else {
                out.push(&format!(
                    "\r\nX-Doc-Id: {}\r\nX-Rev-Id: {rev}\r\nContent-Type: multipart/related; boundary={inner}\r\n\r\n",
                    one.id
                ));
            }
            out.related(&inner, &doc, &attachments).await
        }
    }
}
