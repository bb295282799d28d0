//! The programs that are compared, and how each is called. All compress with zstd at level 3 or near it, all encrypt.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::data::Workload;
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

    /// Whether it is measured on a workload. Backstay takes records from services, not from an export, so there is nothing
    /// to call here.
    pub(crate) fn can(self, workload: Workload) -> bool {
        !(self == Self::Backstay && workload == Workload::Records)
    }

    /// Makes an empty repository below `home`, ready for the first backup.
    pub(crate) fn prepare(self, home: &Path, workload: Workload, source: &Path, root: &Path) -> Result<()> {
        let mut command = self.command(home, root);
        match self {
            Self::Backstay => command.args(["vault", "create", "bench", "--path"]).arg(repository(home)),
            Self::Restic => command.arg("init"),
            Self::Borg => command.args(["init", "--encryption", "repokey-blake2"]).arg(repository(home)),
        };
        measure::run(&mut command)?;
        if self == Self::Backstay {
            let kind = if workload == Workload::Sqlite { "sqlite" } else { "folder" };
            measure::run(
                self.command(home, root)
                    .args(["source", "add", kind, workload.name(), "--path"])
                    .arg(source),
            )?;
        }
        Ok(())
    }

    /// A backup of all that lies in `source`.
    pub(crate) fn backup(self, home: &Path, workload: Workload, source: &Path, root: &Path) -> Command {
        let mut command = self.command(home, root);
        match self {
            Self::Backstay => command.args(["backup", workload.name(), "--vault", "bench"]),
            Self::Restic => command.args(["backup", "--quiet", "."]).current_dir(source),
            Self::Borg => command
                .args(["create", "--compression", "zstd,3", "::{now:%s.%f}", "."])
                .current_dir(source),
        };
        command
    }

    /// Everything from the newest backup into `target`.
    pub(crate) fn restore(self, home: &Path, workload: Workload, target: &Path, root: &Path) -> Command {
        let mut command = self.command(home, root);
        match self {
            Self::Backstay => command
                .args(["--yes", "restore", "--source", workload.name(), "--to"])
                .arg(target.join("new")),
            Self::Restic => command.args(["restore", "latest", "--target"]).arg(target),
            Self::Borg => {
                let script = "borg extract \"::$(borg list --last 1 --short)\"";
                let mut shell = with_environment(Command::new("sh"), home);
                shell.args(["-c", script]).current_dir(target);
                return shell;
            }
        };
        command
    }

    /// Reads and checks every byte of the repository.
    pub(crate) fn check(self, home: &Path, root: &Path) -> Command {
        let mut command = self.command(home, root);
        match self {
            Self::Backstay => command.args(["verify", "bench", "--read-data"]),
            Self::Restic => command.args(["check", "--read-data"]),
            Self::Borg => command.args(["check", "--verify-data"]),
        };
        command
    }

    fn command(self, home: &Path, root: &Path) -> Command {
        let program = match self {
            Self::Backstay => root.join("target/release/backstay").into_os_string(),
            Self::Restic => "restic".into(),
            Self::Borg => "borg".into(),
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
