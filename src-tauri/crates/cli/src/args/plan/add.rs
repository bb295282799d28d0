//! `backstay plan add` and `backstay plan edit`.

use backstay_api::{
    commands,
    schedule::{Day, Schedule, TimeOfDay},
    types::{KeepSpec, Nothing, PlanSetRequest, PlanSpec, Task},
};
use clap::Args;

use super::{
    get,
    set::{Settings, timetable},
    when,
};
use crate::{
    ask,
    errors::{CliError, Result},
    output::somebody_is_there,
    print::plans,
    session::Session,
};

/// Arguments of `plan add`.
#[derive(Debug, Args)]
#[command(override_usage = "backstay plan add [OPTIONS] <NAME> --source <SOURCE>... <SCHEDULE>")]
pub struct Add {
    /// Name for the plan
    name: String,
    /// What it says.
    #[command(flatten)]
    settings: Settings,
}

/// Arguments of `plan edit`.
#[derive(Debug, Args)]
#[command(override_usage = "backstay plan edit [OPTIONS] <NAME>")]
pub struct Edit {
    /// Name of the plan
    name: String,
    /// Another name
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// What it says.
    #[command(flatten)]
    settings: Settings,
}

/// The preset a plan begins with when a person is asked.
const PRESET: &str = "30d-12w-12m";
/// When a new plan does what nobody said a time for, as in the window: at night, one thing after the other.
const CLEAN: &str = "daily 01:30";
const PRUNE: &str = "weekly sun 04:30";
const CHECKS: [(Task, &str); 3] = [
    (Task::Structure, "weekly sun 03:30"),
    (Task::Sample, "daily 02:30"),
    (Task::DrillOne, "weekly sat 04:00"),
];

fn usage(message: &str, hint: &str) -> CliError {
    CliError::Usage {
        message: message.to_owned(),
        hint: hint.to_owned(),
    }
}

fn usual(spec: &mut PlanSpec, task: Task, schedule: &str) -> Result<()> {
    let schedule = when::short(schedule).map_err(|error| usage(&error.to_string(), "This is a fault of Backstay."))?;
    timetable(spec, task).schedule = schedule;
    Ok(())
}

/// Adds a plan.
pub(super) fn add(args: &Add, session: &Session<'_>) -> Result<()> {
    let mut spec = PlanSpec::default();
    for (task, schedule) in CHECKS {
        usual(&mut spec, task, schedule)?;
    }
    let said = args.settings.when.schedule()?;
    let asks = !session.output.json && !session.yes && somebody_is_there();
    if said.is_none() && !asks {
        return Err(usage(
            "the plan has no schedule; nothing was changed",
            "Say when: --every 6h, --daily 02:00, --weekly sun --at 03:30, --monthly 1 --at 01:00, --cron \"0 */6 * * *\" or --manual.",
        ));
    }
    let mut keep = args.settings.keep.given();
    if said.is_none() {
        spec.timetable.schedule = ask_schedule()?;
        keep = keep.or(ask_keep()?);
    }
    if keep.is_some() {
        spec.keep = keep.unwrap_or_default();
        usual(&mut spec, Task::Forget, CLEAN)?;
        usual(&mut spec, Task::Prune, PRUNE)?;
    }
    args.settings.apply(&mut spec)?;
    let mut sources = args.settings.sources.clone();
    if sources.is_empty() {
        if !asks {
            return Err(usage(
                "the plan has no source; nothing was changed",
                "Name one with --source; `backstay source list` lists them.",
            ));
        }
        sources = ask_sources(session)?;
    }
    let reply = session.quick::<commands::PlanSet>(PlanSetRequest {
        plan: None,
        name: args.name.clone(),
        sources,
        vaults: args.settings.vaults.clone(),
        spec,
        enabled: None,
        dry_run: args.settings.dry_run,
    })?;
    session.reply(&reply, plans::show)?;
    if !args.settings.dry_run {
        nobody_watches(session)?;
    }
    Ok(())
}

