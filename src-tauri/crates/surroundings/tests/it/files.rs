//! The files for all systems: as they are (golden), as their systems' readers understand them, and what is refused.

use std::path::{Path, PathBuf};

use backstay_model::ErrorKind;
use backstay_surroundings::service::{Init, ServiceError, UnitFile, Wanted, files};

/// An ordinary installation.
pub fn wanted() -> Wanted {
    Wanted {
        program: PathBuf::from("/usr/bin/backstay"),
        home: PathBuf::from("/home/eva/.local/share/backstay"),
        environment: Vec::new(),
        user: None,
        watch_every_minutes: 60,
    }
}

/// Everything that needs quoting somewhere.
pub fn awkward() -> Wanted {
    Wanted {
        program: PathBuf::from("/opt/Back Stay & <Söhne> 100%h $HOME/backstay"),
        home: PathBuf::from("/home/eva/it's \"quoted\" \\ 50% ${X} ; # é"),
        environment: vec![
            ("LANG".to_owned(), "de_DE.UTF-8".to_owned()),
            ("NOTE".to_owned(), "a \"b\" %n $X \\ <&>'".to_owned()),
        ],
        user: None,
        watch_every_minutes: 15,
    }
}

pub fn on_windows() -> Wanted {
    Wanted {
        program: PathBuf::from(r"C:\Program Files\Backstay & Co\backstay.exe"),
        home: PathBuf::from(r"C:\Users\Zoë <home>\100%\"),
        user: Some(r"WORK\Zoë".to_owned()),
        ..wanted()
    }
}

/// All files as one text.
fn shown(files: &[UnitFile]) -> String {
    let one = |file: &UnitFile| format!("==> {} ({:o})\n{}", file.path.display(), file.mode, file.content);
    files.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn golden_files() {
    let mut server = wanted();
    server.user = Some("backup".to_owned());
    server.watch_every_minutes = 45;
    let cases = [
        ("systemd_user", Init::SystemdUser, wanted()),
        ("systemd_user_awkward", Init::SystemdUser, awkward()),
        ("systemd_system_root", Init::SystemdSystem, wanted()),
        ("systemd_system_account", Init::SystemdSystem, server),
        ("launchd", Init::Launchd, wanted()),
        ("launchd_awkward", Init::Launchd, awkward()),
        ("task_scheduler", Init::TaskScheduler, on_windows()),
    ];
    for (name, init, wanted) in cases {
        insta::assert_snapshot!(name, shown(&files(init, &wanted).unwrap()));
    }
}

#[test]
fn property_lists_say_what_is_wanted() {
    for wanted in [wanted(), awkward()] {
        let files = files(Init::Launchd, &wanted).unwrap();
        let lists = files.iter().map(|file| {
            let list = plist::Value::from_reader_xml(file.content.as_bytes()).unwrap();
            (file.path.clone(), list.into_dictionary().unwrap())
        });
        let lists: Vec<(PathBuf, plist::Dictionary)> = lists.collect();
        for ((path, list), action) in lists.iter().zip(["run", "look"]) {
            let label = list["Label"].as_string().unwrap();
            assert_eq!(path, Path::new(&format!("{label}.plist")));
            let arguments = list["ProgramArguments"].as_array().unwrap().iter();
            let arguments: Vec<&str> = arguments.map(|argument| argument.as_string().unwrap()).collect();
            let (program, home) = (wanted.program.to_str().unwrap(), wanted.home.to_str().unwrap());
            assert_eq!(arguments, [program, "--home", home, "agent", action]);
            for (name, value) in &wanted.environment {
                let variables = list["EnvironmentVariables"].as_dictionary().unwrap();
                assert_eq!(variables[name].as_string(), Some(value.as_str()));
            }
        }
        let (agent, watch) = (&lists[0].1, &lists[1].1);
        assert_eq!(agent["RunAtLoad"].as_boolean(), Some(true));
        let again = agent["KeepAlive"].as_dictionary().unwrap();
        assert_eq!(again["SuccessfulExit"].as_boolean(), Some(false));
        let interval = u64::from(wanted.watch_every_minutes) * 60;
        assert_eq!(watch["StartInterval"].as_unsigned_integer(), Some(interval));
        assert!(!watch.contains_key("KeepAlive"));
    }
}

#[test]
fn tasks_say_what_is_wanted() {
    let wanted = on_windows();
    let files = files(Init::TaskScheduler, &wanted).unwrap();
    for (file, action) in files.iter().zip(["run", "look"]) {
        let document = roxmltree::Document::parse(&file.content).unwrap();
        let texts = |name: &str| -> Vec<String> {
            let nodes = document.descendants().filter(|node| node.tag_name().name() == name);
            nodes.map(|node| node.text().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(texts("Command"), [wanted.program.to_str().unwrap()]);
        // The last backslash would otherwise quote the quotation mark.
        let arguments = format!(r#"--home "C:\Users\Zoë <home>\100%\\" agent {action}"#);
        assert_eq!(texts("Arguments"), [arguments]);
        assert!(
            texts("UserId").iter().all(|user| user == r"WORK\Zoë"),
            "{:?}",
            texts("UserId")
        );
        assert!(!texts("UserId").is_empty());
        assert_eq!(texts("LogonTrigger").len(), usize::from(action == "run"));
        let interval = texts("Interval");
        assert_eq!(interval, [if action == "run" { "PT1M" } else { "PT60M" }]);
    }
}

#[test]
fn the_same_wish_makes_the_same_files() {
    for init in [Init::SystemdUser, Init::SystemdSystem, Init::Launchd] {
        assert_eq!(files(init, &awkward()).unwrap(), files(init, &awkward()).unwrap());
    }
}

#[test]
fn what_cannot_be_written_is_refused() {
    use ErrorKind::{Unsupported, Usage};
    type Spoil = fn(&mut Wanted);
    let everywhere: &[(&str, Spoil)] = &[
        ("relative program", |w| w.program = "bin/backstay".into()),
        ("relative home", |w| w.home = "backstay".into()),
        ("line break in the home", |w| w.home.push("a\nb")),
        ("line break in a value", |w| {
            w.environment = vec![("A".into(), "b\n[Service]".into())];
        }),
        ("odd variable", |w| w.environment = vec![("A B".into(), "c".into())]),
        ("variable that begins with a digit", |w| {
            w.environment = vec![("1A".into(), "c".into())];
        }),
        ("no variable", |w| w.environment = vec![(String::new(), "c".into())]),
        ("line break in the account", |w| {
            w.user = Some("eva\nExecStart=/bin/sh".into());
        }),
        ("no account", |w| w.user = Some(String::new())),
        ("option as account", |w| w.user = Some("-eva".into())),
        ("never", |w| w.watch_every_minutes = 0),
        ("too seldom", |w| w.watch_every_minutes = 1441),
    ];
    for init in [Init::SystemdUser, Init::SystemdSystem, Init::Launchd, Init::TaskScheduler] {
        for (what, spoil) in everywhere {
            let mut wanted = if init == Init::TaskScheduler { on_windows() } else { wanted() };
            files(init, &wanted).unwrap();
            spoil(&mut wanted);
            let error = files(init, &wanted).expect_err(what);
            assert_eq!(error.kind(), Usage, "{what}: {error}");
        }
    }
    let some: &[(Init, &str, Spoil)] = &[
        (Init::SystemdUser, "quotation mark", |w| w.program = "/opt/a\"b".into()),
        (Init::SystemdSystem, "backslash", |w| w.program = "/opt/a\\b".into()),
        (Init::TaskScheduler, "variable", |w| w.home = r"C:\%TEMP%\x".into()),
        (Init::TaskScheduler, "argument", |w| w.home = r"C:\$(Arg0)".into()),
        (Init::TaskScheduler, "environment", |w| {
            w.environment = vec![("A".into(), "b".into())];
        }),
    ];
    for (init, what, spoil) in some {
        let mut wanted = if *init == Init::TaskScheduler {
            on_windows()
        } else {
            wanted()
        };
        spoil(&mut wanted);
        let error = files(*init, &wanted).expect_err(what);
        assert_eq!(error.kind(), Unsupported, "{what}: {error}");
    }
    assert!(matches!(
        files(
            Init::TaskScheduler,
            &Wanted {
                user: None,
                ..on_windows()
            }
        ),
        Err(ServiceError::UserMissing)
    ));
}

#[test]
fn a_persons_units_run_as_that_person() {
    let wanted = Wanted {
        user: Some("eva".to_owned()),
        ..wanted()
    };
    let line = |init| {
        let files = files(init, &wanted).unwrap();
        let with = files.iter().filter(|file| file.content.contains("\nUser=eva\n"));
        with.count()
    };
    assert_eq!(line(Init::SystemdSystem), 2);
    // systemd refuses to change the account there, even to the same one.
    assert_eq!(line(Init::SystemdUser), 0);
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let home = Path::new(std::ffi::OsStr::from_bytes(b"/home/\xff")).to_path_buf();
    let error = files(Init::SystemdUser, &Wanted { home, ..wanted() });
    assert!(matches!(error, Err(ServiceError::NotUnicode { .. })), "{error:?}");
}
