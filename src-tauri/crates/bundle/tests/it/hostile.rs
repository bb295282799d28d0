//! Every trick of a hostile archive is refused with its code, quickly, and nothing is written anywhere.

use std::{fs, path::Path, time::Instant};

use backstay_bundle::{Bundle, BundleError, CHECKSUMS, Limits, METADATA, Manifest, NameFault};
use backstay_model::ErrorKind;

use crate::{
    raw::{Raw, archive, bundle, end, raw},
    support,
};

/// Opens an archive as everything that uses bundles does, reading all of it. A canary proves that nothing was written beside it.
fn open(bytes: &[u8], limits: &Limits) -> Result<(), BundleError> {
    let dir = tempfile::tempdir().unwrap();
    let below = dir.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    fs::write(dir.path().join("canary"), "alive").unwrap();
    let path = below.join("x.backstay.zip");
    fs::write(&path, bytes).unwrap();
    let before = support::tree(dir.path());
    let started = Instant::now();
    let result = read_all(&path, limits);
    assert!(started.elapsed().as_secs() < 10, "a refusal takes no time");
    assert_eq!(support::tree(dir.path()), before, "nothing was written");
    assert_eq!(fs::read(dir.path().join("canary")).unwrap(), b"alive");
    result
}

fn read_all(path: &Path, limits: &Limits) -> Result<(), BundleError> {
    let bundle = Bundle::open(path, limits)?;
    Manifest::open(&bundle, None)?;
    for entry in bundle.below("") {
        bundle.content(entry.name, None)?;
    }
    Ok(())
}

fn refused(entries: &[Raw]) -> BundleError {
    open(&bundle(entries), &Limits::default()).expect_err("it must be refused")
}

fn with(change: impl FnOnce(&mut Raw)) -> Raw {
    let mut entry = raw("pages/x.md", b"some text");
    change(&mut entry);
    entry
}

#[test]
fn an_honest_bundle_made_by_hand_passes() {
    open(
        &bundle(&[raw("pages/x.md", b"text"), raw("pages/y.md", b"")]),
        &Limits::default(),
    )
    .unwrap();
}

#[test]
fn names_that_lead_out_or_mean_two_things() {
    for (name, wanted) in [
        ("../evil", NameFault::Traversal),
        ("pages/../../evil", NameFault::Traversal),
        ("./x", NameFault::Traversal),
        ("/etc/evil", NameFault::Absolute),
        ("C:/evil", NameFault::Colon),
        ("pages\\..\\evil", NameFault::Backslash),
        ("pages/a\0b", NameFault::Control),
        ("pages/a\nb", NameFault::Control),
        ("pages//b", NameFault::Empty),
        ("pages/a ", NameFault::Trailing),
    ] {
        let error = refused(&[raw(name, b"x")]);
        assert!(
            matches!(&error, BundleError::Name { fault, .. } if *fault == wanted),
            "{name:?}: {error}"
        );
        assert_eq!(error.kind(), ErrorKind::Damaged);
    }
    let mut odd = raw("x", b"x");
    odd.name = b"pages/\xff".to_vec();
    assert!(matches!(
        refused(&[odd]),
        BundleError::Name {
            fault: NameFault::NotText,
            ..
        }
    ));
    let mut second = raw("pages/a", b"x");
    second.extra = [&[0x75, 0x70, 13, 0, 1, 0, 0, 0, 0][..], b"../evil!"].concat();
    assert!(matches!(
        refused(&[second]),
        BundleError::Name {
            fault: NameFault::Second,
            ..
        }
    ));
}

#[test]
fn names_that_clash() {
    let two = |a: &str, b: &str| refused(&[raw(a, b"1"), raw(b, b"2")]);
    assert!(matches!(two("pages/a", "pages/a"), BundleError::Duplicate { .. }));
    assert!(matches!(two("pages/a", "pages/A"), BundleError::Clash { .. }));
    assert!(matches!(two("pages/é", "pages/e\u{301}"), BundleError::Clash { .. }));
    assert!(matches!(two("pages/A/x", "pages/a/y"), BundleError::Clash { .. }));
    assert!(matches!(two("pages/a", "pages/a/b"), BundleError::FileAndDirectory { .. }));
    assert!(matches!(two("pages/a/b", "pages/a"), BundleError::FileAndDirectory { .. }));
}

