//! The clients of others against the stand-in, and the stand-in beside a server of others.

use backstay_couchdb_standin::Load;
use backstay_test_services::{PouchServer, Ran, couchbackup, couchrestore, node_script};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::client::{Db, plain};

fn well(ran: Ran) -> Ran {
    assert!(ran.ok(), "{ran:?}");
    ran
}

/// A database with everything a backup may meet.
fn varied(db: &Db, name: &str) {
    db.standin.load(&Load::new(name, 1200)).unwrap();
    let stored = db.post(
        &format!("/{name}/_bulk_docs"),
        json!({"new_edits": false, "docs": [
            {"_id": "conflict", "_revisions": {"start": 2, "ids": ["b", "a"]}, "v": 1},
            {"_id": "conflict", "_revisions": {"start": 2, "ids": ["c", "a"]}, "v": 2},
            {"_id": "gone", "_deleted": true, "_revisions": {"start": 2, "ids": ["b", "a"]}},
            {"_id": "ünïcode/slash", "text": "\u{1f4a1}", "_rev": "1-a"},
            {"_id": "_design/x", "views": {}, "_rev": "1-d"},
        ]}),
    );
    assert_eq!(stored.json(), json!([]));
}

fn leaves(db: &Db, name: &str) -> Vec<String> {
    let all = db.get(&format!("/{name}/_changes?style=all_docs")).json();
    let rows = all["results"].as_array().unwrap().iter();
    let mut leaves: Vec<String> = rows.map(|row| format!("{} {}", row["id"], row["changes"])).collect();
    leaves.sort();
    leaves
}

#[test]
fn couchbackup_takes_and_restores_every_leaf() {
    let db = Db::new();
    varied(&db, "a");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.backup");
    well(couchbackup(&db.standin.admin_url(), "a", &file, &["--buffer-size", "200"]).unwrap());
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("{\"name\":\"@cloudant/couchbackup\""));
    db.put("/b", Value::Null);
    well(couchrestore(&db.standin.admin_url(), "b", &file, &["--buffer-size", "200"]).unwrap());
    assert_eq!(leaves(&db, "b"), leaves(&db, "a"));
    let full = couchrestore(&db.standin.admin_url(), "b", &file, &[]).unwrap();
    assert_eq!(full.code, Some(13), "a target that is not empty is refused");
    let none = couchbackup(&db.standin.admin_url(), "none", &folder.path().join("none"), &[]).unwrap();
    assert_eq!(none.code, Some(10));
    let url = db.standin.url().replace("http://", "http://admin:wrong@");
    assert_eq!(couchbackup(&url, "a", &folder.path().join("no"), &[]).unwrap().code, Some(11));
}

