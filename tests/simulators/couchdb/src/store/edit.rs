//! Writing documents: edits on top of a leaf, and revisions that come as they are from elsewhere.

use std::sync::Arc;

use md5::{Digest, Md5};

use super::attachment::Attachment;
use super::database::{Options, State};
use super::document::{Body, Document};
use super::id::check_partition;
use super::incoming::{Incoming, IncomingAttachment};
use super::local;
use super::rev::Rev;
use super::tree::{Merged, Path, RevTree};
use crate::error::ApiError;
use crate::json::Members;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A new revision on top of the named one (`new_edits=true`).
    Edit,
    /// The revision as it is, with its history (`new_edits=false`).
    Replicated,
}

/// A rule for documents, the only form of `validate_doc_update` the stand-in understands: live documents must have a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Validator {
    field: String,
}

impl Validator {
    /// Recognises `/* standin: require FIELD */` in a design document's function.
    pub(crate) fn of(members: &str) -> Option<Self> {
        let text = format!("{{{members}}}");
        let source: String = Members::parse(&text).ok()?.read("validate_doc_update")?;
        let (_, rest) = source.split_once("/* standin: require ")?;
        let (field, _) = rest.split_once(" */")?;
        Some(Self { field: field.to_owned() })
    }

    fn check(&self, doc: &Incoming) -> Result<(), ApiError> {
        let text = format!("{{{}}}", doc.members);
        if doc.deleted || Members::parse(&text)?.get(&self.field).is_some() {
            return Ok(());
        }
        Err(ApiError::forbidden(format!("{} is required", self.field)))
    }
}

/// Who writes, as far as it matters here.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    /// Why they may not write design documents; nothing when they may.
    pub(crate) no_admin: Option<ApiError>,
}

/// Puts the attachments a document only names in place of the names. A name without its attachment fails the whole request.
pub(crate) fn fill_stubs(state: &State, doc: &mut Incoming, mode: Mode) -> Result<(), ApiError> {
    let has_stubs = doc
        .attachments
        .iter()
        .any(|one| matches!(one, IncomingAttachment::Stub { .. }));
    if !has_stubs {
        return Ok(());
    }
    let stored = state.docs.get(doc.id.as_str());
    let previous: Option<Arc<Body>> = match (mode, stored) {
        (_, None) => None,
        (Mode::Edit, Some(stored)) => match doc.rev() {
            // A conflict, which the write itself tells.
            Some(rev) => match stored.tree.find(&rev).filter(|index| stored.tree.is_leaf(*index)) {
                Some(index) => stored.tree.node(index).body.clone(),
                None => return Ok(()),
            },
            None => return Ok(()),
        },
        (Mode::Replicated, Some(stored)) => {
            if doc.rev().is_some_and(|rev| stored.tree.find(&rev).is_some()) {
                return Ok(());
            }
            let found = nearest_body(&stored.tree, doc);
            if found.is_none() {
                return Err(ApiError::missing_stub(format!(
                    "Previous revision missing for document {}",
                    doc.id
                )));
            }
            found
        }
    };
    for one in &mut doc.attachments {
        let IncomingAttachment::Stub { name, revpos } = one else {
            continue;
        };
        let known = previous.as_ref().and_then(|body| {
            let same = |known: &&Attachment| known.name == *name && revpos.is_none_or(|revpos| revpos == known.revpos);
            body.attachments.iter().find(same).cloned()
        });
        let known = known.ok_or_else(|| ApiError::missing_stub(format!("Invalid attachment stub in {} for {name}", doc.id)))?;
        *one = IncomingAttachment::Kept(known);
    }
    Ok(())
}

/// The nearest ancestor of a document that comes in whose body is there.
fn nearest_body(tree: &RevTree, doc: &Incoming) -> Option<Arc<Body>> {
    let ancestors = doc.ids.iter().enumerate().skip(1);
    let revs = ancestors.map(|(at, id)| Rev {
        pos: doc.start.saturating_sub(at as u64),
        id: Arc::clone(id),
    });
    revs.filter_map(|rev| tree.find(&rev))
        .find_map(|index| tree.node(index).body.clone())
}

/// Writes one document whose stubs are filled. The revision it now has.
pub(crate) fn update(state: &mut State, options: Options, doc: Incoming, mode: Mode, writer: &Writer) -> Result<Rev, ApiError> {
    if doc.id.starts_with("_local/") {
        return local::update(state, &doc);
    }
    if options.partitioned {
        check_partition(&doc.id)?;
    }
    if doc.id.starts_with("_design/") {
        if let Some(refusal) = &writer.no_admin {
            return Err(refusal.clone());
        }
    } else {
        for (_, validator) in &state.validators {
            validator.check(&doc)?;
        }
    }
    match mode {
        Mode::Edit => edit(state, doc),
        Mode::Replicated => replicate(state, doc),
    }
}

