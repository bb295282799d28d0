//! ZIP as bundles use it: stored or deflated entries, sizes up to 64 bits, no encryption, no comments, nothing between entries.

mod central;
mod extra;
mod out;
mod read;
mod write;

pub(crate) use central::entries;
pub(crate) use read::unpack;
pub(crate) use write::{Head, ZipOut};

/// Begins the header before an entry's content.
const LOCAL: u32 = 0x0403_4b50;
/// Begins an entry's description in the central directory.
const CENTRAL: u32 = 0x0201_4b50;
/// Begins the end of the archive.
const END: u32 = 0x0605_4b50;
/// Begins the 64-bit end.
const END64: u32 = 0x0606_4b50;
/// Begins the pointer to the 64-bit end.
const LOCATOR64: u32 = 0x0706_4b50;
/// Bytes of a local header without name and extra fields.
const LOCAL_SIZE: u64 = 30;
/// Bytes of a central description without name and extra fields.
const CENTRAL_SIZE: usize = 46;
/// Bytes of the end.
const END_SIZE: u64 = 22;
/// Bytes of the 64-bit end.
const END64_SIZE: u64 = 56;
/// Bytes of the pointer to it.
const LOCATOR64_SIZE: u64 = 20;
/// Method: not packed.
const STORED: u16 = 0;
/// Method: deflate.
const DEFLATED: u16 = 8;
/// Flag: the name is UTF-8.
const UTF8: u16 = 1 << 11;
/// Flag: sizes and checksum follow the content.
const DESCRIPTOR: u16 = 1 << 3;
/// Stands for a value that is in the 64-bit extra field.
const IN_EXTRA: u32 = u32::MAX;
/// Id of that field.
const EXTRA64: u16 = 1;

/// One entry of an archive.
#[derive(Debug, Clone)]
pub(crate) struct ZipEntry {
    /// Name; without the `/` at the end of a directory.
    pub name: String,
    /// It is a directory.
    pub directory: bool,
    /// Where its header begins, later where its content begins.
    pub at: u64,
    /// Bytes in the archive.
    pub packed: u64,
    /// Bytes of content.
    pub size: u64,
    /// Checksum of its content.
    pub crc: u32,
    /// It is deflated; else stored.
    pub deflated: bool,
    /// Its sizes follow its content.
    pub descriptor: bool,
}

/// Numbers of a header, one after the other. What is missing reads as 0: callers look at the length first.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        let have = N.min(self.0.len());
        out[..have].copy_from_slice(&self.0[..have]);
        self.0 = &self.0[have..];
        out
    }
    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }
    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }
    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }
}
