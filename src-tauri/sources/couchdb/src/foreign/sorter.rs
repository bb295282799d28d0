//! Leaves of documents in the order of their ids, in bounded memory: what does not fit waits in temporary files without names.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, binary_heap::PeekMut},
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
};

use super::error::ForeignError;

/// Bytes that wait in memory.
const IN_MEMORY: usize = 32 << 20;
/// Temporary files before the oldest are merged into one.
const FAN: usize = 64;
/// Bytes read ahead of each file.
const AHEAD: usize = 64 << 10;
/// Bytes that stay free on the disk of temporary files.
const RESERVE: u64 = 256 << 20;

/// How much may be used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes in memory.
    pub memory: usize,
    /// Temporary files at a time.
    pub files: usize,
    /// Bytes to leave free on the disk.
    pub reserve: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            memory: IN_MEMORY,
            files: FAN,
            reserve: RESERVE,
        }
    }
}

/// Takes values in any order.
pub(super) struct Sorter {
    bounds: Bounds,
    arena: Vec<u8>,
    /// Where a value begins, where its key ends, where it ends.
    waiting: Vec<(usize, usize, usize)>,
    runs: Vec<File>,
}

impl Sorter {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            arena: Vec::new(),
            waiting: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Takes one value.
    ///
    /// # Errors
    /// When temporary files cannot be written.
    pub(super) fn push(&mut self, key: &str, value: &[u8]) -> Result<(), ForeignError> {
        let start = self.arena.len();
        self.arena.extend_from_slice(key.as_bytes());
        let middle = self.arena.len();
        self.arena.extend_from_slice(value);
        self.waiting.push((start, middle, self.arena.len()));
        if self.arena.len() + self.waiting.len() * size_of::<(usize, usize, usize)>() > self.bounds.memory {
            self.spill()?;
        }
        Ok(())
    }

    fn sort(&mut self) {
        let arena = &self.arena;
        self.waiting.sort_by(|a, b| arena[a.0..a.1].cmp(&arena[b.0..b.1]));
    }

    fn spill(&mut self) -> Result<(), ForeignError> {
        if let Ok(free) = fs4::available_space(std::env::temp_dir())
            && free < self.bounds.reserve.saturating_add(self.arena.len() as u64)
        {
            return Err(ForeignError::NoRoom { free });
        }
        self.sort();
        let mut out = BufWriter::with_capacity(AHEAD, tempfile::tempfile()?);
        for (start, middle, end) in &self.waiting {
            put(&mut out, &self.arena[*start..*middle], &self.arena[*middle..*end])?;
        }
        self.runs.push(begin(out)?);
        self.waiting.clear();
        self.arena.clear();
        self.arena.shrink_to(self.bounds.memory);
        if self.runs.len() > self.bounds.files {
            let rest = self.runs.split_off(self.bounds.files);
            let mut merge = Merge::new(std::mem::take(&mut self.runs))?;
            let mut out = BufWriter::with_capacity(AHEAD, tempfile::tempfile()?);
            while let Some((key, value)) = merge.next_value()? {
                put(&mut out, &key, &value)?;
            }
            self.runs.push(begin(out)?);
            self.runs.extend(rest);
        }
        Ok(())
    }

    /// Gives everything back in the order of the keys, equal ones as they came.
    ///
    /// # Errors
    /// When temporary files cannot be written or read.
    pub(super) fn finish(mut self) -> Result<Sorted, ForeignError> {
        if self.runs.is_empty() {
            self.sort();
            return Ok(Sorted::Memory {
                arena: self.arena,
                waiting: self.waiting.into_iter(),
            });
        }
        if !self.waiting.is_empty() {
            self.spill()?;
        }
        Ok(Sorted::Files(Merge::new(self.runs)?))
    }
}

fn put(out: &mut impl Write, key: &[u8], value: &[u8]) -> io::Result<()> {
    out.write_all(&(key.len() as u64).to_le_bytes())?;
    out.write_all(&(value.len() as u64).to_le_bytes())?;
    out.write_all(key)?;
    out.write_all(value)
}

