//! Bundles as text.

use backstay_api::types::{BundleReply, ExportReply, ImportReply};

use super::{bytes, count, counted, facts, gaps, short, time, verdict};

/// How an export ended.
#[must_use]
pub fn export(reply: &ExportReply) -> String {
    let mut text = format!("{}: {}, {}\n", reply.path, verdict(reply.verdict), bytes(reply.bytes));
    text.push_str(&format!(
        "  {}, {}\n",
        counted(reply.records, "record", "records"),
        counted(reply.files, "file", "files")
    ));
    text.push_str(&gaps(&reply.gaps));
    text
}

/// How an import ended.
#[must_use]
pub fn import(reply: &ImportReply) -> String {
    let mut text = format!(
        "snapshot {} in {}: {}, {} added to the vault\n",
        short(&reply.snapshot),
        reply.vault,
        verdict(reply.verdict),
        bytes(reply.stored)
    );
    text.push_str(&gaps(&reply.gaps));
    text
}

/// What a bundle is, and whether it is whole.
#[must_use]
pub fn inspected(reply: &BundleReply) -> String {
    let meta = &reply.metadata;
    let whole = match (reply.intact, reply.damaged) {
        (None, _) => "not compared".to_owned(),
        (Some(true), _) => "everything fits its checksums".to_owned(),
        (Some(false), damaged) => format!("{} DAMAGED", counted(damaged, "file is", "files are")),
    };
    let mut rows = vec![("Bundle", reply.path.clone()), ("Size", bytes(reply.bytes))];
    if let Some(foreign) = &reply.foreign {
        rows[0].0 = "File";
        rows.push(("Format", foreign.title.clone()));
    }
    rows.extend([
        ("Source", format!("{} ({})", meta.source_name, meta.source_kind)),
        ("Time", time(meta.started)),
        ("Verdict", verdict(meta.verdict).to_owned()),
    ]);
    // A file of another program has no checksums: it was read to its end.
    if reply.foreign.is_none() {
        rows.push(("Content", whole));
    }
    let mut text = facts(&rows);
    for note in reply.foreign.iter().flat_map(|foreign| &foreign.notes) {
        text.push_str(&format!("  {note}\n"));
    }
    for part in &reply.parts {
        let size = part.bytes.map(|size| format!(", {}", bytes(size))).unwrap_or_default();
        text.push_str(&format!("  {}: {}{size}\n", part.name, count(part.items)));
    }
    text.extend(reply.damage.iter().map(|line| format!("  {line}\n")));
    text.push_str(&gaps(&meta.gaps));
    text
}
