//! Typed calls to a server: a [`Server`], its [`Database`]s, and answers that are read as they come where they have no bounds.
//!
//! Requests try again below (`backstay_source_http`); what cannot be repeated there, an answer that breaks off in the middle, is
//! asked for again here where the call says so. Documents stay the bytes the server sent.

mod all_docs;
mod attachment;
mod auth;
mod bulk;
mod changes;
mod database;
mod document;
mod elements;
mod features;
mod fetch;
mod find;
mod multipart;
mod seq;
mod server;
#[cfg(test)]
mod tests;

pub(crate) use all_docs::{DocRow, DocRows, Rows};
pub(crate) use attachment::{AttachmentReader, Stub};
pub(crate) use bulk::{DocAnswer, Missing};
pub(crate) use changes::{ChangeRow, Changes, ChangesEnd, ChangesQuery, Feed, FeedEvent, Only};
pub(crate) use database::{CreateOptions, Database, DatabaseInfo, Limit};
pub(crate) use document::DocQuery;
pub(crate) use features::{Feature, Features};
pub(crate) use fetch::{Fetched, Leaf, Wanted};
pub(crate) use find::{Found, Question};
pub(crate) use multipart::Part;
pub(crate) use seq::Seq;
pub(crate) use server::{Server, ServerInfo, Session};