fn begin(out: BufWriter<File>) -> io::Result<File> {
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Values in the order of their keys.
pub(super) enum Sorted {
    /// They all fit into memory.
    Memory {
        /// Keys and values.
        arena: Vec<u8>,
        /// Where they lie.
        waiting: std::vec::IntoIter<(usize, usize, usize)>,
    },
    /// They lie in files.
    Files(Merge),
}

/// A key and its value.
pub(super) type Pair = (Vec<u8>, Vec<u8>);

impl Sorted {
    /// The next one.
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub(super) fn next_value(&mut self) -> Result<Option<Pair>, ForeignError> {
        match self {
            Self::Memory { arena, waiting } => Ok(waiting
                .next()
                .map(|(start, middle, end)| (arena[start..middle].to_vec(), arena[middle..end].to_vec()))),
            Self::Files(merge) => Ok(merge.next_value()?),
        }
    }
}

/// The next value of a file: its key, the file's number (earlier ones come first), the value.
type Head = Reverse<(Vec<u8>, usize, Vec<u8>)>;

/// Several sorted files as one.
pub(super) struct Merge {
    runs: Vec<BufReader<File>>,
    heads: BinaryHeap<Head>,
}

impl Merge {
    fn new(files: Vec<File>) -> io::Result<Self> {
        let mut runs: Vec<_> = files.into_iter().map(|file| BufReader::with_capacity(AHEAD, file)).collect();
        let mut heads = BinaryHeap::with_capacity(runs.len());
        for (number, run) in runs.iter_mut().enumerate() {
            if let Some((key, value)) = get(run)? {
                heads.push(Reverse((key, number, value)));
            }
        }
        Ok(Self { runs, heads })
    }

    fn next_value(&mut self) -> io::Result<Option<Pair>> {
        let Some(mut first) = self.heads.peek_mut() else {
            return Ok(None);
        };
        let number = first.0.1;
        let found = match get(&mut self.runs[number])? {
            Some((key, value)) => std::mem::replace(&mut *first, Reverse((key, number, value))),
            None => PeekMut::pop(first),
        };
        let (key, _, value) = found.0;
        Ok(Some((key, value)))
    }
}

fn get(run: &mut impl Read) -> io::Result<Option<Pair>> {
    let mut lengths = [0; 16];
    let mut first = run.take(16);
    let mut read = 0;
    while read < lengths.len() {
        match first.read(&mut lengths[read..])? {
            0 if read == 0 => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            some => read += some,
        }
    }
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    let mut key = vec![0; number(&lengths[..8])];
    run.read_exact(&mut key)?;
    let mut value = vec![0; number(&lengths[8..])];
    run.read_exact(&mut value)?;
    Ok(Some((key, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(bounds: Bounds, values: &[(String, Vec<u8>)]) -> Result<Vec<Pair>, ForeignError> {
        let mut sorter = Sorter::new(bounds);
        for (key, value) in values {
            sorter.push(key, value)?;
        }
        let mut sorted = sorter.finish()?;
        let mut all = Vec::new();
        while let Some(pair) = sorted.next_value()? {
            all.push(pair);
        }
        Ok(all)
    }

    #[test]
    fn order_and_arrival_hold_however_little_memory_there_is() {
        let values: Vec<(String, Vec<u8>)> = (0..600_u32)
            .map(|n| (format!("id{}", n * 7919 % 100), n.to_le_bytes().to_vec()))
            .collect();
        let mut wanted: Vec<Pair> = values.iter().map(|(k, v)| (k.clone().into_bytes(), v.clone())).collect();
        wanted.sort_by(|a, b| a.0.cmp(&b.0));
        for (memory, files) in [(IN_MEMORY, FAN), (4000, FAN), (1000, 3), (1, 2)] {
            let bounds = Bounds {
                memory,
                files,
                reserve: 0,
            };
            assert_eq!(sorted(bounds, &values).unwrap(), wanted, "{memory} bytes, {files} files");
        }
    }

    #[test]
    fn a_full_disk_is_noticed_before_it_is_full() {
        let values = vec![("a".to_owned(), vec![0; 100]); 50];
        let bounds = Bounds {
            memory: 1000,
            files: FAN,
            reserve: u64::MAX,
        };
        assert!(matches!(sorted(bounds, &values), Err(ForeignError::NoRoom { .. })));
    }
}
