//! Ids as people give and read them: a beginning is enough when it fits one row.

use rusqlite::{OptionalExtension as _, Transaction};

use crate::codec::number;
use crate::{JournalError, Result};

/// How many rows with the same beginning are counted for the error message.
const COUNTED: u64 = 100;

/// The whole id of the only row of `table` whose id begins with `prefix` (dashes may be left out).
pub(crate) fn whole(tx: &Transaction<'_>, table: &str, what: &'static str, prefix: &str) -> Result<String> {
    let missing = || JournalError::NotFound {
        what,
        name: prefix.to_owned(),
    };
    let wanted = dashed(prefix).ok_or_else(missing)?;
    // Every character of an id sorts before '~'.
    let mut rows = tx.prepare_cached(&format!("SELECT id FROM {table} WHERE id >= ?1 AND id < ?1 || '~' LIMIT ?2"))?;
    let mut ids: Vec<String> = rows
        .query_map((&wanted, number(COUNTED)), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    match (ids.pop(), ids.len() as u64) {
        (None, _) => Err(missing()),
        (Some(id), 0) => Ok(id),
        (Some(_), more) => Err(JournalError::Ambiguous {
            what,
            prefix: prefix.to_owned(),
            count: more + 1,
        }),
    }
}

/// The shortest beginning of an id, of at least 8 characters, that no other row of `table` has: as long as its neighbours in the
/// order of ids make necessary.
pub(crate) fn short(tx: &Transaction<'_>, table: &str, id: &str) -> Result<String> {
    let before = format!("SELECT id FROM {table} WHERE id < ?1 ORDER BY id DESC LIMIT 1");
    let after = format!("SELECT id FROM {table} WHERE id > ?1 ORDER BY id LIMIT 1");
    let mut length = 8;
    for neighbour in [before, after] {
        let other: Option<String> = tx.prepare_cached(&neighbour)?.query_row([id], |row| row.get(0)).optional()?;
        let same = other.map_or(0, |other| other.bytes().zip(id.bytes()).take_while(|(a, b)| a == b).count());
        length = length.max(same + 1);
    }
    // A dash at the end tells nothing.
    if id.as_bytes().get(length - 1) == Some(&b'-') {
        length += 1;
    }
    Ok(id.chars().take(length).collect())
}

/// The beginning of an id with its dashes where they belong; `None` when it cannot be one.
fn dashed(prefix: &str) -> Option<String> {
    let digits: String = prefix.chars().filter(|c| *c != '-').collect::<String>().to_ascii_lowercase();
    if digits.is_empty() || digits.len() > 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut out = String::with_capacity(36);
    for (at, c) in digits.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(c);
    }
    Some(out)
}
