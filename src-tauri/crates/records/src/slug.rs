//! Directory names for collections: readable, unique, safe on every file system.

use sha2::{Digest, Sha256};

/// Longest readable part of a slug in bytes.
const READABLE: usize = 40;
/// Hexadecimal digits of the name's hash that keep two like-looking names apart.
const DIGITS: usize = 12;

/// The directory name for a collection of this name. Always the same for a name; two names never share one, also where
/// file systems ignore case.
///
/// A name of lower-case ASCII letters, digits, `_` and `-` stands for itself. Any other gets its readable characters, `-`
/// and the first 12 hexadecimal digits of the SHA-256 of the name.
#[must_use]
pub fn slug(name: &str) -> String {
    if is_plain(name) {
        return name.to_owned();
    }
    let mut readable = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if readable.len() == READABLE {
            break;
        }
        if c.is_ascii_alphanumeric() || c == '_' {
            readable.push(c);
        } else if !readable.is_empty() && !readable.ends_with('-') {
            readable.push('-');
        }
    }
    let readable = readable.trim_end_matches('-');
    let digest = hex::encode(Sha256::digest(name.as_bytes()));
    let digest = &digest[..DIGITS];
    if readable.is_empty() {
        format!("x-{digest}")
    } else {
        format!("{readable}-{digest}")
    }
}

/// Whether `name` can be its own slug: only safe characters, no device name of Windows, and not of the form of a slug
/// with a hash (or it could be taken for another's).
fn is_plain(name: &str) -> bool {
    let safe = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    let starts_well = name.bytes().next().is_some_and(|b| b != b'-');
    starts_well && name.len() <= READABLE && name.bytes().all(safe) && !is_device(name) && !ends_in_hash(name)
}

fn is_device(name: &str) -> bool {
    let numbered = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    matches!(name, "con" | "prn" | "aux" | "nul") || numbered.is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
}

fn ends_in_hash(name: &str) -> bool {
    name.rsplit_once('-')
        .is_some_and(|(_, end)| end.len() == DIGITS && end.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::slug;

    #[test]
    fn plain_names_stand_for_themselves() {
        for name in ["users", "order_items", "2024-q1", "x"] {
            assert_eq!(slug(name), name);
        }
    }

    #[test]
    fn odd_names_are_readable_safe_and_apart() {
        let long = "ä".repeat(300);
        let own = slug("Users");
        let names = [
            "Users",
            "USERS",
            "users/",
            "a/b",
            "a-b",
            "con",
            "nul",
            "lpt1",
            "",
            ".",
            "..",
            "日本語",
            "日本",
            &long,
            " ",
            &own,
        ];
        let slugs: HashSet<String> = names.iter().map(|name| slug(name)).collect();
        assert_eq!(slugs.len(), names.len(), "{slugs:?}");
        for slug in &slugs {
            assert!(
                slug.len() <= 60
                    && slug
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b)),
                "{slug}"
            );
        }
        assert!(slug("Workspace 7/Team Tasks").starts_with("workspace-7-team-tasks-"));
    }
}
