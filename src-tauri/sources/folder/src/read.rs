//! Reading a folder: a backup run, and the live view of its files.

mod content;
mod probe;
mod run;
mod view;
mod worker;

pub(crate) use probe::probe;
pub(crate) use run::run;
pub(crate) use view::{LiveFiles, hash_file};
