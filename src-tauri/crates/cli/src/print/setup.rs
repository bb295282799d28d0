//! Vaults and sources as text.

use backstay_api::types::{
    KeysReply, ProbePart, ProbeReply, SourceRow, SourcesReply, UnlockReply, VaultInfoReply, VaultRow, VaultsReply,
};
use backstay_model::{Capabilities, ConsistentSnapshot};

use super::{bytes, count, counted, facts, short, table, time, verdict};

/// All vaults.
#[must_use]
pub fn vaults(reply: &VaultsReply) -> String {
    if reply.vaults.is_empty() {
        return "No vault yet. Create one with `backstay vault create NAME --path DIR`.\n".to_owned();
    }
    let rows = reply.vaults.iter().map(|v| {
        let name = if v.is_default {
            format!("{} *", v.name)
        } else {
            v.name.clone()
        };
        [
            name,
            short(&v.repository_id),
            if v.remembered { "yes" } else { "no" }.to_owned(),
            v.path.clone(),
        ]
    });
    let mut text = table(["VAULT", "ID", "KEY KEPT", "PATH"], &[], rows);
    text.push_str("* new sources go here unless told otherwise\n");
    text
}

/// A vault that was created or added.
#[must_use]
pub fn vault_made(row: &VaultRow, created: bool) -> String {
    let done = if created { "Created" } else { "Added" };
    let mut text = format!(
        "{done} the vault \"{}\" ({}) at {}\n",
        row.name,
        short(&row.repository_id),
        row.path
    );
    match &row.note {
        Some(note) => text.push_str(&format!("Note: {note}.\n")),
        None if row.remembered => {
            text.push_str("Its key is kept in the keychain or the encrypted file of this machine: nobody is asked again.\n");
        }
        None => text.push_str("Its key is not kept: every command needs the password.\n"),
    }
    if created {
        text.push_str("Without the password nothing can be restored. Print the recovery kit now:\n");
        text.push_str(&format!(
            "  backstay vault recovery-kit {} --output recovery-kit.html\n",
            row.name
        ));
    }
    text
}

/// A vault in numbers.
#[must_use]
pub fn vault_info(reply: &VaultInfoReply) -> String {
    let v = &reply.vault;
    let mut rows = vec![
        ("Vault", v.name.clone()),
        ("Path", v.path.clone()),
        ("Repository", v.repository_id.clone()),
        ("Known since", time(v.created)),
        ("Key kept", if v.remembered { "yes" } else { "no" }.to_owned()),
        ("Snapshots", count(reply.snapshots)),
        ("Newest", reply.newest.map_or_else(|| "none".to_owned(), time)),
        ("Size", bytes(reply.bytes)),
        ("Packs", count(reply.packs)),
        ("Keys", count(reply.keys)),
    ];
    rows.extend(reply.locks.iter().map(|lock| ("Lock", lock.clone())));
    rows.extend(reply.problems.iter().map(|problem| ("PROBLEM", problem.clone())));
    facts(&rows)
}

/// All keys of a vault.
#[must_use]
pub fn keys(reply: &KeysReply) -> String {
    let rows = reply.keys.iter().map(|key| {
        let id = format!("{}{}", short(&key.id), if key.in_use { " *" } else { "" });
        [
            id,
            key.user.clone(),
            key.host.clone(),
            key.created.map_or_else(|| "unknown".to_owned(), time),
        ]
    });
    let mut text = table(["KEY", "USER", "HOST", "CREATED"], &[], rows);
    text.push_str("* opened the vault just now\n");
    text
}

/// Locks removed and kept.
#[must_use]
pub fn unlocked(reply: &UnlockReply) -> String {
    let mut text: String = reply.removed.iter().map(|lock| format!("removed  {lock}\n")).collect();
    text.extend(reply.kept.iter().map(|lock| format!("kept     {lock}\n")));
    if text.is_empty() {
        text.push_str("There were no locks.\n");
    }
    text
}

