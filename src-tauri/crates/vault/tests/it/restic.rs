//! restic is the judge: what is written here it lists, checks and restores; what it writes is read here.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use backstay_vault::{Chunking, FileAttrs, NodeKind, WriterOptions};

use crate::support::{Scratch, attrs, content, content_at, draft, moment, noise, small_packs, words};

#[test]
fn restic_lists_checks_and_restores_what_we_write() {
    let s = Scratch::new();
    let writer = s.vault.writer(small_packs()).unwrap();
    let text = words(1, 3_000_000);
    let database = noise(2, 300_000);
    writer
        .put_file(
            "files/big.txt",
            &attrs(),
            text.len() as u64,
            &mut &text[..],
            Chunking::ContentDefined,
        )
        .unwrap();
    writer
        .put_bytes("files/data.db", &attrs(), &database, Chunking::Fixed(16 << 10))
        .unwrap();
    writer.put_bytes("files/empty", &attrs(), b"", Chunking::Whole).unwrap();
    writer
        .put_bytes("metadata.json", &FileAttrs::default(), b"{\"a\":1}", Chunking::Whole)
        .unwrap();
    writer.put_symlink("files/link", &FileAttrs::default(), "big.txt").unwrap();
    writer
        .put_dir(
            "files/nothing",
            &FileAttrs {
                mode: Some(0o1770),
                ..attrs()
            },
        )
        .unwrap();
    let odd: [&[u8]; 6] = [
        b"a\"b\\c\n",
        b"caf\xc3\xa9 <&>",
        b"\xff\xfe",
        "🦀".as_bytes(),
        b"%41",
        b"\x7f\x01",
    ];
    for name in odd {
        let path = [b"odd/", name].concat();
        writer.put_bytes(&path, &attrs(), name, Chunking::Whole).unwrap();
    }
    let mut draft = draft(0);
    draft.tags = vec!["one".into(), "two".into()];
    draft.label = "label".into();
    draft.description = Some("what it is".into());
    let written = writer.commit(draft).unwrap();
    assert!(written.stats.packs >= 4, "{:?}", written.stats);

    s.check();
    let listed: serde_json::Value = serde_json::from_str(&s.restic_ok(&["snapshots", "--json"])).unwrap();
    assert_eq!(listed[0]["id"], written.snapshot.id.to_hex());
    assert_eq!(listed[0]["tags"], serde_json::json!(["one", "two"]));
    assert!(s.restic_ok(&["ls", "latest"]).contains("/files/data.db"));
    let out = s.restore(&written.snapshot.id);
    assert!(fs::read(out.join("files/big.txt")).unwrap() == text);
    assert!(fs::read(out.join("files/data.db")).unwrap() == database);
    assert_eq!(fs::read(out.join("files/empty")).unwrap(), b"");
    assert_eq!(fs::read(out.join("metadata.json")).unwrap(), b"{\"a\":1}");
    assert_eq!(fs::read_link(out.join("files/link")).unwrap().to_str(), Some("big.txt"));
    let meta = fs::metadata(out.join("files/data.db")).unwrap();
    assert_eq!(meta.permissions().mode() & 0o7777, 0o640);
    assert_eq!((meta.mtime(), meta.mtime_nsec()), (moment(-77).timestamp(), 120_000_000));
    assert_eq!(
        fs::metadata(out.join("files/nothing")).unwrap().permissions().mode() & 0o7777,
        0o1770
    );
    for name in odd {
        let path = out.join("odd").join(std::ffi::OsStr::from_bytes(name));
        assert_eq!(fs::read(&path).unwrap(), name, "{path:?}");
    }
    // restic keeps what it does not know when it copies the repository's files; we read it back as written.
    let again = s.reopen().snapshots().unwrap();
    assert_eq!(again.good, vec![written.snapshot]);
    assert!(again.damaged.is_empty());
}

#[test]
fn sizes_are_true() {
    // restic makes a file of the size that is noted, and takes no byte of content beyond it.
    let s = Scratch::new();
    for (n, chunking) in [Chunking::Whole, Chunking::Fixed(4096), Chunking::ContentDefined]
        .into_iter()
        .enumerate()
    {
        let writer = s.vault.writer(small_packs()).unwrap();
        let mut expected = Vec::new();
        for size in [0, 1, 511, 4095, 4096, 4097, 262_144, 262_145, 5_000_001] {
            let data = words(size as u64, size);
            let node = writer
                .put_file(format!("f{size}"), &attrs(), size as u64, &mut &data[..], chunking)
                .unwrap();
            assert_eq!(node.size, size as u64);
            expected.push((format!("f{size}"), data));
        }
        let snapshot = writer.commit(draft(n as i64)).unwrap().snapshot;
        let out = s.restore(&snapshot.id);
        for (name, data) in expected {
            assert!(fs::read(out.join(&name)).unwrap() == data, "{name} by restic, {chunking:?}");
            assert!(content_at(&s.vault, &snapshot, &name) == data, "{name} by us, {chunking:?}");
        }
    }
    s.check();
}

