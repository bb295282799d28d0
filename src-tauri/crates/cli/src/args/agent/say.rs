//! What the agent says: one line for each start, end, wait and alarm; for scripts one event each.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use backstay_api::{
    ApiError, Cancel, Command, Context, NoPasswords, Silent, commands,
    desk::Desk,
    types::{AlertRow, JobState, JobView, Nothing, PlanRow, PlanRunRequest, Task},
};
use backstay_model::{ErrorKind, Verdict};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::run::News;
use crate::{
    errors::Result,
    output::Output,
    print::{self, one_line, words},
    session::Exit,
};

/// After news it is looked at plans and alarms at most so often.
const SOON: Duration = Duration::from_millis(500);
/// Without news it is looked so often: another process may have changed something.
const OFTEN: Duration = Duration::from_secs(10);

/// Says what happens.
pub(super) struct Speaker<'a> {
    output: &'a Output,
    desk: &'a Desk,
    looked: Option<Instant>,
    stale: bool,
    leader: Option<(String, bool)>,
    began: HashSet<String>,
    waits: HashMap<(String, Task), (DateTime<Utc>, String)>,
    alarms: HashMap<String, String>,
    names: HashMap<String, String>,
    worst: Exit,
}

impl<'a> Speaker<'a> {
    pub(super) fn new(output: &'a Output, desk: &'a Desk) -> Self {
        Self {
            output,
            desk,
            looked: None,
            stale: true,
            leader: None,
            began: HashSet::new(),
            waits: HashMap::new(),
            alarms: HashMap::new(),
            names: HashMap::new(),
            worst: Exit::DONE,
        }
    }

    /// The exit code for the worst that happened.
    pub(super) fn worst(&self) -> Exit {
        self.worst
    }

    fn ask<C: Command>(&self, request: C::Request) -> Result<C::Reply> {
        let cancel = Cancel::default();
        let context = Context {
            cancel: &cancel,
            reporter: &Silent,
            passwords: &NoPasswords,
        };
        Ok(C::run(self.desk.app(), &context, request)?)
    }

    /// One line, or one event.
    fn say(&self, event: &str, text: &str, mut members: Value) -> Result<()> {
        let now = Utc::now();
        if self.output.json {
            if let Some(members) = members.as_object_mut() {
                members.insert("time".to_owned(), json!(now));
            }
            return self.output.event(event, &members);
        }
        self.output.line(&format!("{}  {text}", print::time(now)))
    }

    /// A job began, ended or went on; or something changed.
    pub(super) fn hear(&mut self, news: &News) -> Result<()> {
        match news {
            News::Stale => self.stale = true,
            News::Job(job) if job.command == commands::PlanRun::NAME => self.job(job)?,
            News::Job(_) => {}
        }
        Ok(())
    }

    fn job(&mut self, job: &JobView) -> Result<()> {
        let Ok(request) = serde_json::from_value::<PlanRunRequest>(job.request.clone()) else {
            return Ok(());
        };
        let task = request.task.unwrap_or(Task::Backup);
        let due = request.slot.as_ref().map(|slot| slot.due);
        match job.state {
            JobState::Waiting => Ok(()),
            JobState::Running if !self.began.insert(job.id.clone()) => Ok(()),
            JobState::Running => {
                let plan = self.name(&request.plan)?;
                let late = due.map_or(String::new(), |due| format!(" (due {})", print::time(due)));
                let text = format!("{}: {} begins{late}", one_line(&plan), words::task(task));
                self.say("begin", &text, json!({ "plan": plan, "task": task, "due": due }))
            }
            JobState::Done if !self.began.remove(&job.id) => Ok(()),
            JobState::Done => {
                let plan = self.name(&request.plan)?;
                self.end(&plan, task, due, job)
            }
        }
    }

    fn end(&mut self, plan: &str, task: Task, due: Option<DateTime<Utc>>, job: &JobView) -> Result<()> {
        let verdict = job.verdict.unwrap_or(Verdict::Failed);
        let parts = parts(job);
        let error = job.error.clone().or_else(|| reply_error(job));
        let kind = error.as_ref().map(|error| error.code);
        // Another process of Backstay works here: that is no failure, the plan waits its turn.
        let waits = kind == Some(ErrorKind::Locked);
        if !waits {
            self.note(Exit::verdict(
                verdict,
                kind.or_else(|| parts.iter().find_map(|part| part.code)),
            ));
        }
        let seconds = job.started.zip(job.finished).map(|(from, to)| (to - from).as_seconds_f64());
        let took = seconds.map_or(String::new(), |seconds| format!(" in {}", words::seconds(seconds)));
        let mut text = format!("{}: {} {}{took}", one_line(plan), words::task(task), print::verdict(verdict));
        let bad = parts.iter().filter(|part| part.verdict != "complete");
        text.extend(bad.map(|part| format!("\n    {}: {}{}", one_line(&part.about), part.verdict, part.why)));
        text.extend(error.iter().map(|error| format!("\n    {}", error.message)));
        let members = json!({
            "plan": plan,
            "task": task,
            "due": due,
            "verdict": verdict,
            "seconds": seconds,
            "error": error,
            "runs": job.reply.as_ref().and_then(|reply| reply.get("runs")),
            "upkeep": job.reply.as_ref().and_then(|reply| reply.get("upkeep")),
        });
        self.say("end", &text, members)
    }

    fn note(&mut self, exit: Exit) {
        let rank = |exit: Exit| match exit.0 {
            0 => 0,
            3 => 1,
            130 => 2,
            _ => 3,
        };
        if rank(exit) > rank(self.worst) {
            self.worst = exit;
        }
    }

