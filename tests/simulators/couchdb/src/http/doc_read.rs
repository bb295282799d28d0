//! Reading documents: the winner, a revision, several leaves; as JSON or with attachments in parts.

use std::io;
use std::sync::Arc;

use hyper::header::{ETAG, IF_NONE_MATCH};

use super::multipart::{PartWriter, boundary};
use super::reply::{Outcome, Reply, channel, full, json, reply, set};
use super::request::{Query, Request};
use crate::error::ApiError;
use crate::store::attachment::Attachment;
use crate::store::database::{Database, State};
use crate::store::document::Document;
use crate::store::render::{Show, View, push_document};
use crate::store::rev::Rev;

/// The options of a reading request.
pub(crate) struct Asked {
    pub(crate) view: View,
    pub(crate) rev: Option<Rev>,
    pub(crate) open_revs: Option<OpenRevs>,
}

/// Which leaves are asked for.
#[derive(Debug, Clone)]
pub(crate) enum OpenRevs {
    All,
    These(Vec<Rev>),
}

/// Reads the options of a document from a query.
pub(crate) fn asked(query: &Query) -> Result<Asked, ApiError> {
    let mut view = View::default();
    let meta = query.flag("meta");
    view.revs = query.flag("revs");
    view.revs_info = meta || query.flag("revs_info");
    view.conflicts = meta || query.flag("conflicts");
    view.deleted_conflicts = meta || query.flag("deleted_conflicts");
    view.local_seq = query.flag("local_seq");
    view.latest = query.flag("latest");
    view.deleted = query.flag("deleted");
    view.encoding_info = query.flag("att_encoding_info");
    if query.flag("attachments") {
        view.attachments = Show::Inline;
    }
    if let Some(since) = query.json::<Vec<String>>("atts_since")? {
        view.atts_since = since.iter().map(|text| Rev::parse(text)).collect::<Result<_, _>>()?;
        view.attachments = Show::Inline;
    }
    let rev = query.get("rev").map(Rev::parse).transpose()?;
    let open_revs = match query.get("open_revs") {
        None => None,
        Some("all") => Some(OpenRevs::All),
        Some(_) => {
            let texts: Vec<String> = query.json("open_revs")?.unwrap_or_default();
            Some(OpenRevs::These(
                texts.iter().map(|text| Rev::parse(text)).collect::<Result<_, _>>()?,
            ))
        }
    };
    Ok(Asked { view, rev, open_revs })
}

/// `GET /{db}/{doc}`.
pub(crate) fn read(database: &Arc<Database>, request: &Request, id: &str) -> Outcome {
    let asked = asked(&request.query)?;
    let mut twist = request.twist.clone();
    let broken = twist.breaks(id);
    if id.starts_with("_local/") {
        let found = database.read(|state| state.local.get(id).map(|doc| doc.render(id)));
        return Ok(json(200, found.ok_or_else(ApiError::missing)?));
    }
    if let Some(which) = &asked.open_revs {
        return open_revs(database, request, id, which, &asked.view, broken);
    }
    let parts = request.accepts("multipart/related") && asked.view.attachments == Show::Inline;
    database.read(|state| one(state, request, id, &asked, parts, broken))
}

fn one(state: &State, request: &Request, id: &str, asked: &Asked, parts: bool, broken: Option<&'static str>) -> Outcome {
    let doc = state.docs.get(id).ok_or_else(ApiError::missing)?;
    let rev = asked.rev.as_ref().filter(|_| !asked.view.latest);
    let index = find(doc, rev, asked.view.deleted)?;
    let node = doc.tree.node(index);
    let view = &asked.view;
    let has_meta = rev.is_none() && (view.revs_info || view.conflicts || view.deleted_conflicts || view.local_seq);
    let etag = format!("\"{}\"", node.rev);
    if !has_meta
        && request
            .header(IF_NONE_MATCH)
            .is_some_and(|known| known == etag || known == "*")
    {
        let mut answer = reply(304, "application/json", full(""));
        set(&mut answer, ETAG, &etag);
        return Ok(answer);
    }
    let has_attachments = node.body.as_ref().is_some_and(|body| !body.attachments.is_empty());
    let mut answer = if parts && has_attachments {
        related(doc, index, view, rev.is_none())
    } else {
        let mut out = String::new();
        match broken {
            Some(with) => out.push_str(with),
            None => push_document(&mut out, doc, index, view, rev.is_none()).map_err(|error| disk(&error))?,
        }
        Ok(json(200, out))
    }?;
    if !has_meta {
        set(&mut answer, ETAG, &etag);
    }
    Ok(answer)
}

/// The revision of a document that is meant.
pub(crate) fn find(doc: &Document, rev: Option<&Rev>, deleted: bool) -> Result<usize, ApiError> {
    match rev {
        Some(rev) => doc
            .tree
            .find(rev)
            .filter(|index| doc.tree.node(*index).body.is_some())
            .ok_or_else(ApiError::missing),
        None => {
            let winner = doc.winner().ok_or_else(ApiError::missing)?;
            if doc.tree.node(winner).deleted && !deleted {
                return Err(ApiError::deleted());
            }
            Ok(winner)
        }
    }
}

