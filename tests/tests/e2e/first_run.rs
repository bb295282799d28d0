//! From an empty home to a verified backup, the recovery kit, and the sample workspace.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::bench::{Desk, PASSWORD, Window};

/// The words of the kit on the screen, in order.
fn words(window: &Window<'_>) -> Vec<String> {
    let script = "return [...document.querySelectorAll('[role=dialog] ol li .mono')].map((one) => one.textContent)";
    let words = window.script(script, &[]);
    let words = words.as_array().unwrap().iter();
    words.map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// Goes through the assistant to the dialog with the kit.
fn protect_documents(window: &Window<'_>) {
    let desk = window.desk();
    window.see("Back up what lives in your apps.");
    window.click_like("button", "Protect something of mine");
    window.click_like("button", "Folder");
    window.see("Connect: ");
    window.fill("Path", desk.path("home/Documents").to_str().unwrap());
    window.see("Connected");
    window.click("button", "Continue");
    window.fill("Folder", desk.path("vault").to_str().unwrap());
    window.click("button", "Continue");
    window.see("A password for the new vault");
    window.fill("Password of the vault", PASSWORD);
    window.fill("Type it once more", "another password");
    window.see("The two are not the same.");
    window.fill("Type it once more", PASSWORD);
    window.click("button", "Save and back up now");
    window.see("Recovery kit for vault");
    window.find("list", "Words of the kit");
}

fn documents(desk: &Desk) {
    desk.file("home/Documents/letter.txt", "Dear landlord,");
    desk.file("home/Documents/pictures/cat.bin", [7_u8; 50_000]);
}

#[test]
fn from_nothing_to_a_verified_backup_with_the_kit_in_two_minutes() {
    let desk = Desk::new();
    documents(&desk);
    let begun = Instant::now();
    let window = desk.window(&[]);
    protect_documents(&window);
    let words = words(&window);
    assert_eq!(words.len(), 12, "{words:?}");
    // Wrong words do not count, the right ones do.
    let asked: Vec<usize> = (1..=12)
        .filter(|number| window.has("textbox", &format!("Word {number}")))
        .collect();
    assert!((2..=4).contains(&asked.len()), "some words are asked for: {asked:?}");
    for number in &asked {
        window.fill(&format!("Word {number}"), "nonsense");
    }
    window.click("button", "Done");
    window.see("These are not the words of the kit.");
    for number in &asked {
        window.fill(&format!("Word {number}"), &words[number - 1]);
    }
    window.click("button", "Done");
    window.see("Your first backup is made and proven.");
    let took = begun.elapsed();
    println!("first run to a verified backup: {:.1} s", took.as_secs_f64());
    assert!(took < Duration::from_secs(120), "{took:?}");
    window.see("2 files");
    assert!(!window.text().contains("One thing is left"), "the kit is done");
    // The truth: the words and the password open the vault for stock restic, which reads the same bytes.
    let kit = words.join(" ");
    let (opened, said) = desk.restic(&desk.path("vault"), &kit, &["check", "--read-data"]);
    assert!(opened, "{said}");
    let (opened, said) = desk.restic(&desk.path("vault"), PASSWORD, &["snapshots"]);
    assert!(opened, "{said}");
    let (wrong, _) = desk.restic(&desk.path("vault"), "nonsense", &["snapshots"]);
    assert!(!wrong, "the vault is closed to others");
    let out = desk.path("out");
    let (restored, said) = desk.restic(
        &desk.path("vault"),
        &kit,
        &["restore", "latest", "--target", out.to_str().unwrap()],
    );
    assert!(restored, "{said}");
    let found = find(&out, "letter.txt").expect("restic brings the letter back");
    assert_eq!(fs::read_to_string(found).unwrap(), "Dear landlord,");
    window.click("button", "Look around");
    window.visit("/", "Everything is backed up.");
    window.visit("/vaults", "Tested");
    assert_eq!(desk.snapshots(), 1);
}

#[test]
fn the_kit_can_be_postponed_and_is_not_forgotten() {
    let desk = Desk::new();
    documents(&desk);
    let window = desk.window(&[]);
    protect_documents(&window);
    let unused = words(&window).join(" ");
    window.click("button", "Later");
    window.see("Your first backup is made and proven.");
    window.see("One thing is left: the recovery kit.");
    let (opened, _) = desk.restic(&desk.path("vault"), &unused, &["snapshots"]);
    assert!(!opened, "a kit nobody confirmed opens nothing");
    window.click("button", "Look around");
    window.visit("/vaults/vault", "None yet");
    assert_eq!(desk.snapshots(), 1);
}

#[test]
fn the_sample_workspace_is_made_broken_and_removed() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    window.click_like("button", "Try it on a sample workspace");
    window.see("You are looking at the sample workspace.");
    window.see("Everything is backed up.");
    let status = window.call("sample.state", &json!({}));
    let place = std::path::PathBuf::from(status["path"].as_str().unwrap());
    let letter = find(&place, "Letter to the landlord.pdf").expect("the sample has its letter");
    window.click("button", "Break something");
    window.see("Damaged:");
    window.wait_until("the letter is gone", |_| !letter.exists());
    window.click("button", "Remove the sample…");
    window.see("Remove the sample workspace?");
    window.click("button", "Remove the sample");
    window.see("Back up what lives in your apps.");
    assert!(!place.exists(), "nothing of it stays");
}

fn find(dir: &std::path::Path, name: &str) -> Option<std::path::PathBuf> {
    for entry in fs::read_dir(dir).ok()?.flatten() {
        let path = entry.path();
        if path.file_name().is_some_and(|file| file == name) {
            return Some(path);
        }
        if let Some(found) = path.is_dir().then(|| find(&path, name)).flatten() {
            return Some(found);
        }
    }
    None
}
