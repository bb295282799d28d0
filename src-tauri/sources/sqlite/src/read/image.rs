//! An image: the bytes of a database at one moment, as they go into the vault.
//!
//! A database at rest (no log, no journal, nobody writing) is its own image: its bytes are read where they lie, without any
//! lock, and what proves that they are of one moment is that nothing was written until the last byte was read. Anything else
//! is copied first (`copy`, `private`). Both are checked before they are used.

use std::{fs::File, path::Path};

use backstay_source::Cancel;
use tempfile::NamedTempFile;

use super::{check, copy, private, stream::Stream};
use crate::{
    client::{Header, Live, Print, open_immutable, read_transaction},
    config::Config,
    error::{Error, Result},
};

/// The bytes of a database at one moment, checked.
#[derive(Debug)]
pub struct Image {
    /// Where the bytes are.
    pub bytes: Bytes,
    /// How many.
    pub size: u64,
    /// Their header.
    pub header: Header,
    /// The source's fingerprint, taken before.
    pub print: Print,
}

/// Where an image's bytes are.
#[derive(Debug)]
pub enum Bytes {
    /// In the source itself, as long as its fingerprint is this.
    InPlace,
    /// In a temporary file that is not checked yet.
    Named(NamedTempFile),
    /// In a temporary file without a name.
    Copied(File),
}

/// What reading images needs to know.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The source's settings.
    pub config: &'a Config,
    /// The job's flag.
    pub cancel: &'a Cancel,
}

impl Reading<'_> {
    /// Takes an image of the database at `path`: in place when it is at rest, else as a copy.
    ///
    /// # Errors
    /// When it is no database, damaged, or stays locked.
    pub fn image(&self, path: &Path) -> Result<Image> {
        if let Some(image) = self.in_place(path)? {
            return Ok(image);
        }
        self.copied(path)
    }

    /// Takes an image as a copy.
    ///
    /// # Errors
    /// As for [`Reading::image`].
    pub fn copied(&self, path: &Path) -> Result<Image> {
        let (before, _) = Print::take(path)?;
        let image = if private::needed(path, &before) {
            private::image(self, path)?
        } else {
            match copy::image(self, path, before) {
                Err(e) if private::can_help(&e) => private::image(self, path)?,
                other => other?,
            }
        };
        Ok(image)
    }

    /// The size an image would have of a database with a log.
    ///
    /// # Errors
    /// As for [`Reading::image`].
    pub fn size(&self, path: &Path, print: &Print) -> Result<u64> {
        if private::needed(path, print) {
            return Ok(private::image(self, path)?.size);
        }
        let live = match read_transaction(path, self.config.wait, self.cancel) {
            Err(e) if private::can_help(&e) => return Ok(private::image(self, path)?.size),
            other => other?,
        };
        let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let size: i64 = live
            .query_row(sql, [], |r| r.get(0))
            .map_err(|e| Error::sql(path.display().to_string(), e))?;
        Ok(size.unsigned_abs())
    }

    /// The source as its own image, if it is at rest and sound.
    fn in_place(&self, path: &Path) -> Result<Option<Image>> {
        let (print, header) = Print::take(path)?;
        if print.racy || print.wal.is_some() || print.journal.is_some() {
            return Ok(None);
        }
        if !header.wal && !self.nobody_writes(path, &print)? {
            return Ok(None);
        }
        let live = open_immutable(path)?;
        let sound = check(&live, path, self.config.integrity);
        drop(live);
        let unmoved = Print::take(path).is_ok_and(|(now, _)| now.same_as(&print));
        match sound {
            // What looked like damage may have been a write in the middle of the check.
            _ if !unmoved => Ok(None),
            Err(e) => Err(e),
            Ok(()) => Ok(Some(Image {
                bytes: Bytes::InPlace,
                size: print.main.size,
                header,
                print,
            })),
        }
    }

    /// Whether the lock that writers need can be kept from them for a moment, in which the fingerprint is still `print`.
    /// (In WAL mode nobody writes to the database file without leaving a log first, so there it need not be asked, and asking
    /// would create files.)
    fn nobody_writes(&self, path: &Path, print: &Print) -> Result<bool> {
        let live = match read_transaction(path, self.config.wait, self.cancel) {
            Ok(live) => live,
            Err(e) if private::can_help(&e) => return Ok(false),
            Err(e) => return Err(e),
        };
        let same = Print::take(path)?.0.same_as(print);
        let _ = live.execute_batch("ROLLBACK");
        Ok(same)
    }

    /// Copies two databases of one moment: both are kept from writers until both are copied. `keep(i, print)` tells under the
    /// locks that one need not be copied.
    ///
    /// # Errors
    /// As for [`Reading::image`], of the one that failed.
    pub fn together(&self, paths: [&Path; 2], keep: impl Fn(usize, &Print) -> bool) -> Result<[Option<Image>; 2]> {
        let wait = self.config.wait;
        let [first, second] = paths;
        let (a, b) = (
            read_transaction(first, wait, self.cancel)?,
            read_transaction(second, wait, self.cancel)?,
        );
        let take = |at: usize, live: &Live| -> Result<Option<Image>> {
            let path = paths[at];
            let (print, _) = Print::take(path)?;
            if keep(at, &print) {
                return Ok(None);
            }
            copy::locked(self, live, path, print).map(Some)
        };
        let images = [take(0, &a)?, take(1, &b)?];
        drop((a, b));
        let [x, y] = images;
        Ok([copy::checked(self, x, first)?, copy::checked(self, y, second)?])
    }
}

impl Image {
    /// The image's bytes, in order, with the digest they add up to.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub fn stream(&self, path: &Path) -> Result<Stream> {
        Stream::new(self, path).map_err(|e| Error::io(path.display().to_string(), e))
    }

    /// The file a copy is in.
    ///
    /// # Errors
    /// When it cannot be opened once more.
    pub fn file(&self) -> std::io::Result<File> {
        match &self.bytes {
            Bytes::Copied(file) => file.try_clone(),
            Bytes::Named(_) | Bytes::InPlace => Err(std::io::ErrorKind::InvalidInput.into()),
        }
    }

    /// Whether the bytes still are those of the image.
    pub fn holds(&self, path: &Path) -> bool {
        match self.bytes {
            Bytes::Named(_) | Bytes::Copied(_) => true,
            Bytes::InPlace => Print::take(path).is_ok_and(|(now, _)| now.same_as(&self.print)),
        }
    }
}
