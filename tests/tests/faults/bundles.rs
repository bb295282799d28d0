//! Bundles on the way: exports that are killed, cancelled, starved of space or not allowed to write leave nothing under the
//! bundle's name; imports that are killed leave no snapshot. What is left beside it goes with the next export.

use std::{
    fs,
    path::Path,
    process::{Child, Stdio},
};

use rustix::process::Signal;
use serde_json::Value;

use crate::{
    bench::Bench,
    data::tree,
    full::{code, run},
    mount::Mounted,
    place::{big_folder, go_on, packs, signal, until},
};

fn bench() -> Bench {
    let bench = Bench::with_vault();
    big_folder(&bench.path("docs"), 7);
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    fs::create_dir(bench.path("out")).unwrap();
    bench
}

fn start(bench: &Bench, args: &[&str]) -> Child {
    let mut command = bench.command(args);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Names in a directory.
fn names(dir: &Path) -> Vec<String> {
    let mut all: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    all.sort();
    all
}

/// Bytes below a path.
fn weight(path: &Path) -> u64 {
    let Ok(about) = fs::symlink_metadata(path) else { return 0 };
    if !about.is_dir() {
        return about.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| weight(&entry.path())).sum()
}

/// An export stopped (SIGSTOP) when some of its megabytes are written.
fn stopped_export(bench: &Bench, args: &[&str]) -> Child {
    let mut child = start(bench, args);
    until("the first megabytes", || weight(&bench.path("out")) > 4 << 20);
    signal(&child, Signal::STOP);
    assert!(child.try_wait().unwrap().is_none(), "it is in the middle");
    child
}

/// The newest runs of a kind, as their verdicts.
fn verdicts(bench: &Bench, kind: &str) -> Vec<Value> {
    let runs = bench.json(&["runs"])["runs"].as_array().unwrap().clone();
    let of_kind = runs.into_iter().filter(|run| run["kind"] == kind);
    of_kind.map(|run| run["verdict"].clone()).collect()
}

#[test]
fn an_export_that_is_killed() {
    let bench = bench();
    for (name, format) in [("x.backstay.zip", "zip"), ("x", "directory")] {
        let to = bench.text(&format!("out/{name}"));
        let args = ["export", "docs@latest", &to, "--format", format, "--json"];
        let mut child = stopped_export(&bench, &args);
        child.kill().unwrap();
        child.wait().unwrap();
        let left = names(&bench.path("out"));
        assert!(
            left.len() == 1 && left[0].starts_with(&format!(".{name}.")) && left[0].ends_with(".partial"),
            "it was killed in the middle, and nothing has the final name: {left:?}"
        );
        bench.ok(&args);
        assert_eq!(verdicts(&bench, "export")[..2], ["complete", "failed"]);
        assert_eq!(names(&bench.path("out")), [name], "the next one clears it away");
        bench.ok(&["import", &to, "--check"]);
        // An old bundle is replaced whole, or stays.
        let old = weight(Path::new(&to));
        let over = [&args[..], &["--only", "files/big7", "--overwrite"]].concat();
        let mut child = start(&bench, &over);
        child.kill().unwrap();
        child.wait().unwrap();
        bench.ok(&["import", &to, "--check"]);
        bench.ok(&over);
        assert!(weight(Path::new(&to)) < old / 10);
        assert_eq!(names(&bench.path("out")), [name]);
        fs::remove_dir_all(bench.path("out")).unwrap();
        fs::create_dir(bench.path("out")).unwrap();
    }
}

#[test]
fn an_export_that_is_cancelled() {
    let bench = bench();
    for (name, format) in [("x.backstay.zip", "zip"), ("x", "directory")] {
        let to = bench.text(&format!("out/{name}"));
        let child = stopped_export(&bench, &["export", "docs@latest", &to, "--format", format, "--json"]);
        signal(&child, Signal::INT);
        let (exit, out) = go_on(child);
        assert_eq!(exit, 130, "{out}");
        assert_eq!(names(&bench.path("out")), [""; 0], "nothing is left");
        assert_eq!(verdicts(&bench, "export")[0], "cancelled");
    }
    let to = bench.text("out/x.zip");
    bench.ok(&["export", "docs@latest", &to]);
    // Looking through it can be cancelled, too.
    let child = start(&bench, &["import", &to, "--check", "--json"]);
    std::thread::sleep(std::time::Duration::from_millis(150));
    signal(&child, Signal::INT);
    let (exit, out) = go_on(child);
    assert!([130, 0, -1].contains(&exit), "{exit}: {out}");
}

#[test]
fn an_export_onto_a_full_disk() {
    let bench = bench();
    let Some(disk) = Mounted::tmpfs(&bench.path("disk"), 8 << 10) else {
        return;
    };
    fs::write(bench.path("disk/x.zip"), "an older one").unwrap();
    for (name, format) in [("x.zip", "zip"), ("x", "directory")] {
        let to = bench.text(&format!("disk/{name}"));
        for left in [0, 16, 2 << 10, 6 << 10] {
            disk.leave(left);
            let ran = bench.run(&["export", "docs@latest", &to, "--format", format, "--overwrite", "--json"]);
            assert_eq!((ran.code, code(&ran).as_str()), (1, "full"), "{left} KiB: {ran:#?}");
            assert!(ran.out.contains("\"hint\""), "says what to do: {ran:#?}");
            disk.free();
            assert_eq!(names(&bench.path("disk")), ["x.zip"], "{left} KiB: nothing half is left");
            assert_eq!(fs::read(bench.path("disk/x.zip")).unwrap(), b"an older one");
            assert_eq!(verdicts(&bench, "export")[0], "failed");
        }
        bench.ok(&[
            "export",
            "docs@latest",
            &to,
            "--format",
            format,
            "--only",
            "files/big7",
            "--overwrite",
        ]);
        bench.ok(&["import", &to, "--check"]);
        let _ = fs::remove_dir_all(&to);
        fs::write(bench.path("disk/x.zip"), "an older one").unwrap();
    }
}

/// Records and large files of a ZIP are unpacked into temporary files.
#[test]
fn a_bundle_where_temporary_space_is_full() {
    let bench = Bench::with_vault();
    fs::create_dir(bench.path("docs")).unwrap();
    for n in 0..2_u32 {
        let lines = (0..1_200_000_u32).map(|line| format!("{} ", line.wrapping_mul(2_654_435_761 + n)));
        fs::write(bench.path(&format!("docs/{n}.log")), lines.collect::<String>()).unwrap();
    }
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    bench.ok(&["export", "docs@latest", &bench.text("x.zip")]);
    let temp = bench.path("tmp");
    let Some(disk) = Mounted::tmpfs(&temp, 4 << 10) else { return };
    let with_temp = |args: &[&str]| run(bench.command(args).env("TMPDIR", &temp));
    let to = bench.text("copy");
    disk.leave(64);
    let ran = with_temp(&["restore", "./x.zip", "--to", &to, "--json"]);
    assert_ne!(ran.code, 0, "each needs 13 MB of temporary space: {ran:#?}");
    assert!(ran.out.contains("\"full\""), "{ran:#?}");
    disk.free();
    assert_eq!(names(&temp), [""; 0], "nothing is left");
    let ran = with_temp(&["import", "./x.zip", "--check", "--json"]);
    assert_eq!(ran.code, 0, "comparing needs none: {ran:#?}");
    let _ = fs::remove_dir_all(&to);
    bench.ok(&["restore", "./x.zip", "--to", &to]);
    assert_eq!(tree(Path::new(&to)), tree(&bench.path("docs")));
}

#[test]
fn where_nothing_may_be_written() {
    let bench = bench();
    fs::create_dir(bench.path("disk")).unwrap();
    bench.ok(&[
        "export",
        "docs@latest",
        &bench.text("disk/x.zip"),
        "--only",
        "files/big1,files/big2",
    ]);
    let Some(mounted) = Mounted::bind(&bench.path("disk"), &bench.path("read-only")) else {
        return;
    };
    mounted.read_only(true);
    for format in ["zip", "directory"] {
        for name in ["x.zip", "new"] {
            let to = bench.text(&format!("read-only/{name}"));
            let ran = bench.run(&["export", "docs@latest", &to, "--format", format, "--overwrite", "--json"]);
            let refused = name == "x.zip" && format == "directory";
            let wanted = if refused { (4, "refused") } else { (6, "auth") };
            assert_eq!((ran.code, code(&ran).as_str()), wanted, "{ran:#?}");
        }
    }
    assert_eq!(names(&bench.path("disk")), ["x.zip"]);
    // Reading needs no right to write.
    let file = bench.text("read-only/x.zip");
    bench.ok(&["restore", &file, "--to", &bench.text("copy")]);
    bench.ok(&["import", &file]);
    assert_eq!(names(&bench.path("copy")), ["big1", "big2"]);
    let ran = bench.run(&["export", "docs@latest", &bench.text("nowhere/x.zip"), "--json"]);
    assert_eq!((ran.code, code(&ran).as_str()), (5, "notFound"), "{ran:#?}");
}

#[test]
fn an_import_that_is_killed() {
    let bench = bench();
    let file = bench.text("out/x.zip");
    bench.ok(&["export", "docs@latest", &file]);
    let other = ["vault", "create", "other", "--path", &bench.text("other")];
    bench.given(crate::bench::PASSWORD, &other).expect(0);
    let args = ["import", &file, "--into", "vault", "other", "--json"];
    let mut child = start(&bench, &args);
    until("a pack", || packs(&bench.path("other")) > 0);
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None, "it was killed in the middle");
    let there = || {
        bench.json(&["snapshots", "--vault", "other"])["snapshots"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(there(), 0, "no snapshot");
    bench.ok(&["verify", "other"]);
    assert_eq!(verdicts(&bench, "backup"), ["failed", "complete"]);
    bench.ok(&args);
    assert_eq!(verdicts(&bench, "backup")[0], "complete");
    assert_eq!(there(), 1);
    bench.ok(&["restore", "docs@latest", "--vault", "other", "--to", &bench.text("copy")]);
    assert_eq!(tree(&bench.path("copy")), tree(&bench.path("docs")));
    bench.ok(&["verify", "other", "--read-data"]);
}
