//! `_all_docs`, `_design_docs` and `_local_docs`: documents by id, page by page.

use std::ops::Bound;
use std::sync::Arc;

use hyper::Method;
use serde_json::Value;

use super::reply::{Outcome, Sender, channel, json, reply};
use super::request::{Query, Request};
use crate::error::ApiError;
use crate::json as text;
use crate::store::database::{Database, State};
use crate::store::document::Document;
use crate::store::render::{Show, View, push_document};

/// Rows made while the database is held.
const AT_ONCE: usize = 500;

/// What is asked for.
#[derive(Debug, Clone)]
struct Page {
    keys: Option<Vec<Value>>,
    start: Option<String>,
    end: Option<String>,
    inclusive_end: bool,
    descending: bool,
    skip: u64,
    limit: u64,
    include_docs: bool,
    update_seq: bool,
    view: View,
    /// `_design/` or `_local/` alone.
    prefix: Option<&'static str>,
}

impl Page {
    /// The options of the query and, for POST, of the body, which may say the same things.
    fn parse(query: &Query) -> Result<Self, ApiError> {
        let text = |names: [&str; 2]| -> Result<Option<String>, ApiError> {
            for name in names {
                if let Some(value) = query.json::<Value>(name)? {
                    return Ok(Some(match value {
                        Value::String(text) => text,
                        // Ids are texts: anything else sorts before or after all of them.
                        Value::Object(_) | Value::Array(_) => "\u{10ffff}".to_owned(),
                        _ => String::new(),
                    }));
                }
            }
            Ok(None)
        };
        let key = text(["key", "key"])?;
        let mut view = View {
            conflicts: query.flag("conflicts"),
            encoding_info: query.flag("att_encoding_info"),
            ..View::default()
        };
        if query.flag("attachments") {
            view.attachments = Show::Inline;
        }
        let first = |names: [&str; 2]| query.get(names[0]).or(query.get(names[1])).map(str::to_owned);
        let start = match key.clone() {
            Some(key) => Some(key),
            None => text(["startkey", "start_key"])?.or_else(|| first(["startkey_docid", "start_key_doc_id"])),
        };
        let end = match key {
            Some(key) => Some(key),
            None => text(["endkey", "end_key"])?.or_else(|| first(["endkey_docid", "end_key_doc_id"])),
        };
        Ok(Self {
            keys: query
                .json("keys")
                .map_err(|_| ApiError::bad_request("`keys` parameter must be an array."))?,
            start,
            end,
            inclusive_end: query.get("inclusive_end") != Some("false"),
            descending: query.flag("descending"),
            skip: query.number("skip")?.unwrap_or(0),
            limit: query.number("limit")?.unwrap_or(u64::MAX),
            include_docs: query.flag("include_docs"),
            update_seq: query.flag("update_seq"),
            view,
            prefix: None,
        })
    }
}

/// Adds the members of a body to a query: POST may give the options in either place.
fn with_body(query: &mut Query, body: &str) -> Result<(), ApiError> {
    if body.trim().is_empty() {
        return Ok(());
    }
    let members = text::Members::parse(body)?;
    if members.get("keys").is_some_and(|keys| !keys.starts_with('[')) {
        return Err(ApiError::bad_request("`keys` body member must be an array."));
    }
    for (name, value) in &members.0 {
        let plain = matches!(
            &**name,
            "startkey_docid" | "endkey_docid" | "start_key_doc_id" | "end_key_doc_id"
        );
        let value = match serde_json::from_str::<String>(value.get()) {
            Ok(text) if plain => text,
            _ => value.get().to_owned(),
        };
        query.0.push((name.clone().into_owned(), value));
    }
    Ok(())
}

/// Lists documents.
pub(crate) async fn all_docs(database: &Arc<Database>, mut request: Request, which: &str) -> Outcome {
    match request.method {
        Method::GET => {}
        Method::POST => {
            if request.segments.len() > 2 {
                return queries(database, &mut request, which).await;
            }
            request.wants_json()?;
            let body = request.text().await?;
            with_body(&mut request.query, body.as_str())?;
        }
        _ => return Err(ApiError::method("GET,HEAD,POST")),
    }
    let mut page = Page::parse(&request.query)?;
    page.prefix = prefix(which);
    if page.prefix == Some("_local/") {
        return Ok(json(200, local(database, &page)));
    }
    let (sender, body) = channel();
    let database = Arc::clone(database);
    tokio::spawn(async move { send(&database, sender, page).await });
    Ok(reply(200, "application/json", body))
}

fn prefix(which: &str) -> Option<&'static str> {
    match which {
        "_design_docs" => Some("_design/"),
        "_local_docs" => Some("_local/"),
        _ => None,
    }
}

