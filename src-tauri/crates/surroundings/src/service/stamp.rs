//! A hash inside each file, by which a later installation tells its own work from a person's.

use sha2::{Digest, Sha256};

const MARK: &str = "backstay-stamp: sha256:";

/// Puts the stamp between `head` and `body`, as a comment of the file's language.
pub(super) fn stamped(head: &str, comment: (&str, &str), body: &str) -> String {
    let (open, close) = comment;
    format!("{head}{open}{MARK}{}{close}\n{body}", hash(&[head, body]))
}

/// Whether a text is as `stamped` made it.
pub(super) fn is_untouched(text: &str) -> bool {
    let Some(at) = text.find(MARK) else { return false };
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1);
    let written: String = text[at + MARK.len()..].chars().take(64).collect();
    written == hash(&[&text[..start], &text[end..]])
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::{is_untouched, stamped};

    #[test]
    fn every_edit_is_seen() {
        let text = stamped("# About\n", ("# ", ""), "[Unit]\nA=1\n");
        assert!(is_untouched(&text));
        for (at, _) in text.char_indices() {
            let mut edited = text.clone();
            edited.insert(at, 'x');
            // Within the comment, before the mark or after the hash, nothing the system reads has changed.
            let line = edited[..at].rfind('\n').map_or(0, |newline| newline + 1);
            if !text[line..].starts_with("# backstay-stamp") {
                assert!(!is_untouched(&edited), "{edited}");
            }
        }
        assert!(!is_untouched("[Unit]\nA=1\n"));
        assert!(!is_untouched(""));
    }
}
