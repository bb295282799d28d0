//! Commands with real processes, well-behaved and not.
#![cfg(unix)]

use std::{
    path::Path,
    process,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use backstay_model::{ErrorKind, Retry};
use backstay_tell::{Command, Hidden, Hook, HookDone, Result, TellError, hook};

fn shell(line: &str) -> Hook {
    Hook {
        command: Command::Shell(line.to_owned()),
        time_limit: Duration::from_secs(20),
        env: Vec::new(),
        dir: None,
    }
}

fn run(hook_: &Hook) -> Result<HookDone> {
    hook(hook_, &[], &|| false)
}

fn eventually(what: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(5);
    while Instant::now() < end {
        if what() {
            return true;
        }
        thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Whether a process is there and no zombie.
fn lives(file: &Path) -> bool {
    let id = std::fs::read_to_string(file).unwrap();
    let state = std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
    let state = state.rsplit(") ").next().unwrap_or_default().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

#[test]
fn variables_and_folder_reach_the_command() {
    let dir = tempfile::tempdir().unwrap();
    let mut one = shell("echo \"$BACKSTAY_PLAN/$BACKSTAY_VERDICT/$TOKEN\"; pwd; echo oops >&2; exit 0");
    one.env = vec![
        ("TOKEN".to_owned(), Hidden::new("t1")),
        ("BACKSTAY_VERDICT".to_owned(), Hidden::new("mine")),
    ];
    one.dir = Some(dir.path().canonicalize().unwrap());
    let variables = [("BACKSTAY_PLAN", "Nightly $(id)"), ("BACKSTAY_VERDICT", "failed")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let done = hook(&one, &variables, &|| false).unwrap();
    assert_eq!(done.code, 0);
    assert!(done.output.contains("Nightly $(id)/mine/t1\n"), "{}", done.output);
    assert!(done.output.contains(one.dir.unwrap().to_str().unwrap()), "{}", done.output);
    assert!(done.output.contains("oops\n"));
    // Arguments are no shell's business.
    let mut plain = shell("");
    plain.command = Command::Program(vec!["printf".into(), "%s|".into(), "a b".into(), "$HOME".into(), "*".into()]);
    assert_eq!(run(&plain).unwrap().output, "a b|$HOME|*|");
    // Nobody types anything.
    assert_eq!(run(&shell("cat; echo end")).unwrap().output, "end\n");
}

#[test]
fn its_end_is_told() {
    let error = run(&shell("echo no space; exit 7")).unwrap_err();
    let TellError::HookFailed {
        code, signal, output, ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!((*code, *signal, output.as_str()), (Some(7), None, "no space\n"));
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Io, Retry::Final));
    assert_eq!(error.output(), Some("no space\n"));
    let error = run(&shell("kill -9 $$")).unwrap_err();
    assert!(
        matches!(
            error,
            TellError::HookFailed {
                code: None,
                signal: Some(9),
                ..
            }
        ),
        "{error:?}"
    );
    let mut gone = shell("");
    assert_eq!(run(&gone).unwrap_err(), TellError::NoCommand);
    gone.command = Command::Program(Vec::new());
    assert_eq!(run(&gone).unwrap_err(), TellError::NoCommand);
    gone.command = Command::Program(vec!["/nowhere/at/all".to_owned(), "--password=x".to_owned()]);
    let error = run(&gone).unwrap_err();
    assert!(
        matches!(&error, TellError::NotStarted { program, .. } if program == "/nowhere/at/all"),
        "{error:?}"
    );
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn the_limit_ends_it_and_all_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let mut slow = shell("sleep 600 & echo $! > child; echo waiting; wait");
    slow.dir = Some(dir.path().to_owned());
    slow.time_limit = Duration::from_secs(1);
    let start = Instant::now();
    let error = run(&slow).unwrap_err();
    let TellError::HookTimedOut { after, output, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!((*after, output.as_str()), (slow.time_limit, "waiting\n"));
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(eventually(|| !lives(&dir.path().join("child"))), "a child is left");
}

#[test]
fn it_may_tidy_up_when_asked_to_end() {
    let dir = tempfile::tempdir().unwrap();
    let mut tidy = shell("trap 'echo tidied > tidied; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
    tidy.dir = Some(dir.path().to_owned());
    tidy.time_limit = Duration::from_secs(1);
    assert!(matches!(run(&tidy).unwrap_err(), TellError::HookTimedOut { .. }));
    assert!(dir.path().join("tidied").exists());
}

#[test]
fn one_that_does_not_listen_is_ended() {
    let dir = tempfile::tempdir().unwrap();
    let mut deaf = shell(
        "trap '' TERM; echo $$ > head; (trap '' TERM; echo still here; while :; do sleep 0.1; done) & echo $! > child; wait",
    );
    deaf.dir = Some(dir.path().to_owned());
    deaf.time_limit = Duration::from_secs(1);
    let start = Instant::now();
    let error = run(&deaf).unwrap_err();
    assert!(matches!(error, TellError::HookTimedOut { .. }), "{error:?}");
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(5) && took < Duration::from_secs(20), "{took:?}");
    for name in ["head", "child"] {
        assert!(eventually(|| !lives(&dir.path().join(name))), "{name} is left");
    }
}

#[test]
fn a_grandchild_with_the_output_open_keeps_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let mut parent = shell("sleep 30 & echo $! > child; echo done");
    parent.dir = Some(dir.path().to_owned());
    let start = Instant::now();
    let done = run(&parent).unwrap();
    assert_eq!(done.output, "done\n");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let child = dir.path().join("child");
    assert!(lives(&child), "what a command leaves behind on purpose stays");
    let id = std::fs::read_to_string(child).unwrap();
    process::Command::new("kill").arg(id.trim()).status().unwrap();
}

#[test]
fn a_flood_is_bounded_and_does_not_block() {
    // Far more than a pipe holds, on both streams, without an end of line.
    let flood = shell("yes ü | head -c 30000000 | tr -d '\\n'; head -c 3000000 /dev/zero >&2; sleep 0.3; printf end");
    let done = run(&flood).unwrap();
    assert!(done.output.ends_with("end"));
    assert!(done.output.len() <= 3 * 4096, "{}", done.output.len());
    let mut endless = shell("yes");
    endless.time_limit = Duration::from_millis(300);
    let error = run(&endless).unwrap_err();
    assert!(
        matches!(&error, TellError::HookTimedOut { output, .. } if output.len() == 4096),
        "{error:?}"
    );
}

#[test]
fn letters_are_not_cut_in_the_middle() {
    let done = run(&shell(
        "i=0; while [ $i -lt 3000 ]; do printf 'äöü'; i=$((i+1)); done; printf x",
    ))
    .unwrap();
    assert!(!done.output.contains('\u{fffd}'), "{}", done.output);
}

#[test]
fn a_person_stops_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut slow = shell("echo $$ > head; sleep 600");
    slow.dir = Some(dir.path().to_owned());
    let (stop, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let head = dir.path().join("head");
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(eventually(|| head.exists()));
            stop.store(true, Ordering::SeqCst);
        });
        let start = Instant::now();
        let error = hook(&slow, &[], &|| {
            asked.fetch_add(1, Ordering::SeqCst);
            stop.load(Ordering::SeqCst)
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Cancelled);
        assert!(start.elapsed() < Duration::from_secs(5));
    });
    assert!(asked.load(Ordering::SeqCst) > 0);
    assert!(eventually(|| !lives(&head)));
}

/// Backstay's own secrets: those of its environment, and the same names from anywhere else.
#[test]
fn secrets_do_not_reach_the_command() {
    const CASE: &str = "BACKSTAY_TEST_CASE";
    const NAMES: [&str; 3] = ["BACKSTAY_PASSWORD", "BACKSTAY_NEW_PASSWORD", "BACKSTAY_SECRETS_PASSPHRASE"];
    if std::env::var(CASE).as_deref() != Ok("hook-secrets") {
        let again = process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "hook::secrets_do_not_reach_the_command", "--nocapture"])
            .env(CASE, "hook-secrets")
            .envs(NAMES.map(|name| (name, "hunter2-inherited")))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&again.stdout).into_owned();
        assert!(again.status.success(), "{said}");
        assert!(said.contains("looked at the environment"), "{said}");
        return;
    }
    assert_eq!(std::env::var(NAMES[0]).unwrap(), "hunter2-inherited");
    let given = NAMES.map(|name| (name.to_owned(), "hunter2-given".to_owned()));
    let done = hook(&shell("env"), &given, &|| false).unwrap();
    assert!(done.output.contains("PATH="), "{}", done.output);
    assert!(!done.output.contains("hunter2"), "{}", done.output);
    println!("looked at the environment");
}
