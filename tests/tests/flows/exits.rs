//! The exit code of each class of failure, and that the message names the thing and the next step.

use std::{
    fs,
    io::Read,
    process::Stdio,
    time::{Duration, Instant},
};

use crate::{
    bench::{Bench, PASSWORD},
    data,
};

#[test]
fn usage() {
    let bench = Bench::new();
    bench.run(&["no-such-command"]).expect(2);
    bench.run(&["backup"]).expect(2);
    bench.run::<&str>(&[]).expect(2);
    bench.run(&["vault", "list", "--bogus"]).expect(2);
    bench.run(&["source", "add", "nothing", "x"]).expect(2);
    let json = bench.run(&["no-such-command", "--json"]).expect(2);
    assert_eq!(json.json()["error"]["code"], "usage");
    bench.run(&["--help"]).expect(0);
    bench.run(&["--version"]).expect(0);
}

#[test]
fn not_found() {
    let bench = Bench::with_vault();
    for args in [
        &["backup", "nobody"][..],
        &["show", "12345678"],
        &["vault", "info", "nowhere"],
        &["source", "show", "nobody"],
        &["runs", "00000000"],
        &["undo", "00000000", "--yes"],
    ] {
        let ran = bench.run(args).expect(5);
        assert!(ran.err.starts_with("Error: ") && ran.out.is_empty(), "{ran:#?}");
        let json = bench.run(&[args, &["--json"]].concat()).expect(5);
        let error = json.events().pop().unwrap();
        assert_eq!(error["error"]["code"], "notFound", "{json:#?}");
    }
}

#[test]
fn wrong_password() {
    let bench = Bench::with_vault();
    let ran = bench.given("wrong", &["vault", "info", "safe"]).expect(6);
    assert!(ran.err.contains("password") && ran.err.contains("Hint:"), "{ran:#?}");
    assert!(!ran.err.contains("wrong\""), "a password is never shown: {ran:#?}");
}

#[test]
fn refused_without_yes() {
    let bench = Bench::with_vault();
    for args in [&["vault", "remove", "safe"][..], &["repair", "safe"]] {
        let ran = bench.run(args).expect(4);
        assert!(ran.err.contains("--yes"), "{ran:#?}");
    }
}

#[test]
fn partial_and_failed_backups() {
    let bench = Bench::with_vault();
    data::folder(&bench.path("docs"));
    bench.add_folder("docs", &bench.path("docs"));
    fs::remove_dir_all(bench.path("docs")).unwrap();
    let gone = bench.run(&["backup", "docs", "--json"]);
    assert_eq!(gone.code, 5, "the folder is gone: {gone:#?}");
    assert_eq!(bench.json(&["snapshots"])["snapshots"].as_array().map(Vec::len), Some(0));
    let runs = bench.json(&["runs"]);
    assert_eq!(runs["runs"][0]["verdict"], "failed", "{runs:#}");
}

#[test]
fn a_missing_source_folder_is_no_source() {
    let bench = Bench::with_vault();
    let missing = bench.text("missing");
    bench.run(&["source", "add", "folder", "docs", "--path", &missing]).expect(5);
    assert_eq!(bench.json(&["source", "list"])["sources"].as_array().map(Vec::len), Some(0));
    bench.ok(&["source", "add", "folder", "docs", "--path", &missing, "--force"]);
}

#[test]
fn locked_by_another_backup() {
    let bench = Bench::with_vault();
    let docs = bench.path("docs");
    data::folder(&docs);
    for n in 0..60_u8 {
        fs::write(docs.join(format!("big{n}")), vec![n; 4 << 20]).unwrap();
    }
    bench.add_folder("docs", &docs);
    let mut first = bench.start(&["backup", "docs", "--json"]);
    wait_for_progress(&mut first);
    let second = bench.run(&["backup", "docs", "--json"]);
    let (out, err) = (first.wait().unwrap(), second.code);
    assert!(out.success(), "the first is not disturbed");
    // The second waits a little: it fails as locked, or comes right after the first.
    assert!(err == 7 || err == 0, "{second:#?}");
    bench.ok(&["verify", "safe", "--read-data"]);
}

/// Waits until a job says that it works.
fn wait_for_progress(child: &mut std::process::Child) {
    let mut out = child.stdout.take().unwrap();
    let mut seen = [0; 1];
    assert_eq!(out.read(&mut seen).unwrap(), 1, "it says something");
    // Keep the pipe open and empty, so that the job is not stopped by it.
    std::thread::spawn(move || drop(std::io::copy(&mut out, &mut std::io::sink())));
}

#[test]
fn cancelled_by_ctrl_c_leaves_no_snapshot() {
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM] {
        let bench = Bench::with_vault();
        let docs = bench.path("docs");
        fs::create_dir_all(&docs).unwrap();
        for n in 0..3000_u32 {
            fs::write(docs.join(format!("f{n}")), n.to_be_bytes().repeat(8000)).unwrap();
        }
        bench.add_folder("docs", &docs);
        let mut child = bench
            .command(&["backup", "docs", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for_progress(&mut child);
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
        let asked = Instant::now();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(130), "{status}");
        assert!(asked.elapsed() < Duration::from_secs(10));
        assert_eq!(bench.json(&["snapshots"])["snapshots"].as_array().map(Vec::len), Some(0));
        assert_eq!(bench.json(&["runs"])["runs"][0]["verdict"], "cancelled");
        // No lock is left behind, and the next backup is whole.
        assert_eq!(bench.json(&["vault", "info", "safe"])["locks"], serde_json::json!([]));
        bench.back_up("docs");
        bench.ok(&["verify", "safe", "--read-data"]);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let bench = Bench::with_vault();
    drop(data::tasks(&bench.path("app.db"), "delete", 5000));
    bench.add_sqlite("app", &bench.path("app.db"));
    bench.back_up("app");
    let mut child = bench.start(&["ls", "app@latest", "tasks", "--limit", "5000"]);
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[test]
fn another_repository_at_a_known_place_is_refused() {
    let bench = Bench::with_vault();
    fs::rename(bench.path("vault"), bench.path("away")).unwrap();
    bench.restic(&["init"]).expect(0);
    bench.given(PASSWORD, &["vault", "info", "safe"]).expect(4);
}
