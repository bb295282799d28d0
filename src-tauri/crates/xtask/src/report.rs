//! What the checks found, for people.

use std::fmt;
use std::path::PathBuf;

use crate::FileSize;

/// A median above this is worth a thought; it fails nothing.
const MEDIAN_GOAL: usize = 150;

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where, relative to the workspace; `None` for a rule about a crate.
    pub file: Option<PathBuf>,
    /// Line, from 1; 0 for the whole file.
    pub line: usize,
    /// What is wrong, and the rule.
    pub message: String,
}

impl Finding {
    pub(crate) fn at(file: &std::path::Path, line: usize, message: String) -> Self {
        Self {
            file: Some(file.to_owned()),
            line,
            message,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), 0) => write!(f, "{}: {}", file.display(), self.message),
            (Some(file), line) => write!(f, "{}:{line}: {}", file.display(), self.message),
            (None, _) => f.write_str(&self.message),
        }
    }
}

/// All findings, and the sizes of the files looked at.
#[derive(Debug, Default)]
pub struct Report {
    /// Broken rules.
    pub findings: Vec<Finding>,
    sizes: Vec<usize>,
}

impl Report {
    /// Whether no rule is broken.
    #[must_use]
    pub fn is_tidy(&self) -> bool {
        self.findings.is_empty()
    }

    pub(crate) fn extend(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
    }

    /// Tests do not count: long tables are fine there.
    pub(crate) fn count(&mut self, size: FileSize) {
        if !size.is_test {
            self.sizes.push(size.lines);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        let mut sizes = self.sizes.clone();
        sizes.sort_unstable();
        let at = |percent: usize| {
            sizes
                .get((sizes.len().saturating_sub(1)) * percent / 100)
                .copied()
                .unwrap_or(0)
        };
        let (median, p90, largest) = (at(50), at(90), at(100));
        write!(
            f,
            "tidy: {} files, lines without tests: median {median}, 90 % within {p90}, largest {largest}",
            sizes.len()
        )?;
        if median > MEDIAN_GOAL {
            write!(f, " (the goal for the median is {MEDIAN_GOAL})")?;
        }
        match self.findings.len() {
            0 => write!(f, "; no rule is broken"),
            count => write!(f, "; {count} broken rules"),
        }
    }
}