/// A plan that nobody runs is the commonest way to lose data: it is said at once.
fn nobody_watches(session: &Session<'_>) -> Result<()> {
    if commands::leader(&session.app)?.is_none() {
        session
            .output
            .note("Nobody runs the plans now. Start Backstay in the tray, or: backstay agent install");
    }
    Ok(())
}

/// Changes a plan.
pub(super) fn edit(args: &Edit, session: &Session<'_>) -> Result<()> {
    let plan = get(&args.name, session)?;
    let mut spec = plan.spec;
    args.settings.apply(&mut spec)?;
    let kept = |given: &Vec<String>, before: Vec<String>| if given.is_empty() { before } else { given.clone() };
    let never_cleaned = spec.upkeep.forget.schedule == Schedule::Manual && spec.keep != KeepSpec::default();
    if args.settings.keep.given().is_some() && never_cleaned && !args.settings.says_when_to_clean() {
        usual(&mut spec, Task::Forget, CLEAN)?;
        usual(&mut spec, Task::Prune, PRUNE)?;
    }
    let reply = session.quick::<commands::PlanSet>(PlanSetRequest {
        plan: Some(plan.id),
        name: args.rename.clone().unwrap_or(plan.name),
        sources: kept(&args.settings.sources, plan.sources),
        vaults: kept(&args.settings.vaults, plan.vaults),
        spec,
        enabled: None,
        dry_run: args.settings.dry_run,
    })?;
    session.reply(&reply, plans::show)
}

fn ask_schedule() -> Result<Schedule> {
    let three = TimeOfDay::new(3, 0).unwrap_or(TimeOfDay::MIDNIGHT);
    let chosen = ask::select(
        "When does it back up?",
        &[
            "every 6 hours from 03:00",
            "every hour",
            "every day at 03:00",
            "every Sunday at 03:00",
            "something else …",
        ],
    )?;
    let hours = |every: u32, from: TimeOfDay| Schedule::Hours {
        every,
        from,
        days: Vec::new(),
    };
    Ok(match chosen {
        0 => hours(6, three),
        1 => hours(1, TimeOfDay::MIDNIGHT),
        2 => Schedule::Daily { times: vec![three] },
        3 => Schedule::Weekly {
            days: vec![Day::Sun],
            times: vec![three],
        },
        _ => when::short(&ask::line("When (daily 02:30, mon-fri 18:00, every 30m, a cron line, off)")?)
            .map_err(|error| usage(&error.to_string(), "Nothing was changed."))?,
    })
}

fn ask_keep() -> Result<Option<KeepSpec>> {
    let chosen = ask::select(
        "How long do backups stay?",
        &[
            "30 daily, 12 weekly, 12 monthly",
            "hourly for 30 days, then daily for 12 months",
            "for ever",
        ],
    )?;
    let preset = |name: &str| {
        Some(KeepSpec {
            preset: Some(name.to_owned()),
            ..KeepSpec::default()
        })
    };
    Ok(match chosen {
        0 => preset(PRESET),
        1 => preset("30d-hourly-12m-daily"),
        _ => None,
    })
}

fn ask_sources(session: &Session<'_>) -> Result<Vec<String>> {
    let all = session.quick::<commands::Sources>(Nothing {})?.sources;
    let names: Vec<String> = all.into_iter().map(|source| source.name).collect();
    if names.is_empty() {
        return Err(usage(
            "there is no source yet; nothing was changed",
            "`backstay source add` adds one.",
        ));
    }
    let chosen = ask::several("Which sources? (space marks, enter ends)", &names)?;
    if chosen.is_empty() {
        return Err(usage(
            "the plan has no source; nothing was changed",
            "Mark at least one with the space bar.",
        ));
    }
    Ok(chosen.into_iter().filter_map(|place| names.get(place).cloned()).collect())
}
