//! Channels, alerts and the outbox: one message for one cause, and none lost on the way.

use backstay_journal::{ChannelChange, Journal, JournalError, Letter, NewChannel, Raised, Take};

use crate::{Place, at, json};

fn channel(name: &str) -> NewChannel {
    NewChannel {
        name: name.to_owned(),
        kind: "webhook".to_owned(),
        config: json(r#"{"url":"https://example.org/hook","secret":"webhook-1"}"#),
        events: vec!["failed".to_owned(), "quote\"d".to_owned()],
        plans: vec!["p-1".to_owned()],
        enabled: true,
    }
}

#[test]
fn channels_change_and_go() {
    let place = Place::make();
    let channels = place.journal.channels();
    let added = channels.add(&channel("Team"), at(1)).unwrap();
    assert_eq!((&added.events, &added.plans), (&channel("x").events, &channel("x").plans));
    assert_eq!(
        (&added.config, added.enabled, added.created),
        (&channel("x").config, true, at(1))
    );
    let error = channels.add(&channel("TEAM"), at(2)).unwrap_err();
    assert!(matches!(&error, JournalError::NameTaken { what: "channel", .. }), "{error}");
    assert!(matches!(channels.add(&channel("a/b"), at(2)), Err(JournalError::Name { .. })));
    channels.add(&channel("all"), at(3)).unwrap();
    assert!(
        channels
            .change(
                "all",
                &ChannelChange {
                    name: Some("team".to_owned()),
                    ..Default::default()
                }
            )
            .is_err()
    );

    let change = ChannelChange {
        name: Some("Ops".to_owned()),
        plans: Some(Vec::new()),
        enabled: Some(false),
        ..ChannelChange::default()
    };
    let changed = channels.change("team", &change).unwrap();
    assert_eq!(
        (changed.id.as_str(), changed.name.as_str(), changed.enabled),
        (added.id.as_str(), "Ops", false)
    );
    assert_eq!(
        (&changed.plans, &changed.events, &changed.config),
        (&Vec::new(), &added.events, &added.config)
    );
    let names = |journal: &Journal| -> Vec<String> {
        journal
            .channels()
            .list()
            .unwrap()
            .into_iter()
            .map(|channel| channel.name)
            .collect()
    };
    assert_eq!(names(&place.journal), ["all", "Ops"]);
    channels.remove(&added.id).unwrap();
    assert_eq!(names(&place.journal), ["all"]);
    assert!(matches!(
        channels.get("Ops"),
        Err(JournalError::NotFound { what: "channel", .. })
    ));
}

#[test]
fn a_channel_for_one_plan_never_becomes_one_for_all() {
    let place = Place::make();
    let plan = place.plan("p", &["s"]);
    let new = NewChannel {
        plans: vec![plan.id.clone()],
        ..channel("one")
    };
    place.journal.channels().add(&new, at(0)).unwrap();
    place.journal.plans().remove("p").unwrap();
    assert_eq!(place.journal.channels().get("one").unwrap().plans, [plan.id]);
}

#[test]
fn one_cause_is_told_once_until_it_is_gone() {
    let place = Place::make();
    let alerts = place.journal.alerts();
    let (first, second) = (json(r#"{"n":1}"#), json(r#"{"n":2}"#));
    assert_eq!(alerts.raise("failed:s-1", "failed", &first, at(1)).unwrap(), Raised::New);
    assert_eq!(alerts.raise("failed:s-1", "failed", &second, at(2)).unwrap(), Raised::Again);
    assert_eq!(alerts.raise("overdue:s-1", "overdue", &first, at(3)).unwrap(), Raised::New);
    assert_eq!(alerts.raise("failed:s-2", "failed", &first, at(4)).unwrap(), Raised::New);
    let causes = |list: Vec<backstay_journal::Alert>| list.into_iter().map(|alert| alert.cause).collect::<Vec<_>>();
    assert_eq!(causes(alerts.open().unwrap()), ["failed:s-1", "overdue:s-1", "failed:s-2"]);
    assert_eq!(causes(alerts.open_like("failed:").unwrap()), ["failed:s-1", "failed:s-2"]);
    assert!(alerts.open_like("%").unwrap().is_empty(), "by the letter");

    let was = alerts.resolve("failed:s-1", at(5)).unwrap().unwrap();
    assert_eq!(
        (was.first, was.last, was.count, was.resolved, &was.message),
        (at(1), at(2), 2, Some(at(5)), &second)
    );
    assert_eq!(alerts.resolve("failed:s-1", at(6)).unwrap(), None, "only once");
    assert_eq!(alerts.resolve("never", at(6)).unwrap(), None);
    assert_eq!(
        alerts.raise("failed:s-1", "failed", &first, at(7)).unwrap(),
        Raised::New,
        "it is back"
    );
    assert_eq!(
        causes(alerts.list(3).unwrap()),
        ["failed:s-1", "failed:s-2", "overdue:s-1"],
        "newest first"
    );
    assert_eq!(alerts.list(9).unwrap().len(), 4);
    assert_eq!((alerts.prune(at(5)).unwrap(), alerts.prune(at(6)).unwrap()), (0, 1));
    assert_eq!(alerts.open().unwrap().len(), 3, "what lasts stays");
}

fn channels(letters: &[Letter]) -> Vec<&str> {
    letters.iter().map(|letter| letter.channel.as_str()).collect()
}

#[test]
fn letters_go_out_are_tried_again_and_given_up() {
    let place = Place::make();
    let outbox = place.journal.outbox();
    let put = |channel: &str, second| {
        outbox
            .put(channel, "failed", "failed:s", &json(r#"{"a":1}"#), at(second))
            .unwrap()
    };
    let (desk, mail, hook) = (put("desktop", 1), put("c-mail", 2), put("c-hook", 30));
    assert!(outbox.due(at(0), 9).unwrap().is_empty());
    assert_eq!(channels(&outbox.due(at(2), 9).unwrap()), ["desktop", "c-mail"]);
    assert_eq!(channels(&outbox.due(at(30), 1).unwrap()), ["desktop"]);

    outbox.delivered(desk, at(3)).unwrap();
    outbox.failed(mail, "500", Some(at(60)), at(4)).unwrap();
    assert_eq!(channels(&outbox.due(at(59), 9).unwrap()), ["c-hook"]);
    assert_eq!(
        channels(&outbox.due(at(60), 9).unwrap()),
        ["c-hook", "c-mail"],
        "the longest due first"
    );
    outbox.failed(mail, "timed out", None, at(61)).unwrap();
    assert_eq!(channels(&outbox.due(at(9_999), 9).unwrap()), ["c-hook"]);

    // A program that was killed finds them again.
    let again = Journal::open(&place.home).unwrap();
    let log = again.outbox().log(9).unwrap();
    assert_eq!(channels(&log), ["c-hook", "c-mail", "desktop"]);
    assert_eq!((log[0].attempts, log[0].message == json(r#"{"a":1}"#)), (0, true));
    assert_eq!(
        (log[1].attempts, log[1].error.as_deref(), log[1].given_up, log[1].delivered),
        (2, Some("timed out"), Some(at(61)), None)
    );
    assert_eq!((log[2].attempts, log[2].delivered), (1, Some(at(3))));
    // A late failure of a try that another process ended well does not undo it.
    outbox.failed(desk, "late", None, at(62)).unwrap();
    let late = &outbox.log(9).unwrap()[2];
    assert_eq!((late.delivered, late.given_up, &late.error), (Some(at(3)), None, &None));
    assert!(matches!(
        outbox.delivered(999, at(1)),
        Err(JournalError::NotFound { what: "message", .. })
    ));
    assert!(matches!(
        outbox.failed(999, "x", None, at(1)),
        Err(JournalError::NotFound { .. })
    ));

    assert_eq!(outbox.prune(at(61)).unwrap(), 1);
    assert_eq!(outbox.prune(at(9_999)).unwrap(), 1);
    assert_eq!(channels(&outbox.log(9).unwrap()), ["c-hook"], "what is on its way stays");
    assert!(put("x", 99) > hook, "numbers are not given twice");
}

#[test]
fn a_letter_is_in_one_hand_at_a_time() {
    let place = Place::make();
    for number in 0..40 {
        let channel = if number % 4 == 0 { "desktop" } else { "c-1" };
        place
            .journal
            .outbox()
            .put(channel, "e", "c", &json("null"), at(number))
            .unwrap();
    }
    let take = Take {
        now: at(50),
        until: at(80),
        limit: 3,
        leave: &["desktop"],
    };
    let together = std::sync::Barrier::new(3);
    let mut taken: Vec<i64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let journal = Journal::open(&place.home).unwrap();
                    together.wait();
                    let mut mine = Vec::new();
                    for _ in 0..40 {
                        let letters = journal.outbox().take(&take).unwrap();
                        assert!(
                            letters
                                .iter()
                                .all(|letter| letter.channel == "c-1" && letter.next_try == at(80))
                        );
                        mine.extend(letters.into_iter().map(|letter| letter.id));
                    }
                    mine
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    taken.sort_unstable();
    let count = taken.len();
    taken.dedup();
    assert_eq!((taken.len(), count), (30, 30), "each once");
    assert_eq!(
        place.journal.outbox().due(at(50), 99).unwrap().len(),
        10,
        "what is left for the desktop"
    );
    // Whoever took them died: they are due again.
    let later = Take {
        now: at(80),
        limit: 99,
        ..take
    };
    assert_eq!(
        place.journal.outbox().take(&Take { until: at(90), ..later }).unwrap().len(),
        30
    );
}
