//! Sorted tables and what a search found, as text.

use backstay_api::types::{Row, SearchHit, SearchReply};
use backstay_model::{ChangeKind, Field};
use serde::Serialize;
use serde_json::Value;

use super::{count, counted, cut, one_line, short, time};
use crate::output::width;

/// A part of a sorted or filtered table.
#[derive(Debug, Serialize)]
pub struct Table {
    /// Rows that fit.
    pub total: u64,
    /// Records of the collection.
    pub of: u64,
    /// There are more rows behind these.
    pub more: bool,
    /// The rows.
    pub rows: Vec<Row>,
}

/// Rows one a line: id, then fields in their order.
#[must_use]
pub fn table(table: &Table, fields: &[Field], offset: u64) -> String {
    if table.rows.is_empty() {
        return format!("Nothing found in {}.\n", counted(table.of, "record", "records"));
    }
    let mut text = String::new();
    for row in &table.rows {
        let shown = |field: &Field| {
            let value = row.values.get(&field.name).filter(|value| !value.is_null())?;
            Some(format!("{}: {}", field.name, plain(value)))
        };
        let values: Vec<String> = fields.iter().filter_map(shown).collect();
        let gone = if row.gone { "(gone)" } else { "" };
        let line = format!("{}  {gone}{}", one_line(&row.id), one_line(&values.join("  ")));
        text.push_str(&cut(&line, usize::from(width())));
        text.push('\n');
    }
    let shown = table.rows.len() as u64;
    let of = if table.total == table.of {
        String::new()
    } else {
        format!(" (of {} records)", count(table.of))
    };
    text.push_str(&format!(
        "{} to {} of {}{of}",
        count(offset + 1),
        count(offset + shown),
        count(table.total)
    ));
    if table.more {
        text.push_str(&format!("; more with --offset {}", offset + shown));
    }
    text.push('\n');
    text
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What a search found.
#[must_use]
pub fn search(reply: &SearchReply) -> String {
    let mut text: String = reply.hits.iter().map(hit).collect();
    if reply.hits.is_empty() {
        text.push_str(&format!(
            "Nothing found in {}.\n",
            counted(reply.snapshots, "snapshot", "snapshots")
        ));
    } else if reply.more {
        text.push_str(&format!("The first {}; more with --limit.\n", count(reply.hits.len() as u64)));
    }
    text.extend(reply.problems.iter().map(|problem| format!("Not searched: {problem}\n")));
    text
}

fn hit(hit: &SearchHit) -> String {
    let fate = match hit.fate {
        None => "now",
        Some(ChangeKind::Removed) => "removed later",
        Some(_) => "changed later",
    };
    let place = format!(
        "{}  {}/{}",
        one_line(&hit.source),
        one_line(&hit.collection),
        one_line(&hit.id)
    );
    let title = if hit.title == hit.id {
        String::new()
    } else {
        format!("  {}", one_line(&hit.title))
    };
    let excerpt = cut(&format!("    {}", one_line(&hit.excerpt)), usize::from(width()));
    let when = format!(
        "    {} in {}, {}, {fate}",
        short(&hit.snapshot),
        one_line(&hit.vault),
        time(hit.time)
    );
    format!("{place}{title}\n{excerpt}\n{when}\n")
}
