//! Plans as text: the list, one with everything it says, what a schedule means, how a run ended.

use backstay_api::{
    schedule::{Busy, Missed, Moment, Quiet, Schedule},
    types::{HookSpec, KeepSpec, PlanRow, PlanRunReply, PlansReply, Task, TimetableReply, UpkeepReport, WaitingSlot},
};
use chrono::{DateTime, Local, Utc};

use super::{facts, one_line, runs, table, time, verdict, words};

/// All plans.
#[must_use]
pub fn list(reply: &PlansReply) -> String {
    let mut text = if reply.plans.is_empty() {
        "No plan yet; `backstay plan add` makes one.\n".to_owned()
    } else {
        let rows = reply.plans.iter().map(|plan| {
            [
                plan.name.clone(),
                state(plan),
                plan.next.first().map_or("–".to_owned(), |next| minute(*next)),
                plan.last.as_ref().map_or("never".to_owned(), |(at, end)| {
                    format!("{} {}", minute(*at), end.map_or("running", verdict))
                }),
                plan.sources.join(", "),
                plan.words.clone(),
            ]
        });
        table(["NAME", "STATE", "NEXT", "LAST", "SOURCES", "WHEN"], &[], rows)
    };
    for plan in &reply.plans {
        text.extend(
            plan.waiting
                .iter()
                .map(|slot| format!("{}: {}\n", one_line(&plan.name), waiting(slot))),
        );
        text.extend(
            plan.problem
                .iter()
                .map(|problem| format!("{}: {}\n", one_line(&plan.name), problem.message)),
        );
    }
    if !reply.unplanned.is_empty() {
        text.push_str(&format!("In no plan: {}\n", one_line(&reply.unplanned.join(", "))));
    }
    text
}

fn minute(time: DateTime<Utc>) -> String {
    time.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string()
}

fn state(plan: &PlanRow) -> String {
    match (plan.enabled, plan.paused_until.filter(|until| *until > Utc::now())) {
        (false, _) => "off".to_owned(),
        (true, Some(until)) => format!("paused until {}", minute(until)),
        (true, None) => words::plan_state(plan.state).to_owned(),
    }
}

/// What a moment waits for.
#[must_use]
pub fn waiting(slot: &WaitingSlot) -> String {
    let until = slot
        .until
        .map_or(String::new(), |until| format!(", until {} at most", minute(until)));
    let ask = if slot.ask { "; run it by hand to go on now" } else { "" };
    format!(
        "{} of {} waits: {}{until}{ask}",
        words::task(slot.task),
        minute(slot.due),
        words::reason(&slot.reason)
    )
}

/// A plan with everything it says.
#[must_use]
pub fn show(plan: &PlanRow) -> String {
    let spec = &plan.spec;
    let mut rows = vec![("Plan", plan.name.clone()), ("State", state(plan))];
    if !plan.sources.is_empty() {
        rows.push(("Sources", plan.sources.join(", ")));
    }
    rows.push((
        "Vaults",
        match plan.vaults.is_empty() {
            true => "each source's own".to_owned(),
            false => plan.vaults.join(", "),
        },
    ));
    rows.push(("When", plan.words.clone()));
    rows.extend(plan.cron.iter().map(|line| ("As cron", line.clone())));
    rows.push(("Zone", spec.timetable.zone.clone()));
    if spec.timetable.jitter_minutes > 0 {
        rows.push(("Spread over", words::minutes(spec.timetable.jitter_minutes.into())));
    }
    rows.extend(plan.next.first().map(|next| ("Next", words::when(*next))));
    rows.extend(
        plan.last
            .as_ref()
            .map(|(at, end)| ("Last", format!("{}, {}", time(*at), end.map_or("running", verdict)))),
    );
    rows.extend(
        plan.promise_minutes
            .map(|promise| ("Promise", format!("a good backup at most {} old", words::minutes(promise)))),
    );
    rows.extend(named("Overdue", &plan.overdue));
    rows.extend(named("Held by a guard", &plan.held));
    bad_moments(plan, &mut rows);
    rows.push(("Keeps", keep(&spec.keep)));
    upkeep(plan, &mut rows);
    rows.push(("Guards", guards(plan)));
    rows.extend(spec.hooks.before.iter().map(|command| ("Before", hook(command))));
    rows.extend(spec.hooks.after.iter().map(|command| ("After", hook(command))));
    let mut text = facts(
        &rows
            .into_iter()
            .map(|(name, value)| (name, one_line(&value)))
            .collect::<Vec<_>>(),
    );
    text.extend(plan.waiting.iter().map(|slot| format!("{}\n", waiting(slot))));
    text.extend(plan.problem.iter().map(|problem| format!("Error: {}\n", problem.message)));
    text
}

