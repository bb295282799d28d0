//! A look at the folder before the first backup: is it there, how large is it, what will not come along.

use std::{collections::BTreeMap, sync::Arc};

use backstay_model::FileKind;
use backstay_source::{Cancel, FileView as _, Probe, Result};

use super::LiveFiles;
use crate::{client, config::FolderConfig, list::Rules};

/// Entries a probe looks at. Larger folders are not counted to the end: a probe should answer at once.
const MOST_ENTRIES: u64 = 200_000;
/// Top-level names that are listed.
const MOST_NAMES: usize = 50;
/// Warnings about unreadable things that are listed.
const MOST_WARNINGS: usize = 20;

#[derive(Default)]
struct Tally {
    files: u64,
    bytes: u64,
}

/// Looks at the folder.
///
/// # Errors
/// When it is missing or cannot be read, or the job was cancelled.
pub(crate) fn probe(config: &Arc<FolderConfig>, rules: &Arc<Rules>, cancel: &Cancel) -> Result<Probe> {
    client::open_root(&config.root)?;
    let live = LiveFiles {
        config: Arc::clone(config),
        rules: Arc::clone(rules),
        cancel: cancel.clone(),
    };
    let mut probe = Probe::default();
    let mut top: BTreeMap<String, Tally> = BTreeMap::new();
    let (mut seen, mut bytes, mut unreadable) = (0, 0, 0_usize);
    for entry in live.walk(None)? {
        cancel.check()?;
        seen += 1;
        if seen > MOST_ENTRIES {
            break;
        }
        match entry {
            Ok(entry) => {
                let first = entry.path.split('/').next().unwrap_or(&entry.path);
                if !top.contains_key(first) {
                    top.insert(first.to_owned(), Tally::default());
                }
                if let (FileKind::File, Some(tally)) = (&entry.kind, top.get_mut(first)) {
                    tally.files += 1;
                    tally.bytes += entry.size;
                    bytes += entry.size;
                }
            }
            Err(error) => {
                unreadable += 1;
                if unreadable <= MOST_WARNINGS {
                    probe.warnings.push(error.to_string());
                }
            }
        }
    }
    let counted = seen <= MOST_ENTRIES;
    probe.bytes = counted.then_some(bytes);
    probe.found = found(&top, counted);
    if unreadable > MOST_WARNINGS {
        let more = unreadable - MOST_WARNINGS;
        probe.warnings.push(format!("{more} more cannot be read"));
    }
    if top.is_empty() {
        probe.warnings.push(nothing(config));
    }
    Ok(probe)
}

fn found(top: &BTreeMap<String, Tally>, counted: bool) -> Vec<String> {
    let line = |(name, tally): (&String, &Tally)| {
        if counted {
            format!("{name}: {} files, {} bytes", tally.files, tally.bytes)
        } else {
            name.clone()
        }
    };
    let mut lines: Vec<String> = top.iter().take(MOST_NAMES).map(line).collect();
    if top.len() > MOST_NAMES {
        lines.push(format!("and {} more", top.len() - MOST_NAMES));
    }
    if !counted {
        lines.push(format!("more than {MOST_ENTRIES} files and folders"));
    }
    lines
}

fn nothing(config: &FolderConfig) -> String {
    let shown = config.root.display();
    if config.include.is_empty() && config.exclude.is_empty() && config.exclude_file.is_none() {
        format!("{shown} is empty")
    } else {
        format!("{shown} holds nothing the patterns would take")
    }
}
