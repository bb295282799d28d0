//! Replication between stand-ins, PouchDB Server and a PouchDB client.

use std::{
    sync::{Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use backstay_couchdb::CouchDb;
use backstay_couchdb_standin::{Act, Config, Fault, Load, Standin};
use backstay_model::{ErrorKind, Gap};
use backstay_source::{
    Cancel, Connector as _, Endpoint, Replication, ReplicationProgress, ReplicationWatch, Result, SourceConfig, Via,
};
use backstay_test_services::{PouchServer, node_script};
use serde_json::{Value, json};

use crate::support::{Given, Http, config};

/// Listens to a replication, and may stop it.
#[derive(Default)]
struct Watch {
    cancel: Cancel,
    gaps: Mutex<Vec<Gap>>,
    seen: Mutex<Vec<ReplicationProgress>>,
    /// Stops once so many revisions were written.
    stop_after: Option<u64>,
}

impl ReplicationWatch for Watch {
    fn progress(&self, progress: &ReplicationProgress) {
        self.seen.lock().unwrap().push(progress.clone());
        if self.stop_after.is_some_and(|most| progress.written >= most) {
            self.cancel.cancel();
        }
    }
    fn gap(&self, gap: Gap) {
        self.gaps.lock().unwrap().push(gap);
    }
    fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}

fn replicate_with(
    from: (&SourceConfig, &str),
    to: (&SourceConfig, &str),
    what: &Replication,
    watch: &Watch,
) -> Result<ReplicationProgress> {
    let secrets = Given::default();
    let end = |(config, collection)| Endpoint {
        config,
        secrets: &secrets,
        collection,
    };
    CouchDb.replicator().unwrap().replicate(&end(from), &end(to), what, watch)
}

fn here() -> Replication {
    Replication {
        via: Via::Here,
        create_target: true,
        ..Replication::default()
    }
}

/// Replicates a database of that name from one server to the other; nothing may be missing.
fn whole(from: &str, to: &str, what: &Replication) -> ReplicationProgress {
    let watch = Watch::default();
    let (from, to) = (config(from, &json!({})), config(to, &json!({})));
    let progress = replicate_with((&from, "shop"), (&to, "shop"), what, &watch).unwrap();
    assert_eq!(*watch.gaps.lock().unwrap(), Vec::new());
    progress
}

fn party() -> Standin {
    Standin::start(Config::admin_party()).unwrap()
}

/// Documents with everything: conflicts, tombstones, attachments small and large, a design document.
fn furnish(http: &Http, documents: u64) {
    let mut docs: Vec<Value> = (0..documents)
        .map(|number| json!({ "_id": format!("doc-{number:05}"), "number": number, "exact": 1.10 }))
        .collect();
    docs.push(json!({ "_id": "_design/views", "views": { "all": { "map": "function (doc) { emit(doc._id) }" } } }));
    docs.push(json!({ "_id": "note", "_attachments": {
        "a.txt": { "content_type": "text/plain", "data": "aGVsbG8gd29ybGQ=" } } }));
    http.post("shop/_bulk_docs", json!({ "docs": docs }));
    let branch = |digit: &str, who: &str| {
        let rev = digit.repeat(32);
        json!({ "_id": "torn", "_rev": format!("2-{rev}"), "who": who,
            "_revisions": { "start": 2, "ids": [rev, "0".repeat(32)] } })
    };
    let torn = [branch("a", "mara"), branch("b", "ola")];
    http.post("shop/_bulk_docs", json!({ "new_edits": false, "docs": torn }));
    let gone = http.put("shop/gone", json!({ "here": "for a moment" }));
    http.ask("DELETE", &format!("shop/gone?rev={}", gone["rev"].as_str().unwrap()), None);
}

#[test]
fn everything_arrives_once_and_nothing_is_asked_twice() {
    let (a, b) = (party(), party());
    let (from, to) = (Http::at(&a.url()), Http::at(&b.url()));
    from.make("shop");
    furnish(&from, 3000);
    let large: String = "0123456789abcdef".repeat(40_000);
    let data = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(&large)
    };
    from.put(
        "shop/picture",
        json!({ "_attachments": {
        "large.bin": { "content_type": "application/octet-stream", "data": data },
        "a b/ü.txt": { "content_type": "text/plain", "data": "eA==" } } }),
    );
    let progress = whole(&a.url(), &b.url(), &here());
    assert_eq!(from.leaves("shop"), to.leaves("shop"));
    assert_eq!(progress.written, progress.checked, "{progress:?}");
    assert_eq!(progress.via, Via::Here);
    assert!(progress.checkpoint.is_some());
    assert_eq!(to.bytes(&["shop", "picture", "large.bin"]), large.as_bytes());
    assert_eq!(to.bytes(&["shop", "note", "a.txt"]), b"hello world");
    assert_eq!(to.get("shop/doc-00001")["exact"], json!(1.10));
    let torn = to.get("shop/torn?conflicts=true");
    assert_eq!(
        (torn["who"].clone(), torn["_conflicts"].as_array().unwrap().len()),
        (json!("ola"), 1)
    );

    b.reset_counters();
    let again = whole(&a.url(), &b.url(), &here());
    assert_eq!((again.checked, again.written), (0, 0));
    assert!(
        !b.counters()
            .keys()
            .any(|path| path.contains("_revs_diff") || path.contains("_bulk_docs")),
        "{:?}",
        b.counters()
    );

    // A target that was emptied is filled again: its checkpoint went with it.
    to.ask("DELETE", "shop", None);
    let anew = whole(&a.url(), &b.url(), &here());
    assert_eq!(anew.written, progress.written);
}

#[test]
fn a_cut_replication_goes_on_where_both_ends_agree() {
    let (a, b) = (party(), party());
    a.load(&Load::new("shop", 10_000)).unwrap();
    let (from, to) = (config(&a.url(), &json!({})), config(&b.url(), &json!({})));
    let watch = Watch {
        stop_after: Some(4000),
        ..Watch::default()
    };
    let error = replicate_with((&from, "shop"), (&to, "shop"), &here(), &watch).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Cancelled);
    let rest = whole(&a.url(), &b.url(), &here());
    assert!((1..=6000).contains(&rest.checked), "only the rest is looked at: {rest:?}");
    assert_eq!(Http::at(&a.url()).leaves("shop"), Http::at(&b.url()).leaves("shop"));
}

