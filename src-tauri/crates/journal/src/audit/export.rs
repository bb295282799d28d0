//! Writing the audit log out: one JSON object a line, with everything needed to check the seals without Backstay.

use std::io::Write;

use super::{Audit, AuditHead};
use crate::{JournalError, Result};

/// Entries read at a time.
const PAGE: usize = 500;

impl Audit<'_> {
    /// Writes every entry as one line of JSON (an [`super::AuditRow`]), oldest first. Returns the head of what was written.
    ///
    /// # Errors
    /// [`JournalError::Export`] when `out` fails; when the database cannot be read. Does not check the seals.
    pub fn export(&self, out: &mut dyn Write) -> Result<AuditHead> {
        let mut head = AuditHead {
            seq: 0,
            hash: hex::encode(super::GENESIS),
        };
        let mut from = None;
        loop {
            let page = self.oldest(from, PAGE)?;
            for row in page.rows {
                serde_json::to_writer(&mut *out, &row).map_err(|error| JournalError::Export(error.into()))?;
                out.write_all(b"\n").map_err(JournalError::Export)?;
                head = AuditHead {
                    seq: row.seq,
                    hash: row.hash,
                };
            }
            if page.next.is_none() {
                out.flush().map_err(JournalError::Export)?;
                return Ok(head);
            }
            from = page.next;
        }
    }
}
