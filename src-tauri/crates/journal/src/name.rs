//! Names of sources and vaults: short, printable, safe as an argument and as part of a file name.

use uuid::Uuid;

use crate::{JournalError, Result};

/// Longest name, in characters.
const LONGEST: usize = 64;

/// Checks a name: 1 to 64 letters (of any script), digits, `-`, `_`, `.` and single spaces between them; no `-` at the start; not
/// only dots; not shaped like an id, because sources and vaults are addressed by either.
///
/// # Errors
/// [`JournalError::Name`] with the rule it breaks.
pub fn check_name(name: &str) -> Result<()> {
    let broken = if name.is_empty() {
        Some("it is empty")
    } else if name.chars().count() > LONGEST {
        Some("it is longer than 64 characters")
    } else if name.starts_with('-') {
        Some("it starts with a dash, like an option")
    } else if !name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' '))
    {
        Some("only letters, digits, spaces, '-', '_' and '.' are allowed")
    } else if name.trim() != name || name.contains("  ") {
        // Nobody sees these, and names that look alike would be two.
        Some("spaces may only stand between words, one at a time")
    } else if name.chars().all(|c| c == '.') {
        Some("it is only dots, like a directory")
    } else if Uuid::try_parse(name).is_ok() {
        Some("it looks like an id")
    } else {
        None
    };
    match broken {
        Some(reason) => Err(JournalError::Name {
            name: name.to_owned(),
            reason,
        }),
        None => Ok(()),
    }
}

/// What makes two names the same: file systems and people do not tell case apart.
pub(crate) fn key(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{check_name, key};

    #[test]
    fn rules() {
        for good in [
            "a",
            "notes",
            "Team wiki",
            "Straße_7",
            "日本語",
            "v1.2",
            "_x",
            "2026",
            &"é".repeat(64),
        ] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "-x",
            " a",
            "a ",
            "a  b",
            "a\tb",
            "a/b",
            "..",
            "a\n",
            "a\u{301}",
            "c:d",
            "018f3c1e-7a7b-7c6d-8e9f-0a1b2c3d4e5f",
            &"é".repeat(65),
        ] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
        assert_eq!(key("Écrit"), key("éCRIT"));
    }
}
