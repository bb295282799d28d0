//! Replications that go on: kept once, stopped, gone on with, forgotten.

use backstay_journal::{JournalError, NewReplication, ReplicationNews, ReplicationPhase};
use backstay_model::{ErrorKind, Gap};

use crate::{Place, at, json, new_source};

fn new(from: &str, to: &str) -> NewReplication {
    NewReplication {
        from_source: from.to_owned(),
        from_collection: "notes".to_owned(),
        to_source: to.to_owned(),
        to_collection: "copy".to_owned(),
        what: json(r#"{"continuous":true,"big":12345678901234567890123}"#),
    }
}

fn place() -> Place {
    let place = Place::make();
    for name in ["office", "cloud"] {
        place.journal.sources().add(&new_source(name), at(0)).unwrap();
    }
    place
}

fn gap(subject: &str) -> Gap {
    Gap {
        subject: subject.to_owned(),
        kind: ErrorKind::Refused,
        message: "was refused".to_owned(),
    }
}

#[test]
fn the_same_replication_is_kept_once_and_goes_on() {
    let place = place();
    let kept = place.journal.replications();
    let first = kept.keep(&new("office", "CLOUD"), at(1)).unwrap();
    assert_eq!(
        (first.from_source.name.as_str(), first.to_source.name.as_str()),
        ("office", "cloud")
    );
    assert_eq!(first.what.as_bytes(), br#"{"continuous":true,"big":12345678901234567890123}"#);
    assert_eq!((first.stopped, first.heard.phase), (None, None));
    let stopped = kept.set_stopped(&first.id[..13], Some(at(2))).unwrap();
    assert_eq!(stopped.stopped, Some(at(2)));
    let again = kept.keep(&new("office", "cloud"), at(3)).unwrap();
    assert_eq!(
        (again.id.as_str(), again.stopped, again.created),
        (first.id.as_str(), None, at(1))
    );
    kept.keep(&new("cloud", "office"), at(4)).unwrap();
    let ids: Vec<String> = kept.list().unwrap().into_iter().map(|one| one.from_source.name).collect();
    assert_eq!(ids, ["office", "cloud"], "oldest first");
    assert!(matches!(
        kept.keep(&new("office", "nowhere"), at(5)),
        Err(JournalError::NotFound { what: "source", .. })
    ));
}

#[test]
fn news_are_noted_and_what_is_silent_stays() {
    let place = place();
    let kept = place.journal.replications();
    let id = kept.keep(&new("office", "cloud"), at(1)).unwrap().id;
    let news = ReplicationNews {
        phase: Some(ReplicationPhase::Running),
        moved: Some(at(5)),
        progress: Some(json(r#"{"written":7}"#)),
        ..ReplicationNews::default()
    };
    kept.note(&id, &news, &[gap("notes/1"), gap("notes/2")]).unwrap();
    let trouble = ReplicationNews {
        phase: Some(ReplicationPhase::Trying),
        problem: Some(json(r#"{"code":"unreachable"}"#)),
        again: Some(at(9)),
        ..ReplicationNews::default()
    };
    kept.note(&id, &trouble, &[gap("notes/1")]).unwrap();
    let found = kept.get(&id).unwrap();
    assert_eq!(found.heard.moved, Some(at(5)), "it got on then and not since");
    assert_eq!(found.heard.progress, Some(json(r#"{"written":7}"#)));
    assert_eq!(found.heard.again, Some(at(9)));
    assert_eq!(found.gap_count, 3);
    let named: Vec<&str> = found.gaps.iter().map(|gap| gap.subject.as_str()).collect();
    assert_eq!(named, ["notes/2", "notes/1"], "named once, the newest last");
    let many: Vec<Gap> = (0..500).map(|n| gap(&format!("notes/x{n}"))).collect();
    kept.note(&id, &ReplicationNews::default(), &many).unwrap();
    let found = kept.get(&id).unwrap();
    assert_eq!((found.gaps.len(), found.gap_count), (100, 503));
    assert_eq!(found.gaps.last().unwrap().subject, "notes/x499");
    assert_eq!(found.heard.problem, None, "a problem that is over is not told on");
}

#[test]
fn a_replication_goes_with_its_source_and_late_news_bring_nothing_back() {
    let place = place();
    let kept = place.journal.replications();
    let id = kept.keep(&new("office", "cloud"), at(1)).unwrap().id;
    place.journal.sources().remove("cloud", at(2)).unwrap();
    assert!(kept.list().unwrap().is_empty());
    kept.note(&id, &ReplicationNews::default(), &[gap("notes/1")]).unwrap();
    assert!(matches!(kept.get(&id), Err(JournalError::NotFound { .. })));
    let gone = kept.remove(&id);
    assert!(matches!(gone, Err(JournalError::NotFound { what: "replication", .. })));
}
