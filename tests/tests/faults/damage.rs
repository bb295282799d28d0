//! Damaged files of a vault and of the state, through the command line: exit 8, the damage named, a next step given, and
//! never a file that looks restored and is not.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use crate::{
    bench::{Bench, PASSWORD},
    data::{self, tree},
    dice::Dice,
    full::code,
};

fn overwrite(path: &Path, bytes: &[u8]) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(path, bytes).unwrap();
}

/// All files of the vault below `part`.
fn files(bench: &Bench, part: &str) -> Vec<PathBuf> {
    let root = bench.path("vault").join(part);
    let all = tree(&root).into_iter().map(|(path, _)| root.join(path));
    all.filter(|path| path.is_file()).collect()
}

type Harm = fn(&[u8]) -> Vec<u8>;

/// Ways to harm a file.
fn harms() -> Vec<(&'static str, Harm)> {
    vec![
        ("flipped", |good| {
            let mut bad = good.to_vec();
            bad[good.len() / 3] ^= 4;
            bad
        }),
        ("cut", |good| good[..good.len() / 2].to_vec()),
        ("empty", |_| Vec::new()),
        ("noise", |good| Dice::from(3).bytes(good.len())),
    ]
}

fn bench() -> Bench {
    let bench = Bench::with_vault();
    drop(data::tasks(&bench.path("app.db"), "delete", 100));
    bench.add_sqlite("app", &bench.path("app.db"));
    bench.back_up("app");
    bench
}

/// Every command that reads what is damaged says so with exit 8 and a hint; `verify` and `repair --dry-run` too.
#[test]
fn packs() {
    let bench = bench();
    for pack in files(&bench, "data") {
        let good = fs::read(&pack).unwrap();
        for (how, harm) in harms() {
            overwrite(&pack, &harm(&good));
            let what = format!("{} {how}", pack.display());
            let mut refused = 0;
            for args in [
                &["cat", "app@latest", "app.db", "--output", "out.db", "--json"][..],
                &["restore", "app@latest", "--to", "new/app.db", "--json"],
                &["ls", "app@latest", "tasks", "--json"],
                &["show", "app@latest", "--json"],
            ] {
                let ran = bench.run(args);
                if ran.code == 0 {
                    continue;
                }
                refused += 1;
                assert_eq!((ran.code, code(&ran).as_str()), (8, "damaged"), "{what} {args:?}: {ran:#?}");
                assert!(ran.out.contains("\"hint\""), "{what} {args:?}: {ran:#?}");
            }
            for made in ["out.db", "new/app.db"] {
                let made = bench.path(made);
                if made.exists() {
                    let same = data::fingerprint(&made) == data::fingerprint(&bench.path("app.db"));
                    assert!(same, "{what}: {} looks restored and is not", made.display());
                    fs::remove_file(made).unwrap();
                }
            }
            let _ = fs::remove_dir_all(bench.path("new"));
            let verified = bench.run(&["verify", "safe", "--read-data", "--json"]).expect(8);
            assert!(
                verified.out.contains(&pack.file_name().unwrap().to_str().unwrap()[..8]),
                "{what}: {verified:#?}"
            );
            assert!(refused > 0 || how == "flipped", "{what}: nobody noticed");
            overwrite(&pack, &good);
        }
    }
    bench.ok(&["verify", "safe", "--read-data"]);
}

#[test]
fn snapshots_keys_and_config() {
    let bench = bench();
    data::execute(&bench.path("app.db"), "DELETE FROM tags");
    bench.back_up("app");
    bench.intended();
    for (how, harm) in harms() {
        let file = files(&bench, "snapshots").remove(0);
        let id = file.file_name().unwrap().to_str().unwrap()[..8].to_owned();
        let good = fs::read(&file).unwrap();
        overwrite(&file, &harm(&good));
        let shown = bench.run(&["show", &id, "--json"]);
        assert_eq!((shown.code, code(&shown).as_str()), (8, "damaged"), "{how}: {shown:#?}");
        let listed = bench.run(&["snapshots", "--json"]).expect(3).json();
        assert!(listed["problems"].to_string().contains(&id), "{how}: {listed:#}");
        // Retention must not decide on half of the facts.
        let ran = bench.run(&["forget", "app", "--keep-last", "1", "--prune", "--yes", "--json"]);
        assert_eq!(ran.code, 8, "{how}: {ran:#?}");
        bench.run(&["prune", "safe", "--json"]).expect(8);
        overwrite(&file, &good);
        assert_eq!(bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 2, "{how}");

        let file = files(&bench, "keys").remove(0);
        let good = fs::read(&file).unwrap();
        overwrite(&file, &harm(&good));
        let ran = bench.given(PASSWORD, &["snapshots", "--json"]);
        // A flipped salt is no damage that can be told from a wrong password; its checksum, the name, tells.
        assert_eq!((ran.code, code(&ran).as_str()), (8, "damaged"), "{how}: {ran:#?}");
        assert!(ran.out.contains("\"hint\""), "{how}: {ran:#?}");
        bench.run(&["verify", "safe"]).expect(8);
        overwrite(&file, &good);

        let file = bench.path("vault/config");
        let good = fs::read(&file).unwrap();
        overwrite(&file, &harm(&good));
        let ran = bench.given(PASSWORD, &["backup", "app", "--json"]);
        assert_eq!((ran.code, code(&ran).as_str()), (8, "damaged"), "{how}: {ran:#?}");
        assert!(ran.out.contains("\"hint\""), "{how}: {ran:#?}");
        overwrite(&file, &good);
    }
    bench.ok(&["verify", "safe", "--read-data"]);
}

