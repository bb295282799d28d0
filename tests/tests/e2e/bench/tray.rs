//! A tray that a test can look at and click on, over D-Bus as desktops do it.

use std::{
    cell::RefCell,
    io::{BufRead, BufReader, Write},
    process::{ChildStdin, ChildStdout, Stdio},
};

use serde_json::{Value, json};

use super::{
    Desk, eventually,
    programs::{Guarded, python, top},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/bench/tray.py");

/// A tray with at most one icon.
pub struct Tray {
    pipes: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
    _script: Guarded,
}

/// One entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub label: String,
    pub enabled: bool,
}

impl Tray {
    pub(super) fn start(desk: &Desk) -> Self {
        let mut command = desk.command(python());
        command.arg(SCRIPT).arg(top().join("icons/tray"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(desk.log("tray"));
        let mut child = command.spawn().unwrap();
        let pipes = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let tray = Self {
            pipes: RefCell::new(pipes),
            _script: Guarded(child),
        };
        // Answers only once it owns the tray's name.
        tray.ask(&json!({ "do": "look" }));
        tray
    }

    fn ask(&self, question: &Value) -> Value {
        let mut pipes = self.pipes.borrow_mut();
        writeln!(pipes.0, "{question}").unwrap();
        let mut line = String::new();
        pipes.1.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("the tray said {line:?}; see tray.log"))
    }

    /// Which drawing the icon shows (`ok`, `running`, `warning`, `failed`); `None` without an icon.
    pub fn state(&self) -> Option<String> {
        self.ask(&json!({ "do": "look" }))["icon"].as_str().map(str::to_owned)
    }

    /// Waits for a drawing.
    #[track_caller]
    pub fn wait_for(&self, state: &str) {
        let shown = eventually(|| (self.state().as_deref() == Some(state)).then_some(()));
        assert!(
            shown.is_some(),
            "the tray shows {:?}, not {state:?}; menu: {:#?}",
            self.state(),
            self.menu()
        );
    }

    /// The menu's entries, lines left out, entries of sub-menus after their own.
    pub fn menu(&self) -> Vec<Entry> {
        let menu = self.ask(&json!({ "do": "menu" }));
        let entries = menu["entries"].as_array().cloned().unwrap_or_default();
        let entry = |entry: &Value| Entry {
            label: entry["label"].as_str().unwrap().to_owned(),
            enabled: entry["enabled"].as_bool().unwrap(),
        };
        entries.iter().map(entry).collect()
    }

    /// The menu's words.
    pub fn labels(&self) -> Vec<String> {
        self.menu().into_iter().map(|entry| entry.label).collect()
    }

    /// Waits for an entry whose words begin so.
    #[track_caller]
    pub fn wait_for_entry(&self, beginning: &str) -> Entry {
        let find = || self.menu().into_iter().find(|entry| entry.label.starts_with(beginning));
        eventually(find).unwrap_or_else(|| panic!("no entry {beginning:?} in the tray's menu: {:#?}", self.labels()))
    }

    /// Chooses the entry whose words begin so.
    #[track_caller]
    pub fn choose(&self, beginning: &str) {
        let entry = eventually(|| Some(self.wait_for_entry(beginning)).filter(|entry| entry.enabled));
        let entry = entry.unwrap_or_else(|| panic!("{beginning:?} stays greyed"));
        let done = self.ask(&json!({ "do": "choose", "label": entry.label }));
        assert_eq!(done["chosen"], true, "{beginning:?} went away before it was chosen");
    }
}
