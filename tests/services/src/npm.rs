//! The npm packages: installed once, from the lock file alone, without running their install scripts.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use fs4::FileExt;

use crate::{ServiceError, disk};

/// Where packages for CouchDB are installed.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("couchdb")
}

/// A Node that `.ci/install` may have put here because the system's is too old.
fn own_node() -> Option<PathBuf> {
    let bin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/node/node_modules/.bin");
    bin.join("node").exists().then_some(bin)
}

/// A command whose PATH finds the right Node.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    if let Some(bin) = own_node() {
        let old = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(bin).chain(std::env::split_paths(&old));
        if let Ok(path) = std::env::join_paths(all) {
            command.env("PATH", path);
        }
    }
    command
}

/// The folder with `node_modules`, installed if need be.
pub(crate) fn installed() -> Result<PathBuf, ServiceError> {
    let folder = folder();
    if is_current(&folder) {
        return Ok(folder);
    }
    // Tests run in several processes: one installs, the others wait.
    let lock = File::create(std::env::temp_dir().join("backstay-test-services.lock"))
        .map_err(disk("the lock of the installation could not be made"))?;
    FileExt::lock(&lock).map_err(disk("the lock of the installation could not be taken"))?;
    if is_current(&folder) {
        return Ok(folder);
    }
    let failed = |output: String| ServiceError::Install {
        folder: folder.clone(),
        output,
    };
    let run = command("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !run.status.success() {
        return Err(failed(String::from_utf8_lossy(&run.stderr).into_owned()));
    }
    // npm keeps the note as old as it likes; a new one says that this lock file is installed.
    let note = folder.join("node_modules/.package-lock.json");
    if let Ok(note) = File::options().append(true).open(note) {
        note.set_modified(std::time::SystemTime::now())
            .map_err(disk("the note of the installation could not be made"))?;
    }
    Ok(folder)
}

/// npm notes down in `node_modules` what it installed; that note must not be older than the lock file.
fn is_current(folder: &Path) -> bool {
    let changed = |path: PathBuf| path.metadata().and_then(|data| data.modified()).ok();
    match (
        changed(folder.join("node_modules/.package-lock.json")),
        changed(folder.join("package-lock.json")),
    ) {
        (Some(installed), Some(wanted)) => installed >= wanted,
        _ => false,
    }
}
