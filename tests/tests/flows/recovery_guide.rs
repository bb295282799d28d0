//! The disaster recovery guide, followed word by word: its own text is what is typed and compared, on a machine that lost everything.
//! The page on plans is tried in the same way.

mod machine;
mod read;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use machine::{Machine, words};
use read::{Chapter, chapters};
use rusqlite::{Connection, types::ValueRef};

use crate::data::tree;

/// A place in the repository.
fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

const GUIDE: &str = "docs/DISASTER-RECOVERY.md";
const PLANS: &str = "docs/PLANS.md";

fn text(document: &str) -> String {
    fs::read_to_string(repository(document)).unwrap()
}

fn chapters_of(document: &str) -> Vec<Chapter> {
    chapters(&text(document)).unwrap_or_else(|error| panic!("{document}, {error}"))
}

/// The chapter whose title begins so.
fn chapter(title: &str) -> Chapter {
    let found = chapters_of(GUIDE)
        .into_iter()
        .find(|chapter| chapter.title.starts_with(title));
    found.unwrap_or_else(|| panic!("{GUIDE} has no chapter {title:?} with something to type"))
}

#[track_caller]
fn follow(machine: &Machine, document: &str, chapter: &Chapter) {
    if let Err(error) = machine.follow(chapter) {
        panic!("{document}, {error}");
    }
}

/// Every row of every table of a database, with its table.
fn records(path: &Path) -> BTreeSet<String> {
    let db = Connection::open(path).unwrap();
    let mut tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut all = BTreeSet::new();
    for table in tables {
        let mut rows = db.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<ValueRef<'_>> = (0..columns).map(|column| row.get_ref(column).unwrap()).collect();
            assert!(all.insert(format!("{table} {values:?}")), "two equal rows in {table}");
        }
    }
    all
}

/// Record by record: nothing is missing, nothing is different, nothing is too much.
#[track_caller]
fn same_records(restored: &Path, original: &Path) {
    let (restored, original) = (records(restored), records(original));
    let missing: Vec<_> = original.difference(&restored).collect();
    let added: Vec<_> = restored.difference(&original).collect();
    assert!(
        missing.is_empty() && added.is_empty(),
        "missing: {missing:#?}\nadded: {added:#?}"
    );
    assert!(
        restored.len() > 500,
        "{} records are too few to prove anything",
        restored.len()
    );
}

fn is_missing(program: &str) -> bool {
    let missing = Command::new(program).arg("version").output().is_err();
    if missing {
        println!("skipped: the program {program} is not installed");
    }
    missing
}

/// A bare machine, the disk, the page, and the id the person picked.
fn bare() -> Machine {
    let mut machine = Machine::new(&["home"]);
    let first = machine.snapshots("notes").remove(0);
    machine.name("SNAPSHOT", &first[..8]);
    machine.name("DISK", &machine.text("disk"));
    machine.name("VAULT", &machine.text("disk/home"));
    machine.lose();
    machine.type_words();
    machine
}

#[test]
fn from_a_bare_machine_and_the_kit_to_restored_data() {
    let machine = bare();
    follow(&machine, GUIDE, &chapter("1."));
    same_records(&machine.path("home/apps/notes.db"), &machine.path("last/notes.db"));
    assert_eq!(tree(&machine.path("home/Documents")), tree(&machine.path("last/Documents")));
    same_records(&machine.path("home/look/notes.db"), &machine.path("first/notes.db"));
    assert_eq!(machine.snapshots("notes").len(), 3, "one history goes on");
    assert!(!machine.path("home/kit-words").exists(), "the words were left lying there");
    let add = [
        "vault",
        "add",
        "again",
        "--path",
        &machine.text("disk/home"),
        "--password-file",
    ];
    let opens = |file: &str| machine.tried(&[&add[..], &[file]].concat()).0;
    let new = machine.text("new-words");
    fs::write(&new, words(&machine.path("home/recovery-kit.html"))).unwrap();
    assert!(
        !opens(&machine.text("words")),
        "the words of the old page still open the vault"
    );
    assert!(opens(&new), "the words of the new page do not open the vault");
}

/// What the first chapter says one sees when a vault does not open.
#[test]
fn what_looks_different_is_in_the_guide() {
    let machine = bare();
    let wrong = machine.text("home/wrong");
    fs::write(&wrong, "these are not the words\n").unwrap();
    let (words, disk, vault, nothing) = (
        machine.text("words"),
        machine.text("disk"),
        machine.text("disk/home"),
        machine.text("x"),
    );
    for (path, file, says) in [
        (&vault, &wrong, "wrong password"),
        (&disk, &words, "there is no vault at"),
        (&nothing, &words, "is out of reach"),
    ] {
        let (done, said) = machine.tried(&["vault", "add", "home", "--path", path, "--password-file", file]);
        assert!(!done && said.contains(says), "{said}");
        assert!(
            text(GUIDE).contains(&format!("| `{says}`")),
            "the guide has no line for {says:?}"
        );
    }
}

#[test]
fn from_a_bare_machine_and_stock_restic_to_restored_data() {
    if is_missing("restic") {
        return;
    }
    let machine = bare();
    // Backstay cannot be had.
    fs::remove_file(machine.path("bin/backstay")).unwrap();
    follow(&machine, GUIDE, &chapter("2."));
    same_records(&machine.path("home/apps/notes.db"), &machine.path("last/notes.db"));
    assert_eq!(tree(&machine.path("home/Documents")), tree(&machine.path("last/Documents")));
    same_records(&machine.path("home/look/files/notes.db"), &machine.path("first/notes.db"));
}

