//! A CouchDB server as a person protects it: connected in the assistant, browsed, its documents brought back, its conflicts settled,
//! a database replicated; with the server asked between all of it, past everything of ours.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use backstay_couchdb_standin::{Config, Standin};
use serde_json::{Value, json};

use crate::bench::{Desk, PASSWORD, Window, eventually};

const LOGIN: &str = "YWRtaW46cGFzc3dvcmQ=";

/// A request to the stand-in as its administrator.
#[track_caller]
fn ask(server: &Standin, method: &str, path: &str, body: &Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Basic {LOGIN}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, content) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 2"), "{method} {path}: {answer}");
    // Answers of unknown length come in chunks: the JSON lies between its first and last bracket.
    let (from, to) = (content.find(['{', '[']), content.rfind(['}', ']']));
    let json = from.zip(to).map_or("null", |(from, to)| &content[from..=to]);
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{method} {path}: {error}: {content}"))
}

fn get(server: &Standin, path: &str) -> Value {
    ask(server, "GET", path, &Value::Null)
}

/// A server with berths, one of them torn between two versions, and a database nobody asked for.
fn harbour() -> Standin {
    let server = Standin::start(Config::default()).unwrap();
    for database in ["berths", "scratch"] {
        ask(&server, "PUT", database, &Value::Null);
    }
    let mut docs: Vec<Value> = (1..=20)
        .map(|number| json!({ "_id": format!("berth-{number:02}"), "number": number, "tenant": format!("Tenant {number}") }))
        .collect();
    docs.push(json!({ "_id": "plan", "title": "Plan of the harbour", "_attachments": {
        "plan.txt": { "content_type": "text/plain", "data": "Tm9ydGggaXMgdXA=" } } }));
    ask(&server, "POST", "berths/_bulk_docs", &json!({ "docs": docs }));
    let version = |digit: &str, tenant: &str, note: &str| {
        let rev = digit.repeat(32);
        json!({ "_id": "torn", "_rev": format!("2-{rev}"), "tenant": tenant, "note": note,
            "_revisions": { "start": 2, "ids": [rev, "0".repeat(32)] } })
    };
    let versions = [
        version("a", "Fulmar", "from the office"),
        version("b", "Nordlys", "from the quay"),
    ];
    ask(
        &server,
        "POST",
        "berths/_bulk_docs",
        &json!({ "new_edits": false, "docs": versions }),
    );
    server
}

/// Connects the server in the assistant and makes the first backup.
fn protect(window: &Window<'_>, server: &Standin) {
    window.go("/sources/add?kind=couchdb");
    window.see("Connect: CouchDB");
    window.fill("Address", &server.url());
    window.fill("User name", "admin");
    window.fill("Password", "wrong");
    window.see("needs other credentials");
    window.fill("Password", "password");
    window.see("Connected");
    window.choose("Only the ones I tick");
    window.see("choose at least one database");
    window.click("checkbox", "berths");
    window.see("1 of 4 protected");
    window.see("Connected");
    let scroll = "const field = [...document.querySelectorAll('input')].find((one) => one.labels?.[0]?.innerText.trim().startsWith('Name'));
        field.scrollIntoView({ block: 'center' }); return field.value;";
    assert_eq!(window.script(scroll, &[]), json!("127.0.0.1"), "a name is proposed");
    window.fill("Name", "harbour");
    window.click("button", "Continue");
    window.click("button", "Save and back up now");
    window.see("Your first backup is made and proven.");
    window.click("button", "Look around");
}

