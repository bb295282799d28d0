//! Writing documents back: the same revisions, or a new one on top.
//!
//! `decide` is what follows from two revision trees, without any server. A [`Writer`] looks at the documents of a batch (`look`), decides
//! for each (`meet`), makes what is sent (`carry`) and sends it (`send`). [`Scales`] tell a person beforehand what would happen, by the same
//! decision, and afterwards whether it did.

mod batch;
mod beside;
mod carry;
mod decide;
#[cfg(test)]
pub(crate) mod kit;
mod look;
mod meet;
mod options;
mod place;
mod rewrite;
mod send;
mod small;
#[cfg(test)]
mod tests;
mod tree;
mod weigh;
mod writer;

pub(crate) use look::{Live, look};
pub(crate) use options::{OPTIONS, WriteOptions};
pub(crate) use rewrite::{Revised, rewrite};
pub(crate) use tree::{Branch, Tree};
pub(crate) use weigh::Scales;
pub(crate) use writer::Writer;
