//! Sorting more than fits into memory: sorted parts in sealed temporary files, merged at the end.

use std::{
    cmp::Ordering,
    collections::BinaryHeap,
    fs::File,
    io::{BufReader, BufWriter, Read, Seek as _, SeekFrom, Write},
    path::{Path, PathBuf},
};

use backstay_vault::MasterKey;

use super::BrowseError;

type Result<T> = std::result::Result<T, BrowseError>;

/// Most bytes of entries held in memory.
const BUDGET: usize = 32 << 20;
/// Bytes of entries in one sealed piece of a part.
const PIECE: usize = 64 << 10;

/// Something to be sorted, with what belongs to it.
struct Entry {
    /// `None` comes last in either direction.
    key: Option<Vec<u8>>,
    /// Equal keys stay in the order they came.
    number: u64,
    name: String,
    item: Vec<u8>,
}

fn compare(a: &Entry, b: &Entry, descending: bool) -> Ordering {
    let by_key = match (&a.key, &b.key) {
        (Some(x), Some(y)) if descending => y.cmp(x),
        (Some(x), Some(y)) => x.cmp(y),
        (x, y) => x.is_none().cmp(&y.is_none()),
    };
    by_key.then(a.number.cmp(&b.number))
}

/// Sorts entries by their keys.
pub struct Sorter<'a> {
    dir: PathBuf,
    key: &'a MasterKey,
    descending: bool,
    budget: usize,
    held: Vec<Entry>,
    bytes: usize,
    count: u64,
    /// Bytes in temporary files, and how many there may be.
    spilled: u64,
    limit: u64,
    parts: Vec<File>,
}

impl<'a> Sorter<'a> {
    /// Sorts with temporary files of at most `limit` bytes in `dir`, sealed with `key`.
    #[must_use]
    pub fn new(dir: &Path, key: &'a MasterKey, descending: bool, limit: u64) -> Self {
        Self {
            dir: dir.to_owned(),
            key,
            descending,
            budget: BUDGET,
            held: Vec::new(),
            bytes: 0,
            count: 0,
            spilled: 0,
            limit,
            parts: Vec::new(),
        }
    }

    fn failed(&self, error: std::io::Error) -> BrowseError {
        BrowseError::Cache {
            path: self.dir.clone(),
            error,
        }
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// When a temporary file cannot be written.
    pub fn push(&mut self, key: Option<Vec<u8>>, name: String, item: Vec<u8>) -> Result<()> {
        self.bytes += key.as_ref().map_or(0, Vec::len) + name.len() + item.len() + size_of::<Entry>();
        self.held.push(Entry {
            key,
            number: self.count,
            name,
            item,
        });
        self.count += 1;
        if self.bytes > self.budget { self.spill() } else { Ok(()) }
    }

    fn sort_held(&mut self) {
        let descending = self.descending;
        self.held.sort_unstable_by(|a, b| compare(a, b, descending));
    }

    fn spill(&mut self) -> Result<()> {
        self.sort_held();
        // Without a name: a crash leaves nothing behind.
        let file = tempfile::tempfile_in(&self.dir).map_err(|error| self.failed(error))?;
        let mut out = BufWriter::with_capacity(PIECE, file);
        let mut piece = Vec::with_capacity(PIECE + 4096);
        for entry in std::mem::take(&mut self.held) {
            put(&mut piece, &entry);
            if piece.len() >= PIECE {
                self.write_piece(&mut out, &mut piece)?;
            }
        }
        if !piece.is_empty() {
            self.write_piece(&mut out, &mut piece)?;
        }
        let mut file = out.into_inner().map_err(|error| self.failed(error.into_error()))?;
        file.seek(SeekFrom::Start(0)).map_err(|error| self.failed(error))?;
        self.parts.push(file);
        self.bytes = 0;
        Ok(())
    }

    fn write_piece(&mut self, out: &mut impl Write, piece: &mut Vec<u8>) -> Result<()> {
        let packed = zstd::bulk::compress(piece, 1).map_err(|error| self.failed(error))?;
        let sealed = self
            .key
            .sealed(&packed)
            .map_err(|error| self.failed(std::io::Error::other(error)))?;
        self.spilled += sealed.len() as u64;
        if self.spilled > self.limit {
            return Err(BrowseError::CacheFull { limit: self.limit });
        }
        piece.clear();
        out.write_all(&u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_le_bytes())
            .and_then(|()| out.write_all(&sealed))
            .map_err(|error| self.failed(error))
    }

    /// Hands everything out in order: name and item.
    ///
    /// # Errors
    /// When a temporary file cannot be read, or `each` fails.
    pub fn finish<E: From<BrowseError>>(
        mut self,
        mut each: impl FnMut(&str, &[u8]) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        self.sort_held();
        if self.parts.is_empty() {
            return self.held.iter().try_for_each(|entry| each(&entry.name, &entry.item));
        }
        if !self.held.is_empty() {
            self.spill()?;
        }
        let mut parts = Vec::new();
        for file in std::mem::take(&mut self.parts) {
            parts.push(Part {
                input: BufReader::with_capacity(PIECE, file),
                piece: Vec::new(),
                at: 0,
            });
        }
        let mut heap = BinaryHeap::new();
        for (from, part) in parts.iter_mut().enumerate() {
            if let Some(entry) = part.next(&self)? {
                heap.push(Waiting {
                    entry,
                    from,
                    descending: self.descending,
                });
            }
        }
        while let Some(Waiting { entry, from, .. }) = heap.pop() {
            each(&entry.name, &entry.item)?;
            if let Some(entry) = parts[from].next(&self)? {
                heap.push(Waiting {
                    entry,
                    from,
                    descending: self.descending,
                });
            }
        }
        Ok(())
    }
}

/// A sorted part that is being read.
struct Part {
    input: BufReader<File>,
    piece: Vec<u8>,
    at: usize,
}

impl Part {
    fn next(&mut self, sorter: &Sorter<'_>) -> Result<Option<Entry>> {
        if self.at == self.piece.len() && !self.fill(sorter)? {
            return Ok(None);
        }
        let damaged = || sorter.failed(std::io::ErrorKind::InvalidData.into());
        let mut rest = &self.piece[self.at..];
        let entry = take(&mut rest).ok_or_else(damaged)?;
        self.at = self.piece.len() - rest.len();
        Ok(Some(entry))
    }

