//! Small file systems that can be filled, vanish and become read-only. They need root; without it the tests say so.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A file system mounted for one test; unmounted when dropped.
pub struct Mounted {
    path: PathBuf,
}

fn mount(args: &[&str], path: &Path) -> Result<(), String> {
    let output = Command::new("mount").args(args).arg(path).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

impl Mounted {
    /// A file system in memory of so many KiB at `path`. `None`, said aloud, where mounting is not allowed.
    pub fn tmpfs(path: &Path, kib: u64) -> Option<Self> {
        fs::create_dir_all(path).unwrap();
        let size = format!("size={kib}k,mode=0777");
        Self::made(mount(&["-t", "tmpfs", "-o", &size, "backstay-test"], path), path)
    }

    /// `from` once more at `path`.
    pub fn bind(from: &Path, path: &Path) -> Option<Self> {
        fs::create_dir_all(path).unwrap();
        Self::made(mount(&["--bind", from.to_str().unwrap()], path), path)
    }

    fn made(done: Result<(), String>, path: &Path) -> Option<Self> {
        match done {
            Ok(()) => Some(Self { path: path.to_owned() }),
            Err(why) => {
                eprintln!("SKIPPED: this test mounts a file system, which is not allowed here: {why}");
                None
            }
        }
    }

    pub fn read_only(&self, on: bool) {
        let how = if on { "remount,bind,ro" } else { "remount,bind,rw" };
        mount(&["-o", how], &self.path).unwrap();
    }

    /// Takes it away even while it is in use.
    pub fn take_away(self) {}

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }

    fn free_bytes(&self) -> u64 {
        let now = rustix::fs::statvfs(&self.path).unwrap();
        now.f_bavail * now.f_frsize
    }

    /// Fills it until only so many KiB are free.
    pub fn leave(&self, kib: u64) {
        self.free();
        let fill = self.free_bytes().saturating_sub(kib << 10);
        fs::write(self.filler(), vec![0; fill as usize]).unwrap();
        assert!(self.free_bytes() <= (kib << 10) + 4096, "it is full");
    }

    /// Makes it empty again.
    pub fn free(&self) {
        if self.filler().exists() {
            fs::remove_file(self.filler()).unwrap();
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let done = Command::new("umount").arg("-l").arg(&self.path).status();
        if !done.is_ok_and(|status| status.success()) {
            eprintln!("{} could not be unmounted", self.path.display());
        }
    }
}
