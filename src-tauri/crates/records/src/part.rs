//! One keys part: up to 16,384 entries of a run, column by column, in one small file.

use std::cmp::Ordering;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::hash::SHORT;
use crate::ids::{Ids, MAX_ID_BYTES};
use crate::ints::{Input, pack, put_varint, unpack};
use crate::{Fault, ShortHash};

const MAGIC: &[u8; 4] = b"BSK1";
/// Most entries in a part.
pub(crate) const MAX_ENTRIES: usize = 16_384;
/// Bytes of the seal at the end.
const SEAL: usize = 8;
/// Largest part that is read, in bytes: 16,384 entries of 16 bytes in each of four columns, and the ids.
pub(crate) const MAX_PART: u64 = 4 << 20;

/// Entries of a run, decoded. Positions count from the beginning of the run's first shard.
#[derive(Debug, Default)]
pub(crate) struct Part {
    ids: Ids,
    hashes: Vec<ShortHash>,
    /// Where each entry's line ends; one more entry in front for where the first begins.
    bounds: Vec<u64>,
}

impl Part {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn id(&self, i: usize) -> &str {
        self.ids.get(i)
    }

    pub(crate) fn hash(&self, i: usize) -> ShortHash {
        self.hashes[i]
    }

    /// Position and length of the line; the length is 0 for a tombstone.
    pub(crate) fn line(&self, i: usize) -> (u64, u64) {
        (self.bounds[i], self.bounds[i + 1] - self.bounds[i])
    }

    pub(crate) fn end(&self) -> u64 {
        self.bounds.last().copied().unwrap_or(0)
    }

