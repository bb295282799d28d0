//! Directory bundles: the same tree as plain files.

mod read;
mod write;

pub(crate) use read::{open_inside, walk};
pub(crate) use write::DirectoryOut;
