//! Brings changes into the order of their ids with bounded memory; what does not fit waits in unlinked temporary files.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use backstay_model::Record;

use crate::overlay::temporary_file;
use crate::{RecordsError, Result, ShortHash, line};

/// Temporary files of one level before they are merged into one of the next.
const FAN: usize = 64;
/// Buffer for writing a temporary file.
const WRITE_BUFFER: usize = 256 << 10;
/// Buffer for reading one; up to 128 are read at once.
const READ_BUFFER: usize = 64 << 10;
/// What a waiting record costs besides its id and data.
const OVERHEAD: usize = 192;

/// A change that waits for its turn.
#[derive(Debug)]
pub(crate) enum Pending {
    Put(Record),
    Delete(String),
}

impl Pending {
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Put(record) => &record.id,
            Self::Delete(id) => id,
        }
    }

    fn bytes(&self) -> usize {
        let data = if let Self::Put(record) = self {
            record.data.as_bytes().len()
        } else {
            0
        };
        self.id().len() + data + OVERHEAD
    }

    pub(crate) fn as_op(&self) -> Op<'_> {
        match self {
            Self::Put(record) => Op {
                id: &record.id,
                put: Some((ShortHash::of(record.hash), Line::Record(record))),
            },
            Self::Delete(id) => Op { id, put: None },
        }
    }
}

/// A change in its turn; without `put` a deletion.
pub(crate) struct Op<'a> {
    pub id: &'a str,
    pub put: Option<(ShortHash, Line<'a>)>,
}

/// The line of a record, written already or not.
pub(crate) enum Line<'a> {
    Record(&'a Record),
    Written(&'a [u8]),
}

impl Line<'_> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Line::Record(record) => line::write(out, record),
            Line::Written(bytes) => out.extend_from_slice(bytes),
        }
    }
}

/// Receives changes in ascending order of ids, each id once.
pub(crate) type Take<'t> = dyn FnMut(Op<'_>) -> Result<()> + 't;

/// A sorted temporary file.
struct Spill {
    level: u32,
    file: File,
}

/// Collects changes in any order and gives them out sorted. Of several for one id the last one counts.
pub(crate) struct Sorter {
    waiting: Vec<Pending>,
    bytes: usize,
    limit: usize,
    ascending: bool,
    /// Oldest first.
    spills: Vec<Spill>,
    temporary: Option<PathBuf>,
    duplicates: u64,
}

impl Sorter {
    pub(crate) fn new(limit: usize, temporary: Option<PathBuf>) -> Self {
        Self {
            waiting: Vec::new(),
            bytes: 0,
            limit,
            ascending: true,
            spills: Vec::new(),
            temporary,
            duplicates: 0,
        }
    }

    pub(crate) fn add(&mut self, change: Pending) {
        self.bytes += change.bytes();
        self.ascending &= self.waiting.last().is_none_or(|last| last.id() < change.id());
        self.waiting.push(change);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.bytes >= self.limit
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.spills.is_empty()
    }

    /// Whether everything so far came in order and still is in memory.
    pub(crate) fn is_ascending(&self) -> bool {
        self.ascending && self.spills.is_empty()
    }

    pub(crate) fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Gives out what waits in memory, sorted.
    pub(crate) fn drain_memory(&mut self, take: &mut Take<'_>) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let ascending = std::mem::replace(&mut self.ascending, true);
        self.bytes = 0;
        if ascending {
            return waiting.iter().try_for_each(|change| take(change.as_op()));
        }
        let mut order: Vec<(u64, u32)> = waiting.iter().zip(0..).map(|(change, i)| (prefix(change.id()), i)).collect();
        let id = |i: u32| waiting[i as usize].id();
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| id(a.1).cmp(id(b.1))).then(a.1.cmp(&b.1)));
        for (at, (start, i)) in order.iter().enumerate() {
            let again = order.get(at + 1).is_some_and(|(next, j)| next == start && id(*j) == id(*i));
            if again {
                self.duplicates += 1;
            } else {
                take(waiting[*i as usize].as_op())?;
            }
        }
        Ok(())
    }

    /// Moves what waits in memory to a temporary file.
    pub(crate) fn spill(&mut self) -> Result<()> {
        let mut out = SpillWriter::new(self.temporary.as_deref())?;
        self.drain_memory(&mut |op| out.write(&op))?;
        self.spills.push(out.finish(0)?);
        loop {
            let level = self.spills.last().map_or(0, |spill| spill.level);
            let same = self.spills.iter().rev().take_while(|spill| spill.level == level).count();
            if same < FAN {
                return Ok(());
            }
            let spills = self.spills.split_off(self.spills.len() - same);
            let mut out = SpillWriter::new(self.temporary.as_deref())?;
            self.duplicates += merge(spills, &mut |op| out.write(&op))?;
            self.spills.push(out.finish(level + 1)?);
        }
    }

    /// Gives out everything, sorted; then the sorter is empty.
    pub(crate) fn drain(&mut self, take: &mut Take<'_>) -> Result<()> {
        if self.spills.is_empty() {
            return self.drain_memory(take);
        }
        if !self.waiting.is_empty() {
            self.spill()?;
        }
        self.duplicates += merge(std::mem::take(&mut self.spills), take)?;
        Ok(())
    }
}

