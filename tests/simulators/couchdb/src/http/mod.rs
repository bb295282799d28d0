//! The HTTP interface, as CouchDB 3.5 documents it: one file per group of addresses.

pub(crate) mod all_docs;
pub(crate) mod arriving;
pub(crate) mod attachments;
pub(crate) mod auth;
pub(crate) mod bulk_docs;
pub(crate) mod bulk_get;
pub(crate) mod changes;
pub(crate) mod changes_filter;
pub(crate) mod control;
pub(crate) mod databases;
pub(crate) mod doc_read;
pub(crate) mod doc_write;
pub(crate) mod find;
pub(crate) mod multipart;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod revs;
pub(crate) mod route;
pub(crate) mod selector;
pub(crate) mod server_info;
pub(crate) mod session;
pub(crate) mod settings;
