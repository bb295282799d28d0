//! The ways to log in.

use std::time::Duration;

use backstay_couchdb_standin::{Act, Config, Fault, Standin, Tls};
use backstay_model::ErrorKind;
use backstay_source_http::Hidden;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};

use super::{config, quick};
use crate::{
    client::{CreateOptions, Server},
    config::Login,
};

fn cookie() -> Login {
    Login::Cookie {
        user: "admin".to_owned(),
        password: Hidden::new("password"),
    }
}

fn at(standin: &Standin, login: Login) -> Server {
    Server::with_settings(&config(&standin.url(), login), quick()).unwrap()
}

fn logins(standin: &Standin) -> u64 {
    standin.counters().get("POST /_session").map_or(0, |count| count.requests)
}

fn name(server: &Server) -> Option<String> {
    server.session().unwrap().unwrap().name
}

#[test]
fn a_cookie_is_fetched_once() {
    let standin = Standin::start(Config::default()).unwrap();
    let server = at(&standin, cookie());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(name(&server).as_deref(), Some("admin")));
        }
    });
    assert_eq!(logins(&standin), 1);
}

#[test]
fn a_cookie_that_is_no_longer_good_is_renewed() {
    let standin = Standin::start(Config::default()).unwrap();
    let server = at(&standin, cookie());
    let database = server.database("db");
    database.create(CreateOptions::default()).unwrap();
    // A restart ends all sessions.
    standin.restart();
    database.info().unwrap();
    database.info().unwrap();
    assert_eq!(logins(&standin), 2);
}

#[test]
fn a_cookie_is_renewed_before_it_ends() {
    let standin = Standin::start(Config {
        session: Duration::from_secs(1),
        ..Config::default()
    })
    .unwrap();
    let server = at(&standin, cookie());
    let database = server.database("db");
    database.create(CreateOptions::default()).unwrap();
    standin.reset_counters();
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_millis(1500) {
        database.info().unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_token_of_somebody_else() {
    let standin = Standin::start(Config {
        jwt_secret: Some("secret".to_owned()),
        ..Config::default()
    })
    .unwrap();
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let said = format!(
        "{}.{}",
        part(serde_json::json!({"alg": "HS256", "typ": "JWT"})),
        part(serde_json::json!({"sub": "ann", "exp": 4_000_000_000_u64, "_couchdb.roles": ["_admin"]}))
    );
    let mac = Hmac::<sha2::Sha256>::new_from_slice(b"secret").unwrap();
    let seal = URL_SAFE_NO_PAD.encode(mac.chain_update(&said).finalize().into_bytes());
    let jwt = |token: String| Login::Jwt {
        token: Hidden::new(token),
    };
    assert_eq!(name(&at(&standin, jwt(format!("{said}.{seal}")))).as_deref(), Some("ann"));
    let error = at(&standin, jwt(format!("{said}.{}", "A".repeat(43)))).all_dbs().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error:?}");
}

#[test]
fn as_a_proxy() {
    let standin = Standin::start(Config {
        proxy_secret: Some("secret".to_owned()),
        ..Config::default()
    })
    .unwrap();
    let proxy = |secret: &str| Login::Proxy {
        user: "ann".to_owned(),
        roles: "_admin,staff".to_owned(),
        secret: Hidden::new(secret),
    };
    let server = at(&standin, proxy("secret"));
    let session = server.session().unwrap().unwrap();
    assert_eq!(
        (session.name.as_deref(), session.roles.join(" ")),
        (Some("ann"), "_admin staff".to_owned())
    );
    let error = at(&standin, proxy("other")).all_dbs().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
}

#[test]
fn an_api_key_is_changed_for_tokens_that_are_renewed() {
    let standin = Standin::start(Config {
        iam_token: Duration::from_millis(900),
        ..Config::cloudant()
    })
    .unwrap();
    let iam = |key: &str| Login::Iam {
        key: Hidden::new(key),
        url: format!("{}/identity/token", standin.url()),
    };
    let server = at(&standin, iam("api-key"));
    let database = server.database("db");
    database.create(CreateOptions::default()).unwrap();
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_millis(1200) {
        database.info().unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
    let tokens = |standin: &Standin| standin.counters().get("POST /{db}/{doc}").map_or(0, |count| count.requests);
    assert!(tokens(&standin) >= 2, "{:?}", standin.counters().keys().collect::<Vec<_>>());
    let error = at(&standin, iam("wrong-key")).all_dbs().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error:?}");
    let error = at(&standin, iam("odd key&x=1")).all_dbs().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error:?}");
}

#[test]
fn over_tls_with_an_authority_of_ones_own() {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let standin = Standin::start(Config {
        tls: Some(Tls {
            certificates: leaf.pem(),
            key: key.serialize_pem(),
        }),
        ..Config::default()
    })
    .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    std::fs::write(&file, issuer.pem()).unwrap();
    let mut config = config(&standin.url(), cookie());
    let open = |config: &crate::config::CouchConfig| Server::new(config).unwrap().info();
    assert_eq!(open(&config).unwrap_err().kind(), ErrorKind::Unreachable);
    config.ca = Some(file);
    open(&config).unwrap();
}

#[test]
fn a_log_in_that_is_refused_later_is_an_error_and_no_loop() {
    let standin = Standin::start(Config::default()).unwrap();
    let server = at(&standin, cookie());
    let answer = Act::Answer {
        status: 401,
        headers: Vec::new(),
        body: r#"{"error":"unauthorized","reason":"no"}"#.to_owned(),
    };
    let fault = standin.fault(Fault::on("GET", "/db", answer).times(0));
    let error = server.database("db").info().unwrap_err();
    assert_eq!((error.kind(), fault.fired(), logins(&standin)), (ErrorKind::Auth, 2, 2));
}