/// What happens when the moment is bad.
fn bad_moments(plan: &PlanRow, rows: &mut Vec<(&'static str, String)>) {
    let spec = &plan.spec;
    rows.push(("On battery", moment(spec.rules.battery, "then runs")));
    rows.push(("On a metered network", moment(spec.rules.metered, "then asks")));
    rows.push((
        "If missed",
        match spec.rules.missed {
            Missed::CatchUp => "one run catches up".to_owned(),
            Missed::Skip => "written down, not caught up".to_owned(),
        },
    ));
    rows.push((
        "If busy",
        match spec.rules.busy {
            Busy::Queue => "runs afterwards".to_owned(),
            Busy::Skip => "left out".to_owned(),
        },
    ));
    rows.extend(spec.rules.quiet.iter().map(|hours| ("Quiet", quiet(hours))));
    rows.push((
        "Tries again",
        match spec.retry.times {
            0 => "no".to_owned(),
            times => format!("{times} times, first after {}", words::minutes(spec.retry.minutes.into())),
        },
    ));
}

fn named<'a>(name: &'a str, list: &[String]) -> Option<(&'a str, String)> {
    (!list.is_empty()).then(|| (name, list.join(", ")))
}

fn moment(rule: Moment, then: &str) -> String {
    match rule {
        Moment::Run => "runs".to_owned(),
        Moment::Wait { max_minutes } => format!("waits at most {}, {then}", words::minutes(max_minutes.into())),
    }
}

fn quiet(hours: &Quiet) -> String {
    let days: Vec<&str> = hours.days.iter().map(|day| day.name()).collect();
    let on = if days.is_empty() {
        String::new()
    } else {
        format!(", beginning on {}", days.join(", "))
    };
    format!("{} to {}{on}", hours.from, hours.to)
}

fn hook(spec: &HookSpec) -> String {
    format!("{} (at most {})", spec.command, words::seconds(spec.seconds.into()))
}

/// Keep rules in words.
#[must_use]
pub fn keep(spec: &KeepSpec) -> String {
    let mut parts: Vec<String> = Vec::new();
    let numbered = [
        (spec.last, "last"),
        (spec.hourly, "hourly"),
        (spec.daily, "daily"),
        (spec.weekly, "weekly"),
        (spec.monthly, "monthly"),
        (spec.yearly, "yearly"),
    ];
    parts.extend(spec.preset.iter().cloned());
    parts.extend(numbered.into_iter().filter_map(|(n, word)| n.map(|n| format!("{n} {word}"))));
    parts.extend(spec.within.iter().map(|within| format!("all within {within}")));
    parts.extend(spec.tags.iter().map(|tag| format!("all tagged {tag}")));
    if spec.forever {
        parts.push("everything".to_owned());
    }
    parts.extend(spec.older_than.iter().map(|age| format!("all younger than {age}")));
    if parts.is_empty() {
        return "everything (no rule)".to_owned();
    }
    parts.join(", ")
}

