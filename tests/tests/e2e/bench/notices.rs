//! What the desktop is told: the notifications a program sends, and those a real daemon (dunst) showed.

use std::{fs, process::Stdio};

use super::{Desk, eventually, programs::python};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/bench/notices.py");
const FILE: &str = "notices.jsonl";

/// A notification as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub title: String,
    pub body: String,
    /// The notification it takes the place of, or 0.
    pub replaces: u64,
    /// What stands on its buttons, the click on itself first.
    pub actions: Vec<String>,
}

impl Desk {
    pub(super) fn listen_to_notices(&mut self) {
        let file = self.path(FILE);
        let mut command = self.command(python());
        command.arg(SCRIPT).arg(&file).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(self.log("notices")).spawn().unwrap();
        self.keep(child);
        let listens = eventually(|| file.exists().then_some(()));
        assert!(listens.is_some(), "nobody listens to notifications; see notices.log");
    }

    /// All notifications that were sent so far, oldest first.
    pub fn notices(&self) -> Vec<Notice> {
        let text = fs::read_to_string(self.path(FILE)).unwrap_or_default();
        let read = |line: &str| -> Option<Notice> {
            let said: serde_json::Value = serde_json::from_str(line).ok()?;
            let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
            let actions = said["actions"].as_array()?;
            Some(Notice {
                title: text("title"),
                body: text("body"),
                replaces: said["replaces"].as_u64()?,
                actions: actions.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
            })
        };
        text.lines().filter_map(read).collect()
    }

    /// Waits for a notification whose title begins so.
    #[track_caller]
    pub fn wait_for_notice(&self, title: &str) -> Notice {
        let find = || self.notices().into_iter().find(|notice| notice.title.starts_with(title));
        eventually(find).unwrap_or_else(|| panic!("nobody was told {title:?}: {:#?}", self.notices()))
    }

    /// What dunst showed so far, as it tells it; what it still shows is put away first.
    pub fn notifications(&self) -> String {
        let ask = "import dbus
bus = dbus.SessionBus()
ask = lambda name: bus.call_blocking('org.freedesktop.Notifications', '/org/freedesktop/Notifications', 'org.dunstproject.cmd0', name, '', [])
ask('NotificationCloseAll')
print(ask('NotificationListHistory'))";
        let mut python = self.command(python());
        let output = python.args(["-c", ask]).stderr(self.log("dunst")).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// How many notifications are on the screen.
    pub fn displayed(&self) -> u32 {
        self.dunst(&["count", "displayed"]).parse().unwrap_or(0)
    }

    /// Clicks on the topmost notification.
    pub fn click_notification(&self) {
        self.dunst(&["action", "0"]);
    }

    fn dunst(&self, args: &[&str]) -> String {
        let mut ask = self.command("dunstctl");
        let output = ask.args(args).stderr(self.log("dunst")).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}
