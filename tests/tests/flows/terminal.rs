//! A person at a terminal: the program on a pseudo terminal, what it asks, and the keys that answer.

use std::{
    fs::File,
    io::{Read, Write},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// Enter.
pub const ENTER: &str = "\r";
/// The arrow down.
pub const DOWN: &str = "\x1b[B";

/// The program on a terminal.
pub struct Terminal {
    child: Child,
    keys: File,
    shown: Arc<Mutex<String>>,
    /// What was waited for already.
    seen: usize,
}

impl Terminal {
    pub fn start(mut command: Command) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let end = || Stdio::from(theirs.try_clone().unwrap());
        let child = command
            .env("TERM", "xterm")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        // The command keeps copies of the terminal's end, which would never close.
        drop(command);
        drop(theirs);
        let keys = File::from(ours);
        let mut screen = keys.try_clone().unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let into = shown.clone();
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            // Reading fails when the program has ended.
            while let Ok(length) = screen.read(&mut piece) {
                if length == 0 {
                    break;
                }
                into.lock().unwrap().push_str(&String::from_utf8_lossy(&piece[..length]));
            }
        });
        Self {
            child,
            keys,
            shown,
            seen: 0,
        }
    }

    /// Waits until this is shown after what was waited for before, then types.
    #[track_caller]
    pub fn answer(&mut self, question: &str, keys: &str) {
        let begun = Instant::now();
        loop {
            let shown = self.shown.lock().unwrap().clone();
            if let Some(at) = shown[self.seen..].find(question) {
                self.seen += at + question.len();
                break;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(40),
                "{question:?} was never asked after:\n{}",
                &shown[self.seen..]
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        // The question is drawn before the program listens to keys.
        std::thread::sleep(Duration::from_millis(150));
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end; gives exit code and everything that was shown.
    pub fn end(mut self) -> (i32, String) {
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        std::thread::sleep(Duration::from_millis(100));
        let shown = self.shown.lock().unwrap().clone();
        (code, shown)
    }
}