/// The first eight bytes as a number: decides most comparisons without touching the id.
fn prefix(id: &str) -> u64 {
    let mut first = [0; 8];
    let len = id.len().min(8);
    first[..len].copy_from_slice(&id.as_bytes()[..len]);
    u64::from_be_bytes(first)
}

/// Writes changes one after the other: lengths of id and line, hash, id, line. A length of 0 is a deletion.
struct SpillWriter {
    file: File,
    buffer: Vec<u8>,
}

/// Bytes before id and line: three 64-bit numbers.
const HEADER: usize = 24;

impl SpillWriter {
    fn new(temporary: Option<&std::path::Path>) -> Result<Self> {
        let file = temporary_file(temporary).map_err(RecordsError::Temporary)?;
        Ok(Self {
            file,
            buffer: Vec::with_capacity(WRITE_BUFFER + (64 << 10)),
        })
    }

    fn write(&mut self, op: &Op<'_>) -> Result<()> {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(&[0; HEADER]);
        self.buffer.extend_from_slice(op.id.as_bytes());
        let body = self.buffer.len();
        let mut hash = 0;
        if let Some((short, line)) = &op.put {
            line.write(&mut self.buffer);
            hash = short.bits();
        }
        let lengths = [op.id.len() as u64, (self.buffer.len() - body) as u64, hash];
        for (i, number) in lengths.iter().enumerate() {
            self.buffer[start + 8 * i..start + 8 * i + 8].copy_from_slice(&number.to_le_bytes());
        }
        if self.buffer.len() >= WRITE_BUFFER {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.buffer).map_err(RecordsError::Temporary)?;
        self.buffer.clear();
        self.buffer.shrink_to(2 * WRITE_BUFFER);
        Ok(())
    }

    fn finish(mut self, level: u32) -> Result<Spill> {
        self.flush()?;
        self.file.seek(SeekFrom::Start(0)).map_err(RecordsError::Temporary)?;
        Ok(Spill { level, file: self.file })
    }
}

/// The next change of one temporary file.
struct Head {
    prefix: u64,
    id: String,
    hash: ShortHash,
    line: Vec<u8>,
    /// Age: higher is later.
    age: usize,
    reader: BufReader<File>,
}

impl Head {
    /// Reads the next change; false at the end of the file.
    fn next(&mut self) -> std::io::Result<bool> {
        let mut header = [0; HEADER];
        if self.reader.by_ref().take(1).read(&mut header[..1])? == 0 {
            return Ok(false);
        }
        self.reader.read_exact(&mut header[1..])?;
        let mut numbers = [0_u64; 3];
        for (number, bytes) in numbers.iter_mut().zip(header.chunks_exact(8)) {
            *number = bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
        }
        let mut id = std::mem::take(&mut self.id).into_bytes();
        id.resize(numbers[0] as usize, 0);
        self.reader.read_exact(&mut id)?;
        self.id = String::from_utf8(id).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))?;
        self.line.resize(numbers[1] as usize, 0);
        self.reader.read_exact(&mut self.line)?;
        self.hash = ShortHash::from_bytes(&numbers[2].to_be_bytes()[1..]);
        self.prefix = prefix(&self.id);
        Ok(true)
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        self.prefix
            .cmp(&other.prefix)
            .then_with(|| self.id.cmp(&other.id))
            .then(self.age.cmp(&other.age))
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
fn merge(spills: Vec<Spill>, take: &mut Take<'_>) -> Result<u64> {
    let mut heap = BinaryHeap::with_capacity(spills.len());
    for (age, spill) in spills.into_iter().enumerate() {
        let reader = BufReader::with_capacity(READ_BUFFER, spill.file);
        let mut head = Box::new(Head {
            prefix: 0,
            id: String::new(),
            hash: ShortHash::default(),
            line: Vec::new(),
            age,
            reader,
        });
        if head.next().map_err(RecordsError::Temporary)? {
            heap.push(Reverse(head));
        }
    }
    let mut duplicates = 0;
    while let Some(Reverse(mut head)) = heap.pop() {
        let overtaken = heap.peek().is_some_and(|Reverse(next)| next.id == head.id);
        if overtaken {
            duplicates += 1;
        } else {
            let put = (!head.line.is_empty()).then_some((head.hash, Line::Written(&head.line)));
            take(Op { id: &head.id, put })?;
        }
        if head.next().map_err(RecordsError::Temporary)? {
            heap.push(Reverse(head));
        }
    }
    Ok(duplicates)
}
