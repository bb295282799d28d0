//! The units as systemd itself reads them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use backstay_surroundings::service::{Init, Wanted, files};

use crate::files::{awkward, wanted};

/// What `systemd-analyze` says, and whether it is content; `None`, and says so, where it is not installed.
fn analyze(arguments: &[&str], folder: &Path) -> Option<(bool, String)> {
    let output = Command::new("systemd-analyze")
        .args(arguments)
        .current_dir(folder)
        .env("SYSTEMD_LOG_LEVEL", "debug")
        .env("XDG_RUNTIME_DIR", folder)
        .env("HOME", folder)
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: systemd-analyze is not installed");
        return None;
    };
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

/// Moves the program into a folder of the test, where there is one that may be executed.
fn with_program(mut wanted: Wanted, folder: &Path) -> Wanted {
    let program = folder.join(wanted.program.strip_prefix("/").unwrap());
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    wanted.program = program;
    wanted
}

/// What systemd understood of `units`, whole. Fails when it is not content.
fn understood(init: Init, wanted: &Wanted, folder: &Path) -> Option<String> {
    let mut arguments = vec![
        if init == Init::SystemdUser { "--user" } else { "--system" },
        "--man=no",
        "verify",
    ];
    let files = files(init, wanted).unwrap();
    for file in &files {
        fs::write(folder.join(&file.path), &file.content).unwrap();
        arguments.push(file.path.to_str().unwrap());
    }
    let (content, said) = analyze(&arguments, folder)?;
    let ours = said
        .lines()
        .filter(|line| line.contains("backstay") || line.contains("Unknown"));
    let ours = ours.collect::<Vec<_>>().join("\n");
    assert!(content, "{init:?}:\n{ours}");
    for complaint in ["Unknown key", "Unknown section", "Failed to parse", "ignoring", "Invalid"] {
        assert!(!ours.contains(complaint), "{init:?}: {complaint}:\n{ours}");
    }
    Some(said)
}

/// The arguments of the command lines systemd understood; it prints them in the quoting of a shell.
fn command_lines(said: &str) -> Vec<Vec<String>> {
    let lines = said.lines().filter_map(|line| line.trim().strip_prefix("Command Line: "));
    let ours = lines.filter(|line| line.contains("--home"));
    let split = |line: &str| {
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("printf '%s\\n' {line}"))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    };
    let mut lines: Vec<Vec<String>> = ours.map(split).collect();
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn systemd_is_content_and_starts_what_is_wanted() {
    let account = Wanted {
        user: Some("root".to_owned()),
        watch_every_minutes: 45,
        ..wanted()
    };
    let cases = [
        (Init::SystemdUser, wanted()),
        (Init::SystemdUser, awkward()),
        (Init::SystemdSystem, wanted()),
        (Init::SystemdSystem, awkward()),
        (Init::SystemdSystem, account),
    ];
    for (init, wanted) in cases {
        let folder = tempfile::tempdir().unwrap();
        let wanted = with_program(wanted, folder.path());
        let Some(said) = understood(init, &wanted, folder.path()) else {
            return;
        };
        let (program, home) = (wanted.program.to_str().unwrap(), wanted.home.to_str().unwrap());
        let expected = ["look", "run"].map(|action| vec![program, "--home", home, "agent", action]);
        assert_eq!(command_lines(&said), expected, "{init:?}");
        for (name, value) in &wanted.environment {
            let line = format!("Environment: {name}={value}");
            assert!(said.lines().any(|said| said.trim() == line), "{init:?}: {line}");
        }
    }
}

#[test]
fn a_wrong_unit_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = with_program(wanted(), folder.path());
    let unit = files(Init::SystemdUser, &wanted).unwrap().remove(0);
    let wrong = unit.content.replace("ExecStart=:\"", "ExecStart=:\"/nowhere");
    assert_ne!(wrong, unit.content);
    fs::write(folder.path().join("backstay-agent.service"), wrong).unwrap();
    let Some((content, said)) = analyze(&["--user", "--man=no", "verify", "backstay-agent.service"], folder.path()) else {
        return;
    };
    assert!(!content && said.contains("/nowhere"), "the check can fail");
}

#[test]
fn every_interval_is_a_calendar_or_a_span() {
    let folder = tempfile::tempdir().unwrap();
    let mut calendars = vec!["calendar".to_owned()];
    let mut spans = vec!["timespan".to_owned()];
    for minutes in 1..=1440 {
        let timer = files(
            Init::SystemdUser,
            &Wanted {
                watch_every_minutes: minutes,
                ..wanted()
            },
        )
        .unwrap()
        .remove(2);
        let find = |key: &str| timer.content.lines().find_map(|line| line.strip_prefix(key));
        match (find("OnCalendar="), find("OnUnitActiveSec=")) {
            (Some(calendar), None) => {
                assert!(timer.content.contains("Persistent=true"), "a missed look is made up for");
                calendars.push(calendar.to_owned());
            }
            (None, Some(span)) => spans.push(span.to_owned()),
            both => panic!("{minutes} minutes: {both:?}"),
        }
    }
    assert_eq!(
        calendars.len() - 1,
        11 + 1 + 7,
        "divisors of an hour, the hour, divisors of a day"
    );
    for list in [calendars, spans] {
        let arguments: Vec<&str> = list.iter().map(String::as_str).collect();
        let Some((content, said)) = analyze(&arguments, folder.path()) else {
            return;
        };
        assert!(content, "{said}");
    }
}
