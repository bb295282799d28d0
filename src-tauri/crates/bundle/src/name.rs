//! Names of entries: which are refused, when two are one, and how a file's own name becomes a safe one.

use std::{collections::HashSet, fmt};

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// Longest path of an entry in bytes.
const MAX_PATH: usize = 16 << 10;
/// Longest part of a path in bytes: what file systems take.
const MAX_PART: usize = 255;
/// Longest part this program writes; leaves room for the marks below.
const LONG_PART: usize = 200;
/// Digits of the hash that tells shortened or clashing names apart.
const DIGITS: usize = 12;

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameFault {
    /// Nothing at all, or an empty part.
    Empty,
    /// Begins with `/`.
    Absolute,
    /// Has a part `.` or `..`.
    Traversal,
    /// Has a backslash, which some systems take for `/`.
    Backslash,
    /// Has a colon: a drive letter or a stream on Windows.
    Colon,
    /// Has NUL or another control character.
    Control,
    /// A part ends in a dot or a blank, which Windows drops.
    Trailing,
    /// Too long.
    Long,
    /// Not UTF-8.
    NotText,
    /// The archive gives the entry a second name.
    Second,
}

impl fmt::Display for NameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty or has an empty part",
            Self::Absolute => "is an absolute path",
            Self::Traversal => "leads to another directory",
            Self::Backslash => "has a backslash",
            Self::Colon => "has a colon",
            Self::Control => "has control characters",
            Self::Trailing => "has a part that ends in a dot or blank",
            Self::Long => "is too long",
            Self::NotText => "is not UTF-8 text",
            Self::Second => "is given in two ways",
        })
    }
}

/// Checks the name of an entry, without the `/` at the end of a directory.
pub(crate) fn check(name: &str) -> Result<(), NameFault> {
    if name.is_empty() {
        return Err(NameFault::Empty);
    }
    if name.len() > MAX_PATH {
        return Err(NameFault::Long);
    }
    if name.starts_with('/') {
        return Err(NameFault::Absolute);
    }
    if name.contains('\\') {
        return Err(NameFault::Backslash);
    }
    if name.contains(':') {
        return Err(NameFault::Colon);
    }
    if name.chars().any(char::is_control) {
        return Err(NameFault::Control);
    }
    for part in name.split('/') {
        match part {
            "" => return Err(NameFault::Empty),
            "." | ".." => return Err(NameFault::Traversal),
            part if part.len() > MAX_PART => return Err(NameFault::Long),
            part if part.ends_with(['.', ' ']) => return Err(NameFault::Trailing),
            _ => {}
        }
    }
    Ok(())
}

/// A name as a system sees it that ignores case and the form of accents.
fn fold(name: &str) -> String {
    name.nfkd().flat_map(char::to_lowercase).nfkc().collect()
}

/// 128 bits that stand for a text.
pub(crate) fn digest(text: &str) -> u128 {
    let digest = Sha256::digest(text.as_bytes());
    let mut out = [0; 16];
    out.copy_from_slice(&digest[..16]);
    u128::from_le_bytes(out)
}

/// [`digest`] of the folded name.
pub(crate) fn folded(name: &str) -> u128 {
    if name.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return digest(name);
    }
    digest(&fold(name))
}

/// Gives files safe names in a bundle: unique also where case is ignored, without characters that some system cannot have.
///
/// What has to go is written as `%XX` (as `FileEntry::escape` writes odd bytes), so that the name still tells what the file was
/// called. Paths must come in the order of a walk: a directory before its content.
#[derive(Debug)]
pub struct Namer {
    levels: Vec<Level>,
}

/// One directory on the way to the current path.
#[derive(Debug, Default)]
struct Level {
    /// Its own part of the path.
    part: String,
    /// Its path in the bundle.
    place: String,
    /// Folded names in it.
    taken: HashSet<u128>,
}

impl Default for Namer {
    fn default() -> Self {
        Self {
            levels: vec![Level::default()],
        }
    }
}

