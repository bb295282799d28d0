//! Programs the tests need. A missing one is a failure with the way to mend it, never a skip.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Debian packages by program.
const PACKAGES: &[(&str, &str)] = &[
    ("Xvfb", "xvfb"),
    ("WebKitWebDriver", "webkit2gtk-driver"),
    ("dbus-daemon", "dbus"),
    ("openbox", "openbox"),
    ("xdotool", "xdotool"),
    ("import", "imagemagick"),
    ("convert", "imagemagick"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("dunst", "dunst"),
];

/// Where a program lies.
#[track_caller]
pub fn needed(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file());
    found.unwrap_or_else(|| {
        let package = PACKAGES
            .iter()
            .find(|(name, _)| *name == program)
            .map_or(program, |(_, package)| package);
        panic!("{program} is missing, which the window tests need: apt-get install {package} (`.ci/install test` installs all)")
    })
}

/// The system's Python: the one with the bindings of GTK and D-Bus.
#[track_caller]
pub fn python() -> PathBuf {
    let python = PathBuf::from("/usr/bin/python3");
    let bindings = Command::new(&python)
        .args(["-c", "import gi, dbus; gi.require_version('Gtk', '3.0')"])
        .stderr(Stdio::null())
        .status();
    assert!(
        bindings.is_ok_and(|status| status.success()),
        "the window tests need: apt-get install python3-gi python3-dbus gir1.2-gtk-3.0 (`.ci/install test` installs all)"
    );
    python
}

/// The desktop program under test, built beside this one; `BACKSTAY_DESKTOP_BIN` names another (an installed one).
#[track_caller]
pub fn desktop_program() -> PathBuf {
    if let Some(path) = std::env::var_os("BACKSTAY_DESKTOP_BIN") {
        return path.into();
    }
    beside("backstay-desktop")
}

/// A program of ours that is built beside this one.
#[track_caller]
pub fn beside(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // A test lies in `deps/`, an example in `examples/`: both below the programs.
    let path = test.parent().and_then(Path::parent).unwrap().join(name);
    assert!(
        path.exists(),
        "{} is missing: these tests drive the real program. Build it first: (cd ui && npm ci && npm run build) && \
         cargo build -p backstay-app -p backstay-cli",
        path.display()
    );
    path
}

/// The workspace's top directory.
pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Where screenshots and logs of failures go.
pub fn leftovers() -> PathBuf {
    let dir = top().join("target/e2e");
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Name of the running test, fit for a file name.
pub fn test_name() -> String {
    let thread = std::thread::current();
    thread.name().unwrap_or("test").replace("::", "-")
}

/// A program that ends with its owner.
pub struct Guarded(pub Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
