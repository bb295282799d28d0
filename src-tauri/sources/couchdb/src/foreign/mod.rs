//! Files of other programs: backups of `couchbackup`, documents one a line.

use std::{io::Write, path::Path};

use backstay_model::ErrorKind;
use backstay_source::{Cancel, ForeignFiles, ForeignFormat, RecordView, Result, Sink, SourceError};

/// The formats CouchDB data is exchanged in.
pub(crate) struct Files;

impl ForeignFiles for Files {
    fn formats(&self) -> &'static [ForeignFormat] {
        &[]
    }
    fn recognise(&self, _: &Path) -> Option<&'static ForeignFormat> {
        None
    }
    fn read(&self, path: &Path, _: &ForeignFormat, _: &dyn Sink) -> Result<()> {
        Err(SourceError::new(
            ErrorKind::Unsupported,
            path.display().to_string(),
            "cannot be read",
        ))
    }
    fn write(&self, format: &ForeignFormat, _: &dyn RecordView, _: &[String], _: &mut dyn Write, _: &Cancel) -> Result<u64> {
        Err(SourceError::new(ErrorKind::Unsupported, format.name, "cannot be written"))
    }
}
