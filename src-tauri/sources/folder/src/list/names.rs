//! The names in one directory, sorted by their bytes, in two allocations however many there are.

use std::ops::Range;

use rustix::{
    fd::BorrowedFd,
    fs::{AtFlags, FileType},
};

/// One name of a [`Names`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name {
    start: usize,
    len: u16,
    /// A directory, as the directory itself says.
    pub(crate) is_dir: bool,
    /// Wanted by the rules; a directory that is not may hold something that is.
    pub(crate) taken: bool,
}

/// Sorted names of a directory.
#[derive(Debug, Default)]
pub(crate) struct Names {
    text: Vec<u8>,
    pub(crate) list: Vec<Name>,
}

impl Names {
    pub(crate) fn bytes(&self, name: Name) -> &[u8] {
        &self.text[name.start..name.start + usize::from(name.len)]
    }

    pub(crate) fn push(&mut self, bytes: &[u8], is_dir: bool, taken: bool) {
        let start = self.text.len();
        self.text.extend_from_slice(bytes);
        self.list.push(Name {
            start,
            // No file system has names longer than 64 KiB; a longer one would be cut and then not be found.
            len: u16::try_from(bytes.len()).unwrap_or(u16::MAX),
            is_dir,
            taken,
        });
    }

    pub(crate) fn sort(&mut self) {
        let text = &self.text;
        let bytes = |n: &Name| &text[n.start..n.start + usize::from(n.len)];
        self.list.sort_unstable_by(|a, b| bytes(a).cmp(bytes(b)));
    }

    /// Keeps only the file with this name.
    pub(crate) fn only(&mut self, wanted: &[u8]) {
        let text = &self.text;
        self.list
            .retain(|n| !n.is_dir && &text[n.start..n.start + usize::from(n.len)] == wanted);
    }

    /// Whether a file has this name. The names must be sorted.
    pub(crate) fn has_file(&self, wanted: &[u8]) -> bool {
        let found = self.list.binary_search_by(|n| self.bytes(*n).cmp(wanted));
        found.is_ok_and(|at| !self.list[at].is_dir)
    }

    /// The next run of names from `from` on that are no directories, at most `most` long.
    pub(crate) fn files_from(&self, from: usize, most: usize) -> Range<usize> {
        let end = self.list.len().min(from + most);
        let run = self.list[from..end].iter().take_while(|n| !n.is_dir).count();
        from..from + run
    }
}

/// Reads all names of a directory but `.` and `..`, telling directories apart; `each` decides what happens with them.
#[cfg(target_os = "linux")]
pub(crate) fn read_names(directory: BorrowedFd<'_>, each: &mut dyn FnMut(&[u8], bool)) -> rustix::io::Result<()> {
    // Large enough for any name; a large buffer saves calls in large directories.
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut entries = rustix::fs::RawDir::new(directory, buffer.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        let entry = entry?;
        each_name(directory, entry.file_name().to_bytes(), entry.file_type(), each);
    }
    Ok(())
}

/// Reads all names of a directory but `.` and `..`, telling directories apart; `each` decides what happens with them.
#[cfg(not(target_os = "linux"))]
pub(crate) fn read_names(directory: BorrowedFd<'_>, each: &mut dyn FnMut(&[u8], bool)) -> rustix::io::Result<()> {
    for entry in rustix::fs::Dir::read_from(directory)? {
        let entry = entry?;
        each_name(directory, entry.file_name().to_bytes(), entry.file_type(), each);
    }
    Ok(())
}

fn each_name(directory: BorrowedFd<'_>, name: &[u8], kind: FileType, each: &mut dyn FnMut(&[u8], bool)) {
    if name == b"." || name == b".." {
        return;
    }
    let is_dir = match kind {
        FileType::Directory => true,
        // Some file systems do not say; a failure here shows again, and is reported, when the file is read.
        FileType::Unknown => rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)
            .is_ok_and(|stat| crate::convert::file_type(&stat) == FileType::Directory),
        _ => false,
    };
    each(name, is_dir);
}
