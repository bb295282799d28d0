//! A plan as a person makes one: in the window, run by the clock while the window is closed, proved, held back.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Desk, Window, within};

/// From any moment to the end of the next full minute's run, on a slow computer.
const A_MINUTE_AND_A_RUN: Duration = Duration::from_secs(100);

/// Backups a plan made that ended complete, by the command line program on the same home.
fn made_by(desk: &Desk, plan: &str) -> Vec<Value> {
    let said = desk.backstay(&["runs", "--plan", plan, "--kind", "backup", "--verdict", "complete"]);
    said["runs"].as_array().unwrap().clone()
}

#[test]
fn made_in_the_window_it_runs_without_it_and_proves_it() {
    let desk = Desk::new();
    let sample = desk.path("home/Backstay sample");
    desk.backstay(&["sample", "create", "--path", sample.to_str().unwrap()]);
    let window = desk.window(&[]);
    make_it(&window);

    desk.close_window("Backstay");
    desk.wait_for_no_window("Backstay");
    let ran = within(A_MINUTE_AND_A_RUN, || {
        Some(made_by(&desk, "Each minute")).filter(|runs| runs.len() >= 2)
    });
    let ran = ran.expect("the plan ran while the window was closed");
    let sources: Vec<&str> = ran.iter().filter_map(|run| run["source"].as_str()).collect();
    assert!(
        sources.contains(&"Sample-workspace") && sources.contains(&"Sample-documents"),
        "{sources:?}"
    );
    desk.tray().wait_for_entry("Next: Sample-");

    desk.tray().choose("Open Backstay");
    desk.wait_for_window("Backstay");
    window.follow();
    it_is_proved(&window);
    it_is_held_back(&window);
}

fn make_it(window: &Window<'_>) {
    window.visit("/plans", "No plan yet");
    window.click("link", "Make a plan");
    window.arrive("/plans/add");
    window.choose("Cron");
    window.fill("Cron line", "* * * *");
    window.see("This one has 4.");
    window.fill("Cron line", "* * * * *");
    window.see_no("This one has 4.");
    window.wait_until("the next five runs are shown, a minute apart", |window| {
        let found = window.script(
            "const list = document.querySelector('section[aria-label=\"The next runs\"] ol');
             return list && !list.dataset.stale ? [...list.children].map((one) => one.innerText) : []",
            &[],
        );
        let times = found.as_array().unwrap();
        times.len() == 5 && times.iter().all(|time| time.as_str().unwrap().contains(':'))
    });
    window.fill("Name", "Each minute");
    window.click("button", "Make the plan");
    window.arrive("/plans/Each%20minute");
    window.find("heading", "Each minute");
    window.see("Not yet");
    let plans = window.call("plan.list", &json!({}));
    assert_eq!(plans["unplanned"], json!([]), "all sources are in it: {plans:#}");
}

fn it_is_proved(window: &Window<'_>) {
    window.visit("/plans/Each%20minute?tab=proof", "kept in 30 days");
    window.find_like("gridcell", "ran");
    window.find("region", "Why");
    window.find("link", "See the run").click();
    window.arrive("/activity/runs/");
    window.see("Each minute");
    let proof = window.call("plan.proof", &json!({ "plan": "Each minute" }));
    let slots = proof["slots"].as_array().unwrap();
    assert!(slots.iter().any(|slot| slot["state"] == "ran"), "{proof:#}");
    assert!(proof["kept"].as_u64().unwrap() >= 1, "{proof:#}");
}

fn it_is_held_back(window: &Window<'_>) {
    let desk = window.desk();
    window.visit("/plans/Each%20minute", "When the moment is bad");
    window.click("button", "Pause…");
    window.click("menuitem", "For 1 hour");
    window.see("Paused until");
    let state = || desk.backstay(&["plan", "list"])["plans"][0].clone();
    // What runs at this moment ends first.
    let paused = within(A_MINUTE_AND_A_RUN, || Some(state()).filter(|plan| plan["state"] == "paused"));
    let paused = paused.unwrap_or_else(|| panic!("the command line does not know of the pause: {:#}", state()));
    assert!(paused["pausedUntil"].is_string(), "{paused:#}");
    window.click("button", "Go on");
    window.see_no("Paused until");
    assert!(state()["pausedUntil"].is_null(), "{:#}", state());
}
