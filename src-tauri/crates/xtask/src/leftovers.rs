//! Marks of unfinished work.

use std::path::Path;

use crate::Finding;

/// Written in two halves, so that this file does not find itself.
const MARKS: &[(&str, &str)] = &[
    (concat!("TO", "DO"), "finish it or open an issue"),
    (concat!("FIX", "ME"), "fix it or open an issue"),
    (concat!("XX", "X"), "say what is meant"),
    (concat!("HA", "CK"), "say why it has to be so"),
    (concat!("todo", "!"), "nothing half-built is merged"),
    (concat!("unimpl", "emented!"), "nothing half-built is merged"),
    (concat!("db", "g!"), "left over from a search for a fault"),
    (concat!("#[ign", "ore"), "a test that does not run protects nothing"),
    (concat!("<<<<", "<<<"), "an unfinished merge"),
];

/// Finds marks of unfinished work in a text file.
#[must_use]
pub fn check_leftovers(file: &Path, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for (mark, advice) in MARKS.iter().filter(|(mark, _)| has_word(line, mark)) {
            findings.push(Finding::at(file, number + 1, format!("`{mark}` is left over: {advice}.")));
        }
    }
    findings
}

/// Whether `mark` stands in `line`, not as a part of a longer word.
fn has_word(line: &str, mark: &str) -> bool {
    let in_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(mark).any(|(at, _)| {
        let starts = mark.starts_with(char::is_alphanumeric) && in_word(line[..at].chars().next_back());
        let ends = mark.ends_with(char::is_alphanumeric) && in_word(line[at + mark.len()..].chars().next());
        !starts && (!ends || mark.starts_with('#'))
    })
}
