//! Where output goes: data on standard output, everything else on standard error. A reader that goes away is no error.

use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::errors::{CliError, Result};

/// How this call speaks.
#[derive(Debug)]
pub struct Output {
    /// JSON for scripts instead of text for people.
    pub json: bool,
    /// Nothing beyond results and errors.
    pub quiet: bool,
    closed: AtomicBool,
}

impl Output {
    /// Speaks as asked for.
    #[must_use]
    pub fn new(json: bool, quiet: bool) -> Self {
        Self {
            json,
            quiet,
            closed: AtomicBool::new(false),
        }
    }

    /// Writes text to standard output; control characters of names and values are shown, not obeyed.
    ///
    /// # Errors
    /// When it cannot be written. A closed pipe is not an error: [`Output::is_closed`] tells.
    pub fn text(&self, text: &str) -> Result<()> {
        self.bytes(harmless(text).as_bytes())
    }

    /// Writes a line to standard output.
    ///
    /// # Errors
    /// See [`Output::text`].
    pub fn line(&self, text: &str) -> Result<()> {
        self.bytes(format!("{}\n", harmless(text)).as_bytes())
    }

    /// Writes one JSON value as a line.
    ///
    /// # Errors
    /// See [`Output::text`].
    pub fn document<T: Serialize>(&self, value: &T) -> Result<()> {
        let mut line = serde_json::to_vec(value).map_err(|error| CliError::Output(error.into()))?;
        line.push(b'\n');
        self.bytes(&line)
    }

    /// Writes an event: the members of `value` after `"event": name`.
    ///
    /// # Errors
    /// See [`Output::text`].
    pub fn event<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        let mut event = Map::new();
        event.insert("event".to_owned(), Value::from(name));
        match serde_json::to_value(value).map_err(|error| CliError::Output(error.into()))? {
            Value::Object(members) => event.extend(members),
            other => {
                event.insert("value".to_owned(), other);
            }
        }
        self.document(&event)
    }

    /// Whether whoever read the output went away.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// A line for people on standard error, unless they asked for quiet or a script listens.
    pub fn note(&self, text: &str) {
        if !self.quiet && !self.json {
            self.complain(text);
        }
    }

    /// A line on standard error, always.
    #[expect(clippy::unused_self, reason = "all output goes through one value")]
    pub fn complain(&self, text: &str) {
        // When standard error is gone nobody is left to tell.
        let _ = writeln!(io::stderr().lock(), "{}", harmless(text));
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// See [`Output::text`].
    pub fn bytes(&self, bytes: &[u8]) -> Result<()> {
        if self.is_closed() {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed.store(true, Ordering::Relaxed);
                Ok(())
            }
            done => done.map_err(CliError::Output),
        }
    }
}

/// Whether a person sits at the terminal: can read a question and answer it.
#[must_use]
pub fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Columns for text: the terminal's, else `COLUMNS`, else plenty, because a file has no edge.
#[must_use]
pub fn width() -> u16 {
    let told = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    told.or_else(|| console::Term::stdout().size_checked().map(|(_, columns)| columns))
        .unwrap_or(160)
        .clamp(40, 400)
}

/// Names of files and records may hold escape sequences that would drive the terminal: makes them visible instead.
fn harmless(text: &str) -> Cow<'_, str> {
    let drives = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(drives) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if drives(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn escape_sequences_are_shown_not_obeyed() {
        assert_eq!(harmless("plain é\n\ttext"), "plain é\n\ttext");
        assert_eq!(harmless("a\u{1b}[2Jb\r\u{9b}"), "a\\u{1b}[2Jb\\u{d}\\u{9b}");
    }
}