/// `POST …/queries`: several lists in one answer.
async fn queries(database: &Arc<Database>, request: &mut Request, which: &str) -> Outcome {
    let body = request.text().await?;
    let queries: Vec<&serde_json::value::RawValue> = text::Members::parse(body.as_str())?
        .read("queries")
        .ok_or_else(|| ApiError::bad_request("POST body must include `queries` parameter."))?;
    let mut out = String::from("{\"results\":[\r\n");
    for (at, one) in queries.iter().enumerate() {
        let mut query = request.query.clone();
        with_body(&mut query, one.get())?;
        let mut page = Page::parse(&query)?;
        page.prefix = prefix(which);
        if at > 0 {
            out.push_str(",\r\n");
        }
        if page.prefix == Some("_local/") {
            out.push_str(&local(database, &page));
        } else {
            database
                .read(|state| whole(state, database, &page, &mut out))
                .map_err(|error| super::doc_read::disk(&error))?;
        }
    }
    out.push_str("\r\n]}");
    Ok(json(200, out))
}

fn whole(state: &State, database: &Database, page: &Page, out: &mut String) -> std::io::Result<()> {
    head(state, database, page, out);
    let mut cursor = Cursor::new(page);
    rows(state, page, &mut cursor, out, usize::MAX)?;
    out.push_str("\r\n]}");
    Ok(())
}

/// Where a list stands.
struct Cursor {
    /// The next key of a list by keys.
    at: usize,
    /// The last id that was looked at.
    last: Option<String>,
    skip: u64,
    left: u64,
    first: bool,
}

impl Cursor {
    fn new(page: &Page) -> Self {
        Self {
            at: 0,
            last: None,
            skip: page.skip,
            left: page.limit,
            first: true,
        }
    }
}

async fn send(database: &Database, mut out: Sender, page: Page) {
    database.read(|state| head(state, database, &page, &mut out.buffer));
    let mut cursor = Cursor::new(&page);
    loop {
        let done = match database.read(|state| rows(state, &page, &mut cursor, &mut out.buffer, AT_ONCE)) {
            Ok(done) => done,
            Err(error) => {
                out.fail(error).await;
                return;
            }
        };
        if done {
            break;
        }
        if out.flush_if_full().await.is_err() {
            return;
        }
    }
    out.buffer.push_str("\r\n]}\n");
    // Nobody is left to tell when the client has gone.
    let _ = out.flush().await;
}

fn head(state: &State, database: &Database, page: &Page, out: &mut String) {
    let total = match page.prefix {
        None => state.live,
        Some(prefix) => live(state, Some(prefix.to_owned()))
            .take_while(|doc| doc.id.starts_with(prefix))
            .count() as u64,
    };
    out.push_str(&format!("{{\"total_rows\":{total},\"offset\":"));
    if page.keys.is_some() {
        out.push_str("null");
    } else {
        let before = match &page.start {
            None => 0,
            Some(start) if page.descending => live(state, Some(start.clone())).filter(|doc| *doc.id > **start).count(),
            Some(start) => state
                .docs
                .range::<str, _>((Bound::Unbounded, Bound::Excluded(start.as_str())))
                .filter(|(_, doc)| !doc.tree.is_deleted())
                .count(),
        };
        out.push_str(&(before as u64 + page.skip).min(total).to_string());
    }
    if page.update_seq {
        out.push_str(&format!(",\"update_seq\":\"{}\"", database.seq_text(state.seq)));
    }
    out.push_str(",\"rows\":[\r\n");
}

fn live(state: &State, from: Option<String>) -> impl Iterator<Item = &Document> {
    let from = from.unwrap_or_default();
    let range = state.docs.range::<str, _>((Bound::Included(from.as_str()), Bound::Unbounded));
    range.map(|(_, doc)| doc).filter(|doc| !doc.tree.is_deleted())
}

/// Makes up to `count` rows. Whether there are no more.
fn rows(state: &State, page: &Page, cursor: &mut Cursor, out: &mut String, count: usize) -> std::io::Result<bool> {
    if let Some(keys) = &page.keys {
        return key_rows(state, page, keys, cursor, out, count);
    }
    let start = page.start.as_deref();
    let end = page.end.as_deref();
    let near = match cursor.last.as_deref() {
        Some(last) => Bound::Excluded(last),
        None => start.map_or(Bound::Unbounded, Bound::Included),
    };
    let far = match end {
        None => Bound::Unbounded,
        Some(end) if page.inclusive_end => Bound::Included(end),
        Some(end) => Bound::Excluded(end),
    };
    let (low, high) = if page.descending { (far, near) } else { (near, far) };
    if is_empty(low, high) {
        return Ok(true);
    }
    let range = state.docs.range::<str, _>((low, high));
    let docs: Box<dyn Iterator<Item = &Document>> = if page.descending {
        Box::new(range.rev().map(|(_, doc)| doc))
    } else {
        Box::new(range.map(|(_, doc)| doc))
    };
    let mut made = 0;
    for doc in docs {
        if cursor.left == 0 {
            return Ok(true);
        }
        if doc.tree.is_deleted() || page.prefix.is_some_and(|prefix| !doc.id.starts_with(prefix)) {
            continue;
        }
        if cursor.skip > 0 {
            cursor.skip -= 1;
            continue;
        }
        comma(cursor, out);
        row(doc, page, out)?;
        cursor.left -= 1;
        made += 1;
        if made == count || out.len() > 1 << 20 {
            cursor.last = Some(doc.id.to_string());
            return Ok(false);
        }
    }
    Ok(true)
}

