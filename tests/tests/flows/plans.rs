//! Plans from the command line: made, shown, changed, refused, run, held back, proved.

use std::fs;

use serde_json::Value;

use crate::{
    bench::{Bench, Ran},
    data,
};

/// A bench with a vault and two folders.
fn bench() -> Bench {
    let bench = Bench::with_vault();
    for name in ["docs", "mail"] {
        fs::create_dir_all(bench.path(name)).unwrap();
        fs::write(bench.path(name).join("first"), name).unwrap();
        bench.add_folder(name, &bench.path(name));
    }
    bench
}

fn names(list: &Value) -> Vec<&str> {
    list["plans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| plan["name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_plan_from_its_beginning_to_its_end() {
    let bench = bench();
    let made = bench.json(&[
        "plan",
        "add",
        "nightly",
        "--source",
        "docs",
        "--vault",
        "safe",
        "--daily",
        "02:00,14:00",
        "--zone",
        "Europe/Copenhagen",
        "--jitter",
        "10m",
        "--on-battery",
        "run",
        "--on-metered",
        "wait=2h",
        "--if-missed",
        "skip",
        "--quiet-hours",
        "22:00-06:00/mon-fri",
        "--promise",
        "13h",
        "--retry",
        "2x5m",
        "--keep-daily",
        "7",
        "--preset",
        "30d-12w-12m",
        "--drill-at",
        "first sun 03:00",
        "--drill-target",
        "10m",
        "--guard-share",
        "10",
        "--guard-count",
        "off",
        "--no-guard-schema",
        "--before",
        "true",
        "--hook-limit",
        "30s",
    ]);
    let spec = &made["spec"];
    assert_eq!(
        spec["timetable"]["schedule"]["daily"]["times"],
        serde_json::json!(["02:00", "14:00"])
    );
    assert_eq!(
        (&spec["timetable"]["zone"], &spec["timetable"]["jitterMinutes"]),
        (&"Europe/Copenhagen".into(), &10.into())
    );
    assert_eq!(spec["rules"]["battery"], "run");
    assert_eq!(spec["rules"]["metered"]["wait"]["maxMinutes"], 120);
    assert_eq!(spec["rules"]["missed"], "skip");
    assert_eq!(spec["rules"]["quiet"][0]["days"].as_array().unwrap().len(), 5);
    assert_eq!(spec["promiseMinutes"], 780);
    assert_eq!(spec["retry"], serde_json::json!({"times": 2, "minutes": 5}));
    assert_eq!(
        (&spec["keep"]["daily"], &spec["keep"]["preset"]),
        (&7.into(), &"30d-12w-12m".into())
    );
    assert_eq!(spec["upkeep"]["drill"]["schedule"]["monthly"]["on"]["first"], "sun");
    assert_eq!(
        spec["upkeep"]["drill"]["zone"], "Europe/Copenhagen",
        "one clock for all of it"
    );
    assert_eq!(spec["upkeep"]["targetMinutes"], 10);
    assert!(
        !spec["upkeep"]["forget"]["schedule"].is_string(),
        "with rules, something removes: {spec:#}"
    );
    assert!(
        !spec["upkeep"]["structure"]["schedule"].is_string(),
        "a new plan is checked: {spec:#}"
    );
    let guards = &spec["guards"];
    assert_eq!(
        (&guards["sharePercent"], &guards["count"]),
        (&serde_json::json!(10.0), &Value::Null)
    );
    assert_eq!((&guards["schema"], &guards["emptied"]), (&false.into(), &true.into()));
    assert_eq!(spec["hooks"]["before"], serde_json::json!({"command": "true", "seconds": 30}));
    assert!(made["next"].as_array().is_some_and(|next| !next.is_empty()), "{made:#}");

    let listed = bench.json(&["plan", "list"]);
    assert_eq!(names(&listed), ["nightly"]);
    assert_eq!(listed["unplanned"], serde_json::json!(["mail"]));
    let text = bench.ok(&["plan", "list"]).out;
    assert!(text.contains("nightly") && text.contains("In no plan: mail"), "{text}");
    let text = bench.ok(&["plan", "show", "nightly"]).out;
    for said in [
        "02:00",
        "Europe/Copenhagen",
        "7 daily",
        "10 % gone",
        "22:00 to 06:00",
        "2 times, first after 5 min",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }

    let edited = bench.json(&[
        "plan", "edit", "nightly", "--every", "6h", "--from", "03:00", "--before", "", "--rename", "often",
    ]);
    assert_eq!(edited["spec"]["timetable"]["schedule"]["hours"]["every"], 6);
    assert!(edited["spec"]["hooks"]["before"].is_null());
    assert_eq!(edited["spec"]["promiseMinutes"], 780, "what is not named stays");
    assert_eq!(edited["sources"], serde_json::json!(["docs"]));
    let would = bench.json(&["plan", "edit", "often", "--daily", "05:00", "--dry-run"]);
    assert!(would["words"].as_str().unwrap().contains("05:00"), "{would:#}");
    let kept = bench.json(&["plan", "show", "often"]);
    assert_eq!(
        kept["spec"]["timetable"]["schedule"]["hours"]["every"], 6,
        "a dry run changes nothing"
    );

    bench.run(&["plan", "remove", "often"]).expect(4);
    bench.ok(&["plan", "remove", "often", "--yes"]);
    assert!(names(&bench.json(&["plan", "list"])).is_empty());
    bench.run(&["plan", "show", "often"]).expect(5);
    let actions = bench.json(&["audit", "list", "--action", "plan."]);
    let actions: Vec<&str> = actions["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["plan.remove", "plan.change", "plan.add"], "newest first");
}

#[test]
fn what_makes_no_sense_is_refused_and_named() {
    let bench = bench();
    let add = |rest: &[&str]| -> Ran { bench.run(&[&["plan", "add", "p", "--source", "docs"], rest].concat()) };
    for (arguments, code, said) in [
        (&["--cron", "0 25 * * *"][..], 2, "Field 2"),
        (&["--cron", "0 3 30 2 *"], 2, "never happens"),
        (&["--cron", "0 3 * *"], 2, "five fields"),
        (&["--daily", "02:00", "--zone", "Europe/Atlantis"], 2, "Europe/Atlantis"),
        (&["--daily", "25:00"], 2, "25:00"),
        (&["--weekly", "someday", "--at", "03:00"], 2, "someday"),
        (&["--weekly", "mon"], 2, "--at"),
        (&["--monthly", "32", "--at", "03:00"], 2, "32"),
        (&["--every", "30s"], 2, "30s"),
        (&["--every", "30m", "--from", "03:00"], 2, "whole hours"),
        (&["--every", "6h", "--daily", "02:00"], 2, "cannot be used with"),
        (&["--daily", "02:00", "--at", "03:00"], 2, "--at goes with"),
        (&[], 2, "no schedule"),
        (&["--manual", "--clean-at", "sometimes"], 2, "sometimes"),
        (&["--manual", "--check-at", "0 61 * * *"], 2, "Field 2"),
        (&["--manual", "--sample", "0"], 2, "percent"),
        (&["--manual", "--guard-share", "120"], 2, "percent"),
        (&["--manual", "--keep-within", "soon"], 2, "soon"),
        (&["--manual", "--quiet-hours", "00:00-00:00"], 2, "nothing would ever run"),
        (&["--manual", "--source", "nobody"], 5, "nobody"),
        (&["--manual", "--vault", "nowhere"], 5, "nowhere"),
    ] {
        let ran = add(arguments).expect(code);
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
        let ran = add(&[arguments, &["--json"]].concat()).expect(code);
        let error = &ran.json()["error"];
        assert_eq!(
            error["code"],
            if code == 2 { "usage" } else { "notFound" },
            "{arguments:?}: {ran:#?}"
        );
    }
    assert!(names(&bench.json(&["plan", "list"])).is_empty(), "nothing was made");
    let ran = bench.run(&["plan", "add", "p", "--manual"]).expect(2);
    assert!(ran.err.contains("no source"), "{}", ran.err);
    add(&["--manual"]).expect(0);
    add(&["--manual"]).expect(4);
    bench.run(&["plan", "next", "p"]).expect(2);
    bench.run(&["plan", "run", "p", "--source", "mail"]).expect(5);
    bench.run(&["plan", "pause", "p", "--until", "2020-01-01"]).expect(2);
}

#[test]
fn schedules_in_words_and_times() {
    let bench = bench();
    let next = |args: &[&str]| bench.json(&[&["plan", "next"], args].concat());
    let cron = next(&["--cron", "0 */6 * * *", "--zone", "UTC"]);
    assert_eq!(cron["next"].as_array().unwrap().len(), 10);
    let times: Vec<&str> = cron["next"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| &t.as_str().unwrap()[11..16])
        .collect();
    assert!(
        times.iter().all(|t| ["00:00", "06:00", "12:00", "18:00"].contains(t)),
        "{times:?}"
    );
    assert!(cron["promiseMinutes"].as_u64().is_some_and(|promise| promise >= 360));
    let first = next(&[
        "--monthly",
        "first-sun",
        "--at",
        "03:00",
        "--zone",
        "Europe/Copenhagen",
        "--count",
        "3",
    ]);
    assert_eq!(first["next"].as_array().unwrap().len(), 3);
    assert_eq!(first["zone"], "Europe/Copenhagen");
    let text = bench.ok(&["plan", "next", "--every", "90m", "--count", "2"]).out;
    assert!(text.contains("90 minutes") && text.lines().count() >= 3, "{text}");
    bench.ok(&["plan", "add", "p", "--source", "docs", "--weekly", "sat-mon", "--at", "03:30"]);
    let of_plan = next(&["p", "--count", "4"]);
    assert!(of_plan["words"].as_str().unwrap().contains("03:30"), "{of_plan:#}");
}

#[test]
fn one_source_that_fails_does_not_stop_the_other() {
    let bench = bench();
    bench.ok(&["plan", "add", "both", "--source", "docs", "--source", "mail", "--manual"]);
    fs::rename(bench.path("docs"), bench.path("gone")).unwrap();
    let ran = bench.run(&["plan", "run", "both", "--json"]);
    let reply = ran.result();
    assert_ne!(ran.code, 0, "{ran:#?}");
    assert_eq!(reply["verdict"], "failed", "{reply:#}");
    let of = |name: &str| {
        reply["runs"]
            .as_array()
            .unwrap()
            .iter()
            .find(|run| run["source"] == name)
            .unwrap()
    };
    assert_eq!(of("docs")["verdict"], "failed");
    assert!(of("docs")["error"]["message"].as_str().unwrap().contains("docs"), "{reply:#}");
    assert_eq!(of("mail")["verdict"], "complete");
    let text = bench.run(&["plan", "run", "both"]).out;
    assert!(
        text.contains("docs → safe: FAILED") && text.contains("mail → safe: complete"),
        "{text}"
    );
    assert_eq!(
        bench.json(&["snapshots", "--source", "mail"])["snapshots"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let failed = bench.json(&["runs", "--plan", "both", "--verdict", "failed", "--kind", "backup"]);
    assert_eq!(failed["runs"].as_array().unwrap().len(), 2, "{failed:#}");
    assert_eq!(bench.run(&["status"]).code, 1);
    let status = bench.run(&["status", "--json"]).expect(1).json();
    assert_eq!(status["state"], "failed");
    assert!(
        status["alerts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|a| a["message"]["source"] == "docs"),
        "{status:#}"
    );
    // Only the one asked for; it alone is well again.
    fs::rename(bench.path("gone"), bench.path("docs")).unwrap();
    let reply = bench.long(&["plan", "run", "both", "--source", "docs"]);
    assert_eq!(
        (reply["runs"].as_array().unwrap().len(), &reply["verdict"]),
        (1, &"complete".into())
    );
    let status = bench.run(&["status", "--json"]).json();
    let alerts = status["alerts"].as_array().unwrap();
    assert!(
        alerts.iter().all(|a| a["message"]["event"] != "failed"),
        "taken back: {status:#}"
    );
}

#[test]
fn a_command_before_that_fails_stops_the_backup_and_says_so() {
    let bench = bench();
    bench.ok(&[
        "plan",
        "add",
        "p",
        "--source",
        "docs",
        "--manual",
        "--before",
        "echo not today; exit 3",
        "--after",
        "echo \"$BACKSTAY_PHASE $BACKSTAY_VERDICT $BACKSTAY_SOURCES\" > after",
    ]);
    let ran = bench.run(&["plan", "run", "p"]);
    assert_eq!(ran.code, 4, "{ran:#?}");
    assert!(ran.out.contains("command before"), "{ran:#?}");
    assert_eq!(
        fs::read_to_string(bench.path("after")).unwrap().trim(),
        "after failed docs",
        "it runs however it ended"
    );
    assert!(bench.json(&["snapshots"])["snapshots"].as_array().unwrap().is_empty());
    bench.ok(&["plan", "edit", "p", "--before", "sleep 20", "--hook-limit", "1s"]);
    let ran = bench.run(&["plan", "run", "p"]);
    assert_ne!(ran.code, 0, "it does not wait for ever: {ran:#?}");
    bench.ok(&["plan", "edit", "p", "--before", "touch before"]);
    bench.ok(&["plan", "run", "p"]);
    assert!(bench.path("before").exists());
}

#[test]
fn paused_and_switched_off() {
    let bench = bench();
    bench.ok(&["plan", "add", "p", "--source", "docs", "--every", "1h"]);
    let paused = bench.json(&["plan", "pause", "--for", "4h"]);
    assert_eq!(paused["plans"][0]["state"], "paused", "{paused:#}");
    assert!(bench.ok(&["plan", "list"]).out.contains("paused until"));
    let resumed = bench.json(&["plan", "resume", "p"]);
    assert!(resumed["plans"][0]["pausedUntil"].is_null(), "{resumed:#}");
    let until = (chrono::Utc::now() + chrono::TimeDelta::days(400)).to_rfc3339();
    bench.ok(&["plan", "pause", "p", "--until", &until]);
    bench.ok(&["plan", "resume"]);
    assert_eq!(bench.json(&["plan", "off", "p"])["enabled"], false);
    assert!(bench.ok(&["plan", "list"]).out.contains("off"));
    // By hand it runs all the same.
    bench.ok(&["plan", "run", "p"]);
    assert_eq!(bench.json(&["plan", "on", "p"])["enabled"], true);
}

#[test]
fn retention_is_shown_before_it_happens() {
    let bench = bench();
    bench.ok(&["plan", "add", "p", "--source", "docs", "--every", "1h", "--keep-last", "1"]);
    for n in 0..4 {
        fs::write(bench.path("docs/first"), format!("{n}")).unwrap();
        bench.ok(&["plan", "run", "p"]);
    }
    let would = bench.json(&["plan", "keep", "p", "--bytes"]);
    assert_eq!((&would["stay"], &would["go"]), (&1.into(), &3.into()), "{would:#}");
    let text = bench.ok(&["plan", "keep", "p"]).out;
    assert!(
        text.contains("1 -3") && text.contains("3 snapshots would go") && text.contains("Nothing was changed"),
        "{text}"
    );
    let other = bench.json(&["plan", "keep", "p", "--keep-last", "3"]);
    assert_eq!((&other["stay"], &other["go"]), (&3.into(), &1.into()), "{other:#}");
    assert_eq!(bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 4);
    let done = bench.long(&["plan", "run", "p", "--task", "forget"]);
    assert_eq!(done["verdict"], "complete", "{done:#}");
    assert_eq!(bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 1);
    let pruned = bench.ok(&["plan", "run", "p", "--task", "prune"]).out;
    assert!(pruned.contains("free space complete"), "{pruned}");
    for task in ["structure", "sample", "full", "drill", "drillOne"] {
        let done = bench.long(&["plan", "run", "p", "--task", task]);
        assert_eq!(done["verdict"], "complete", "{task}: {done:#}");
    }
    bench.ok(&["verify", "safe", "--read-data"]);
}

#[test]
fn whole_databases_by_a_plan_too() {
    let bench = bench();
    drop(data::tasks(&bench.path("app.db"), "wal", 50));
    bench.add_sqlite("app", &bench.path("app.db"));
    bench.ok(&["plan", "add", "p", "--source", "app", "--source", "docs", "--manual"]);
    assert_eq!(bench.long(&["plan", "run", "p"])["verdict"], "complete");
    let seen = bench.json(&["coverage", "app"]);
    assert!(
        seen["rows"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["sees"] == 50 && row["saved"] == 50),
        "{seen:#}"
    );
    data::execute(&bench.path("app.db"), "DROP TABLE tags");
    let ran = bench.run(&["coverage", "app"]).expect(3);
    assert!(ran.out.contains("OUT OF REACH") && ran.out.contains("tags"), "{ran:#?}");
    let status = bench.ok(&["status"]).out;
    assert!(
        status.contains("app") && status.contains("Overall: fine") && status.contains("NOBODY runs the plans"),
        "{status}"
    );
}
