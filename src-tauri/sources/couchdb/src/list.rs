//! Which databases a source has: looked up anew at every run, so that new ones are found.

use std::collections::BTreeSet;

use crate::{client::Server, config::Chosen, error::Result};

/// The databases that are protected, by name: those of the server that were chosen, and those named that need not be there.
///
/// # Errors
/// When the server has to be asked for its list and does not tell it.
pub(crate) fn databases(server: &Server, chosen: &Chosen) -> Result<Vec<String>> {
    let mut names: BTreeSet<String> = chosen.named().filter(|name| chosen.takes(name)).map(str::to_owned).collect();
    if chosen.needs_list() || chosen.system {
        // A server that hides its list is no hindrance where all names are given.
        match server.all_dbs() {
            Ok(all) => names.extend(all.into_iter().filter(|name| chosen.takes(name))),
            Err(error) if chosen.needs_list() => return Err(error),
            Err(error) => tracing::debug!(%error, "the list of databases is not told"),
        }
    }
    Ok(names.into_iter().collect())
}
