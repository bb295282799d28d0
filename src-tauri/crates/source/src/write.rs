//! Writing content back into a live source. The engine decides *what*; a connector knows *how*, and refuses a write whose
//! target is no longer what the plan was made against.

use std::io::Read;

use backstay_model::{ContentHash, ErrorKind, FileEntry, Record};

use crate::{RecordView, Result};

/// What must lie at the target for a write to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Nothing.
    Absent,
    /// Content with this hash (for files, directories and links: [`crate::FileView::identity`]).
    Content(ContentHash),
}

/// One write of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteStep {
    /// Put a record that is not there.
    Create(Record),
    /// Replace the content of a record.
    Update(Record),
    /// Put the record beside the live one with this id, under a new id.
    KeepBoth(Record),
    /// Remove the record with this id.
    Delete(String),
}

/// One write among several.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// The collection's name.
    pub collection: &'a str,
    /// What to write.
    pub step: &'a WriteStep,
    /// What must lie there.
    pub expect: Expect,
}

/// What a write did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The id, when the target gave a new one.
    pub new_id: Option<String>,
    /// Hash of what is there now; `None` after a removal.
    pub hash: Option<ContentHash>,
}

/// Writes records. With [`backstay_model::Capabilities::transactions`] nothing counts before [`RecordWriter::commit`], and
/// dropping the writer undoes everything; else every write counts at once.
pub trait RecordWriter: Send {
    /// Writes one record.
    ///
    /// # Errors
    /// [`backstay_model::ErrorKind::Changed`] when the live side is not as expected (nothing was written), or why the target
    /// refused it.
    fn write(&mut self, collection: &str, step: &WriteStep, expect: Expect) -> Result<Written>;

    /// Says beforehand that the steps to come take a restore back: a record shall be exactly as given then, versions the
    /// restore added included.
    fn undoes(&mut self) {}

    /// Writes several records, in order, with as few requests as it can; `content` is the view the records come from, which
    /// opens their attachments. Gives as many results as there are steps, unless an error says that the target is out of reach
    /// or the job was cancelled: that one is the last then, and nobody knows what became of the steps from it on.
    ///
    /// # Errors
    /// Each as for [`RecordWriter::write`].
    fn write_many(&mut self, steps: &[Planned<'_>], content: &dyn RecordView) -> Vec<Result<Written>> {
        let _ = content;
        let mut results = Vec::with_capacity(steps.len());
        for planned in steps {
            let result = self.write(planned.collection, planned.step, planned.expect);
            let stop = matches!(&result, Err(error) if matches!(error.kind, ErrorKind::Unreachable | ErrorKind::Cancelled));
            results.push(result);
            if stop {
                break;
            }
        }
        results
    }

    /// Checks what can only be checked at the end (foreign keys) and makes it last.
    ///
    /// # Errors
    /// When a check fails; with transactions nothing was written then.
    fn commit(&mut self) -> Result<()>;
}

/// Writes files. Each file appears whole or not at all.
pub trait FileWriter: Send {
    /// Writes a file, directory or link with its times and mode. `content` is empty for anything but a file.
    ///
    /// # Errors
    /// [`backstay_model::ErrorKind::Changed`] when the target is not as expected (nothing was written), or why it failed.
    fn put(&mut self, entry: &FileEntry, content: &mut dyn Read, expect: Expect) -> Result<Written>;

    /// Puts the file beside the one at its path, under a new name.
    ///
    /// # Errors
    /// As for [`FileWriter::put`].
    fn put_beside(&mut self, entry: &FileEntry, content: &mut dyn Read) -> Result<Written>;

    /// Removes a file, or a directory if it is empty.
    ///
    /// # Errors
    /// As for [`FileWriter::put`].
    fn remove(&mut self, path: &str, expect: Expect) -> Result<Written>;

    /// Sets directory times and makes everything last.
    ///
    /// # Errors
    /// When that fails.
    fn finish(&mut self) -> Result<()>;
}
