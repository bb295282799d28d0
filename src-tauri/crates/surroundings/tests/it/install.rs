//! Installing into a folder of the test, with scripted programs of the system.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use backstay_model::ErrorKind;
use backstay_surroundings::service::{Edited, Init, Installed, Places, ServiceError, Wanted, install, status, uninstall};
use tempfile::TempDir;

use crate::files::{on_windows, wanted};

struct Root {
    folder: TempDir,
    init: Init,
}

impl Root {
    /// With the programs of the system there, and content.
    fn new(init: Init) -> Self {
        let root = Self::without_programs(init);
        for name in ["systemctl", "launchctl", "schtasks"] {
            let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fake/tool");
            symlink(tool, root.bin().join(name)).unwrap();
        }
        root
    }

    fn without_programs(init: Init) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bin 100%")).unwrap();
        Self { folder, init }
    }

    fn bin(&self) -> PathBuf {
        self.folder.path().join("bin 100%")
    }

    fn places(&self) -> Places {
        Places {
            units: self.folder.path().join("a b/50%/units"),
            search: Some(self.bin().into_os_string()),
            tell_system: true,
        }
    }

    fn wanted(&self) -> Wanted {
        if self.init == Init::TaskScheduler {
            on_windows()
        } else {
            wanted()
        }
    }

    fn install(&self) -> Result<Installed, ServiceError> {
        install(self.init, &self.wanted(), &self.places(), Edited::Keep)
    }

    /// Command lines that hold one of these parts fail.
    fn fail_on(&self, parts: &str) {
        fs::write(self.bin().join("fails"), format!("{parts}\n")).unwrap();
    }

    fn say(&self, lines: &str) {
        fs::write(self.bin().join("says"), format!("{lines}\n")).unwrap();
    }

    /// What was called since the last time.
    fn calls(&self) -> Vec<String> {
        let log = self.bin().join("log");
        let calls = fs::read_to_string(&log).unwrap_or_default();
        fs::remove_file(log).ok();
        calls.lines().map(str::to_owned).collect()
    }

    /// Everything below the root but the programs.
    fn tree(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        fn walk(folder: &Path, tree: &mut BTreeMap<PathBuf, Vec<u8>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_symlink() || path.is_file() {
                    tree.insert(path.clone(), fs::read(&path).unwrap_or_default());
                } else if !path.ends_with("bin 100%") {
                    tree.insert(path.clone(), Vec::new());
                    walk(&path, tree);
                }
            }
        }
        let mut tree = BTreeMap::new();
        walk(self.folder.path(), &mut tree);
        tree
    }

    fn unit(&self, name: &str) -> PathBuf {
        self.places().units.join(name)
    }
}

const ALL: [Init; 4] = [Init::SystemdUser, Init::SystemdSystem, Init::Launchd, Init::TaskScheduler];

const PROBE: &str = "systemctl --user show --property=Version";
const RELOAD: &str = "systemctl --user daemon-reload";
const STATE: &str = "systemctl --user show --property=Id --property=ActiveState --property=UnitFileState \
                     --property=LastTriggerUSec backstay-agent.service backstay-watch.timer";
const ENABLE: &str = "systemctl --user enable --now backstay-agent.service backstay-watch.timer";
const DISABLE: &str = "systemctl --user disable --now backstay-agent.service backstay-watch.timer";

#[test]
fn installs_for_a_person_and_again_changes_nothing() {
    let root = Root::new(Init::SystemdUser);
    let installed = root.install().unwrap();
    assert!(
        installed.enabled && installed.changed && installed.next_steps.is_empty(),
        "{installed:?}"
    );
    assert!(installed.notes[0].contains("loginctl enable-linger"), "{:?}", installed.notes);
    assert_eq!(root.calls(), [PROBE, STATE, RELOAD, ENABLE]);
    assert_eq!(installed.files.len(), 3);
    for file in &installed.files {
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
    }
    let before = root.tree();
    assert_eq!(
        before.len(),
        3 + 3,
        "three folders, three files, nothing left over: {before:?}"
    );
    let again = root.install().unwrap();
    assert!(again.enabled && !again.changed, "{again:?}");
    assert_eq!(again.files, installed.files);
    assert_eq!(root.tree(), before);
}

#[test]
fn installs_for_the_computer() {
    let root = Root::new(Init::SystemdSystem);
    assert!(root.install().unwrap().enabled);
    let calls = root.calls();
    assert!(calls.contains(&ENABLE.replace(" --user", "")), "{calls:?}");
    assert!(calls.iter().all(|call| !call.contains("--user")), "{calls:?}");
}