#[test]
fn links_devices_and_encryption() {
    for mode in [0o120_777_u32, 0o020_666, 0o060_666, 0o010_666, 0o140_777, 0o040_755] {
        let error = refused(&[with(|e| e.external = mode << 16)]);
        assert!(matches!(error, BundleError::NotPlain { .. }), "{mode:o}: {error}");
    }
    let hard = with(|e| e.extra = [&[0x0d, 0, 16, 0][..], &[0; 12], b"link"].concat());
    assert!(matches!(refused(&[hard]), BundleError::NotPlain { .. }));
    let encrypted = refused(&[with(|e| e.flags = 1)]);
    assert!(matches!(encrypted, BundleError::Encrypted { .. }));
    assert_eq!(encrypted.kind(), ErrorKind::Unsupported);
    let odd = with(|e| (e.method, e.packed_size) = (14, Some(9)));
    assert!(matches!(refused(&[odd]), BundleError::Method { method: 14, .. }));
}

#[test]
fn content_that_is_not_what_it_says() {
    assert!(matches!(refused(&[with(|e| e.crc = Some(1))]), BundleError::Checksum { .. }));
    assert!(matches!(
        refused(&[with(|e| e.wrong_sum = true)]),
        BundleError::Checksum { .. }
    ));
    assert!(matches!(
        refused(&[with(|e| e.unlisted = true)]),
        BundleError::Unlisted { .. }
    ));
    // Announces less, or more, than it holds.
    assert!(matches!(
        refused(&[with(|e| e.size = Some(3))]),
        BundleError::Size { size: 3, .. }
    ));
    assert!(matches!(
        refused(&[with(|e| e.size = Some(300))]),
        BundleError::Size { size: 300, .. }
    ));
    let mut rubbish = raw("pages/x", b"not deflated at all");
    rubbish.method = 0;
    let mut bytes = bundle(&[rubbish]);
    // Stored content that says it is deflated.
    for at in 0..bytes.len() - 12 {
        if bytes[at..].starts_with(b"PK\x03\x04") && at == 0 {
            bytes[8] = 8;
        }
        if bytes[at..].starts_with(b"PK\x01\x02") && bytes[at + 46..].starts_with(b"pages/x") {
            bytes[at + 10] = 8;
        }
    }
    assert!(matches!(open(&bytes, &Limits::default()), Err(BundleError::Size { .. })));
}

