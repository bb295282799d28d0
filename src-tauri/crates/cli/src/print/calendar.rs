//! What would stay and go by keep rules, as a calendar by month.

use std::collections::BTreeMap;

use backstay_api::types::{KeepDay, KeepPreviewReply};
use chrono::{Datelike, NaiveDate};

use super::{SHOWN_GAPS, bytes, counted, one_line, short, time, words};

/// The calendar, and what would go.
#[must_use]
pub fn keep(reply: &KeepPreviewReply) -> String {
    let mut text = String::new();
    let mut months: BTreeMap<(i32, u32), Vec<(NaiveDate, &KeepDay)>> = BTreeMap::new();
    for day in &reply.days {
        if let Ok(date) = NaiveDate::parse_from_str(&day.day, "%Y-%m-%d") {
            months.entry((date.year(), date.month())).or_default().push((date, day));
        }
    }
    for ((year, number), days) in &months {
        text.push_str(&month(*year, *number, days));
    }
    if !months.is_empty() {
        text.push_str("Numbers: snapshots that stay on the day; -N: that would go.\n");
    }
    let going: Vec<_> = reply.rows.iter().filter(|row| !row.row.keep).collect();
    for row in going.iter().take(SHOWN_GAPS) {
        text.push_str(&format!(
            "  would go  {}  {}  {} in {}\n",
            short(&row.row.id),
            time(row.row.time),
            one_line(&row.source),
            one_line(&row.row.vault)
        ));
    }
    if reply.go > going.len().min(SHOWN_GAPS) as u64 {
        let more = reply.go - going.len().min(SHOWN_GAPS) as u64;
        text.push_str(&format!("  … and {more} more would go\n"));
    }
    text.push_str(&format!(
        "{} stay, {} would go",
        counted(reply.stay, "snapshot", "snapshots"),
        counted(reply.go, "snapshot", "snapshots")
    ));
    text.push_str(&match (reply.frees, reply.used) {
        (Some(frees), Some(used)) => format!("; {} of {} would become free.\n", bytes(frees), bytes(used)),
        (Some(frees), None) => format!("; {} would become free.\n", bytes(frees)),
        _ => ".\n".to_owned(),
    });
    text.extend(
        reply
            .held
            .iter()
            .map(|source| format!("Held by a guard: nothing of {} goes.\n", one_line(source))),
    );
    text.extend(
        reply
            .unreachable
            .iter()
            .map(|(vault, error)| format!("Not looked at: {}: {}\n", one_line(vault), error.message)),
    );
    text.push_str(&match reply.next {
        Some(next) => format!("It would happen {}. Nothing was changed.\n", words::when(next)),
        None => "No schedule removes them (--clean-at). Nothing was changed.\n".to_owned(),
    });
    text
}

fn month(year: i32, number: u32, days: &[(NaiveDate, &KeepDay)]) -> String {
    let Some(first) = NaiveDate::from_ymd_opt(year, number, 1) else {
        return String::new();
    };
    let mut text = format!("{}\n  Mo     Tu     We     Th     Fr     Sa     Su\n", first.format("%B %Y"));
    let mut line = " ".repeat(7 * first.weekday().num_days_from_monday() as usize + 2);
    for date in first.iter_days().take_while(|date| date.month() == number) {
        let day = days.iter().find(|(of, _)| *of == date).map(|(_, day)| *day);
        let cell = match day {
            None => "·".to_owned(),
            Some(day) if day.go == 0 => day.stay.to_string(),
            Some(day) if day.stay == 0 => format!("-{}", day.go),
            Some(day) => format!("{} -{}", day.stay, day.go),
        };
        line.push_str(&format!("{cell:<7}"));
        if date.weekday().num_days_from_sunday() == 0 {
            text.push_str(&format!("{}\n", line.trim_end()));
            line = "  ".to_owned();
        }
    }
    if !line.trim().is_empty() {
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    text
}
