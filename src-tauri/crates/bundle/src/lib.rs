//! Bundles: the content of a snapshot as one ZIP file or one directory.
//!
//! A bundle is written whole or not at all ([`BundleWriter`]) and read through a gate ([`Bundle::open`]) that refuses whatever
//! is not exactly what `FORMAT.md` describes, before anything of it is used. The crate knows containers, names, checksums and
//! limits; what the records and files mean is the engine's business.
//!
//! The ZIP reader is our own because a gate and a reader that understand an archive differently are the usual way past a gate:
//! here one table of entries is checked and read from. Tried with the crate `zip` 9.2: of two entries with one name it shows the last
//! alone; a name that differs in the entry's own header and bytes before or after the archive go unnoticed, overlaps unless one
//! asks; writing keeps about 200 bytes for each entry in memory, where the writer here keeps none.

mod checksums;
mod content;
mod directory;
mod error;
mod gate;
mod limits;
mod manifest;
mod metadata;
mod name;
mod partial;
mod reader;
mod table;
mod writer;
mod zip;

pub use content::Content;
pub use error::{BundleError, Result};
pub use limits::Limits;
pub use manifest::{Manifest, ManifestEntry, ManifestWriter, Place};
pub use metadata::{BUNDLE_FORMAT, BundleFacts};
pub use name::{NameFault, Namer};
pub use reader::{Bundle, BundleEntry};
pub use writer::{BundleWriter, EntryOptions, Finished, Format, Target};

/// Name of the file in which a bundle describes itself.
pub const METADATA: &str = "metadata.json";
/// Name of the file with the SHA-256 of every other file, as `sha256sum -c` reads it.
pub const CHECKSUMS: &str = "checksums";
/// Name of the list of files: paths, kinds, times and modes.
pub const MANIFEST: &str = "files.ndjson";
/// Directory of file contents.
pub const FILES: &str = "files";
/// Ending of a ZIP bundle's name.
pub const EXTENSION: &str = ".backstay.zip";
/// Media type of a ZIP bundle.
pub const MEDIA_TYPE: &str = "application/x-backstay-bundle+zip";