/// Bounds that exclude everything, which a map refuses to be asked for.
fn is_empty(low: Bound<&str>, high: Bound<&str>) -> bool {
    match (low, high) {
        (Bound::Included(low), Bound::Included(high)) => low > high,
        (Bound::Included(low) | Bound::Excluded(low), Bound::Excluded(high)) | (Bound::Excluded(low), Bound::Included(high)) => {
            low >= high
        }
        _ => false,
    }
}

fn comma(cursor: &mut Cursor, out: &mut String) {
    if !cursor.first {
        out.push_str(",\r\n");
    }
    cursor.first = false;
}

fn key_rows(
    state: &State,
    page: &Page,
    keys: &[Value],
    cursor: &mut Cursor,
    out: &mut String,
    count: usize,
) -> std::io::Result<bool> {
    let mut made = 0;
    while let Some(key) = keys.get(cursor.at) {
        if cursor.left == 0 {
            return Ok(true);
        }
        if made == count || out.len() > 1 << 20 {
            return Ok(false);
        }
        cursor.at += 1;
        if cursor.skip > 0 {
            cursor.skip -= 1;
            continue;
        }
        made += 1;
        cursor.left -= 1;
        comma(cursor, out);
        match key.as_str().and_then(|id| state.docs.get(id)) {
            Some(doc) => row(doc, page, out)?,
            None => out.push_str(&format!("{{\"key\":{key},\"error\":\"not_found\"}}")),
        }
    }
    Ok(true)
}

fn row(doc: &Document, page: &Page, out: &mut String) -> std::io::Result<()> {
    let Some(winner) = doc.winner() else { return Ok(()) };
    let node = doc.tree.node(winner);
    out.push_str("{\"id\":");
    text::push_string(out, &doc.id);
    out.push_str(",\"key\":");
    text::push_string(out, &doc.id);
    out.push_str(",\"value\":{\"rev\":\"");
    crate::store::render::push_rev(out, &node.rev);
    out.push_str(if node.deleted { "\",\"deleted\":true}" } else { "\"}" });
    if page.include_docs {
        out.push_str(",\"doc\":");
        if node.deleted {
            out.push_str("null");
        } else {
            push_document(out, doc, winner, &page.view, true)?;
        }
    }
    out.push('}');
    Ok(())
}

/// `_local_docs`: they are few.
fn local(database: &Database, page: &Page) -> String {
    database.read(|state| {
        let mut docs: Vec<_> = state.local.iter().collect();
        if page.descending {
            docs.reverse();
        }
        let full = |id: &str| {
            if id.starts_with("_local/") {
                id.to_owned()
            } else {
                format!("_local/{id}")
            }
        };
        let (low, high) = if page.descending {
            (&page.end, &page.start)
        } else {
            (&page.start, &page.end)
        };
        docs.retain(|(id, _)| {
            let wanted = page
                .keys
                .as_ref()
                .is_none_or(|keys| keys.iter().any(|key| key.as_str().map(full).as_ref() == Some(*id)));
            wanted && low.as_ref().is_none_or(|low| **id >= full(low)) && high.as_ref().is_none_or(|high| **id <= full(high))
        });
        let skip = usize::try_from(page.skip).unwrap_or(usize::MAX);
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut out = String::from("{\"total_rows\":null,\"offset\":null,\"rows\":[\r\n");
        for (at, (id, doc)) in docs.into_iter().skip(skip).take(limit).enumerate() {
            if at > 0 {
                out.push_str(",\r\n");
            }
            let name = text::string(id);
            out.push_str(&format!(
                "{{\"id\":{name},\"key\":{name},\"value\":{{\"rev\":\"0-{}\"}}",
                doc.version
            ));
            if page.include_docs {
                out.push_str(",\"doc\":");
                out.push_str(&doc.render(id));
            }
            out.push('}');
        }
        out.push_str("\r\n]}");
        out
    })
}