    /// First entry at or after `from` whose id is not below `id`.
    pub(crate) fn lower_bound(&self, from: usize, id: &str) -> usize {
        // Mostly the next entry or a near one: gallop before halving.
        let (mut low, mut step) = (from, 1);
        let mut high = loop {
            let probe = low + step;
            if probe >= self.len() {
                break self.len();
            }
            if self.id(probe) >= id {
                break probe;
            }
            low = probe;
            step *= 2;
        };
        while low < high {
            let middle = low.midpoint(high);
            match self.id(middle).cmp(id) {
                Ordering::Less => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    /// Decodes a part whose first line begins at `start`.
    pub(crate) fn decode(bytes: &[u8], start: u64) -> Result<Self, (usize, Fault)> {
        let body = bytes.len().checked_sub(SEAL).ok_or((0, Fault::Short))?;
        let (body, seal) = bytes.split_at(body);
        if Sha256::digest(body)[..SEAL] != *seal {
            return Err((body.len(), Fault::Seal));
        }
        let mut input = Input::new(body);
        let part = Self::read(&mut input, start).map_err(|fault| (input.at(), fault))?;
        if input.left() == 0 {
            Ok(part)
        } else {
            Err((input.at(), Fault::Long))
        }
    }

    fn read(input: &mut Input<'_>, start: u64) -> Result<Self, Fault> {
        if input.take(MAGIC.len())? != MAGIC {
            return Err(Fault::Magic);
        }
        let count = usize::try_from(input.varint()?).map_err(|_| Fault::Number)?;
        if count == 0 || count > MAX_ENTRIES {
            return Err(Fault::Number);
        }
        let ids = Ids::decode(input, count)?;
        let mut lengths = Vec::new();
        unpack(input, count, &mut lengths)?;
        let mut bounds = Vec::with_capacity(count + 1);
        let mut hashes = Vec::with_capacity(count);
        let mut end = start;
        bounds.push(end);
        for length in lengths {
            end = u64::try_from(length)
                .ok()
                .and_then(|length| end.checked_add(length))
                .ok_or(Fault::Number)?;
            bounds.push(end);
            hashes.push(if length == 0 {
                ShortHash::default()
            } else {
                ShortHash::from_bytes(input.take(SHORT)?)
            });
        }
        Ok(Self { ids, hashes, bounds })
    }
}

/// Collects entries until a part is full.
#[derive(Debug, Default)]
pub(crate) struct PartBuilder {
    ids: Ids,
    hashes: Vec<u8>,
    lengths: Vec<u128>,
}

impl PartBuilder {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn first(&self) -> &str {
        self.ids.get(0)
    }

    pub(crate) fn last(&self) -> &str {
        self.ids.get(self.len() - 1)
    }

    /// Whether an entry with this id still fits.
    pub(crate) fn fits(&self, id: &str) -> bool {
        self.len() < MAX_ENTRIES && self.ids.bytes() + id.len() <= MAX_ID_BYTES
    }

    /// Adds a record with the length of its line.
    pub(crate) fn record(&mut self, id: &str, hash: ShortHash, length: u64) {
        self.ids.push(id);
        self.hashes.extend_from_slice(&hash.to_bytes());
        self.lengths.push(u128::from(length));
    }

    /// Adds a tombstone.
    pub(crate) fn tombstone(&mut self, id: &str) {
        self.ids.push(id);
        self.lengths.push(0);
    }

    /// Writes the part and starts a new one.
    pub(crate) fn finish(&mut self) -> Bytes {
        let mut out = Vec::with_capacity(self.len() * 24 + 64);
        out.extend_from_slice(MAGIC);
        put_varint(&mut out, self.len() as u128);
        self.ids.encode(&mut out);
        pack(&mut out, &self.lengths);
        out.extend_from_slice(&self.hashes);
        let seal = Sha256::digest(&out);
        out.extend_from_slice(&seal[..SEAL]);
        self.ids.clear();
        self.hashes.clear();
        self.lengths.clear();
        Bytes::from(out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(ids: &[String]) -> Bytes {
        let mut builder = PartBuilder::default();
        for (n, id) in ids.iter().enumerate() {
            if n % 5 == 3 {
                builder.tombstone(id);
            } else {
                builder.record(id, ShortHash::from_bytes(&[n as u8; SHORT]), 100 + n as u64);
            }
        }
        builder.finish()
    }

    fn ids(form: u8) -> Vec<String> {
        let id = |n: u64| match form {
            0 => format!("{n:012x}"),
            1 => format!("{:08x}-0000-4000-8000-{n:012x}", n * 1000),
            _ => format!("key {}", char::from(b'!' + n as u8)),
        };
        (0..80).map(id).collect()
    }

    proptest! {
        #[test]
        fn parts_sealed_by_an_enemy_give_entries_or_an_error(
            form in 0_u8..3,
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            cut in any::<prop::sample::Index>(),
            start in prop::sample::select(vec![0, u64::MAX - 50]),
        ) {
            let bytes = part(&ids(form));
            let mut body = bytes[..bytes.len() - SEAL].to_vec();
            body.truncate(body.len() - cut.index(body.len()) / 20);
            for (at, value) in edits {
                let at = at.index(body.len());
                body[at] = value;
            }
            let seal = Sha256::digest(&body);
            body.extend_from_slice(&seal[..SEAL]);
            if let Ok(part) = Part::decode(&body, start) {
                prop_assert!(part.len() <= MAX_ENTRIES);
                prop_assert!((1..part.len()).all(|i| part.id(i - 1) < part.id(i)));
                prop_assert!((0..part.len()).all(|i| part.lower_bound(0, part.id(i)) == i));
            }
        }
    }

    #[test]
    fn a_part_comes_back() {
        for form in 0..3 {
            let ids = ids(form);
            let part = Part::decode(&part(&ids), 7).unwrap();
            assert_eq!(part.len(), ids.len());
            assert_eq!((part.id(79), part.line(0), part.line(3).1), (ids[79].as_str(), (7, 100), 0));
            assert_eq!(part.lower_bound(0, ""), 0);
            assert_eq!(part.lower_bound(10, "~~"), 80);
        }
    }
}
