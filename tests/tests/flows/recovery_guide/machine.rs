//! The computer of the guide: what was on it, its backups, and the disaster.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::read::{Chapter, is_seen};
use crate::{
    bench::{PASSWORD, program},
    data,
};

/// The words of a printed page, in one line.
pub fn words(page: &Path) -> String {
    let page = fs::read_to_string(page).unwrap();
    let words = page.split("<li>").skip(1).filter_map(|rest| rest.split("</li>").next());
    let words: Vec<&str> = words.collect();
    assert_eq!(words.len(), 12);
    words.join(" ") + "\n"
}

/// Rows of the app at the first backup.
const TASKS: u32 = 300;

/// A person's computer, the disk with the vault, the printed page, and what the data was like at each backup.
pub struct Machine {
    dir: TempDir,
    /// What the person sets at the terminal, or has set for good.
    names: BTreeMap<String, String>,
}

impl Machine {
    /// With an app's database and a folder, backed up twice with changes in between, and a recovery kit.
    pub fn new(vaults: &[&str]) -> Self {
        let mut machine = Self {
            dir: tempfile::tempdir().unwrap(),
            names: BTreeMap::new(),
        };
        for part in ["disk", "bin", "out"] {
            fs::create_dir(machine.path(part)).unwrap();
        }
        std::os::unix::fs::symlink(program(), machine.path("bin/backstay")).unwrap();
        machine.fill();
        for vault in vaults {
            machine.before(&["vault", "create", vault, "--path", &machine.text(&format!("disk/{vault}"))]);
        }
        machine.before(&[
            "source",
            "add",
            "sqlite",
            "notes",
            "--path",
            &machine.text("home/apps/notes.db"),
        ]);
        machine.before(&[
            "source",
            "add",
            "folder",
            "documents",
            "--path",
            &machine.text("home/Documents"),
        ]);
        machine.back_up("first", vaults);
        let older = machine.path("home/.local/share/backstay/state.db");
        fs::copy(older, machine.path("older-state.db")).unwrap();
        machine.change();
        machine.back_up("last", vaults);
        let plan = [
            "plan",
            "add",
            "nightly",
            "--source",
            "notes",
            "--source",
            "documents",
            "--daily",
            "02:00",
        ];
        machine.before(&plan);
        machine.before(&["settings", "export", &machine.text("disk/backstay-settings.json")]);
        machine.print_kit(vaults[0]);
        machine
    }

    fn fill(&self) {
        fs::create_dir_all(self.path("home/apps")).unwrap();
        drop(data::tasks(&self.path("home/apps/notes.db"), "delete", TASKS));
        data::folder(&self.path("home/Documents"));
        // Larger than all else in the vault, and not to be compressed.
        let photo = (0..20_000_u32).flat_map(|part| Sha256::digest(part.to_le_bytes()));
        fs::write(self.path("home/Documents/photos/2026/beach.jpg"), photo.collect::<Vec<_>>()).unwrap();
    }

    fn change(&self) {
        data::execute(
            &self.path("home/apps/notes.db"),
            "UPDATE tasks SET title = title || ' (moved)' WHERE id % 7 = 0;
             DELETE FROM tasks WHERE id % 11 = 0;
             INSERT INTO tasks (id, list, title, done, big) VALUES (9001, 1, 'written on the last day', 0, 9223372036854775807);",
        );
        fs::write(self.path("home/Documents/notes.txt"), "remember the milk, and the bread\n").unwrap();
        fs::write(self.path("home/Documents/last letter.txt"), "the day before\n").unwrap();
    }

    fn back_up(&self, kept: &str, vaults: &[&str]) {
        let to: Vec<&str> = vaults.iter().flat_map(|vault| ["--vault", vault]).collect();
        self.before(&[&["backup", "--all"], &to[..]].concat());
        data::copy_dir(&self.path("home/apps"), &self.path(kept));
        let copied = Command::new("cp")
            .arg("-a")
            .arg(self.path("home/Documents"))
            .arg(self.path(kept))
            .status();
        assert!(copied.unwrap().success());
    }

