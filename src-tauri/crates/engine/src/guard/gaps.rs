//! What a run's gaps explain: a thing that could not be read is missing, not deleted.

use std::collections::HashSet;

use backstay_model::Gap;

/// The subjects of a run's gaps, to look things up in.
pub(crate) struct Gaps {
    subjects: HashSet<String>,
    /// Full paths: of folders of a source, which is known by paths below it.
    rooted: Vec<String>,
}

impl Gaps {
    pub(crate) fn of(gaps: &[Gap]) -> Self {
        let subjects = gaps.iter().map(|gap| gap.subject.trim_end_matches('/').to_owned());
        let (rooted, subjects): (Vec<_>, Vec<_>) = subjects.partition(|subject| subject.starts_with('/'));
        Self {
            subjects: subjects.into_iter().collect(),
            rooted,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.subjects.is_empty() && self.rooted.is_empty()
    }

    /// Whether a gap names `path` (a collection, `collection/id`, a file) or something it lies in.
    pub(crate) fn cover(&self, path: &str) -> bool {
        if self.is_empty() {
            return false;
        }
        ancestors(path).any(|part| {
            let below = |full: &String| full.strip_suffix(part).is_some_and(|root| root.ends_with('/'));
            self.subjects.contains(part) || self.rooted.iter().any(below)
        })
    }
}

/// `a/b/c`, `a/b`, `a`.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rfind('/').map(|at| &path[..at]))
}

#[cfg(test)]
mod tests {
    use backstay_model::ErrorKind;

    use super::*;

    #[test]
    fn a_gap_covers_itself_and_what_lies_in_it() {
        let gap = |subject: &str| Gap {
            subject: subject.to_owned(),
            kind: ErrorKind::Io,
            message: String::new(),
        };
        let gaps = Gaps::of(&[gap("notes"), gap("shop/orders/7"), gap("/home/ann/data/old"), gap("pics/")]);
        for covered in ["notes", "notes/1", "shop/orders/7", "old/a.db", "old", "pics/a/b"] {
            assert!(gaps.cover(covered), "{covered}");
        }
        for other in ["note", "shop/orders/8", "shop/orders", "older/a.db", "ld", "pics2"] {
            assert!(!gaps.cover(other), "{other}");
        }
    }
}
