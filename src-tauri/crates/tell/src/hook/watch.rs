//! A running command: its output, its end, and what is done when it does not come.

use std::{process::ExitStatus, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, ChildStderr, ChildStdout},
    time::{self, Instant},
};

use super::family::Family;

/// Bytes of output that are kept.
const TAIL: usize = 4096;
/// How often it is asked whether to stop.
const LOOK: Duration = Duration::from_millis(100);
/// From the request to end until the end.
const GRACE: Duration = Duration::from_secs(5);
/// How long a command that ended may go on being heard: something it started may hold its output open for days.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// How it ended.
pub(super) enum End {
    Exit(ExitStatus),
    TooLong,
    Cancelled,
    /// The system cannot tell.
    Lost(String),
}

/// Watches a command until it ended or was ended; gives the end of what it said.
pub(super) async fn watch(mut child: Child, limit: Duration, cancelled: &(dyn Fn() -> bool + Sync)) -> (End, String) {
    let family = child.id().map(Family::of);
    let mut voices = Voices::of(&mut child);
    let end = exit(&mut child, &mut voices, limit, cancelled).await;
    match (&end, family) {
        (End::TooLong | End::Cancelled, Some(family)) => stop(&mut child, &mut voices, family).await,
        _ => voices.listen_for(LAST_WORDS).await,
    }
    (end, voices.tail.text())
}

async fn exit(child: &mut Child, voices: &mut Voices, limit: Duration, cancelled: &(dyn Fn() -> bool + Sync)) -> End {
    // A limit beyond what the clock can count is none.
    let end = Instant::now().checked_add(limit);
    let mut look = time::interval(LOOK);
    loop {
        tokio::select! {
            status = child.wait() => return status.map_or_else(|error| End::Lost(error.to_string()), End::Exit),
            () = voices.listen() => {}
            _ = look.tick() => {
                if cancelled() {
                    return End::Cancelled;
                }
                if end.is_some_and(|end| Instant::now() >= end) {
                    return End::TooLong;
                }
            }
        }
    }
}

/// Asks the command and all it started to end, and ends what is left after a while.
async fn stop(child: &mut Child, voices: &mut Voices, family: Family) {
    family.ask();
    let end = Instant::now() + GRACE;
    let mut reaped = false;
    let mut look = time::interval(Duration::from_millis(20));
    while Instant::now() < end && (!reaped || family.lives()) {
        tokio::select! {
            _ = child.wait(), if !reaped => reaped = true,
            () = voices.listen() => {}
            _ = look.tick() => {}
        }
    }
    if !reaped || family.lives() {
        family.end();
    }
    if !reaped {
        // A process that hangs in the kernel does not end at all; nobody waits for that.
        let _ = time::timeout(GRACE, child.wait()).await;
    }
    voices.listen_for(LAST_WORDS).await;
}

/// Both streams of a command, read as they come and mostly forgotten.
struct Voices {
    out: Option<ChildStdout>,
    err: Option<ChildStderr>,
    tail: Tail,
    out_part: Box<[u8; TAIL]>,
    err_part: Box<[u8; TAIL]>,
}

impl Voices {
    fn of(child: &mut Child) -> Self {
        Self {
            out: child.stdout.take(),
            err: child.stderr.take(),
            tail: Tail::default(),
            out_part: Box::new([0; TAIL]),
            err_part: Box::new([0; TAIL]),
        }
    }

    /// Hears one piece. Never ends when both streams have ended.
    async fn listen(&mut self) {
        tokio::select! {
            read = part(&mut self.out, &mut *self.out_part) => match read {
                Some(bytes) => self.tail.push(self.out_part.get(..bytes)),
                None => self.out = None,
            },
            read = part(&mut self.err, &mut *self.err_part) => match read {
                Some(bytes) => self.tail.push(self.err_part.get(..bytes)),
                None => self.err = None,
            },
        }
    }

    /// Hears all there is, for a while at most.
    async fn listen_for(&mut self, limit: Duration) {
        let rest = async {
            while self.out.is_some() || self.err.is_some() {
                self.listen().await;
            }
        };
        let _ = time::timeout(limit, rest).await;
    }
}

/// Reads a piece; `None` at the end. A stream that ended before gives nothing for ever.
async fn part(stream: &mut Option<impl AsyncRead + Unpin>, into: &mut [u8]) -> Option<usize> {
    match stream {
        Some(stream) => stream.read(into).await.ok().filter(|bytes| *bytes > 0),
        None => std::future::pending().await,
    }
}

/// The last bytes of a stream.
#[derive(Default)]
struct Tail(Vec<u8>);

impl Tail {
    fn push(&mut self, bytes: Option<&[u8]>) {
        self.0.extend_from_slice(bytes.unwrap_or_default());
        if self.0.len() > TAIL {
            self.0.drain(..self.0.len() - TAIL);
        }
    }

    /// As text: a letter cut at the front is left out, other bytes that are no text show as `�`.
    fn text(&self) -> String {
        let cut = self.0.iter().take(3).take_while(|byte| **byte & 0xC0 == 0x80).count();
        String::from_utf8_lossy(self.0.get(cut..).unwrap_or_default()).into_owned()
    }
}