fn upkeep(plan: &PlanRow, rows: &mut Vec<(&str, String)>) {
    for task in Task::ALL.into_iter().filter(|task| *task != Task::Backup) {
        let timetable = plan.spec.timetable(task);
        if timetable.schedule == Schedule::Manual {
            continue;
        }
        let name = match task {
            Task::Backup => continue,
            Task::Forget => "Removes old ones",
            Task::Prune => "Frees space",
            Task::Structure => "Checks structure",
            Task::Sample => "Reads a share",
            Task::Full => "Reads everything",
            Task::Drill => "Restore drill",
            Task::DrillOne => "One-record drill",
        };
        let next = plan.next_upkeep.iter().find(|next| next.task == task);
        let mut text = next.map_or("on its schedule".to_owned(), |next| format!("next {}", words::when(next.at)));
        if task == Task::Sample {
            text.push_str(&format!(", {} %", plan.spec.upkeep.sample_percent));
        }
        if let Some(target) = plan.spec.upkeep.target_minutes.filter(|_| task == Task::Drill) {
            text.push_str(&format!(", should take at most {}", words::minutes(target.into())));
        }
        rows.push((name, text));
    }
}

fn guards(plan: &PlanRow) -> String {
    let guards = &plan.spec.guards;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(guards.share_percent.map(|share| format!("{share} % gone")));
    parts.extend(guards.count.map(|count| format!("{count} gone")));
    let switches = [
        (guards.emptied, "emptied"),
        (guards.schema, "columns changed"),
        (guards.coverage, "out of reach"),
    ];
    parts.extend(switches.into_iter().filter(|(on, _)| *on).map(|(_, word)| word.to_owned()));
    if parts.is_empty() {
        return "off".to_owned();
    }
    parts.join(", ")
}

/// What a schedule means.
#[must_use]
pub fn next(reply: &TimetableReply) -> String {
    let mut text = format!("{}\n", reply.words);
    let zone: Option<chrono_tz::Tz> = reply.zone.parse().ok();
    for at in &reply.next {
        let here = at.with_timezone(&Local);
        let there = zone.map(|zone| at.with_timezone(&zone).naive_local());
        let there = there.filter(|there| *there != here.naive_local());
        text.push_str(&format!("  {}  {}", here.format("%a"), words::when(*at)));
        text.extend(there.map(|there| format!(", there {}", there.format("%a %H:%M"))));
        text.push('\n');
    }
    text.extend(reply.cron.iter().map(|line| format!("As cron: {line}\n")));
    text.extend(
        reply
            .promise_minutes
            .map(|promise| format!("A good backup is then at most {} old.\n", words::minutes(promise))),
    );
    text
}

/// How a run of a plan ended.
#[must_use]
pub fn ran(reply: &PlanRunReply) -> String {
    let mut text: String = reply.runs.iter().map(runs::report).collect();
    text.extend(reply.upkeep.iter().map(|one| upkeep_line(reply.task, one)));
    if let Some(error) = &reply.error {
        text.push_str(&format!("Error: {}\n", error.message));
        text.extend(error.hint.iter().map(|hint| format!("Hint: {hint}\n")));
    }
    text.push_str(&format!(
        "{}: {} {}\n",
        one_line(&reply.plan),
        words::task(reply.task),
        verdict(reply.verdict)
    ));
    text
}

fn upkeep_line(task: Task, one: &UpkeepReport) -> String {
    let about: Vec<&str> = [one.source.as_deref(), one.vault.as_deref()].into_iter().flatten().collect();
    let mut text = format!(
        "{}: {}, {}: {}\n",
        one_line(&about.join(" ← ")),
        words::task(task),
        verdict(one.verdict),
        one.summary
    );
    text.extend(
        one.error
            .iter()
            .filter(|error| error.message != one.summary)
            .map(|error| format!("  Error: {}\n", error.message)),
    );
    text.extend(
        one.error
            .iter()
            .filter_map(|error| error.hint.as_ref())
            .map(|hint| format!("  Hint: {hint}\n")),
    );
    text
}
