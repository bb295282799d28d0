//! Documents as they leave: the stored text between the members CouchDB adds.

use std::io::{self, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::attachment::Attachment;
use super::document::Document;
use super::rev::Rev;
use super::tree::Node;
use crate::json;

/// What a document is shown with.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    pub(crate) revs: bool,
    pub(crate) revs_info: bool,
    pub(crate) conflicts: bool,
    pub(crate) deleted_conflicts: bool,
    pub(crate) local_seq: bool,
    pub(crate) latest: bool,
    pub(crate) deleted: bool,
    pub(crate) encoding_info: bool,
    pub(crate) attachments: Show,
    /// Attachments that came with one of these revisions or earlier are only named.
    pub(crate) atts_since: Vec<Rev>,
}

/// How attachments are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Show {
    /// Named only.
    #[default]
    Stubs,
    /// In the document, in base64.
    Inline,
    /// In parts of their own after the document.
    Follow,
}

impl View {
    /// The generation up to which attachments are only named.
    pub(crate) fn known_generation(&self, doc: &Document, index: usize) -> u64 {
        if self.atts_since.is_empty() {
            return 0;
        }
        let path = doc.tree.path(index);
        let known = path.filter(|node| self.atts_since.contains(&node.rev));
        known.map(|node| node.rev.pos).max().unwrap_or(0)
    }

    /// The attachments of a revision whose bytes are sent in parts.
    pub(crate) fn following<'a>(&self, doc: &'a Document, index: usize) -> Vec<&'a Attachment> {
        let known = self.known_generation(doc, index);
        let body = doc.tree.node(index).body.as_ref();
        let all = body.map_or(&[][..], |body| body.attachments.as_slice());
        all.iter().filter(|one| known == 0 || one.revpos > known).collect()
    }
}

/// Appends the revision `index` of a document. `meta` adds what only the winner is shown with.
pub(crate) fn push_document(out: &mut String, doc: &Document, index: usize, view: &View, meta: bool) -> io::Result<()> {
    let node = doc.tree.node(index);
    out.push_str("{\"_id\":");
    json::push_string(out, &doc.id);
    out.push_str(",\"_rev\":\"");
    push_rev(out, &node.rev);
    out.push('"');
    if let Some(body) = &node.body
        && !body.members.is_empty()
    {
        out.push(',');
        out.push_str(&body.members);
    }
    if node.deleted {
        out.push_str(",\"_deleted\":true");
    }
    if view.revs {
        push_revisions(out, doc, index);
    }
    if meta {
        push_meta(out, doc, index, view);
    }
    push_attachments(out, doc, index, view)?;
    out.push('}');
    Ok(())
}

/// Appends `N-text`.
pub(crate) fn push_rev(out: &mut String, rev: &Rev) {
    out.push_str(&rev.pos.to_string());
    out.push('-');
    // A revision of a foreign server may be any text.
    if rev.id.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        out.push_str(&rev.id);
    } else {
        let quoted = json::string(&rev.id);
        out.push_str(&quoted[1..quoted.len() - 1]);
    }
}

fn push_revisions(out: &mut String, doc: &Document, index: usize) {
    out.push_str(",\"_revisions\":{\"start\":");
    out.push_str(&doc.tree.node(index).rev.pos.to_string());
    out.push_str(",\"ids\":[");
    for (at, node) in doc.tree.path(index).enumerate() {
        if at > 0 {
            out.push(',');
        }
        json::push_string(out, &node.rev.id);
    }
    out.push_str("]}");
}

/// Appends a list of revisions under `name`, if there are any.
fn push_revs<'a>(out: &mut String, name: &str, revs: impl Iterator<Item = &'a Node>) {
    let mut first = true;
    for node in revs {
        out.push_str(",\"");
        if first {
            out.push_str(name);
            out.push_str("\":[\"");
        }
        first = false;
        push_rev(out, &node.rev);
        out.push('"');
    }
    if !first {
        out.push(']');
    }
}

fn push_meta(out: &mut String, doc: &Document, index: usize, view: &View) {
    if view.revs_info {
        out.push_str(",\"_revs_info\":[");
        for (at, node) in doc.tree.path(index).enumerate() {
            if at > 0 {
                out.push(',');
            }
            let status = match (&node.body, node.deleted) {
                (None, _) => "missing",
                (_, true) => "deleted",
                (Some(_), false) => "available",
            };
            out.push_str("{\"rev\":\"");
            push_rev(out, &node.rev);
            out.push_str("\",\"status\":\"");
            out.push_str(status);
            out.push_str("\"}");
        }
        out.push(']');
    }
    if view.conflicts || view.deleted_conflicts {
        let others: Vec<usize> = doc.tree.leaves().into_iter().filter(|leaf| *leaf != index).collect();
        let nodes = |deleted: bool| {
            let nodes = others.iter().map(|leaf| doc.tree.node(*leaf));
            nodes.filter(move |node| node.deleted == deleted)
        };
        if view.conflicts {
            push_revs(out, "_conflicts", nodes(false));
        }
        if view.deleted_conflicts {
            push_revs(out, "_deleted_conflicts", nodes(true));
        }
    }
    if view.local_seq {
        out.push_str(",\"_local_seq\":");
        out.push_str(&doc.seq.to_string());
    }
}

fn push_attachments(out: &mut String, doc: &Document, index: usize, view: &View) -> io::Result<()> {
    let Some(body) = doc.tree.node(index).body.as_ref().filter(|body| !body.attachments.is_empty()) else {
        return Ok(());
    };
    let known = view.known_generation(doc, index);
    out.push_str(",\"_attachments\":{");
    for (at, one) in body.attachments.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        let show = if known > 0 && one.revpos <= known {
            Show::Stubs
        } else {
            view.attachments
        };
        json::push_string(out, &one.name);
        out.push_str(":{\"content_type\":");
        json::push_string(out, &one.content_type);
        out.push_str(&format!(",\"revpos\":{},\"digest\":\"md5-{}\"", one.revpos, one.digest()));
        match show {
            Show::Stubs => out.push_str(&format!(",\"length\":{},\"stub\":true", one.length)),
            Show::Follow => out.push_str(&format!(",\"length\":{},\"follows\":true", one.length)),
            Show::Inline => {
                let mut bytes = Vec::new();
                one.decoded()?.read_to_end(&mut bytes)?;
                out.push_str(",\"data\":\"");
                STANDARD.encode_string(&bytes, out);
                out.push('"');
            }
        }
        if view.encoding_info && one.gzip {
            out.push_str(&format!(",\"encoding\":\"gzip\",\"encoded_length\":{}", one.blob.len()));
        }
        out.push('}');
    }
    out.push('}');
    Ok(())
}
