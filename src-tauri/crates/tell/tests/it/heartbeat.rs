//! Heartbeats in the forms of healthchecks.io and Uptime Kuma.

use backstay_tell::{Beat, Heartbeat, TellError, beat};

use crate::{
    http_server::{Answer, Seen, Server, say},
    message::quick,
};

fn all(server: &Server, path: &str, summary: &str) -> Vec<(bool, Option<Seen>)> {
    let heartbeat = Heartbeat {
        url: server.url(path).into(),
        authority: None,
    };
    [Beat::Start, Beat::Success, Beat::Fail]
        .into_iter()
        .map(|one| {
            let before = server.seen().len();
            let sent = beat(&heartbeat, one, summary, &quick()).unwrap().is_some();
            (sent, server.seen().get(before).cloned())
        })
        .collect()
}

#[test]
fn plain_addresses_get_a_step_and_a_summary() {
    let server = Server::start(vec![Answer::Say(200, Vec::new(), "OK")]);
    let seen = all(&server, "/ping/5bf66975/", "3 sources, 1 failed");
    let paths: Vec<_> = seen.iter().map(|(_, seen)| seen.clone().unwrap().path).collect();
    assert_eq!(paths, ["/ping/5bf66975/start", "/ping/5bf66975/", "/ping/5bf66975/fail"]);
    for (_, seen) in seen {
        let seen = seen.unwrap();
        assert_eq!((seen.method.as_str(), seen.body.as_str()), ("POST", "3 sources, 1 failed"));
    }
    let paths: Vec<_> = all(&server, "/ping/5bf66975?create=1", "")
        .into_iter()
        .map(|(_, seen)| seen.unwrap().path)
        .collect();
    assert_eq!(paths[2], "/ping/5bf66975/fail?create=1");
}

#[test]
fn placeholders_are_filled() {
    let server = Server::start(vec![say(200)]);
    let seen = all(&server, "/api/push/Tok?status={status}&msg={message}", "1 of 3 & \"more\" ü#");
    assert_eq!(
        (seen[0].0, seen[0].1.is_none()),
        (false, true),
        "there is no word for a start"
    );
    let up = seen[1].1.clone().unwrap();
    assert_eq!(up.method, "GET");
    assert_eq!(
        up.path,
        "/api/push/Tok?status=up&msg=1%20of%203%20%26%20%22more%22%20%C3%BC%23"
    );
    assert!(seen[2].1.clone().unwrap().path.starts_with("/api/push/Tok?status=down&"));
    let paths: Vec<_> = all(&server, "/x/{state}", "")
        .into_iter()
        .map(|(_, seen)| seen.unwrap().path)
        .collect();
    assert_eq!(paths, ["/x/start", "/x/success", "/x/fail"]);
}

#[test]
fn faults_are_tried_again_and_bounded() {
    let server = Server::start(vec![say(502), say(200)]);
    let heartbeat = Heartbeat {
        url: server.url("/u").into(),
        authority: None,
    };
    let delivered = beat(&heartbeat, Beat::Success, "", &quick()).unwrap().unwrap();
    assert_eq!(delivered.tries, 2);
    let server = Server::start(vec![Answer::Say(404, Vec::new(), "<html>no</html>")]);
    let heartbeat = Heartbeat {
        url: server.url("/u").into(),
        authority: None,
    };
    let error = beat(&heartbeat, Beat::Fail, &"long ".repeat(10_000), &quick()).unwrap_err();
    assert!(
        matches!(&error, TellError::Refused { status: 404, answer, .. } if answer.is_empty()),
        "{error:?}"
    );
    assert!(server.seen()[0].body.len() < 4100);
}

/// healthchecks.io says "200 OK" to everybody who calls by id, and means it only sometimes.
#[test]
fn a_success_that_is_none_is_a_refusal() {
    for (said, meant, tries) in [("OK (not found)", 404, 1), ("OK (rate limited)", 429, 3)] {
        let server = Server::start(vec![Answer::Say(200, Vec::new(), said)]);
        let heartbeat = Heartbeat {
            url: server.url("/5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278").into(),
            authority: None,
        };
        let error = beat(&heartbeat, Beat::Success, "", &quick()).unwrap_err();
        assert!(
            matches!(error, TellError::Refused { status, .. } if status == meant),
            "{error:?}"
        );
        assert_eq!(server.seen().len(), tries);
    }
}
