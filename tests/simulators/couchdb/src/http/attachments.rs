//! One attachment by its address: reading whole or in ranges, writing, deleting.

use std::io::Read;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::header::{ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_RANGE, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION};

use super::databases::encode;
use super::doc_read::{asked, disk, find};
use super::doc_write::store;
use super::reply::{Outcome, from_reader, full, json, reply, set};
use super::request::Request;
use crate::error::ApiError;
use crate::json as text;
use crate::server::Server;
use crate::store::attachment::{Attachment, AttachmentWriter, Expected};
use crate::store::database::Database;
use crate::store::edit::Mode;
use crate::store::incoming::{Incoming, IncomingAttachment, check_attachment_name};
use crate::store::rev::Rev;

/// `/{db}/{doc}/{attachment}`.
pub(crate) async fn attachment(
    server: &Arc<Server>,
    database: &Arc<Database>,
    request: Request,
    id: String,
    name: String,
) -> Outcome {
    match request.method {
        Method::GET => read(database, &request, &id, &name),
        Method::PUT => put(server, database, request, id, name).await,
        Method::DELETE => delete(server, database, &request, &id, &name),
        _ => Err(ApiError::method("DELETE,GET,HEAD,PUT")),
    }
}

fn no_attachment() -> ApiError {
    ApiError::not_found("Document is missing attachment")
}

fn read(database: &Database, request: &Request, id: &str, name: &str) -> Outcome {
    let asked = asked(&request.query)?;
    let one = database.read(|state| {
        let doc = state.docs.get(id).ok_or_else(ApiError::missing)?;
        let index = find(doc, asked.rev.as_ref(), asked.view.deleted)?;
        let body = doc.tree.node(index).body.as_ref().ok_or_else(ApiError::missing)?;
        body.attachments
            .iter()
            .find(|one| &*one.name == name)
            .cloned()
            .ok_or_else(no_attachment)
    })?;
    let etag = format!("\"{}\"", one.digest());
    let mut answer = if request.header(IF_NONE_MATCH).is_some_and(|known| known == etag) {
        reply(304, &one.content_type, full(""))
    } else {
        send(request, &one)?
    };
    set(&mut answer, ETAG, &etag);
    set(&mut answer, ACCEPT_RANGES, if one.gzip { "none" } else { "bytes" });
    Ok(answer)
}

/// The bytes: compressed ones as they are for clients that take them, ranges only of uncompressed ones.
fn send(request: &Request, one: &Attachment) -> Outcome {
    let takes_gzip = request.header("accept-encoding").is_some_and(|all| {
        all.split(',')
            .any(|one| one.split(';').next().unwrap_or_default().trim() == "gzip")
    });
    if one.gzip {
        if !takes_gzip {
            let bytes = one.decoded().map_err(|error| disk(&error))?;
            let known = one.length != one.blob.len();
            return Ok(from_reader(200, &one.content_type, bytes, known.then_some(one.length)));
        }
        let bytes = one.blob.whole().map_err(|error| disk(&error))?;
        let mut answer = from_reader(200, &one.content_type, bytes, Some(one.blob.len()));
        set(&mut answer, CONTENT_ENCODING, "gzip");
        return Ok(answer);
    }
    let ranges = match request.header("range") {
        None => None,
        Some(value) => ranges(value, one.length)?,
    };
    match ranges.as_deref() {
        Some([(from, to)]) => {
            let length = to + 1 - from;
            let bytes = one.blob.reader(*from, length).map_err(|error| disk(&error))?;
            let mut answer = from_reader(206, &one.content_type, bytes, Some(length));
            set(&mut answer, CONTENT_RANGE, &format!("bytes {from}-{to}/{}", one.length));
            Ok(answer)
        }
        Some(several) if several.len() < 10 => several_ranges(one, several),
        _ => {
            let bytes = one.blob.whole().map_err(|error| disk(&error))?;
            Ok(from_reader(200, &one.content_type, bytes, Some(one.length)))
        }
    }
}

fn several_ranges(one: &Attachment, ranges: &[(u64, u64)]) -> Outcome {
    let boundary = super::multipart::boundary();
    let mut all: Box<dyn Read + Send> = Box::new(std::io::Cursor::new(format!("--{boundary}").into_bytes()));
    for (from, to) in ranges {
        let head = format!(
            "\r\nContent-Type: {}\r\nContent-Range: bytes {from}-{to}/{}\r\n\r\n",
            one.content_type, one.length
        );
        let bytes = one.blob.reader(*from, to + 1 - from).map_err(|error| disk(&error))?;
        let tail = format!("\r\n--{boundary}");
        all = Box::new(
            all.chain(std::io::Cursor::new(head.into_bytes()))
                .chain(bytes)
                .chain(std::io::Cursor::new(tail.into_bytes())),
        );
    }
    let all = all.chain(std::io::Cursor::new(b"--".to_vec()));
    let kind = format!("multipart/byteranges; boundary=\"{boundary}\"");
    Ok(from_reader(206, &kind, Box::new(all), None))
}

