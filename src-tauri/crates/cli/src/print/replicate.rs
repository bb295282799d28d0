//! Replications as text.

use backstay_api::types::{
    ReplicationEnd, ReplicationProgress, ReplicationReply, ReplicationRow, ReplicationState, ReplicationsReply, Via,
};

use super::{bytes, count, gaps, one_line, short_run, table, time, verdict};

/// What to do when nobody watches the clock.
pub const NOBODY: &str = "Neither runs now: start one, or have the system do so with `backstay agent install`.";

fn end(end: &ReplicationEnd) -> String {
    format!("{}/{}", end.source, end.collection)
}

fn moved(progress: &ReplicationProgress) -> String {
    let mut text = format!("{} checked, {} written", count(progress.checked), count(progress.written));
    if progress.failed > 0 {
        text.push_str(&format!(", {} REFUSED", count(progress.failed)));
    }
    if progress.bytes > 0 {
        text.push_str(&format!(", {}", bytes(progress.bytes)));
    }
    text
}

/// How a replication ended, or that it goes on.
#[must_use]
pub fn ended(reply: &ReplicationReply, continuous: bool, watched: bool) -> String {
    let ends = format!("{} → {}", end(&reply.from), end(&reply.to));
    if let Some(kept) = &reply.kept {
        let mut text = format!(
            "Kept: {ends} ({})\nSee how it goes with: backstay couchdb replications\n",
            short_run(kept)
        );
        if !watched {
            text.push_str(&format!("The app or the agent keeps it going. {NOBODY}\n"));
        }
        return text;
    }
    if continuous && reply.progress.via == Via::Server {
        return format!(
            "The server replicates {ends} by itself, without Backstay.\nSee it with: backstay couchdb replications\n"
        );
    }
    let run = reply
        .run
        .as_deref()
        .map(|run| format!(" {}", short_run(run)))
        .unwrap_or_default();
    let by = if reply.progress.via == Via::Server {
        ", by the server"
    } else {
        ""
    };
    let mut text = format!(
        "Replication{run}: {}{by}, {}\n  {ends}\n",
        verdict(reply.verdict),
        moved(&reply.progress)
    );
    text.push_str(&gaps(&reply.gaps));
    text
}

fn state(row: &ReplicationRow) -> &'static str {
    match row.state {
        ReplicationState::Running => "running",
        ReplicationState::Idle => "up to date",
        ReplicationState::Trying => "TRYING",
        ReplicationState::Stopped => "stopped",
        ReplicationState::Nobody => "NOT RUN",
    }
}

/// A replication in a line.
#[must_use]
pub fn line(row: &ReplicationRow) -> String {
    let problem = row
        .problem
        .as_ref()
        .map(|problem| format!(": {}", one_line(&problem.message)))
        .unwrap_or_default();
    format!("Replication {} → {}: {}{problem}\n", end(&row.from), end(&row.to), state(row))
}

/// Replications that are kept, and those of servers.
#[must_use]
pub fn list(reply: &ReplicationsReply) -> String {
    if reply.kept.is_empty() && reply.on_services.is_empty() && reply.gaps.is_empty() {
        return "No replication goes on. Start one with `backstay couchdb replicate SOURCE/DB TARGET/DB --continuous --keep`.\n"
            .to_owned();
    }
    let mut text = String::new();
    if !reply.kept.is_empty() {
        let rows = reply.kept.iter().map(|row| {
            [
                short_run(&row.id),
                state(row).to_owned(),
                row.moved.map_or_else(|| "never".to_owned(), time),
                row.progress.as_ref().map(moved).unwrap_or_default(),
                format!("{} → {}", end(&row.from), end(&row.to)),
            ]
        });
        text.push_str(&table(["REPLICATION", "STATE", "LAST MOVED", "SO FAR", "WHAT"], &[], rows));
        for row in &reply.kept {
            if let Some(problem) = &row.problem {
                let again = row.again.map(|at| format!("; again {}", time(at))).unwrap_or_default();
                text.push_str(&format!("{}: {}{again}\n", short_run(&row.id), one_line(&problem.message)));
            }
            if row.gap_count > 0 {
                text.push_str(&format!(
                    "{}: {} refused so far; the newest:\n",
                    short_run(&row.id),
                    count(row.gap_count)
                ));
                text.push_str(&gaps(&row.gaps));
            }
        }
        if reply.kept.iter().any(|row| row.state == ReplicationState::Nobody) {
            text.push_str(&format!("The app or the agent keeps them going. {NOBODY}\n"));
        }
    }
    if !reply.on_services.is_empty() {
        let rows = reply.on_services.iter().map(|row| {
            let one = &row.replication;
            [
                row.source.clone(),
                one_line(&one.id),
                one.state.clone(),
                if one.continuous { "for ever" } else { "once" }.to_owned(),
                format!("{} → {}", one.from, one.to),
            ]
        });
        text.push_str(&table(["SERVER OF", "REPLICATION", "STATE", "HOW LONG", "WHAT"], &[], rows));
        let problems = reply
            .on_services
            .iter()
            .filter_map(|row| row.replication.problem.as_ref().map(|problem| (&row.replication.id, problem)));
        text.extend(problems.map(|(id, problem)| format!("{}: {}\n", one_line(id), one_line(problem))));
    }
    text.push_str(&gaps(&reply.gaps));
    text
}
