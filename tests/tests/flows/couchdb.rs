//! CouchDB through the real program: what is kept, what a change costs, and every way back.

use backstay_couchdb_standin::{Act, Fault};
use serde_json::{Value, json};

use crate::{
    bench::Bench,
    couch::{ADMIN, Couch},
};

/// A server with the databases `crm` and `sales`: conflicts, tombstones, attachments, a design document, settings.
fn filled(couch: &Couch) {
    for name in ["sales", "crm"] {
        couch.database(name);
    }
    for n in 0..20 {
        couch.put(
            "sales",
            &format!("invoice-{n:02}"),
            json!({"type": "invoice", "total": n, "big": 9_007_199_254_740_993_u64}),
        );
    }
    couch.put("sales", "note", json!({"type": "note", "text": "é"}));
    couch.attach("sales", "note", "photo.bin", &[7; 3000]);
    couch.graft(
        "sales",
        &json!({"_id": "torn", "_rev": "2-b", "_revisions": {"start": 2, "ids": ["b", "a"]}, "who": "b"}),
    );
    couch.graft(
        "sales",
        &json!({"_id": "torn", "_rev": "2-c", "_revisions": {"start": 2, "ids": ["c", "a"]}, "who": "c"}),
    );
    couch.put("sales", "gone", json!({"was": "here"}));
    couch.delete("sales", "gone");
    couch.put(
        "sales",
        "_design/views",
        json!({"views": {"all": {"map": "function (doc) { emit(doc._id) }"}}}),
    );
    couch.put("crm", "customer", json!({"name": "Ada"}));
}

fn back_up(bench: &Bench) -> (String, Value) {
    let reply = bench.long(&["backup", "office"]);
    assert_eq!(reply["verdict"], "complete", "{reply:#}");
    (reply["runs"][0]["snapshot"].as_str().unwrap().to_owned(), reply)
}

fn live_leaves(couch: &Couch, database: &str) -> Vec<(String, Vec<String>)> {
    let mut all = couch.leaves(database);
    all.retain(|(id, _)| id != "gone");
    all
}

#[test]
fn a_server_is_kept_and_comes_back_under_new_names_and_over_what_lives() {
    let (bench, couch) = (Bench::with_vault(), Couch::start());
    filled(&couch);
    bench.add_couch("office", &couch, &[]).expect(0);
    let (first, _) = back_up(&bench);
    let listed = bench.json(&["ls", &first]);
    let names: Vec<&str> = listed["collections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    for name in ["crm", "sales", "sales/@design", "sales/@settings"] {
        assert!(names.contains(&name), "{names:?}");
    }

    // A change costs what changed.
    couch.put("sales", "invoice-03", json!({"type": "invoice", "total": 300}));
    couch.delete("sales", "invoice-04");
    couch.put("sales", "invoice-99", json!({"type": "invoice", "total": 99}));
    couch.standin().reset_counters();
    let (second, reply) = back_up(&bench);
    let changes = &reply["runs"][0]["collections"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["name"] == "sales")
        .unwrap()["changes"];
    assert_eq!(
        (&changes["added"], &changes["changed"], &changes["removed"]),
        (&json!(1), &json!(1), &json!(1)),
        "{reply:#}"
    );
    let fetched: u64 = couch
        .standin()
        .counters()
        .iter()
        .filter(|(name, _)| name.contains("photo") || name.contains("{attachment}"))
        .map(|(_, count)| count.requests)
        .sum();
    assert_eq!(
        fetched,
        0,
        "the attachment was not read again: {:?}",
        couch.standin().counters()
    );

    // New names beside the old: the same revisions, attachments and views.
    let reply = bench.long(&["restore", &first, "--to", "*-then"]);
    assert_eq!(
        (&reply["verdict"], &reply["readBack"]["score"]),
        (&json!("complete"), &json!(100.0)),
        "{reply:#}"
    );
    let mut then = live_leaves(&couch, "sales");
    assert!(then.iter().any(|(id, _)| id == "invoice-99"));
    then.retain(|(id, _)| !["invoice-99", "invoice-03", "invoice-04"].contains(&id.as_str()));
    let mut back = live_leaves(&couch, "sales-then");
    assert!(back.iter().any(|(id, _)| id == "invoice-04"), "deleted since: {back:?}");
    back.retain(|(id, _)| !["invoice-03", "invoice-04"].contains(&id.as_str()));
    assert_eq!(back, then, "the same revisions, conflicts included");
    assert_eq!(couch.attachment("sales-then", "note", "photo.bin").unwrap(), [7; 3000]);
    assert_eq!(
        couch.get("sales-then/invoice-01").unwrap()["big"].to_string(),
        "9007199254740993"
    );
    assert!(couch.get("crm-then/customer").is_some());

    // Back over what lives: only what is named, on top of the live winner, and undone again.
    let refused = bench
        .run(&["restore", &first, "--only", "sales/invoice-03", "--in-place"])
        .expect(4);
    assert!(refused.err.contains("--yes"), "{refused:#?}");
    let reply = bench.long(&["restore", &first, "--only", "sales/invoice-03", "--in-place", "--yes"]);
    assert_eq!(reply["verdict"], "complete", "{reply:#}");
    assert_eq!(couch.get("sales/invoice-03").unwrap()["total"], 3);
    assert!(couch.get("sales/invoice-99").is_some(), "what nobody named stays");
    let run = reply["run"].as_str().unwrap();
    bench.long(&["undo", run, "--yes"]);
    assert_eq!(couch.get("sales/invoice-03").unwrap()["total"], 300);

    // Over a tombstone.
    let reply = bench.long(&["restore", &first, "--only", "sales/invoice-04", "--in-place", "--yes"]);
    assert_eq!(reply["verdict"], "complete", "{reply:#}");
    assert_eq!(couch.get("sales/invoice-04").unwrap()["total"], 4);

    // By what documents are like.
    let plan = bench.json(&[
        "restore",
        &second,
        "--where",
        "sales={\"total\":{\"$gt\":90}}",
        "--prefix",
        "crm/cust",
        "--to",
        "*-some",
        "--dry-run",
    ]);
    assert_eq!(plan["plan"]["counts"]["create"], 3, "{plan:#}");
    let wrong = bench
        .run(&[
            "restore",
            &second,
            "--where",
            "sales={\"total\":{\"$gx\":90}}",
            "--to",
            "x-*",
            "--dry-run",
        ])
        .expect(2);
    assert!(wrong.err.contains("$gx"), "{wrong:#?}");
}

