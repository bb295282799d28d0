//! The programs that are compared, and how each is called. All compress with zstd at level 3 or near it, all encrypt.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::data::{RECORDS_FILE, Workload};
use super::{measure, repository};

const PASSWORD: &str = "measured";

/// A program that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
    Backstay,
    Restic,
    Borg,
}

impl Contender {
    pub(crate) const ALL: [Self; 3] = [Self::Backstay, Self::Restic, Self::Borg];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Backstay => "backstay",
            Self::Restic => "restic",
            Self::Borg => "borg",
        }
    }

    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contender| contender.name() == name)
    }

    /// Makes an empty repository below `home`, ready for the first backup.
    pub(crate) fn prepare(self, home: &Path, workload: Workload, source: &Path, root: &Path) -> Result<()> {
        let mut command = self.command(home, workload, root);
        match (self, workload) {
            (Self::Backstay, Workload::Records) => command.arg("init").arg(repository(home)),
            (Self::Backstay, _) => command.args(["vault", "create", "bench", "--path"]).arg(repository(home)),
            (Self::Restic, _) => command.arg("init"),
            (Self::Borg, _) => command.args(["init", "--encryption", "repokey-blake2"]).arg(repository(home)),
        };
        measure::run(&mut command)?;
        let kind = match (self, workload) {
            (Self::Backstay, Workload::Sqlite) => "sqlite",
            (Self::Backstay, Workload::Files) => "folder",
            _ => return Ok(()),
        };
        let mut add = self.command(home, workload, root);
        measure::run(add.args(["source", "add", kind, workload.name(), "--path"]).arg(source))?;
        Ok(())
    }

    /// A backup of all that lies in `source`.
    pub(crate) fn backup(self, home: &Path, workload: Workload, source: &Path, root: &Path) -> Command {
        let mut command = self.command(home, workload, root);
        match (self, workload) {
            (Self::Backstay, Workload::Records) => command.arg("backup").arg(repository(home)).arg(source.join(RECORDS_FILE)),
            (Self::Backstay, _) => command.args(["backup", workload.name(), "--vault", "bench"]),
            (Self::Restic, _) => command.args(["backup", "--quiet", "."]).current_dir(source),
            (Self::Borg, _) => {
                let options = ["create", "--compression", "zstd,3", "::{now:%s.%f}", "."];
                command.args(options).current_dir(source)
            }
        };
        command
    }

    /// Everything from the newest backup into `target`.
    pub(crate) fn restore(self, home: &Path, workload: Workload, target: &Path, root: &Path) -> Command {
        let mut command = self.command(home, workload, root);
        match (self, workload) {
            (Self::Backstay, Workload::Records) => command.arg("restore").arg(repository(home)).arg(target.join(RECORDS_FILE)),
            (Self::Backstay, _) => {
                let newest = format!("{}@latest", workload.name());
                command.args(["--yes", "restore", &newest, "--to"]).arg(target.join("new"))
            }
            (Self::Restic, _) => command.args(["restore", "latest", "--target"]).arg(target),
            (Self::Borg, _) => {
                let script = "borg extract \"::$(borg list --last 1 --short)\"";
                command = with_environment(Command::new("sh"), home);
                command.args(["-c", script]).current_dir(target)
            }
        };
        command
    }

    /// Reads and checks every byte of the repository.
    pub(crate) fn check(self, home: &Path, workload: Workload, root: &Path) -> Command {
        let mut command = self.command(home, workload, root);
        match (self, workload) {
            (Self::Backstay, Workload::Records) => command.arg("check").arg(repository(home)),
            (Self::Backstay, _) => command.args(["verify", "bench", "--read-data"]),
            (Self::Restic, _) => command.args(["check", "--read-data"]),
            (Self::Borg, _) => command.args(["check", "--verify-data"]),
        };
        command
    }

    /// The program to call. Backstay takes records from services, not from an export: the example `records` stands in.
    fn command(self, home: &Path, workload: Workload, root: &Path) -> Command {
        let program = match (self, workload) {
            (Self::Backstay, Workload::Records) => root.join("target/release/examples/records").into_os_string(),
            (Self::Backstay, _) => root.join("target/release/backstay").into_os_string(),
            (Self::Restic, _) => "restic".into(),
            (Self::Borg, _) => "borg".into(),
        };
        with_environment(Command::new(program), home)
    }
}

/// Passwords, and caches inside the measured folder instead of the person's own.
fn with_environment(mut command: Command, home: &Path) -> Command {
    command
        .env("BACKSTAY_PASSWORD", PASSWORD)
        .env("BACKSTAY_HOME", home.join("state"))
        .env("RESTIC_PASSWORD", PASSWORD)
        .env("RESTIC_REPOSITORY", repository(home))
        .env("RESTIC_CACHE_DIR", home.join("cache"))
        .env("BORG_PASSPHRASE", PASSWORD)
        .env("BORG_REPO", repository(home))
        .env("BORG_BASE_DIR", home.join("base"));
    command
}
