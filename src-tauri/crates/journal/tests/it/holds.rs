//! Guards that tripped, and pinned snapshots.

use backstay_journal::{JournalError, Named, NewHold};
use backstay_model::ErrorKind;

use crate::{Place, at, json, named, new_source, new_vault};

fn hold(source: &str, kind: &str, collection: Option<&str>) -> NewHold {
    NewHold {
        source: Named {
            id: source.to_owned(),
            name: format!("name of {source}"),
        },
        vault: named("v-1", "Disk"),
        kind: kind.to_owned(),
        collection: collection.map(str::to_owned),
        trip: json(r#"{"removed":900,"of":1000}"#),
        run: Some("r-1".to_owned()),
        snapshot: Some("beef".to_owned()),
        before: Some("feed".to_owned()),
    }
}

#[test]
fn one_hold_for_one_cause_until_it_is_answered() {
    let place = Place::make();
    let holds = place.journal.holds();
    let first = holds
        .add(&hold("s-1", "massDeletion", Some("notes")), at(1))
        .unwrap()
        .unwrap();
    assert_eq!((first.count, first.at, first.released), (1, at(1), None));
    assert_eq!(
        (&first.trip, first.before.as_deref()),
        (&json(r#"{"removed":900,"of":1000}"#), Some("feed"))
    );

    let again = NewHold {
        trip: json(r#"{"removed":950,"of":1000}"#),
        snapshot: Some("dead".to_owned()),
        ..hold("s-1", "massDeletion", Some("notes"))
    };
    assert_eq!(holds.add(&again, at(2)).unwrap(), None);
    let counted = holds.get(&first.id).unwrap();
    assert_eq!((counted.count, counted.last_at, counted.at), (2, at(2), at(1)));
    assert_eq!(
        (&counted.trip, &counted.snapshot),
        (&first.trip, &first.snapshot),
        "it keeps what it saw first"
    );

    for other in [
        hold("s-1", "massDeletion", Some("tasks")),
        hold("s-1", "massDeletion", None),
        hold("s-1", "emptied", Some("notes")),
        hold("s-2", "massDeletion", Some("notes")),
    ] {
        assert!(holds.add(&other, at(3)).unwrap().is_some(), "{other:?}");
        assert!(holds.add(&other, at(4)).unwrap().is_none(), "{other:?}");
    }
    assert_eq!(
        (holds.open(None).unwrap().len(), holds.open(Some("s-1")).unwrap().len()),
        (5, 4)
    );

    let short = holds.get(&first.id).unwrap().short;
    let released = holds.release(&short, "åsa", Some("tidied up"), at(9)).unwrap();
    assert_eq!(
        (released.released, released.released_by.as_deref(), released.note.as_deref()),
        (Some(at(9)), Some("åsa"), Some("tidied up"))
    );
    let error = holds.release(&first.id, "bo", None, at(10)).unwrap_err();
    assert!(
        matches!(&error, JournalError::HoldReleased { by, .. } if by == "åsa"),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(holds.get(&first.id).unwrap(), released, "the first answer stands");
    // It trips again: a new question.
    let anew = holds.add(&again, at(11)).unwrap().unwrap();
    assert_ne!(anew.id, first.id);
    let listed = holds.list(Some("s-1"), 2).unwrap();
    assert_eq!(listed[0].id, anew.id, "newest first");
    assert_eq!((listed.len(), holds.list(None, 99).unwrap().len()), (2, 6));
}

#[test]
fn holds_are_found_by_the_beginning_of_their_id() {
    let place = Place::make();
    let holds = place.journal.holds();
    let kinds = ["a", "b", "c", "d"];
    let ids: Vec<String> = (0..)
        .zip(kinds)
        .map(|(second, kind)| holds.add(&hold("s", kind, None), at(second)).unwrap().unwrap().id)
        .collect();
    for id in &ids {
        let hold = holds.get(id).unwrap();
        assert!(hold.short.len() >= 8 && id.starts_with(&hold.short), "{}", hold.short);
        assert_eq!(holds.get(&hold.short).unwrap().id, *id);
    }
    let error = holds.get(&ids[0][..6]).unwrap_err();
    assert!(
        matches!(
            &error,
            JournalError::Ambiguous {
                what: "hold",
                count: 4,
                ..
            }
        ) && error.to_string().contains("4 hold ids"),
        "{error}"
    );
    assert!(matches!(
        holds.release(&ids[0][..6], "x", None, at(9)),
        Err(JournalError::Ambiguous { .. })
    ));
    for none in ["ffff", "", "zz"] {
        assert!(
            matches!(holds.get(none), Err(JournalError::NotFound { what: "hold", .. })),
            "{none}"
        );
    }
}

#[test]
fn a_removed_source_leaves_its_holds_answered() {
    let place = Place::make();
    let (holds, sources) = (place.journal.holds(), place.journal.sources());
    let gone = sources.add(&new_source("gone"), at(0)).unwrap();
    let before = holds.add(&hold(&gone.id, "emptied", None), at(1)).unwrap().unwrap();
    holds.release(&before.id, "åsa", None, at(2)).unwrap();
    let open = holds.add(&hold(&gone.id, "schemaChanged", None), at(3)).unwrap().unwrap();
    let other = holds.add(&hold("other", "emptied", None), at(3)).unwrap().unwrap();
    sources.remove("gone", at(7)).unwrap();
    let released = holds.get(&open.id).unwrap();
    assert_eq!(
        (
            released.released,
            released.released_by.as_deref(),
            released.source.name.as_str()
        ),
        (Some(at(7)), Some("source removed"), open.source.name.as_str())
    );
    assert_eq!(holds.get(&before.id).unwrap().released_by.as_deref(), Some("åsa"));
    assert_eq!(holds.open(None).unwrap(), [other]);
}

#[test]
fn pins_are_set_once_and_go_with_their_vault() {
    let place = Place::make();
    let (pins, vaults) = (place.journal.pins(), place.journal.vaults());
    let a = vaults.add(&new_vault("a"), at(0)).unwrap().id;
    let b = vaults.add(&new_vault("b"), at(0)).unwrap().id;
    pins.pin(&a, "beef", Some("before the move"), "åsa", at(1)).unwrap();
    pins.pin(&a, "beef", None, "bo", at(2)).unwrap();
    pins.pin(&a, "feed", None, "bo", at(2)).unwrap();
    pins.pin(&b, "beef", None, "bo", at(3)).unwrap();
    let of_a = pins.of_vault(&a).unwrap();
    assert_eq!(
        (of_a.len(), of_a[0].name.as_deref(), of_a[0].by.as_str(), of_a[0].at),
        (2, Some("before the move"), "åsa", at(1))
    );
    pins.pin(&a, "beef", Some("safe"), "bo", at(4)).unwrap();
    assert_eq!(pins.of_vault(&a).unwrap()[0].name.as_deref(), Some("safe"));
    assert!(pins.unpin(&a, "beef").unwrap());
    assert!(!pins.unpin(&a, "beef").unwrap());
    assert_eq!(pins.of_vault(&b).unwrap().len(), 1, "the other vault's stays");
    let error = pins.pin("none", "beef", None, "bo", at(5)).unwrap_err();
    assert!(matches!(&error, JournalError::NotFound { what: "vault", .. }), "{error}");
    vaults.remove("a").unwrap();
    assert!(pins.of_vault(&a).unwrap().is_empty());
}