#[test]
fn a_server_is_connected_browsed_and_brought_back() {
    let desk = Desk::new();
    desk.make_vault();
    let server = harbour();
    let window = desk.window(&[]);
    protect(&window, &server);

    // What people do: one document changed, one deleted.
    let changed = get(&server, "berths/berth-03");
    ask(
        &server,
        "PUT",
        "berths/berth-03",
        &json!({ "_rev": changed["_rev"], "number": 3, "tenant": "Nobody" }),
    );
    let gone = get(&server, "berths/berth-07");
    ask(
        &server,
        "DELETE",
        &format!("berths/berth-07?rev={}", gone["_rev"].as_str().unwrap()),
        &Value::Null,
    );

    window.visit("/sources/harbour", "Timeline");
    window.click("button", "Browse");
    window.arrive("/snapshots/safe/");
    window.find("grid", "berths");
    window.see("Tenant 3");
    for name in ["berth-03", "berth-07"] {
        window.click("checkbox", &format!("Select {name}"));
    }
    window.click("button", "Restore 2…");
    window.see("Where should it go?");
    window.click_like("radio", "Back in place");
    window.click("button", "Continue");
    window.see("If something live was changed since?");
    window.click_like("radio", "The backup wins");
    window.click("button", "Make the preview");
    window.see("This is what will happen");
    assert_eq!(
        get(&server, "berths/berth-03")["tenant"],
        "Nobody",
        "a preview writes nothing"
    );
    window.click("button", "Restore 2 items");
    window.see("All 2 items are identical to the backup.");
    assert_eq!(get(&server, "berths/berth-03")["tenant"], "Tenant 3");
    assert_eq!(get(&server, "berths/berth-07")["tenant"], "Tenant 7");

    window.click("button", "Undo this restore…");
    window.see("Undo this restore?");
    window.click("button", "Undo this restore");
    window.see("The restore was taken back");
    assert_eq!(get(&server, "berths/berth-03")["tenant"], "Nobody");
    let left = get(&server, "berths/_all_docs");
    assert!(!left.to_string().contains("berth-07"), "{left}");
}

#[test]
fn a_conflict_is_settled_and_a_database_replicated() {
    let desk = Desk::new();
    desk.make_vault();
    let server = harbour();
    let window = desk.window(&[]);
    protect(&window, &server);

    window.visit("/sources/harbour?tab=conflicts", "torn");
    window.click_like("button", "torn");
    window.see("Keep this one");
    window.see("Fulmar");
    // The office's tenant, the rest from the quay.
    let pick = "const radio = [...document.querySelectorAll('input[type=radio]')]
        .find((one) => one.getAttribute('aria-label') === arguments[0]); radio.click(); return radio.checked;";
    assert_eq!(window.script(pick, &[json!("tenant: 2-aaaaaa")]), json!(true));
    window.see("A new version is made");
    window.click("button", "Settle");
    window.see("Settled.");
    let settled = get(&server, "berths/torn?conflicts=true");
    assert_eq!(
        (&settled["tenant"], &settled["note"]),
        (&json!("Fulmar"), &json!("from the quay")),
        "{settled}"
    );
    assert!(settled.get("_conflicts").is_none(), "{settled}");
    window.click("button", "Next conflict");
    window.see("No conflicts.");

    let run = window.call("run.list", &json!({ "kinds": ["settle"] }))["runs"][0]["id"].clone();
    desk.backstay(&["undo", run.as_str().unwrap()]);
    let back = get(&server, "berths/torn?conflicts=true");
    assert_eq!(
        back["_conflicts"].as_array().map(Vec::len),
        Some(1),
        "both versions are back: {back}"
    );

    window.visit("/sources/harbour?tab=replication", "Nothing is replicated.");
    window.click("button", "Replicate…");
    window.fill("From database of harbour", "berths");
    // Closes the list of databases, which lies over the next field.
    window.press("\u{E004}");
    window.fill("Into database", "copy");
    window.press("\u{E004}");
    window.choose("Backstay");
    window.click("button", "Replicate");
    let copied = eventually(|| {
        let all = get(&server, "_all_dbs").to_string().contains("copy");
        all.then(|| get(&server, "copy")["doc_count"].clone())
            .filter(|count| *count == 22)
    });
    assert!(copied.is_some(), "the copy has every document");
    window.visit("/activity", "Replication");
}

#[test]
fn a_password_is_kept_where_nobody_finds_it() {
    let desk = Desk::new();
    desk.make_vault();
    let server = harbour();
    let window = desk.window(&[]);
    protect(&window, &server);
    assert_ne!(PASSWORD, "password", "the vault's password is another one");
    let shown = window.call("source.show", &json!({ "name": "harbour" })).to_string();
    assert!(!shown.contains("\"password\":\"password\""), "{shown}");
    let known = desk.backstay(&["source", "show", "harbour"]).to_string();
    assert!(!known.contains("\"password\":\"password\""), "{known}");
    // Kept: the next backup, by the other program, needs no question.
    desk.back_up("harbour");
}
