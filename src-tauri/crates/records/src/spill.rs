//! Sorted temporary files of changes and their merging. Private to one process: never part of a snapshot.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, Read};

use crate::sort::{Line, Op, Take, prefix};
use crate::{RecordsError, Result, ShortHash};

/// Bytes in front of each change: lengths of id (4) and line (8; 0 for a deletion), hash (8).
pub(crate) const HEADER: usize = 20;
/// Read at once from each file; up to 128 files are open.
const BUFFER: usize = 128 << 10;

/// A sorted temporary file.
pub(crate) struct Spill {
    /// How often its changes were merged.
    pub level: u32,
    pub file: File,
}

pub(crate) fn header(id: usize, line: usize, hash: ShortHash) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..4].copy_from_slice(&(id as u32).to_le_bytes());
    header[4..12].copy_from_slice(&(line as u64).to_le_bytes());
    header[12..19].copy_from_slice(&hash.to_bytes());
    header
}

/// Lengths of id and line.
fn lengths(header: &[u8]) -> (usize, usize) {
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte));
    (number(&header[..4]), number(&header[4..12]))
}

/// The id of a whole change.
pub(crate) fn id_of(change: &[u8]) -> &[u8] {
    let (id, _) = lengths(change);
    &change[HEADER..HEADER + id]
}

/// Reads a whole change.
pub(crate) fn parse(change: &[u8]) -> io::Result<Op<'_>> {
    let (id_len, line_len) = lengths(change);
    let (id, line) = change[HEADER..].split_at(id_len);
    let id = std::str::from_utf8(id).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let put = (line_len > 0).then(|| (ShortHash::from_bytes(&change[12..19]), Line::Written(line)));
    Ok(Op { id, put })
}

/// The next change of one file.
struct Head {
    prefix: u64,
    /// Age: higher is later.
    age: usize,
    file: File,
    buffer: Vec<u8>,
    /// The current change, and where what was read ends.
    at: usize,
    len: usize,
    end: usize,
}

impl Head {
    fn change(&self) -> &[u8] {
        &self.buffer[self.at..self.at + self.len]
    }

    /// Moves to the next change; false at the end of the file.
    fn next(&mut self) -> io::Result<bool> {
        self.at += self.len;
        self.len = 0;
        if !self.have(HEADER)? {
            return Ok(false);
        }
        let (id, line) = lengths(&self.buffer[self.at..]);
        let len = HEADER + id + line;
        if !self.have(len)? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.len = len;
        self.prefix = prefix(id_of(self.change()));
        Ok(true)
    }

    /// Reads on until `len` bytes from the current place are there; false if the file ends right here.
    fn have(&mut self, len: usize) -> io::Result<bool> {
        if self.end - self.at >= len {
            return Ok(true);
        }
        self.buffer.copy_within(self.at..self.end, 0);
        self.end -= self.at;
        self.at = 0;
        if len <= BUFFER && self.buffer.len() > 4 * BUFFER {
            self.buffer.truncate(self.end.max(BUFFER));
            self.buffer.shrink_to_fit();
        }
        self.buffer.resize(self.buffer.len().max(len).max(BUFFER), 0);
        while self.end < len {
            match self.file.read(&mut self.buffer[self.end..]) {
                Ok(0) if self.end == 0 => return Ok(false),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// The smallest id is the greatest head, and of equal ids the latest: what a heap gives out first.
impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_id = || id_of(other.change()).cmp(id_of(self.change()));
        other.prefix.cmp(&self.prefix).then_with(by_id).then(self.age.cmp(&other.age))
    }
}
impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Head {}

/// Merges sorted files, oldest first; returns how many changes were overtaken by a later one for the same id.
pub(crate) fn merge(spills: Vec<Spill>, take: &mut Take<'_>) -> Result<u64> {
    let mut heap = BinaryHeap::with_capacity(spills.len());
    for (age, Spill { file, .. }) in spills.into_iter().enumerate() {
        let mut head = Box::new(Head {
            prefix: 0,
            age,
            file,
            buffer: Vec::new(),
            at: 0,
            len: 0,
            end: 0,
        });
        if head.next().map_err(RecordsError::Temporary)? {
            heap.push(head);
        }
    }
    let mut duplicates = 0;
    let mut last = Vec::new();
    while let Some(mut head) = heap.peek_mut() {
        let id = id_of(head.change());
        if id == last.as_slice() {
            duplicates += 1;
        } else {
            last.clear();
            last.extend_from_slice(id);
            take(parse(head.change()).map_err(RecordsError::Temporary)?)?;
        }
        if !head.next().map_err(RecordsError::Temporary)? {
            PeekMut::pop(head);
        }
    }
    Ok(duplicates)
}
