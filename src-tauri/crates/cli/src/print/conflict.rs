//! Records with several versions as text.

use backstay_api::types::{ConflictReply, ConflictsReply};

use super::{browse, bytes, count, cut, gaps, one_line, table, time};

/// Columns a value takes at most.
const VALUE: usize = 60;

/// Records in conflict.
#[must_use]
pub fn list(reply: &ConflictsReply, source: &str) -> String {
    if reply.conflicts.is_empty() && reply.gaps.is_empty() {
        return format!("No conflicts in \"{source}\": every record has one version.\n");
    }
    let rows = reply.conflicts.iter().map(|row| {
        [
            row.collection.clone(),
            one_line(&row.id),
            count(row.versions),
            row.rev.clone().unwrap_or_default(),
        ]
    });
    let mut text = table(["COLLECTION", "ID", "VERSIONS", "SHOWN"], &[2], rows);
    if reply.next.is_some() {
        text.push_str("There are more; --limit shows more of them.\n");
    }
    text.push_str(&gaps(&reply.gaps));
    if !reply.conflicts.is_empty() {
        text.push_str(&format!("Look at one with: backstay conflict show {source} COLLECTION ID\n"));
    }
    text
}

/// All versions of a record: the one the service shows in full, the others by what is different in them.
#[must_use]
pub fn show(reply: &ConflictReply) -> String {
    let mut text = format!("{}/{} in \"{}\"\n", reply.collection, one_line(&reply.id), reply.source);
    for version in &reply.versions {
        let when = version
            .changed
            .map(|at| format!(", changed {}", time(at)))
            .unwrap_or_default();
        let mark = if version.winner { " (the one the service shows)" } else { "" };
        text.push_str(&format!("\n{}{mark}{when}\n", version.rev));
        if version.winner {
            text.push_str(&format!("  {}\n", String::from_utf8_lossy(version.data.as_bytes())));
        } else if version.differences.is_empty() {
            text.push_str("  the same content\n");
        } else {
            text.push_str(&browse::fields(&version.differences));
        }
        for asset in &version.assets {
            let size = asset.size.map(|size| format!("  {}", bytes(size))).unwrap_or_default();
            text.push_str(&format!("  attachment {}{size}\n", one_line(&asset.name)));
        }
    }
    if reply.versions.len() < 2 {
        text.push_str("\nIt has one version: there is no conflict.\n");
    } else {
        match &reply.vault {
            Some(vault) => text.push_str(&format!(
                "\nAll versions are saved in the vault \"{vault}\" before one is chosen.\n"
            )),
            None => text.push_str("\nThere is no vault to save the versions in, so none can be chosen: create one first.\n"),
        }
    }
    text
}

/// A value in a line.
#[must_use]
pub fn value(value: Option<&serde_json::Value>) -> String {
    value.map_or_else(|| "(not there)".to_owned(), |value| cut(&one_line(&value.to_string()), VALUE))
}
