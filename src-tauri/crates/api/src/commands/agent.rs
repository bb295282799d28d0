//! Whether somebody runs the plans: status, installation with the system, and the look from outside.

use std::{path::PathBuf, time::Duration};

use backstay_journal::Lead;
use backstay_model::ErrorKind;
use backstay_surroundings::{
    service::{self, Edited, Init, Places, ServiceError, Status, Wanted},
    ticks_of_this_system,
};
use backstay_tell::Event;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    plans::{Watched, alerts, messages, post},
    types::{AgentInstallReply, AgentInstallRequest, AgentReply, LookReply, NextSlot, Nothing, Task, Topic, Watcher},
};

/// Tells whether somebody runs the plans.
pub struct AgentStatus;
/// Installs agent and watchdog with the system.
pub struct AgentInstall;
/// Takes them away.
pub struct AgentUninstall;
/// Looks from outside whether Backstay runs.
pub struct Look;

/// Minutes between two looks of the watchdog.
const EVERY: u32 = 60;
/// A silence longer than this is told (a look comes once an hour; a start after a restart takes its time).
const SILENCE: TimeDelta = TimeDelta::minutes(90);

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        ApiError::new(error.kind(), error.to_string())
    }
}

fn places(init: Init) -> Result<Places> {
    let missing = || ApiError::new(ErrorKind::Unsupported, "this system names no home directory");
    let home = dirs::home_dir().ok_or_else(missing)?;
    let config = dirs::config_local_dir().ok_or_else(missing)?;
    Ok(Places::usual(init, &home, &config))
}

/// What is installed, for the person or for the machine.
fn installed() -> (Init, Status) {
    let of = |init: Init| {
        places(init)
            .ok()
            .and_then(|places| service::status(init, &places).ok())
            .unwrap_or_default()
    };
    let mine = Init::of_this_system();
    let status = of(mine);
    if !status.installed && mine == Init::SystemdUser {
        let machine = of(Init::SystemdSystem);
        if machine.installed {
            return (Init::SystemdSystem, machine);
        }
    }
    (mine, status)
}