#[test]
fn indexes_are_gone_around() {
    let bench = bench();
    for (how, harm) in harms() {
        let file = files(&bench, "index").remove(0);
        let good = fs::read(&file).unwrap();
        overwrite(&file, &harm(&good));
        bench.ok(&["restore", "app@latest", "--to", &bench.text("copy.db")]);
        assert_eq!(
            data::fingerprint(&bench.path("copy.db")),
            data::fingerprint(&bench.path("app.db")),
            "{how}"
        );
        fs::remove_file(bench.path("copy.db")).unwrap();
        bench.run(&["verify", "safe"]).expect(8);
        let ran = bench.run(&["prune", "safe", "--json"]);
        assert!([0, 8].contains(&ran.code), "{how}: {ran:#?}");
        bench.ok(&["cat", "app@latest", "app.db", "--output", "out.db"]);
        fs::remove_file(bench.path("out.db")).unwrap();
        if file.exists() {
            overwrite(&file, &good);
        }
        bench.run(&["repair", "safe", "--yes"]);
        bench.ok(&["verify", "safe", "--read-data"]);
    }
    bench.restic(&["check", "--read-data"]).expect(0);
}

/// The state directory: the database, the remembered keys, the lock that names the owner.
#[test]
fn the_state() {
    for name in ["state.db", "secrets.age"] {
        for (how, harm) in harms() {
            let bench = bench();
            let file = bench.path("home").join(name);
            let good = fs::read(&file).unwrap();
            overwrite(&file, &harm(&good));
            let ran = bench.run(&["backup", "app", "--json"]);
            if ran.code != 0 {
                // A flipped bit in a page nobody reads is not noticed, and an empty file is a new one.
                assert!([5, 6, 8].contains(&ran.code), "{name} {how}: {ran:#?}");
                assert!(!ran.out.contains("internal"), "{name} {how}: {ran:#?}");
            }
            assert!(!ran.err.contains("panicked"), "{name} {how}: {ran:#?}");
            // The password opens the vault past both, from a new state: nothing is lost with it.
            let fresh = crate::full::run(
                bench
                    .command(&["vault", "add", "again", "--path", &bench.text("vault"), "--json"])
                    .env("BACKSTAY_HOME", bench.path("home2"))
                    .env("BACKSTAY_SECRETS_KEY_FILE", bench.path("secrets2.key"))
                    .env("BACKSTAY_PASSWORD", PASSWORD),
            );
            assert_eq!(fresh.code, 0, "{name} {how}: {fresh:#?}");
        }
    }
}

/// A plan file somebody cut or changed is refused before anything is written.
#[test]
fn plans() {
    let bench = bench();
    let file = bench.path("app.db");
    data::execute(&file, "UPDATE tasks SET title = 'x' WHERE id < 9");
    let before = data::fingerprint(&file);
    let plan = bench.path("plan.ndjson");
    bench.ok(&[
        "restore",
        "app@latest",
        "--only",
        "tasks",
        "--in-place",
        "--on-conflict",
        "remote",
        "--plan-out",
        plan.to_str().unwrap(),
    ]);
    let good = fs::read(&plan).unwrap();
    for (how, harm) in harms() {
        if how == "flipped" {
            continue;
        }
        overwrite(&plan, &harm(&good));
        let ran = bench.run(&["restore", "--plan", plan.to_str().unwrap(), "--yes", "--json"]);
        assert_ne!(ran.code, 0, "{how}: {ran:#?}");
        assert_eq!(data::fingerprint(&file), before, "{how}: nothing was written");
    }
    overwrite(&plan, &good);
    bench.ok(&["restore", "--plan", plan.to_str().unwrap(), "--yes"]);
    assert_eq!(data::value::<String>(&file, "SELECT title FROM tasks WHERE id = 3"), "task 3");
}

#[test]
fn a_wrong_password() {
    let bench = bench();
    for args in [
        &["snapshots", "--json"][..],
        &["backup", "app", "--json"],
        &["verify", "safe", "--json"],
        &["prune", "safe", "--json"],
        &["restore", "app@latest", "--to", "x", "--json"],
    ] {
        let ran = bench.given("not the password", args);
        assert_eq!((ran.code, code(&ran).as_str()), (6, "auth"), "{args:?}: {ran:#?}");
        assert!(
            ran.out.contains("\"hint\"") && !ran.out.contains("not the password"),
            "{ran:#?}"
        );
    }
    assert!(!bench.path("x").exists());
    assert_eq!(bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 1);
    bench.back_up("app");
}
