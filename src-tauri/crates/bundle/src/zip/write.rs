//! Writing an archive: content first, its sizes put into its header afterwards, the list of entries kept in a temporary file, so
//! that memory does not grow with their number. An entry that fails leaves no trace.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, SeekFrom, Write},
};

use chrono::{DateTime, Datelike, Timelike, Utc};
use flate2::{Compression, write::DeflateEncoder};

use super::{
    CENTRAL, CENTRAL_SIZE, DEFLATED, END, END64, END64_SIZE, EXTRA64, IN_EXTRA, LOCAL, LOCATOR64, STORED, UTF8,
    out::{Counting, Held},
};
use crate::writer::{CopyError, Measured, Source, copy};

/// Content announced with at least this size gets room for 64-bit sizes; below, what deflate adds cannot make it too large.
const LARGE: u64 = 0xF000_0000;
/// Made by: Unix, specification 4.5.
const MADE_BY: u16 = 3 << 8 | 45;
/// Bytes of the 64-bit extra field in a local header.
const LOCAL_EXTRA: u16 = 20;

/// What an archive says about an entry besides its content.
#[derive(Debug, Clone)]
pub(crate) struct Head<'a> {
    pub name: &'a str,
    pub directory: bool,
    pub mode: u32,
    pub modified: Option<DateTime<Utc>>,
    /// Announced size of the content.
    pub size: u64,
    pub deflate: bool,
}

/// An archive being written.
pub(crate) struct ZipOut {
    out: Held,
    at: u64,
    list: BufWriter<File>,
    list_size: u64,
    count: u64,
}

impl ZipOut {
    pub(crate) fn new(file: File) -> io::Result<Self> {
        Ok(Self {
            out: Held::new(file),
            at: 0,
            list: BufWriter::new(tempfile::tempfile()?),
            list_size: 0,
            count: 0,
        })
    }

    /// Adds an entry; gives what was measured and its packed size. After an error of the content the archive is as before.
    pub(crate) fn add(&mut self, head: &Head<'_>, content: Source<'_>) -> Result<(Measured, u64), CopyError> {
        let begin = self.at;
        match self.try_add(head, content) {
            Ok(added) => Ok(added),
            Err(error) => {
                self.back(begin).map_err(CopyError::Write)?;
                Err(error)
            }
        }
    }

    fn try_add(&mut self, head: &Head<'_>, content: Source<'_>) -> Result<(Measured, u64), CopyError> {
        let begin = self.at;
        let large = head.size >= LARGE;
        let header = local(head, large, &Measured::default(), 0);
        self.out.put(&header).map_err(CopyError::Write)?;
        let mut counting = Counting {
            out: &mut self.out,
            count: 0,
        };
        let measured = if head.deflate {
            let mut packer = DeflateEncoder::new(&mut counting, Compression::default());
            let measured = copy(content, head.size, &mut |bytes| packer.write_all(bytes))?;
            packer.finish().map_err(CopyError::Write)?;
            measured
        } else {
            copy(content, head.size, &mut |bytes| counting.write_all(bytes))?
        };
        let packed = counting.count;
        let end = begin + header.len() as u64 + packed;
        if !large && measured.size.max(packed) >= IN_EXTRA.into() {
            return Err(CopyError::Read(io::Error::other("it has another size than announced")));
        }
        let header = local(head, large, &measured, packed);
        self.out.patch(begin, &header).map_err(CopyError::Write)?;
        let line = central(head, &measured, packed, begin);
        self.list.write_all(&line).map_err(CopyError::Write)?;
        self.list_size += line.len() as u64;
        self.count += 1;
        self.at = end;
        Ok((measured, packed))
    }

    /// Takes the entry added last out again.
    pub(crate) fn take_back(&mut self, head: &Head<'_>, measured: &Measured, packed: u64) -> io::Result<()> {
        let begin = self.at - packed - local(head, head.size >= LARGE, measured, packed).len() as u64;
        self.list_size -= central(head, measured, packed, begin).len() as u64;
        self.list.seek(SeekFrom::Start(self.list_size))?;
        self.count -= 1;
        self.back(begin)
    }

    fn back(&mut self, begin: u64) -> io::Result<()> {
        self.at = begin;
        self.out.back(begin)
    }

    /// Writes the list of entries and the end, and waits until everything is on the disk.
    pub(crate) fn finish(self) -> io::Result<u64> {
        let mut list = self.list.into_inner().map_err(io::IntoInnerError::into_error)?;
        list.seek(SeekFrom::Start(0))?;
        let mut file = self.out.finish()?;
        let copied = io::copy(&mut io::Read::take(&mut list, self.list_size), &mut file)?;
        if copied != self.list_size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut tail = Vec::new();
        let end = self.at + self.list_size;
        if self.count >= u16::MAX.into() || self.list_size >= IN_EXTRA.into() || self.at >= IN_EXTRA.into() {
            end64(&mut tail, self.count, self.list_size, self.at, end);
        }
        put(&mut tail, &[&END.to_le_bytes(), &[0; 4]]);
        let count = u16::try_from(self.count).unwrap_or(u16::MAX).to_le_bytes();
        put(&mut tail, &[&count, &count, &short(self.list_size), &short(self.at), &[0; 2]]);
        file.write_all(&tail)?;
        // What was taken back may have been longer than what came instead.
        let length = end + tail.len() as u64;
        file.set_len(length)?;
        file.sync_all()?;
        Ok(length)
    }
}

fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// The value in 32 bits, or the mark that it stands elsewhere.
fn short(value: u64) -> [u8; 4] {
    u32::try_from(value).unwrap_or(IN_EXTRA).to_le_bytes()
}

/// Flags, method, time, date and checksum, which both descriptions of an entry share.
fn shared(out: &mut Vec<u8>, head: &Head<'_>, crc: u32) {
    let flags = if head.name.is_ascii() { 0 } else { UTF8 };
    let method = if head.deflate { DEFLATED } else { STORED };
    let (time, date) = dos_time(head.modified);
    put(
        out,
        &[
            &flags.to_le_bytes(),
            &method.to_le_bytes(),
            &time.to_le_bytes(),
            &date.to_le_bytes(),
            &crc.to_le_bytes(),
        ],
    );
}

/// Length of the name as it stands in the archive.
fn name_length(head: &Head<'_>) -> [u8; 2] {
    let length = head.name.len() + usize::from(head.directory);
    u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes()
}

fn put_name(out: &mut Vec<u8>, head: &Head<'_>) {
    out.extend_from_slice(head.name.as_bytes());
    if head.directory {
        out.push(b'/');
    }
}

fn local(head: &Head<'_>, large: bool, measured: &Measured, packed: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + head.name.len());
    let needed: u16 = if large { 45 } else { 20 };
    put(&mut out, &[&LOCAL.to_le_bytes(), &needed.to_le_bytes()]);
    shared(&mut out, head, measured.crc);
    let (packed32, size32, extra) = if large {
        (IN_EXTRA.to_le_bytes(), IN_EXTRA.to_le_bytes(), LOCAL_EXTRA)
    } else {
        (short(packed), short(measured.size), 0)
    };
    put(&mut out, &[&packed32, &size32, &name_length(head), &extra.to_le_bytes()]);
    put_name(&mut out, head);
    if large {
        let length = (LOCAL_EXTRA - 4).to_le_bytes();
        let sizes = [measured.size.to_le_bytes(), packed.to_le_bytes()];
        put(&mut out, &[&EXTRA64.to_le_bytes(), &length, &sizes[0], &sizes[1]]);
    }
    out
}

fn central(head: &Head<'_>, measured: &Measured, packed: u64, at: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(CENTRAL_SIZE + head.name.len() + 32);
    let mut long = Vec::new();
    for value in [measured.size, packed, at] {
        if value >= IN_EXTRA.into() {
            long.extend_from_slice(&value.to_le_bytes());
        }
    }
    let needed: u16 = if long.is_empty() { 20 } else { 45 };
    put(
        &mut out,
        &[&CENTRAL.to_le_bytes(), &MADE_BY.to_le_bytes(), &needed.to_le_bytes()],
    );
    shared(&mut out, head, measured.crc);
    let extra = if long.is_empty() { 0 } else { 4 + long.len() };
    let extra = u16::try_from(extra).unwrap_or_default().to_le_bytes();
    put(&mut out, &[&short(packed), &short(measured.size), &name_length(head), &extra]);
    // No comment, first disk, no internal attributes.
    put(&mut out, &[&[0; 6]]);
    let (kind, dos) = if head.directory { (0o040_000, 0x10) } else { (0o100_000, 0) };
    let external: u32 = (kind | (head.mode & 0o777)) << 16 | dos;
    put(&mut out, &[&external.to_le_bytes(), &short(at)]);
    put_name(&mut out, head);
    if !long.is_empty() {
        let length = u16::try_from(long.len()).unwrap_or_default().to_le_bytes();
        put(&mut out, &[&EXTRA64.to_le_bytes(), &length, &long]);
    }
    out
}

fn end64(out: &mut Vec<u8>, count: u64, list_size: u64, list_at: u64, at: u64) {
    put(
        out,
        &[
            &END64.to_le_bytes(),
            &(END64_SIZE - 12).to_le_bytes(),
            &MADE_BY.to_le_bytes(),
            &45_u16.to_le_bytes(),
            &[0; 8],
        ],
    );
    let count = count.to_le_bytes();
    put(out, &[&count, &count, &list_size.to_le_bytes(), &list_at.to_le_bytes()]);
    put(
        out,
        &[&LOCATOR64.to_le_bytes(), &[0; 4], &at.to_le_bytes(), &1_u32.to_le_bytes()],
    );
}

/// Time and date as ZIP writes them: two-second steps from 1980 to 2107.
fn dos_time(time: Option<DateTime<Utc>>) -> (u16, u16) {
    let first = (0, 1 << 5 | 1);
    let Some(time) = time else { return first };
    let Some(year) = u16::try_from(time.year() - 1980).ok().filter(|year| *year < 128) else {
        return first;
    };
    let small = |value: u32| u16::try_from(value).unwrap_or_default();
    (
        small(time.hour()) << 11 | small(time.minute()) << 5 | (small(time.second()) / 2),
        year << 9 | small(time.month()) << 5 | small(time.day()),
    )
}
