//! Excludes and includes mean what they mean in a .gitignore file.

use std::{fs, path::Path};

use backstay_model::ErrorKind;
use backstay_source::Cancel;
use backstay_source_kit::DirSink;
use serde_json::{Value, json};

use crate::kit::{Scratch, live, open, try_run, walked};

fn tree() -> Scratch {
    let scratch = Scratch::new();
    for path in [
        "a.tmp",
        "a.txt",
        "build/out.o",
        "docs/build/x.txt",
        "docs/deep/y.md",
        "docs/keep.tmp",
        "src/z.rs",
    ] {
        scratch.file(path, path);
    }
    scratch
}

/// What is taken; the live view must agree.
fn taken(scratch: &Scratch, options: Value) -> Vec<String> {
    let source = scratch.source(options.clone());
    let live = walked(&*live(&*source), None);
    let taken: Vec<String> = scratch.run(options).paths().into_iter().map(str::to_owned).collect();
    assert_eq!(taken, live, "backup and live view follow the same rules");
    taken
}

#[test]
fn excludes_by_name_by_place_and_taken_back() {
    let scratch = tree();
    let got = taken(&scratch, json!({"exclude": ["*.tmp", "!keep.tmp", "/build/"]}));
    let want = [
        "a.txt",
        "docs",
        "docs/build",
        "docs/build/x.txt",
        "docs/deep",
        "docs/deep/y.md",
        "docs/keep.tmp",
        "src",
        "src/z.rs",
    ];
    assert_eq!(got, want);
    let got = taken(&scratch, json!({"exclude": "build"}));
    assert!(!got.iter().any(|p| p.contains("build")), "{got:?}");
    let got = taken(&scratch, json!({"exclude": ["*", "!*.txt", "!*/"]}));
    assert!(
        got.contains(&"docs/build/x.txt".to_owned()) && !got.contains(&"src/z.rs".to_owned()),
        "{got:?}"
    );
}

#[test]
fn includes_take_only_what_matches_and_the_way_to_it() {
    let scratch = tree();
    assert_eq!(
        taken(&scratch, json!({"include": ["*.md"]})),
        ["docs", "docs/deep", "docs/deep/y.md"]
    );
    assert_eq!(
        taken(&scratch, json!({"include": ["/src/", "/a.txt"]})),
        ["a.txt", "src", "src/z.rs"]
    );
    let both = json!({"include": ["docs/"], "exclude": ["*.tmp", "deep"]});
    assert_eq!(taken(&scratch, both), ["docs", "docs/build", "docs/build/x.txt"]);
    assert_eq!(taken(&scratch, json!({"include": ["nothing"]})), Vec::<String>::new());
    let except = json!({"include": ["docs/", "!docs/deep/"]});
    assert_eq!(
        taken(&scratch, except),
        ["docs", "docs/build", "docs/build/x.txt", "docs/keep.tmp"]
    );
}

#[test]
fn an_exclude_file_comes_before_the_excludes() {
    let scratch = tree();
    let list = scratch.beside("list");
    fs::write(&list, "# a comment\n\n*.txt\n*.tmp\n").unwrap();
    let options = json!({"exclude-file": list, "exclude": ["!a.tmp", "/docs", "/build", "/src"]});
    assert_eq!(taken(&scratch, options.clone()), ["a.tmp"]);
    fs::remove_file(&list).unwrap();
    let source = scratch.source(options);
    assert_eq!(try_run(&*source, DirSink::new()).unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(source.probe(&Cancel::default()).unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn caches_keep_only_their_tag() {
    let scratch = tree();
    scratch.file("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# cache\n");
    scratch.file("cache/big/thing", "x");
    scratch.file("fake/CACHEDIR.TAG", "something else");
    scratch.file("fake/thing", "x");
    let got = taken(&scratch, json!({"exclude-caches": true}));
    let below = |dir: &str| got.iter().filter(|p| p.starts_with(dir)).cloned().collect::<Vec<_>>();
    assert_eq!(below("cache"), ["cache", "cache/CACHEDIR.TAG"]);
    assert_eq!(below("fake"), ["fake", "fake/CACHEDIR.TAG", "fake/thing"]);
    assert!(taken(&scratch, json!({})).contains(&"cache/big/thing".to_owned()));
}

#[test]
fn other_disks_are_entered_only_without_the_flag() {
    // /dev and /dev/shm are different disks on every Linux; the skip is for places that have neither.
    let (dev, shm) = (Path::new("/dev"), Path::new("/dev/shm"));
    use std::os::unix::fs::MetadataExt as _;
    let device = |path: &Path| fs::metadata(path).map(|m| m.dev()).ok();
    let mark = tempfile::Builder::new().prefix("backstay-test").tempfile_in(shm);
    let (Ok(mark), true) = (mark, device(dev) != device(shm)) else {
        eprintln!("skipped: no disk of its own at /dev/shm");
        return;
    };
    let name = mark.path().file_name().unwrap().to_str().unwrap();
    let walk = |options: Value| walked(&*live(&*open(dev, options).unwrap()), Some("shm"));
    let inner = format!("shm/{name}");
    assert!(walk(json!({"include": ["/shm/"]})).contains(&inner));
    assert_eq!(walk(json!({"include": ["/shm/"], "one-file-system": true})), ["shm"]);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let scratch = tree();
    for options in [
        json!({"exclude": ["a[z-a]"]}),
        json!({"exclude": [""]}),
        json!({"include": ["# comment"]}),
        json!({"path": "relative/path"}),
        json!({"path": ""}),
    ] {
        let error = open(&scratch.root(), options.clone()).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Usage, "{options}: {error}");
        assert!(error.hint.is_some(), "{options}");
    }
}

#[test]
fn a_probe_tells_what_would_be_read() {
    let scratch = tree();
    let probe = scratch
        .source(json!({"exclude": ["*.tmp"]}))
        .probe(&Cancel::default())
        .unwrap();
    assert_eq!(
        probe.bytes,
        Some(("a.txt".len() + "build/out.o".len() + "docs/build/x.txt".len() + "docs/deep/y.md".len() + "src/z.rs".len()) as u64)
    );
    assert_eq!(probe.found[0], "a.txt: 1 files, 5 bytes");
    assert!(probe.warnings.is_empty());
    let nothing = scratch.source(json!({"include": ["zzz"]})).probe(&Cancel::default()).unwrap();
    assert_eq!(nothing.warnings.len(), 1);
}