fn word(init: Init) -> String {
    let value = serde_json::to_value(init).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Who looks whether Backstay itself runs.
pub(crate) fn watcher(app: &App) -> Result<Watcher> {
    let (init, status) = installed();
    let look = app.journal().watch().last_look()?;
    Ok(Watcher {
        installed: status.installed,
        last_look: look.as_ref().map(|(at, _)| *at),
        saw: look.map(|(_, saw)| saw),
        by: status.installed.then(|| word(init)),
    })
}

impl Command for AgentStatus {
    const NAME: &'static str = "agent.status";
    type Request = Nothing;
    type Reply = AgentReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<AgentReply> {
        let holder = Lead::holder(app.home_dir())?;
        let (_, status) = installed();
        let watched = Watched::of(app)?;
        let next = watched
            .plans
            .iter()
            .filter(|plan| plan.plan.enabled)
            .flat_map(|plan| Task::ALL.into_iter().map(move |task| (plan, task)))
            .filter_map(|(plan, task)| {
                Some(NextSlot {
                    task,
                    at: watched.next_of(plan, task)?,
                })
            })
            .min_by_key(|next| next.at);
        let look = app.surroundings().look();
        let process = holder.as_ref().and_then(|holder| holder.process.as_ref());
        Ok(AgentReply {
            running: holder.is_some(),
            here: process.is_some_and(|process| process.pid == std::process::id()),
            process: process.map(|process| format!("{} (process {})", process.program, process.pid)),
            since: holder.as_ref().and_then(|holder| holder.since),
            alive: app.journal().watch().last_beat()?.map(|beat| beat.at),
            installed: status.installed,
            enabled: status.enabled.unwrap_or(false),
            watcher: watcher(app)?,
            on_battery: look.on_battery,
            metered: look.metered,
            next,
            notes: look.notes.into_iter().chain(status.notes).collect(),
        })
    }
}

/// Who runs the plans now: program and process number, and whether it is this process. Asks nobody but the state directory.
///
/// # Errors
/// When the state directory cannot be read.
pub fn leader(app: &App) -> Result<Option<(String, bool)>> {
    let Some(holder) = Lead::holder(app.home_dir())? else {
        return Ok(None);
    };
    Ok(Some(match holder.process {
        Some(process) => (
            format!("{} (process {})", process.program, process.pid),
            process.pid == std::process::id(),
        ),
        None => ("another program".to_owned(), false),
    }))
}

/// Takes messages that are due to their channels, unless a process runs the plans, which does so anyway. Returns how many got through.
///
/// # Errors
/// When the state cannot be read or written. A channel that does not answer is no error here: it is tried again.
pub fn deliver(app: &App) -> Result<u64> {
    if Lead::holder(app.home_dir())?.is_some() {
        return Ok(0);
    }
    post::deliver(app, None)
}

/// The command line program, which the system starts: beside this one.
fn program() -> Result<PathBuf> {
    let here = std::env::current_exe()
        .map_err(|error| ApiError::new(ErrorKind::Io, format!("this program does not know where it lies: {error}")))?;
    let name = if cfg!(windows) { "backstay.exe" } else { "backstay" };
    let beside = here.with_file_name(name);
    if beside.is_file() {
        return Ok(beside);
    }
    Err(ApiError::new(
        ErrorKind::NotFound,
        format!("the program {name} is not beside this one, so nothing was installed"),
    )
    .hint("Install the whole package, or run `backstay agent install` from where it is."))
}

impl Command for AgentInstall {
    const NAME: &'static str = "agent.install";
    const CHANGES: &'static [Topic] = &[Topic::Plans, Topic::Audit];
    type Request = AgentInstallRequest;
    type Reply = AgentInstallReply;
    fn run(app: &App, _: &Context<'_>, request: AgentInstallRequest) -> Result<AgentInstallReply> {
        let init = init(request.system)?;
        let wanted = Wanted {
            program: program()?,
            home: app.home().to_owned(),
            environment: app.unit_environment(),
            user: request.user.clone(),
            watch_every_minutes: EVERY,
        };
        if request.dry_run {
            let places = places(init)?;
            let files = service::files(init, &wanted)?;
            let shown = files.into_iter().map(|file| {
                let path = places.units.join(file.path);
                (path.display().to_string(), Some(file.content))
            });
            return Ok(AgentInstallReply {
                files: shown.collect(),
                enabled: false,
                next_steps: Vec::new(),
                dry_run: true,
            });
        }
        let edited = if request.force { Edited::Replace } else { Edited::Keep };
        let done = service::install(init, &wanted, &places(init)?, edited)?;
        let files: Vec<String> = done.files.iter().map(|path| path.display().to_string()).collect();
        app.audit(
            "agent.install",
            &word(init),
            json!({ "files": files, "enabled": done.enabled }),
        )?;
        Ok(AgentInstallReply {
            files: files.into_iter().map(|file| (file, None)).collect(),
            enabled: done.enabled,
            next_steps: done.notes.into_iter().chain(done.next_steps).collect(),
            dry_run: false,
        })
    }
}

fn init(system: bool) -> Result<Init> {
    match Init::of_this_system() {
        Init::SystemdUser if system => Ok(Init::SystemdSystem),
        other if system => Err(ApiError::new(
            ErrorKind::Unsupported,
            format!("on this system ({}) the agent is installed for one person only", word(other)),
        )),
        other => Ok(other),
    }
}

impl Command for AgentUninstall {
    const NAME: &'static str = "agent.uninstall";
    const CHANGES: &'static [Topic] = &[Topic::Plans, Topic::Audit];
    type Request = AgentInstallRequest;
    type Reply = AgentInstallReply;
    fn run(app: &App, _: &Context<'_>, request: AgentInstallRequest) -> Result<AgentInstallReply> {
        let init = init(request.system)?;
        let edited = if request.force { Edited::Replace } else { Edited::Keep };
        let done = service::uninstall(init, &places(init)?, edited)?;
        let files: Vec<String> = done.files.iter().map(|path| path.display().to_string()).collect();
        app.audit("agent.uninstall", &word(init), json!({ "files": files }))?;
        Ok(AgentInstallReply {
            files: files.into_iter().map(|file| (file, None)).collect(),
            enabled: false,
            next_steps: done.notes,
            dry_run: false,
        })
    }
}

impl Command for Look {
    const NAME: &'static str = "agent.look";
    const CHANGES: &'static [Topic] = &[Topic::Plans, Topic::Channels];
    type Request = Nothing;
    type Reply = LookReply;
    fn run(app: &App, _: &Context<'_>, _: Nothing) -> Result<LookReply> {
        app.set_watching();
        let watched = Watched::of(app)?;
        let alive = app.journal().watch().last_beat()?.map(|beat| beat.at);
        let needed = watched.plans.iter().any(|plan| {
            let by_clock = Task::ALL.into_iter().any(|task| watched.next_of(plan, task).is_some());
            plan.is_active(watched.now) && by_clock
        });
        // Somebody holds the lock and gives no sign of life: it hangs, which is as bad as not being there.
        let silence = silence(app, watched.now)?;
        let running = is_running(app, watched.now)?;
        let since = alive.or_else(|| watched.plans.iter().map(|plan| plan.plan.created).min());
        let long = silence.or_else(|| since.map(|since| watched.now - since));
        let mut saw = match (needed, running) {
            (false, _) => "idle",
            (true, true) => "running",
            // Installed just now, or the computer started just now: nobody was silent yet.
            (true, false) if long.is_some_and(|long| long <= SILENCE) => "away",
            (true, false) => "silent",
        };
        let mut overdue = Vec::new();
        if saw == "silent" {
            overdue = alerts::review(app, &watched, None)?;
        }
        // Somebody may have begun meanwhile, and said that the silence is over.
        if saw == "silent" && is_running(app, watched.now)? {
            saw = "running";
        }
        if saw == "silent" {
            alerts::raise(app, &silent(app, &watched, since))?;
        } else if saw != "away" {
            alerts::resolve(app, "silent", None)?;
        }
        app.journal().watch().looked(watched.now, saw)?;
        let show = |message: &backstay_tell::Message| backstay_tell::desktop::show(message, &[]).is_ok();
        let delivered = post::deliver(app, Some(&show));
        let (told, problem) = match delivered {
            Ok(told) => (told, None),
            Err(error) => (0, Some(error)),
        };
        Ok(LookReply {
            saw: saw.to_owned(),
            alive,
            overdue,
            told,
            problem,
        })
    }
}

/// Whether somebody holds the lock and gives signs of life.
fn is_running(app: &App, now: DateTime<Utc>) -> Result<bool> {
    Ok(Lead::holder(app.home_dir())?.is_some() && silence(app, now)?.is_some_and(|long| long <= SILENCE))
}

/// How long the computer has been awake since the last sign of life: asleep or off, nobody can run. `None` without any sign.
fn silence(app: &App, now: DateTime<Utc>) -> Result<Option<TimeDelta>> {
    let Some(beat) = app.journal().watch().last_beat()? else {
        return Ok(None);
    };
    let tick = ticks_of_this_system().read();
    let awake = match tick.boot == beat.boot {
        true => tick.awake.saturating_sub(Duration::from_micros(beat.awake_micros)),
        false => tick.awake,
    };
    // The wall clock bounds it too: right after a start the computer was on longer than the silence lasted.
    let awake = TimeDelta::from_std(awake).unwrap_or(TimeDelta::MAX);
    Ok(Some(awake.min((now - beat.at).max(TimeDelta::zero()))))
}

fn silent(app: &App, watched: &Watched, since: Option<DateTime<Utc>>) -> backstay_tell::Message {
    let long = since.map(|since| messages::age(watched.now - since)).unwrap_or_default();
    let title = format!("Backstay has not run for {long}");
    let count = watched.plans.len();
    let body = format!(
        "{count} plan{} wait{}. Start Backstay, or have the system start the agent: backstay agent install.",
        if count == 1 { "" } else { "s" },
        if count == 1 { "s" } else { "" }
    );
    messages::message(app, Event::Watchdog, "silent".to_owned(), title, body)
}