    fn fill(&mut self, sorter: &Sorter<'_>) -> Result<bool> {
        let mut length = [0; 4];
        match self.input.read_exact(&mut length) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(sorter.failed(error)),
        }
        let mut sealed = vec![0; u32::from_le_bytes(length) as usize];
        self.input.read_exact(&mut sealed).map_err(|error| sorter.failed(error))?;
        let damaged = || sorter.failed(std::io::ErrorKind::InvalidData.into());
        let packed = sorter.key.unsealed(&mut sealed).map_err(|_| damaged())?;
        self.piece = zstd::stream::decode_all(packed).map_err(|error| sorter.failed(error))?;
        self.at = 0;
        Ok(true)
    }
}

/// The first entry of a part, in the order of a heap that gives its greatest.
struct Waiting {
    entry: Entry,
    from: usize,
    descending: bool,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Waiting {}
impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&other.entry, &self.entry, self.descending)
    }
}

fn put(out: &mut Vec<u8>, entry: &Entry) {
    out.push(u8::from(entry.key.is_some()));
    out.extend(entry.number.to_le_bytes());
    for part in [entry.key.as_deref().unwrap_or_default(), entry.name.as_bytes(), &entry.item] {
        out.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(part);
    }
}

fn take(rest: &mut &[u8]) -> Option<Entry> {
    let (head, tail) = rest.split_at_checked(9)?;
    *rest = tail;
    let number = u64::from_le_bytes(head[1..].try_into().ok()?);
    let mut part = || -> Option<Vec<u8>> {
        let (length, tail) = rest.split_at_checked(4)?;
        let (part, tail) = tail.split_at_checked(u32::from_le_bytes(length.try_into().ok()?) as usize)?;
        *rest = tail;
        Some(part.to_vec())
    };
    let (key, name, item) = (part()?, part()?, part()?);
    Some(Entry {
        key: (head[0] == 1).then_some(key),
        number,
        name: String::from_utf8(name).ok()?,
        item,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(budget: usize, descending: bool) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let key = MasterKey::random();
        let mut sorter = Sorter::new(dir.path(), &key, descending, u64::MAX);
        sorter.budget = budget;
        for n in 0..3000_u32 {
            let value = n * 7919 % 100;
            let sort = (value != 50).then(|| vec![u8::try_from(value).unwrap()]);
            sorter.push(sort, format!("{n:04}"), value.to_string().into_bytes()).unwrap();
        }
        assert_eq!(sorter.parts.is_empty(), budget > 1 << 20);
        let mut out = Vec::new();
        sorter
            .finish(|name, item| {
                out.push(format!("{:0>2} {name}", String::from_utf8_lossy(item)));
                Ok::<_, BrowseError>(())
            })
            .unwrap();
        out
    }

    #[test]
    fn spilling_changes_nothing_and_equals_keep_their_order() {
        for descending in [false, true] {
            let whole = sorted(BUDGET, descending);
            assert_eq!(sorted(20_000, descending), whole);
            assert_eq!(whole.len(), 3000);
            assert!(whole[2970..].iter().all(|row| row.starts_with("50 ")), "empty ones are last");
            let numbers: Vec<&str> = whole
                .iter()
                .filter(|row| row.starts_with("07 "))
                .map(|row| &row[3..])
                .collect();
            assert!(numbers.is_sorted() && numbers.len() == 30);
            let first = if descending { "99 " } else { "00 " };
            assert!(whole[0].starts_with(first), "{}", whole[0]);
        }
    }
}
