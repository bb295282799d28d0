//! Safe connections: an authority of one's own, an unknown one, the wrong name, and the way back to an open address.

use backstay_model::Retry;
use backstay_tell::{Beat, Heartbeat, TellError, Webhook, beat, webhook};

use crate::{
    authority::authority,
    http_server::{Server, redirect, say},
    message::{message, quick},
};

#[test]
fn an_own_authority_is_trusted_when_given() {
    let authority = authority();
    let server = Server::safe(vec![say(200)], authority.server.clone());
    let mut hook = Webhook {
        url: format!("https://localhost:{}/hook", server.port).into(),
        authority: Some(authority.file.path().to_owned()),
        ..Webhook::default()
    };
    assert_eq!(webhook(&hook, &message(), &quick()).unwrap().status, 200);
    let heartbeat = Heartbeat {
        url: hook.url.clone(),
        authority: hook.authority.clone(),
    };
    beat(&heartbeat, Beat::Success, "", &quick()).unwrap().unwrap();
    assert_eq!(server.seen().len(), 2);
    // Another name than the certificate's.
    hook.url = format!("https://127.0.0.1:{}/hook", server.port).into();
    let error = webhook(&hook, &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::Tls { .. }), "{error:?}");
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn an_unknown_authority_is_not_trusted() {
    let (known, unknown) = (authority(), authority());
    let server = Server::safe(vec![say(200)], unknown.server.clone());
    let hook = Webhook {
        url: format!("https://localhost:{}/hook", server.port).into(),
        authority: Some(known.file.path().to_owned()),
        ..Webhook::default()
    };
    let error = webhook(&hook, &message(), &quick()).unwrap_err();
    let TellError::Tls { reason, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(reason.contains("certificate"), "{reason}");
    assert_eq!(error.retry(), Retry::Final);
    assert!(server.seen().is_empty());
}

#[test]
fn a_safe_address_does_not_lead_to_an_open_one() {
    let authority = authority();
    let open = Server::start(vec![say(200)]);
    let server = Server::safe(vec![redirect(307, &open.url("/open"))], authority.server.clone());
    let hook = Webhook {
        url: format!("https://localhost:{}/hook", server.port).into(),
        authority: Some(authority.file.path().to_owned()),
        ..Webhook::default()
    };
    let error = webhook(&hook, &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::Redirected { .. }), "{error}");
    assert!(open.seen().is_empty());
    // The other way round is followed.
    let server = Server::safe(vec![say(200)], authority.server.clone());
    let to = format!("https://localhost:{}/safe", server.port);
    let open = Server::start(vec![redirect(301, &to)]);
    let hook = Webhook {
        url: open.url("/").into(),
        ..hook
    };
    webhook(&hook, &message(), &quick()).unwrap();
    assert_eq!(server.seen()[0].method, "POST");
}

#[test]
fn a_file_without_certificates_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for path in [file.path().to_owned(), "/nowhere/at/all.pem".into()] {
        let hook = Webhook {
            url: "https://localhost:1/".into(),
            authority: Some(path.clone()),
            ..Webhook::default()
        };
        let error = webhook(&hook, &message(), &quick()).unwrap_err();
        assert_eq!(error, TellError::BadAuthority { path });
    }
}
