//! A survey: which databases there are, what belongs together, what everything is called.

use std::collections::HashMap;

use backstay_source::Cancel;

use super::{Found, Listing, Naming, Store, discover, name_all, newest_state, progress, stores};
use crate::{
    client::{Live, Print, begin_read, open_immutable, open_read},
    config::Config,
    error::Result,
};

/// What a look at the source found, and how it hangs together.
#[derive(Debug, Default)]
pub struct Survey {
    /// Files and gaps.
    pub listing: Listing,
    /// LiveStores, each with the index of its current state file, if it has any.
    pub stores: Vec<(Store, Option<usize>)>,
    /// Names, in the order of the files.
    pub names: Vec<Naming>,
}

impl Survey {
    /// Looks at the source. `known` may tell the current state file of a store from an earlier look at unchanged files.
    ///
    /// # Errors
    /// When the source's path cannot be read.
    pub fn take(config: &Config, cancel: &Cancel, known: impl Fn(&[&Found]) -> Option<usize>) -> Result<Self> {
        let listing = discover(config, cancel)?;
        let found = &listing.found;
        let rels: Vec<&str> = found.iter().map(|f| f.rel.as_str()).collect();
        let stores: Vec<_> = stores(&rels)
            .into_iter()
            .map(|store| {
                let files: Vec<&Found> = store.states.iter().map(|at| &found[*at]).collect();
                let current = known(&files).map(|n| store.states[n]);
                let current = current.or_else(|| {
                    newest_state(&store.states, |at| {
                        peek(&found[at], config, cancel).map(|live| progress(&live))
                    })
                });
                (store, current)
            })
            .collect();
        let root = config.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names = name_all(&rels, listing.folder, &root, |at| stores.iter().any(|(_, c)| *c == Some(at)));
        Ok(Self { listing, stores, names })
    }

    /// The store a file belongs to, by index.
    pub fn store_of(&self) -> HashMap<usize, &Store> {
        let files = self.stores.iter().flat_map(|(store, _)| {
            let all = store.states.iter().copied().chain([store.eventlog]);
            all.map(move |at| (at, store))
        });
        files.collect()
    }
}

/// A short look into a database: without locks when it is at rest.
fn peek(found: &Found, config: &Config, cancel: &Cancel) -> Result<Live> {
    let (print, header) = Print::take(&found.path)?;
    if header.wal || (print.journal.is_none() && !print.racy) {
        return open_immutable(&found.path);
    }
    let live = open_read(&found.path)?;
    begin_read(&live, &found.path, config.wait, cancel)?;
    Ok(live)
}
