//! Ids with something beside them, sorted by the bytes of the ids in bounded memory: what does not fit waits in temporary files
//! without names. Of an id that comes several times the last one counts.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
};

use parking_lot::Mutex;

/// Bytes that wait in memory.
const IN_MEMORY: usize = 8 << 20;
/// Bytes read ahead of each file.
const AHEAD: usize = 32 << 10;
/// Every so many entries it is noted where they lie.
const STRIDE: usize = 256;

/// An id and what is beside it.
pub(super) type Entry = (String, Vec<u8>);

/// Takes entries in any order.
pub(super) struct Sorter {
    memory: usize,
    used: usize,
    waiting: Vec<Entry>,
    runs: Vec<File>,
}

impl Default for Sorter {
    fn default() -> Self {
        Self::within(IN_MEMORY)
    }
}

impl Sorter {
    /// One that keeps so many bytes in memory.
    pub(super) fn within(memory: usize) -> Self {
        Self {
            memory,
            used: 0,
            waiting: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Takes an entry.
    pub(super) fn push(&mut self, id: String, value: Vec<u8>) -> io::Result<()> {
        self.used += id.len() + value.len() + size_of::<Entry>();
        self.waiting.push((id, value));
        if self.used > self.memory {
            let file = written(self.take().into_iter())?;
            self.runs.push(file);
        }
        Ok(())
    }

    /// What waits in memory, sorted.
    fn take(&mut self) -> Vec<Entry> {
        self.used = 0;
        let mut entries = std::mem::take(&mut self.waiting);
        // A stable sort: equal ids stay as they came.
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        last_of_each(&mut entries);
        entries
    }

    /// The sorted list of those entries that `keep` wants.
    pub(super) fn finish(mut self, mut keep: impl FnMut(&str, &[u8]) -> bool) -> io::Result<List> {
        let mut rest = self.take();
        if self.runs.is_empty() {
            rest.retain(|(id, value)| keep(id, value));
            return Ok(List::Memory(rest));
        }
        self.runs.push(written(rest.into_iter())?);
        let mut merge = Merge::of(self.runs)?;
        let mut marks = Vec::new();
        let (mut count, mut at) = (0, 0);
        let mut out = BufWriter::with_capacity(AHEAD, tempfile::tempfile()?);
        while let Some((id, value)) = merge.next()? {
            if keep(&id, &value) {
                if count % STRIDE == 0 {
                    marks.push((at, id.clone()));
                }
                count += 1;
                at += put(&mut out, &id, &value)?;
            }
        }
        let file = Mutex::new(out.into_inner().map_err(io::IntoInnerError::into_error)?);
        Ok(List::File { file, marks, count })
    }
}

/// Removes all but the last entry of each id.
fn last_of_each(entries: &mut Vec<Entry>) {
    // `dedup_by` keeps the first of a row of equal ones.
    entries.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            std::mem::swap(later, earlier);
        }
        same
    });
}

fn written(entries: impl Iterator<Item = Entry>) -> io::Result<File> {
    let mut out = BufWriter::with_capacity(AHEAD, tempfile::tempfile()?);
    for (id, value) in entries {
        put(&mut out, &id, &value)?;
    }
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

fn put(out: &mut impl Write, id: &str, value: &[u8]) -> io::Result<u64> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge));
    out.write_all(&length(id.as_bytes())?.to_le_bytes())?;
    out.write_all(&length(value)?.to_le_bytes())?;
    out.write_all(id.as_bytes())?;
    out.write_all(value)?;
    Ok(8 + (id.len() + value.len()) as u64)
}

fn get(from: &mut impl Read) -> io::Result<Option<Entry>> {
    let mut lengths = [0; 8];
    match from.read(&mut lengths[..1])? {
        0 => return Ok(None),
        _ => from.read_exact(&mut lengths[1..])?,
    }
    let [a, b, c, d, e, f, g, h] = lengths;
    let mut id = vec![0; u32::from_le_bytes([a, b, c, d]) as usize];
    let mut value = vec![0; u32::from_le_bytes([e, f, g, h]) as usize];
    from.read_exact(&mut id)?;
    from.read_exact(&mut value)?;
    let id = String::from_utf8(id).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Some((id, value)))
}

/// Several sorted files as one; later files hold later entries.
struct Merge {
    runs: Vec<BufReader<File>>,
    heads: BinaryHeap<Reverse<(String, usize, Vec<u8>)>>,
}

impl Merge {
    fn of(files: Vec<File>) -> io::Result<Self> {
        let mut runs: Vec<_> = files.into_iter().map(|file| BufReader::with_capacity(AHEAD, file)).collect();
        let mut heads = BinaryHeap::with_capacity(runs.len());
        for (number, run) in runs.iter_mut().enumerate() {
            if let Some((id, value)) = get(run)? {
                heads.push(Reverse((id, number, value)));
            }
        }
        Ok(Self { runs, heads })
    }

