//! A list on disk that any part can be read of at once: small sealed blocks of compressed items.
//!
//! Listings hold what lies encrypted in a vault, so their files are sealed as well, with a key made from the vault's. A file
//! is written once, under a temporary name, and appears under its own when it is whole.

use std::{
    fs::File,
    io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use backstay_model::ContentHash;
use backstay_vault::MasterKey;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tempfile::{NamedTempFile, TempPath};

use super::BrowseError;

type Result<T> = std::result::Result<T, BrowseError>;

/// Items in a block: few, so that a page of items in any order is cheap.
const ITEMS: u64 = 32;
/// Hashes of names in a block of the index.
const NAMES: usize = 8192;
/// Largest block, in bytes, that is read: one with more is no block of ours.
const BLOCK_MAX: u64 = 1 << 30;
const MAGIC: &[u8; 8] = b"BSSHEAF1";

/// What a file says about itself; `T` is what its owner adds.
#[derive(Debug, Serialize, Deserialize)]
struct Footer<T> {
    items: u64,
    /// Where the places of the blocks begin.
    blocks_at: u64,
    /// Where the places of the blocks of names begin; as many as needed for the items.
    names_at: u64,
    about: T,
}

/// Writes a list.
pub struct SheafWriter<'a> {
    file: BufWriter<NamedTempFile>,
    key: &'a MasterKey,
    limit: u64,
    at: u64,
    items: u64,
    block: Vec<u8>,
    places: Vec<u64>,
    names: Vec<u64>,
    name_places: Vec<u64>,
}

/// Tells names apart; two of a million may fall together, which whoever looks one up checks.
fn name_hash(name: &str) -> u64 {
    let ContentHash(hash) = ContentHash::of(name.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    u64::from_le_bytes(first)
}

impl<'a> SheafWriter<'a> {
    /// Writes into `file`, at most `limit` bytes, sealed with `key`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(file: NamedTempFile, key: &'a MasterKey, limit: u64) -> Result<Self> {
        let mut writer = Self {
            file: BufWriter::with_capacity(256 << 10, file),
            key,
            limit,
            at: 0,
            items: 0,
            block: Vec::new(),
            places: Vec::new(),
            names: Vec::new(),
            name_places: Vec::new(),
        };
        writer.put(MAGIC)?;
        Ok(writer)
    }

    fn failed(&self, error: std::io::Error) -> BrowseError {
        BrowseError::Cache {
            path: self.file.get_ref().path().to_owned(),
            error,
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.at += bytes.len() as u64;
        if self.at > self.limit {
            return Err(BrowseError::CacheFull { limit: self.limit });
        }
        self.file.write_all(bytes).map_err(|error| self.failed(error))
    }

    /// Adds an item. `name` is what it can be looked up by.
    ///
    /// # Errors
    /// When it cannot be written, or the list gets too long.
    pub fn push(&mut self, name: &str, item: &[u8]) -> Result<()> {
        let length = u32::try_from(item.len()).unwrap_or(u32::MAX);
        self.block.extend(length.to_le_bytes());
        self.block.extend_from_slice(item);
        self.names.push(name_hash(name));
        self.items += 1;
        if self.items.is_multiple_of(ITEMS) {
            self.end_block()?;
        }
        if self.names.len() == NAMES {
            self.end_names()?;
        }
        Ok(())
    }

    fn seal(&mut self, plain: &[u8]) -> Result<u64> {
        let packed = zstd::bulk::compress(plain, 1).map_err(|error| self.failed(error))?;
        let sealed = self
            .key
            .sealed(&packed)
            .map_err(|error| self.failed(std::io::Error::other(error)))?;
        let at = self.at;
        self.put(&u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        self.put(&sealed)?;
        Ok(at)
    }

    fn end_block(&mut self) -> Result<()> {
        let block = std::mem::take(&mut self.block);
        let place = self.seal(&block)?;
        self.places.push(place);
        self.block = block;
        self.block.clear();
        Ok(())
    }

    fn end_names(&mut self) -> Result<()> {
        let names: Vec<u8> = self.names.drain(..).flat_map(u64::to_le_bytes).collect();
        let place = self.seal(&names)?;
        self.name_places.push(place);
        Ok(())
    }

    /// Items so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.items
    }

    /// Ends the list and moves it to `path`; without one it vanishes when it is closed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish<T: Serialize>(mut self, about: T, path: Option<&Path>) -> Result<Sheaf<T>> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        if !self.names.is_empty() {
            self.end_names()?;
        }
        let blocks_at = self.at;
        for place in std::mem::take(&mut self.places) {
            self.put(&place.to_le_bytes())?;
        }
        let names_at = self.at;
        for place in std::mem::take(&mut self.name_places) {
            self.put(&place.to_le_bytes())?;
        }
        let footer = Footer {
            items: self.items,
            blocks_at,
            names_at,
            about,
        };
        let json = serde_json::to_vec(&footer).map_err(|error| self.failed(error.into()))?;
        let footer_at = self.seal(&json)?;
        self.put(&footer_at.to_le_bytes())?;
        self.put(MAGIC)?;
        let shown = path.unwrap_or(self.file.get_ref().path()).to_owned();
        let cache = |error| BrowseError::Cache {
            path: shown.clone(),
            error,
        };
        let unnamed = self.file.into_inner().map_err(|error| cache(error.into_error()))?;
        let (file, temporary) = match path {
            // Not synced to the disk: a list that a crash tears is made again.
            Some(path) => (unnamed.persist(path).map_err(|error| cache(error.error))?, None),
            None => {
                let (file, name) = unnamed.into_parts();
                (file, Some(name))
            }
        };
        Ok(Sheaf {
            file: Mutex::new(file),
            path: shown,
            key: self.key.clone(),
            footer,
            _temporary: temporary,
        })
    }
}

