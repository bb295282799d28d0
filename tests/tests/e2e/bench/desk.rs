//! A small desktop for one test: its own display, window manager, message bus, keychain and home.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;

use super::{
    Running, Tray, Window, eventually,
    programs::{Guarded, desktop_program, leftovers, needed, test_name},
};

/// What the desktop has.
#[derive(Debug, Clone)]
pub struct Options {
    /// A keychain that is unlocked (gnome-keyring). Without one, keys are remembered in an encrypted file.
    pub keychain: bool,
    /// Neither a keychain nor a file: nothing is remembered.
    pub forgetful: bool,
    /// A tray.
    pub tray: bool,
    /// Notifications (dunst).
    pub notifications: bool,
    /// Size of the screen.
    pub screen: (u32, u32),
    /// Language of the desktop.
    pub language: &'static str,
    /// More variables for the program.
    pub variables: Vec<(&'static str, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            keychain: false,
            forgetful: false,
            tray: true,
            notifications: false,
            screen: (1360, 900),
            language: "C.UTF-8",
            variables: Vec::new(),
        }
    }
}

/// A desktop. Everything on it ends when it is dropped.
pub struct Desk {
    variables: Vec<(String, String)>,
    tray: Option<Tray>,
    // In the order in which they have to end.
    programs: Vec<Guarded>,
    dir: TempDir,
}

impl Desk {
    /// With a tray, without a keychain.
    #[track_caller]
    pub fn new() -> Self {
        Self::with(&Options::default())
    }

    /// A desktop of choice.
    #[track_caller]
    pub fn with(options: &Options) -> Self {
        let dir = tempfile::Builder::new().prefix("backstay-e2e-").tempdir().unwrap();
        let mut desk = Self {
            variables: Vec::new(),
            tray: None,
            programs: Vec::new(),
            dir,
        };
        desk.make_home(options);
        desk.start_display(options.screen);
        desk.start_bus();
        if options.keychain {
            desk.start_keychain();
        }
        if options.tray {
            desk.tray = Some(Tray::start(&desk));
        }
        if options.notifications {
            desk.spawn_in_background("dunst", &[]);
            desk.listen_to_notices();
        }
        desk.start_window_manager();
        desk
    }