#[test]
fn couchbackup_knows_its_shallow_mode_and_attachments() {
    let db = Db::new();
    db.put("/a", Value::Null);
    for id in ["one", "two"] {
        let data = STANDARD.encode(format!("bytes of {id}"));
        db.put(
            &format!("/a/{id}"),
            json!({"_attachments": {"f.bin": {"content_type": "x/y", "data": data}}}),
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("with");
    well(couchbackup(&db.standin.admin_url(), "a", &file, &["--attachments"]).unwrap());
    db.put("/b", Value::Null);
    well(couchrestore(&db.standin.admin_url(), "b", &file, &["--attachments"]).unwrap());
    assert_eq!(db.get("/b/two/f.bin").text, "bytes of two");

    let shallow = folder.path().join("shallow");
    well(couchbackup(&db.standin.admin_url(), "a", &shallow, &["--mode", "shallow"]).unwrap());
    assert!(!std::fs::read_to_string(&shallow).unwrap().contains("_revisions"));

    // Without the attachments the backup ends well and cannot be restored: CouchDB misses what the stubs name.
    let without = folder.path().join("without");
    well(couchbackup(&db.standin.admin_url(), "a", &without, &[]).unwrap());
    db.put("/c", Value::Null);
    let refused = couchrestore(&db.standin.admin_url(), "c", &without, &[]).unwrap();
    assert!(!refused.ok() && refused.err.contains("412"), "{refused:?}");
}

#[test]
fn pouchdb_replicates_both_ways_and_live() {
    let db = Db::new();
    varied(&db, "a");
    crate::client::answer(
        db.request("PUT", "/a/with/f.txt")
            .header("content-type", "text/plain")
            .body("attached ".repeat(50)),
    );
    let script = r"
const PouchDB = require('pouchdb');
PouchDB.plugin(require('pouchdb-adapter-memory'));
const assert = require('assert');
const [source, target] = process.argv.slice(2);
const local = new PouchDB('local', { adapter: 'memory' });
const pulled = await local.replicate.from(source);
assert(pulled.ok && pulled.doc_write_failures === 0, JSON.stringify(pulled));
const conflict = await local.get('conflict', { conflicts: true });
assert.deepStrictEqual([conflict._rev, conflict._conflicts], ['2-c', ['2-b']]);
assert.strictEqual((await local.getAttachment('with', 'f.txt')).toString(), 'attached '.repeat(50));
await local.put({ _id: 'mine', n: 1, _attachments: { 'own.bin': { content_type: 'x/y', data: Buffer.from('own bytes') } } });
const gone = await local.get('doc-000000003');
await local.remove(gone);
const remote = new PouchDB(target);
const pushed = await local.replicate.to(remote);
assert(pushed.ok && pushed.doc_write_failures === 0, JSON.stringify(pushed));
const info = await remote.info();
assert.strictEqual(info.doc_count, (await local.info()).doc_count);
// Live: what is written on one side arrives on the other.
const arrived = (db, id) => new Promise((resolve, reject) => {
  const feed = db.changes({ live: true, since: 0, doc_ids: [id] }).on('change', () => { feed.cancel(); resolve(); }).on('error', reject);
});
const sync = local.sync(remote, { live: true, retry: true });
await remote.put({ _id: 'from-remote' });
await arrived(local, 'from-remote');
await local.put({ _id: 'from-local' });
await arrived(remote, 'from-local');
sync.cancel();
console.log('done');
process.exit(0);
";
    let url = db.standin.admin_url();
    let ran = well(node_script(script, &[&format!("{url}/a"), &format!("{url}/b")]).unwrap());
    assert!(ran.out.contains("done"));
    assert_eq!(db.get("/b/mine/own.bin").text, "own bytes");
    assert_eq!(
        db.get("/b/conflict?conflicts=true").text,
        db.get("/a/conflict?conflicts=true").text
    );
    assert_eq!(db.get("/b/doc-000000003").json()["reason"], "deleted");
    assert_eq!(db.get("/b/with/f.txt").text, "attached ".repeat(50));
}

#[test]
fn nano_reads_writes_and_follows() {
    let db = Db::new();
    let script = r"
const Nano = require('nano');
const assert = require('assert');
const nano = Nano(process.argv[2]);
await nano.db.create('things');
assert((await nano.db.list()).includes('things'));
const db = nano.use('things');
const put = await db.insert({ a: 1 }, 'one');
assert.strictEqual((await db.get('one'))._rev, put.rev);
await assert.rejects(db.insert({ a: 2 }, 'one'), (error) => error.statusCode === 409 && error.error === 'conflict');
await assert.rejects(db.get('none'), (error) => error.statusCode === 404 && error.reason === 'missing');
const bulk = await db.bulk({ docs: [{ _id: 'two' }, { _id: 'three' }] });
assert.strictEqual(bulk.length, 2);
await db.attachment.insert('two', 'f.txt', Buffer.from('hello'), 'text/plain', { rev: bulk[0].rev });
assert.strictEqual((await db.attachment.get('two', 'f.txt')).toString(), 'hello');
await db.multipart.insert({ m: 1 }, [{ name: 'p.bin', data: Buffer.from('part'), content_type: 'x/y' }], 'four');
assert.strictEqual((await db.attachment.get('four', 'p.bin')).toString(), 'part');
assert.strictEqual((await db.list({ limit: 2 })).rows.length, 2);
assert.strictEqual((await db.find({ selector: { a: { $gt: 0 } } })).docs[0]._id, 'one');
assert.strictEqual((await db.info()).doc_count, 4);
assert.strictEqual((await db.changes({ limit: 1 })).pending, 3);
const seen = [];
await new Promise((resolve, reject) => {
  db.changesReader.get({ batchSize: 3, since: '0', timeout: 500 }).on('change', (change) => seen.push(change.id)).on('end', resolve).on('error', reject);
});
assert.deepStrictEqual(seen.sort(), ['four', 'one', 'three', 'two']);
await nano.auth('admin', 'password');
const session = await nano.session();
assert.strictEqual(session.userCtx.name, 'admin');
await nano.db.destroy('things');
console.log('done');
";
    let ran = well(node_script(script, &[&db.standin.admin_url()]).unwrap());
    assert!(ran.out.contains("done"));
}

/// What an answer looks like: of revisions and digests only that they are some, of leaves not their order.
fn shape(value: &Value) -> Value {
    let is_digest = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), shape(value)));
            members.collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(all) => {
            let mut all: Vec<Value> = all.iter().map(shape).collect();
            let leaves = |one: &Value| one["rev"].is_string() || one["ok"].is_object();
            if all.iter().all(leaves) {
                all.sort_by_key(|one| format!("{}{}", one["rev"], one["ok"]["_rev"]));
            }
            all.into()
        }
        Value::String(text)
            if text
                .split_once('-')
                .is_some_and(|(pos, id)| pos.parse::<u64>().is_ok() && is_digest(id)) =>
        {
            "a revision".into()
        }
        Value::String(text) if is_digest(text) => "a digest".into(),
        other => other.clone(),
    }
}

