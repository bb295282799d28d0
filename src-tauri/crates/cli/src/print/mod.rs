//! Text for people: readable without colour, fine at 80 columns. One file per subject.

use backstay_model::{ErrorKind, Gap, RunKind, Verdict};
use chrono::{DateTime, Local, Utc};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::output::width;

pub mod browse;
pub mod bundles;
pub mod calendar;
pub mod conflict;
pub mod holds;
pub mod keep;
pub mod listing;
pub mod plans;
pub mod proof;
pub mod replicate;
pub mod restore;
pub mod runs;
pub mod setup;
pub mod status;
pub mod told;
pub mod words;

/// Long lists of things that went wrong are cut here; `--json` has all.
pub const SHOWN_GAPS: usize = 20;

/// A size for people.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    HumanBytes(bytes).to_string()
}

/// A number with separators.
#[must_use]
pub fn count(number: u64) -> String {
    HumanCount(number).to_string()
}

/// `1 file`, `2 files`.
#[must_use]
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A time in the local zone, to the second.
#[must_use]
pub fn time(time: DateTime<Utc>) -> String {
    time.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The beginning of an id, long enough to name it again.
#[must_use]
pub fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

/// The beginning of a run's id. It begins with the time, so that more characters are needed to tell two apart.
#[must_use]
pub fn short_run(id: &str) -> String {
    id.chars().take(13).collect()
}

/// The word for a verdict.
#[must_use]
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Complete => "complete",
        Verdict::Partial => "PARTIAL",
        Verdict::Failed => "FAILED",
        Verdict::Cancelled => "cancelled",
    }
}

/// The word for a kind of run.
#[must_use]
pub fn run_kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Backup => "backup",
        RunKind::Restore => "restore",
        RunKind::Undo => "undo",
        RunKind::Check => "verify",
        RunKind::Forget => "forget",
        RunKind::Prune => "prune",
        RunKind::Repair => "repair",
        RunKind::Export => "export",
        RunKind::Drill => "drill",
        RunKind::Replicate => "replicate",
        RunKind::Settle => "settle",
    }
}

/// A class of errors as scripts see it (`notFound`).
#[must_use]
pub fn code(kind: ErrorKind) -> String {
    plain(&kind)
}

/// The wire word of a plain enum.
#[must_use]
pub fn plain<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}

/// What is missing, in a line.
#[must_use]
pub fn gap(gap: &Gap) -> String {
    format!("missing  {}: {}", one_line(&gap.subject), gap.message)
}

/// The first gaps, one a line, and how many more there are.
#[must_use]
pub fn gaps(gaps: &[Gap]) -> String {
    let mut text: String = gaps.iter().take(SHOWN_GAPS).map(|g| format!("  {}\n", gap(g))).collect();
    if gaps.len() > SHOWN_GAPS {
        text.push_str(&format!(
            "  … and {} more missing; --json names all\n",
            count((gaps.len() - SHOWN_GAPS) as u64)
        ));
    }
    text
}

/// A name in one line: line breaks and tabs become visible.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.replace('\n', "\\n").replace('\t', "\\t")
}

/// Text cut to `columns`, with an ellipsis.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    console::truncate_str(text, columns.max(4), "…").into_owned()
}

/// A table without lines. `right` names the columns of numbers. The last column takes the space that is left.
#[must_use]
pub fn table<const N: usize>(headers: [&str; N], right: &[usize], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width())
        .set_header(headers);
    let rows = rows.into_iter().map(|row| row.map(|cell| one_line(&cell)).to_vec());
    table.add_rows(rows);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if right.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if index + 1 < N {
            column.set_constraint(comfy_table::ColumnConstraint::ContentWidth);
        }
    }
    format!("{}\n", table.trim_fmt())
}

/// `Name:  value` lines, values in one column.
#[must_use]
pub fn facts(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 1;
    rows.iter()
        .map(|(name, value)| format!("{:<width$}  {value}\n", format!("{name}:")))
        .collect()
}
