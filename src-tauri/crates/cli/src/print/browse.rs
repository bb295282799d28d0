//! Snapshots and their content as text.

use backstay_api::types::{
    CollectionCounts, FileRow, HistoryReply, LsReply, RecordReply, ShowReply, SnapshotRow, SnapshotsReply,
};
use backstay_model::{ChangeCounts, ChangeKind, Collection, CollectionKind, FieldChange, FileKind, Record, RecordChange};
use serde_json::Value;

use super::{bytes, count, counted, cut, facts, gaps, one_line, short, table, time, verdict};
use crate::output::width;

/// A list of snapshots.
#[must_use]
pub fn snapshots(reply: &SnapshotsReply) -> String {
    let mut text = String::new();
    if reply.snapshots.is_empty() {
        text.push_str("No snapshot found. `backstay backup NAME` makes one.\n");
    } else {
        let rows = reply.snapshots.iter().map(|s| {
            let how = if s.safety {
                "safety copy"
            } else {
                s.verdict.map_or("foreign", verdict)
            };
            let read = s.bytes.map_or_else(String::new, bytes);
            [short(&s.id), time(s.time), s.vault.clone(), how.to_owned(), read, label(s)]
        });
        text.push_str(&table(["SNAPSHOT", "TIME", "VAULT", "VERDICT", "READ", "SOURCE"], &[4], rows));
    }
    text.extend(reply.problems.iter().map(|problem| format!("Problem: {problem}\n")));
    text
}

fn label(row: &SnapshotRow) -> String {
    // The tags Backstay sets itself say what other columns say already.
    let tags: Vec<&str> = row
        .tags
        .iter()
        .map(String::as_str)
        .filter(|tag| !["backstay", "partial", "undo"].contains(tag))
        .collect();
    if tags.is_empty() {
        row.source.clone()
    } else {
        format!("{}  [{}]", row.source, tags.join(", "))
    }
}

/// Everything a snapshot says about itself.
#[must_use]
pub fn show(reply: &ShowReply) -> String {
    let s = &reply.snapshot;
    let bundle = s.id.strip_prefix("bundle:");
    let mut rows = vec![
        ("Bundle", bundle.unwrap_or_default().to_owned()),
        ("Snapshot", if bundle.is_some() { String::new() } else { s.id.clone() }),
        ("Vault", s.vault.clone()),
        ("Source", s.source.clone()),
        ("Time", time(s.time)),
        ("Host", s.host.clone()),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    if let Some(how) = s.verdict {
        rows.push(("Verdict", verdict(how).to_owned()));
    }
    if !s.tags.is_empty() {
        rows.push(("Tags", s.tags.join(", ")));
    }
    if let (Some(read), Some(stored)) = (s.bytes, s.stored) {
        rows.push(match bundle {
            Some(_) => ("Size", format!("{}, unpacked {}", bytes(stored), bytes(read))),
            None => (
                "Read",
                format!("{}, of which {} were new to the vault", bytes(read), bytes(stored)),
            ),
        });
    }
    let mut text = match &reply.metadata {
        Some(meta) => {
            rows.push(("Written by", format!("{}, format {}", meta.program, meta.format_version)));
            rows.push(("Kind", meta.source_kind.clone()));
            rows.push((
                "Files",
                format!("{}, {}", counted(meta.files, "file", "files"), bytes(meta.file_bytes)),
            ));
            if meta.assets > 0 {
                rows.push(("Assets", count(meta.assets)));
            }
            for w in &meta.workspaces {
                let what = format!(
                    "{}  {}  {}  {}  {}",
                    one_line(&w.path),
                    bytes(w.database_size),
                    w.backup_type,
                    time(w.timestamp),
                    cut(&w.checksum, 20)
                );
                rows.push(("Workspace", what));
            }
            facts(&rows) + &gaps(&meta.gaps)
        }
        None => facts(&rows) + "Written by another program: its files can be listed and read, it has no records.\n",
    };
    if !reply.collections.is_empty() {
        text.push('\n');
        text.push_str(&collections(&reply.collections));
    }
    text
}

fn collections(all: &[Collection]) -> String {
    let room = usize::from(width()).saturating_sub(50).max(20);
    let kind = |c: &Collection| match c.kind {
        CollectionKind::Table => "table".to_owned(),
        CollectionKind::View => "view".to_owned(),
        CollectionKind::Internal => "internal".to_owned(),
        CollectionKind::Aside => "aside".to_owned(),
    };
    let fields = |c: &Collection| {
        cut(
            &c.schema.fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", "),
            room,
        )
    };
    // Numbers are shown where they are known without reading every record.
    if all.iter().all(|c| c.records.is_none()) {
        return table(
            ["COLLECTION", "KIND", "FIELDS"],
            &[],
            all.iter().map(|c| [c.name.clone(), kind(c), fields(c)]),
        );
    }
    let rows = all
        .iter()
        .map(|c| [c.name.clone(), c.records.map_or_else(String::new, count), kind(c), fields(c)]);
    table(["COLLECTION", "RECORDS", "KIND", "FIELDS"], &[1], rows)
}