#[test]
fn a_running_agent_is_not_stopped_by_new_settings() {
    let root = Root::new(Init::SystemdUser);
    root.say(&units(("active", "enabled"), ("enabled", "")));
    root.install().unwrap();
    let wanted = Wanted {
        watch_every_minutes: 30,
        ..root.wanted()
    };
    let installed = install(root.init, &wanted, &root.places(), Edited::Keep).unwrap();
    assert!(installed.changed);
    assert_eq!(installed.next_steps, ["systemctl --user restart backstay-agent.service"]);
    assert!(root.calls().iter().all(|call| !call.contains("restart")));
}

#[test]
fn without_systemctl_the_commands_for_later_are_told() {
    let root = Root::without_programs(Init::SystemdUser);
    let installed = root.install().unwrap();
    assert!(!installed.enabled && installed.changed);
    assert_eq!(installed.notes, ["There is no systemctl here."]);
    assert_eq!(installed.next_steps, [RELOAD, ENABLE]);
    assert!(installed.files.iter().all(|file| file.is_file()));
}

#[test]
fn without_a_manager_the_commands_for_later_are_told() {
    let root = Root::new(Init::SystemdUser);
    root.fail_on("show");
    let installed = root.install().unwrap();
    assert_eq!(root.calls(), [PROBE]);
    assert!(!installed.enabled);
    assert_eq!(installed.notes, ["systemd does not run here."]);
    assert_eq!(installed.next_steps, [RELOAD, ENABLE]);
}

#[test]
fn a_package_only_writes() {
    for init in ALL {
        let root = Root::new(init);
        let places = Places {
            tell_system: false,
            ..root.places()
        };
        let installed = install(init, &root.wanted(), &places, Edited::Keep).unwrap();
        assert!(!installed.enabled && !installed.next_steps.is_empty());
        assert!(installed.files.iter().all(|file| file.is_file()));
        assert_eq!(root.calls(), [] as [&str; 0]);
    }
}

#[test]
fn a_refusal_leaves_everything_as_it_was() {
    for (init, refused) in [
        (Init::SystemdUser, "daemon-reload"),
        (Init::SystemdUser, "enable --now"),
        (Init::SystemdSystem, "enable --now"),
        (Init::Launchd, "bootstrap"),
        (Init::TaskScheduler, "/Create /TN \\Backstay\\Watch"),
        (Init::TaskScheduler, "/Run"),
    ] {
        let root = Root::new(init);
        let before = root.tree();
        root.fail_on(refused);
        let error = root.install().unwrap_err();
        assert!(root.calls().iter().any(|call| call.contains(refused)), "{refused} was called");
        assert!(
            matches!(&error, ServiceError::CommandFailed { said, .. } if said == "told to fail"),
            "{error}"
        );
        assert_eq!(root.tree(), before, "{init:?}, {refused}");
    }
}

#[test]
fn a_refusal_while_changing_puts_the_old_files_back() {
    let root = Root::new(Init::SystemdUser);
    root.install().unwrap();
    let before = root.tree();
    root.calls();
    root.fail_on("enable --now");
    let wanted = Wanted {
        home: PathBuf::from("/srv/other"),
        ..root.wanted()
    };
    install(root.init, &wanted, &root.places(), Edited::Keep).unwrap_err();
    assert_eq!(root.tree(), before);
    // What ran before goes on, by the old units.
    assert_eq!(root.calls(), [PROBE, STATE, RELOAD, ENABLE, RELOAD]);
}