pub(crate) fn disk(error: &io::Error) -> ApiError {
    ApiError::new(500, "internal_server_error", error.to_string())
}

/// One document and its attachments as `multipart/related`.
fn related(doc: &Document, index: usize, view: &View, meta: bool) -> Outcome {
    let (text, attachments) = parts_of(doc, index, view, meta)?;
    let boundary = boundary();
    let kind = format!("multipart/related; boundary=\"{boundary}\"");
    let (sender, body) = channel();
    tokio::spawn(async move {
        let mut out = PartWriter::new(sender);
        // Nobody is left to tell when the client has gone.
        let _ = out.related(&boundary, &text, &attachments).await;
        let _ = out.end().await;
    });
    Ok(reply(200, &kind, body))
}

/// A document as text and the attachments that follow it.
pub(crate) fn parts_of(doc: &Document, index: usize, view: &View, meta: bool) -> Result<(String, Vec<Attachment>), ApiError> {
    let mut text = String::new();
    let view = View {
        // A leaf's attachments come with it in this form even when nobody asked for them.
        attachments: Show::Follow,
        encoding_info: true,
        ..view.clone()
    };
    push_document(&mut text, doc, index, &view, meta).map_err(|error| disk(&error))?;
    let attachments = view.following(doc, index).into_iter().cloned().collect();
    Ok((text, attachments))
}

/// The leaves that are meant, in order; `Err` is a revision that is not there.
pub(crate) fn select(doc: Option<&Document>, which: &OpenRevs, latest: bool) -> Vec<Result<usize, Rev>> {
    match (doc, which) {
        (None, OpenRevs::All) => Vec::new(),
        (None, OpenRevs::These(revs)) => revs.iter().cloned().map(Err).collect(),
        (Some(doc), OpenRevs::All) => doc.tree.leaves().into_iter().map(Ok).collect(),
        (Some(doc), OpenRevs::These(revs)) => {
            let mut found: Vec<Result<usize, Rev>> = Vec::new();
            for rev in revs {
                match doc.tree.find(rev) {
                    Some(index) if latest => {
                        for leaf in doc.tree.leaves_above(index) {
                            if !found.contains(&Ok(leaf)) {
                                found.push(Ok(leaf));
                            }
                        }
                    }
                    Some(index) if doc.tree.node(index).body.is_some() => found.push(Ok(index)),
                    _ => found.push(Err(rev.clone())),
                }
            }
            found
        }
    }
}

fn open_revs(
    database: &Arc<Database>,
    request: &Request,
    id: &str,
    which: &OpenRevs,
    view: &View,
    broken: Option<&'static str>,
) -> Outcome {
    let multipart = request.accepts("multipart/mixed");
    database.read(|state| {
        let doc = state.docs.get(id);
        let found = select(doc, which, view.latest);
        if found.is_empty() && matches!(which, OpenRevs::All) {
            return Err(ApiError::missing());
        }
        if multipart && broken.is_none() {
            return mixed(doc, &found, view);
        }
        let mut out = String::from("[");
        for (at, one) in found.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            match (doc, one, broken) {
                (Some(_), Ok(_), Some(with)) if at == 0 => out.push_str(&format!("{{\"ok\":{with}}}")),
                (Some(doc), Ok(index), _) => {
                    out.push_str("{\"ok\":");
                    push_document(&mut out, doc, *index, view, false).map_err(|error| disk(&error))?;
                    out.push('}');
                }
                (_, Err(rev), _) => out.push_str(&format!("{{\"missing\":\"{rev}\"}}")),
                (None, Ok(_), _) => {}
            }
        }
        out.push(']');
        // CouchDB ends this one without a line break.
        Ok(reply(200, "application/json", full(out)))
    })
}

/// Several leaves as `multipart/mixed`, those with attachments as `multipart/related` within.
fn mixed(doc: Option<&Document>, found: &[Result<usize, Rev>], view: &View) -> Result<Reply, ApiError> {
    let mut parts = Vec::new();
    for one in found {
        parts.push(match (doc, one) {
            (Some(doc), Ok(index)) => Ok(parts_of(doc, *index, view, false)?),
            (_, Err(rev)) => Err(rev.clone()),
            (None, Ok(_)) => continue,
        });
    }
    let outer = boundary();
    let kind = format!("multipart/mixed; boundary=\"{outer}\"");
    let (sender, body) = channel();
    tokio::spawn(async move {
        let mut out = PartWriter::new(sender);
        // Nobody is left to tell when the client has gone.
        let _ = out.mixed(&outer, &parts).await;
        let _ = out.end().await;
    });
    Ok(reply(200, &kind, body))
}
