//! Guards that tripped, restore drills and coverage as text.

use backstay_api::types::{
    CoverageReply, CoverageRow, CoverageState, DrillRow, DrillsReply, HoldReviewReply, HoldRow, HoldsReply, Trip,
};
use backstay_model::Verdict;

use super::{SHOWN_GAPS, bytes, code, count, counted, cut, facts, one_line, short, short_run, table, time, verdict, words};
use crate::output::width;

/// What tripped, in a line.
#[must_use]
pub fn trip(trip: &Trip) -> String {
    match trip {
        Trip::MassDeletion {
            collection,
            before,
            gone,
            share,
            ..
        } => format!(
            "{} of {} records of {collection} are gone ({share:.0} %)",
            count(*gone),
            count(*before)
        ),
        Trip::Emptied { collection, before } => {
            format!("{collection} is empty; it had {}", counted(*before, "record", "records"))
        }
        Trip::SchemaChanged {
            collection,
            gone,
            retyped,
        } => {
            let gone = gone.iter().map(|column| format!("{} is gone", column.name));
            let retyped = retyped
                .iter()
                .map(|column| format!("{} was {} and is {}", column.name, column.before, column.now));
            let all: Vec<String> = gone.chain(retyped).collect();
            format!("columns of {collection}: {}", all.join(", "))
        }
        Trip::CoverageLost { names } => format!("out of reach: {}", names.join(", ")),
        Trip::FilesGone { before, gone, share, .. } => {
            format!("{} of {} files are gone ({share:.0} %)", count(*gone), count(*before))
        }
    }
}

/// The number a person confirms a guard with, if there is one.
#[must_use]
pub fn number(trip: &Trip) -> Option<u64> {
    match trip {
        Trip::MassDeletion { gone, .. } | Trip::FilesGone { gone, .. } => Some(*gone),
        Trip::Emptied { before, .. } => Some(*before),
        Trip::SchemaChanged { .. } | Trip::CoverageLost { .. } => None,
    }
}

/// Guards that tripped.
#[must_use]
pub fn list(reply: &HoldsReply) -> String {
    if reply.holds.is_empty() {
        return "No guard holds anything.\n".to_owned();
    }
    let rows = reply.holds.iter().map(|hold| {
        let state = match (&hold.released, &hold.released_by) {
            (None, _) => "HOLDS".to_owned(),
            (Some(_), Some(who)) => format!("released by {who}"),
            (Some(_), None) => "released".to_owned(),
        };
        [hold.id.clone(), hold.source.clone(), time(hold.at), state, trip(&hold.trip)]
    });
    table(["ID", "SOURCE", "SINCE", "STATE", "WHAT"], &[], rows)
}

/// A guard that tripped, with what went.
#[must_use]
pub fn review(reply: &HoldReviewReply) -> String {
    let hold = &reply.hold;
    let mut text = about(hold);
    for bar in &reply.bars {
        text.push_str(&format!(
            "  {}: {} before, {} now, {} gone; trips at {}\n",
            one_line(&bar.collection),
            count(bar.before),
            count(bar.now),
            count(bar.gone),
            count(bar.limit)
        ));
    }
    for row in &reply.rows {
        let place = row
            .collection
            .as_ref()
            .map_or(String::new(), |name| format!("{}/", one_line(name)));
        let summary = row
            .summary
            .as_ref()
            .map_or(String::new(), |text| format!("  {}", one_line(text)));
        let line = format!("  gone  {place}{}{summary}", one_line(&row.id));
        text.push_str(&format!("{}\n", cut(&line, usize::from(width()))));
    }
    text.extend(reply.next.iter().map(|next| format!("More with --from {next}\n")));
    if hold.released.is_none() {
        let number = number(&hold.trip).map_or(String::new(), |number| format!(" --confirm {number}"));
        text.push_str(&format!(
            "Nothing older is removed until you answer. If this was intended: backstay hold release {}{number}\n",
            hold.id
        ));
    }
    text
}

fn about(hold: &HoldRow) -> String {
    let mut rows = vec![
        ("Hold", hold.id.clone()),
        ("Source", one_line(&hold.source)),
        ("What", one_line(&trip(&hold.trip))),
        ("Seen", time(hold.at)),
    ];
    rows.extend(hold.vault.iter().map(|name| ("Vault", one_line(name))));
    let before = |id: &String| match hold.before_time {
        Some(at) => format!("{} of {}", short(id), time(at)),
        None => short(id),
    };
    rows.extend(hold.before.iter().map(|id| ("Last with all of it", before(id))));
    rows.extend(hold.released.map(|at| ("Released", time(at))));
    rows.extend(hold.released_by.iter().map(|who| ("By", who.clone())));
    rows.extend(hold.note.iter().map(|note| ("Note", one_line(note))));
    facts(&rows)
}

