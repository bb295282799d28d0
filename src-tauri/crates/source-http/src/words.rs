//! Errors of the libraries below in words for people.

use std::{error::Error, io};

/// Letters of a foreign text that are kept.
const MOST_LETTERS: usize = 300;

/// The innermost cause, in one line.
pub(crate) fn root(error: &(dyn Error + 'static)) -> String {
    let Some(last) = causes(error).last() else {
        return String::new();
    };
    // The TLS library's words for it are for programmers.
    let hung_up = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
    if causes(error).filter_map(|cause| cause.downcast_ref()).any(hung_up) {
        return "it hung up".to_owned();
    }
    line(&last.to_string())
}

/// An error and everything below it.
pub(crate) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // What an `io::Error` wraps is not its source but stands for it.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// A foreign text as one short line.
pub(crate) fn line(text: &str) -> String {
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(MOST_LETTERS) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
