//! Writing a directory bundle: below a temporary name, renamed when it is whole.

use std::{
    fs::{self, File},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::writer::{CopyError, EntryOptions, Measured, Source, Target, copy};

/// A directory bundle being written.
pub(crate) struct DirectoryOut {
    root: TempDir,
    /// The directory made last: most files share it.
    parent: PathBuf,
}

impl DirectoryOut {
    pub(crate) fn new(root: TempDir) -> Self {
        Self {
            root,
            parent: PathBuf::new(),
        }
    }

    pub(crate) fn directory(&self, name: &str) -> io::Result<()> {
        fs::create_dir_all(self.root.path().join(name))
    }

    /// Writes a file. After an error of the content it is gone again.
    pub(crate) fn file(&mut self, name: &str, options: &EntryOptions, content: Source<'_>) -> Result<Measured, CopyError> {
        let path = self.root.path().join(name);
        if let Some(parent) = path.parent()
            && parent != self.parent
        {
            fs::create_dir_all(parent).map_err(CopyError::Write)?;
            parent.clone_into(&mut self.parent);
        }
        let mut file = File::create_new(&path).map_err(CopyError::Write)?;
        let measured = fill(&mut file, options, content);
        if measured.is_err() {
            let _ = fs::remove_file(&path);
        }
        measured
    }

    /// Gives the bundle its name. One that lies there is replaced if it may be, at one stroke where the system can.
    pub(crate) fn finish(self, target: &Target) -> io::Result<()> {
        sync_all(self.root.path())?;
        let made = self.root.keep();
        let placed = place(&made, target);
        if placed.is_err() {
            let _ = fs::remove_dir_all(&made);
        }
        placed
    }
}

fn fill(file: &mut File, options: &EntryOptions, content: Source<'_>) -> Result<Measured, CopyError> {
    let measured = copy(content, options.size, &mut |bytes| {
        if options.sparse && bytes.iter().all(|byte| *byte == 0) {
            let by = i64::try_from(bytes.len()).unwrap_or_default();
            return file.seek(SeekFrom::Current(by)).map(|_| ());
        }
        file.write_all(bytes)
    })?;
    // A hole at the end has no byte that makes the file that long.
    if options.sparse {
        file.set_len(measured.size).map_err(CopyError::Write)?;
    }
    Ok(measured)
}

/// Waits until all files of the directory's disk are on it: one call in place of one for each file.
fn sync_all(root: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(File::open(root)?)?;
    #[cfg(not(target_os = "linux"))]
    let _ = root;
    Ok(())
}

fn place(made: &Path, target: &Target) -> io::Result<()> {
    let replace = target.overwrite;
    let target = target.path.as_path();
    let Err(error) = fs::rename(made, target) else { return Ok(()) };
    if !replace || !target.is_dir() {
        return Err(error);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, made, CWD, target, RenameFlags::EXCHANGE).is_ok() {
            return fs::remove_dir_all(made);
        }
    }
    let mut aside = made.as_os_str().to_owned();
    aside.push(".old");
    let aside = PathBuf::from(aside);
    fs::rename(target, &aside)?;
    if let Err(error) = fs::rename(made, target) {
        fs::rename(&aside, target)?;
        return Err(error);
    }
    fs::remove_dir_all(&aside)
}
