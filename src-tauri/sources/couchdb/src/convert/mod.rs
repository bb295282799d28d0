//! Documents with their leaf revisions ⇄ records. Pure: no server, no clock.
//!
//! A document of a database, with all its leaf revisions, is one record: the winner's JSON as the server gave it, with the other leaves
//! as whole documents under CouchDB's own names `_conflicts` and `_deleted_conflicts`. The record's hash is made of the revisions of
//! all leaves alone, so that the changes feed tells it without any body.

mod attachment;
mod document;
mod error;
mod leaf;
mod names;
mod rev;
mod same;
mod small;
#[cfg(test)]
mod tests;

pub(crate) use attachment::Attachment;
pub(crate) use document::{Document, hash_of_revs};
pub(crate) use error::ConvertError;
pub(crate) use leaf::{Leaf, Meta, members};
pub(crate) use names::{Names, Part, is_database};
pub(crate) use rev::{Rev, Revisions};
pub(crate) use same::{same_attachments, same_body, same_value};
pub(crate) use small::{LIMITS, local_record, setting_record, without_rev};
