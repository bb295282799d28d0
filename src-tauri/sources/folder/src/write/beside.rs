//! Names for what is put beside a living file: `notes (restored 2026-11-20 14.03).txt`.

use chrono::NaiveDateTime;

/// Bytes a name may have on the usual file systems.
const LONGEST: usize = 255;

/// The name of the `attempt`-th try (from 1) for a file called `name`. The ending stays, so that the file opens with the
/// program it belongs to; a stem too long is cut.
pub(crate) fn name_beside(name: &[u8], restored: NaiveDateTime, attempt: u32) -> Vec<u8> {
    let when = restored.format("%Y-%m-%d %H.%M");
    let mark = match attempt {
        1 => format!(" (restored {when})"),
        n => format!(" (restored {when}, {n})"),
    };
    // A name that only begins with a dot (.profile) has no ending.
    let dot = name.iter().rposition(|b| *b == b'.').filter(|at| *at > 0);
    let (stem, ending) = name.split_at(dot.unwrap_or(name.len()));
    let ending = if ending.len() + mark.len() < LONGEST { ending } else { &[] };
    let mut stem = &stem[..stem.len().min(LONGEST - mark.len() - ending.len())];
    if std::str::from_utf8(name).is_ok() {
        // Not in the middle of a character.
        while std::str::from_utf8(stem).is_err() {
            stem = &stem[..stem.len() - 1];
        }
    }
    [stem, mark.as_bytes(), ending].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(name: &str, attempt: u32) -> String {
        let when = chrono::NaiveDate::from_ymd_opt(2026, 11, 20)
            .and_then(|d| d.and_hms_opt(14, 3, 9))
            .unwrap();
        String::from_utf8(name_beside(name.as_bytes(), when, attempt)).unwrap()
    }

    #[test]
    fn keeps_the_ending_and_counts_on() {
        assert_eq!(beside("notes.txt", 1), "notes (restored 2026-11-20 14.03).txt");
        assert_eq!(beside("notes.txt", 2), "notes (restored 2026-11-20 14.03, 2).txt");
        assert_eq!(beside("a.tar.gz", 1), "a.tar (restored 2026-11-20 14.03).gz");
        assert_eq!(beside(".profile", 1), ".profile (restored 2026-11-20 14.03)");
        assert_eq!(beside("Makefile", 1), "Makefile (restored 2026-11-20 14.03)");
    }

    #[test]
    fn cuts_long_names_between_characters() {
        let long = format!("{}.txt", "é".repeat(125));
        let named = beside(&long, 1);
        assert!(
            named.len() <= LONGEST && named.ends_with("é (restored 2026-11-20 14.03).txt"),
            "{named}"
        );
        let ending_only = format!("a.{}", "x".repeat(250));
        assert!(beside(&ending_only, 1).len() <= LONGEST);
    }
}
