//! Marks what changed inside a long text.

use similar::{ChangeTag, TextDiff};

/// Texts longer than this together (bytes) are compared line by line only.
const MAX_WORD_BYTES: usize = 1 << 20;
/// Texts longer than this together (bytes) are only freed of their common ends.
const MAX_LINE_BYTES: usize = 16 << 20;

/// A stretch of text that is in both texts or in one. All that are not `Added`, joined, are the earlier text; all that are
/// not `Removed`, the later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordRun<'a> {
    /// In both.
    Same(&'a str),
    /// Only in the earlier text.
    Removed(&'a str),
    /// Only in the later text.
    Added(&'a str),
}

/// The differences of two texts by words (as Unicode divides them, so that texts without blanks between words work too).
///
/// Time is bounded: long texts (1 MiB) are compared by lines, very long ones (16 MiB) give one replaced middle.
#[must_use]
pub fn diff_words<'a>(before: &'a str, after: &'a str) -> Vec<WordRun<'a>> {
    let mut runs = Runs {
        before,
        after,
        old: 0,
        new: 0,
        found: Vec::new(),
    };
    let size = before.len() + after.len();
    if size <= MAX_WORD_BYTES {
        runs.take(&TextDiff::from_unicode_words(before, after));
    } else if size <= MAX_LINE_BYTES {
        runs.take(&TextDiff::from_lines(before, after));
    } else {
        runs.ends();
    }
    runs.found
}

/// Collects runs; `old` and `new` are how far each text is used up, in bytes.
struct Runs<'a> {
    before: &'a str,
    after: &'a str,
    old: usize,
    new: usize,
    found: Vec<WordRun<'a>>,
}

impl Runs<'_> {
    fn take(&mut self, diff: &TextDiff<'_, '_, str>) {
        let mut open: Option<(ChangeTag, usize)> = None;
        for change in diff.iter_all_changes() {
            let (tag, len) = (change.tag(), change.value().len());
            open = match open {
                Some((last, sum)) if last == tag => Some((tag, sum + len)),
                Some((last, sum)) => {
                    self.push(last, sum);
                    Some((tag, len))
                }
                None => Some((tag, len)),
            };
        }
        if let Some((tag, len)) = open {
            self.push(tag, len);
        }
    }

    fn ends(&mut self) {
        let start: usize = self
            .before
            .chars()
            .zip(self.after.chars())
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a.len_utf8())
            .sum();
        let (old, new) = (&self.before[start..], &self.after[start..]);
        let end: usize = old
            .chars()
            .rev()
            .zip(new.chars().rev())
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a.len_utf8())
            .sum();
        let (old, new) = (old.len() - end, new.len() - end);
        self.push(ChangeTag::Equal, start);
        self.push(ChangeTag::Delete, old);
        self.push(ChangeTag::Insert, new);
        self.push(ChangeTag::Equal, end);
    }

    fn push(&mut self, tag: ChangeTag, len: usize) {
        if len == 0 {
            return;
        }
        let run = match tag {
            ChangeTag::Equal => {
                self.new += len;
                self.old += len;
                WordRun::Same(&self.before[self.old - len..self.old])
            }
            ChangeTag::Delete => {
                self.old += len;
                WordRun::Removed(&self.before[self.old - len..self.old])
            }
            ChangeTag::Insert => {
                self.new += len;
                WordRun::Added(&self.after[self.new - len..self.new])
            }
        };
        self.found.push(run);
    }
}
