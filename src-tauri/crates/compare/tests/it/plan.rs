//! The restore planner for records: every combination, by table.

use backstay_compare::{Reason, RecordSide, RecordSides, Rules, Surplus, plan_record};
use backstay_model::{AssetRef, Capabilities, ConflictPolicy, ContentHash, RawJson, Record, StepAction};
use chrono::{DateTime, Utc};

use ConflictPolicy::{Ask, Both, Local, Newest, Remote, Skip};

pub const POLICIES: [ConflictPolicy; 6] = [Skip, Local, Remote, Newest, Both, Ask];

pub fn able() -> Capabilities {
    Capabilities {
        create: true,
        update: true,
        delete: true,
        ..Capabilities::default()
    }
}

fn record(data: &str, changed: Option<i64>) -> Record {
    let mut record = Record::new("1", RawJson::parse(data.as_bytes()).unwrap());
    record.changed = changed.map(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0).unwrap());
    record
}

/// A side of a case: `-` is absent, a letter is a content; a digit after it is the time of its last change.
fn side(text: &str) -> Option<Record> {
    let content = text.chars().next().filter(|c| *c != '-')?;
    Some(record(&format!(r#"{{"text":"{content}"}}"#), text[1..].parse().ok()))
}

fn sides<'a>(base: &'a Option<Record>, live: &'a Option<Record>, backup: &'a Option<Record>) -> RecordSides<'a> {
    let side = |record: &'a Option<Record>| record.as_ref().map(RecordSide::from);
    RecordSides {
        base: side(base),
        live: side(live),
        backup: side(backup),
    }
}

fn plan(base: &str, live: &str, backup: &str, policy: ConflictPolicy, surplus: Surplus) -> (StepAction, Option<Reason>) {
    let (base, live, backup) = (side(base), side(live), side(backup));
    let outcome = plan_record(
        &sides(&base, &live, &backup),
        &Rules {
            policy,
            surplus,
            can: &able(),
            computed: &[],
        },
    );
    (outcome.action, outcome.reason)
}

/// All six policies give the same.
fn always(base: &str, live: &str, backup: &str, expected: StepAction) {
    for policy in POLICIES {
        assert_eq!(
            plan(base, live, backup, policy, Surplus::Keep),
            (expected, None),
            "{base} {live} {backup} {policy:?}"
        );
    }
}

#[test]
fn without_a_conflict_the_policy_does_not_matter() {
    always("-", "-", "b", StepAction::Create);
    always("b", "-", "b", StepAction::Create);
    always("a", "-", "b", StepAction::Create);
    always("-", "b", "b", StepAction::Same);
    always("a", "b", "b", StepAction::Same);
    always("b", "b", "b", StepAction::Same);
    // The newest backup holds what is live, so an older version may come back.
    always("l", "l", "b", StepAction::Update);
    always("-", "-", "-", StepAction::Same);
    always("b", "-", "-", StepAction::Same);
}

#[test]
fn changed_since_the_newest_backup_is_decided_by_policy() {
    // Not in the newest backup; restored from it; restored from an older one.
    for base in ["-", "b", "x"] {
        let expected = [
            (Skip, StepAction::Skip, Reason::KeptLive),
            (Local, StepAction::Skip, Reason::KeptLive),
            (Remote, StepAction::Update, Reason::ReplacedByBackup),
            (Newest, StepAction::Conflict, Reason::TimesUnknown),
            (Both, StepAction::KeepBoth, Reason::BothKept),
            (Ask, StepAction::Conflict, Reason::NeedsDecision),
        ];
        for (policy, action, reason) in expected {
            assert_eq!(
                plan(base, "l", "b", policy, Surplus::Keep),
                (action, Some(reason)),
                "{base} {policy:?}"
            );
        }
    }
}

#[test]
fn newest_needs_two_different_times() {
    for (live, backup, expected) in [
        ("l5", "b4", (StepAction::Skip, Some(Reason::LiveNewer))),
        ("l4", "b5", (StepAction::Update, Some(Reason::BackupNewer))),
        ("l5", "b5", (StepAction::Conflict, Some(Reason::TimesUnknown))),
        ("l5", "b", (StepAction::Conflict, Some(Reason::TimesUnknown))),
        ("l", "b5", (StepAction::Conflict, Some(Reason::TimesUnknown))),
    ] {
        assert_eq!(plan("x", live, backup, Newest, Surplus::Keep), expected, "{live} {backup}");
    }
}

#[test]
fn what_the_backup_does_not_have_stays_unless_an_undo_removes_it() {
    for policy in POLICIES {
        for base in ["-", "l", "x"] {
            let kept = plan(base, "l", "-", policy, Surplus::Keep);
            assert_eq!(kept, (StepAction::Skip, Some(Reason::NotInBackup)), "{base} {policy:?}");
        }
        assert_eq!(
            plan("l", "l", "-", policy, Surplus::Remove),
            (StepAction::Delete, None),
            "as the restore left it"
        );
    }
    for (policy, action, reason) in [
        (Skip, StepAction::Skip, Reason::KeptLive),
        (Local, StepAction::Skip, Reason::KeptLive),
        (Both, StepAction::Skip, Reason::KeptLive),
        (Remote, StepAction::Delete, Reason::ReplacedByBackup),
        (Newest, StepAction::Conflict, Reason::TimesUnknown),
        (Ask, StepAction::Conflict, Reason::NeedsDecision),
    ] {
        for base in ["-", "x"] {
            assert_eq!(
                plan(base, "l9", "-", policy, Surplus::Remove),
                (action, Some(reason)),
                "edited since, {policy:?}"
            );
        }
    }
}

#[test]
fn what_the_target_cannot_do_is_impossible_and_says_why() {
    let cases = [
        ("-", "-", "b", Skip, Reason::CannotCreate),
        ("l", "l", "b", Skip, Reason::CannotUpdate),
        ("x", "l", "b", Remote, Reason::CannotUpdate),
        ("x", "l", "b", Both, Reason::CannotCreate),
        ("l", "l", "-", Skip, Reason::CannotDelete),
    ];
    for (base, live, backup, policy, reason) in cases {
        let (base, live, backup) = (side(base), side(live), side(backup));
        let none = Capabilities::default();
        let rules = Rules {
            policy,
            surplus: Surplus::Remove,
            can: &none,
            computed: &[],
        };
        let outcome = plan_record(&sides(&base, &live, &backup), &rules);
        assert_eq!((outcome.action, outcome.reason), (StepAction::Impossible, Some(reason)));
    }
    // Each step needs its own ability, and no other.
    let abilities = [(true, false, false), (false, true, false), (false, false, true)];
    for (create, update, delete) in abilities {
        let can = Capabilities {
            create,
            update,
            delete,
            ..Capabilities::default()
        };
        for (base, live, backup, policy, able) in [
            ("-", "-", "b", Skip, create),
            ("l", "l", "b", Skip, update),
            ("x", "l", "b", Both, create),
            ("l", "l", "-", Skip, delete),
        ] {
            let (base, live, backup) = (side(base), side(live), side(backup));
            let rules = Rules {
                policy,
                surplus: Surplus::Remove,
                can: &can,
                computed: &[],
            };
            let outcome = plan_record(&sides(&base, &live, &backup), &rules);
            assert_eq!(outcome.action != StepAction::Impossible, able, "{outcome:?} {can:?}");
        }
    }
    // Leaving things alone needs no ability.
    let (base, live, backup) = (side("x"), side("l"), side("b"));
    let none = Capabilities::default();
    for (policy, action) in [
        (Skip, StepAction::Skip),
        (Local, StepAction::Skip),
        (Ask, StepAction::Conflict),
    ] {
        let rules = Rules {
            policy,
            surplus: Surplus::Keep,
            can: &none,
            computed: &[],
        };
        assert_eq!(plan_record(&sides(&base, &live, &backup), &rules).action, action);
    }
}

#[test]
fn fields_go_from_live_to_backup() {
    let (base, live, backup) = (None, side("l"), side("b"));
    let outcome = plan_record(
        &sides(&base, &live, &backup),
        &Rules {
            policy: Ask,
            surplus: Surplus::Keep,
            can: &able(),
            computed: &[],
        },
    );
    assert_eq!(outcome.fields.len(), 1);
    assert_eq!(outcome.fields[0].field, "/text");
    assert_eq!(outcome.fields[0].before, Some("l".into()));
    assert_eq!(outcome.fields[0].after, Some("b".into()));
}

fn with_computed(base: Option<&str>, live: &str, backup: &str) -> backstay_compare::Outcome {
    let (base, live, backup) = (
        base.map(|b| record(b, None)),
        Some(record(live, None)),
        Some(record(backup, None)),
    );
    let computed = ["sum".to_owned(), "absent".to_owned()];
    plan_record(
        &sides(&base, &live, &backup),
        &Rules {
            policy: Ask,
            surplus: Surplus::Keep,
            can: &able(),
            computed: &computed,
        },
    )
}

#[test]
fn computed_fields_are_left_out_and_named() {
    let same = with_computed(None, r#"{"a":1,"sum":5}"#, r#"{"a":1,"sum":6}"#);
    assert_eq!((same.action, same.reason), (StepAction::Same, Some(Reason::OnlyComputed)));
    assert_eq!((same.left_out, same.fields), (vec!["sum".to_owned()], vec![]));

    // Only a computed field moved since the newest backup: that is no one's edit, so no conflict.
    let update = with_computed(Some(r#"{"a":2,"sum":4}"#), r#"{"a":2,"sum":5}"#, r#"{"sum":6,"a":1}"#);
    assert_eq!((update.action, update.reason), (StepAction::Update, None));
    assert_eq!(update.fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["/a"]);

    let ordered = with_computed(None, r#"{"sum":1,"a":1,"b":1,"c":1}"#, r#"{"sum":1,"a":2,"b":2,"c":2}"#);
    assert_eq!(
        ordered.fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(),
        ["/a", "/b", "/c"]
    );

    let conflict = with_computed(Some(r#"{"a":3,"sum":4}"#), r#"{"a":2,"sum":5}"#, r#"{"a":1,"sum":6}"#);
    assert_eq!(conflict.action, StepAction::Conflict);

    let (none, backup) = (None, Some(record(r#"{"sum":1}"#, None)));
    let computed = ["sum".to_owned()];
    let created = plan_record(
        &sides(&none, &none, &backup),
        &Rules {
            policy: Ask,
            surplus: Surplus::Keep,
            can: &able(),
            computed: &computed,
        },
    );
    assert_eq!((created.action, created.left_out), (StepAction::Create, computed.to_vec()));
}

#[test]
fn another_spelling_is_the_same() {
    let same = with_computed(None, r#"{"a":1.50,"b":[1]}"#, r#"{"b":[1],"a":15e-1}"#);
    assert_eq!((same.action, same.reason), (StepAction::Same, Some(Reason::SameContent)));
    let other = with_computed(None, r#"{"a":1}"#, r#"{"a":1.0}"#);
    assert_eq!(other.action, StepAction::Conflict, "a whole number is not a fraction");
}

#[test]
fn data_that_cannot_be_parsed_is_decided_by_hash() {
    let deep = |leaf: &str| format!("{}{leaf}{}", "[".repeat(500), "]".repeat(500));
    let differs = with_computed(Some(&deep("1")), &deep("1"), &deep("2"));
    assert_eq!((differs.action, differs.fields.len()), (StepAction::Update, 0));
    let conflict = with_computed(Some(&deep("0")), &deep("1"), &deep("2"));
    assert_eq!(conflict.action, StepAction::Conflict);
}

#[test]
fn hashes_alone_are_enough() {
    let hash = |text: &str| RecordSide {
        hash: ContentHash::of(text.as_bytes()),
        changed: None,
        data: None,
        assets: &[],
    };
    let plan = |base: &str, live: &str, backup: &str| {
        let sides = RecordSides {
            base: Some(hash(base)),
            live: Some(hash(live)),
            backup: Some(hash(backup)),
        };
        plan_record(
            &sides,
            &Rules {
                policy: Skip,
                surplus: Surplus::Keep,
                can: &able(),
                computed: &[],
            },
        )
        .action
    };
    assert_eq!(plan("x", "b", "b"), StepAction::Same);
    assert_eq!(plan("l", "l", "b"), StepAction::Update);
    assert_eq!(plan("x", "l", "b"), StepAction::Skip);
}

#[test]
fn another_attachment_is_another_record() {
    let with_file = |sha: &str| {
        let hash = ContentHash::of(sha.as_bytes());
        let asset = AssetRef {
            name: "f".into(),
            sha256: Some(sha.into()),
            size: None,
            media_type: None,
        };
        Record {
            assets: vec![asset],
            ..record(r#"{"a":1}"#, None).with_canonical_hash(hash)
        }
    };
    let plan = |base, live, backup| {
        let (base, live, backup) = (Some(with_file(base)), Some(with_file(live)), Some(with_file(backup)));
        plan_record(
            &sides(&base, &live, &backup),
            &Rules {
                policy: Ask,
                surplus: Surplus::Keep,
                can: &able(),
                computed: &[],
            },
        )
    };
    let outcome = plan("l", "l", "b");
    assert_eq!((outcome.action, outcome.fields.len()), (StepAction::Update, 1));
    assert_eq!(outcome.fields[0].field, "assets");
    assert_eq!(
        plan("x", "l", "b").action,
        StepAction::Conflict,
        "the attachment was replaced since the newest backup"
    );
}
