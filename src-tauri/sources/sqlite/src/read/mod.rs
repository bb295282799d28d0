//! Reading: consistent images of living databases, the backup run, rows of live and stored databases.

mod check;
mod copy;
mod files;
mod image;
mod private;
mod run;
mod stream;

pub use check::check;
pub use files::LiveFiles;
pub use run::Run;
