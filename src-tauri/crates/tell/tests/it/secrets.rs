//! Tokens and passwords show nowhere: not in settings, not in errors, not in what a receiver throws back.

use std::{fmt::Debug, path::PathBuf, time::Duration};

use backstay_tell::{
    Beat, Command, Form, Heartbeat, Hidden, Hook, Limits, Mail, Security, TellError, Webhook, beat, hook, mail, webhook,
};

use crate::{
    authority::authority,
    http_server::{Answer, Server, nobody, redirect, say},
    mail_server::{MailServer, Rules},
    message::{message, quick},
};

const SECRET: &str = "xoxb-T0P-s3cret";

#[track_caller]
fn silent(what: &(impl Debug + ?Sized)) {
    for text in [format!("{what:?}"), format!("{what:#?}")] {
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[track_caller]
fn silent_error(error: &TellError) {
    silent(error);
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(one) = cause {
        assert!(!one.to_string().contains("s3cret"), "{one}");
        silent(one);
        cause = one.source();
    }
}

fn hooked(url: &str) -> Webhook {
    Webhook {
        url: url.into(),
        form: Form::Slack,
        headers: vec![("Authorization".to_owned(), Hidden::new(format!("Bearer {SECRET}")))],
        authority: None,
    }
}

#[test]
fn settings_do_not_show_them() {
    let hidden = Hidden::new(SECRET);
    silent(&hidden);
    assert_eq!(hidden.reveal(), SECRET);
    silent(&hooked(&format!("https://a.example/{SECRET}")));
    silent(&Heartbeat {
        url: SECRET.into(),
        authority: None,
    });
    silent(&Mail {
        password: SECRET.into(),
        ..Mail::default()
    });
    silent(&Hook {
        command: Command::Shell(format!("PGPASSWORD={SECRET} pg_dump")),
        time_limit: Duration::ZERO,
        env: vec![("TOKEN".to_owned(), SECRET.into())],
        dir: None,
    });
    silent(&Command::Program(vec!["curl".to_owned(), format!("--user=a:{SECRET}")]));
}

#[test]
fn addresses_do_not_show_in_errors() {
    let echo = Answer::Say(400, Vec::new(), "no such hook: xoxb-T0P-s3cret, Bearer xoxb-T0P-s3cret");
    let refuses = Server::start(vec![echo]);
    let hangs_up = Server::start(vec![Answer::HangUp]);
    let hangs = Server::start(vec![Answer::Hang]);
    let circles = Server::start(vec![redirect(307, &format!("/{SECRET}"))]);
    let odd = Server::start(vec![redirect(307, &format!("gopher://{SECRET}/"))]);
    let away = Server::start(vec![redirect(307, &format!("http://127.0.0.1:{}/{SECRET}", nobody()))]);
    let late = Server::start(vec![say(500)]);
    let limits = Limits {
        each: Duration::from_millis(300),
        tries: 2,
        ..quick()
    };
    let ports = [&refuses, &hangs_up, &hangs, &circles, &odd, &away, &late].map(|server| server.port);
    for port in ports.into_iter().chain([nobody()]) {
        for url in [
            format!("http://127.0.0.1:{port}/services/{SECRET}"),
            format!("http://127.0.0.1:{port}/x?key={SECRET}&b"),
            format!("http://ada:{SECRET}@127.0.0.1:{port}/"),
        ] {
            let error = webhook(&hooked(&url), &message(), &limits).unwrap_err();
            silent_error(&error);
            assert!(error.to_string().contains("http://127.0.0.1:"), "{error}");
            let heartbeat = Heartbeat {
                url: url.into(),
                authority: None,
            };
            silent_error(&beat(&heartbeat, Beat::Fail, "", &limits).unwrap_err());
        }
    }
    assert!(!refuses.seen().is_empty());
    for url in [
        format!("htp://{SECRET}"),
        SECRET.to_owned(),
        format!("https://{SECRET}.invalid:99999/"),
    ] {
        silent_error(&webhook(&hooked(&url), &message(), &limits).unwrap_err());
    }
    let mut bad = hooked("http://127.0.0.1:1/");
    bad.headers = vec![("X".to_owned(), Hidden::new(format!("{SECRET}\n")))];
    silent_error(&webhook(&bad, &message(), &limits).unwrap_err());
}

#[test]
fn safe_addresses_do_not_show_in_errors() {
    let authority = authority();
    let server = Server::safe(vec![say(200)], authority.server.clone());
    let url = format!("https://localhost:{}/{SECRET}", server.port);
    let mut hook = hooked(&url);
    hook.authority = Some(crate::authority::authority().file.into_temp_path().keep().unwrap());
    silent_error(&webhook(&hook, &message(), &quick()).unwrap_err());
    std::fs::remove_file(hook.authority.as_ref().unwrap()).unwrap();
    hook.authority = Some(PathBuf::from("/nowhere.pem"));
    silent_error(&webhook(&hook, &message(), &quick()).unwrap_err());
}

#[test]
fn passwords_do_not_show_in_errors() {
    let server = MailServer::start(Rules {
        login: Some(("ada", "another")),
        unknown: Some(("ada@home.example", "550 you said xoxb-T0P-s3cret")),
        ..Rules::default()
    });
    let mut settings = Mail {
        host: "127.0.0.1".to_owned(),
        port: server.port,
        security: Security::None,
        user: Some("ada".to_owned()),
        password: SECRET.into(),
        from: "backstay@home.example".to_owned(),
        to: vec!["ada@home.example".to_owned()],
        authority: None,
    };
    let error = mail(&settings, &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::Login { .. }), "{error:?}");
    silent_error(&error);
    let server = MailServer::start(Rules {
        login: Some(("ada", SECRET)),
        unknown: Some(("ada@home.example", "550 you said xoxb-T0P-s3cret")),
        ..Rules::default()
    });
    settings.port = server.port;
    let error = mail(&settings, &message(), &quick()).unwrap_err();
    assert!(matches!(error, TellError::MailRefused { code: 550, .. }), "{error:?}");
    silent_error(&error);
}

#[test]
fn command_lines_do_not_show_in_errors() {
    let mut failing = Hook {
        command: Command::Shell(format!(": {SECRET}; exit 3")),
        time_limit: Duration::from_secs(10),
        env: vec![("TOKEN".to_owned(), SECRET.into())],
        dir: None,
    };
    silent_error(&hook(&failing, &[], &|| false).unwrap_err());
    failing.command = Command::Program(vec!["/nowhere".to_owned(), SECRET.to_owned()]);
    silent_error(&hook(&failing, &[], &|| false).unwrap_err());
}
