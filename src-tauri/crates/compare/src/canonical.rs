//! One spelling per content, for services that answer the same thing with other bytes each time.

use backstay_model::ContentHash;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{number, pointer};

/// A pattern that is not one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// A pattern has to start with `/`, as a JSON Pointer does.
    #[error("the pattern `{pattern}` does not start with `/`")]
    NotAPointer {
        /// The pattern.
        pattern: String,
    },
    /// `**` may stand once in a pattern.
    #[error("the pattern `{pattern}` has more than one `**`")]
    TwoDeep {
        /// The pattern.
        pattern: String,
    },
}

impl PatternError {
    /// Its class.
    #[must_use]
    pub fn kind(&self) -> backstay_model::ErrorKind {
        backstay_model::ErrorKind::Internal
    }
}

/// What does not count as content: fields that move on every read.
///
/// A pattern is a JSON Pointer in which `*` stands for any one key or index and `**` for any number of them, also none.
#[derive(Debug, Clone, Default)]
pub struct IgnorePatterns(Vec<(Vec<Part>, What)>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Name(String),
    Any,
    Deep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Field,
    Query,
}

impl IgnorePatterns {
    /// Nothing is ignored.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Leaves out the fields each pattern matches (`/request_id`, `/files/*/expiry_time`, `/**/icon`).
    ///
    /// # Errors
    /// When a pattern does not start with `/` or has `**` twice.
    pub fn fields(self, patterns: &[&str]) -> Result<Self, PatternError> {
        self.with(patterns, What::Field)
    }

    /// Cuts the query and fragment off the URLs each pattern matches: signature and expiry of a file link go, the file
    /// it leads to stays.
    ///
    /// # Errors
    /// As for [`IgnorePatterns::fields`].
    pub fn url_queries(self, patterns: &[&str]) -> Result<Self, PatternError> {
        self.with(patterns, What::Query)
    }

    fn with(mut self, patterns: &[&str], what: What) -> Result<Self, PatternError> {
        for pattern in patterns {
            self.0.push((parse(pattern)?, what));
        }
        Ok(self)
    }

    fn matches(&self, path: &[Step<'_>], what: What) -> bool {
        self.0.iter().any(|(pattern, w)| *w == what && fits(pattern, path))
    }
}

fn parse(pattern: &str) -> Result<Vec<Part>, PatternError> {
    if !pattern.starts_with('/') {
        return Err(PatternError::NotAPointer {
            pattern: pattern.to_owned(),
        });
    }
    let parts: Vec<Part> = pointer::segments(pattern)
        .map(|part| match part.as_str() {
            "*" => Part::Any,
            "**" => Part::Deep,
            _ => Part::Name(part),
        })
        .collect();
    if parts.iter().filter(|part| **part == Part::Deep).count() > 1 {
        return Err(PatternError::TwoDeep {
            pattern: pattern.to_owned(),
        });
    }
    Ok(parts)
}

/// Whether a path fits a pattern. With one `**` at most, one look at each end decides; nothing is tried twice.
fn fits(pattern: &[Part], path: &[Step<'_>]) -> bool {
    let same = |(part, step): (&Part, &Step<'_>)| part == &Part::Any || matches!(part, Part::Name(name) if step.is(name));
    match pattern.iter().position(|part| *part == Part::Deep) {
        None => pattern.len() == path.len() && pattern.iter().zip(path).all(same),
        Some(at) => {
            let (head, tail) = (&pattern[..at], &pattern[at + 1..]);
            path.len() >= head.len() + tail.len()
                && head.iter().zip(path).all(same)
                && tail.iter().rev().zip(path.iter().rev()).all(same)
        }
    }
}

/// One step of the path to the value at hand.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl Step<'_> {
    fn is(&self, name: &str) -> bool {
        match self {
            Self::Key(key) => *key == name,
            Self::Index(index) => name.parse() == Ok(*index),
        }
    }
}

/// The canonical form of `value` as UTF-8 JSON: keys sorted by code point, no blanks, one spelling per number (a whole
/// number as its digits, any other as `15e-1`), without what `ignore` names. [`equal`](crate::equal()) values have the same form, unequal
/// ones different forms.
#[must_use]
pub fn canonical(value: &Value, ignore: &IgnorePatterns) -> Vec<u8> {
    let mut writer = Writer {
        ignore,
        path: Vec::new(),
        out: Vec::with_capacity(256),
    };
    writer.value(value);
    writer.out
}

/// The hash of the canonical form: what a connector gives as a record's hash when the service's bytes move.
#[must_use]
pub fn content_hash(value: &Value, ignore: &IgnorePatterns) -> ContentHash {
    ContentHash::of(&canonical(value, ignore))
}

struct Writer<'a> {
    ignore: &'a IgnorePatterns,
    path: Vec<Step<'a>>,
    out: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn value(&mut self, value: &'a Value) {
        match value {
            Value::Null => self.out.extend_from_slice(b"null"),
            Value::Bool(b) => self.out.extend_from_slice(if *b { b"true" } else { b"false" }),
            Value::Number(n) => self.out.extend_from_slice(number::canonical(n).as_bytes()),
            Value::String(text) => {
                let cut = self.ignore.matches(&self.path, What::Query);
                let end = if cut {
                    text.find(['?', '#']).unwrap_or(text.len())
                } else {
                    text.len()
                };
                self.text(&text[..end]);
            }
            Value::Array(items) => self.array(items),
            Value::Object(map) => self.object(map),
        }
    }

    fn array(&mut self, items: &'a [Value]) {
        self.out.push(b'[');
        let mut first = true;
        for (index, item) in items.iter().enumerate() {
            self.path.push(Step::Index(index));
            if !self.ignore.matches(&self.path, What::Field) {
                self.comma(&mut first);
                self.value(item);
            }
            self.path.pop();
        }
        self.out.push(b']');
    }

    fn object(&mut self, map: &'a Map<String, Value>) {
        let mut entries: Vec<(&String, &Value)> = map.iter().collect();
        // UTF-8 bytes sort like code points.
        entries.sort_unstable_by(|a, b| a.0.cmp(b.0));
        self.out.push(b'{');
        let mut first = true;
        for (key, value) in entries {
            self.path.push(Step::Key(key));
            if !self.ignore.matches(&self.path, What::Field) {
                self.comma(&mut first);
                self.text(key);
                self.out.push(b':');
                self.value(value);
            }
            self.path.pop();
        }
        self.out.push(b'}');
    }

    fn comma(&mut self, first: &mut bool) {
        if !std::mem::take(first) {
            self.out.push(b',');
        }
    }

    fn text(&mut self, text: &str) {
        // Writing text into memory cannot fail.
        let _ = serde_json::to_writer(&mut self.out, text);
    }
}