fn ask(base: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    let mut request = plain()
        .request(method.parse().unwrap(), format!("{base}{path}"))
        .header("accept", "application/json");
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = crate::client::answer(request);
    (answer.status, serde_json::from_str(&answer.text).unwrap_or(Value::Null))
}

/// Members that differ by nature: places in feeds, texts for people, and what PouchDB does not have or has of its own.
const DIFFERENT: &[&str] = &[
    "seq",
    "last_seq",
    "pending",
    "update_seq",
    "reason",
    "name",
    "status",
    "message",
    "offset",
];

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in DIFFERENT {
                members.shift_remove(*name);
            }
            members.values_mut().for_each(strip);
        }
        Value::Array(all) => all.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Where PouchDB Server answers otherwise than CouchDB, and the stand-in as CouchDB does.
const KNOWN: &[(&str, &str)] = &[
    ("POST /t/_revs_diff", "PouchDB names no possible ancestors"),
    ("PUT /t/_odd", "PouchDB's error is bad_request, CouchDB's illegal_docid"),
    ("PUT /t/d", "PouchDB answers 500 to a member it does not know, CouchDB 400"),
    ("DELETE /t/b", "PouchDB deletes without a revision, CouchDB answers 409"),
    ("GET /t/_revs_limit", "PouchDB has no such address"),
];

