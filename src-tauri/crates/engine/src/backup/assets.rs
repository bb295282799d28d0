//! Attachments of the snapshot being written: each content once, named by its hash; those of the previous snapshot are taken over.

use std::{
    collections::HashSet,
    io::{Read, Seek, SeekFrom, Write},
    sync::{Mutex, MutexGuard},
};

use backstay_model::{ErrorKind, Gap};
use backstay_source::{Result, SourceError};
use backstay_vault::{Chunking, FileAttrs, Writer};
use sha2::{Digest, Sha256};

use super::sink::source_error;
use crate::snapshot::{
    assets::{ASSETS, VaultAssets, asset_path, hash_of, is_hash},
    files::stored,
};

/// Content up to this size is hashed in memory; larger content goes through a temporary file, as its name is its hash.
const IN_MEMORY: usize = 4 << 20;
/// Bytes read at once.
const PIECE: usize = 64 << 10;

type Hash = [u8; 32];

/// Where attachments go.
pub(crate) struct Assets<'a> {
    writer: &'a Writer,
    attrs: &'a FileAttrs,
    previous: Option<&'a VaultAssets>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// What this run stored or took over one by one.
    stored: HashSet<Hash>,
    /// Attachments in directories that were taken over as they are.
    whole: u64,
}

impl<'a> Assets<'a> {
    pub(crate) fn new(writer: &'a Writer, attrs: &'a FileAttrs, previous: Option<&'a VaultAssets>) -> Self {
        Self {
            writer,
            attrs,
            previous,
            known: Mutex::default(),
        }
    }

    fn known(&self) -> Result<MutexGuard<'_, Known>> {
        self.known.lock().map_err(|_| super::sink::poisoned())
    }

    /// Number of attachments in the snapshot.
    pub(crate) fn count(&self) -> Result<u64> {
        let known = self.known()?;
        Ok(known.whole + known.stored.len() as u64)
    }

    /// Stores content and gives its SHA-256. `go_on` is asked before each piece.
    pub(crate) fn put(
        &self,
        name: &str,
        size: u64,
        content: &mut dyn Read,
        go_on: &mut dyn FnMut() -> Result<()>,
    ) -> Result<String> {
        let spooled = |error| SourceError::io("a temporary file", error);
        let mut spool = tempfile::spooled_tempfile(IN_MEMORY);
        let (mut hasher, mut buffer, mut found) = (Sha256::new(), vec![0; PIECE], 0_u64);
        while found <= size {
            go_on()?;
            let read = match content.read(&mut buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                other => other.map_err(|error| of_reader(name, error))?,
            };
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
            spool.write_all(&buffer[..read]).map_err(spooled)?;
            found += read as u64;
        }
        if found != size {
            return Err(SourceError::new(ErrorKind::Changed, name, "has another size than announced"));
        }
        let hash: Hash = hasher.finalize().into();
        let text = hex::encode(hash);
        if !self.known()?.stored.insert(hash) {
            return Ok(text);
        }
        spool.seek(SeekFrom::Start(0)).map_err(spooled)?;
        let put = self.writer.put_file(
            asset_path(&text, name).as_bytes(),
            self.attrs,
            size,
            &mut spool,
            Chunking::ContentDefined,
        );
        if let Err(error) = put {
            self.known()?.stored.remove(&hash);
            return Err(source_error(name, error));
        }
        Ok(text)
    }

    /// Takes content over from the previous snapshot, or notices that this run stored it. `false`: it has to be given.
    pub(crate) fn keep(&self, sha256: &str) -> Result<bool> {
        let Some(hash) = parsed(sha256) else { return Ok(false) };
        if self.known()?.stored.contains(&hash) {
            return Ok(true);
        }
        let Some(previous) = self.previous else { return Ok(false) };
        // What is damaged in the vault says nothing: it is given and stored again.
        let Ok(Some(node)) = previous.find(sha256) else {
            return Ok(false);
        };
        if !self.known()?.stored.insert(hash) {
            return Ok(true);
        }
        let path = format!("{ASSETS}/{}/{}", &sha256[..2], node.escaped_name());
        let kept = self.writer.reuse(path, &node).is_ok();
        if !kept {
            self.known()?.stored.remove(&hash);
        }
        Ok(kept)
    }

    /// Takes over everything of the previous snapshot that this run did not store: records that were not given because they did
    /// not change refer to it. Attachments of deleted records stay until a run is given everything. What is no longer whole in
    /// the vault is given to `lost` by name. `before` is the number of attachments there.
    pub(crate) fn carry_over(&self, before: u64, lost: &mut dyn FnMut(Gap)) -> Result<()> {
        let Some(previous) = self.previous else { return Ok(()) };
        let mut known = self.known()?;
        if known.stored.is_empty() && self.writer.reuse(ASSETS, previous.root()).is_ok() {
            known.whole = before;
            return Ok(());
        }
        let failed = |error| stored(ASSETS, error);
        let touched: HashSet<u8> = known.stored.iter().map(|hash| hash[0]).collect();
        for directory in previous.reader().list(previous.root()).map_err(failed)? {
            let prefix = directory.escaped_name();
            let inside = previous.reader().list(&directory).map_err(failed)?;
            let mut first = [0; 1];
            let ours = hex::decode_to_slice(&prefix, &mut first).is_ok() && touched.contains(&first[0]);
            if !ours && self.writer.reuse(format!("{ASSETS}/{prefix}"), &directory).is_ok() {
                known.whole += inside.len() as u64;
                continue;
            }
            for node in inside {
                let name = node.escaped_name();
                let Some(hash) = hash_of(&name).and_then(parsed) else {
                    continue;
                };
                if known.stored.contains(&hash) {
                    continue;
                }
                let path = format!("{ASSETS}/{prefix}/{name}");
                match self.writer.reuse(&path, &node) {
                    Ok(_) => {
                        known.stored.insert(hash);
                    }
                    Err(error) if error.kind() == ErrorKind::Damaged => lost(stored(&path, error).to_gap()),
                    Err(error) => return Err(SourceError::new(error.kind(), path, "cannot be taken over").caused_by(error)),
                }
            }
        }
        Ok(())
    }
}

fn parsed(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    is_hash(text).then(|| hex::decode_to_slice(text, &mut hash).ok())??;
    Some(hash)
}

/// The reader's error as it came: connectors carry their own errors through [`std::io::Error`].
fn of_reader(name: &str, error: std::io::Error) -> SourceError {
    match error.downcast::<SourceError>() {
        Ok(own) => own,
        Err(error) => SourceError::io(name, error),
    }
}
