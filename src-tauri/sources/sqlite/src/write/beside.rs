//! A free name beside a file.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Local};

/// `name (restored 2026-11-20 14.03).db` beside `path`, with a number when that is taken.
pub fn free_name(path: &Path, now: DateTime<Local>) -> PathBuf {
    let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_owned();
    let ending = path.extension().map(|e| e.to_owned());
    let stamp = now.format("%Y-%m-%d %H.%M");
    for n in 1u32.. {
        let mut name = text(path.file_stem());
        match n {
            1 => name.push(format!(" (restored {stamp})")),
            n => name.push(format!(" (restored {stamp}, {n})")),
        }
        if let Some(ending) = &ending {
            name.push(".");
            name.push(ending);
        }
        let candidate = path.with_file_name(name);
        if candidate.symlink_metadata().is_err() {
            return candidate;
        }
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn names_do_not_clash() {
        let dir = tempfile::tempdir().unwrap();
        let now = Local.with_ymd_and_hms(2026, 11, 20, 14, 3, 0).unwrap();
        let path = dir.path().join("a.b.db");
        let first = free_name(&path, now);
        assert_eq!(first.file_name().unwrap(), "a.b (restored 2026-11-20 14.03).db");
        std::fs::write(&first, "").unwrap();
        assert_eq!(
            free_name(&path, now).file_name().unwrap(),
            "a.b (restored 2026-11-20 14.03, 2).db"
        );
    }
}
