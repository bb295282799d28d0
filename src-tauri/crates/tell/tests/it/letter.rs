//! What a letter looks like when it arrives.

use backstay_tell::{Event, Mail, Security, mail};

use crate::{
    mail_server::{MailServer, Rules},
    message::{message, quick},
};

fn arrived(message: &backstay_tell::Message) -> String {
    let server = MailServer::start(Rules::default());
    let settings = Mail {
        host: "127.0.0.1".to_owned(),
        port: server.port,
        security: Security::None,
        from: "Backstay <backstay@home.example>".to_owned(),
        to: vec!["ada@home.example".to_owned(), "Grace <grace@home.example>".to_owned()],
        ..Mail::default()
    };
    mail(&settings, message, &quick()).unwrap();
    let letters = server.letters();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].data, letters[1].data);
    letters[0].data.clone()
}

/// The headers, unfolded.
fn headers(letter: &str) -> Vec<(String, String)> {
    let (head, _) = letter.split_once("\r\n\r\n").unwrap();
    let head = head.replace("\r\n ", " ");
    head.split("\r\n")
        .map(|line| line.split_once(": ").unwrap())
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .collect()
}

fn header(letter: &str, name: &str) -> String {
    let mut found: Vec<_> = headers(letter).into_iter().filter(|(header, _)| header == name).collect();
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found.remove(0).1
}

#[test]
fn a_letter_has_its_headers_and_says_what_happened() {
    let letter = arrived(&message());
    assert_eq!(header(&letter, "Subject"), "[failed] Notes could not be backed up (workshop)");
    assert_eq!(header(&letter, "From"), "Backstay <backstay@home.example>");
    assert_eq!(header(&letter, "To"), "ada@home.example, Grace <grace@home.example>");
    assert_eq!(header(&letter, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(&letter, "X-Backstay-Event"), "failed");
    assert_eq!(header(&letter, "MIME-Version"), "1.0");
    assert!(header(&letter, "Content-Type").starts_with("text/plain; charset=utf-8"));
    let id = header(&letter, "Message-ID");
    assert!(id.starts_with('<') && id.ends_with("@home.example>"), "{id}");
    let date = chrono::DateTime::parse_from_rfc2822(&header(&letter, "Date")).unwrap();
    assert!((chrono::Utc::now() - date.to_utc()).num_minutes().abs() < 5);
    for line in [
        "The disk \"Cellar\" is full.",
        "Result: failed",
        "Missing: 3",
        "Plan: Nightly",
        "Last complete backup: 2026-03-28 01:30 UTC",
        "Computer: workshop",
    ] {
        assert!(letter.contains(&format!("\r\n{line}\r\n")), "{line} is missing:\n{letter}");
    }
}

#[test]
fn letters_of_one_cause_are_one_conversation() {
    let (mut first, mut second, mut other) = (message(), message(), message());
    first.title = "A".to_owned();
    second.event = Event::Recovered;
    other.cause = "another".to_owned();
    let [first, second, other] = [first, second, other].map(|message| arrived(&message));
    assert_eq!(header(&first, "References"), header(&second, "References"));
    assert_ne!(header(&first, "References"), header(&other, "References"));
    assert_ne!(header(&first, "Message-ID"), header(&second, "Message-ID"));
}

#[test]
fn hostile_words_stay_words() {
    let mut message = message();
    message.title = "Ärger\r\nBcc: eve@evil.example".to_owned();
    message.body = format!(".\r\n.hidden\n{}\nÜ", "long ".repeat(1000));
    message.host = "h\u{0}\u{7f}ost".to_owned();
    let letter = arrived(&message);
    assert!(headers(&letter).iter().all(|(name, _)| name != "Bcc"), "{letter}");
    assert!(header(&letter, "Subject").contains("=?utf-8?"));
    assert!(!letter.contains('\u{0}'));
}

#[test]
fn filters_find_the_name_json_has() {
    use Event::*;
    for event in [
        Failed,
        Partial,
        Overdue,
        Guard,
        DrillFailed,
        Damaged,
        FailureRate,
        Watchdog,
        MeteredAsk,
        Recovered,
        Complete,
        Test,
    ] {
        assert_eq!(serde_json::to_value(event).unwrap(), event.name());
    }
    let mut message = message();
    message.event = DrillFailed;
    let letter = arrived(&message);
    assert_eq!(header(&letter, "X-Backstay-Event"), "drillFailed");
    assert!(header(&letter, "Subject").starts_with("[drill failed] "));
    // What is over is not told as what is.
    message.event = Recovered;
    let letter = arrived(&message);
    assert!(header(&letter, "Subject").starts_with("[recovered] "));
    assert!(!letter.contains("Result:") && !letter.contains("Missing:"), "{letter}");
}