    fn make_home(&mut self, options: &Options) {
        for (name, dir) in [
            ("HOME", "home"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_DATA_HOME", "home/.local/share"),
            ("XDG_CONFIG_HOME", "home/.config"),
            ("XDG_CACHE_HOME", "home/.cache"),
            ("BACKSTAY_HOME", "backstay"),
        ] {
            let path = self.path(dir);
            fs::create_dir_all(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
            self.set(name, path.to_str().unwrap());
        }
        self.set("PATH", &std::env::var("PATH").unwrap());
        self.set("LANG", options.language);
        self.set("TZ", "UTC");
        self.set("GDK_BACKEND", "x11");
        // Assistive technology is not under test, and its bus takes time to start.
        self.set("NO_AT_BRIDGE", "1");
        self.set("GTK_THEME", "Adwaita");
        self.set("LIBGL_ALWAYS_SOFTWARE", "1");
        if options.forgetful {
            self.set("BACKSTAY_SECRETS", "none");
        } else if options.keychain {
            self.set("BACKSTAY_SECRETS", "keychain");
        } else {
            self.set("BACKSTAY_SECRETS", "file");
            let key = self.path("secrets.key");
            self.set("BACKSTAY_SECRETS_KEY_FILE", key.to_str().unwrap());
        }
        for (name, value) in &options.variables {
            self.set(name, value);
        }
    }

    fn start_display(&mut self, (width, height): (u32, u32)) {
        let mut display = Command::new(needed("Xvfb"));
        display
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-screen", "0"])
            .arg(format!("{width}x{height}x24"));
        let number = self.spawn_and_read(display, "Xvfb");
        self.set("DISPLAY", &format!(":{number}"));
    }

    fn start_bus(&mut self) {
        let mut bus = Command::new(needed("dbus-daemon"));
        bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        let address = self.spawn_and_read(bus, "dbus-daemon");
        self.set("DBUS_SESSION_BUS_ADDRESS", &address);
    }

    fn start_keychain(&mut self) {
        let mut keychain = self.command(needed("gnome-keyring-daemon"));
        keychain.args(["--foreground", "--unlock", "--components=secrets"]);
        keychain
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(self.log("keychain"));
        let mut child = keychain.spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"test").unwrap();
        self.programs.push(Guarded(child));
        let there = eventually(|| {
            let mut ask = self.command("dbus-send");
            ask.args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.secrets",
                "/org/freedesktop/secrets",
            ]);
            ask.arg("org.freedesktop.DBus.Peer.Ping")
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            ask.status().is_ok_and(|status| status.success()).then_some(())
        });
        assert!(there.is_some(), "the keychain did not come up");
    }

    /// A window that comes before its manager is taken away and given back later.
    fn start_window_manager(&mut self) {
        let ready = self.path("manager-is-ready");
        let say = format!("touch {}", ready.display());
        self.spawn_in_background("openbox", &["--sm-disable", "--startup", &say]);
        assert!(eventually(|| ready.exists().then_some(())).is_some(), "openbox did not start");
    }

    /// Starts a program that says one line when it is ready.
    fn spawn_and_read(&mut self, mut command: Command, name: &str) -> String {
        let all: Vec<_> = self.variables.clone();
        let command = command.env_clear().envs(all).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).stderr(self.log(name)).spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        self.programs.insert(0, Guarded(child));
        out.read_line(&mut line).unwrap();
        // Whatever else it says must not block it.
        thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        assert!(!line.trim().is_empty(), "{name} did not start:\n{}", self.read_log(name));
        line.trim().to_owned()
    }

    fn spawn_in_background(&mut self, program: &str, args: &[&str]) {
        let mut command = self.command(needed(program));
        command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(self.log(program));
        let child = command.spawn().unwrap();
        self.keep(child);
    }

    /// Keeps a program running until the desk goes away.
    pub(super) fn keep(&mut self, child: Child) {
        self.programs.insert(0, Guarded(child));
    }

    fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// A command in this desktop's environment and nothing of the tests' own.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.variables.clone())
            .current_dir(self.path("home"));
        command
    }

    /// A path in the desk's directory, which goes away with it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file into the desk's directory.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(super) fn log(&self, name: &str) -> Stdio {
        let path = self.path(&format!("{name}.log"));
        Stdio::from(File::options().create(true).append(true).open(path).unwrap())
    }

    /// What a program of this desk said on standard error.
    pub fn read_log(&self, name: &str) -> String {
        fs::read_to_string(self.path(&format!("{name}.log"))).unwrap_or_default()
    }

    /// The tray.
    #[track_caller]
    pub fn tray(&self) -> &Tray {
        self.tray.as_ref().expect("this desk has no tray")
    }

    /// Starts Backstay and drives its window.
    #[track_caller]
    pub fn window(&self, args: &[&str]) -> Window<'_> {
        Window::open(self, args)
    }

    /// Starts Backstay as a person does, without anything that drives it.
    #[track_caller]
    pub fn launch(&self, args: &[&str]) -> Running {
        Running::start(self, args)
    }

    /// Backstay's process on this desk, whoever started it.
    pub fn process(&self) -> Option<u32> {
        let ours = desktop_program().canonicalize().unwrap();
        let home = format!("HOME={}", self.path("home").display());
        let entries = fs::read_dir("/proc").unwrap().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
            .find(|pid| {
                let exe = fs::read_link(format!("/proc/{pid}/exe"));
                let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
                exe.is_ok_and(|exe| exe == ours) && environ.split(|byte| *byte == 0).any(|line| line == home.as_bytes())
            })
    }

    /// Titles of the windows on the screen, without the page's name before them ("Overview · Backstay" is "Backstay").
    pub fn windows(&self) -> Vec<String> {
        let found = self.xdotool(&["search", "--onlyvisible", "--name", "."]);
        let ids = found.lines().map(str::to_owned).collect::<Vec<_>>();
        ids.iter()
            .map(|id| self.xdotool(&["getwindowname", id]))
            .filter(|name| !name.is_empty())
            .map(|name| name.rsplit(" · ").next().unwrap_or_default().to_owned())
            .collect()
    }

    /// Waits until a window has this title.
    #[track_caller]
    pub fn wait_for_window(&self, title: &str) {
        let shown = eventually(|| self.windows().iter().any(|name| name == title).then_some(()));
        assert!(
            shown.is_some(),
            "there is no window {title:?}: {:?}\n{}",
            self.windows(),
            self.read_log("backstay")
        );
    }

    /// Waits until no window has this title.
    #[track_caller]
    pub fn wait_for_no_window(&self, title: &str) {
        let gone = eventually(|| (!self.windows().iter().any(|name| name == title)).then_some(()));
        assert!(
            gone.is_some(),
            "the window {title:?} is still there\n{}",
            self.read_log("backstay")
        );
    }

    /// Asks a window to close, as its cross does.
    pub fn close_window(&self, title: &str) {
        let id = self.window_id(title);
        self.xdotool(&["windowactivate", "--sync", &id, "key", "--clearmodifiers", "alt+F4"]);
    }

    /// The window with this title, as the display knows it.
    pub fn window_id(&self, title: &str) -> String {
        let find = || {
            let name = format!("(^| · ){}$", title.replace('?', "."));
            let found = self.xdotool(&["search", "--onlyvisible", "--name", &name]);
            found.lines().next().map(str::to_owned)
        };
        eventually(find).unwrap_or_else(|| panic!("there is no window {title:?}"))
    }

    /// Clicks into a window, at shares of its width and height.
    pub fn click_into(&self, title: &str, (across, down): (f64, f64)) {
        let id = self.window_id(title);
        let geometry = self.xdotool(&["getwindowgeometry", "--shell", &id]);
        let value = |name: &str| -> f64 {
            let line = geometry.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.and_then(|value| value.parse().ok())
                .unwrap_or_else(|| panic!("no {name} in {geometry}"))
        };
        let (x, y) = (value("WIDTH") * across, value("HEIGHT") * down);
        self.xdotool(&["mousemove", "--window", &id, &format!("{x:.0}"), &format!("{y:.0}")]);
        self.xdotool(&["click", "1"]);
    }

    /// Presses a key in the window that has the focus (`Return`, `ctrl+k`).
    pub fn key(&self, key: &str) {
        self.xdotool(&["key", key]);
    }

    /// What xdotool answers.
    pub fn xdotool(&self, args: &[&str]) -> String {
        let mut command = self.command(needed("xdotool"));
        let output = command.args(args).stderr(self.log("xdotool")).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The whole screen as a PNG file in `target/e2e/`.
    pub fn screenshot(&self, name: &str) -> PathBuf {
        let file = leftovers().join(format!("{name}.png"));
        let taken = self.command(needed("import")).args(["-window", "root"]).arg(&file).status();
        assert!(taken.is_ok_and(|status| status.success()), "no screenshot could be taken");
        file
    }

    /// How many different colours a screenshot has: a blank window has a handful.
    pub fn colours(&self, picture: &Path) -> usize {
        let output = self
            .command(needed("identify"))
            .args(["-format", "%k"])
            .arg(picture)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
    }

    /// As [`Self::colours`], in a part of a window: left, top, width, height within it.
    pub fn colours_in(&self, picture: &Path, title: &str, (x, y, width, height): (i64, i64, i64, i64)) -> usize {
        let (left, top) = self.place_of(title);
        let crop = format!("{width}x{height}+{}+{}", left + x, top + y);
        let mut convert = self.command(needed("convert"));
        let output = convert
            .arg(picture)
            .args(["-crop", &crop, "+repage", "-format", "%k", "info:"])
            .output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        said.parse().unwrap_or_else(|_| panic!("convert says {said:?} about {crop}"))
    }

    /// Where a window's content begins on the screen.
    pub fn place_of(&self, title: &str) -> (i64, i64) {
        let geometry = self.xdotool(&["getwindowgeometry", "--shell", &self.window_id(title)]);
        let value = |name: &str| -> i64 {
            let line = geometry.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.and_then(|value| value.parse().ok())
                .unwrap_or_else(|| panic!("no {name} in {geometry}"))
        };
        (value("X"), value("Y"))
    }

    /// Leaves what helps to understand a failure in `target/e2e/`.
    pub fn explain(&self) -> String {
        let name = test_name();
        let screen = self.screenshot(&name);
        let log = leftovers().join(format!("{name}.log"));
        let said = self.read_log("backstay");
        let _ = fs::write(&log, &said);
        let tail: Vec<_> = said.lines().rev().take(15).collect();
        let tail = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
        format!("Screen: {}\nThe program said last:\n{tail}", screen.display())
    }
}

impl Desk {
    /// Ends Backstay, as the end of a session does.
    pub fn end(&self) {
        if let Some(pid) = self.process() {
            // Asked first, so that a coverage or state file is whole; then there is no choice.
            let _ = send_end(pid, false);
            let ended = super::within(Duration::from_secs(3), || self.process().is_none().then_some(()));
            if ended.is_none() {
                let _ = send_end(pid, true);
            }
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.explain());
        }
        self.end();
        self.tray = None;
        self.programs.clear();
    }
}

/// Sends SIGTERM, or SIGKILL.
pub fn send_end(pid: u32, hard: bool) -> Result<(), rustix::io::Errno> {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = Pid::from_raw(pid.cast_signed()).unwrap();
    kill_process(pid, if hard { Signal::KILL } else { Signal::TERM })
}
