//! Asking another program of the system something, with a time limit.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// More than this of what a program says is not kept.
const KEPT: u64 = 64 * 1024;

/// What a program said and how it ended.
pub(crate) struct Said {
    pub(crate) success: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Why it said nothing.
#[derive(Debug)]
pub(crate) enum Mute {
    /// There is no such program.
    Missing,
    /// It did not end in time and was killed.
    Hung,
    /// It could not be started.
    Broken(io::Error),
}

/// Runs `program` with `arguments` for at most `limit`; `search` is the `PATH` it is found in, when not this process's.
pub(crate) fn run(program: &str, arguments: &[&str], search: Option<&OsStr>, limit: Duration) -> Result<Said, Mute> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        // Times and words as programs read them.
        .env("TZ", "UTC")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(search) = search {
        command.env("PATH", search);
    }
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Mute::Missing,
        _ => Mute::Broken(error),
    })?;
    let out = collect(child.stdout.take());
    let err = collect(child.stderr.take());
    let status = wait(&mut child, limit)?;
    Ok(Said {
        success: status.success(),
        out: text(&out),
        err: text(&err),
    })
}

fn wait(child: &mut Child, limit: Duration) -> Result<ExitStatus, Mute> {
    let started = Instant::now();
    let mut nap = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if started.elapsed() < limit => thread::sleep(nap),
            Ok(None) => {
                // It may have ended just now; either way it is gone after this, and `wait` takes its entry from the process table.
                let _ = child.kill();
                let _ = child.wait();
                return Err(Mute::Hung);
            }
            Err(error) => return Err(Mute::Broken(error)),
        }
        nap = (nap * 2).min(Duration::from_millis(50));
    }
}

/// Reads a pipe to its end, so that a talkative program does not block, and keeps the beginning.
fn collect(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    if let Some(mut pipe) = pipe {
        thread::spawn(move || {
            let mut kept = Vec::new();
            // What was read before an error is what the program said.
            let _ = pipe.by_ref().take(KEPT).read_to_end(&mut kept);
            let _ = io::copy(&mut pipe, &mut io::sink());
            let _ = sender.send(kept);
        });
    }
    receiver
}

/// A child of the program may keep the pipe open for ever, so this waits only a moment.
fn text(pipe: &Receiver<Vec<u8>>) -> String {
    let bytes = pipe.recv_timeout(Duration::from_millis(500)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Mute, run};

    fn shell(script: &str, limit: Duration) -> Result<super::Said, Mute> {
        run("sh", &["-c", script], None, limit)
    }

    #[test]
    fn hears_both_and_the_outcome() {
        let said = shell("echo out; echo err >&2; exit 3", Duration::from_secs(10)).unwrap();
        assert_eq!((said.success, said.out.as_str(), said.err.as_str()), (false, "out", "err"));
    }

    #[test]
    fn a_program_that_hangs_is_killed() {
        let started = Instant::now();
        let said = shell("exec sleep 60", Duration::from_millis(100));
        assert!(matches!(said, Err(Mute::Hung)));
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_child_that_keeps_the_pipe_open_holds_nobody_up() {
        let started = Instant::now();
        assert!(shell("sleep 20 & echo $! >&2", Duration::from_secs(10)).is_ok_and(|said| said.success));
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    }

    #[test]
    fn more_than_is_kept_does_not_block() {
        let said = shell("head -c 1000000 /dev/zero | tr '\\0' a", Duration::from_secs(20)).unwrap();
        assert!(said.success);
        assert_eq!(said.out.len(), 64 * 1024);
    }

    #[test]
    fn a_missing_program_is_told() {
        let said = run("backstay-no-such-program", &[], None, Duration::from_secs(1));
        assert!(matches!(said, Err(Mute::Missing)));
    }
}