/// A list on disk.
pub struct Sheaf<T> {
    file: Mutex<File>,
    path: PathBuf,
    key: MasterKey,
    footer: Footer<T>,
    /// Removes the file of a list without a name.
    _temporary: Option<TempPath>,
}

impl<T: DeserializeOwned> Sheaf<T> {
    /// Opens the list at `path`; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read, is damaged or sealed with another key.
    pub fn open(path: &Path, key: &MasterKey) -> Result<Option<Self>> {
        let cache = |error| BrowseError::Cache {
            path: path.to_owned(),
            error,
        };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(cache(error)),
        };
        let damaged = || BrowseError::CacheDamaged { path: path.to_owned() };
        let size = file.metadata().map_err(cache)?.len();
        let bare = Sheaf {
            file: Mutex::new(file),
            path: path.to_owned(),
            key: key.clone(),
            footer: Footer {
                items: 0,
                blocks_at: 0,
                names_at: 0,
                about: (),
            },
            _temporary: None,
        };
        let tail = bare.read(size.checked_sub(16).ok_or_else(damaged)?, 16)?;
        let (place, magic) = tail.split_at(8);
        if magic != MAGIC {
            return Err(damaged());
        }
        let json = bare.unseal(number(place))?;
        let footer = serde_json::from_slice(&json).map_err(|_| damaged())?;
        Ok(Some(Self {
            file: bare.file,
            path: bare.path,
            key: bare.key,
            footer,
            _temporary: None,
        }))
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl<T> Sheaf<T> {
    /// Number of items.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.footer.items
    }

    /// What its owner wrote about it.
    #[must_use]
    pub fn about(&self) -> &T {
        &self.footer.about
    }

    pub(super) fn damaged(&self) -> BrowseError {
        BrowseError::CacheDamaged { path: self.path.clone() }
    }

