//! Brings changes into the order of their ids with bounded memory; what does not fit waits in unlinked temporary files.

use std::fs::File;
use std::io::{IoSlice, Seek, SeekFrom, Write};
use std::path::PathBuf;

use backstay_model::Record;

use crate::overlay::temporary_file;
use crate::spill::{HEADER, Spill, header, merge, parse};
use crate::{RecordsError, Result, ShortHash, line};

/// Temporary files of one level before they are merged into one of the next.
const FAN: usize = 64;
/// Pieces given to the system at once.
const PIECES: usize = 1000;

/// A change in its turn; without `put` a deletion.
pub(crate) struct Op<'a> {
    pub id: &'a str,
    pub put: Option<(ShortHash, Line<'a>)>,
}

impl<'a> Op<'a> {
    pub(crate) fn put(record: &'a Record) -> Self {
        Self {
            id: &record.id,
            put: Some((ShortHash::of(record.hash), Line::Record(record))),
        }
    }
}

/// Stands for the line of a record that is taken over as it is. No line of a record looks like it.
pub(crate) const KEPT: &[u8] = b"\n";

/// The line of a record, written already or not.
pub(crate) enum Line<'a> {
    Record(&'a Record),
    Written(&'a [u8]),
}

impl Line<'_> {
    /// Whether it is of a record whose content nobody gave.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self, Self::Written(line) if *line == KEPT)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Line::Record(record) => line::write(out, record),
            Line::Written(bytes) => out.extend_from_slice(bytes),
        }
    }
}

/// Receives changes in ascending order of ids, each id once.
pub(crate) type Take<'t> = dyn FnMut(Op<'_>) -> Result<()> + 't;

/// One waiting change: where it lies, and the first eight bytes of its id, which decide most comparisons.
#[derive(Clone, Copy)]
struct Waiting {
    prefix: u64,
    at: usize,
    len: usize,
}

/// Collects changes in any order and gives them out sorted. Of several for one id the last one counts.
///
/// Records are written out in the form of the temporary files as they come: one copy into warm memory, and the caller's
/// memory is free again at once.
pub(crate) struct Sorter {
    arena: Vec<u8>,
    waiting: Vec<Waiting>,
    limit: usize,
    ascending: bool,
    /// Oldest first.
    spills: Vec<Spill>,
    temporary: Option<PathBuf>,
    duplicates: u64,
}

impl Sorter {
    pub(crate) fn new(limit: usize, temporary: Option<PathBuf>) -> Self {
        let (arena, waiting, spills) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            arena,
            waiting,
            limit,
            ascending: true,
            spills,
            temporary,
            duplicates: 0,
        }
    }

    pub(crate) fn add(&mut self, op: &Op<'_>) {
        self.ascending &= self
            .waiting
            .last()
            .is_none_or(|last| id_at(&self.arena, *last) < op.id.as_bytes());
        let at = self.arena.len();
        put(&mut self.arena, op);
        self.waiting.push(Waiting {
            prefix: prefix(op.id.as_bytes()),
            at,
            len: self.arena.len() - at,
        });
    }

    pub(crate) fn is_full(&self) -> bool {
        self.arena.len() + self.waiting.len() * size_of::<Waiting>() >= self.limit
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

    /// Sorts what waits in memory and drops what was overtaken. Of equal ids the one pushed last stays.
    fn sort(&mut self) {
        if self.ascending {
            return;
        }
        let arena = &self.arena;
        self.waiting.sort_unstable_by(|a, b| {
            let by_id = || id_at(arena, *a).cmp(id_at(arena, *b));
            a.prefix.cmp(&b.prefix).then_with(by_id).then(b.at.cmp(&a.at))
        });
        // Newest first among equals: the first one stays.
        let before = self.waiting.len();
        self.waiting
            .dedup_by(|later, kept| later.prefix == kept.prefix && id_at(arena, *later) == id_at(arena, *kept));
        self.duplicates += (before - self.waiting.len()) as u64;
    }

    fn clear(&mut self) {
        self.waiting.clear();
        self.arena.clear();
        self.arena.shrink_to(2 * self.limit);
        self.ascending = true;
    }

    /// Gives out what waits in memory, sorted.
    pub(crate) fn drain_memory(&mut self, take: &mut Take<'_>) -> Result<()> {
        self.sort();
        for waiting in &self.waiting {
            let change = &self.arena[waiting.at..waiting.at + waiting.len];
            take(parse(change).map_err(RecordsError::Temporary)?)?;
        }
        self.clear();
        Ok(())
    }

    /// Moves what waits in memory to a temporary file.
    pub(crate) fn spill(&mut self) -> Result<()> {
        self.sort();
        let file = self.write_sorted().map_err(RecordsError::Temporary)?;
        self.clear();
        self.spills.push(Spill { level: 0, file });
        loop {
            let level = self.spills.last().map_or(0, |spill| spill.level);
            let same = self.spills.iter().rev().take_while(|spill| spill.level == level).count();
            if same < FAN {
                return Ok(());
            }
            let spills = self.spills.split_off(self.spills.len() - same);
            let spill = self.merge_level(spills, level + 1)?;
            self.spills.push(spill);
        }
    }

    fn write_sorted(&self) -> std::io::Result<File> {
        let mut file = temporary_file(self.temporary.as_deref())?;
        let mut pieces = Vec::with_capacity(PIECES);
        for some in self.waiting.chunks(PIECES) {
            pieces.clear();
            pieces.extend(
                some.iter()
                    .map(|waiting| IoSlice::new(&self.arena[waiting.at..waiting.at + waiting.len])),
            );
            write_all(&mut file, &mut pieces)?;
        }
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    fn merge_level(&mut self, spills: Vec<Spill>, level: u32) -> Result<Spill> {
        let mut file = temporary_file(self.temporary.as_deref()).map_err(RecordsError::Temporary)?;
        let mut buffer = Vec::new();
        self.duplicates += merge(spills, &mut |op| {
            put(&mut buffer, &op);
            if buffer.len() >= 1 << 20 {
                file.write_all(&buffer).map_err(RecordsError::Temporary)?;
                buffer.clear();
                buffer.shrink_to(2 << 20);
            }
            Ok(())
        })?;
        file.write_all(&buffer)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .map_err(RecordsError::Temporary)?;
        Ok(Spill { level, file })
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

/// Appends a change in the form of the temporary files.
fn put(out: &mut Vec<u8>, op: &Op<'_>) {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    out.extend_from_slice(op.id.as_bytes());
    let body = out.len();
    let mut hash = ShortHash::default();
    if let Some((short, line)) = &op.put {
        line.write(out);
        hash = *short;
    }
    let written = header(op.id.len(), out.len() - body, hash);
    out[start..start + HEADER].copy_from_slice(&written);
}

fn id_at(arena: &[u8], waiting: Waiting) -> &[u8] {
    let change = &arena[waiting.at..waiting.at + waiting.len];
    crate::spill::id_of(change)
}

/// The first eight bytes as a number.
pub(crate) fn prefix(id: &[u8]) -> u64 {
    let mut first = [0; 8];
    let len = id.len().min(8);
    first[..len].copy_from_slice(&id[..len]);
    u64::from_be_bytes(first)
}

/// Writes all pieces, however many calls it takes.
fn write_all(file: &mut File, mut pieces: &mut [IoSlice<'_>]) -> std::io::Result<()> {
    while !pieces.is_empty() {
        match file.write_vectored(pieces) {
            Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut pieces, written),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