#[test]
fn a_backup_goes_into_another_server_by_options_of_the_kind() {
    let (bench, couch, cloud) = (Bench::with_vault(), Couch::start(), Couch::start());
    filled(&couch);
    bench.add_couch("office", &couch, &["--database", "sales"]).expect(0);
    bench.add_couch("cloud", &cloud, &[]).expect(0);
    let (snapshot, _) = back_up(&bench);
    let wrong = bench
        .run(&["restore", &snapshot, "--into", "cloud", "--set", "colour=red", "--dry-run"])
        .expect(2);
    assert!(wrong.err.contains("revisions"), "the options are named: {wrong:#?}");
    bench.run(&["restore", &snapshot, "--into", "cloud"]).expect(4);
    let reply = bench.long(&["restore", &snapshot, "--into", "cloud", "--set", "revisions=same", "--yes"]);
    assert_eq!(reply["verdict"], "complete", "{reply:#}");
    assert_eq!(live_leaves(&cloud, "sales"), live_leaves(&couch, "sales"));
    let kinds = bench.ok(&["source", "kinds", "couchdb"]);
    assert!(
        kinds.out.contains("revisions") && kinds.out.contains("secret"),
        "{}",
        kinds.out
    );
}

#[test]
fn secrets_come_from_files_and_the_environment_and_show_nowhere() {
    let (bench, couch) = (Bench::with_vault(), Couch::start());
    couch.database("sales");
    let help = bench.ok(&["source", "add", "couchdb", "--help"]);
    assert!(
        !help.out.contains("--password <") && help.out.contains("--secret-file") && help.out.contains("BACKSTAY_SOURCE_PASSWORD"),
        "{}",
        help.out
    );
    let url = couch.url();
    let add = ["source", "add", "couchdb", "office", "--url", &url, "--user", ADMIN.0];
    let wrong = bench
        .command(&add)
        .env("BACKSTAY_SOURCE_PASSWORD", "not it")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(6), "{wrong:?}");
    // Without a terminal nobody can be asked for it.
    let none = bench.run(&add).expect(2);
    assert!(none.err.contains("password is missing"), "{none:#?}");
    assert!(bench.json(&["source", "list"])["sources"].as_array().unwrap().is_empty());
    let right = bench.command(&add).env("BACKSTAY_SOURCE_PASSWORD", ADMIN.1).output().unwrap();
    assert_eq!(right.status.code(), Some(0), "{right:?}");
    for args in [
        vec!["source", "show", "office"],
        vec!["source", "list"],
        vec!["audit", "list"],
    ] {
        let said = bench.ok(&[&args[..], &["--json"]].concat());
        assert!(!said.out.contains(ADMIN.1) && !said.err.contains(ADMIN.1), "{said:#?}");
    }
    back_up(&bench);

    // Changed at the server: the next backup says so, and a new password mends it.
    let bad = bench.text("bad");
    std::fs::write(&bad, "wrong\n").unwrap();
    let set = bench
        .run(&["source", "set", "office", "--secret-file", &format!("password={bad}")])
        .expect(6);
    assert!(set.err.contains("not changed"), "{set:#?}");
    back_up(&bench);
    let refused = bench.run(&["source", "set", "office", "password=visible"]).expect(2);
    assert!(
        refused.err.contains("--secret-file") && !refused.err.contains("visible\""),
        "{refused:#?}"
    );
    let set = bench.json(&[
        "source",
        "set",
        "office",
        "database=sal*",
        "database=crm",
        "deleted=true",
        "--rename",
        "hq",
    ]);
    assert_eq!(
        (&set["name"], &set["options"]["database"], &set["options"]["deleted"]),
        (&json!("hq"), &json!(["sal*", "crm"]), &json!(true))
    );
    let set = bench.json(&["source", "set", "hq", "deleted=false", "--unset", "database"]);
    assert!(
        set["options"].get("database").is_none() && set["options"].get("deleted").is_none(),
        "{set:#}"
    );
    // Without a name and a terminal nothing is asked.
    bench.run(&["source", "add", "couchdb", "--url", &url]).expect(2);
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_kept() {
    let (bench, couch) = (Bench::with_vault(), Couch::start());
    filled(&couch);
    bench.add_couch("office", &couch, &[]).expect(0);
    let answer = Act::Answer {
        status: 403,
        headers: Vec::new(),
        body: json!({"error": "forbidden", "reason": "You are not allowed to access this db."}).to_string(),
    };
    let fault = couch.standin().fault(Fault::on("GET", "/sales/_security", answer).times(0));
    let ran = bench.run(&["backup", "office", "--json"]).expect(3);
    assert!(fault.fired() > 0, "the fault fired");
    let reply = ran.result();
    let gaps = reply["runs"][0]["gaps"].as_array().unwrap();
    assert!(
        gaps.iter().any(|gap| gap["subject"].as_str().unwrap().contains("_security")),
        "{reply:#}"
    );
    let snapshot = reply["runs"][0]["snapshot"].as_str().unwrap();
    assert_eq!(
        bench.json(&["get", snapshot, "crm", "customer"])["record"]["data"]["name"],
        "Ada"
    );
}

