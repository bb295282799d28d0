//! Checking the audit log, entry by entry in bounded memory.

use std::collections::BTreeMap;

use rusqlite::Row;

use super::chain::Content;
use super::{Audit, AuditFault, AuditHead, COLUMNS, GENESIS, Hash, KnownHead};
use crate::codec::count;
use crate::{JournalError, Result};

/// An entry's number and the hash it is sealed with, if it fits the chain.
type Checked = std::result::Result<(u64, Hash), AuditFault>;

impl Audit<'_> {
    /// Checks every entry and every link. Returns the head.
    ///
    /// # Errors
    /// [`JournalError::Audit`] with the first fault.
    pub fn verify(&self) -> Result<AuditHead> {
        self.verify_against(&[])
    }

    /// Checks every entry and every link, and that the log still contains what is known of it from elsewhere.
    ///
    /// # Errors
    /// [`JournalError::Audit`] with the first fault.
    pub fn verify_against(&self, known: &[KnownHead]) -> Result<AuditHead> {
        let mut expected: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
        for head in known.iter().filter(|head| head.seq > 0) {
            expected.entry(head.seq).or_default().push(&head.hash);
        }
        // One read transaction sees one state, whatever is added meanwhile.
        self.0.read(|tx| {
            let mut rows = tx.prepare(&format!("SELECT {COLUMNS} FROM audit ORDER BY seq"))?;
            let mut rows = rows.query([])?;
            let (mut seq, mut hash) = (0, GENESIS);
            while let Some(row) = rows.next()? {
                let checked = check(row, seq, &hash).unwrap_or(Err(AuditFault::Unreadable { after: seq }));
                (seq, hash) = checked.map_err(JournalError::Audit)?;
                let text = hex::encode(hash);
                if expected
                    .remove(&seq)
                    .is_some_and(|hashes| hashes.iter().any(|known| !known.eq_ignore_ascii_case(&text)))
                {
                    return Err(JournalError::Audit(AuditFault::Rewritten { seq }));
                }
            }
            match expected.keys().next_back() {
                Some(known) => Err(JournalError::Audit(AuditFault::Cut {
                    last: seq,
                    known: *known,
                })),
                None => Ok(AuditHead {
                    seq,
                    hash: hex::encode(hash),
                }),
            }
        })
    }
}

/// Checks one row after the entry numbered `last` with hash `before`. The outer error: the row holds no entry at all.
fn check(row: &Row<'_>, last: u64, before: &Hash) -> rusqlite::Result<Checked> {
    let seq = count(row, "seq")?;
    let (prev, hash): (Hash, Hash) = (row.get("prev")?, row.get("hash")?);
    let texts: Vec<String> = ["actor", "program", "action", "object", "detail"]
        .into_iter()
        .map(|name| row.get(name))
        .collect::<Result<_, _>>()?;
    let [actor, program, action, object, detail] = texts.as_slice() else {
        return Ok(Err(AuditFault::Unreadable { after: last }));
    };
    let content = Content {
        seq,
        at: row.get("at")?,
        actor,
        program,
        action,
        object,
        detail,
    };
    Ok(if seq != last + 1 {
        Err(AuditFault::OutOfOrder {
            expected: last + 1,
            found: seq,
        })
    } else if prev != *before {
        Err(AuditFault::Unlinked { seq })
    } else if content.seal(before) != hash {
        Err(AuditFault::Changed { seq })
    } else {
        Ok((seq, hash))
    })
}
