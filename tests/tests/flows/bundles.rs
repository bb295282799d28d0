//! Bundles of a folder: out of one vault, looked into, restored from, and into another vault, without losing anything on the way.

use std::{
    ffi::OsStr,
    fs::{self, File, Permissions},
    os::unix::{
        ffi::OsStrExt,
        fs::{FileExt, MetadataExt, PermissionsExt, symlink},
    },
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::{
    bench::Bench,
    data::{self, tree},
};

/// Both kinds of bundle, and what the tests call them.
pub const KINDS: [(&str, &str); 2] = [("x.backstay.zip", "zip"), ("x-bundle", "directory")];
/// Size of the file with a hole.
const HOLE: u64 = 24 << 20;

fn bench() -> Bench {
    let bench = Bench::with_vault();
    data::folder(&bench.path("docs"));
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    bench
}

/// What makes trouble on the way from one disk to another.
fn odd_folder(root: &Path) {
    data::folder(root);
    let write = |name: &[u8], content: &[u8]| fs::write(root.join(OsStr::from_bytes(name)), content).unwrap();
    let (longest, wide) = ("x".repeat(255), "ü".repeat(127));
    for name in [
        &b"latin-\xe9.txt"[..],
        "caf\u{e9}".as_bytes(),
        "cafe\u{301}".as_bytes(),
        b"README",
        b"readme",
        b"con",
        b"NUL.txt",
        b"a:b?*<>|\"",
        b"back\\slash",
        b"ends.",
        b"ends ",
        b"tab\there\nline",
        b"100%41",
        b"checksums",
        b"metadata.json",
        longest.as_bytes(),
        wide.as_bytes(),
    ] {
        write(name, name);
    }
    fs::create_dir_all(root.join("hollow/deep/er")).unwrap();
    for (at, name) in ["A", "a"].iter().enumerate() {
        fs::create_dir_all(root.join("twins").join(name)).unwrap();
        fs::write(root.join("twins").join(name).join("same"), at.to_string()).unwrap();
    }
    symlink("../nowhere/%41", root.join("dangling")).unwrap();
    symlink("photos", root.join("to a directory")).unwrap();
    symlink("/etc/passwd", root.join("twins/absolute")).unwrap();
    symlink(OsStr::from_bytes(b"latin-\xe9.txt"), root.join("odd target")).unwrap();
    write(b"text.log", "the same words again and again; ".repeat(200_000).as_bytes());
    write(b"zeros", &vec![0; 6 << 20]);
    let sparse = File::create(root.join("sparse.img")).unwrap();
    sparse.write_all_at(b"begin", 0).unwrap();
    sparse.write_all_at(b"end", HOLE - 3).unwrap();
    for (name, mode) in [("notes.txt", 0o600), ("README", 0o755), ("hollow", 0o700), ("readme", 0o444)] {
        fs::set_permissions(root.join(name), Permissions::from_mode(mode)).unwrap();
    }
    let old = SystemTime::UNIX_EPOCH + Duration::new(981_173_106, 123_456_789);
    for name in ["README", "notes.txt"] {
        File::open(root.join(name)).unwrap().set_modified(old).unwrap();
    }
}

/// [`tree`] with modes and times.
fn facts(root: &Path) -> Vec<(PathBuf, String)> {
    let with = |(path, what): (PathBuf, String)| {
        let about = fs::symlink_metadata(root.join(&path)).unwrap();
        let more = match about.is_symlink() {
            true => what,
            false => format!("{what} {:o} {}.{}", about.mode(), about.mtime(), about.mtime_nsec()),
        };
        (path, more)
    };
    tree(root).into_iter().map(with).collect()
}

#[test]
fn a_restore_from_a_bundle_is_a_restore_from_the_snapshot() {
    let bench = Bench::with_vault();
    odd_folder(&bench.path("docs"));
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    let docs = bench.path("docs");
    bench.long(&["restore", "docs@latest", "--to", &bench.text("from-vault")]);
    let wanted = facts(&bench.path("from-vault"));
    assert_eq!(wanted, facts(&docs), "the snapshot itself");
    for (name, format) in KINDS {
        let file = bench.text(name);
        let reply = bench.long(&["export", "docs@latest", &file, "--format", format]);
        assert_eq!(reply["verdict"], "complete", "{reply:#}");
        let files = wanted.iter().filter(|(path, _)| {
            let about = fs::symlink_metadata(docs.join(path)).unwrap();
            about.is_file()
        });
        assert_eq!(reply["files"], files.count(), "{reply:#}");
        bench.run(&["export", "docs@latest", &file, "--format", format]).expect(4);
        bench.long(&["export", "docs@latest", &file, "--format", format, "--overwrite"]);
        bench.long(&["import", &file, "--check"]);

        let to = bench.path(&format!("from-{format}"));
        let reply = bench.long(&["restore", &file, "--to", to.to_str().unwrap()]);
        assert_eq!(
            (&reply["verdict"], &reply["readBack"]["score"]),
            (&"complete".into(), &100.0.into()),
            "{reply:#}"
        );
        assert_eq!(facts(&to), wanted, "{format}");
        let sparse = fs::metadata(to.join("sparse.img")).unwrap();
        assert!(
            sparse.len() == HOLE && sparse.blocks() * 512 < HOLE / 4,
            "the hole stays one: {} blocks",
            sparse.blocks()
        );
        let diff = bench.json(&["diff", &file, "docs@latest"]);
        assert!(diff["changes"].as_array().is_none_or(Vec::is_empty), "{diff:#}");
    }
    // A bundle of a bundle is the bundle, byte for byte.
    let first = bench.text("x.backstay.zip");
    bench.long(&["export", &first, &bench.text("second.backstay.zip")]);
    assert_eq!(
        fs::read(&first).unwrap(),
        fs::read(bench.path("second.backstay.zip")).unwrap()
    );
    bench.long(&["export", &bench.text("x-bundle"), &bench.text("third.backstay.zip")]);
    assert_eq!(fs::read(&first).unwrap(), fs::read(bench.path("third.backstay.zip")).unwrap());
}

#[test]
fn a_bundle_is_looked_into_like_a_snapshot() {
    let bench = bench();
    for (name, format) in KINDS {
        let file = bench.text(name);
        bench.long(&["export", "docs@latest", &file, "--format", format]);
        let shown = bench.json(&["show", &file]);
        assert_eq!(shown["metadata"]["sourceName"], "docs", "{shown:#}");
        for reference in [file.clone(), format!("bundle:{file}"), name.to_owned()] {
            let names = |reply: &serde_json::Value| {
                let files = reply["files"].as_array().unwrap();
                files
                    .iter()
                    .map(|f| f["path"].as_str().unwrap().to_owned())
                    .collect::<Vec<_>>()
            };
            let top = bench.json(&["ls", &reference, "files"]);
            assert_eq!(names(&top), names(&bench.json(&["ls", "docs@latest", "files"])));
            let found = bench.json(&["ls", &reference, "files", "--search", "BEACH"]);
            assert_eq!(names(&found), ["photos/2026/beach.jpg"]);
            assert_eq!(bench.ok(&["cat", &reference, "notes.txt"]).out, "remember the milk\n");
            assert_eq!(bench.ok(&["cat", &reference, "files/notes.txt"]).out, "remember the milk\n");
            bench.run(&["cat", &reference, "nothing.txt"]).expect(5);
            let got = bench.json(&["get", &reference, "files", "notes.txt"]);
            assert_eq!(got["hash"], bench.json(&["get", "docs@latest", "files", "notes.txt"])["hash"]);
        }
        let note = bench.path("docs/notes.txt");
        fs::write(&note, "newer\n").unwrap();
        let diff = bench.json(&["diff", &file, "live"]);
        assert_eq!(diff["changes"][0]["id"], "notes.txt", "{diff:#}");
        assert_eq!(diff["collections"][0]["counts"]["changed"], 1, "{diff:#}");
        fs::write(&note, "remember the milk\n").unwrap();
    }
    bench.run(&["ls", "./nothing.zip"]).expect(5);
    bench.run(&["ls", "docs/notes.txt"]).expect(1);
}

#[test]
fn chosen_things_come_back_in_place_and_go_again() {
    let bench = bench();
    for (name, format) in KINDS {
        let file = bench.text(name);
        bench.long(&["export", "docs@latest", &file, "--format", format]);
        let (note, beach, third) = (
            bench.path("docs/notes.txt"),
            bench.path("docs/photos/2026/beach.jpg"),
            bench.path("docs/empty"),
        );
        fs::write(&note, "newer\n").unwrap();
        fs::write(&third, "not chosen\n").unwrap();
        fs::remove_file(&beach).unwrap();
        let before = tree(&bench.path("docs"));
        let plan = bench.text(&format!("{format}.plan"));
        let only = "files/notes.txt,files/photos";
        let restore = ["restore", &file, "--only", only, "--in-place", "--on-conflict", "remote"];
        let reply = bench.json(&[&restore[..], &["--plan-out", &plan]].concat());
        let counts = &reply["plan"]["counts"];
        assert_eq!((&counts["create"], &counts["update"]), (&1.into(), &1.into()), "{reply:#}");
        bench.run(&["restore", "--plan", &plan]).expect(4);
        assert_eq!(tree(&bench.path("docs")), before, "a preview changes nothing");
        let reply = bench.long(&["restore", "--plan", &plan, "--yes"]);
        assert_eq!(
            (&reply["verdict"], &reply["written"]),
            (&"complete".into(), &2.into()),
            "{reply:#}"
        );
        assert_eq!(fs::read_to_string(&note).unwrap(), "remember the milk\n");
        assert!(beach.exists());
        assert_eq!(fs::read_to_string(&third).unwrap(), "not chosen\n");
        // The bundle is not needed to take it back.
        fs::rename(bench.path(name), bench.path("away")).unwrap();
        bench.long(&["undo", reply["run"].as_str().unwrap(), "--yes"]);
        assert_eq!(tree(&bench.path("docs")), before);
        fs::rename(bench.path("away"), bench.path(name)).unwrap();
        bench.long(&["restore", &file, "--in-place", "--on-conflict", "remote", "--yes"]);
    }
}

#[test]
fn a_plan_refuses_another_bundle_than_its_own() {
    let bench = bench();
    for (name, format) in KINDS {
        let file = bench.text(name);
        bench.long(&["export", "docs@latest", &file, "--format", format]);
        let (to, plan) = (bench.text("copy"), bench.text("plan.ndjson"));
        bench.json(&["restore", &file, "--to", &to, "--plan-out", &plan]);
        fs::rename(bench.path(name), bench.path("moved")).unwrap();
        bench.run(&["restore", "--plan", &plan, "--yes"]).expect(5);
        let export = ["export", "docs@latest", &file, "--format", format];
        bench.long(&[&export[..], &["--only", "files/notes.txt"]].concat());
        let ran = bench.run(&["restore", "--plan", &plan, "--yes"]).expect(1);
        assert!(
            ran.err.contains("no longer the bundle") && ran.err.contains("Hint:"),
            "{ran:#?}"
        );
        assert!(!bench.path("copy").exists(), "nothing was written");
        // The very same bundle, made again.
        bench.long(&[&export[..], &["--overwrite"]].concat());
        bench.long(&["restore", "--plan", &plan, "--yes"]);
        assert_eq!(tree(&bench.path("copy")), tree(&bench.path("docs")));
        fs::remove_dir_all(bench.path("copy")).unwrap();
        fs::remove_file(&plan).unwrap();
        let moved = bench.path("moved");
        let _ = fs::remove_file(&moved).or_else(|_| fs::remove_dir_all(&moved));
    }
}

#[test]
fn an_imported_bundle_is_one_more_point_in_time() {
    let bench = bench();
    let file = bench.text("docs.backstay.zip");
    bench.long(&["export", "docs@latest", &file]);
    let count = |source: &str| {
        bench.json(&["snapshots", "--source", source])["snapshots"]
            .as_array()
            .unwrap()
            .len()
    };
    for again in 2..4 {
        let reply = bench.long(&["import", &file]);
        assert_eq!(reply["verdict"], "complete", "{reply:#}");
        assert!(reply["stored"].as_u64().unwrap() < 20_000, "the vault has it all: {reply:#}");
        assert_eq!(count("docs"), again);
        let id = reply["snapshot"].as_str().unwrap();
        let tags = bench.json(&["show", id])["snapshot"]["tags"].to_string();
        assert!(tags.contains("imported"), "{tags}");
        let to = bench.path(&format!("copy{again}"));
        bench.long(&["restore", id, "--to", to.to_str().unwrap()]);
        assert_eq!(tree(&to), tree(&bench.path("docs")));
    }
    // Backups go on, and the newest is the newest.
    fs::write(bench.path("docs/notes.txt"), "newer\n").unwrap();
    bench.back_up("docs");
    bench.long(&["import", &file]);
    assert_eq!(bench.ok(&["cat", "docs@latest", "notes.txt"]).out, "newer\n");
    // Under a name of its own it is in the list, and named by its id: nothing is set up here that it belongs to.
    let reply = bench.long(&["import", &file, "--source", "old laptop"]);
    let id = reply["snapshot"].as_str().unwrap();
    let all = bench.json(&["snapshots"]);
    let row = all["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["id"] == id)
        .unwrap();
    assert_eq!(row["source"], "old laptop", "{row:#}");
    bench.long(&["restore", id, "--to", &bench.text("laptop")]);
    assert_eq!(
        fs::read_to_string(bench.path("laptop/notes.txt")).unwrap(),
        "remember the milk\n"
    );
    // Not as a source of another kind, not into nothing.
    drop(data::tasks(&bench.path("app.db"), "delete", 3));
    bench.add_sqlite("app", &bench.path("app.db"));
    bench.run(&["import", &file, "--source", "app"]).expect(2);
    bench.run(&["import", &file, "--into", "vault", "nowhere"]).expect(5);
    bench.run(&["import", &file, "--into", "shelf", "safe"]).expect(2);
    // Into another vault, in the eyes of the stock program.
    bench
        .given(
            crate::bench::PASSWORD,
            &["vault", "create", "other", "--path", &bench.text("other")],
        )
        .expect(0);
    bench.long(&["import", &file, "--into", "vault", "other"]);
    // Other content of the same size and time, which only reading can tell.
    let (note, time) = (
        bench.path("docs/notes.txt"),
        fs::metadata(bench.path("copy2/notes.txt")).unwrap(),
    );
    fs::write(&note, "remember the beer\n").unwrap();
    File::open(&note).unwrap().set_modified(time.modified().unwrap()).unwrap();
    bench.back_up("docs");
    bench.long(&["export", "docs@latest", &bench.text("beer.zip")]);
    let reply = bench.long(&["import", "./beer.zip", "--into", "vault", "other"]);
    let id = reply["snapshot"].as_str().unwrap();
    assert_eq!(bench.ok(&["cat", id, "notes.txt"]).out, "remember the beer\n");
    bench.ok(&["verify", "other", "--read-data"]);
    bench.ok(&["verify", "safe", "--read-data"]);
    bench.restic(&["check", "--read-data"]).expect(0);
}

#[test]
fn without_a_vault_nothing_is_overwritten() {
    let bench = bench();
    let file = bench.text("docs.backstay.zip");
    bench.long(&["export", "docs@latest", &file]);
    bench.ok(&["vault", "remove", "safe", "--yes"]);
    let note = bench.path("docs/notes.txt");
    fs::write(&note, "newer\n").unwrap();
    let in_place = ["restore", &file, "--in-place", "--on-conflict", "remote", "--yes"];
    let ran = bench.run(&in_place).expect(4);
    assert!(ran.err.contains("no vault") && ran.err.contains("Hint:"), "{ran:#?}");
    assert_eq!(fs::read_to_string(&note).unwrap(), "newer\n");
    bench.run(&["import", &file]).expect(5);
    let reply = bench.long(&["restore", &file, "--to", &bench.text("copy")]);
    assert_eq!(reply["readBack"]["score"], 100.0, "{reply:#}");
    assert_eq!(
        fs::read_to_string(bench.path("copy/notes.txt")).unwrap(),
        "remember the milk\n"
    );
    // On a machine that knows neither source nor vault.
    let other = Bench::new();
    other.long(&["restore", &file, "--to", &other.text("copy")]);
    assert_eq!(tree(&other.path("copy")), tree(&bench.path("copy")));
}

#[test]
fn what_does_not_fit_its_checksum_is_named_and_not_used() {
    let bench = bench();
    let file = bench.path("x-bundle");
    bench.long(&["export", "docs@latest", file.to_str().unwrap(), "--format", "directory"]);
    fs::write(file.join("files/notes.txt"), "remember the beer\n").unwrap();
    let count = || bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len();
    let before = count();
    let ran = bench.run(&["import", "./x-bundle", "--check", "--json"]).expect(8);
    let reply = ran.result();
    assert_eq!((&reply["intact"], &reply["damaged"]), (&false.into(), &1.into()), "{reply:#}");
    assert!(reply["damage"][0].as_str().unwrap().contains("files/notes.txt"), "{reply:#}");
    let text = bench.run(&["import", "./x-bundle", "--check"]).expect(8);
    assert!(text.out.contains("1 file is DAMAGED"), "{text:#?}");
    let ran = bench.run(&["import", "./x-bundle"]).expect(8);
    assert!(ran.err.contains("notes.txt"), "{ran:#?}");
    assert_eq!(count(), before, "no snapshot of it");
    bench.run(&["cat", "./x-bundle", "notes.txt"]).expect(8);
    let ran = bench.run(&["restore", "./x-bundle", "--to", &bench.text("copy"), "--json"]);
    assert!([3, 8].contains(&ran.code) && ran.out.contains("notes.txt"), "{ran:#?}");
    assert!(!bench.path("copy/notes.txt").exists(), "wrong content is not written");
    // What is not damaged can still be had.
    bench.long(&[
        "restore",
        "./x-bundle",
        "--only",
        "files/photos",
        "--to",
        &bench.text("photos"),
    ]);
    assert_eq!(
        fs::read(bench.path("photos/photos/2026/beach.jpg")).unwrap(),
        fs::read(bench.path("docs/photos/2026/beach.jpg")).unwrap()
    );
}
