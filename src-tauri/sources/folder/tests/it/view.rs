//! The live view says what is there now.

use std::{fs, io::Read as _, os::unix::fs::symlink};

use backstay_model::{ContentHash, ErrorKind, FileKind};
use backstay_source::Cancel;
use serde_json::json;

use crate::kit::{Scratch, live, walked};

fn tree() -> Scratch {
    let scratch = Scratch::new();
    for path in ["a/b/c", "a/b.txt", "a-b", "a.b", "z"] {
        scratch.file(path, path);
    }
    symlink("a", scratch.root().join("link")).unwrap();
    scratch
}

#[test]
fn walks_depth_first_by_bytes_and_below_a_place() {
    let scratch = tree();
    let view = live(&*scratch.plain());
    assert_eq!(
        walked(&*view, None),
        ["a", "a/b", "a/b/c", "a/b.txt", "a-b", "a.b", "link", "z"],
        "a directory's content comes right behind it"
    );
    assert_eq!(walked(&*view, Some("a")), ["a", "a/b", "a/b/c", "a/b.txt"]);
    assert_eq!(walked(&*view, Some("a/b")), ["a/b", "a/b/c"]);
    assert_eq!(walked(&*view, Some("a/b/c")), ["a/b/c"]);
    for nothing in ["nothing", "a/nothing", "z/below-a-file", "link/b", "a/b/c/d"] {
        assert_eq!(walked(&*view, Some(nothing)), Vec::<String>::new(), "{nothing}");
    }
}

#[test]
fn rules_hold_below_a_place_too() {
    let scratch = tree();
    let view = live(&*scratch.source(json!({"exclude": ["/a/b/"]})));
    assert_eq!(walked(&*view, Some("a/b")), Vec::<String>::new());
    let view = live(&*scratch.source(json!({"include": ["c"]})));
    assert_eq!(walked(&*view, Some("a/b")), ["a/b", "a/b/c"]);
    assert_eq!(walked(&*view, Some("a/b/c")), ["a/b/c"]);
}

#[test]
fn stat_open_and_hash_agree_and_follow_no_link() {
    let scratch = tree();
    let view = live(&*scratch.plain());
    let entry = view.stat("a/b/c").unwrap().unwrap();
    assert_eq!((entry.kind, entry.size), (FileKind::File, 5));
    let mut text = String::new();
    view.open("a/b/c").unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "a/b/c");
    assert_eq!(view.hash("a/b/c").unwrap(), ContentHash::of(b"a/b/c"));
    assert_eq!(view.hash("link").unwrap(), ContentHash::of(b"a"));
    assert_eq!(
        view.stat("link/b.txt").unwrap(),
        None,
        "what lies behind a link is not part of the folder"
    );
    assert_eq!(view.stat("nothing").unwrap(), None);
    assert_eq!(view.open("link/b.txt").err().unwrap().kind, ErrorKind::NotFound);
    assert_eq!(view.open("nothing").err().unwrap().kind, ErrorKind::NotFound);
    assert_eq!(view.open("link").err().unwrap().kind, ErrorKind::Unsupported);
    assert_eq!(view.open("a").err().unwrap().kind, ErrorKind::Unsupported);
}

#[test]
fn stat_tells_the_truth_about_what_the_rules_leave_out() {
    let scratch = tree();
    let view = live(&*scratch.source(json!({"exclude": ["z"]})));
    assert!(!walked(&*view, None).contains(&"z".to_owned()));
    assert!(
        view.stat("z").unwrap().is_some(),
        "a restore must not take the place for free"
    );
}

#[test]
fn paths_that_lead_out_are_refused() {
    let scratch = tree();
    fs::write(scratch.beside("outside"), "x").unwrap();
    let view = live(&*scratch.plain());
    for path in [
        "../outside",
        "a/../../outside",
        "/etc/passwd",
        "",
        "a//b",
        "./a",
        "a%2F..%2F..%2Foutside",
        "a\0b",
        "%2E%2E/outside",
    ] {
        assert_eq!(view.stat(path).unwrap_err().kind, ErrorKind::Refused, "{path:?}");
        assert_eq!(view.open(path).err().unwrap().kind, ErrorKind::Refused, "{path:?}");
        assert_eq!(view.walk(Some(path)).err().unwrap().kind, ErrorKind::Refused, "{path:?}");
    }
}

#[test]
fn a_place_that_does_not_exist_is_empty_and_makes_nothing() {
    let scratch = tree();
    let view = live(&*scratch.new_place("new/place"));
    assert_eq!(walked(&*view, None), Vec::<String>::new());
    assert_eq!(walked(&*view, Some("a")), Vec::<String>::new());
    assert_eq!(view.stat("a").unwrap(), None);
    assert!(!scratch.beside("new").exists());
}

#[test]
fn a_cancelled_walk_ends_with_that() {
    let scratch = tree();
    let cancel = Cancel::default();
    let view = scratch.plain().live_files(&cancel).unwrap().unwrap();
    let mut walk = view.walk(None).unwrap();
    assert!(walk.next().unwrap().is_ok());
    cancel.cancel();
    assert_eq!(walk.next().unwrap().unwrap_err().kind, ErrorKind::Cancelled);
    assert!(walk.next().is_none());
}