/// All sources.
#[must_use]
pub fn sources(reply: &SourcesReply) -> String {
    if reply.sources.is_empty() {
        return "No source yet. Add one with `backstay source add KIND NAME …`; `backstay source add --help` lists the kinds.\n"
            .to_owned();
    }
    let rows = reply.sources.iter().map(|s| {
        let last = s.last_backup.map_or_else(|| "never".to_owned(), time);
        let how = s.last_verdict.map_or("", verdict).to_owned();
        [s.name.clone(), s.kind.clone(), last, how, place(s)]
    });
    table(["SOURCE", "KIND", "LAST GOOD BACKUP", "LAST RUN", "WHAT"], &[], rows)
}

fn place(source: &SourceRow) -> String {
    source
        .options
        .get("path")
        .or_else(|| source.options.get("url"))
        .and_then(|place| place.as_str())
        .unwrap_or_default()
        .to_owned()
}

/// One source.
#[must_use]
pub fn source(row: &SourceRow) -> String {
    let mut rows = vec![
        ("Source", row.name.clone()),
        ("Kind", row.kind.clone()),
        ("Id", row.id.clone()),
        ("Added", time(row.created)),
    ];
    let options: Vec<(&String, String)> = row
        .options
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name, option(value)))
        .collect();
    rows.extend(options.iter().map(|(name, value)| (name.as_str(), value.clone())));
    rows.push((
        "Last good",
        row.last_backup.map_or_else(|| "never backed up".to_owned(), time),
    ));
    if let Some(last) = row.last_verdict {
        rows.push(("Last run", verdict(last).to_owned()));
    }
    if let Some(can) = &row.capabilities {
        rows.push(("Can", capabilities(can)));
    }
    facts(&rows)
}

fn option(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => items.iter().map(option).collect::<Vec<_>>().join(", "),
        serde_json::Value::Bool(true) => "yes".to_owned(),
        other => other.to_string(),
    }
}

fn capabilities(can: &Capabilities) -> String {
    let words = [
        (can.records, "records"),
        (can.files, "files"),
        (can.change_feed, "change feed"),
        (can.attachments, "attachments"),
        (can.create, "create"),
        (can.update, "update"),
        (can.delete, "delete"),
        (can.trash, "trash"),
        (can.transactions, "transactions"),
        (can.conflicts, "conflicts"),
        (can.replicates, "replication"),
        (can.selectors, "selectors"),
    ];
    let mut words: Vec<&str> = words.iter().filter(|(has, _)| *has).map(|(_, word)| *word).collect();
    words.push(match can.consistent {
        ConsistentSnapshot::PerItem => "every item consistent by itself",
        ConsistentSnapshot::PerFile => "every file of one moment",
        ConsistentSnapshot::Whole => "the whole source of one moment",
    });
    words.join(", ")
}

/// What a probe found.
#[must_use]
pub fn probe(reply: &ProbeReply) -> String {
    let probe = &reply.probe;
    let mut text = format!("The source \"{}\" can be read", reply.source);
    if let Some(version) = &probe.version {
        text.push_str(&format!(" ({version})"));
    }
    text.push_str(&format!(": {}", counted(probe.found.len() as u64, "item", "items")));
    if let Some(size) = probe.bytes {
        text.push_str(&format!(", {}", bytes(size)));
    }
    text.push('\n');
    text.extend(probe.found.iter().map(|found| format!("  {}\n", super::one_line(found))));
    text.push_str(&parts(&probe.parts));
    text.extend(probe.warnings.iter().map(|warning| format!("Warning: {warning}\n")));
    text
}

/// What can be chosen one by one. `*` marks what the settings choose.
fn parts(parts: &[ProbePart]) -> String {
    if parts.is_empty() {
        return String::new();
    }
    let rows = parts.iter().map(|part| {
        [
            format!("{}{}", part.name, if part.chosen { " *" } else { "" }),
            part.records.map(count).unwrap_or_default(),
            part.bytes.map(bytes).unwrap_or_default(),
            part.problem.clone().unwrap_or_default(),
        ]
    });
    let mut text = table(["PART", "RECORDS", "SIZE", "PROBLEM"], &[1, 2], rows);
    text.push_str("* protected by the settings\n");
    text
}
