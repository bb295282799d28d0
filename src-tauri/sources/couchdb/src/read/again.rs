//! Documents of which something is missing: the changes feed will not name them again by itself.

use std::collections::BTreeSet;

use parking_lot::Mutex;

/// How many are remembered by name.
const MOST: usize = 1000;

/// Collects ids from several threads.
#[derive(Debug, Default)]
pub(super) struct Again(Mutex<BTreeSet<String>>);

impl Again {
    /// Something of this document is missing.
    pub(super) fn note(&self, id: &str) {
        let mut ids = self.0.lock();
        // One more than are remembered tells that there are too many.
        if ids.len() <= MOST {
            ids.insert(id.to_owned());
        }
    }

    /// The ids, or that there are too many.
    pub(super) fn done(self) -> (Vec<String>, bool) {
        let ids = self.0.into_inner();
        match ids.len() > MOST {
            true => (Vec::new(), true),
            false => (ids.into_iter().collect(), false),
        }
    }
}
