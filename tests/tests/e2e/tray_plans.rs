//! Plans around the tray: app and agent on one home, and a promise that is broken.

use std::{fs, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::bench::{Desk, Guarded, Options, beside, eventually, within};

/// From any moment to the end of the next full minute's run, on a slow computer.
const A_MINUTE_AND_A_RUN: Duration = Duration::from_secs(100);

fn with_plan(desk: &Desk, timing: &[&str]) {
    desk.make_vault();
    desk.file("docs/one.txt", "one");
    desk.add_source("folder", "docs", &desk.path("docs"));
    let off = ["--check-at", "off", "--sample-at", "off", "--drill-one-at", "off"];
    let plan = ["plan", "add", "minutely", "--source", "docs"];
    desk.backstay(&[&plan[..], timing, &off[..]].concat());
}

/// What became of the plan's moments that are over.
fn moments(desk: &Desk) -> Vec<Value> {
    let proof = desk.backstay(&["plan", "proof", "minutely"]);
    let slots = proof["slots"].as_array().unwrap().iter();
    slots.filter(|slot| slot["state"] != "notYet").cloned().collect()
}

fn saved(moments: &[Value]) -> usize {
    let saved = moments
        .iter()
        .filter(|one| one["state"] == "ran" || one["state"] == "caughtUp");
    saved.count()
}

fn who_leads(desk: &Desk) -> String {
    let status = desk.backstay(&["agent", "status"]);
    status["process"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn app_and_agent_never_run_a_moment_twice_and_stand_in_for_each_other() {
    let desk = Desk::new();
    with_plan(&desk, &["--every", "1m"]);
    let mut app = desk.launch(&["--hidden"]);
    let leads = |pid: u32| eventually(|| who_leads(&desk).contains(&pid.to_string()).then_some(()));
    assert!(leads(app.id()).is_some(), "the app runs the plans: {:?}", who_leads(&desk));
    let mut agent = desk.command(beside("backstay"));
    agent.args(["agent", "run", "--json"]).stdin(std::process::Stdio::null());
    let log = desk.path("agent.json");
    agent.stdout(fs::File::create(&log).unwrap());
    let agent = Guarded(agent.spawn().unwrap());
    let said = || fs::read_to_string(&log).unwrap_or_default();
    assert!(
        eventually(|| said().contains("standby").then_some(())).is_some(),
        "the agent does not stand by: {}",
        said()
    );

    let both = within(A_MINUTE_AND_A_RUN * 2, || (saved(&moments(&desk)) >= 2).then_some(()));
    assert!(both.is_some(), "{:#?}", moments(&desk));
    assert!(app.runs());
    assert!(!said().contains("\"begin\""), "one of them runs the plan: {}", said());
    kill_process(Pid::from_raw(app.id().cast_signed()).unwrap(), Signal::KILL).unwrap();
    app.ended();
    assert!(leads(agent.0.id()).is_some(), "the agent takes over: {:?}", who_leads(&desk));
    let before = saved(&moments(&desk));
    let after = within(A_MINUTE_AND_A_RUN, || (saved(&moments(&desk)) > before).then_some(()));
    assert!(after.is_some(), "{:#?}\n{}", moments(&desk), said());

    desk.backstay(&["plan", "pause", "minutely", "--for", "1h"]);
    let still = eventually(|| {
        let moments = moments(&desk);
        moments.iter().all(|one| one["state"] != "running").then_some(moments)
    });
    let moments = still.expect("it comes to rest");
    let dues: Vec<&str> = moments.iter().map(|one| one["due"].as_str().unwrap()).collect();
    let mut once = dues.clone();
    once.dedup();
    assert_eq!(dues, once, "{moments:#?}");
    let made = desk.backstay(&["runs", "--plan", "minutely", "--kind", "backup", "--verdict", "complete"]);
    assert_eq!(
        made["runs"].as_array().unwrap().len(),
        saved(&moments),
        "{made:#}\n{moments:#?}"
    );
    assert_eq!(desk.snapshots(), saved(&moments));
    // Who comes back stands by: the agent goes on.
    let _again = desk.launch(&["--hidden"]);
    desk.tray().wait_for("ok");
    assert!(leads(agent.0.id()).is_some(), "{:?}", who_leads(&desk));
}

#[test]
fn a_broken_promise_is_shown_and_told_once() {
    let desk = Desk::with(&Options {
        notifications: true,
        ..Options::default()
    });
    with_plan(&desk, &["--daily", "02:00", "--promise", "1m"]);
    desk.back_up("docs");
    let window = desk.window(&[]);
    let overdue = within(A_MINUTE_AND_A_RUN * 2, || {
        (desk.tray().state().as_deref() == Some("overdue")).then_some(())
    });
    assert!(
        overdue.is_some(),
        "the tray shows {:?}: {:#?}",
        desk.tray().state(),
        desk.tray().labels()
    );
    desk.tray().wait_for_entry("docs: no good backup for");
    window.go("/");
    // The window hears of it when the agent looked again, a minute later at most.
    let seen = within(A_MINUTE_AND_A_RUN, || {
        window.text().contains("One source needs you.").then_some(())
    });
    assert!(seen.is_some(), "{}", window.text());
    window.see("docs: no good backup for");
    window.see("promised every 1 min");
    let notice = within(A_MINUTE_AND_A_RUN, || {
        desk.notices()
            .into_iter()
            .find(|one| one.title.starts_with("docs: no good backup"))
    });
    assert!(
        notice.is_some_and(|one| one.actions.contains(&"Show".to_owned())),
        "{:#?}",
        desk.notices()
    );
    window.visit("/plans/minutely", "docs overdue");
    window.visit("/", "docs: no good backup for");
    window.click("button", "Back up now");
    desk.tray().wait_for("ok");
    window.see("Everything is backed up.");
    let told = desk.notices().into_iter().filter(|one| one.title.contains("no good backup"));
    assert_eq!(told.count(), 1, "{:#?}", desk.notices());
}
