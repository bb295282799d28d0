//! Reading the list of entries: the end of the archive, its central directory, and each entry's own header, which must agree.

use std::{
    fs::File,
    io::{BufReader, Read},
    sync::Arc,
};

use super::{
    CENTRAL, CENTRAL_SIZE, DEFLATED, DESCRIPTOR, END, END_SIZE, END64, END64_SIZE, Fields, LOCAL, LOCAL_SIZE, LOCATOR64,
    LOCATOR64_SIZE, STORED, ZipEntry, extra::Sizes,
};
use crate::{
    BundleError, Content, Limits, NameFault, Result,
    gate::{Gate, shown},
};

/// Flags that mean encryption: plain, strong, hidden directory.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// Flag: the content is a patch.
const PATCH: u16 = 1 << 5;
/// Sizes a descriptor after the content may have: with or without signature, 32 or 64 bits.
const DESCRIPTOR_SIZES: [u64; 4] = [12, 16, 20, 24];
/// File type bits of a Unix mode, and the two types allowed.
const TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;
/// DOS attribute of a directory.
const DOS_DIRECTORY: u32 = 0x10;

/// Where the central directory lies.
struct Directory {
    count: u64,
    at: u64,
    size: u64,
}

const CUT: BundleError = BundleError::Structure {
    reason: "it ends too early",
};

fn structure<T>(reason: &'static str) -> Result<T> {
    Err(BundleError::Structure { reason })
}

fn bytes(file: &Arc<File>, at: u64, size: u64) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    Content::file(file.clone(), at, size).read_to_end(&mut out).map_err(|_| CUT)?;
    Ok(out)
}

/// The entries of the archive, in the order of their content, judged by the gate; `length` is the archive's.
pub(crate) fn entries(file: &Arc<File>, length: u64, limits: &Limits) -> Result<Vec<ZipEntry>> {
    let directory = find(file, length)?;
    if directory.count > limits.entries {
        return Err(BundleError::TooMany {
            count: directory.count,
            limit: limits.entries,
        });
    }
    if directory.size / (CENTRAL_SIZE as u64) < directory.count {
        return structure("its list of entries is too short");
    }
    let mut gate = Gate::new(limits);
    let mut list = BufReader::with_capacity(1 << 18, Content::file(file.clone(), directory.at, directory.size));
    let mut left = directory.size;
    let mut out = Vec::new();
    for _ in 0..directory.count {
        let entry = central(&mut list, &mut left)?;
        gate.admit(&entry.name, entry.directory, entry.size)?;
        gate.admit_packed(&entry.name, entry.size, entry.packed)?;
        out.push(entry);
    }
    if left != 0 {
        return structure("its list of entries is longer than it says");
    }
    gate.admit_total(length)?;
    out.sort_by_key(|entry| entry.at);
    locals(file, &mut out, directory.at)?;
    Ok(out)
}

fn find(file: &Arc<File>, length: u64) -> Result<Directory> {
    let Some(end) = length.checked_sub(END_SIZE) else {
        return Err(CUT);
    };
    let raw = bytes(file, end, END_SIZE)?;
    let mut f = Fields(&raw);
    if f.u32() != END {
        return Err(CUT);
    }
    let (disk, first_disk, here, count) = (f.u16(), f.u16(), f.u16(), f.u16());
    let (size, at, comment) = (f.u32(), f.u32(), f.u16());
    if comment != 0 {
        return structure("it has a comment");
    }
    let long = count == u16::MAX || size == u32::MAX || at == u32::MAX;
    let (directory, begin) = if long {
        find64(file, end)?
    } else {
        if disk != 0 || first_disk != 0 || here != count {
            return structure("it is a part of a split archive");
        }
        let directory = Directory {
            count: count.into(),
            at: at.into(),
            size: size.into(),
        };
        (directory, end)
    };
    if directory.at.checked_add(directory.size) != Some(begin) {
        return structure("its list of entries is not where it says");
    }
    Ok(directory)
}

fn find64(file: &Arc<File>, end: u64) -> Result<(Directory, u64)> {
    let Some(begin) = end.checked_sub(LOCATOR64_SIZE + END64_SIZE) else {
        return Err(CUT);
    };
    let raw = bytes(file, begin, END64_SIZE + LOCATOR64_SIZE)?;
    let mut f = Fields(&raw);
    if f.u32() != END64 || f.u64() != END64_SIZE - 12 {
        return structure("its 64-bit end is not where it should be");
    }
    let (_made_by, _needed, disk, first_disk) = (f.u16(), f.u16(), f.u32(), f.u32());
    let (here, count, size, at) = (f.u64(), f.u64(), f.u64(), f.u64());
    let (locator, locator_disk, points_to, disks) = (f.u32(), f.u32(), f.u64(), f.u32());
    if locator != LOCATOR64 || points_to != begin {
        return structure("its 64-bit end is not where it says");
    }
    if disk != 0 || first_disk != 0 || locator_disk != 0 || disks > 1 || here != count {
        return structure("it is a part of a split archive");
    }
    Ok((Directory { count, at, size }, begin))
}