#[test]
fn we_read_what_restic_writes() {
    let s = Scratch::new();
    let source = s.dir.path().join("source");
    fs::create_dir_all(source.join("sub/deeper")).unwrap();
    let big = words(5, 6_000_000);
    fs::write(source.join("big"), &big).unwrap();
    fs::write(source.join("sub/small"), b"small").unwrap();
    fs::write(source.join("sub/deeper/\"quoted\\ \u{1f980}"), b"x").unwrap();
    fs::set_permissions(source.join("sub/small"), fs::Permissions::from_mode(0o4711)).unwrap();
    std::os::unix::fs::symlink("sub/small", source.join("link")).unwrap();
    assert!(
        std::process::Command::new("mkfifo")
            .arg(source.join("pipe"))
            .status()
            .unwrap()
            .success()
    );
    s.restic_ok(&["backup", "--host", "elsewhere", "--tag", "theirs", source.to_str().unwrap()]);

    let vault = s.reopen();
    let snapshots = vault.snapshots().unwrap();
    let snapshot = snapshots.resolve("latest").unwrap();
    assert_eq!(
        (snapshot.hostname.as_str(), &snapshot.tags[..]),
        ("elsewhere", &["theirs".to_owned()][..])
    );
    let reader = vault.reader().unwrap();
    let base = source.to_str().unwrap().trim_start_matches('/').to_owned();
    let get = |name: &str| reader.find(snapshot, format!("{base}/{name}")).unwrap().unwrap();
    assert!(content(&reader, &get("big")) == big);
    let small = get("sub/small");
    assert_eq!((small.attrs.mode, small.size), (Some(0o4711), 5));
    assert_eq!(content(&reader, &get("sub/deeper/\"quoted\\ \u{1f980}")), b"x");
    assert_eq!(
        get("link").kind,
        NodeKind::Symlink {
            target: b"sub/small".to_vec()
        }
    );
    assert_eq!(
        get("pipe").kind,
        NodeKind::Special {
            kind: "fifo".into(),
            device: 0
        }
    );
    let mut piece = vec![0; 1000];
    assert_eq!(reader.read_at(&get("big"), 5_999_500, &mut piece).unwrap(), 500);
    assert!(piece[..500] == big[5_999_500..]);

    // Taken over as they are, restic restores them the same.
    let writer = vault.writer(WriterOptions::default()).unwrap();
    let root = reader.find(snapshot, &base).unwrap().unwrap();
    writer.reuse("all", &root).unwrap();
    for node in reader.list(&root).unwrap() {
        writer.reuse([b"one/", &node.name[..]].concat(), &node).unwrap();
    }
    let written = writer.commit(draft(1)).unwrap();
    assert_eq!(written.stats.data_blobs, 0, "nothing was stored again");
    s.check();
    let out = s.restore(&written.snapshot.id);
    assert!(fs::read(out.join("one/big")).unwrap() == big);
    assert_eq!(
        fs::metadata(out.join("one/sub/small")).unwrap().permissions().mode() & 0o7777,
        0o4711
    );
    let mut diff = std::process::Command::new("diff");
    diff.args(["-r", "--no-dereference", "-x", "pipe"])
        .arg(&source)
        .arg(out.join("all"));
    let status = diff.status().unwrap();
    assert!(status.success());
}

#[test]
fn restic_goes_on_in_our_vault_and_finds_its_own_trees_as_it_would_write_them() {
    let s = Scratch::new();
    let source = s.dir.path().join("source");
    fs::create_dir_all(&source).unwrap();
    fs::write(source.join("a<b>&c"), b"1").unwrap();
    fs::write(source.join("quote\"back\\slash\ttab"), b"2").unwrap();
    s.restic_ok(&["backup", source.to_str().unwrap()]);
    let vault = s.reopen();
    let reader = vault.reader().unwrap();
    let snapshot = vault.snapshots().unwrap().resolve("latest").unwrap().clone();
    let base = source.to_str().unwrap().trim_start_matches('/').to_owned();
    let theirs = reader.find(&snapshot, &base).unwrap().unwrap();
    // Node by node through our own encoder: the same blob, hence the same bytes as Go's.
    let writer = vault.writer(WriterOptions::default()).unwrap();
    for node in reader.list(&theirs).unwrap() {
        writer.reuse([b"copy/", &node.name[..]].concat(), &node).unwrap();
    }
    let ours = writer.commit(draft(1)).unwrap().snapshot;
    let ours = reader.find(&ours, "copy").unwrap();
    assert_eq!(ours.unwrap().subtree, theirs.subtree, "our encoding differs from restic's");
    s.restic_ok(&["backup", source.to_str().unwrap()]);
    s.check();
}