impl Namer {
    /// The path in the bundle for the file or directory at `path`.
    pub fn place(&mut self, path: &str) -> String {
        let parts: Vec<&str> = path.split('/').collect();
        let depth = parts.len() - 1;
        let same = parts[..depth]
            .iter()
            .zip(&self.levels[1..])
            .take_while(|(part, level)| **part == level.part)
            .count();
        self.levels.truncate(same + 1);
        for part in &parts[same..] {
            let level = self.next(part);
            self.levels.push(level);
        }
        self.levels.last().map(|level| level.place.clone()).unwrap_or_default()
    }

    fn next(&mut self, part: &str) -> Level {
        let above = self.levels.len() - 1;
        let above = &mut self.levels[above];
        let mut safe = safe_part(part);
        let mut try_number = 0_u32;
        while !above.taken.insert(folded(&safe)) {
            safe = marked(&safe, &format!("{part}/{try_number}"));
            try_number += 1;
        }
        let place = if above.place.is_empty() {
            safe
        } else {
            format!("{}/{safe}", above.place)
        };
        Level {
            part: part.to_owned(),
            place,
            taken: HashSet::new(),
        }
    }
}

/// The name cut to fit, and digits that tell it from others.
fn marked(safe: &str, what: &str) -> String {
    let mut end = safe.len().min(LONG_PART - DIGITS - 1);
    while !safe.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}~{}", &safe[..end], &hex::encode(Sha256::digest(what))[..DIGITS])
}

/// One part of a path without anything a gate refuses or a common system cannot have.
fn safe_part(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let last = part.chars().count().saturating_sub(1);
    for (at, c) in part.chars().enumerate() {
        let odd = c.is_control() || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
        let dropped = at == last && matches!(c, '.' | ' ');
        if odd || dropped || (at == 0 && is_device(part)) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        } else {
            out.push(c);
        }
    }
    if out.len() > LONG_PART { marked(&out, part) } else { out }
}

/// Whether Windows takes the name for a device.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || numbered.is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_file_is_called_its_place_passes_the_gate_and_is_its_own() {
        let long = "ü".repeat(127);
        let names = [
            "a", "A", "é", "e\u{301}", "É", "con", "NUL.txt", "x:y", "a\\b", "end.", "end ", "a\nb", "%2E%2E", "%FF", &long, "ﬁ",
            "fi", "...", ". .", "a\u{7f}",
        ];
        let mut namer = Namer::default();
        let mut seen = HashSet::new();
        for name in names {
            for path in [name.to_owned(), format!("{name}/{name}")] {
                let place = namer.place(&path);
                assert_eq!(check(&place), Ok(()), "{path:?} became {place:?}");
                assert!(seen.insert(folded(&place)), "{place:?} is there twice");
            }
        }
    }

    #[test]
    fn plain_names_stay_and_odd_ones_tell_what_they_were() {
        let mut namer = Namer::default();
        assert_eq!(namer.place("notes"), "notes");
        assert_eq!(namer.place("notes/Caf\u{e9} 1.txt"), "notes/Caf\u{e9} 1.txt");
        assert_eq!(namer.place("notes/a:b"), "notes/a%3Ab");
        assert!(namer.place("notes/caf\u{e9} 1.txt").starts_with("notes/caf\u{e9} 1.txt~"));
    }

    #[test]
    fn names_that_lead_out_are_refused() {
        for (name, fault) in [
            ("", NameFault::Empty),
            ("a//b", NameFault::Empty),
            ("/etc/passwd", NameFault::Absolute),
            ("../x", NameFault::Traversal),
            ("a/../b", NameFault::Traversal),
            ("./a", NameFault::Traversal),
            ("a\\b", NameFault::Backslash),
            ("C:x", NameFault::Colon),
            ("a\0b", NameFault::Control),
            ("a\u{85}", NameFault::Control),
            ("a./b", NameFault::Trailing),
        ] {
            assert_eq!(check(name), Err(fault), "{name:?}");
        }
    }
}
