//! JSON Pointers (RFC 6901) built while walking down a value.

use std::fmt::Write as _;

/// The path to the value at hand. Cheap to extend and to shorten.
#[derive(Default)]
pub(crate) struct Pointer(String);

impl Pointer {
    /// The pointer as text; empty for the whole value.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Goes down to an object's key; returns what [`Pointer::up`] needs to come back.
    pub(crate) fn down_key(&mut self, key: &str) -> usize {
        let mark = self.0.len();
        push_key(&mut self.0, key);
        mark
    }

    /// Goes down to an array's element; returns what [`Pointer::up`] needs to come back.
    pub(crate) fn down_index(&mut self, index: usize) -> usize {
        let mark = self.0.len();
        // Writing to a text cannot fail.
        let _ = write!(self.0, "/{index}");
        mark
    }

    /// Comes back up.
    pub(crate) fn up(&mut self, mark: usize) {
        self.0.truncate(mark);
    }
}

/// Appends `/` and the key, escaped by RFC 6901.
fn push_key(text: &mut String, key: &str) {
    text.push('/');
    for c in key.chars() {
        match c {
            '~' => text.push_str("~0"),
            '/' => text.push_str("~1"),
            c => text.push(c),
        }
    }
}

/// The keys of a pointer, unescaped.
pub(crate) fn segments(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer
        .split('/')
        .skip(1)
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
}