    fn next(&mut self) -> io::Result<Option<Entry>> {
        loop {
            let Some(Reverse((id, number, value))) = self.heads.pop() else {
                return Ok(None);
            };
            if let Some((next, value)) = get(&mut self.runs[number])? {
                self.heads.push(Reverse((next, number, value)));
            }
            let newer = self.heads.peek().is_some_and(|Reverse((next, ..))| *next == id);
            if !newer {
                return Ok(Some((id, value)));
            }
        }
    }
}

/// Entries in the order of their ids, each id once.
pub(super) enum List {
    /// They fit into memory.
    Memory(Vec<Entry>),
    /// They lie in a file.
    File {
        /// The entries, one after the other.
        file: Mutex<File>,
        /// Where every `STRIDE`th begins, and its id.
        marks: Vec<(u64, String)>,
        /// How many there are.
        count: usize,
    },
}

impl List {
    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Memory(entries) => entries.len(),
            Self::File { count, .. } => *count,
        }
    }

    /// The entries from number `from` on.
    pub(super) fn from(&self, from: usize) -> Entries<'_> {
        match self {
            Self::Memory(entries) => Entries::Memory(entries.get(from..).unwrap_or_default().iter()),
            Self::File { file, marks, count } => {
                let mark = marks.get(from / STRIDE).filter(|_| from < *count);
                Entries::File {
                    read: BufReader::with_capacity(
                        AHEAD,
                        At {
                            file,
                            at: mark.map_or(u64::MAX, |(at, _)| *at),
                        },
                    ),
                    skip: mark.map_or(0, |_| from % STRIDE),
                }
            }
        }
    }

    /// The entries behind the id `after`.
    pub(super) fn behind(&self, after: &str) -> Entries<'_> {
        match self {
            Self::Memory(entries) => {
                let from = entries.partition_point(|(id, _)| id.as_str() <= after);
                self.from(from)
            }
            Self::File { marks, .. } => {
                // The last mark that is not behind it, and on from there.
                let mark = marks.partition_point(|(_, id)| id.as_str() <= after).saturating_sub(1);
                let mut number = mark * STRIDE;
                let mut entries = self.from(number);
                while let Some(Ok((id, _))) = entries.next() {
                    if id.as_str() > after {
                        break;
                    }
                    number += 1;
                }
                self.from(number)
            }
        }
    }
}

/// Entries in order.
pub(super) enum Entries<'a> {
    /// From memory.
    Memory(std::slice::Iter<'a, Entry>),
    /// From a file.
    File {
        /// Where they lie.
        read: BufReader<At<'a>>,
        /// So many are not wanted.
        skip: usize,
    },
}

impl Iterator for Entries<'_> {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Memory(entries) => entries.next().cloned().map(Ok),
            Self::File { read, skip } => loop {
                let entry = get(read).transpose()?;
                if *skip == 0 || entry.is_err() {
                    return Some(entry);
                }
                *skip -= 1;
            },
        }
    }
}

/// Reads a file from a place of its own, whoever else reads it.
pub(super) struct At<'a> {
    file: &'a Mutex<File>,
    at: u64,
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == u64::MAX {
            return Ok(0);
        }
        let mut file = self.file.lock();
        file.seek(SeekFrom::Start(self.at))?;
        let got = file.read(buffer)?;
        self.at += got as u64;
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(memory: usize) -> List {
        let mut sorter = Sorter::within(memory);
        for n in 0..3_000_u32 {
            sorter
                .push(format!("id{:04}", n * 7 % 1_000), n.to_le_bytes().to_vec())
                .unwrap();
        }
        sorter.finish(|id, _| id != "id0500").unwrap()
    }

    #[test]
    fn the_last_of_an_id_counts_however_little_memory_there_is() {
        let wanted: Vec<Entry> = (0..1_000)
            .filter(|n| *n != 500)
            .map(|n| {
                let last = (2_000..3_000_u32).find(|m| m * 7 % 1_000 == n).unwrap();
                (format!("id{n:04}"), last.to_le_bytes().to_vec())
            })
            .collect();
        for memory in [IN_MEMORY, 10_000, 500] {
            let list = list(memory);
            assert_eq!(list.len(), 999);
            for from in [0, 1, 255, 256, 257, 700, 998, 999, 5_000] {
                let got: Vec<Entry> = list.from(from).map(Result::unwrap).collect();
                assert_eq!(got, wanted[from.min(999)..], "from {from} with {memory} bytes");
            }
            for after in [
                "", "id0000", "id0255", "id0256x", "id0499", "id0500", "id0998", "id0999", "zz",
            ] {
                let got: Vec<Entry> = list.behind(after).map(Result::unwrap).collect();
                let rest: Vec<Entry> = wanted.iter().filter(|(id, _)| id.as_str() > after).cloned().collect();
                assert_eq!(got, rest, "behind {after} with {memory} bytes");
            }
        }
    }

    #[test]
    fn nothing_is_a_list_too() {
        let list = Sorter::within(0).finish(|_, _| true).unwrap();
        assert_eq!(list.len(), 0);
        assert!(list.from(0).next().is_none());
        assert!(list.behind("a").next().is_none());
    }
}