    /// The words as the person copies them from the page.
    fn print_kit(&mut self, vault: &str) {
        let page = self.path("kit.html");
        self.before(&[
            "vault",
            "recovery-kit",
            vault,
            "--words",
            "--output",
            page.to_str().unwrap(),
            "--yes",
        ]);
        fs::write(self.path("words"), words(&page)).unwrap();
        let page = fs::read_to_string(page).unwrap();
        let key = page.split(">Key</th><td>").nth(1).unwrap();
        self.name("OLD_KEY", &key[..8]);
    }

    /// Everything on the computer is gone; a new one stands there.
    pub fn lose(&mut self) {
        fs::remove_dir_all(self.path("home")).unwrap();
        fs::create_dir(self.path("home")).unwrap();
    }

    /// The person copies the words from the page.
    pub fn type_words(&mut self) {
        let file = self.text("home/kit-words");
        fs::copy(self.path("words"), &file).unwrap();
        self.name("KIT_WORDS_FILE", &file);
    }

    pub fn name(&mut self, name: &str, value: &str) {
        self.names.insert(name.to_owned(), value.to_owned());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", format!("{}:{path}", self.text("bin")))
            .env("HOME", self.path("home"))
            .env("BACKSTAY_HOME", self.path("home/.local/share/backstay"))
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8")
            .current_dir(self.path("home"))
            .stdin(Stdio::null());
        command
    }

    fn backstay(&self, args: &[&str]) -> Command {
        let mut command = self.command(&self.path("bin/backstay"));
        command
            .args(args)
            .env("BACKSTAY_SECRETS_KEY_FILE", self.path("home/.backstay-key"));
        command
    }

    /// Whether Backstay can do this, and what it says.
    pub fn tried(&self, args: &[&str]) -> (bool, String) {
        let ran = self.backstay(args).output().unwrap();
        let said = [ran.stdout, ran.stderr].concat();
        (ran.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// What Backstay did before anything happened.
    pub fn before(&self, args: &[&str]) -> String {
        let mut command = self.backstay(args);
        if args.starts_with(&["vault", "create"]) {
            command.env("BACKSTAY_PASSWORD", PASSWORD);
        }
        let ran = command.output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{args:?}: {out}{err}");
        out.into_owned()
    }

    /// Ids of the snapshots of a source, oldest first.
    pub fn snapshots(&self, source: &str) -> Vec<String> {
        let listed = self.before(&["snapshots", "--source", source, "--json"]);
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        let all = listed["snapshots"].as_array().unwrap();
        all.iter()
            .map(|snapshot| snapshot["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Types what a chapter says, in one shell, and compares what is seen.
    ///
    /// # Errors
    /// The first step that does not do what the guide says.
    pub fn follow(&self, chapter: &Chapter) -> Result<(), String> {
        if let Some(name) = chapter.names.iter().find(|name| !self.names.contains_key(*name)) {
            return Err(format!("{}: nobody knows what {name} is", chapter.title));
        }
        let script = self.path("out/script");
        fs::write(&script, self.script(chapter)).unwrap();
        let mut shell = self.command(Path::new("sh"));
        let status = shell.arg(&script).envs(&self.names).status().unwrap();
        let begun: usize = fs::read_to_string(self.path("out/begun")).unwrap().trim().parse().unwrap();
        for (number, step) in chapter.steps.iter().enumerate().take(begun + 1) {
            let got = fs::read_to_string(self.path(&format!("out/{number}"))).unwrap();
            let at = format!("line {}:\n{}", step.line, step.code);
            if number == begun && !status.success() {
                return Err(format!("{at}did not end with {}. Seen:\n{got}", step.exit));
            }
            if let Some(wanted) = step.seen.as_ref().filter(|wanted| !is_seen(wanted, &got)) {
                return Err(format!("{at}should show\n{wanted}and showed\n{got}"));
            }
        }
        Ok(())
    }

    fn script(&self, chapter: &Chapter) -> String {
        let mut script = "set -e\n".to_owned();
        for (number, step) in chapter.steps.iter().enumerate() {
            let (out, begun) = (self.text(&format!("out/{number}")), self.text("out/begun"));
            script.push_str(&format!("exec > '{out}' 2>&1\necho {number} > '{begun}'\n"));
            script.push_str(&match step.exit {
                0 => step.code.clone(),
                exit => format!("ended=0\n(\n{}) || ended=$?\ntest \"$ended\" -eq {exit}\n", step.code),
            });
        }
        script
    }
}