#[test]
fn folders_that_cannot_be_made_are_an_error_with_nothing_written() {
    let root = Root::new(Init::SystemdUser);
    fs::create_dir(root.folder.path().join("a b")).unwrap();
    fs::write(root.folder.path().join("a b/50%"), "a file in the way").unwrap();
    let before = root.tree();
    let error = root.install().unwrap_err();
    assert!(
        matches!(error, ServiceError::Write { .. } | ServiceError::Read { .. }),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(root.tree(), before);
    assert_eq!(root.calls(), [] as [&str; 0]);
}

#[test]
fn what_a_person_edited_is_left_alone_without_force() {
    for init in ALL {
        let root = Root::new(init);
        let files = root.install().unwrap().files;
        let theirs = &files[1];
        let mut edited = fs::read(theirs).unwrap();
        // Two bytes that are a line break of a comment in each of the encodings.
        edited.extend_from_slice(b"\n\0");
        fs::write(theirs, &edited).unwrap();
        root.calls();
        let before = root.tree();
        let error = root.install().unwrap_err();
        assert!(matches!(&error, ServiceError::Edited { path } if path == theirs), "{error}");
        assert_eq!(error.kind(), ErrorKind::Refused);
        let error = uninstall(init, &root.places(), Edited::Keep).unwrap_err();
        assert!(matches!(&error, ServiceError::Edited { path } if path == theirs), "{error}");
        assert_eq!(root.tree(), before);
        assert_eq!(root.calls(), [] as [&str; 0]);
        assert_eq!(status(init, &root.places()).unwrap().edited, std::slice::from_ref(theirs));

        let installed = install(init, &root.wanted(), &root.places(), Edited::Replace).unwrap();
        assert!(installed.changed && installed.enabled);
        assert_ne!(fs::read(theirs).unwrap(), edited);
        assert_eq!(status(init, &root.places()).unwrap().edited, [] as [PathBuf; 0]);
    }
}

#[test]
fn older_files_of_ours_are_replaced() {
    let root = Root::new(Init::SystemdUser);
    root.install().unwrap();
    let wanted = Wanted {
        home: PathBuf::from("/srv/other"),
        ..root.wanted()
    };
    let installed = install(root.init, &wanted, &root.places(), Edited::Keep).unwrap();
    assert!(installed.changed);
    assert!(
        fs::read_to_string(root.unit("backstay-agent.service"))
            .unwrap()
            .contains("/srv/other")
    );
}

#[test]
fn uninstalls_and_again_does_nothing() {
    for init in ALL {
        let root = Root::new(init);
        let installed = root.install().unwrap();
        root.calls();
        let gone = uninstall(init, &root.places(), Edited::Keep).unwrap();
        assert_eq!(gone.files, installed.files);
        assert!(gone.files.iter().all(|file| !file.exists()));
        let calls = root.calls();
        match init {
            Init::SystemdUser => assert_eq!(calls, [PROBE, DISABLE, RELOAD]),
            Init::SystemdSystem => assert!(calls.contains(&DISABLE.replace(" --user", "")), "{calls:?}"),
            Init::Launchd => assert!(calls.iter().any(|call| call.contains("bootout")), "{calls:?}"),
            Init::TaskScheduler => assert!(calls.iter().any(|call| call.contains("/Delete")), "{calls:?}"),
        }
        let again = uninstall(init, &root.places(), Edited::Keep).unwrap();
        assert!(again.files.is_empty());
        assert_eq!(root.calls(), [] as [&str; 0]);
    }
}

#[test]
fn a_refused_stop_keeps_the_files() {
    let root = Root::new(Init::SystemdUser);
    root.install().unwrap();
    let before = root.tree();
    root.fail_on("disable --now");
    uninstall(root.init, &root.places(), Edited::Keep).unwrap_err();
    assert!(root.calls().contains(&DISABLE.to_owned()));
    assert_eq!(root.tree(), before);
}

#[test]
fn without_a_manager_the_links_go_too() {
    let root = Root::new(Init::SystemdUser);
    root.install().unwrap();
    for link in [
        "default.target.wants/backstay-agent.service",
        "timers.target.wants/backstay-watch.timer",
    ] {
        let link = root.unit(link);
        fs::create_dir(link.parent().unwrap()).unwrap();
        symlink(root.unit(link.file_name().unwrap().to_str().unwrap()), link).unwrap();
    }
    root.fail_on("show");
    let gone = uninstall(root.init, &root.places(), Edited::Keep).unwrap();
    assert_eq!(gone.notes, ["systemd does not run here."]);
    assert!(
        root.tree().keys().all(|path| !path.to_string_lossy().contains("backstay")),
        "{:?}",
        root.tree()
    );
}

/// What systemctl says about the agent (its state, whether it is enabled) and the timer (whether it is enabled, when it went off).
fn units((state, agent): (&str, &str), (timer, last): (&str, &str)) -> String {
    format!(
        "=ActiveState|Id=backstay-agent.service\n\
         =ActiveState|ActiveState={state}\n\
         =ActiveState|UnitFileState={agent}\n\
         =ActiveState|\n\
         =ActiveState|LastTriggerUSec={last}\n\
         =ActiveState|Id=backstay-watch.timer\n\
         =ActiveState|ActiveState=active\n\
         =ActiveState|UnitFileState={timer}"
    )
}

#[test]
fn status_tells_what_systemd_knows() {
    let root = Root::new(Init::SystemdUser);
    let known = || status(root.init, &root.places()).unwrap();
    // Units systemd has never heard of.
    root.say(&units(("inactive", ""), ("", "")));
    let fresh = known();
    assert!(!fresh.installed);
    assert_eq!(
        (fresh.enabled, fresh.running, fresh.last_watch),
        (Some(false), Some(false), None)
    );
    root.install().unwrap();
    root.calls();
    root.say(&units(("active", "enabled"), ("enabled", "Fri 2026-11-20 11:30:22 UTC")));
    let runs = known();
    assert_eq!(root.calls(), [STATE], "one question");
    assert!(runs.installed && runs.edited.is_empty());
    assert_eq!((runs.enabled, runs.running), (Some(true), Some(true)));
    assert_eq!(runs.last_watch.unwrap().to_rfc3339(), "2026-11-20T11:30:22+00:00");
    // A timer somebody switched off is told: nobody looks any more.
    root.say(&units(("failed", "enabled"), ("disabled", "n/a")));
    let off = known();
    assert_eq!((off.enabled, off.running, off.last_watch), (Some(false), Some(false), None));
}

#[test]
fn status_without_a_manager_does_not_guess() {
    let root = Root::without_programs(Init::SystemdUser);
    root.install().unwrap();
    let known = status(root.init, &root.places()).unwrap();
    assert!(known.installed);
    assert_eq!((known.enabled, known.running, known.last_watch), (None, None, None));
    assert_eq!(known.notes, ["There is no systemctl here."]);
}

#[test]
fn launchd_loads_once_and_reloads_what_changed() {
    let root = Root::new(Init::Launchd);
    let uid = rustix::process::getuid().as_raw();
    root.fail_on(&format!("print gui/{uid}/app"));
    assert!(root.install().unwrap().enabled);
    let loaded = |calls: &[String]| calls.iter().filter(|call| call.contains("bootstrap")).count();
    let calls = root.calls();
    assert_eq!(loaded(&calls), 2, "{calls:?}");
    let agent = root.unit("app.backstay.agent.plist");
    assert!(
        calls.contains(&format!("launchctl bootstrap gui/{uid} {}", agent.display())),
        "{calls:?}"
    );
    fs::remove_file(root.bin().join("fails")).unwrap();
    root.install().unwrap();
    assert_eq!(loaded(&root.calls()), 0, "loaded and unchanged");
    let wanted = Wanted {
        home: PathBuf::from("/Users/eva/other"),
        ..root.wanted()
    };
    install(root.init, &wanted, &root.places(), Edited::Keep).unwrap();
    let calls = root.calls();
    assert_eq!(loaded(&calls), 2, "{calls:?}");
    assert_eq!(calls.iter().filter(|call| call.contains("bootout")).count(), 2, "{calls:?}");
    root.say("print gui|\tstate = running");
    let known = status(root.init, &root.places()).unwrap();
    assert_eq!((known.enabled, known.running), (Some(true), Some(true)));
}

#[test]
fn tasks_are_stored_as_the_task_scheduler_reads_them() {
    let root = Root::new(Init::TaskScheduler);
    let installed = root.install().unwrap();
    for file in &installed.files {
        let bytes = fs::read(file).unwrap();
        assert_eq!(&bytes[..4], b"\xff\xfe<\0", "UTF-16, little end first, with its mark");
    }
    let calls = root.calls();
    let create = format!(
        "schtasks /Create /TN \\Backstay\\Agent /XML {} /F",
        installed.files[0].display()
    );
    assert!(calls.contains(&create), "{calls:?}");
    assert_eq!(calls.last().unwrap(), "schtasks /Run /TN \\Backstay\\Agent");
    assert!(!root.install().unwrap().changed);
}

#[test]
fn usual_places() {
    let places = |init| Places::usual(init, Path::new("/home/eva"), Path::new("/home/eva/.config")).units;
    assert_eq!(places(Init::SystemdUser), Path::new("/home/eva/.config/systemd/user"));
    assert_eq!(places(Init::SystemdSystem), Path::new("/etc/systemd/system"));
    assert_eq!(places(Init::Launchd), Path::new("/home/eva/Library/LaunchAgents"));
    assert_eq!(places(Init::TaskScheduler), Path::new("/home/eva/.config/Backstay/tasks"));
}
