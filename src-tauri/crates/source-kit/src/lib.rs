//! What every connector is tested with: the behaviour suite, an in-memory source, a source that fails on a script.

mod content;
mod secrets;
mod sink;
mod taken;

pub use content::Content;
pub use secrets::NoSecrets;
pub use sink::DirSink;
pub use taken::{Taken, TakenCollection, TakenFile, path_order};
