//! The recovery kit's commands are typed as they stand, with the real restic.

use std::process::Command;

use backstay_vault::maintain::kit::{Kit, KitPassword, KitSelect, KitSource};

use crate::maintain_support::{PASSWORD, Scratch, files, save, time};

fn kit(location: &str, password: KitPassword) -> Kit {
    Kit {
        vault: "Family & <b>friends</b>".into(),
        location: location.into(),
        id: "0123abcd".into(),
        date: time(0),
        key: "89abcdef".into(),
        password,
        sources: vec![KitSource {
            name: "Ann's \"notes\"".into(),
            by: KitSelect::Path("/".into()),
        }],
    }
}

/// The commands of the printed text, in order.
fn commands(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("$ "))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_commands_restore_everything_as_they_stand() {
    let scratch = Scratch::new();
    let content = files(&[
        ("metadata.json", b"{\"verdict\":\"complete\"}".to_vec()),
        ("databases/tasks.json", b"{}".to_vec()),
        ("databases/tasks/run-1.ndjson", b"{\"id\":\"1\"}\n".to_vec()),
        ("files/data/livestore.db", b"SQLite format 3\0 and so on".to_vec()),
    ]);
    save(&scratch.vault, &content, time(1));
    let odd = scratch.folder.path().join("it's here; $HOME \"x\"");
    std::fs::rename(scratch.path(), &odd).unwrap();
    let kit = kit(odd.to_str().unwrap(), KitPassword::Printed(PASSWORD.into()));
    let all = commands(&kit.text());
    assert_eq!(all, kit.steps().iter().flat_map(|s| s.commands.clone()).collect::<Vec<_>>());
    // The machine the tests run on has restic; what is left is everything a person types after installing it.
    let typed: Vec<String> = all.into_iter().filter(|c| !c.starts_with("sudo apt-get ")).collect();
    assert!(typed.len() >= 12, "{typed:?}");
    let home = scratch.folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let output = Command::new("sh")
        .args(["-ec", &typed.join("\n")])
        .current_dir(&home)
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap())
        .env("HOME", &home)
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{shown}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        shown.contains("no errors were found") && shown.contains("restored/files/data/livestore.db"),
        "{shown}"
    );
    assert!(shown.contains("{\"verdict\":\"complete\"}"), "{shown}");
    for (path, content) in content {
        assert_eq!(std::fs::read(home.join("restored").join(path)).unwrap(), content);
    }
}

#[test]
fn the_page_is_self_contained_and_escaped() {
    let html = kit("/mnt/a<script>alert(1)</script>&\"'", KitPassword::Printed("p<&>\"'".into())).html();
    assert!(html.contains("Family &amp; &lt;b&gt;friends&lt;/b&gt;"));
    assert!(html.contains("p&lt;&amp;&gt;&quot;&#39;"));
    for banned in [
        "<script", "<link", "<img", "src=", "href=", "url(", "@import", "http:", "https:",
    ] {
        assert!(!html.contains(banned), "{banned}");
    }
    assert!(html.contains("@media print") && html.contains("@page"));
    assert_eq!(html.matches("<section>").count(), html.matches("</section>").count());
    assert!(html.contains("FORMAT.md") && html.contains("0123abcd") && html.contains("89abcdef"));
}

#[test]
fn without_the_password_there_is_a_field_and_restic_asks() {
    let kit = kit("/v", KitPassword::Field);
    let (html, text) = (kit.html(), kit.text());
    assert!(html.contains("class=\"field\"") && text.contains("______"));
    assert!(!html.contains("RESTIC_PASSWORD") && !text.contains("RESTIC_PASSWORD"));
    assert_eq!(format!("{:?}", KitPassword::Printed("secret".into())), "Printed(…)");
}

#[test]
fn a_name_cannot_forge_lines() {
    let mut kit = kit("/v", KitPassword::Field);
    kit.vault = "x\n   $ rm -rf ~".into();
    assert!(!commands(&kit.text()).iter().any(|c| c.starts_with("rm ")));
}