/// First and last byte of each range; nothing when the header is not understood or asks for everything.
fn ranges(value: &str, length: u64) -> Result<Option<Vec<(u64, u64)>>, ApiError> {
    let bad = || ApiError::new(416, "requested_range_not_satisfiable", "Requested range not satisfiable");
    let Some(list) = value.strip_prefix("bytes=") else {
        return Ok(None);
    };
    let mut all = Vec::new();
    for one in list.split(',') {
        let Some((from, to)) = one.trim().split_once('-') else {
            return Ok(None);
        };
        let (from, to): (Option<u64>, Option<u64>) = (from.parse().ok(), to.parse().ok());
        all.push(match (from, to) {
            (Some(0), None) => return Ok(None),
            (Some(from), Some(to)) if to < from => return Err(bad()),
            (Some(from), Some(to)) => (from, to.min(length.saturating_sub(1))),
            (Some(from), None) => (from, length.saturating_sub(1)),
            (None, Some(last)) => (length.saturating_sub(last), length.saturating_sub(1)),
            (None, None) => return Ok(None),
        });
    }
    if all.iter().any(|(from, to)| from > to) {
        return Err(bad());
    }
    Ok(Some(all))
}

/// The revision an attachment is put on top of.
fn target_rev(request: &Request) -> Result<Option<Rev>, ApiError> {
    let header = request.header(IF_MATCH).map(|text| text.trim_matches('"'));
    request.query.get("rev").or(header).map(Rev::parse).transpose()
}

/// The document as it is at a revision, its attachments kept; a new one without a revision.
fn document(database: &Database, id: &str, rev: Option<Rev>) -> Result<Incoming, ApiError> {
    let Some(rev) = rev else {
        return Ok(Incoming {
            id: id.to_owned(),
            ..Incoming::default()
        });
    };
    database.read(|state| {
        let missing = || ApiError::new(409, "not_found", "missing_rev");
        let doc = state.docs.get(id).ok_or_else(missing)?;
        let index = doc.tree.find(&rev).ok_or_else(missing)?;
        let node = doc.tree.node(index);
        let body = node.body.as_ref().ok_or_else(missing)?;
        let mut copy = Incoming {
            id: id.to_owned(),
            members: body.members.to_string(),
            attachments: body.attachments.iter().cloned().map(IncomingAttachment::Kept).collect(),
            ..Incoming::default()
        };
        copy.set_rev(Some(rev));
        Ok(copy)
    })
}

async fn put(server: &Arc<Server>, database: &Arc<Database>, mut request: Request, id: String, name: String) -> Outcome {
    check_attachment_name(&name)?;
    crate::store::id::check_doc_id(&id)?;
    let gzip = match request.header("content-encoding").map(str::trim) {
        None | Some("identity" | "") => false,
        Some("gzip") => true,
        Some(_) => {
            return Err(ApiError::new(
                415,
                "bad_content_type",
                "Only gzip and identity content-encodings are supported",
            ));
        }
    };
    let md5 = request
        .header("content-md5")
        .and_then(|text| STANDARD.decode(text).ok())
        .and_then(|raw| raw.try_into().ok());
    let expected = Expected {
        name: name.as_str().into(),
        content_type: request.header("content-type").unwrap_or("application/octet-stream").into(),
        revpos: 0,
        md5,
        gzip,
        length: None,
    };
    let rev = target_rev(&request)?;
    let mut writer = AttachmentWriter::new(expected, server.config.max_attachment);
    let mut body = request.take_body()?;
    while let Some(data) = body.next().await? {
        writer.push(&data)?;
    }
    let mut doc = document(database, &id, rev)?;
    doc.attachments.retain(|one| **one.name() != *name);
    doc.attachments.insert(0, IncomingAttachment::Stored(writer.finish()?));
    let rev = store(server, database, &request, doc, Mode::Edit)?;
    let mut answer = done(201, &id, &rev);
    let place = format!(
        "http://{}/{}/{}/{}",
        request.host(),
        encode(&database.name),
        encode(&id),
        encode(&name)
    );
    set(&mut answer, LOCATION, &place);
    Ok(answer)
}

fn delete(server: &Arc<Server>, database: &Arc<Database>, request: &Request, id: &str, name: &str) -> Outcome {
    let rev = target_rev(request)?;
    if rev.is_none() {
        let there = database.read(|state| {
            let doc = state.docs.get(id).ok_or_else(ApiError::missing)?;
            let index = find(doc, None, false)?;
            let body = doc.tree.node(index).body.as_ref();
            Ok(body.is_some_and(|body| body.attachments.iter().any(|one| &*one.name == name)))
        })?;
        return Err(if there { ApiError::conflict() } else { no_attachment() });
    }
    let mut doc = document(database, id, rev)?;
    let before = doc.attachments.len();
    doc.attachments.retain(|one| &**one.name() != name);
    if doc.attachments.len() == before {
        return Err(no_attachment());
    }
    let rev = store(server, database, request, doc, Mode::Edit)?;
    Ok(done(200, id, &rev))
}

fn done(status: u16, id: &str, rev: &Rev) -> super::reply::Reply {
    json(
        status,
        format!(
            "{{\"ok\":true,\"id\":{},\"rev\":{}}}",
            text::string(id),
            text::string(&rev.to_string())
        ),
    )
}
