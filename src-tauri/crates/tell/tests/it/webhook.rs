//! Webhooks: what is sent, what counts as delivered, what is tried again and how long.

use std::time::{Duration, Instant};

use backstay_model::{ErrorKind, Retry};
use backstay_tell::{Delivered, Form, Hidden, Limits, TellError, Webhook, webhook};
use serde_json::{Value, json};

use crate::{
    http_server::{Answer, Server, crowd, never, nobody, redirect, say},
    message::{message, quick},
};

fn hook(url: String) -> Webhook {
    Webhook {
        url: url.into(),
        ..Webhook::default()
    }
}

#[test]
fn json_is_the_documented_one() {
    let server = Server::start(vec![say(204)]);
    let mut hook = hook(server.url("/in?room=7"));
    hook.headers = vec![("X-Token".to_owned(), Hidden::new("abc"))];
    let delivered = webhook(&hook, &message(), &quick()).unwrap();
    assert_eq!(delivered, Delivered { status: 204, tries: 1 });
    let seen = server.seen().remove(0);
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/in?room=7"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("x-token"), Some("abc"));
    assert!(seen.header("user-agent").unwrap().starts_with("Backstay/"));
    let mut body: Value = serde_json::from_str(&seen.body).unwrap();
    let delivery = body["delivery"].take();
    assert_eq!(seen.header("idempotency-key"), delivery.as_str());
    assert_eq!(
        body,
        json!({
            "version": 1,
            "delivery": null,
            "event": "failed",
            "title": "Notes could not be backed up",
            "body": "The disk \"Cellar\" is full.\nNothing was changed.",
            "time": "2026-03-29T01:30:00Z",
            "host": "workshop",
            "plan": "Nightly",
            "source": "Notes",
            "vault": "Cellar",
            "run": "0192f0c4-0000-7000-8000-000000000001",
            "verdict": "failed",
            "gaps": 3,
            "code": "full",
            "cause": "run-failed:nightly:notes",
            "lastGood": "2026-03-28T01:30:00Z",
        })
    );
}

/// The fields Slack documents for `text` and attachments; Mattermost and Discord take a part of them.
#[test]
fn slack_form_has_documented_fields_alone() {
    let server = Server::start(vec![Answer::Say(200, Vec::new(), "ok")]);
    let mut hook = hook(server.url("/services/T0/B0/x"));
    hook.form = Form::Slack;
    let mut message = message();
    message.title = "A <b> & @channel".to_owned();
    message.body = "x".repeat(10_000);
    webhook(&hook, &message, &quick()).unwrap();
    let body: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    assert_eq!(keys(&body), ["text", "attachments"]);
    assert_eq!(body["text"], "[failed] A &lt;b&gt; &amp; @\u{200b}channel");
    let attachment = &body["attachments"][0];
    assert_eq!(body["attachments"].as_array().unwrap().len(), 1);
    assert_eq!(keys(attachment), ["fallback", "color", "text", "fields", "footer", "ts"]);
    let color = attachment["color"].as_str().unwrap();
    assert!(color.len() == 7 && color.starts_with('#') && color[1..].chars().all(|c| c.is_ascii_hexdigit()));
    assert!(attachment["text"].as_str().unwrap().chars().count() <= 3000);
    assert_eq!(attachment["ts"], 1_774_747_800);
    let fields = attachment["fields"].as_array().unwrap();
    for field in fields {
        assert_eq!(keys(field), ["title", "value", "short"]);
        assert!(field["short"].is_boolean() && field["value"].is_string());
    }
    let plan = fields.iter().find(|field| field["title"] == "Plan").unwrap();
    assert_eq!(plan["value"], "Nightly");
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_fault_of_the_moment_is_tried_again_as_the_same_delivery() {
    let server = Server::start(vec![say(500), Answer::CutHead, say(200)]);
    let delivered = webhook(&hook(server.url("/")), &message(), &quick()).unwrap();
    assert_eq!(delivered, Delivered { status: 200, tries: 3 });
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert!(
        seen.iter().all(|one| one.body == seen[0].body),
        "the delivery changed between tries"
    );
}

#[test]
fn tries_end() {
    let server = Server::start(vec![Answer::Say(503, Vec::new(), "  busy\n now ")]);
    let error = webhook(&hook(server.url("/")), &message(), &quick()).unwrap_err();
    let expected = TellError::Refused {
        place: server.url(""),
        status: 503,
        answer: "busy now".to_owned(),
        after: None,
    };
    assert_eq!(error, expected);
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unreachable, Retry::After(None)));
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn a_refusal_is_final() {
    for (status, kind) in [
        (400, ErrorKind::Unsupported),
        (401, ErrorKind::Auth),
        (404, ErrorKind::NotFound),
        (410, ErrorKind::NotFound),
    ] {
        let server = Server::start(vec![say(status)]);
        let error = webhook(&hook(server.url("/")), &message(), &quick()).unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, Retry::Final), "{status}");
        assert_eq!(server.seen().len(), 1, "{status}");
    }
    for status in [408, 425, 429] {
        let server = Server::start(vec![say(status), say(200)]);
        assert_eq!(
            webhook(&hook(server.url("/")), &message(), &quick()).unwrap().tries,
            2,
            "{status}"
        );
    }
}

