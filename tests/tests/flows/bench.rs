//! The bench every flow works on: a scratch directory, a state directory of its own, and the real binary.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// The password of the bench's vaults.
pub const PASSWORD: &str = "a password for tests";

/// The binary under test, built beside this one.
pub fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("BACKSTAY_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().unwrap();
    let path = test
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join(format!("backstay{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.exists(),
        "{} is missing: these tests drive the real program. Build it first: cargo build -p backstay-cli",
        path.display()
    );
    path
}

/// A scratch directory with a state directory; vault keys are remembered in an encrypted file in it.
pub struct Bench {
    dir: TempDir,
}

/// How a call ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn from(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The one JSON document on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON document ({error}): {self:#?}"))
    }

    /// The events on standard output.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("no event ({error}): {line}\n{self:#?}"));
        self.out.lines().map(parse).collect()
    }

    /// The last event, which must be the result.
    #[track_caller]
    pub fn result(&self) -> Value {
        let last = self.events().pop().unwrap_or_else(|| panic!("no event: {self:#?}"));
        assert_eq!(last["event"], "result", "{self:#?}");
        last
    }

    /// Fails unless it ended with `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

impl Bench {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// With the vault `safe`.
    pub fn with_vault() -> Self {
        let bench = Self::new();
        bench
            .given(PASSWORD, &["vault", "create", "safe", "--path", &bench.text("vault")])
            .expect(0);
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// A call with nothing of this process's environment.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(program());
        command
            .args(args)
            .env_clear()
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        for keep in ["PATH", "TMPDIR"] {
            if let Some(value) = std::env::var_os(keep) {
                command.env(keep, value);
            }
        }
        command
            .env("HOME", self.dir.path())
            .env("BACKSTAY_HOME", self.path("home"))
            .env("TZ", "UTC")
            .env("COLUMNS", "80");
        command
            .env("BACKSTAY_SECRETS", "file")
            .env("BACKSTAY_SECRETS_KEY_FILE", self.path("secrets.key"));
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Ran {
        Ran::from(&self.command(args).output().unwrap())
    }

    /// A call with a password in the environment.
    pub fn given<S: AsRef<OsStr>>(&self, password: &str, args: &[S]) -> Ran {
        Ran::from(&self.command(args).env("BACKSTAY_PASSWORD", password).output().unwrap())
    }

    /// A call that must end well.
    #[track_caller]
    pub fn ok(&self, args: &[&str]) -> Ran {
        self.run(args).expect(0)
    }

    /// The JSON document of a call that must end well.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        self.ok(&[args, &["--json"]].concat()).json()
    }

    /// The result of a long call that must end well.
    #[track_caller]
    pub fn long(&self, args: &[&str]) -> Value {
        self.ok(&[args, &["--json"]].concat()).result()
    }

    /// Starts a call and leaves it running.
    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Adds a source of SQLite files.
    #[track_caller]
    pub fn add_sqlite(&self, name: &str, path: &Path) {
        self.ok(&["source", "add", "sqlite", name, "--path", path.to_str().unwrap()]);
    }

    /// Adds a folder.
    #[track_caller]
    pub fn add_folder(&self, name: &str, path: &Path) {
        self.ok(&["source", "add", "folder", name, "--path", path.to_str().unwrap()]);
    }

    /// Backs up and gives the snapshot's id.
    #[track_caller]
    pub fn back_up(&self, name: &str) -> String {
        let reply = self.long(&["backup", name]);
        assert_eq!(reply["verdict"], "complete", "{reply:#}");
        reply["runs"][0]["snapshot"].as_str().unwrap().to_owned()
    }

    /// Says of everything that went at the sources that it was intended; there must have been an alarm.
    #[track_caller]
    pub fn intended(&self) {
        let holds = self.json(&["hold", "list"]);
        let holds = holds["holds"].as_array().unwrap();
        assert!(!holds.is_empty(), "no guard tripped");
        for hold in holds {
            let trip = hold["trip"].as_object().unwrap().values().next().unwrap();
            let number = trip.get("gone").filter(|gone| gone.is_u64()).or(trip.get("before"));
            let number = number.map(ToString::to_string);
            let mut args = vec!["hold", "release", hold["id"].as_str().unwrap()];
            if let Some(number) = &number {
                args.extend(["--confirm", number]);
            }
            self.ok(&args);
        }
    }

    /// The stock restic program on the bench's vault.
    pub fn restic(&self, args: &[&str]) -> Ran {
        let mut command = Command::new("restic");
        command
            .args(["-r", &self.text("vault"), "--no-cache"])
            .args(args)
            .env("RESTIC_PASSWORD", PASSWORD);
        Ran::from(
            &command
                .output()
                .expect("the stock restic program is needed (apt install restic)"),
        )
    }
}