/// A list of collections, records or files.
#[must_use]
pub fn ls(reply: &LsReply, offset: u64) -> String {
    let mut text = String::new();
    if !reply.collections.is_empty() {
        text.push_str(&collections(&reply.collections));
    }
    let many = reply.record_collections.len() == reply.records.len();
    for (index, record) in reply.records.iter().enumerate() {
        let collection = reply.record_collections.get(index).filter(|_| many);
        text.push_str(&record_line(collection.map(String::as_str), record));
    }
    if !reply.files.is_empty() {
        text.push_str(&table(["SIZE", "CHANGED", "PATH"], &[0], reply.files.iter().map(file)));
    }
    let shown = (reply.collections.len() + reply.records.len() + reply.files.len()) as u64;
    if shown == 0 {
        text.push_str("Nothing found.\n");
    } else if reply.more {
        let of = reply.total.map_or_else(String::new, |total| format!(" of {}", count(total)));
        text.push_str(&format!(
            "{} to {}{of}; more with --offset {}\n",
            count(offset + 1),
            count(offset + shown),
            offset + shown
        ));
    }
    text
}

fn record_line(collection: Option<&str>, record: &Record) -> String {
    let place = collection.map_or_else(String::new, |name| format!("{}/", one_line(name)));
    let data = String::from_utf8_lossy(record.data.as_bytes());
    format!(
        "{}\n",
        cut(&format!("{place}{}  {data}", one_line(&record.id)), usize::from(width()))
    )
}

fn file(row: &FileRow) -> [String; 3] {
    let (size, name) = match &row.kind {
        FileKind::File => (bytes(row.size), one_line(&row.path)),
        FileKind::Directory => ("dir".to_owned(), format!("{}/", one_line(&row.path))),
        FileKind::Symlink(to) => ("link".to_owned(), format!("{} → {}", one_line(&row.path), one_line(to))),
        FileKind::Other => ("special".to_owned(), one_line(&row.path)),
    };
    [size, row.modified.map_or_else(String::new, time), name]
}

/// One record, a field a line.
#[must_use]
pub fn record(reply: &RecordReply) -> String {
    let record = &reply.record;
    let mut text = format!(
        "{}/{}  ({})\n",
        one_line(&reply.collection),
        one_line(&record.id),
        short(&reply.hash)
    );
    if let Some(changed) = record.changed {
        text.push_str(&format!("changed {}\n", time(changed)));
    }
    match record.data.value() {
        Ok(Value::Object(fields)) => {
            let width = fields.keys().map(|name| console::measure_text_width(name)).max().unwrap_or(0);
            for (name, value) in fields {
                let pad = " ".repeat(width.saturating_sub(console::measure_text_width(&name)));
                text.push_str(&format!("  {}{pad}  {value}\n", one_line(&name)));
            }
        }
        _ => text.push_str(&format!("  {}\n", String::from_utf8_lossy(record.data.as_bytes()))),
    }
    for asset in &record.assets {
        text.push_str(&format!(
            "  attachment {}  {}\n",
            asset.name,
            asset.size.map_or_else(String::new, bytes)
        ));
    }
    text
}

