//! How much a bundle may ask of this machine before it is refused.

/// Bounds a bundle must keep. The defaults are beyond any honest bundle and still finite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Entries in all. Opening takes about 150 bytes of memory for each.
    pub entries: u64,
    /// Bytes of one entry, unpacked.
    pub entry_bytes: u64,
    /// Bytes of all entries, unpacked.
    pub total_bytes: u64,
    /// Unpacked bytes for each packed byte, of one entry and of all together. Deflate reaches 1032 on nothing but zeros; what
    /// Backstay writes stays below 100, because it stores such content unpacked.
    pub ratio: u64,
    /// Entries up to this size may have any ratio.
    pub ratio_from: u64,
    /// Bytes of `metadata.json`, or of a collection's description.
    pub metadata_bytes: u64,
    /// Bytes of `checksums`.
    pub checksums_bytes: u64,
    /// Bytes of one line of NDJSON.
    pub line_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 10_000_000,
            entry_bytes: 16 << 40,
            total_bytes: 16 << 40,
            ratio: 200,
            ratio_from: 1 << 20,
            metadata_bytes: 256 << 20,
            checksums_bytes: 4 << 30,
            line_bytes: 256 << 20,
        }
    }
}
