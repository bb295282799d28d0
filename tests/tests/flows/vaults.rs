//! Vaults: keys, passwords, recovery kit, locks, several vaults.

use std::fs;

use crate::{
    bench::{Bench, PASSWORD},
    data,
};

#[test]
fn several_keys_and_a_new_password() {
    let bench = Bench::with_vault();
    let extra = bench.path("extra-password");
    fs::write(&extra, "a second key\n").unwrap();
    bench.ok(&["vault", "key", "add", "safe", "--new-password-file", extra.to_str().unwrap()]);
    let keys = bench.json(&["vault", "key", "list", "safe"]);
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "{keys:#}");
    bench.given("a second key", &["vault", "info", "safe"]).expect(0);
    bench.given("neither", &["vault", "info", "safe"]).expect(6);

    let change = bench
        .command(&["vault", "password", "safe"])
        .env("BACKSTAY_PASSWORD", PASSWORD)
        .env("BACKSTAY_NEW_PASSWORD", "changed")
        .output();
    assert!(change.unwrap().status.success());
    bench.given(PASSWORD, &["vault", "info", "safe"]).expect(6);
    bench.given("changed", &["vault", "info", "safe"]).expect(0);
    // The remembered key still opens it, and so does the other password.
    bench.ok(&["vault", "info", "safe"]);
    bench.given("a second key", &["vault", "info", "safe"]).expect(0);

    let second = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .max_by_key(|key| key["created"].as_str().map(str::to_owned))
        .unwrap()["id"]
        .clone();
    bench
        .run(&["vault", "key", "remove", "safe", second.as_str().unwrap()])
        .expect(4);
    bench.ok(&["vault", "key", "remove", "safe", second.as_str().unwrap(), "--yes"]);
    bench.given("a second key", &["vault", "info", "safe"]).expect(6);
    bench.given("changed", &["vault", "info", "safe"]).expect(0);
}

#[test]
fn passwords_come_from_file_command_and_environment() {
    let bench = Bench::with_vault();
    let file = bench.path("pw");
    fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let none = |args: &[&str]| {
        let mut command = bench.command(args);
        command.env("BACKSTAY_SECRETS", "none");
        command
    };
    let code = |args: &[&str]| none(args).output().unwrap().status.code().unwrap();
    assert_eq!(code(&["vault", "info", "safe"]), 6, "nobody knows it");
    assert_eq!(code(&["vault", "info", "safe", "--password-file", file.to_str().unwrap()]), 0);
    assert_eq!(
        code(&[
            "vault",
            "info",
            "safe",
            "--password-command",
            &format!("cat {}", file.display())
        ]),
        0
    );
    assert_eq!(code(&["vault", "info", "safe", "--password-command", "exit 3"]), 6);
    assert_eq!(code(&["vault", "info", "safe", "--password-file", "/nowhere"]), 5);
    assert_eq!(
        none(&["vault", "info", "safe"])
            .env("BACKSTAY_PASSWORD", PASSWORD)
            .output()
            .unwrap()
            .status
            .code(),
        Some(0)
    );
}

#[test]
fn the_recovery_kit_is_a_page_that_is_enough() {
    let bench = Bench::with_vault();
    data::folder(&bench.path("docs"));
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    let kit = bench.path("kit.html");
    let with = [
        "vault",
        "recovery-kit",
        "safe",
        "--with-password",
        "--output",
        kit.to_str().unwrap(),
    ];
    bench.given(PASSWORD, &with).expect(0);
    let page = fs::read_to_string(&kit).unwrap();
    assert!(
        page.contains(PASSWORD) && page.contains("restic") && page.contains("<html"),
        "{page}"
    );
    assert!(
        !page.contains("http://") && !page.contains("<script"),
        "the page needs nothing from outside"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&kit).unwrap().permissions().mode() & 0o077,
            0,
            "only its owner may read it"
        );
    }
    // It is never overwritten, and without --with-password it holds no password.
    bench.given(PASSWORD, &with).expect(4);
    let text = bench.ok(&["vault", "recovery-kit", "safe", "--format", "text"]).out;
    assert!(
        !text.contains(PASSWORD) && text.contains(&bench.text("vault")) && text.contains("restic"),
        "{text}"
    );
}