/// The largest part of the vault, which holds the photo, loses some bytes.
fn damage(vault: &Path) {
    let parts = tree(&vault.join("data"))
        .into_iter()
        .map(|(path, _)| vault.join("data").join(path));
    let size = |path: &PathBuf| fs::metadata(path).unwrap().len();
    let largest = parts.filter(|path| path.is_file()).max_by_key(size).unwrap();
    let mut bytes = fs::read(&largest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8].fill(0xa5);
    fs::write(&largest, bytes).unwrap();
}

#[test]
fn a_vault_that_is_damaged_in_part() {
    let mut machine = Machine::new(&["home", "offsite"]);
    let key = machine.text("home/.backstay-key");
    machine.name("BACKSTAY_SECRETS_KEY_FILE", &key);
    damage(&machine.path("disk/home"));
    follow(&machine, GUIDE, &chapter("3."));
    assert_eq!(
        tree(&machine.path("home/look/documents")),
        tree(&machine.path("last/Documents"))
    );
    same_records(&machine.path("home/look/notes.db"), &machine.path("last/notes.db"));
    let again = machine.text("home/again");
    machine.before(&["restore", "documents@latest", "--vault", "home", "--to", &again]);
    assert_eq!(
        tree(Path::new(&again)),
        tree(&machine.path("last/Documents")),
        "the vault is whole again"
    );
}

#[test]
fn a_state_directory_that_is_damaged_and_then_lost() {
    let mut machine = Machine::new(&["home"]);
    let state = machine.path("home/.local/share/backstay");
    fs::copy(machine.path("older-state.db"), state.join("state.db.before-v1")).unwrap();
    fs::write(state.join("state.db"), "what a dying disk leaves behind").unwrap();
    let key = machine.text("home/.backstay-key");
    machine.name("BACKSTAY_SECRETS_KEY_FILE", &key);
    machine.name("VAULT", &machine.text("disk/home"));
    machine.name("SETTINGS", &machine.text("disk/backstay-settings.json"));
    machine.type_words();
    follow(&machine, GUIDE, &chapter("4."));
    assert_eq!(machine.snapshots("notes").len(), 4, "one history goes on, twice");
    assert_eq!(machine.snapshots("documents").len(), 4);
    same_records(&machine.path("home/apps/notes.db"), &machine.path("last/notes.db"));
}

#[test]
fn every_chapter_is_tried() {
    let all = chapters_of(GUIDE);
    let numbers: Vec<&str> = all.iter().filter_map(|chapter| chapter.title.split(' ').next()).collect();
    assert_eq!(
        numbers,
        ["1.", "2.", "3.", "4."],
        "a chapter with something to type and no test of it"
    );
    for chapter in &all {
        let seen = chapter.steps.iter().filter(|step| step.seen.is_some()).count();
        assert!(seen >= 4, "{}: {seen} steps say what one sees", chapter.title);
    }
}

fn texts(value: &serde_json::Value, all: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::String(text) => drop(all.insert(text.clone())),
        serde_json::Value::Object(members) => members.values().for_each(|member| texts(member, all)),
        _ => {}
    }
}

/// What the guides say to click is in the window's catalogue of texts.
#[test]
fn what_is_clicked_has_its_name_in_the_window() {
    let mut all = BTreeSet::new();
    for file in fs::read_dir(repository("ui/src/i18n/en")).unwrap() {
        let text = fs::read(file.unwrap().path()).unwrap();
        texts(&serde_json::from_slice(&text).unwrap(), &mut all);
    }
    let mut clicked = 0;
    for document in [GUIDE, PLANS] {
        let text = text(document);
        for paragraph in text
            .split("\n\n")
            .filter_map(|part| part.trim().strip_prefix("*In the window:*"))
        {
            let paragraph = paragraph.replace('\n', " ");
            for label in paragraph.split('*').skip(1).step_by(2) {
                assert!(
                    all.contains(label),
                    "{document} says to click {label:?}, which the window does not have"
                );
                clicked += 1;
            }
        }
    }
    assert!(clicked > 25, "{clicked} labels found");
}

/// Every command of the page on plans, on a machine that is well.
#[test]
fn the_page_on_plans_is_true() {
    let page = Chapter {
        title: "plans".to_owned(),
        names: Vec::new(),
        steps: chapters_of(PLANS).into_iter().flat_map(|part| part.steps).collect(),
    };
    let mut machine = Machine::new(&["home"]);
    let key = machine.text("home/.backstay-key");
    machine.name("BACKSTAY_SECRETS_KEY_FILE", &key);
    machine.before(&["plan", "remove", "nightly", "--yes"]);
    follow(&machine, PLANS, &page);
}

/// A guide somebody edited must not pass: another command, other output, another exit code, an unknown name.
#[test]
fn a_guide_that_is_wrong_is_found_out() {
    let machine = bare();
    let whole = chapter("1.");
    let short = |edit: &dyn Fn(&mut Chapter)| {
        let mut chapter = whole.clone();
        chapter.steps.truncate(1);
        edit(&mut chapter);
        machine.follow(&chapter)
    };
    assert_eq!(short(&|_| {}), Ok(()));
    let wrong: [&dyn Fn(&mut Chapter); 4] = [
        &|chapter| chapter.steps[0].code = "backstay vault open nothing\n".to_owned(),
        &|chapter| chapter.steps[0].seen = Some("something else\n".to_owned()),
        &|chapter| chapter.steps[0].exit = 3,
        &|chapter| chapter.names.push("UNKNOWN".to_owned()),
    ];
    for (number, edit) in wrong.iter().enumerate() {
        short(edit).expect_err(&format!("edit {number} went unnoticed"));
    }
}
