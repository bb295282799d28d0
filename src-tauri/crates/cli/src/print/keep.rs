//! Checks, retention, prune and repair as text.

use backstay_api::types::{ForgetReply, PruneReply, RepairReply, VerifyReply};
use backstay_model::Verdict;

use super::{SHOWN_GAPS, bytes, count, counted, one_line, short, table, time, verdict};

/// What a check found.
#[must_use]
pub fn verify(reply: &VerifyReply) -> String {
    let mut text = format!(
        "Vault \"{}\": {}, {}, {} of {} read ({})\n",
        reply.vault,
        if reply.verdict == Verdict::Complete {
            "no damage found"
        } else {
            verdict(reply.verdict)
        },
        counted(reply.snapshots, "snapshot", "snapshots"),
        count(reply.packs_read),
        counted(reply.packs, "pack", "packs"),
        bytes(reply.bytes_read)
    );
    for problem in &reply.problems {
        let word = if problem.harmless { "note   " } else { "DAMAGE " };
        text.push_str(&format!("  {word} {}\n", problem.message));
        text.extend(
            problem
                .affects
                .iter()
                .take(SHOWN_GAPS)
                .map(|what| format!("          affects {}\n", one_line(what))),
        );
        if problem.affects.len() > SHOWN_GAPS {
            text.push_str(&format!("          … and {} more\n", problem.affects.len() - SHOWN_GAPS));
        }
    }
    if reply.verdict == Verdict::Failed {
        text.push_str(&format!(
            "Hint: `backstay repair {} --dry-run` shows what can be mended.\n",
            reply.vault
        ));
    }
    text
}

/// What retention did or would do.
#[must_use]
pub fn forget(reply: &ForgetReply) -> String {
    let rows = reply.snapshots.iter().map(|s| {
        let what = if s.keep { "keep" } else { "remove" };
        [
            what.to_owned(),
            short(&s.id),
            time(s.time),
            s.vault.clone(),
            s.reasons.join(", "),
        ]
    });
    let mut text = table(["", "SNAPSHOT", "TIME", "VAULT", "BECAUSE"], &[], rows);
    let removed = counted(reply.removed, "snapshot", "snapshots");
    let freed = bytes(reply.frees);
    text.push_str(&if reply.dry_run {
        format!("Would remove {removed} and make {freed} free for the next prune. Nothing was changed.\n")
    } else {
        format!("Removed {removed}; {freed} can be freed by a prune.\n")
    });
    text.extend(reply.pruned.iter().map(prune));
    text
}

/// What a prune did or would do.
#[must_use]
pub fn prune(reply: &PruneReply) -> String {
    let (verb, tail) = if reply.dry_run {
        ("would free", " Nothing was changed.")
    } else {
        ("freed", "")
    };
    format!(
        "Vault \"{}\": {verb} {} ({} deleted, {} rewritten); {} unused stay.{tail}\n",
        reply.vault,
        bytes(reply.freed_bytes),
        counted(reply.packs_deleted, "pack", "packs"),
        bytes(reply.repacked_bytes),
        bytes(reply.unused_left)
    )
}

/// What a repair did or would do.
#[must_use]
pub fn repair(reply: &RepairReply) -> String {
    if reply.steps.is_empty() && reply.lost.is_empty() {
        return format!("Vault \"{}\": nothing to mend.\n", reply.vault);
    }
    let mut text = format!(
        "Vault \"{}\":{}\n",
        reply.vault,
        if reply.dry_run {
            " nothing was changed; a repair would"
        } else {
            ""
        }
    );
    text.extend(reply.steps.iter().map(|step| format!("  {step}\n")));
    text.extend(reply.lost.iter().map(|what| format!("  LOST  {}\n", one_line(what))));
    text
}
