//! Records from one large NDJSON file, for measurements: next to nothing is spent on the source's side.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use backstay_model::{Capabilities, Change, Collection, CollectionKind, ErrorKind, RawJson, Record, Schema, TargetSpec};
use backstay_source::{
    Cancel, FeedMode, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Result, Sink, Source, SourceError,
};
use bytes::{Bytes, BytesMut};

/// Records given at a time.
const BATCH: usize = 500;
/// Bytes read at a time. Records share the memory of their block.
const BLOCK: usize = 1 << 20;
/// How every line begins.
const START: &[u8] = b"{\"id\":\"";

/// One collection out of a file with one JSON object a line, each beginning with `{"id":"…"`, ids without escapes.
#[derive(Debug, Clone)]
pub struct NdjsonSource {
    path: PathBuf,
    collection: String,
    trusted: bool,
}

impl NdjsonSource {
    /// Any such file; every line is checked to be JSON.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, collection: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            collection: collection.into(),
            trusted: false,
        }
    }

    /// A file that [`write_rows`] wrote. Its lines are not checked again: the generator writes letters, digits and fixed
    /// punctuation only, so that nothing in them can break the JSON.
    #[must_use]
    pub fn generated(path: impl Into<PathBuf>, collection: impl Into<String>) -> Self {
        Self {
            trusted: true,
            ..Self::new(path, collection)
        }
    }

    fn record(&self, line: Bytes) -> Result<Record> {
        let bad = |what: &str| SourceError::new(ErrorKind::Damaged, self.path.display().to_string(), what.to_owned());
        let rest = line
            .strip_prefix(START)
            .ok_or_else(|| bad("has a line that does not begin with an id"))?;
        let end = memchr::memchr2(b'"', b'\\', rest).filter(|at| rest[*at] == b'"');
        let id = end.and_then(|at| std::str::from_utf8(&rest[..at]).ok());
        let id = id.ok_or_else(|| bad("has an id that is no plain text"))?.to_owned();
        let data = if self.trusted {
            RawJson::trusted(line)
        } else {
            RawJson::parse(&line).map_err(|e| bad("has a line that is not JSON").caused_by(e))?
        };
        Ok(Record::new(id, data))
    }

    fn unsupported(&self) -> SourceError {
        let subject = self.path.display().to_string();
        SourceError::new(ErrorKind::Unsupported, subject, "is only read by backups")
    }
}

impl Source for NdjsonSource {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            records: true,
            ..Capabilities::default()
        }
    }

    fn probe(&self, _cancel: &Cancel) -> Result<Probe> {
        Ok(Probe::default())
    }

    fn changes(&self, _cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        let name = &self.collection;
        let collection = Collection {
            name: name.clone(),
            title: None,
            kind: CollectionKind::Table,
            schema: Schema::default(),
            records: None,
            raw: None,
        };
        sink.begin_collection(&collection, FeedMode::Full)?;
        let mut batch = Vec::with_capacity(BATCH);
        let file = File::open(&self.path).map_err(|e| SourceError::io(self.path.display().to_string(), e))?;
        let mut lines = Lines::new(file);
        while let Some(line) = lines
            .next()
            .map_err(|e| SourceError::io(self.path.display().to_string(), e))?
        {
            batch.push(Change::Upsert(self.record(line)?));
            if batch.len() == BATCH {
                sink.cancel().check()?;
                sink.records(name, std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))?;
            }
        }
        sink.records(name, batch)?;
        sink.end_collection(name)?;
        Ok(Outcome::default())
    }

    fn live_records(&self, _cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }

    fn live_files(&self, _cancel: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        Ok(None)
    }

    fn at(&self, _target: &TargetSpec) -> Result<Arc<dyn Source>> {
        Err(self.unsupported())
    }

    fn record_writer(&self, _schema: &dyn RecordView, _cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        Err(self.unsupported())
    }

    fn file_writer(&self, _cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        Err(self.unsupported())
    }
}

/// Lines of a file as slices of the blocks they were read in.
struct Lines<R> {
    reader: R,
    block: Bytes,
    ended: bool,
}

impl<R: Read> Lines<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            block: Bytes::new(),
            ended: false,
        }
    }

    fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.block) {
                let line = self.block.split_to(end);
                let _ = self.block.split_to(1);
                if !line.is_empty() {
                    return Ok(Some(line));
                }
            } else if self.ended {
                let last = std::mem::take(&mut self.block);
                return Ok(Some(last).filter(|l| !l.is_empty()));
            } else {
                self.refill()?;
            }
        }
    }

    /// Reads another block behind what is left of this one.
    fn refill(&mut self) -> io::Result<()> {
        let left = self.block.len();
        let mut block = BytesMut::zeroed(left + BLOCK);
        block[..left].copy_from_slice(&self.block);
        let mut filled = left;
        while filled < block.len() {
            match self.reader.read(&mut block[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        block.truncate(filled);
        self.block = block.freeze();
        Ok(())
    }
}

/// Writes `rows` records of about `size` bytes with scattered hexadecimal ids. The same seed gives the same rows; rows whose
/// number is a multiple of `changed` (if not 0) differ in content from those of another `generation`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_rows(path: &Path, rows: u64, size: usize, seed: u64, changed: u64, generation: u64) -> io::Result<()> {
    const WORDS: [&str; 8] = [
        "harbour", "lantern", "meadow", "granite", "signal", "orchard", "copper", "window",
    ];
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut text = String::with_capacity(size + 16);
    for row in 0..rows {
        let key = mix(seed ^ mix(row));
        let mut state = key;
        if changed != 0 && row % changed == 0 {
            state ^= mix(generation);
        }
        text.clear();
        while text.len() < size.saturating_sub(70) {
            state = mix(state);
            text.push_str(WORDS[usize::try_from(state % 8).unwrap_or(0)]);
            text.push(' ');
            text.push_str(&format!("{:x} ", state >> 40));
        }
        writeln!(
            out,
            "{{\"id\":\"{key:016x}{:016x}\",\"n\":{row},\"text\":\"{text}\"}}",
            mix(key)
        )?;
    }
    out.flush()
}

/// A fixed, well-mixing function of 64 bits (the finaliser of splitmix64), so that rows need no random generator.
fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
