//! The way of a letter: STARTTLS, TLS, login, refusals, tries.

use std::time::{Duration, Instant};

use backstay_model::{ErrorKind, Retry};
use backstay_tell::{Limits, Mail, Security, TellError, mail};

use crate::{
    authority::{Authority, authority},
    http_server::nobody,
    mail_server::{MailServer, Rules},
    message::{message, quick},
};

const LOGIN: (&str, &str) = ("ada", "open-sesame");

fn settings(server: &MailServer, security: Security, authority: Option<&Authority>) -> Mail {
    Mail {
        host: "localhost".to_owned(),
        port: server.port,
        security,
        user: Some(LOGIN.0.to_owned()),
        password: LOGIN.1.into(),
        from: "backstay@home.example".to_owned(),
        to: vec!["ada@home.example".to_owned()],
        authority: authority.map(|authority| authority.file.path().to_owned()),
    }
}

fn safe(authority: &Authority, from_start: bool) -> Rules {
    Rules {
        tls: Some(authority.server.clone()),
        from_start,
        login: Some(LOGIN),
        ..Rules::default()
    }
}

#[test]
fn starttls_and_login() {
    let authority = authority();
    for old in [false, true] {
        let server = MailServer::start(Rules {
            old,
            ..safe(&authority, false)
        });
        let delivered = mail(&settings(&server, Security::StartTls, Some(&authority)), &message(), &quick()).unwrap();
        assert_eq!((delivered.status, delivered.tries), (250, 1));
        let letter = server.letters().remove(0);
        assert!(letter.safe);
        assert_eq!(letter.user.as_deref(), Some("ada"));
        assert_eq!(
            (letter.from.as_str(), letter.to),
            ("backstay@home.example", vec!["ada@home.example".to_owned()])
        );
        let commands = server.commands();
        assert_eq!(commands[1], "STARTTLS", "{commands:?}");
        assert_eq!(commands.last().unwrap(), "QUIT");
    }
}

#[test]
fn tls_from_the_start() {
    let authority = authority();
    let server = MailServer::start(safe(&authority, true));
    mail(&settings(&server, Security::Tls, Some(&authority)), &message(), &quick()).unwrap();
    assert!(server.letters()[0].safe);
}

#[test]
fn nothing_is_said_openly_that_should_not() {
    let authority = authority();
    // STARTTLS is not offered: whoever took it away gets nothing.
    let server = MailServer::start(Rules {
        login: Some(LOGIN),
        ..Rules::default()
    });
    let error = mail(&settings(&server, Security::StartTls, Some(&authority)), &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::Tls { .. }), "{error}");
    assert!(
        server
            .commands()
            .iter()
            .all(|command| command.starts_with("EHLO") || command == "QUIT"),
        "{:?}",
        server.commands()
    );
    // An unknown authority.
    let server = MailServer::start(safe(&authority, false));
    let stranger = crate::authority::authority();
    let error = mail(&settings(&server, Security::StartTls, Some(&stranger)), &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::Tls { .. }), "{error:?}");
    assert!(server.letters().is_empty());
    // A file of which nobody knows what it is.
    std::fs::write(stranger.file.path(), "-----BEGIN LUNCH-----\nAAAA\n-----END LUNCH-----\n").unwrap();
    let error = mail(&settings(&server, Security::StartTls, Some(&stranger)), &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::BadAuthority { .. }), "{error:?}");
    // A password over an open line leaves this computer only to itself.
    let server = MailServer::start(Rules {
        login: Some(LOGIN),
        ..Rules::default()
    });
    mail(&settings(&server, Security::None, None), &message(), &quick()).unwrap();
    assert!(!server.letters()[0].safe);
    let mut elsewhere = settings(&server, Security::None, None);
    elsewhere.host = "mail.example".to_owned();
    let error = mail(&elsewhere, &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::Open { .. }), "{error:?}");
}

#[test]
fn a_wrong_password_is_final() {
    let authority = authority();
    let server = MailServer::start(safe(&authority, false));
    let mut wrong = settings(&server, Security::StartTls, Some(&authority));
    wrong.password = "wrong".into();
    let error = mail(&wrong, &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::Login { code: 535, .. }), "{error:?}");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Auth, Retry::Final));
    assert_eq!(server.commands().iter().filter(|command| *command == "AUTH").count(), 1);
    // Without a login where one is needed, and with one where none is offered.
    wrong.user = None;
    let error = mail(&wrong, &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::MailRefused { code: 530, .. }), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Auth);
    let server = MailServer::start(Rules::default());
    let error = mail(&settings(&server, Security::None, None), &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::NoLogin { .. }), "{error:?}");
}

#[test]
fn busy_servers_are_tried_again_with_the_same_letter() {
    let server = MailServer::start(Rules {
        busy: vec!["451 4.3.0 later", "421 4.3.2 going down"],
        ..Rules::default()
    });
    let mut open = settings(&server, Security::None, None);
    open.user = None;
    let delivered = mail(&open, &message(), &quick()).unwrap();
    assert_eq!(delivered.tries, 3);
    assert_eq!(server.letters().len(), 1);
    let server = MailServer::start(Rules {
        busy: vec!["554 5.7.1 spam"],
        ..Rules::default()
    });
    open.port = server.port;
    let error = mail(&open, &message(), &quick()).unwrap_err();
    let TellError::MailRefused { code: 554, answer, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(answer.contains("spam"), "{answer}");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unsupported, Retry::Final));
}

#[test]
fn one_wrong_recipient_keeps_the_letter_from_nobody_else() {
    let server = MailServer::start(Rules {
        unknown: Some(("nobody@home.example", "550 5.1.1 unknown")),
        ..Rules::default()
    });
    let mut open = settings(&server, Security::None, None);
    open.user = None;
    open.to = vec!["nobody@home.example".to_owned(), "ada@home.example".to_owned()];
    let error = mail(&open, &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::MailRefused { code: 550, .. }), "{error:?}");
    let letters = server.letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, ["ada@home.example"]);
}

#[test]
fn addresses_are_read_before_anybody_is_called() {
    let mut open = Mail {
        host: "127.0.0.1".to_owned(),
        port: nobody(),
        from: "backstay@home.example".to_owned(),
        ..Mail::default()
    };
    assert_eq!(mail(&open, &message(), &quick()).unwrap_err(), TellError::NoRecipient);
    open.to = vec!["no address".to_owned()];
    assert!(matches!(
        mail(&open, &message(), &quick()).unwrap_err(),
        TellError::BadAddress { .. }
    ));
    open.to = vec!["ada@home.example".to_owned()];
    assert!(matches!(
        mail(&open, &message(), &quick()).unwrap_err(),
        TellError::Unreachable { .. }
    ));
}

#[test]
fn a_silent_server_is_left() {
    let server = MailServer::start(Rules {
        silent: true,
        ..Rules::default()
    });
    let start = Instant::now();
    let limits = Limits::once(Duration::from_millis(400));
    let error = mail(&settings(&server, Security::None, None), &message(), &limits).unwrap_err();
    assert!(matches!(error, TellError::TimedOut { .. }), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[test]
fn a_good_bye_that_hangs_sends_no_second_letter() {
    let server = MailServer::start(Rules {
        clingy: true,
        ..Rules::default()
    });
    let mut open = settings(&server, Security::None, None);
    open.user = None;
    assert_eq!(mail(&open, &message(), &quick()).unwrap().tries, 1);
    assert_eq!(server.letters().len(), 1);
    assert_eq!(server.commands().last().unwrap(), "QUIT");
}
