//! The proof of a schedule as text: a map of hours and days, and every moment that was not kept with its reason.

use std::collections::BTreeMap;

use backstay_api::types::{ProofReply, SlotRow, SlotState};
use chrono::{DateTime, Local, NaiveDate, Timelike, Utc};

use super::{SHOWN_GAPS, code, count, counted, time, words};

/// The map, what was not kept, and the sum.
#[must_use]
pub fn proof(reply: &ProofReply) -> String {
    let mut text = map(&reply.slots);
    let missed: Vec<&SlotRow> = reply.slots.iter().filter(|slot| !kept(slot.state)).collect();
    let hidden = missed.len().saturating_sub(SHOWN_GAPS);
    if hidden > 0 {
        text.push_str(&format!(
            "  … {} earlier; --json has all\n",
            counted(hidden as u64, "row", "rows")
        ));
    }
    text.extend(missed.into_iter().skip(hidden).map(row));
    let percent = match reply.moments {
        0 => String::new(),
        #[allow(clippy::cast_precision_loss, reason = "a share for people")]
        all => format!(" ({:.1} %)", reply.kept as f64 * 100.0 / all as f64),
    };
    text.push_str(&format!(
        "{} of {} kept{percent}.\n",
        count(reply.kept),
        counted(reply.moments, "moment", "moments")
    ));
    for (reason, number) in &reply.reasons {
        text.push_str(&format!("  {}  {}\n", count(*number), words::reason(reason)));
    }
    text.push_str(&match (reply.watcher.installed, reply.watcher.last_look) {
        (true, Some(at)) => format!("The system looks whether Backstay runs; last {}.\n", words::when(at)),
        (true, None) => "The system looks whether Backstay runs; it has not looked yet.\n".to_owned(),
        (false, _) => "Nobody looks whether Backstay itself runs: backstay agent install\n".to_owned(),
    });
    text
}

fn kept(state: SlotState) -> bool {
    matches!(state, SlotState::Ran | SlotState::NotYet)
}

fn row(slot: &SlotRow) -> String {
    let when = if slot.count > 1 {
        format!(
            "{} to {} ({})",
            time(slot.due),
            time(slot.last),
            counted(slot.count, "moment", "moments")
        )
    } else {
        time(slot.due)
    };
    let mut why = slot.reason.as_deref().map(words::reason).unwrap_or_default().to_owned();
    if let Some(kind) = slot.code {
        let message = slot.message.clone().unwrap_or_default();
        why = format!("{} ({})", message.trim_end_matches('.'), code(kind));
    }
    let covered = slot
        .covered_by
        .map_or(String::new(), |by| format!("; made up for {}", time(by)));
    let tries = match slot.attempts {
        0 | 1 => String::new(),
        tries => format!("; tried {tries} times"),
    };
    format!("  {when}  {}  {why}{covered}{tries}\n", words::slot(slot.state))
}

/// The sign of a state: what is good is small.
fn sign(state: SlotState) -> (u8, char) {
    match state {
        SlotState::NotYet => (0, '○'),
        SlotState::Ran => (1, '·'),
        SlotState::CaughtUp => (2, '+'),
        SlotState::Running => (3, '>'),
        SlotState::Waiting => (4, 'w'),
        SlotState::Skipped => (5, 's'),
        SlotState::Missed => (6, 'm'),
        SlotState::Cancelled => (7, 'c'),
        SlotState::Partial => (8, 'P'),
        SlotState::Failed => (9, 'F'),
    }
}

/// A line a day, a column an hour; the worst of the hour is shown.
fn map(slots: &[SlotRow]) -> String {
    let mut days: BTreeMap<NaiveDate, [Option<(u8, char)>; 24]> = BTreeMap::new();
    let mut mark = |at: DateTime<Utc>, sign: (u8, char)| {
        let local = at.with_timezone(&Local);
        let hour = local.hour() as usize;
        if let Some(cell) = days.entry(local.date_naive()).or_default().get_mut(hour) {
            *cell = Some(cell.map_or(sign, |old| old.max(sign)));
        }
    };
    for slot in slots {
        mark(slot.due, sign(slot.state));
        mark(slot.last, sign(slot.state));
    }
    if days.is_empty() {
        return "No moment yet.\n".to_owned();
    }
    let mut text = "            0     3     6     9     12    15    18    21\n".to_owned();
    for (day, hours) in days {
        let cells: String = hours
            .iter()
            .map(|cell| format!("{} ", cell.map_or(' ', |(_, sign)| sign)))
            .collect();
        text.push_str(&format!("{day}  {}\n", cells.trim_end()));
    }
    text.push_str("· ran  + caught up  m missed  s skipped  w waits  > runs  c cancelled  P partial  F failed  ○ to come\n");
    text
}
