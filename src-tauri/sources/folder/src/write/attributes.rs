//! Owner, mode and times of what was written.

use backstay_model::FileMeta;
use chrono::{DateTime, Utc};
use rustix::{
    fd::BorrowedFd,
    fs::{AtFlags, Gid, Mode, Timespec, Timestamps, UTIME_OMIT, Uid},
    io::Errno,
};

/// Mode bits that let a program run as its owner or group; never set when the owner could not be.
const RUN_AS_OWNER: u32 = 0o6000;

/// Counts owners that could not be set: only the administrator may give files away.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    /// Files whose owner or group could not be set.
    pub(crate) refused: u64,
}

/// Gives an open file or directory its owner, mode and times, in the order in which they do not undo each other.
pub(crate) fn apply(file: BorrowedFd<'_>, meta: &FileMeta, owners: &mut Owners) -> rustix::io::Result<()> {
    let owned = owner(meta, owners, |uid, gid| {
        let now = rustix::fs::fstat(file)?;
        if Some(now.st_uid) == meta.uid && Some(now.st_gid) == meta.gid {
            return Ok(());
        }
        rustix::fs::fchown(file, uid, gid)
    })?;
    if let Some(mode) = meta.mode {
        let allowed = if owned { mode } else { mode & !RUN_AS_OWNER };
        rustix::fs::fchmod(file, Mode::from_raw_mode((allowed & 0o7777) as _))?;
    }
    if let Some(times) = meta.modified.and_then(times) {
        rustix::fs::futimens(file, &times)?;
    }
    Ok(())
}

/// Gives a link its owner and times (its mode means nothing).
pub(crate) fn apply_to_link(
    directory: BorrowedFd<'_>,
    name: &[u8],
    meta: &FileMeta,
    owners: &mut Owners,
) -> rustix::io::Result<()> {
    owner(meta, owners, |uid, gid| {
        let now = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
        if Some(now.st_uid) == meta.uid && Some(now.st_gid) == meta.gid {
            return Ok(());
        }
        rustix::fs::chownat(directory, name, uid, gid, AtFlags::SYMLINK_NOFOLLOW)
    })?;
    if let Some(times) = meta.modified.and_then(times) {
        rustix::fs::utimensat(directory, name, &times, AtFlags::SYMLINK_NOFOLLOW)?;
    }
    Ok(())
}

/// Sets owner and group; `false` when that is not allowed here.
fn owner(
    meta: &FileMeta,
    owners: &mut Owners,
    change: impl FnOnce(Option<Uid>, Option<Gid>) -> rustix::io::Result<()>,
) -> rustix::io::Result<bool> {
    if meta.uid.is_none() && meta.gid.is_none() {
        return Ok(false);
    }
    match change(meta.uid.map(Uid::from_raw), meta.gid.map(Gid::from_raw)) {
        Ok(()) => Ok(true),
        // Not the administrator, an id unknown in this container, or a file system without owners.
        Err(Errno::PERM | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            owners.refused += 1;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

fn times(modified: DateTime<Utc>) -> Option<Timestamps> {
    Some(Timestamps {
        last_access: Timespec {
            tv_sec: 0,
            tv_nsec: UTIME_OMIT,
        },
        last_modification: Timespec {
            tv_sec: modified.timestamp(),
            // Chrono counts a leap second as nanoseconds beyond a second.
            tv_nsec: modified.timestamp_subsec_nanos().min(999_999_999).into(),
        },
    })
}