/// All versions of one record.
#[must_use]
pub fn history(reply: &HistoryReply) -> String {
    let mut text = String::new();
    for v in &reply.versions {
        let state = v.hash.as_deref().map_or_else(|| "gone".to_owned(), short);
        let lasted = counted(v.snapshots, "snapshot", "snapshots");
        text.push_str(&format!(
            "{}  {}  {}  {state}  in {lasted}\n",
            time(v.time),
            short(&v.snapshot),
            v.vault
        ));
        text.push_str(&fields(&v.fields));
    }
    if reply.versions.is_empty() {
        text.push_str("No snapshot holds it.\n");
    }
    text.extend(reply.problems.iter().map(|problem| format!("Problem: {problem}\n")));
    text
}

/// One difference, with its fields.
#[must_use]
pub fn change(change: &RecordChange) -> String {
    let word = match change.change {
        ChangeKind::Added => "added   ",
        ChangeKind::Changed => "changed ",
        ChangeKind::Removed => "removed ",
    };
    format!(
        "{word} {}/{}\n{}",
        one_line(&change.collection),
        one_line(&change.id),
        fields(&change.fields)
    )
}

/// Field differences, one a line: `name: before → after`; of a whole item that came or went, only the values.
#[must_use]
pub fn fields(changes: &[FieldChange]) -> String {
    let room = usize::from(width()).saturating_sub(12);
    let whole = [ChangeKind::Added, ChangeKind::Removed]
        .iter()
        .any(|kind| changes.iter().all(|change| change.change == *kind));
    changes
        .iter()
        .map(|change| format!("           {}\n", cut(&field(change, whole, room), room)))
        .collect()
}

fn field(change: &FieldChange, whole: bool, room: usize) -> String {
    let name = change
        .field
        .strip_prefix('/')
        .unwrap_or(&change.field)
        .replace("~1", "/")
        .replace("~0", "~");
    let name = one_line(&name);
    if whole && let Some(value) = change.after.as_ref().or(change.before.as_ref()) {
        return format!("{name}: {value}");
    }
    // Both sides must be seen: a long value is cut before it hides the other one.
    let side = (room.saturating_sub(console::measure_text_width(&name) + 8) / 2).max(12);
    let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "(absent)".to_owned(), Value::to_string);
    let (before, after) = from_difference(text(&change.before), text(&change.after), side);
    format!("{name}: {} → {}", cut(&before, side), cut(&after, side))
}

/// Characters shown before the first difference of two long values.
const CONTEXT: usize = 12;

/// Two long values from shortly before the place where they begin to differ: cut at their ends they could look the same.
fn from_difference(before: String, after: String, room: usize) -> (String, String) {
    let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
    if same + CONTEXT < room {
        return (before, after);
    }
    let skip = same.saturating_sub(CONTEXT);
    let shorten = |text: String| format!("…{}", text.chars().skip(skip).collect::<String>());
    (shorten(before), shorten(after))
}

/// Numbers by collection.
#[must_use]
pub fn counts(collections: &[CollectionCounts]) -> String {
    let different: Vec<&CollectionCounts> = collections.iter().filter(|c| !c.counts.is_same()).collect();
    if different.is_empty() {
        let same = collections.iter().map(|c| c.counts.unchanged).sum();
        return format!("No difference ({} compared).\n", counted(same, "item", "items"));
    }
    let rows = different.iter().map(|c| {
        let ChangeCounts {
            added,
            changed,
            removed,
            unchanged,
        } = c.counts;
        [
            count(added),
            count(changed),
            count(removed),
            count(unchanged),
            c.collection.clone(),
        ]
    });
    table(["ADDED", "CHANGED", "REMOVED", "SAME", "COLLECTION"], &[0, 1, 2, 3], rows)
}

#[cfg(test)]
mod tests {
    use super::from_difference;

    #[test]
    fn long_values_are_shown_where_they_differ() {
        let long = "a".repeat(200);
        let (before, after) = from_difference(format!("{long}x"), format!("{long}y"), 40);
        assert_eq!((before.as_str(), after.as_str()), ("…aaaaaaaaaaaax", "…aaaaaaaaaaaay"));
        let short = from_difference("\"one\"".to_owned(), "\"two\"".to_owned(), 40);
        assert_eq!(short, ("\"one\"".to_owned(), "\"two\"".to_owned()));
    }
}