/// A new revision on top of a leaf.
fn edit(state: &mut State, doc: Incoming) -> Result<Rev, ApiError> {
    let parent = parent_of_edit(state.docs.get(doc.id.as_str()), &doc)?;
    let pos = parent.as_ref().map_or(0, |rev| rev.pos) + 1;
    let attachments: Vec<Attachment> = stored_attachments(&doc, Some(pos));
    let rev = Rev {
        pos,
        id: digest(&doc, parent.as_ref(), &attachments),
    };
    let mut ids = vec![Arc::clone(&rev.id)];
    ids.extend(parent.map(|parent| parent.id));
    apply(state, doc, ids, pos, attachments);
    Ok(rev)
}

/// The leaf an edit stands on, or why it is a conflict.
fn parent_of_edit(stored: Option<&Document>, doc: &Incoming) -> Result<Option<Rev>, ApiError> {
    let Some(stored) = stored else {
        return if doc.ids.is_empty() {
            Ok(None)
        } else {
            Err(ApiError::conflict())
        };
    };
    let deleted = stored.tree.is_deleted();
    match doc.rev() {
        // A deleted document is written anew on top of its tombstone; naming the tombstone is a conflict.
        None if deleted && !doc.deleted => Ok(stored.winning_rev().cloned()),
        None => Err(ApiError::conflict()),
        Some(_) if deleted => Err(ApiError::conflict()),
        Some(rev) => match stored.tree.find(&rev) {
            Some(index) if stored.tree.is_leaf(index) => Ok(Some(rev)),
            _ => Err(ApiError::conflict()),
        },
    }
}

/// A revision as it is.
fn replicate(state: &mut State, doc: Incoming) -> Result<Rev, ApiError> {
    let Some(rev) = doc.rev() else {
        return Err(ApiError::bad_request(
            "When `new_edits: false`, the document needs `_rev` or `_revisions` specified",
        ));
    };
    let attachments = stored_attachments(&doc, None);
    let (ids, start) = (doc.ids.clone(), doc.start);
    apply(state, doc, ids, start, attachments);
    Ok(rev)
}

/// The attachments with their bytes; those that come with an edit belong to its generation.
fn stored_attachments(doc: &Incoming, edit: Option<u64>) -> Vec<Attachment> {
    let stored = doc.attachments.iter().filter_map(|one| match one {
        IncomingAttachment::Kept(kept) => Some(kept.clone()),
        IncomingAttachment::Stored(stored) => Some(Attachment {
            revpos: edit.unwrap_or(stored.revpos),
            ..stored.clone()
        }),
        _ => None,
    });
    stored.collect()
}

fn apply(state: &mut State, doc: Incoming, ids: Vec<Arc<str>>, start: u64, attachments: Vec<Attachment>) {
    let limit = state.revs_limit;
    let id: Arc<str> = match state.docs.get_key_value(doc.id.as_str()) {
        Some((known, _)) => Arc::clone(known),
        None => doc.id.into(),
    };
    let design = id.starts_with("_design/");
    let size = doc.members.len() as u64;
    let entry = state.docs.entry(Arc::clone(&id)).or_insert_with(|| Document {
        id: Arc::clone(&id),
        tree: RevTree::default(),
        seq: 0,
    });
    let was = (!entry.tree.is_empty()).then(|| entry.tree.is_deleted());
    let path = Path {
        start,
        ids,
        deleted: doc.deleted,
        body: Arc::new(Body {
            members: doc.members.into(),
            attachments,
        }),
    };
    if entry.tree.merge(&path, limit) == Merged::Same {
        return;
    }
    state.active_bytes += size;
    state.moved(&id, was);
    if design {
        refresh_validator(state, &id);
    }
}

/// Takes over what the winning revision of a design document demands of documents.
pub(super) fn refresh_validator(state: &mut State, id: &Arc<str>) {
    state.validators.retain(|(ddoc, _)| ddoc != id);
    let winner = state.docs.get(id).and_then(|doc| {
        let node = doc.tree.node(doc.winner()?);
        (!node.deleted).then(|| node.body.clone())?
    });
    if let Some(validator) = winner.and_then(|body| Validator::of(&body.members)) {
        state.validators.push((Arc::clone(id), validator));
    }
}

/// The text of a new revision: the same edit gives the same one everywhere.
fn digest(doc: &Incoming, parent: Option<&Rev>, attachments: &[Attachment]) -> Arc<str> {
    let mut md5 = Md5::new();
    md5.update([u8::from(doc.deleted)]);
    if let Some(parent) = parent {
        md5.update(parent.pos.to_be_bytes());
        md5.update(parent.id.as_bytes());
    }
    md5.update([0]);
    md5.update(doc.members.as_bytes());
    for one in attachments {
        md5.update([0]);
        md5.update(one.name.as_bytes());
        md5.update([0]);
        md5.update(one.content_type.as_bytes());
        md5.update(one.md5);
    }
    hex::encode(md5.finalize()).into()
}
