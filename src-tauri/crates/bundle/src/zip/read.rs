//! Unpacking one entry: never more bytes than announced, and its checksum at the end.

use std::{
    fs::File,
    io::{BufReader, Read},
    sync::Arc,
};

use flate2::bufread::DeflateDecoder;

use super::ZipEntry;
use crate::{BundleError, Content, Result};

/// Bytes unpacked at a time.
const PIECE: usize = 128 << 10;

/// Gives the content of an entry to `each`, piece by piece.
pub(crate) fn unpack(file: &Arc<File>, name: &str, entry: &ZipEntry, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let wrong = || BundleError::Size {
        entry: name.to_owned(),
        size: entry.size,
    };
    // Small entries are many: no more memory than they need.
    let at_once = |size: u64| usize::try_from(size.saturating_add(1)).unwrap_or(PIECE).clamp(512, PIECE);
    let packed = BufReader::with_capacity(at_once(entry.packed), Content::file(file.clone(), entry.at, entry.packed));
    let mut content: Box<dyn Read> = if entry.deflated {
        Box::new(DeflateDecoder::new(packed).take(entry.size.saturating_add(1)))
    } else {
        Box::new(packed)
    };
    let mut crc = crc32fast::Hasher::new();
    let mut buffer = vec![0; at_once(entry.size)];
    let mut size = 0;
    loop {
        let read = content.read(&mut buffer).map_err(|_| wrong())?;
        if read == 0 {
            break;
        }
        size += read as u64;
        if size > entry.size {
            return Err(wrong());
        }
        crc.update(&buffer[..read]);
        each(&buffer[..read])?;
    }
    if size != entry.size {
        return Err(wrong());
    }
    if crc.finalize() != entry.crc {
        return Err(BundleError::Checksum { entry: name.to_owned() });
    }
    Ok(())
}