#[test]
fn faults_on_the_way_cost_time_and_nothing_else() {
    let (a, b) = (party(), party());
    a.load(&Load::new("shop", 2500)).unwrap();
    let faults = [
        a.fault(Fault::on("POST", "/shop/_bulk_get", Act::CutBody { after: 5000 }).times(2)),
        a.fault(
            Fault::on(
                "GET",
                "/shop/_changes",
                Act::Answer {
                    status: 503,
                    headers: Vec::new(),
                    body: String::new(),
                },
            )
            .times(1),
        ),
        b.fault(Fault::on("POST", "/shop/_bulk_docs", Act::DropAfter).times(1)),
        b.fault(Fault::on("POST", "/shop/_revs_diff", Act::Restart).times(1)),
    ];
    whole(&a.url(), &b.url(), &here());
    for fault in &faults {
        assert!(fault.fired() > 0, "{fault:?}");
    }
    assert_eq!(Http::at(&a.url()).leaves("shop"), Http::at(&b.url()).leaves("shop"));
}

#[test]
fn what_the_target_refuses_is_named_and_the_rest_arrives() {
    let (a, b) = (party(), party());
    let (from, to) = (Http::at(&a.url()), Http::at(&b.url()));
    from.make("shop");
    let docs: Vec<Value> = (0..50)
        .map(|number| {
            if number == 7 {
                json!({ "_id": "no-kind" })
            } else {
                json!({ "_id": format!("d{number}"), "kind": "x" })
            }
        })
        .collect();
    from.post("shop/_bulk_docs", json!({ "docs": docs }));
    to.make("shop");
    to.put(
        "shop/_design/rule",
        json!({ "validate_doc_update": "/* standin: require kind */" }),
    );
    let watch = Watch::default();
    let (c, d) = (config(&a.url(), &json!({})), config(&b.url(), &json!({})));
    let progress = replicate_with((&c, "shop"), (&d, "shop"), &here(), &watch).unwrap();
    let gaps = watch.gaps.lock().unwrap();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!((gaps[0].subject.as_str(), gaps[0].kind), ("shop/no-kind", ErrorKind::Auth));
    assert_eq!((progress.failed, progress.written), (1, 49));
}

