//! The dashboard in a terminal: one line per source, the sum, the alarms that stand.

use backstay_api::types::{AlertRow, FiguresReply, Health, ReplicationRow, SourceFigures};
use backstay_model::Verdict;
use chrono::{DateTime, Local, NaiveDate, Utc};
use serde::Serialize;

use super::{bytes, count, counted, plain, replicate, table, told, words};

/// Days of the line of runs that are drawn; a terminal has no more room.
const DRAWN: i64 = 30;

/// Everything `backstay status` shows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `fine`, `attention` or `failed`.
    pub state: &'static str,
    /// The figures.
    pub figures: FiguresReply,
    /// Alarms that stand.
    pub alerts: Vec<AlertRow>,
    /// Continuous replications of Backstay.
    pub replications: Vec<ReplicationRow>,
    /// Who runs the plans; absent when nobody does.
    pub leader: Option<String>,
}

/// How a source is, in a word; what needs a person is in capitals.
fn health(source: &SourceFigures) -> String {
    match source.health {
        _ if source.held => "HELD".to_owned(),
        Health::Failed => "FAILED".to_owned(),
        _ if source.overdue => "OVERDUE".to_owned(),
        Health::Partial => "PARTIAL".to_owned(),
        Health::None => "no backup yet".to_owned(),
        other => plain(&other),
    }
}

/// The dashboard.
#[must_use]
pub fn status(status: &Status) -> String {
    let figures = &status.figures;
    let mut text = if figures.sources.is_empty() {
        "No source yet; `backstay source add` makes one.\n".to_owned()
    } else {
        let rows = figures.sources.iter().map(|source| row(source, figures));
        table(
            ["SOURCE", "STATE", "GOOD", "NEXT", "OK", "RPO", "RTO", "RUNS"],
            &[2, 4, 5, 6],
            rows,
        )
    };
    text.push_str(&together(status));
    if !status.alerts.is_empty() {
        text.push_str(&format!("Alarms that stand: {}\n", count(status.alerts.len() as u64)));
        text.extend(status.alerts.iter().map(told::alarm));
    }
    text.extend(status.replications.iter().map(replicate::line));
    text.push_str(&match &status.leader {
        Some(process) => format!("Plans are run by {process}.\n"),
        None => "NOBODY runs the plans: start Backstay, or backstay agent install.\n".to_owned(),
    });
    text
}

fn row(source: &SourceFigures, figures: &FiguresReply) -> [String; 8] {
    let dash = || "–".to_owned();
    let ago = |at: DateTime<Utc>| words::length(Utc::now() - at);
    let rpo = match (source.rpo_minutes, source.promise_minutes) {
        (Some(rpo), Some(promise)) => format!("{}/{}", words::minutes(rpo), words::minutes(promise)),
        (Some(rpo), None) => words::minutes(rpo),
        _ => dash(),
    };
    [
        source.source.clone(),
        health(source),
        source.last_good.map_or_else(dash, ago),
        source.next.map_or_else(dash, minute),
        source.success_percent.map_or_else(dash, percent),
        rpo,
        source.rto_seconds.map_or_else(dash, words::seconds),
        line(source, figures),
    ]
}

/// Ninety-nine and a half is not a hundred.
fn percent(share: f64) -> String {
    if share >= 100.0 {
        "100 %".to_owned()
    } else {
        format!("{:.1} %", (share * 10.0).floor() / 10.0)
    }
}

fn minute(time: DateTime<Utc>) -> String {
    time.with_timezone(&Local).format("%m-%d %H:%M").to_string()
}

/// One sign a day, the worst of the day.
fn line(source: &SourceFigures, figures: &FiguresReply) -> String {
    let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let (Some(from), Some(to)) = (day(&figures.from), day(&figures.to)) else {
        return String::new();
    };
    let days = (to - from).num_days().clamp(0, DRAWN - 1);
    let first = to - chrono::TimeDelta::days(days);
    let sign = |date: NaiveDate| {
        let name = date.format("%Y-%m-%d").to_string();
        let found = source.days.iter().find(|point| point.day == name);
        match found.and_then(|point| point.worst) {
            Some(Verdict::Complete) => '·',
            Some(Verdict::Cancelled) => 'c',
            Some(Verdict::Partial) => 'P',
            Some(Verdict::Failed) => 'F',
            None => ' ',
        }
    };
    let line: String = first.iter_days().take_while(|date| *date <= to).map(sign).collect();
    format!("|{line}|")
}

fn together(status: &Status) -> String {
    let figures = &status.figures;
    let mut parts = vec![format!(
        "Overall: {}",
        match status.state {
            "fine" => "fine",
            "failed" => "FAILED",
            _ => "NEEDS YOU",
        }
    )];
    parts.extend(
        figures
            .success_percent
            .map(|share| format!("{} of runs complete", percent(share))),
    );
    let (moments, kept) = figures.moments;
    if moments > 0 {
        parts.push(format!("{} of {} moments kept", count(kept), count(moments)));
    }
    parts.extend(
        figures
            .rpo_minutes
            .map(|rpo| format!("most you could lose: {}", words::minutes(rpo))),
    );
    parts.push(match (figures.rto_seconds, figures.never_drilled) {
        (Some(rto), _) => format!("all back in {}", words::seconds(rto)),
        (None, never) => format!("{} never tried to restore", counted(never, "source", "sources")),
    });
    parts.extend(figures.used.map(|used| format!("{} in vaults", bytes(used))));
    format!("{} ({} to {})\n", parts.join("; "), figures.from, figures.to)
}
