//! What is stored: revision trees, bodies, attachments, databases. Knows nothing of HTTP.

pub(crate) mod attachment;
pub(crate) mod blob;
pub(crate) mod database;
pub(crate) mod document;
pub(crate) mod edit;
pub(crate) mod id;
pub(crate) mod incoming;
pub(crate) mod local;
pub(crate) mod purge;
pub(crate) mod render;
pub(crate) mod rev;
pub(crate) mod sequence;
pub(crate) mod tree;
