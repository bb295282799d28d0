//! Writes one run: shards, keys parts, index.

use bytes::Bytes;

use crate::description::{FORMAT, RunRef};
use crate::index::{PartRef, RUN_INDEX, RunIndex, part_path, shard_path};
use crate::overlay::Overlay;
use crate::part::PartBuilder;
use crate::{RecordsError, Result, RunSink, ShortHash, Tuning, seal};

/// A run being written, in ascending order of ids.
pub(crate) struct RunWriter<'a> {
    sink: &'a dyn RunSink,
    dir: String,
    name: String,
    tuning: Tuning,
    shard: Vec<u8>,
    index: RunIndex,
    /// Bytes in finished shards.
    done: u64,
    part: PartBuilder,
    part_start: u64,
    /// Last id of the part before.
    last: String,
    /// Files not given to the sink yet: a run that turns out to be needless leaves no trace while it is small.
    held: Vec<(String, Bytes)>,
    sent: bool,
    /// Keys of this run for reading before the snapshot exists.
    copy: Option<Overlay>,
}

impl<'a> RunWriter<'a> {
    pub(crate) fn new(sink: &'a dyn RunSink, collection_dir: &str, number: u64, tuning: Tuning) -> Self {
        let name = format!("{number:06}");
        Self {
            sink,
            dir: format!("{collection_dir}/{name}"),
            name,
            tuning,
            shard: Vec::new(),
            index: RunIndex {
                format: FORMAT,
                entries: 0,
                tombstones: 0,
                shards: Vec::new(),
                keys: Vec::new(),
            },
            done: 0,
            part: PartBuilder::default(),
            part_start: 0,
            last: String::new(),
            held: Vec::new(),
            sent: false,
            copy: None,
        }
    }

    /// Keeps a copy of the keys, so that they can be read while the snapshot is still being written.
    pub(crate) fn with_copy(mut self, copy: Overlay) -> Self {
        self.copy = Some(copy);
        self
    }

    pub(crate) fn entries(&self) -> u64 {
        self.index.entries
    }

    /// Whether nothing has been given to the sink.
    pub(crate) fn is_unsent(&self) -> bool {
        !self.sent
    }

    /// Adds a record whose line `write` appends, line break included.
    pub(crate) fn record(&mut self, id: &str, hash: ShortHash, write: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        self.make_room(id)?;
        if self.shard.capacity() == 0 {
            self.shard.reserve(self.tuning.shard_bytes);
        }
        let start = self.shard.len();
        write(&mut self.shard);
        let length = self.shard.len() - start;
        if start > 0 && self.shard.len() > self.tuning.shard_bytes {
            let line = self.shard.split_off(start);
            self.end_shard()?;
            self.shard.reserve(self.tuning.shard_bytes.max(line.len()));
            self.shard.extend_from_slice(&line);
        }
        self.part.record(id, hash, length as u64);
        self.index.entries += 1;
        Ok(())
    }

    /// Adds a tombstone.
    pub(crate) fn tombstone(&mut self, id: &str) -> Result<()> {
        self.make_room(id)?;
        self.part.tombstone(id);
        self.index.entries += 1;
        self.index.tombstones += 1;
        Ok(())
    }

    fn make_room(&mut self, id: &str) -> Result<()> {
        if self.part.len() > 0 && (!self.part.fits(id) || self.part.len() >= self.tuning.part_entries) {
            self.end_part()?;
        }
        if self.part.len() == 0 {
            self.part_start = self.done + self.shard.len() as u64;
        }
        Ok(())
    }

    fn end_part(&mut self) -> Result<()> {
        let from = separator(&self.last, self.part.first()).to_owned();
        let (entries, last) = (self.part.len() as u64, self.part.last().to_owned());
        let content = self.part.finish();
        let path = part_path(self.index.keys.len());
        self.index.keys.push(PartRef {
            from,
            entries,
            start: self.part_start,
            bytes: content.len() as u64,
        });
        self.last = last;
        if let Some(copy) = &mut self.copy {
            copy.add(&format!("{}/{path}", self.dir), &content)?;
        }
        self.put(&path, content)
    }

    fn end_shard(&mut self) -> Result<()> {
        let content = Bytes::from(std::mem::take(&mut self.shard));
        self.done += content.len() as u64;
        let path = shard_path(self.index.shards.len());
        self.index.shards.push(content.len() as u64);
        self.put(&path, content)
    }

    fn put(&mut self, path: &str, content: Bytes) -> Result<()> {
        self.held.push((format!("{}/{path}", self.dir), content));
        // The first shard and the first keys part may wait.
        if self.sent || self.held.len() > 2 {
            self.send()
        } else {
            Ok(())
        }
    }

    fn send(&mut self) -> Result<()> {
        self.sent = true;
        for (path, content) in self.held.drain(..) {
            self.sink.put(&path, content)?;
        }
        Ok(())
    }

    /// Writes what is left and the index.
    pub(crate) fn finish(mut self) -> Result<(RunRef, Option<Overlay>)> {
        if !self.shard.is_empty() {
            self.end_shard()?;
        }
        if self.part.len() > 0 {
            self.end_part()?;
        }
        let described = seal::write(&self.index);
        let (content, seal) = described.map_err(|source| RecordsError::Describe {
            collection: self.dir.clone(),
            source,
        })?;
        if let Some(copy) = &mut self.copy {
            copy.add(&format!("{}/{RUN_INDEX}", self.dir), &content)?;
        }
        self.put(RUN_INDEX, content)?;
        self.send()?;
        let RunIndex { entries, tombstones, .. } = self.index;
        let reference = RunRef {
            name: self.name,
            entries,
            tombstones,
            visible: entries - tombstones,
            bytes: self.done,
            seal,
        };
        Ok((reference, self.copy))
    }
}

/// The shortest beginning of `first` that is greater than `last`.
fn separator<'s>(last: &str, first: &'s str) -> &'s str {
    if last.is_empty() {
        return "";
    }
    let same = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
    let end = (same + 1..first.len()).find(|end| first.is_char_boundary(*end));
    end.map_or(first, |end| &first[..end])
}

#[cfg(test)]
mod tests {
    use super::separator;

    #[test]
    fn separators_are_short_and_between() {
        for (last, first, expected) in [
            ("abc", "abx", "abx"),
            ("abc", "b", "b"),
            ("a", "ab-long", "ab"),
            ("", "x", ""),
            ("ä", "äöü", "äö"),
            ("à", "äx", "ä"),
        ] {
            let separator = separator(last, first);
            assert_eq!(separator, expected);
            assert!(separator <= first && (last.is_empty() || separator > last));
        }
    }
}
