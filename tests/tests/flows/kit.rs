//! The recovery kit with words, from the command line, and stock restic that opens the vault with them.

use std::fs;

use crate::bench::Bench;

/// The words on a page.
fn words(html: &str) -> Vec<String> {
    html.split("<li>")
        .skip(1)
        .filter_map(|rest| rest.split("</li>").next())
        .map(str::to_owned)
        .collect()
}

fn opens(bench: &Bench, words: &[String]) -> bool {
    let opened = std::process::Command::new("restic")
        .args(["--no-cache", "-r", &bench.text("vault"), "snapshots"])
        .env("RESTIC_PASSWORD", words.join(" "))
        .output()
        .unwrap();
    opened.status.success()
}

#[test]
fn restic_opens_the_vault_with_the_words_of_the_newest_page() {
    let bench = Bench::with_vault();
    let name = bench.json(&["vault", "list"])["vaults"][0]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let page = |file: &str| {
        bench.ok(&[
            "vault",
            "recovery-kit",
            &name,
            "--words",
            "--output",
            &bench.text(file),
            "--yes",
        ]);
        words(&fs::read_to_string(bench.path(file)).unwrap())
    };
    let first = page("first.html");
    assert_eq!(first.len(), 12, "{first:?}");
    assert!(opens(&bench, &first));
    let second = page("second.html");
    assert!(opens(&bench, &second) && !opens(&bench, &first));
    // A page that exists is not overwritten, and nothing is added to the vault for it.
    let before = bench.json(&["vault", "key", "list", &name])["keys"].as_array().unwrap().len();
    bench
        .run(&[
            "vault",
            "recovery-kit",
            &name,
            "--words",
            "--output",
            &bench.text("second.html"),
            "--yes",
        ])
        .expect(4);
    // Nobody is there to type the words: the key does not stay.
    let unanswered = bench.run(&[
        "vault",
        "recovery-kit",
        &name,
        "--words",
        "--output",
        &bench.text("third.html"),
    ]);
    assert_ne!(unanswered.code, 0, "{unanswered:#?}");
    assert_eq!(
        bench.json(&["vault", "key", "list", &name])["keys"].as_array().unwrap().len(),
        before
    );
}