/// Reads one description of the central directory.
fn central(list: &mut impl Read, left: &mut u64) -> Result<ZipEntry> {
    let mut head = [0; CENTRAL_SIZE];
    list.read_exact(&mut head).map_err(|_| CUT)?;
    let mut f = Fields(&head);
    if f.u32() != CENTRAL {
        return structure("its list of entries is damaged");
    }
    let (_made_by, _needed, flags, method) = (f.u16(), f.u16(), f.u16(), f.u16());
    let (_time, _date, crc, packed, size) = (f.u16(), f.u16(), f.u32(), f.u32(), f.u32());
    let (name_len, extra_len, comment_len) = (f.u16(), f.u16(), f.u16());
    let (disk, _internal, external, at) = (f.u16(), f.u16(), f.u32(), f.u32());
    let tail = u64::from(name_len) + u64::from(extra_len) + u64::from(comment_len);
    *left = left.checked_sub(CENTRAL_SIZE as u64 + tail).ok_or(CUT)?;
    let mut rest = vec![0; usize::try_from(tail).unwrap_or_default()];
    list.read_exact(&mut rest).map_err(|_| CUT)?;
    let (name, rest) = rest.split_at(name_len.into());
    let name = std::str::from_utf8(name).map_err(|_| BundleError::Name {
        entry: shown(&String::from_utf8_lossy(name)),
        fault: NameFault::NotText,
    })?;
    let sizes = Sizes {
        size: size.into(),
        packed: packed.into(),
        at: at.into(),
    };
    let Sizes { size, packed, at } = sizes.complete(name, &rest[..extra_len.into()])?;
    if disk != 0 {
        return structure("it is a part of a split archive");
    }
    let directory = name.ends_with('/');
    plain(name, directory, flags, method, external)?;
    if (directory && size != 0) || (method == STORED && size != packed) {
        return Err(BundleError::Header {
            entry: shown(name),
            reason: "its sizes contradict each other",
        });
    }
    Ok(ZipEntry {
        name: name.strip_suffix('/').unwrap_or(name).to_owned(),
        directory,
        at,
        packed,
        size,
        crc,
        deflated: method == DEFLATED,
        descriptor: flags & DESCRIPTOR != 0,
    })
}

/// Refuses whatever is no plain file or directory, packed in a way that is known.
fn plain(name: &str, directory: bool, flags: u16, method: u16, external: u32) -> Result<()> {
    let entry = || shown(name);
    if flags & ENCRYPTED != 0 {
        return Err(BundleError::Encrypted { entry: entry() });
    }
    if flags & PATCH != 0 || !matches!(method, STORED | DEFLATED) {
        return Err(BundleError::Method { entry: entry(), method });
    }
    let kind = (external >> 16) & TYPE;
    let fits = match kind {
        0 => external & DOS_DIRECTORY == 0 || directory,
        REGULAR => !directory,
        DIRECTORY => directory,
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(BundleError::NotPlain { entry: entry() })
    }
}

/// Reads each entry's own header, compares it, and moves `at` to its content. Nothing may overlap, and nothing may lie between.
fn locals(file: &Arc<File>, entries: &mut [ZipEntry], end: u64) -> Result<()> {
    let mut expected = 0;
    let mut before: Option<(bool, String)> = None;
    for index in 0..=entries.len() {
        let at = entries.get(index).map_or(end, |entry| entry.at);
        if at < expected {
            let entry = before.map(|(_, name)| name).unwrap_or_default();
            return Err(BundleError::Overlap { entry });
        }
        let gap = at - expected;
        let descriptor = before.as_ref().is_some_and(|(descriptor, _)| *descriptor);
        if gap != 0 && !(descriptor && DESCRIPTOR_SIZES.contains(&gap)) || (gap == 0 && descriptor) {
            return structure("it has bytes that belong to no entry");
        }
        let Some(entry) = entries.get_mut(index) else { break };
        entry.at = local(file, entry, end)?;
        expected = entry.at.checked_add(entry.packed).ok_or(CUT)?;
        before = Some((entry.descriptor, shown(&entry.name)));
    }
    Ok(())
}

/// Where the content of an entry begins.
fn local(file: &Arc<File>, entry: &ZipEntry, end: u64) -> Result<u64> {
    let differs = |reason| BundleError::Header {
        entry: shown(&entry.name),
        reason,
    };
    if entry.at.saturating_add(LOCAL_SIZE) > end {
        return Err(CUT);
    }
    let raw = bytes(file, entry.at, LOCAL_SIZE)?;
    let mut f = Fields(&raw);
    if f.u32() != LOCAL {
        return Err(differs("its header is not where it should be"));
    }
    let (_needed, flags, method, _time, _date) = (f.u16(), f.u16(), f.u16(), f.u16(), f.u16());
    let (crc, packed, size) = (f.u32(), f.u32(), f.u32());
    let (name_len, extra_len) = (u64::from(f.u16()), u64::from(f.u16()));
    let begin = entry.at + LOCAL_SIZE + name_len + extra_len;
    if begin > end {
        return Err(CUT);
    }
    let rest = bytes(file, entry.at + LOCAL_SIZE, name_len + extra_len)?;
    let (name, extra) = rest.split_at(usize::try_from(name_len).unwrap_or_default());
    let slash = if entry.directory { "/" } else { "" };
    if name != format!("{}{slash}", entry.name).as_bytes() {
        return Err(differs("its names differ"));
    }
    if flags & ENCRYPTED != 0 {
        return Err(BundleError::Encrypted {
            entry: shown(&entry.name),
        });
    }
    if method != if entry.deflated { DEFLATED } else { STORED } || (flags & DESCRIPTOR != 0) != entry.descriptor {
        return Err(differs("its methods differ"));
    }
    let sizes = Sizes {
        size: size.into(),
        packed: packed.into(),
        at: 0,
    };
    let sizes = sizes.complete(&entry.name, extra)?;
    let same = sizes.size == entry.size && sizes.packed == entry.packed && crc == entry.crc;
    let later = entry.descriptor && sizes.size == 0 && sizes.packed == 0 && crc == 0;
    if !(same || later) {
        return Err(differs("its sizes or checksums differ"));
    }
    Ok(begin)
}