#[test]
fn a_continuous_one_follows_and_stops_cleanly() {
    let (a, b) = (party(), party());
    let (from, to) = (Http::at(&a.url()), Http::at(&b.url()));
    from.make("shop");
    furnish(&from, 10);
    let watch = Watch::default();
    let what = Replication {
        continuous: true,
        ..here()
    };
    let (c, d) = (config(&a.url(), &json!({})), config(&b.url(), &json!({})));
    thread::scope(|scope| {
        let running = scope.spawn(|| replicate_with((&c, "shop"), (&d, "shop"), &what, &watch));
        let arrives = |id: &str| {
            let begun = Instant::now();
            while !to.get("_all_dbs").to_string().contains("shop") || !to.leaves("shop").contains_key(id) {
                assert!(
                    begun.elapsed() < Duration::from_secs(20),
                    "{id} did not arrive: {:?}",
                    watch.seen.lock().unwrap().last()
                );
                thread::sleep(Duration::from_millis(50));
            }
        };
        arrives("note");
        from.put("shop/later", json!({ "n": 1 }));
        arrives("later");
        a.restart();
        from.put("shop/after-restart", json!({ "n": 2 }));
        arrives("after-restart");
        let asked = Instant::now();
        watch.cancel.cancel();
        let ended = running.join().unwrap().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(2));
        assert!(ended.checkpoint.is_some());
    });
    let again = whole(&a.url(), &b.url(), &here());
    assert_eq!(again.written, 0, "the checkpoint was written at the end");
}