/// A guard that was answered.
#[must_use]
pub fn released(hold: &HoldRow) -> String {
    format!(
        "Released: {}. Old snapshots of \"{}\" are removed by their rules again.\n",
        trip(&hold.trip),
        hold.source
    )
}

/// Guards that tripped while a backup ran, one a line.
#[must_use]
pub fn tripped(holds: &[HoldRow]) -> String {
    let line = |hold: &HoldRow| {
        format!(
            "  GUARD    {}; no older snapshot is removed until you answer: backstay hold show {}\n",
            one_line(&trip(&hold.trip)),
            hold.id
        )
    };
    holds.iter().map(line).collect()
}

/// How a drill ended.
#[must_use]
pub fn drill(row: &DrillRow) -> String {
    let what = if row.one_each {
        "one record of each collection"
    } else {
        "everything"
    };
    let mut text = format!(
        "Drill of {} from {}: {}, {what} back in {}\n",
        row.source,
        row.vault,
        verdict(row.verdict),
        words::seconds(row.seconds)
    );
    if !row.snapshot.is_empty() {
        text.push_str(&format!(
            "  snapshot {}: {}, {}, {} restored; {} of {} compared are the same\n",
            short(&row.snapshot),
            counted(row.records, "record", "records"),
            counted(row.files, "file", "files"),
            bytes(row.bytes),
            count(row.compared - row.differing.min(row.compared)),
            count(row.compared)
        ));
    }
    text.extend(
        row.differences
            .iter()
            .take(SHOWN_GAPS)
            .map(|name| format!("  differs  {}\n", one_line(name))),
    );
    if let Some((kind, message)) = &row.reason {
        text.push_str(&format!("  Error: {message} ({})\n", code(*kind)));
    }
    if row.verdict == Verdict::Failed {
        text.push_str(&format!(
            "Hint: `backstay verify {} --read-data` looks for damage. The source was not touched.\n",
            row.vault
        ));
    }
    text
}

/// The drills of a source.
#[must_use]
pub fn drills(reply: &DrillsReply) -> String {
    let mut text = if reply.drills.is_empty() {
        "No drill yet.\n".to_owned()
    } else {
        let rows = reply.drills.iter().map(|row| {
            let what = if row.one_each { "one each" } else { "everything" };
            [
                short_run(&row.run),
                time(row.started),
                what.to_owned(),
                words::seconds(row.seconds),
                format!(
                    "{}/{}",
                    count(row.compared - row.differing.min(row.compared)),
                    count(row.compared)
                ),
                verdict(row.verdict).to_owned(),
                row.vault.clone(),
            ]
        });
        table(
            ["RUN", "STARTED", "WHAT", "BACK IN", "SAME", "VERDICT", "VAULT"],
            &[3, 4],
            rows,
        )
    };
    text.extend(
        reply
            .target_minutes
            .map(|target| format!("Should take at most {}.\n", words::minutes(target.into()))),
    );
    text.extend(reply.next.map(|next| format!("Next {}.\n", words::when(next))));
    text
}

/// What a source shows against what is saved.
#[must_use]
pub fn coverage(reply: &CoverageReply) -> String {
    let number = |n: Option<u64>| n.map_or("–".to_owned(), count);
    let mut text = if reply.rows.is_empty() {
        "Nothing is seen, and nothing is saved.\n".to_owned()
    } else {
        let rows = reply.rows.iter().map(|row| {
            let name = row.title.clone().unwrap_or_else(|| row.name.clone());
            [
                state(row),
                number(row.sees),
                number(row.saved),
                number(row.last),
                if name.is_empty() {
                    "(files at the top)".to_owned()
                } else {
                    name
                },
            ]
        });
        table(["STATE", "SEEN", "SAVED", "BEFORE", "WHAT"], &[1, 2, 3], rows)
    };
    text.push_str(&match (&reply.snapshot, reply.time) {
        (Some(id), Some(at)) => format!("Compared with snapshot {} of {}.\n", short(id), time(at)),
        _ => "There is no backup yet.\n".to_owned(),
    });
    text.extend(
        reply
            .problem
            .iter()
            .map(|problem| format!("The source cannot be looked at now: {}\n", problem.message)),
    );
    text
}

fn state(row: &CoverageRow) -> String {
    let word = match row.state {
        CoverageState::Covered => "covered",
        CoverageState::New => "new",
        CoverageState::Missing => "MISSING",
        CoverageState::OutOfReach => "OUT OF REACH",
    };
    match row.gaps {
        0 => word.to_owned(),
        gaps => format!("{word}, {}", counted(gaps, "gap", "gaps")),
    }
}
