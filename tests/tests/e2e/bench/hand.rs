//! More that a hand does in the window: parts of names, keys, letting go of files.

use serde_json::{Value, json};

use super::{Found, Window, page};

/// Keys as WebDriver names them.
pub mod keys {
    pub const ENTER: &str = "\u{E007}";
    pub const TAB: &str = "\u{E004}";
    pub const ESCAPE: &str = "\u{E00C}";
    pub const SPACE: &str = "\u{E00D}";
    pub const END: &str = "\u{E010}";
    pub const HOME: &str = "\u{E011}";
    pub const DOWN: &str = "\u{E015}";
    pub const RIGHT: &str = "\u{E014}";
    /// Control with a letter.
    pub fn control(letter: &str) -> String {
        format!("\u{E009}{letter}\u{E000}")
    }
}

impl Window<'_> {
    /// Clicks on the first thing that can be used whose name contains this.
    #[track_caller]
    pub fn click_like(&self, role: &str, part: &str) {
        self.wait_until(&format!("{role} like {part:?} can be clicked"), |window| {
            let found = window.all(role, Some(part), true);
            found.iter().find(|one| one.enabled()).is_some_and(Found::try_click)
        });
    }

    /// Chooses one of several that lie side by side (their radio buttons are drawn by their labels).
    #[track_caller]
    pub fn choose(&self, name: &str) {
        let script = "const radio = [...document.querySelectorAll('input[type=radio]')]
            .find((one) => [...one.labels].some((label) => label.innerText.trim() === arguments[0]));
            if (!radio || radio.disabled) return false;
            radio.labels[0].click();
            return radio.checked;";
        self.wait_until(&format!("{name:?} is chosen"), |window| {
            window.script(script, &[json!(name)]) == json!(true)
        });
    }

    /// Waits until a line of the page holds all these texts.
    #[track_caller]
    pub fn see_together(&self, role: &str, texts: &[&str]) {
        self.wait_until(&format!("one {role} says {texts:?}"), |window| {
            let found = window.texts(role);
            found.iter().any(|text| texts.iter().all(|part| text.contains(part)))
        });
    }

    /// Texts of all elements with a role, as they are now.
    pub fn texts(&self, role: &str) -> Vec<String> {
        let script = format!(
            "const found = (function () {{ {} }}).apply(null, arguments); return found.map((one) => one.innerText);",
            page::FIND
        );
        let texts = self.script(&script, &[json!(role), Value::Null, json!(false)]);
        let texts = texts.as_array().cloned().unwrap_or_default();
        texts.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    }

    /// Waits until the route begins so.
    #[track_caller]
    pub fn arrive(&self, route: &str) {
        self.wait_until(&format!("the window shows {route}"), |window| {
            window.place().starts_with(route)
        });
    }

    /// Goes to a route and waits for its heading.
    #[track_caller]
    pub fn visit(&self, route: &str, says: &str) {
        self.go(route);
        self.arrive(route.split('?').next().unwrap());
        self.see(says);
    }

    /// Lets go of files over the window, by the event that a real drop ends in.
    #[track_caller]
    pub fn let_go(&self, files: &[&std::path::Path]) {
        let done = self.script(page::DROP, &[json!(files)]);
        assert_eq!(done, json!(true), "the page does not listen for drops");
    }
}
