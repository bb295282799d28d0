//! Disks that are not there, go away in the middle, or may not be written.

use std::{
    fs,
    io::Read as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{bench::Bench, data::tree, dice::Dice, full::code, mount::Mounted};

pub fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Waits until `done`, for at most twenty seconds.
#[track_caller]
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} did not come");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// How many packs lie in a vault.
pub fn packs(vault: &Path) -> usize {
    let Ok(folders) = fs::read_dir(vault.join("data")) else {
        return 0;
    };
    let files = folders.filter_map(|folder| fs::read_dir(folder.ok()?.path()).ok()).flatten();
    files
        .filter(|file| file.as_ref().is_ok_and(|f| f.file_name().len() == 64))
        .count()
}

/// A folder that takes a while to back up.
pub fn big_folder(docs: &Path, seed: u64) {
    fs::create_dir_all(docs).unwrap();
    let mut dice = Dice::from(seed);
    let block = dice.bytes(1 << 20);
    for n in 0..80_u8 {
        // Each begins in its own way, so that nothing is stored once for several.
        let mut content: Vec<u8> = block.iter().map(|b| b ^ n).collect();
        content.extend_from_slice(&dice.next().to_be_bytes());
        fs::write(docs.join(format!("big{n}")), content).unwrap();
    }
}

/// A backup stopped (SIGSTOP) in the middle of its writing. Gives what it says at its end.
pub fn stopped_backup(bench: &Bench) -> Child {
    let before = packs(&bench.path("vault"));
    let mut child = bench
        .command(&["backup", "docs", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("a pack", || packs(&bench.path("vault")) > before);
    signal(&child, Signal::STOP);
    assert!(child.try_wait().unwrap().is_none(), "it is in the middle");
    child
}

/// Lets a stopped process go on; gives its exit code and output.
pub fn go_on(mut child: Child) -> (i32, String) {
    signal(&child, Signal::CONT);
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    (child.wait().unwrap().code().unwrap_or(-1), out)
}

fn count(bench: &Bench) -> usize {
    bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len()
}

/// A vault on a disk of its own, which can be unmounted.
fn on_a_disk() -> Option<(Bench, Mounted)> {
    let bench = Bench::new();
    fs::create_dir_all(bench.path("disk")).unwrap();
    let mounted = Mounted::bind(&bench.path("disk"), &bench.path("vault"))?;
    let create = ["vault", "create", "safe", "--path", &bench.text("vault")];
    bench.given(crate::bench::PASSWORD, &create).expect(0);
    fs::create_dir_all(bench.path("docs")).unwrap();
    fs::write(bench.path("docs/a"), "first").unwrap();
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    Some((bench, mounted))
}

#[test]
fn a_disk_that_is_not_mounted() {
    let Some((bench, mounted)) = on_a_disk() else { return };
    mounted.take_away();
    assert_eq!(fs::read_dir(bench.path("vault")).unwrap().count(), 0, "it is gone");
    for args in [
        &["backup", "docs", "--json"][..],
        &["verify", "safe", "--json"],
        &["prune", "safe", "--json"],
        &["restore", "docs@latest", "--to", "x", "--json"],
        &["cat", "docs@latest", "a", "--json"],
    ] {
        let ran = bench.run(args);
        assert!(ran.code == 5 || ran.code == 1, "{args:?} {ran:#?}");
        assert!(["notFound", "unreachable"].contains(&code(&ran).as_str()), "{ran:#?}");
        assert!(
            ran.out.contains("\"hint\"") && ran.out.contains("attached"),
            "says what to do: {ran:#?}"
        );
    }
    assert_eq!(
        fs::read_dir(bench.path("vault")).unwrap().count(),
        0,
        "nothing was made in its place"
    );
    let _again = Mounted::bind(&bench.path("disk"), &bench.path("vault")).unwrap();
    bench.back_up("docs");
    bench.ok(&["verify", "safe", "--read-data"]);
}

#[test]
fn a_disk_that_goes_away_in_the_middle() {
    let Some((bench, mounted)) = on_a_disk() else { return };
    big_folder(&bench.path("docs"), 1);
    let child = stopped_backup(&bench);
    mounted.take_away();
    let (exit, out) = go_on(child);
    assert!(exit == 1 || exit == 5 || exit == 7, "{exit} {out}");
    let stray: Vec<_> = tree(&bench.path("vault"))
        .into_iter()
        .filter(|(_, what)| what != "dir")
        .collect();
    assert!(stray.is_empty(), "nothing was made in its place: {stray:?}");
    let _again = Mounted::bind(&bench.path("disk"), &bench.path("vault")).unwrap();
    assert_eq!(count(&bench), 1, "nothing half");
    // The lock of the run could not be removed; its process is dead, so that it stops nobody.
    bench.back_up("docs");
    bench.ok(&["verify", "safe", "--read-data"]);
    bench.restic(&["unlock"]).expect(0);
    bench.restic(&["check", "--read-data"]).expect(0);
}

#[test]
fn a_disk_that_becomes_read_only() {
    let Some((bench, mounted)) = on_a_disk() else { return };
    mounted.read_only(true);
    fs::write(bench.path("docs/b"), "second").unwrap();
    let ran = bench.run(&["backup", "docs", "--json"]);
    assert_eq!((ran.code, code(&ran).as_str()), (6, "auth"), "{ran:#?}");
    assert_eq!(count(&bench), 1, "listing needs no writing");
    assert_eq!(bench.ok(&["cat", "docs@latest", "a"]).out, "first");
    bench.ok(&["restore", "docs@latest", "--to", &bench.text("copy")]);
    bench.ok(&["ls", "docs@latest"]);
    for args in [
        &["prune", "safe", "--json"][..],
        &["forget", "docs", "--keep-last", "1", "--yes", "--json"],
    ] {
        let ran = bench.run(args);
        assert!(ran.code == 6 || ran.code == 0, "{ran:#?}");
    }
    mounted.read_only(false);
    bench.back_up("docs");
    // In the middle of a backup.
    big_folder(&bench.path("docs"), 2);
    let child = stopped_backup(&bench);
    let remount = Command::new("mount")
        .args(["-o", "remount,bind,ro"])
        .arg(bench.path("vault"))
        .output()
        .unwrap();
    let fired = remount.status.success();
    let (exit, out) = go_on(child);
    if fired {
        assert_eq!(exit, 6, "{out}");
        mounted.read_only(false);
        assert_eq!(count(&bench), 2, "nothing half");
    } else {
        println!("a file was open for writing, so the disk could not be made read-only");
        assert_eq!(exit, 0, "{out}");
    }
    bench.back_up("docs");
    bench.ok(&["verify", "safe", "--read-data"]);
}
