//! Who may do what.

use std::time::Duration;

use backstay_couchdb_standin::Config;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::client::{Answer, Db, answer, form, plain};

fn nobody(db: &Db, method: &str, path: &str) -> Answer {
    answer(plain().request(method.parse().unwrap(), format!("{}{path}", db.standin.url())))
}

fn someone(db: &Db, name: &str, method: &str, path: &str, body: Value) -> Answer {
    answer(
        plain()
            .request(method.parse().unwrap(), format!("{}{path}", db.standin.url()))
            .basic_auth(name, Some("secret"))
            .header("content-type", "application/json")
            .body(body.to_string()),
    )
}

fn with_users() -> Db {
    let db = Db::new();
    for (name, role) in [("reader", "readers"), ("boss", "bosses"), ("other", "others")] {
        let user = json!({"name": name, "password": "secret", "roles": [role], "type": "user"});
        let made = db.put(&format!("/_users/org.couchdb.user:{name}"), user);
        assert_eq!(made.status, 201, "{made:?}");
    }
    db.put("/d", Value::Null);
    let security = json!({"admins": {"names": [], "roles": ["bosses"]}, "members": {"names": ["reader"], "roles": []}});
    db.put("/d/_security", security);
    db
}

#[test]
fn passwords_are_checked_and_never_shown() {
    let db = with_users();
    let user = db.get("/_users/org.couchdb.user:reader").json();
    assert_eq!(user.get("password"), None);
    assert_eq!(user["password_scheme"], "pbkdf2");
    let wrong = answer(plain().get(db.standin.url()).basic_auth("admin", Some("no")));
    assert_eq!(
        wrong.text,
        "{\"error\":\"unauthorized\",\"reason\":\"Name or password is incorrect.\"}\n"
    );
    assert_eq!(wrong.status, 401);
    assert_eq!(
        nobody(&db, "GET", "/_all_dbs").json()["reason"],
        "You are not a server admin."
    );
    assert_eq!(nobody(&db, "GET", "/").status, 200);
    assert_eq!(nobody(&db, "GET", "/_up").json()["status"], "ok");
}

#[test]
fn members_and_administrators_of_a_database_differ() {
    let db = with_users();
    let closed = nobody(&db, "GET", "/d");
    assert_eq!(
        (closed.status, closed.json()["reason"].as_str()),
        (401, Some("You are not authorized to access this db."))
    );
    let foreign = someone(&db, "other", "GET", "/d", Value::Null);
    assert_eq!(
        (foreign.status, foreign.json()["reason"].as_str()),
        (403, Some("You are not allowed to access this db."))
    );
    assert_eq!(someone(&db, "reader", "PUT", "/d/a", json!({})).status, 201);
    let refused = someone(&db, "reader", "PUT", "/d/_design/x", json!({}));
    assert_eq!(
        (refused.status, refused.json()["reason"].as_str()),
        (403, Some("You are not a db or server admin."))
    );
    assert_eq!(someone(&db, "reader", "PUT", "/d/_security", json!({})).status, 403);
    assert_eq!(someone(&db, "boss", "PUT", "/d/_design/x", json!({})).status, 201);
    assert_eq!(someone(&db, "boss", "PUT", "/e", Value::Null).status, 401);
    let in_bulk = someone(
        &db,
        "reader",
        "POST",
        "/d/_bulk_docs",
        json!({"new_edits": false, "docs": [
            {"_id": "_design/y", "_rev": "1-a"}, {"_id": "b", "_rev": "1-b"},
        ]}),
    );
    assert_eq!(in_bulk.json().as_array().unwrap().len(), 1);
    assert_eq!(in_bulk.json()[0]["error"], "forbidden");
    assert_eq!(someone(&db, "boss", "POST", "/d/_purge", json!({})).status, 401);
}