    fn name(&mut self, plan: &str) -> Result<String> {
        if !self.names.contains_key(plan) {
            let plans = self.ask::<commands::Plans>(Nothing {})?.plans;
            self.names.extend(plans.into_iter().map(|plan| (plan.id, plan.name)));
        }
        Ok(self.names.get(plan).cloned().unwrap_or_else(|| plan.to_owned()))
    }

    /// Looks at plans and alarms when it is time to.
    pub(super) fn look(&mut self) -> Result<()> {
        let since = self.looked.map(|at| at.elapsed());
        let due = since.is_none_or(|since| since >= OFTEN || (self.stale && since >= SOON));
        if due { self.look_now() } else { Ok(()) }
    }

    /// Looks at plans and alarms. What cannot be read now is read next time: an agent does not end because a disk is full.
    pub(super) fn look_now(&mut self) -> Result<()> {
        self.looked = Some(Instant::now());
        self.stale = false;
        self.leading()?;
        match self.ask::<commands::Plans>(Nothing {}) {
            Ok(reply) => {
                self.names = reply.plans.iter().map(|plan| (plan.id.clone(), plan.name.clone())).collect();
                self.waiting(&reply.plans)?;
            }
            Err(error) => tracing::error!("the plans cannot be read: {error}"),
        }
        match self.ask::<commands::Alerts>(Nothing {}) {
            Ok(reply) => self.alarms(&reply.alerts),
            Err(error) => {
                tracing::error!("the alarms cannot be read: {error}");
                Ok(())
            }
        }
    }

    fn leading(&mut self) -> Result<()> {
        let leader = match commands::leader(self.desk.app()) {
            Ok(leader) => leader,
            Err(error) => {
                tracing::error!("who runs the plans cannot be read: {}", error.message);
                return Ok(());
            }
        };
        if leader == self.leader {
            return Ok(());
        }
        self.leader.clone_from(&leader);
        match leader {
            Some((process, true)) => self.say("leading", "this process runs the plans", json!({ "process": process })),
            Some((process, false)) => self.elsewhere(&process),
            None => Ok(()),
        }
    }

    /// Says that another process runs the plans.
    pub(super) fn elsewhere(&self, process: &str) -> Result<()> {
        let text = format!("another process runs the plans: {process}; standing by");
        self.say("standby", &text, json!({ "process": process }))
    }

    fn waiting(&mut self, plans: &[PlanRow]) -> Result<()> {
        let mut now = HashMap::new();
        for plan in plans {
            for slot in &plan.waiting {
                let key = (plan.id.clone(), slot.task);
                let what = (slot.due, slot.reason.clone());
                if self.waits.get(&key) != Some(&what) {
                    let text = format!("{}: {}", one_line(&plan.name), print::plans::waiting(slot));
                    let members = json!({
                        "plan": plan.name, "task": slot.task, "due": slot.due, "reason": slot.reason, "until": slot.until, "ask": slot.ask,
                    });
                    self.say("wait", &text, members)?;
                }
                now.insert(key, what);
            }
        }
        self.waits = now;
        Ok(())
    }

    fn alarms(&mut self, alerts: &[AlertRow]) -> Result<()> {
        let before = std::mem::take(&mut self.alarms);
        for alert in alerts {
            if !before.contains_key(&alert.cause) {
                let message = &alert.message;
                let text = format!("ALARM  {}  {}", one_line(&message.title), one_line(&message.body));
                self.say(
                    "alarm",
                    &text,
                    json!({ "cause": alert.cause, "message": message, "since": alert.since }),
                )?;
            }
            self.alarms.insert(alert.cause.clone(), alert.message.title.clone());
        }
        for (cause, title) in before {
            if !self.alarms.contains_key(&cause) {
                self.say(
                    "over",
                    &format!("over: {}", one_line(&title)),
                    json!({ "cause": cause, "title": title }),
                )?;
            }
        }
        Ok(())
    }

    /// The last line.
    pub(super) fn ended(&self, clean: bool) -> Result<()> {
        let text = if clean {
            "stopped"
        } else {
            "stopped, although a run had not come to a safe point"
        };
        self.say("stop", text, json!({ "clean": clean }))
    }
}

/// One source or vault of a run.
struct Part {
    about: String,
    verdict: String,
    why: String,
    code: Option<ErrorKind>,
}

/// Read from the reply as the window gets it, where long numbers are texts.
fn parts(job: &JobView) -> Vec<Part> {
    let list = |name: &str| {
        let found = job.reply.as_ref().and_then(|reply| reply.get(name)).and_then(Value::as_array);
        found.cloned().unwrap_or_default()
    };
    let part = |value: &Value| {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let about: Vec<&str> = [text("source"), text("vault")].into_iter().flatten().collect();
        let error: Option<ApiError> = value
            .get("error")
            .and_then(|error| serde_json::from_value(error.clone()).ok());
        let gaps = value.get("gaps").and_then(Value::as_array).map_or(0, Vec::len) as u64;
        let why = match &error {
            Some(error) => format!(": {}", error.message),
            None if gaps > 0 => format!(", {}", print::counted(gaps, "gap", "gaps")),
            None => String::new(),
        };
        Part {
            about: about.join(" → "),
            verdict: text("verdict").unwrap_or("failed").to_owned(),
            why,
            code: error.map(|error| error.code),
        }
    };
    list("runs").iter().chain(&list("upkeep")).map(part).collect()
}

fn reply_error(job: &JobView) -> Option<ApiError> {
    serde_json::from_value(job.reply.as_ref()?.get("error")?.clone()).ok()
}