#[test]
fn pouchdb_server_is_kept_and_comes_back_too() {
    let (bench, pouch) = (Bench::with_vault(), Couch::pouch());
    pouch.database("sales");
    for n in 0..5 {
        pouch.put("sales", &format!("i{n}"), json!({"n": n}));
    }
    pouch.attach("sales", "i1", "a.bin", &[9; 500]);
    bench.add_couch("office", &pouch, &["--database", "sales"]).expect(0);
    let (first, _) = back_up(&bench);
    pouch.put("sales", "i2", json!({"n": 222}));
    let (_, reply) = back_up(&bench);
    let sales = reply["runs"][0]["collections"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["name"] == "sales")
        .unwrap()
        .clone();
    assert_eq!(sales["changes"]["changed"], 1, "{reply:#}");
    let reply = bench.long(&["restore", &first, "--only", "sales", "--to", "sales-then"]);
    assert_eq!(reply["verdict"], "complete", "{reply:#}");
    assert_eq!(pouch.get("sales-then/i2").unwrap()["n"], 2);
    assert_eq!(pouch.attachment("sales-then", "i1", "a.bin").unwrap(), [9; 500]);
    let reply = bench.long(&[
        "couchdb",
        "replicate",
        "office/sales",
        "office/copy",
        "--create",
        "--via",
        "here",
    ]);
    assert_eq!(reply["verdict"], "complete", "{reply:#}");
    assert_eq!(pouch.get("copy/i2").unwrap()["n"], 222);
}
