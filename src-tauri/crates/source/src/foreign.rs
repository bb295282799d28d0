//! Files of other programs that hold what a kind of source protects: read as if they were a source, written from any state.

use std::{io::Write, path::Path};

use crate::{Cancel, RecordView, Result, Sink};

/// A format of another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ForeignFormat {
    /// Short name, used in commands (`couchbackup`, `ndjson`).
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Extension of its files, without the dot.
    pub extension: &'static str,
    /// It can be written, not only read.
    pub writes: bool,
    /// It holds attachments.
    pub attachments: bool,
}

/// Reads and writes files of other programs.
pub trait ForeignFiles: Sync {
    /// The formats it knows.
    fn formats(&self) -> &'static [ForeignFormat];

    /// The format of the file at `path`, told by a look at its beginning; `None` when it is none of them.
    fn recognise(&self, path: &Path) -> Option<&'static ForeignFormat>;

    /// Streams the content of the file into `sink`, as a source would; what the file says is missing or broken in it, and its
    /// format allows, is a gap. Collections are named after the file.
    ///
    /// # Errors
    /// When the file is not what it claims to be or is damaged: where, and what to do; or the sink failed.
    fn read(&self, path: &Path, format: &ForeignFormat, sink: &dyn Sink) -> Result<()>;

    /// Writes the records of `collections` (all of one unit, such as a database's) into `out`. Gives the number of records.
    ///
    /// # Errors
    /// When the records cannot be read, the format cannot hold them, or `out` failed.
    fn write(
        &self,
        format: &ForeignFormat,
        records: &dyn RecordView,
        collections: &[String],
        out: &mut dyn Write,
        cancel: &Cancel,
    ) -> Result<u64>;
}
