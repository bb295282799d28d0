//! Files of other programs: converted into a bundle, which then browses, compares and restores like any other; and written from any
//! state.

mod convert;
mod room;
mod sink;
mod write;

pub use convert::{ConvertInput, FOREIGN, ForeignFacts, RESERVE, convert, file_identity};
pub use write::{ForeignDone, ForeignInput, ForeignTarget, export_foreign};