#[test]
fn the_pause_asked_for_is_kept() {
    let busy = Answer::Say(429, vec![("retry-after", "1".to_owned())], "");
    let server = Server::start(vec![busy, say(200)]);
    let start = Instant::now();
    assert_eq!(webhook(&hook(server.url("/")), &message(), &quick()).unwrap().tries, 2);
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn a_date_is_a_pause_too() {
    let date = (chrono::Utc::now() + chrono::TimeDelta::seconds(3))
        .format("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    let server = Server::start(vec![Answer::Say(503, vec![("retry-after", date)], ""), say(200)]);
    let start = Instant::now();
    webhook(&hook(server.url("/")), &message(), &quick()).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(1500), "{:?}", start.elapsed());
}

#[test]
fn a_pause_beyond_the_limit_is_not_waited_for() {
    let busy = Answer::Say(429, vec![("retry-after", "3600".to_owned())], "");
    let server = Server::start(vec![busy]);
    let start = Instant::now();
    let error = webhook(&hook(server.url("/")), &message(), &quick()).unwrap_err();
    assert_eq!(error.retry(), Retry::After(Some(3_600_000)));
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn one_that_hangs_is_left_and_tried_again() {
    let server = Server::start(vec![Answer::Hang, say(200)]);
    let limits = Limits {
        each: Duration::from_secs(1),
        ..quick()
    };
    let delivered = webhook(&hook(server.url("/")), &message(), &limits).unwrap();
    assert_eq!(delivered.tries, 2);
}

#[test]
fn the_limit_holds_for_all_tries_together() {
    let server = Server::start(vec![Answer::Hang]);
    let limits = Limits {
        total: Duration::from_secs(1),
        each: Duration::from_millis(400),
        tries: 100,
        pause: Duration::from_millis(10),
    };
    let start = Instant::now();
    let error = webhook(&hook(server.url("/")), &message(), &limits).unwrap_err();
    assert!(matches!(error, TellError::TimedOut { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert!(server.seen().len() >= 2);
}

#[test]
fn one_that_never_looks_is_left() {
    let (_listener, port) = never();
    let waiting = crowd(port);
    assert!(!waiting.is_empty());
    let start = Instant::now();
    let limits = Limits::once(Duration::from_millis(500));
    let error = webhook(&hook(format!("http://127.0.0.1:{port}/")), &message(), &limits).unwrap_err();
    assert!(matches!(error, TellError::TimedOut { .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[test]
fn nobody_there_is_out_of_reach() {
    let error = webhook(&hook(format!("http://127.0.0.1:{}/", nobody())), &message(), &quick()).unwrap_err();
    let TellError::Unreachable { reason, .. } = &error else {
        panic!("{error}");
    };
    assert!(reason.contains("refused"), "{reason}");
    let server = Server::start(vec![Answer::HangUp]);
    let error = webhook(&hook(server.url("/")), &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::Unreachable { .. }), "{error}");
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn the_status_decides_and_not_the_body() {
    for answer in [Answer::CutBody, Answer::HangBody] {
        let server = Server::start(vec![answer]);
        let delivered = webhook(&hook(server.url("/")), &message(), &quick()).unwrap();
        assert_eq!(delivered, Delivered { status: 200, tries: 1 });
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn redirects_keep_the_message() {
    let last = Server::start(vec![say(200)]);
    for status in [301, 302, 307, 308] {
        let first = Server::start(vec![redirect(status, "/next"), redirect(status, &last.url("/last"))]);
        let mut hook = hook(first.url("/first"));
        hook.headers = vec![("Authorization".to_owned(), Hidden::new("Bearer secret-of-first"))];
        webhook(&hook, &message(), &quick()).unwrap();
        let (first, last) = (first.seen(), last.seen());
        let end = last.last().unwrap();
        assert_eq!((end.method.as_str(), end.path.as_str()), ("POST", "/last"), "{status}");
        assert_eq!(end.body, first[0].body, "{status}");
        assert_eq!(first[1].header("authorization"), Some("Bearer secret-of-first"));
        assert_eq!(end.header("authorization"), None, "a header went to another host");
    }
    // "See other": the message is taken, the answer lies elsewhere.
    let first = Server::start(vec![redirect(303, "/answer"), say(200)]);
    webhook(&hook(first.url("/")), &message(), &quick()).unwrap();
    assert_eq!(first.seen()[1].method, "GET");
    assert_eq!(first.seen()[1].body, "");
}

#[test]
fn redirects_end() {
    let server = Server::start(vec![redirect(307, "/again")]);
    let error = webhook(&hook(server.url("/")), &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::Redirected { .. }), "{error}");
    assert_eq!(server.seen().len(), 4);
    let server = Server::start(vec![say(302)]);
    let error = webhook(&hook(server.url("/")), &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::Redirected { .. }), "{error}");
    let server = Server::start(vec![redirect(302, "file:///etc/passwd")]);
    let error = webhook(&hook(server.url("/")), &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::Redirected { .. }), "{error}");
}

#[test]
fn what_cannot_be_an_address_is_said_at_once() {
    for url in ["", "not an address", "ftp://a.example/x", "file:///etc/passwd", "https://"] {
        let error = webhook(&hook(url.to_owned()), &message(), &quick()).unwrap_err();
        assert!(matches!(error, TellError::BadUrl { .. }), "{url}: {error}");
        assert_eq!(error.kind(), ErrorKind::Usage);
    }
    for (name, value) in [("Bad Name", "x"), ("X-A", "line\r\nX-B: y"), ("Content-Length", "1")] {
        let mut hook = hook("http://127.0.0.1:1/".to_owned());
        hook.headers = vec![(name.to_owned(), Hidden::new(value))];
        let error = webhook(&hook, &message(), &quick()).unwrap_err();
        assert!(matches!(error, TellError::BadHeader { .. }), "{name}: {error}");
    }
    assert_eq!(
        hook("https://a.example:8443/t/oken?k=v".to_owned()).place().unwrap(),
        "https://a.example:8443"
    );
}

/// A caller may be on a thread of an event loop.
#[test]
fn works_inside_an_event_loop() {
    let server = Server::start(vec![say(200)]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let delivered = runtime.block_on(async { webhook(&hook(server.url("/")), &message(), &quick()) });
    assert_eq!(delivered.unwrap().tries, 1);
}