#[test]
fn a_backup_into_two_vaults_and_a_vault_added_elsewhere() {
    let bench = Bench::with_vault();
    bench
        .given(PASSWORD, &["vault", "create", "offsite", "--path", &bench.text("vault2")])
        .expect(0);
    data::folder(&bench.path("docs"));
    bench.add_folder("docs", &bench.path("docs"));
    let reply = bench.long(&["backup", "--all", "--vault", "safe", "--vault", "offsite", "--tag", "monthly"]);
    assert_eq!(reply["runs"].as_array().unwrap().len(), 2, "{reply:#}");
    let offsite = bench.json(&["snapshots", "--vault", "offsite"]);
    assert!(
        offsite["snapshots"][0]["tags"]
            .as_array()
            .unwrap()
            .contains(&"monthly".into()),
        "{offsite:#}"
    );

    // A machine that knows nothing but the vault: the disaster.
    let other = Bench::new();
    let add = ["vault", "add", "rescued", "--path", &bench.text("vault2")];
    other.given("wrong", &add).expect(6);
    other.given(PASSWORD, &add).expect(0);
    let to = other.text("back");
    let reply = other.long(&["restore", "latest", "--to", &to]);
    assert_eq!(reply["verdict"], "complete", "{reply:#}");
    assert_eq!(data::tree(&other.path("back")), data::tree(&bench.path("docs")));
}

#[test]
fn names_are_unique_and_removal_leaves_the_files() {
    let bench = Bench::with_vault();
    bench
        .given(PASSWORD, &["vault", "create", "safe", "--path", &bench.text("other")])
        .expect(4);
    assert!(!bench.path("other").exists());
    bench
        .given(PASSWORD, &["vault", "create", "twin", "--path", &bench.text("vault")])
        .expect(4);
    bench.run(&["vault", "remove", "safe"]).expect(4);
    bench.ok(&["vault", "remove", "safe", "--yes"]);
    assert!(bench.path("vault/config").exists());
    assert_eq!(bench.json(&["vault", "list"])["vaults"].as_array().map(Vec::len), Some(0));
}

#[test]
fn only_stale_locks_are_removed() {
    let bench = Bench::with_vault();
    let reply = bench.json(&["vault", "unlock", "safe"]);
    assert_eq!(reply["removed"], serde_json::json!([]));
}

/// The commonest disaster: the machine, and Backstay's own state with it, is gone; the vault is left.
#[test]
fn a_reinstalled_backstay_goes_on_with_the_history_it_finds() {
    let bench = Bench::with_vault();
    let docs = bench.path("docs");
    fs::create_dir(&docs).unwrap();
    fs::write(docs.join("a.txt"), "one").unwrap();
    bench.add_folder("docs", &docs);
    let first = bench.back_up("docs");
    fs::rename(bench.path("home"), bench.path("lost")).unwrap();

    let vault = bench.text("vault");
    bench.given(PASSWORD, &["vault", "add", "safe", "--path", &vault]).expect(0);
    let add = |name: &str| bench.run(&["source", "add", "folder", name, "--path", docs.to_str().unwrap(), "--adopt"]);
    add("other").expect(5);
    add("docs").expect(0);
    add("docs").expect(5);

    fs::write(docs.join("b.txt"), "two").unwrap();
    let second = bench.back_up("docs");
    let listed = bench.json(&["snapshots", "--source", "docs"]);
    let ids: Vec<_> = listed["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [first.as_str(), second.as_str()], "one history");
    let changes = bench.json(&["diff", &first, &second]);
    assert_eq!(changes["collections"][0]["counts"]["added"], 1, "{changes:#}");
    let audit = bench.json(&["audit", "verify"]);
    assert_eq!(
        (&audit["intact"], &audit["confirmedBySnapshots"]),
        (&true.into(), &1.into()),
        "heads of the lost state are no witnesses of this one: {audit:#}"
    );
}
