//! The commands of the recovery kit. A test runs them as they stand.

use super::{Kit, KitPassword, KitSelect};

/// One step: what it is for, and what to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub title: String,
    /// What to know about it.
    pub text: String,
    /// Commands for a Unix shell, one a line.
    pub commands: Vec<String>,
    /// The same for PowerShell, where they differ.
    pub powershell: Vec<String>,
}

impl Step {
    fn new(title: &str, text: &str, commands: &[&str]) -> Self {
        let commands = commands.iter().map(|c| (*c).to_owned()).collect();
        Self {
            title: title.to_owned(),
            text: text.to_owned(),
            commands,
            powershell: Vec::new(),
        }
    }
}

/// `text` as one word of a Unix shell, whatever it contains.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `text` as one word of PowerShell, where a quote inside quotes is doubled.
fn quote_powershell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn steps(kit: &Kit) -> Vec<Step> {
    let mut all = vec![install(), open(kit), list(kit), check(), restore(), sqlite(), records()];
    if matches!(kit.password, KitPassword::Words(_)) {
        all.push(with_backstay(kit));
    }
    all
}

/// The shorter way, where Backstay can be had.
fn with_backstay(kit: &Kit) -> Step {
    let add = |place: String| format!("backstay vault add rescued --path {place}");
    let after = ["backstay snapshots", "backstay restore latest --to restored-by-backstay"];
    let mut step = Step::new(
        "Or with Backstay, instead of steps 1 to 7",
        "Install Backstay. In the window: Vaults, “Open an existing vault…”, choose the place and type the words. In a terminal, where it asks for the password, type \
         the words in small letters with one space between.",
        &after,
    );
    step.powershell = after.iter().map(|&line| line.to_owned()).collect();
    step.commands.insert(0, add(quote(&kit.location)));
    step.powershell.insert(0, add(quote_powershell(&kit.location)));
    step
}

fn install() -> Step {
    let mut step = Step::new(
        "Install restic",
        "Any version from 0.14 on. Debian and Ubuntu as shown; macOS: brew install restic. Else download it from restic.net.",
        &["sudo apt-get install -y restic", "restic version"],
    );
    step.powershell = vec!["winget install restic.restic".to_owned(), "restic version".to_owned()];
    step
}

fn open(kit: &Kit) -> Step {
    let place = quote(&kit.location);
    let mut commands = vec![format!("export RESTIC_REPOSITORY={place}")];
    let mut powershell = vec![format!("$env:RESTIC_REPOSITORY = {}", quote_powershell(&kit.location))];
    let text = match &kit.password {
        KitPassword::Printed(password) => {
            commands.push(format!("export RESTIC_PASSWORD={}", quote(password)));
            powershell.push(format!("$env:RESTIC_PASSWORD = {}", quote_powershell(password)));
            "If the vault now lies elsewhere (another drive letter, a copy), put that place instead."
        }
        KitPassword::Words(_) => {
            "If the vault now lies elsewhere (another drive letter, a copy), put that place instead. restic asks for the password: type the words \
             in small letters with one space between."
        }
        KitPassword::Field => {
            "If the vault now lies elsewhere (another drive letter, a copy), put that place instead. restic asks for the password."
        }
    };
    commands.push("restic cat config".to_owned());
    powershell.push("restic cat config".to_owned());
    Step {
        title: "Name the vault".to_owned(),
        text: format!("{text} The id shown must be the one above."),
        commands,
        powershell,
    }
}

fn list(kit: &Kit) -> Step {
    let mut step = Step::new(
        "List the snapshots",
        "Each line is one source at one point in time. Note the ID you want.",
        &["restic snapshots"],
    );
    for source in &kit.sources {
        let (flag, value) = match &source.by {
            KitSelect::Tag(v) => ("--tag", v),
            KitSelect::Host(v) => ("--host", v),
            KitSelect::Path(v) => ("--path", v),
        };
        step.commands.push(format!("restic snapshots {flag} {}", quote(value)));
        step.powershell
            .push(format!("restic snapshots {flag} {}", quote_powershell(value)));
    }
    if !kit.sources.is_empty() {
        step.powershell.insert(0, "restic snapshots".to_owned());
        let names: Vec<&str> = kit.sources.iter().map(|s| s.name.as_str()).collect();
        step.text = format!(
            "{} The further commands list one source each, in this order: {}.",
            step.text,
            names.join(", ")
        );
    }
    step
}

fn check() -> Step {
    Step::new(
        "Check the vault",
        "Reads everything and may take long; you can restore first. Must end with \"no errors were found\".",
        &["restic check --read-data"],
    )
}

fn restore() -> Step {
    Step::new(
        "Restore",
        "Into a new folder; nothing else is touched. Put the ID of a snapshot in place of the word latest.",
        &["restic restore latest --target restored", "ls restored"],
    )
}

fn sqlite() -> Step {
    let mut step = Step::new(
        "Files and SQLite databases",
        "Files of the source lie in restored/files with their folders. SQLite databases are ordinary files there: copy them where they belong while their program is closed.",
        &[
            "ls -R restored/files",
            "find restored/files -name '*.db' -o -name '*.sqlite' -o -name '*.sqlite3'",
        ],
    );
    step.powershell = vec!["Get-ChildItem -Recurse restored/files".to_owned()];
    step
}

fn records() -> Step {
    Step::new(
        "Records",
        "restored/metadata.json names what was saved and what is missing. Tables lie in restored/databases: NAME.json is the schema, the \
         folder NAME holds the records as NDJSON runs, where the newest run wins for an id. FORMAT.md, which comes with Backstay, \
         describes them exactly. pages holds readable copies, assets the attached files.",
        &["cat restored/metadata.json", "ls -R restored"],
    )
}