#[test]
fn bombs() {
    // Ten megabytes of zeros in ten kilobytes.
    let error = refused(&[raw("pages/bomb", &vec![0; 10 << 20])]);
    assert!(matches!(error, BundleError::Ratio { .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::Limit);
    // Says it is small and is not: cut off at what it announced.
    let mut lying = raw("pages/bomb", &vec![0; 10 << 20]);
    lying.size = Some(1000);
    assert!(matches!(refused(&[lying]), BundleError::Size { size: 1000, .. }));
    // Many, each below the limit of one.
    let small = |n: usize| raw(&format!("pages/{n}"), &vec![0; 1 << 20]);
    let many: Vec<Raw> = (0..100).map(small).collect();
    assert!(matches!(refused(&many), BundleError::Ratio { entry, .. } if entry == "the bundle"));
    // Entries that share one content.
    let first = raw("pages/a", b"shared");
    let mut shared = raw("pages/b", b"shared");
    shared.at = Some(0);
    let error = refused(&[first, shared]);
    assert!(
        matches!(error, BundleError::Header { .. } | BundleError::Overlap { .. }),
        "{error}"
    );
}

#[test]
fn limits_are_kept() {
    let entries: Vec<Raw> = (0..20).map(|n| raw(&format!("pages/{n}"), b"0123456789")).collect();
    let bytes = bundle(&entries);
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        open(&bytes, &limits).expect_err("beyond the limit")
    };
    assert!(matches!(limits(|l| l.entries = 10), BundleError::TooMany { .. }));
    assert!(matches!(limits(|l| l.entry_bytes = 9), BundleError::TooLarge { .. }));
    assert!(matches!(limits(|l| l.total_bytes = 100), BundleError::TooLargeInAll { .. }));
    assert!(matches!(limits(|l| l.metadata_bytes = 10), BundleError::TooLarge { .. }));
    assert!(matches!(limits(|l| l.checksums_bytes = 10), BundleError::TooLarge { .. }));
}

#[test]
fn archives_that_are_cut_patched_or_no_bundle() {
    let whole = bundle(&[raw("pages/x.md", b"text")]);
    for cut in 1..whole.len() {
        assert!(open(&whole[..cut], &Limits::default()).is_err(), "cut at {cut}");
    }
    let limits = Limits::default();
    let mut longer = whole.clone();
    longer.extend(b"tail");
    assert!(matches!(open(&longer, &limits), Err(BundleError::Structure { .. })));
    let mut before = b"PK stub".to_vec();
    before.extend(&whole);
    assert!(matches!(open(&before, &limits), Err(BundleError::Structure { .. })));
    let mut commented = whole[..whole.len() - 22].to_vec();
    end(&mut commented, 3, 0, 0, 4);
    commented.extend(b"note");
    assert!(open(&commented, &limits).is_err());
    assert!(matches!(open(b"hello", &limits), Err(BundleError::NotABundle { .. })));
    assert!(matches!(open(b"", &limits), Err(BundleError::NotABundle { .. })));
    let plain = archive(&[raw("readme.txt", b"a ZIP of somebody")]);
    assert!(matches!(open(&plain, &limits), Err(BundleError::NotABundle { .. })));
    let renamed = with(|e| e.local_name = Some(b"pages/y.md".to_vec()));
    assert!(matches!(refused(&[renamed]), BundleError::Header { .. }));
}

#[test]
fn metadata_missing_wrong_or_of_a_newer_backstay() {
    let missing = archive(&[raw(CHECKSUMS, b"")]);
    assert!(matches!(
        open(&missing, &Limits::default()),
        Err(BundleError::NotABundle { .. })
    ));
    assert!(matches!(refused(&[raw(METADATA, b"{")]), BundleError::BadJson { .. }));
    assert!(matches!(refused(&[raw(METADATA, b"[]")]), BundleError::BadJson { .. }));
    let mut newer = serde_json::to_value(support::meta()).unwrap();
    newer["formatVersion"] = 99.into();
    newer["somethingElse"] = true.into();
    let error = refused(&[raw(METADATA, newer.to_string().as_bytes())]);
    assert!(matches!(error, BundleError::Newer { found: 99, .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let mut newer = serde_json::to_value(support::meta()).unwrap();
    newer["extra"]["bundle"]["format"] = 7.into();
    assert!(matches!(
        refused(&[raw(METADATA, newer.to_string().as_bytes())]),
        BundleError::Newer { found: 7, .. }
    ));
}

#[test]
fn lists_of_files_that_lead_elsewhere() {
    let list = |lines: &str| refused(&[raw("files/a", b"1"), raw("files.ndjson", lines.as_bytes())]);
    let file = |path: &str| format!("{{\"path\":\"{path}\",\"kind\":\"file\",\"size\":1,\"place\":\"a\"}}\n");
    for path in ["../a", "%2E%2E/a", "x%2F..%2Fa", "/a", "a//b", "a%00", "%61", ""] {
        let error = list(&file(path));
        assert!(matches!(error, BundleError::BadLine { line: 1, .. }), "{path}: {error}");
    }
    // Below a link, below nothing, twice, out of order, of another size, not there, left out.
    let link = "{\"path\":\"l\",\"kind\":\"link\",\"target\":\"/etc\"}\n".to_owned();
    for lines in [
        link + &file("l/a"),
        file("d/a"),
        file("a") + &file("a"),
        file("b") + &file("a"),
        file("a").replace(":1", ":2"),
        file("a").replace("\"place\":\"a\"", "\"place\":\"b\""),
        file("a").trim_end().to_owned(),
    ] {
        let error = list(&lines);
        assert!(matches!(error, BundleError::BadLine { .. }), "{lines}: {error}");
    }
    assert!(matches!(list(""), BundleError::Unlisted { .. }));
    assert!(matches!(refused(&[raw("files/a", b"1")]), BundleError::Unlisted { .. }));
}

#[cfg(unix)]
#[test]
fn directories_with_links_and_strangers() {
    use backstay_bundle::Format;
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("secret"), "s").unwrap();
    let make = |name: &str| {
        let path = dir.path().join(name);
        support::write(&path, Format::Directory, &[("a", b"1"), ("d/", b""), ("d/b", b"2")]);
        read_all(&path, &Limits::default()).unwrap();
        path
    };
    let path = make("link");
    fs::remove_file(path.join("files/a")).unwrap();
    std::os::unix::fs::symlink("../../secret", path.join("files/a")).unwrap();
    assert!(matches!(
        read_all(&path, &Limits::default()),
        Err(BundleError::NotPlain { .. })
    ));

    let path = make("later");
    let bundle = Bundle::open(&path, &Limits::default()).unwrap();
    fs::rename(path.join("files/d"), dir.path().join("moved")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("moved"), path.join("files/d")).unwrap();
    let error = bundle.content("files/d/b", None).unwrap_err();
    assert!(
        matches!(error, BundleError::Changed { .. }),
        "a link put there later is not followed: {error}"
    );

    let path = make("stranger");
    fs::write(path.join("files/new"), "x").unwrap();
    assert!(matches!(
        read_all(&path, &Limits::default()),
        Err(BundleError::Unlisted { .. })
    ));

    let path = make("gone");
    fs::remove_file(path.join("files/a")).unwrap();
    assert!(matches!(
        read_all(&path, &Limits::default()),
        Err(BundleError::Missing { .. })
    ));

    let path = make("flipped");
    fs::write(path.join("files/a"), "9").unwrap();
    assert!(matches!(
        read_all(&path, &Limits::default()),
        Err(BundleError::Checksum { .. })
    ));
}
