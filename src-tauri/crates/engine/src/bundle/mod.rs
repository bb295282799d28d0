//! Bundles as states: opened, they browse, compare and restore like a snapshot; a state is written into one; one is kept in a
//! vault as one more point in time.

mod assets;
mod collection;
mod export;
mod files;
mod foreign;
mod import;
mod open;
mod spill;

pub use backstay_bundle::{Bundle, BundleFacts, Finished, Format, Limits, MEDIA_TYPE, Target};
pub use export::{ExportDone, ExportInput, Origin, export};
pub use foreign::{
    ConvertInput, FOREIGN, ForeignDone, ForeignFacts, ForeignInput, ForeignTarget, RESERVE, convert, export_foreign,
    file_identity,
};
pub use import::{ImportDone, ImportInput, import};
pub use open::OpenedBundle;
