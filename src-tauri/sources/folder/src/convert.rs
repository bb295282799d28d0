//! From what the operating system says about a file to what Backstay says about it.

use backstay_model::{FileEntry, FileKind, FileMeta};
use chrono::{DateTime, Utc};
use rustix::fs::{FileType, Stat};

/// What tells that a file is still the one that was looked at before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    attributes: (i64, i64),
}

// The widths of the fields differ between systems; what is a no-op here converts elsewhere.
#[allow(clippy::useless_conversion, clippy::unnecessary_cast)]
impl Identity {
    pub(crate) fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            size: size(stat),
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            attributes: (stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        }
    }
}

/// What a file is, by its mode.
pub(crate) fn file_type(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

fn time(seconds: i64, nanoseconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, u32::try_from(nanoseconds).ok()?)
}

#[allow(clippy::useless_conversion, clippy::unnecessary_cast)]
fn meta(stat: &Stat) -> FileMeta {
    let regular = file_type(stat) == FileType::RegularFile;
    let occupied = u64::try_from(stat.st_blocks).unwrap_or(0).saturating_mul(512);
    FileMeta {
        modified: time(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        attributes_changed: time(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        mode: Some(stat.st_mode as u32 & 0o7777),
        uid: Some(stat.st_uid),
        gid: Some(stat.st_gid),
        inode: stat.st_ino as u64,
        device: stat.st_dev as u64,
        links: stat.st_nlink as u64,
        sparse: regular && occupied < size(stat),
    }
}

/// The entry of what `stat` describes. `target` is the text of a link.
pub(crate) fn entry(path: String, stat: &Stat, target: Option<&[u8]>) -> FileEntry {
    let kind = match (file_type(stat), target) {
        (FileType::RegularFile, _) => FileKind::File,
        (FileType::Directory, _) => FileKind::Directory,
        (FileType::Symlink, Some(target)) => FileKind::Symlink(FileEntry::escape(target)),
        _ => FileKind::Other,
    };
    let size = if kind == FileKind::File { size(stat) } else { 0 };
    FileEntry {
        path,
        kind,
        size,
        meta: meta(stat),
    }
}

/// What a file that is neither file, directory nor link is called.
pub(crate) fn special_name(stat: &Stat) -> &'static str {
    match file_type(stat) {
        FileType::Socket => "socket",
        FileType::Fifo => "pipe",
        _ => "device",
    }
}

/// `parent/name`, escaped. The parent of top-level entries is empty.
pub(crate) fn join(parent: &str, name: &[u8]) -> String {
    let plain = std::str::from_utf8(name).ok().filter(|text| !text.contains('%'));
    let escaped;
    let name = if let Some(plain) = plain {
        plain
    } else {
        escaped = FileEntry::escape(name);
        &escaped
    };
    if parent.is_empty() {
        return name.to_owned();
    }
    let mut path = String::with_capacity(parent.len() + 1 + name.len());
    path.push_str(parent);
    path.push('/');
    path.push_str(name);
    path
}
