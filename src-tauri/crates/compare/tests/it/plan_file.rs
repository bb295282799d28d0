//! The restore planner for files.

use backstay_compare::{FileSide, FileSides, Outcome, Reason, Rules, Surplus, plan_file};
use backstay_model::{ConflictPolicy, FileEntry, FileKind, FileMeta, StepAction};
use chrono::DateTime;

use super::plan::{POLICIES, able};

struct Case {
    entry: FileEntry,
    content: Option<String>,
}

/// A regular file whose content is named by `content`.
fn file(content: &str) -> Option<Case> {
    made(FileKind::File, Some(content))
}

fn made(kind: FileKind, content: Option<&str>) -> Option<Case> {
    let meta = FileMeta {
        mode: Some(0o644),
        ..FileMeta::default()
    };
    let size = content.map_or(0, str::len) as u64;
    Some(Case {
        entry: FileEntry {
            path: "a".into(),
            kind,
            size,
            meta,
        },
        content: content.map(str::to_owned),
    })
}

fn with(mut case: Option<Case>, change: impl FnOnce(&mut Case)) -> Option<Case> {
    change(case.as_mut().unwrap());
    case
}

fn plan(base: &Option<Case>, live: &Option<Case>, backup: &Option<Case>, policy: ConflictPolicy) -> Outcome {
    plan_with(base, live, backup, policy, Surplus::Keep)
}

fn plan_with(
    base: &Option<Case>,
    live: &Option<Case>,
    backup: &Option<Case>,
    policy: ConflictPolicy,
    surplus: Surplus,
) -> Outcome {
    fn side(case: &Option<Case>) -> Option<FileSide<'_>> {
        case.as_ref().map(|c| FileSide {
            entry: &c.entry,
            content: c.content.as_deref(),
        })
    }
    let sides = FileSides {
        base: side(base),
        live: side(live),
        backup: side(backup),
    };
    plan_file(
        &sides,
        &Rules {
            policy,
            surplus,
            can: &able(),
            computed: &[],
        },
    )
}

fn fields(outcome: &Outcome) -> Vec<&str> {
    outcome.fields.iter().map(|f| f.field.as_str()).collect()
}

#[test]
fn follows_the_table_of_records() {
    for policy in POLICIES {
        assert_eq!(plan(&None, &None, &file("b"), policy).action, StepAction::Create);
        assert_eq!(plan(&file("x"), &file("b"), &file("b"), policy).action, StepAction::Same);
        assert_eq!(plan(&file("l"), &file("l"), &file("b"), policy).action, StepAction::Update);
        assert_eq!(plan(&file("x"), &file("l"), &None, policy).reason, Some(Reason::NotInBackup));
        assert_eq!(
            plan_with(&file("l"), &file("l"), &None, policy, Surplus::Remove).action,
            StepAction::Delete
        );
    }
    for base in [None, file("b"), file("x")] {
        for (policy, action) in [
            (ConflictPolicy::Skip, StepAction::Skip),
            (ConflictPolicy::Local, StepAction::Skip),
            (ConflictPolicy::Remote, StepAction::Update),
            (ConflictPolicy::Newest, StepAction::Conflict),
            (ConflictPolicy::Both, StepAction::KeepBoth),
            (ConflictPolicy::Ask, StepAction::Conflict),
        ] {
            assert_eq!(plan(&base, &file("l"), &file("b"), policy).action, action, "{policy:?}");
        }
    }
}

#[test]
fn newest_looks_at_the_time_of_change() {
    let at = |content: &str, seconds| {
        with(file(content), |c| {
            c.entry.meta.modified = DateTime::from_timestamp(seconds, 0);
        })
    };
    assert_eq!(
        plan(&None, &at("l", 2), &at("b", 1), ConflictPolicy::Newest).reason,
        Some(Reason::LiveNewer)
    );
    assert_eq!(
        plan(&None, &at("l", 1), &at("b", 2), ConflictPolicy::Newest).reason,
        Some(Reason::BackupNewer)
    );
}

#[test]
fn times_are_not_content_but_permissions_are() {
    let touched = with(file("b"), |c| c.entry.meta.modified = DateTime::from_timestamp(5, 0));
    assert_eq!(
        plan(&None, &touched, &file("b"), ConflictPolicy::Skip).action,
        StepAction::Same
    );
    let private = with(file("b"), |c| c.entry.meta.mode = Some(0o600));
    let outcome = plan(&private, &private, &file("b"), ConflictPolicy::Skip);
    assert_eq!((outcome.action, fields(&outcome)), (StepAction::Update, vec!["/mode"]));
    let unknown = with(file("b"), |c| c.entry.meta.mode = None);
    assert_eq!(
        plan(&None, &unknown, &file("b"), ConflictPolicy::Skip).action,
        StepAction::Same
    );
}

#[test]
fn says_what_differs() {
    assert_eq!(
        fields(&plan(&None, &file("ll"), &file("b"), ConflictPolicy::Ask)),
        ["/size", "/content"]
    );
    assert_eq!(
        fields(&plan(&None, &file("l"), &file("b"), ConflictPolicy::Ask)),
        ["/content"]
    );
    let link = |target: &str| made(FileKind::Symlink(target.into()), None);
    assert_eq!(fields(&plan(&None, &link("x"), &link("y"), ConflictPolicy::Ask)), ["/target"]);
    assert_eq!(
        plan(&None, &link("x"), &link("x"), ConflictPolicy::Ask).action,
        StepAction::Same
    );
    assert_eq!(fields(&plan(&None, &link("x"), &file("b"), ConflictPolicy::Ask)), ["/kind"]);
}

/// A file nobody hashed must not pass as unchanged.
#[test]
fn unknown_content_counts_as_different() {
    let unknown = with(file("b"), |c| c.content = None);
    assert_eq!(
        plan(&unknown, &unknown, &file("b"), ConflictPolicy::Skip).action,
        StepAction::Skip
    );
    assert_eq!(
        plan(&file("b"), &unknown, &unknown, ConflictPolicy::Skip).action,
        StepAction::Skip
    );
}

#[test]
fn nothing_is_removed_to_make_room() {
    let directory = made(FileKind::Directory, None);
    let socket = made(FileKind::Other, None);
    for live in [&directory, &socket] {
        let forced = plan(live, live, &file("b"), ConflictPolicy::Remote);
        assert_eq!(
            (forced.action, forced.reason),
            (StepAction::Impossible, Some(Reason::InTheWay))
        );
        assert_eq!(
            plan(&None, live, &file("b"), ConflictPolicy::Both).action,
            StepAction::KeepBoth
        );
        assert_eq!(plan(&None, live, &file("b"), ConflictPolicy::Skip).action, StepAction::Skip);
    }
    assert_eq!(
        plan(&None, &directory, &directory, ConflictPolicy::Remote).action,
        StepAction::Same
    );
    assert_eq!(
        plan(&file("l"), &file("l"), &directory, ConflictPolicy::Remote).action,
        StepAction::Update
    );
    assert_eq!(
        plan(&None, &None, &socket, ConflictPolicy::Remote).reason,
        Some(Reason::NotStored)
    );
}
