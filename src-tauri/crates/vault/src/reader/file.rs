//! Reads pieces of a file at any offset.

use std::sync::Arc;

use bytes::Bytes;

use super::Reader;
use crate::pack::BlobKind;
use crate::{Id, Node, Result, VaultError};

/// Of how many files the blob offsets are remembered.
const REMEMBERED: usize = 16;
/// The smallest part of a blob that is worth keeping it for.
const SHARE: u64 = 8;

/// A file to read at any offset. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct FileAt {
    reader: Reader,
    content: Arc<[Id]>,
    /// Where each blob begins, and at last where the file ends.
    offsets: Arc<[u64]>,
}

impl Reader {
    /// A file to read at any offset. Looks up the length of every blob once.
    ///
    /// # Errors
    /// When `node` is no file or one of its blobs is unknown.
    pub fn file(&self, node: &Node) -> Result<FileAt> {
        if !node.is_file() {
            return Err(VaultError::NotAFile {
                name: node.display_name(),
            });
        }
        let content = node.content.clone();
        let mut remembered = self.0.offsets.lock();
        if let Some((_, offsets)) = remembered.iter().find(|(c, _)| Arc::ptr_eq(c, &content)) {
            return Ok(FileAt {
                reader: self.clone(),
                content,
                offsets: offsets.clone(),
            });
        }
        let mut offsets = Vec::with_capacity(content.len() + 1);
        let mut at = 0;
        offsets.push(at);
        for id in content.iter() {
            at += u64::from(self.locate(BlobKind::Data, id)?.1.blob.plain_length());
            offsets.push(at);
        }
        let offsets: Arc<[u64]> = offsets.into();
        if remembered.len() == REMEMBERED {
            remembered.pop_front();
        }
        remembered.push_back((content.clone(), offsets.clone()));
        Ok(FileAt {
            reader: self.clone(),
            content,
            offsets,
        })
    }

    /// Reads into `buffer` from `offset` on; gives the number of bytes, less than asked for only at the end.
    ///
    /// # Errors
    /// When `node` is no file, or a blob is missing or damaged.
    pub fn read_at(&self, node: &Node, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        self.file(node)?.read_at(offset, buffer)
    }
}

impl FileAt {
    /// Length of the content in bytes, by its blobs.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.offsets.last().copied().unwrap_or_default()
    }

    /// Whether there is no content.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `length` bytes from `offset` on, fewer only at the end. What lies in one blob and is a good part of it is not
    /// copied; a small piece is, so that it does not keep the whole blob in memory.
    ///
    /// # Errors
    /// When a blob is missing or damaged.
    pub fn bytes_at(&self, offset: u64, length: usize) -> Result<Bytes> {
        let number = self.offsets.partition_point(|begin| *begin <= offset).saturating_sub(1);
        let end = offset.saturating_add(length as u64);
        if let (Some(id), [begin, next, ..]) = (self.content.get(number), &self.offsets[number..])
            && end <= *next
            && length as u64 >= (next - begin) / SHARE
        {
            let blob = self.reader.blob(BlobKind::Data, id)?;
            let from = usize::try_from(offset - begin).unwrap_or(usize::MAX);
            if let Some(to) = from.checked_add(length).filter(|to| *to <= blob.len()) {
                return Ok(blob.slice(from..to));
            }
        }
        let there = usize::try_from(self.len().saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut buffer = vec![0; length.min(there)];
        let read = self.read_at(offset, &mut buffer)?;
        buffer.truncate(read);
        Ok(buffer.into())
    }

    /// Reads into `buffer` from `offset` on; gives the number of bytes, less than asked for only at the end.
    ///
    /// # Errors
    /// When a blob is missing or damaged.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        // The last blob that begins at or before the offset; empty blobs do not occur.
        let mut number = self.offsets.partition_point(|begin| *begin <= offset).saturating_sub(1);
        while done < buffer.len() && number < self.content.len() {
            let blob = self.reader.blob(BlobKind::Data, &self.content[number])?;
            let skip = usize::try_from(offset + done as u64 - self.offsets[number]).unwrap_or(usize::MAX);
            let rest = blob.get(skip..).unwrap_or_default();
            let take = rest.len().min(buffer.len() - done);
            buffer[done..done + take].copy_from_slice(&rest[..take]);
            done += take;
            number += 1;
        }
        Ok(done)
    }
}
