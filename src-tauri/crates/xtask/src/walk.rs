//! Which files of the workspace are looked at.

use std::path::{Path, PathBuf};

use anyhow::Result;
use ignore::WalkBuilder;

/// Text files with a meaning for developers, relative to `root`, sorted. What git ignores is left out.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let walk = WalkBuilder::new(root)
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    for entry in walk {
        let entry = entry?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) && is_text(entry.path()) {
            found.push(entry.path().strip_prefix(root)?.to_owned());
        }
    }
    found.sort();
    Ok(found)
}

fn is_text(path: &Path) -> bool {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some(extension) => matches!(extension, "rs" | "md" | "toml" | "py" | "sh" | "sql"),
        None => {
            path.file_name().is_some_and(|name| name == "Makefile")
                || path
                    .parent()
                    .is_some_and(|dir| dir.file_name().is_some_and(|name| name == ".ci"))
        }
    }
}