#[test]
fn filters_choose() {
    let (a, b, c) = (party(), party(), party());
    let from = Http::at(&a.url());
    from.make("shop");
    furnish(&from, 20);
    let chosen = Replication {
        ids: vec!["doc-00003".to_owned(), "torn".to_owned(), "not-there".to_owned()],
        ..here()
    };
    whole(&a.url(), &b.url(), &chosen);
    let ids: Vec<String> = Http::at(&b.url()).leaves("shop").into_keys().collect();
    assert_eq!(ids, ["doc-00003", "torn"]);
    let asked = Replication {
        selector: Some(r#"{"number": {"$gte": 18}}"#.to_owned()),
        ..here()
    };
    whole(&a.url(), &c.url(), &asked);
    let ids: Vec<String> = Http::at(&c.url()).leaves("shop").into_keys().collect();
    assert_eq!(ids, ["doc-00018", "doc-00019"]);
    let (d, e) = (config(&a.url(), &json!({})), config(&c.url(), &json!({})));
    let bad = Replication {
        selector: Some(r#"{"number": {"$near": 1}}"#.to_owned()),
        ..here()
    };
    let error = replicate_with((&d, "shop"), (&e, "shop"), &bad, &Watch::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Usage, "{error}");
}

#[test]
fn a_target_that_is_not_there_is_made_only_when_asked() {
    let (a, b) = (party(), party());
    Http::at(&a.url()).make("shop");
    let (from, to) = (config(&a.url(), &json!({})), config(&b.url(), &json!({})));
    let what = Replication {
        create_target: false,
        ..here()
    };
    let error = replicate_with((&from, "shop"), (&to, "shop"), &what, &Watch::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
    let same = replicate_with((&from, "shop"), (&from, "shop"), &what, &Watch::default()).unwrap_err();
    assert_eq!(same.kind, ErrorKind::Usage, "{same}");
    let nowhere = replicate_with((&from, "none"), (&to, "shop"), &here(), &Watch::default()).unwrap_err();
    assert_eq!(nowhere.kind, ErrorKind::NotFound, "{nowhere}");
}

#[test]
fn pouchdb_server_takes_and_gives_the_same_revisions() {
    let (a, back) = (party(), party());
    let pouch = PouchServer::start().unwrap();
    let from = Http::at(&a.url());
    from.make("shop");
    furnish(&from, 1200);
    whole(&a.url(), &pouch.url(), &here());
    assert_eq!(from.leaves("shop"), Http::at(&pouch.url()).leaves("shop"));
    whole(&pouch.url(), &back.url(), &here());
    assert_eq!(from.leaves("shop"), Http::at(&back.url()).leaves("shop"));
    assert_eq!(Http::at(&back.url()).bytes(&["shop", "note", "a.txt"]), b"hello world");
    let some = party();
    let asked = Replication {
        selector: Some(r#"{"number": {"$lt": 2}}"#.to_owned()),
        ..here()
    };
    whole(&pouch.url(), &some.url(), &asked);
    let ids: Vec<String> = Http::at(&some.url()).leaves("shop").into_keys().collect();
    assert_eq!(ids, ["doc-00000", "doc-00001"]);
}

#[test]
fn a_pouchdb_client_and_backstay_replicate_in_turn() {
    let (a, b) = (party(), party());
    let (from, to) = (Http::at(&a.url()), Http::at(&b.url()));
    from.make("shop");
    furnish(&from, 30);
    whole(&a.url(), &b.url(), &here());
    // The client takes everything from the copy, changes it, and gives it back to the original; then it goes on to the copy.
    let script = r#"
        const PouchDB = require("pouchdb");
        PouchDB.plugin(require("pouchdb-adapter-memory"));
        const local = new PouchDB("local", { adapter: "memory" });
        await local.replicate.from(process.argv[3] + "/shop");
        const doc = await local.get("doc-00001");
        await local.put({ ...doc, changed: "by PouchDB" });
        await local.put({ _id: "from-pouch", _attachments: { "p.txt": { content_type: "text/plain", data: Buffer.from("pouch") } } });
        const done = await local.replicate.to(process.argv[2] + "/shop");
        console.log(JSON.stringify({ written: done.docs_written, failures: done.doc_write_failures }));
    "#;
    let ran = node_script(script, &[&a.url(), &b.url()]).unwrap();
    assert!(ran.ok(), "{}", ran.err);
    assert_eq!(
        serde_json::from_str::<Value>(&ran.out).unwrap(),
        json!({ "written": 2, "failures": 0 })
    );
    let logs = from.get("shop/_local_docs")["total_rows"].as_u64();
    let progress = whole(&a.url(), &b.url(), &here());
    assert_eq!(progress.written, 2);
    assert_eq!(from.leaves("shop"), to.leaves("shop"));
    assert_eq!(to.bytes(&["shop", "from-pouch", "p.txt"]), b"pouch");
    assert_eq!(
        from.get("shop/_local_docs")["total_rows"].as_u64(),
        logs,
        "no checkpoint of others was touched or added"
    );
}

#[test]
fn the_server_does_it_when_both_ends_are_its_own() {
    let a = party();
    let http = Http::at(&a.url());
    http.make("shop");
    furnish(&http, 100);
    let at = config(&a.url(), &json!({}));
    let watch = Watch::default();
    let what = Replication {
        create_target: true,
        ..Replication::default()
    };
    let progress = replicate_with((&at, "shop"), (&at, "copy"), &what, &watch).unwrap();
    assert_eq!(progress.via, Via::Server);
    assert_eq!(http.leaves("shop"), http.leaves("copy"));
    assert_eq!(
        http.get("_replicator/_all_docs")["rows"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| !row["id"].as_str().unwrap().starts_with("_design/"))
            .count(),
        0,
        "its document is gone"
    );

    let what = Replication {
        continuous: true,
        via: Via::Server,
        ..Replication::default()
    };
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            sender
                .send(replicate_with((&at, "shop"), (&at, "copy"), &what, &watch))
                .unwrap();
        });
        receiver.recv_timeout(Duration::from_secs(40)).unwrap().unwrap();
    });
    http.put("shop/later", json!({ "n": 1 }));
    let begun = Instant::now();
    while !http.leaves("copy").contains_key("later") {
        assert!(begun.elapsed() < Duration::from_secs(20), "it goes on without Backstay");
        thread::sleep(Duration::from_millis(100));
    }
    let replicator = CouchDb.replicator().unwrap();
    let listed = replicator.on_server(&at, &Given::default()).unwrap();
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert!(
        listed[0].continuous && listed[0].from.ends_with("/shop") && !listed[0].from.contains('@'),
        "{listed:?}"
    );
    replicator.stop_on_server(&at, &Given::default(), &listed[0].id).unwrap();
    assert_eq!(replicator.on_server(&at, &Given::default()).unwrap(), Vec::new());
}
