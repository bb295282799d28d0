//! Scripts in Node with the packages at hand, and the programs of `@cloudant/couchbackup`.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{ServiceError, disk, npm};

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The exit code; nothing when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to its output.
    pub out: String,
    /// What it wrote to its error output.
    pub err: String,
}

impl Ran {
    /// Whether it ended well.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.code == Some(0)
    }
}

fn run(mut command: Command, program: &'static str) -> Result<Ran, ServiceError> {
    let output = command.output().map_err(|error| ServiceError::Start {
        program,
        output: error.to_string(),
    })?;
    Ok(Ran {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs a script. It may `require` `pouchdb`, `pouchdb-adapter-memory`, `nano` and what else the lock file has, may `await`, and finds
/// the arguments in `process.argv` from 2 on.
///
/// # Errors
/// When the packages cannot be installed or Node is not there. How the script ended is told in [`Ran`].
pub fn node_script(script: &str, arguments: &[&str]) -> Result<Ran, ServiceError> {
    let packages = npm::installed()?;
    let folder = tempfile::tempdir().map_err(disk("a folder for the script could not be made"))?;
    let path = folder.path().join("script.js");
    let whole = format!("(async () => {{\n{script}\n}})().catch((error) => {{ console.error(error); process.exit(1); }});\n");
    std::fs::write(&path, whole).map_err(disk("the script could not be written"))?;
    let mut command = npm::command("node");
    command
        .arg(&path)
        .args(arguments)
        .env("NODE_PATH", packages.join("node_modules"))
        .current_dir(folder.path())
        .stdin(Stdio::null());
    run(command, "node")
}

/// Runs `couchbackup` of the database below `url` into `file`.
///
/// # Errors
/// When the packages cannot be installed or the file cannot be made. How the program ended is told in [`Ran`].
pub fn couchbackup(url: &str, database: &str, file: &Path, flags: &[&str]) -> Result<Ran, ServiceError> {
    let packages = npm::installed()?;
    let mut command = npm::command("node");
    command
        .arg(packages.join("node_modules/@cloudant/couchbackup/bin/couchbackup.bin.js"))
        .args(["--url", url, "--db", database, "--output"])
        .arg(file)
        .args(flags)
        .stdin(Stdio::null());
    run(command, "couchbackup")
}

/// Runs `couchrestore` of `file` into the database below `url`, which must be there and empty.
///
/// # Errors
/// When the packages cannot be installed or the file cannot be opened. How the program ended is told in [`Ran`].
pub fn couchrestore(url: &str, database: &str, file: &Path, flags: &[&str]) -> Result<Ran, ServiceError> {
    let packages = npm::installed()?;
    let backup = File::open(file).map_err(disk("the backup could not be opened"))?;
    let mut command = npm::command("node");
    command
        .arg(packages.join("node_modules/@cloudant/couchbackup/bin/couchrestore.bin.js"))
        .args(["--url", url, "--db", database])
        .args(flags)
        .stdin(backup);
    run(command, "couchrestore")
}