    fn read(&self, at: u64, len: u64) -> Result<Vec<u8>> {
        if len > BLOCK_MAX {
            return Err(self.damaged());
        }
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut bytes));
        match read {
            Ok(()) => Ok(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(self.damaged()),
            Err(error) => Err(BrowseError::Cache {
                path: self.path.clone(),
                error,
            }),
        }
    }

    fn unseal(&self, at: u64) -> Result<Vec<u8>> {
        let length = number(&self.read(at, 4)?);
        let mut sealed = self.read(at + 4, length)?;
        let packed = self.key.unsealed(&mut sealed).map_err(|_| self.damaged())?;
        zstd::stream::decode_all(packed).map_err(|_| self.damaged())
    }

    fn block(&self, block: u64) -> Result<Vec<Vec<u8>>> {
        let place = number(&self.read(self.footer.blocks_at + 8 * block, 8)?);
        let plain = self.unseal(place)?;
        let (mut items, mut rest) = (Vec::new(), plain.as_slice());
        while let Some((length, tail)) = rest.split_at_checked(4) {
            let length = usize::try_from(number(length)).unwrap_or(usize::MAX);
            let (item, tail) = tail.split_at_checked(length).ok_or_else(|| self.damaged())?;
            items.push(item.to_vec());
            rest = tail;
        }
        Ok(items)
    }

    /// The items of a range; what lies behind the end is left out.
    ///
    /// # Errors
    /// When they cannot be read or are damaged.
    pub fn items(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>> {
        let range = range.start..range.end.min(self.len());
        let mut out = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let block = at / ITEMS;
            let first = block * ITEMS;
            let items = self.block(block)?;
            let (from, to) = (at - first, range.end.min(first + ITEMS) - first);
            let count = items.len() as u64;
            if to > count {
                return Err(self.damaged());
            }
            let wanted = items.into_iter().skip(usize::try_from(from).unwrap_or(0));
            out.extend(wanted.take(usize::try_from(to - from).unwrap_or(0)));
            at = first + to;
        }
        Ok(out)
    }

    /// Numbers of the items that may have this name, nearly always one or none.
    ///
    /// # Errors
    /// When names cannot be read or are damaged.
    pub fn named(&self, name: &str) -> Result<Vec<u64>> {
        let wanted = name_hash(name).to_le_bytes();
        let blocks = self.len().div_ceil(NAMES as u64);
        let mut found = Vec::new();
        for block in 0..blocks {
            let place = number(&self.read(self.footer.names_at + 8 * block, 8)?);
            let names = self.unseal(place)?;
            let here = names.chunks_exact(8).enumerate().filter(|(_, name)| *name == wanted);
            found.extend(here.map(|(at, _)| block * NAMES as u64 + at as u64));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, key: &MasterKey, count: u64) -> Sheaf<String> {
        let mut writer = SheafWriter::new(NamedTempFile::new_in(dir).unwrap(), key, u64::MAX).unwrap();
        for n in 0..count {
            writer
                .push(&format!("name {n}"), format!("secret item {n}").as_bytes())
                .unwrap();
        }
        writer.finish("about".to_owned(), Some(&dir.join("list"))).unwrap()
    }

    #[test]
    fn any_part_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let key = MasterKey::random();
        for count in [0, 1, 31, 32, 33, 20_000] {
            let written = write(dir.path(), &key, count);
            let sheaf: Sheaf<String> = Sheaf::open(&dir.path().join("list"), &key).unwrap().unwrap();
            assert_eq!((sheaf.len(), written.len()), (count, count));
            assert_eq!(sheaf.about(), "about");
            for range in [
                0..count,
                0..1,
                30..40,
                count.saturating_sub(3)..count + 9,
                count + 1..count + 5,
            ] {
                let expected: Vec<_> = (range.start..range.end.min(count))
                    .map(|n| format!("secret item {n}").into_bytes())
                    .collect();
                assert_eq!(sheaf.items(range).unwrap(), expected);
            }
            if count > 0 {
                assert_eq!(sheaf.named(&format!("name {}", count - 1)).unwrap(), [count - 1]);
            }
            assert_eq!(sheaf.named("nobody").unwrap(), [0_u64; 0]);
        }
    }

    #[test]
    fn nothing_in_it_can_be_read_without_the_key_and_damage_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let key = MasterKey::random();
        write(dir.path(), &key, 5000);
        let path = dir.path().join("list");
        let mut bytes = std::fs::read(&path).unwrap();
        assert!(memchr::memmem::find(&bytes, b"secret").is_none());
        assert!(matches!(
            Sheaf::<String>::open(&path, &MasterKey::random()),
            Err(BrowseError::CacheDamaged { .. })
        ));
        bytes[40] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let sheaf = Sheaf::<String>::open(&path, &key).unwrap().unwrap();
        assert!(matches!(sheaf.items(0..10), Err(BrowseError::CacheDamaged { .. })));
        assert!(sheaf.items(100..110).is_ok());
        for cut in [0, 7, 100, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            assert!(Sheaf::<String>::open(&path, &key).is_err(), "cut at {cut}");
        }
        assert!(Sheaf::<String>::open(&dir.path().join("none"), &key).unwrap().is_none());
    }

    #[test]
    fn a_list_that_gets_too_long_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let key = MasterKey::random();
        let mut writer = SheafWriter::new(NamedTempFile::new_in(dir.path()).unwrap(), &key, 2000).unwrap();
        let failed = (0..10_000_u64).find_map(|n| writer.push("n", &n.to_le_bytes().repeat(9)).err());
        assert!(matches!(failed, Some(BrowseError::CacheFull { limit: 2000 })), "{failed:?}");
    }
}