/// Method, path and body of what both servers are asked, in this order.
fn requests() -> Vec<(&'static str, &'static str, Option<Value>)> {
    let data = STANDARD.encode("attached bytes");
    vec![
        ("PUT", "/t", None),
        ("PUT", "/t", None),
        ("GET", "/none", None),
        ("PUT", "/t/a", Some(json!({"v": 1}))),
        ("PUT", "/t/a", Some(json!({"v": 2}))),
        ("GET", "/t/a", None),
        ("GET", "/t/a?revs=true", None),
        ("GET", "/t/nope", None),
        ("POST", "/t/_bulk_docs", Some(json!({"docs": [{"_id": "b"}, {"_id": "a"}]}))),
        (
            "POST",
            "/t/_bulk_docs",
            Some(json!({"new_edits": false, "docs": [
                {"_id": "c", "_rev": "2-b", "_revisions": {"start": 2, "ids": ["b", "a"]}, "v": 1},
                {"_id": "c", "_rev": "2-c", "_revisions": {"start": 2, "ids": ["c", "a"]}, "v": 2},
                {"_id": "c", "_rev": "3-z", "_deleted": true, "_revisions": {"start": 3, "ids": ["z", "y", "a"]}},
            ]})),
        ),
        ("GET", "/t/c?conflicts=true", None),
        ("GET", "/t/c?open_revs=all&revs=true", None),
        ("GET", "/t/c?open_revs=[%222-b%22,%229-none%22]", None),
        ("POST", "/t/_revs_diff", Some(json!({"c": ["2-b", "3-x"], "n": ["1-a"]}))),
        (
            "POST",
            "/t/_bulk_get?revs=true",
            Some(json!({"docs": [{"id": "c", "rev": "2-b"}, {"id": "b"}]})),
        ),
        (
            "PUT",
            "/t/att",
            Some(json!({"_attachments": {"f.bin": {"content_type": "x/y", "data": data}}})),
        ),
        ("GET", "/t/att", None),
        ("GET", "/t/att?attachments=true", None),
        ("GET", "/t/att/none", None),
        ("GET", "/t/_all_docs", None),
        ("GET", "/t/_all_docs?startkey=%22b%22&limit=1&include_docs=true", None),
        ("POST", "/t/_all_docs", Some(json!({"keys": ["b", "nope"]}))),
        ("GET", "/t/_changes", None),
        ("GET", "/t/_changes?style=all_docs&limit=3", None),
        ("PUT", "/t/_local/x", Some(json!({"at": 1}))),
        ("GET", "/t/_local/x", None),
        ("GET", "/t/_local/none", None),
        ("PUT", "/t/_odd", Some(json!({}))),
        ("PUT", "/t/d", Some(json!({"_odd": 1}))),
        ("DELETE", "/t/b", None),
        ("DELETE", "/t/nope?rev=1-abcdef", None),
        ("GET", "/t/_revs_limit", None),
        ("DELETE", "/t", None),
        ("GET", "/t/a", None),
    ]
}

#[test]
fn pouchdb_server_gives_answers_of_the_same_shape() {
    let db = Db::new();
    let pouch = PouchServer::start().unwrap();
    let requests = requests();
    let mut differences = Vec::new();
    for (method, path, body) in &requests {
        let (status, mut ours) = ask(&db.standin.admin_url(), method, path, body.as_ref());
        let (other_status, mut theirs) = ask(&pouch.url(), method, path, body.as_ref());
        strip(&mut ours);
        strip(&mut theirs);
        let (ours, theirs) = (shape(&ours), shape(&theirs));
        let known = KNOWN.iter().any(|(request, _)| *request == format!("{method} {path}"));
        let same = (status, &ours) == (other_status, &theirs);
        assert!(!(known && same), "{method} {path} differs no longer");
        if !same && !known {
            differences.push(format!(
                "{method} {path}\n  stand-in {status} {ours}\n  pouchdb  {other_status} {theirs}"
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn the_stand_in_replicates_with_pouchdb_server() {
    let db = Db::new();
    let pouch = PouchServer::start().unwrap();
    varied(&db, "a");
    crate::client::answer(db.request("PUT", "/a/with/f.bin").header("content-type", "x/y").body("bytes"));
    let url = |name: &str| format!("{}/{name}", db.standin.admin_url());
    let there = format!("{}/mirror", pouch.url());
    let out = db
        .post(
            "/_replicate",
            json!({"source": url("a"), "target": there, "create_target": true}),
        )
        .json();
    assert_eq!(
        (out["ok"].as_bool(), out["history"][0]["doc_write_failures"].as_u64()),
        (Some(true), Some(0)),
        "{out}"
    );
    let back = db
        .post(
            "/_replicate",
            json!({"source": there, "target": url("b"), "create_target": true}),
        )
        .json();
    assert_eq!(back["ok"], true, "{back}");
    assert_eq!(leaves(&db, "b"), leaves(&db, "a"));
    assert_eq!(db.get("/b/with/f.bin").text, "bytes");
}
