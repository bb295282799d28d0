//! Reading: consistent images of living databases, the backup run, rows of live and stored databases.

mod check;
mod copy;
mod files;
mod image;
mod private;
pub mod records;
pub mod rows;
mod run;
mod stream;

pub use check::check;
pub use copy::room;
pub use files::{LiveFiles, content_hash, unescaped};
pub use run::Run;