#[test]
fn a_rule_for_documents_refuses_one_and_lets_others_pass() {
    let db = Db::new();
    db.put("/d", Value::Null);
    let rule = "function (doc) { /* standin: require owner */ }";
    db.put("/d/_design/rules", json!({"validate_doc_update": rule}));
    let refused = db.put("/d/a", json!({"text": 1}));
    assert_eq!((refused.status, refused.json()["error"].as_str()), (403, Some("forbidden")));
    let bulk = db
        .post("/d/_bulk_docs", json!({"docs": [{"_id": "a"}, {"_id": "b", "owner": "me"}]}))
        .json();
    assert_eq!(
        (bulk[0]["error"].as_str(), bulk[1]["ok"].as_bool()),
        (Some("forbidden"), Some(true))
    );
}

#[test]
fn cookies_come_are_renewed_and_end() {
    let db = Db::with(Config {
        session: Duration::from_millis(1500),
        ..Config::default()
    });
    let url = db.standin.url();
    let refused = form(&format!("{url}/_session"), &[("name", "admin"), ("password", "no")]);
    assert_eq!(refused.status, 401);
    let login = form(&format!("{url}/_session"), &[("name", "admin"), ("password", "password")]);
    assert_eq!(login.json(), json!({"ok": true, "name": "admin", "roles": ["_admin"]}));
    let cookie = login.header("set-cookie").split(';').next().unwrap().to_owned();
    let ask = |cookie: &str, path: &str| answer(plain().get(format!("{url}{path}")).header("cookie", cookie));
    let fresh = ask(&cookie, "/_session");
    assert_eq!(fresh.json()["info"]["authenticated"], "cookie");
    assert_eq!(fresh.header("set-cookie"), "");
    std::thread::sleep(Duration::from_millis(500));
    let renewed = ask(&cookie, "/_all_dbs")
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    assert!(renewed.starts_with("AuthSession=") && renewed != cookie);
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!(ask(&cookie, "/_all_dbs").status, 401);
    assert_eq!(ask(&renewed, "/_all_dbs").status, 200);
    db.standin.restart();
    // The connections broke, too: a client of its own.
    let anew = reqwest::blocking::Client::new()
        .get(format!("{url}/_all_dbs"))
        .header("cookie", &renewed);
    assert_eq!(answer(anew).status, 401);
    let odd = reqwest::blocking::Client::new().get(&url).header("cookie", "AuthSession=odd");
    assert_eq!(answer(odd).status, 400);
}

fn hmac(secret: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[test]
fn tokens_and_proxies_are_believed_when_they_are_signed() {
    let db = Db::with(Config {
        jwt_secret: Some("jwt".to_owned()),
        proxy_secret: Some("proxy".to_owned()),
        ..Config::default()
    });
    let url = db.standin.url();
    let token = |exp: i64, secret: &str| {
        let code = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = code(json!({"alg": "HS256", "typ": "JWT"}));
        let signed = format!(
            "{head}.{}",
            code(json!({"sub": "robot", "exp": exp, "_couchdb.roles": ["_admin"]}))
        );
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac(secret, &signed)))
    };
    let ask = |token: String| answer(plain().get(format!("{url}/_all_dbs")).bearer_auth(token));
    let later = chrono::Utc::now().timestamp() + 60;
    assert_eq!(ask(token(later, "jwt")).status, 200);
    assert_eq!(ask(token(later, "else")).status, 400);
    assert_eq!(ask(token(1, "jwt")).status, 401);
    let through = |token: &str| {
        answer(
            plain()
                .get(format!("{url}/_session"))
                .header("x-auth-couchdb-username", "fronted")
                .header("x-auth-couchdb-roles", "a,b")
                .header("x-auth-couchdb-token", token),
        )
        .json()
    };
    assert_eq!(
        through(&hex::encode(hmac("proxy", "fronted")))["userCtx"],
        json!({"name": "fronted", "roles": ["a", "b"]})
    );
    assert_eq!(through("0000")["userCtx"]["name"], Value::Null);
}
