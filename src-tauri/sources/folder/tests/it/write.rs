//! A restore writes whole files or none, never over what it did not expect, and never through a link.

use std::{
    fs::{self, File},
    io::{self, Cursor, Read},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
};

use backstay_model::{ContentHash, ErrorKind, FileEntry, FileKind, FileMeta};
use backstay_source::{Cancel, Expect, FileWriter, Result, Written};
use chrono::{DateTime, Utc};

use crate::kit::{Scratch, entry, file_entry, live, mode, names, run, writer};

fn put(writer: &mut dyn FileWriter, path: &str, content: &[u8], expect: Expect) -> Result<Written> {
    writer.put(&file_entry(path, content), &mut &*content, expect)
}

fn content(bytes: &[u8]) -> Expect {
    Expect::Content(ContentHash::of(bytes))
}

#[test]
fn a_tree_comes_back_as_it_was() {
    let scratch = Scratch::new();
    let script = scratch.file("bin/script", "#!/bin/sh");
    scratch.file("docs/deep/text", "hello");
    scratch.file("empty-file", "");
    fs::create_dir(scratch.root().join("closed")).unwrap();
    symlink("deep/text", scratch.root().join("docs/link")).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(scratch.root().join("closed"), fs::Permissions::from_mode(0o500)).unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 123_456_789);
    for path in ["bin/script", "docs/deep", "docs"] {
        File::open(scratch.root().join(path)).unwrap().set_modified(old).unwrap();
    }
    let taken = run(&*scratch.plain());
    let target = scratch.new_place("new");
    let mut writer = writer(&*target);
    for file in taken.files() {
        let mut content = file.content.open().unwrap();
        let written = writer.put(&file.entry, &mut content, Expect::Absent).unwrap();
        assert_eq!(
            written.hash.unwrap(),
            backstay_source::FileView::hash(&taken, &file.entry.path).unwrap()
        );
    }
    writer.finish().unwrap();
    let again = run(&*target);
    assert_eq!(again.paths(), taken.paths());
    for (before, after) in taken.files().zip(again.files()) {
        let facts = |e: &FileEntry| (e.kind.clone(), e.size, e.meta.modified, e.meta.mode, e.meta.uid, e.meta.gid);
        assert_eq!(facts(&before.entry), facts(&after.entry), "{}", before.entry.path);
        assert_eq!(before.content.bytes().unwrap(), after.content.bytes().unwrap());
    }
}

#[test]
fn nothing_is_written_over_what_was_not_expected() {
    let scratch = Scratch::new();
    scratch.file("f", "live");
    let source = scratch.plain();
    let mut writer = writer(&*source);
    let changed = |result: Result<Written>| assert_eq!(result.unwrap_err().kind, ErrorKind::Changed);
    changed(put(&mut *writer, "f", b"backup", Expect::Absent));
    changed(put(&mut *writer, "f", b"backup", content(b"other")));
    changed(put(&mut *writer, "missing", b"backup", content(b"live")));
    changed(writer.remove("f", content(b"other")));
    changed(writer.remove("f", Expect::Absent));
    changed(writer.remove("missing", content(b"live")));
    assert_eq!(fs::read(scratch.root().join("f")).unwrap(), b"live");
    assert_eq!(names(&scratch.root()), ["f"], "nothing was left behind");

    put(&mut *writer, "f", b"backup", content(b"live")).unwrap();
    assert_eq!(fs::read(scratch.root().join("f")).unwrap(), b"backup");
    writer.remove("f", content(b"backup")).unwrap();
    writer.remove("f", Expect::Absent).unwrap();
    writer.finish().unwrap();
    assert_eq!(names(&scratch.root()), Vec::<String>::new());
}

/// Content that changes something in the world when it is read to the end.
struct Then<'a>(Cursor<Vec<u8>>, &'a dyn Fn());

impl Read for Then<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.0.read(buffer)?;
        if n == 0 {
            (self.1)();
        }
        Ok(n)
    }
}

#[test]
fn what_changes_while_the_content_comes_is_not_overwritten() {
    let scratch = Scratch::new();
    let path = scratch.file("f", "live");
    let source = scratch.plain();
    let mut writer = writer(&*source);
    let edit = || fs::write(&path, "edit").unwrap();
    let mut slow = Then(Cursor::new(b"backup".to_vec()), &edit);
    let error = writer
        .put(&file_entry("f", b"backup"), &mut slow, content(b"live"))
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Changed);
    assert_eq!(fs::read(&path).unwrap(), b"edit");
    let appear = || fs::write(scratch.root().join("g"), "mine").unwrap();
    let mut slow = Then(Cursor::new(b"backup".to_vec()), &appear);
    let error = writer
        .put(&file_entry("g", b"backup"), &mut slow, Expect::Absent)
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Changed);
    assert_eq!(fs::read(scratch.root().join("g")).unwrap(), b"mine");
    assert_eq!(names(&scratch.root()), ["f", "g"]);
}

#[test]
fn links_are_never_followed() {
    let scratch = Scratch::new();
    let outside = scratch.beside("outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, scratch.root().join("way")).unwrap();
    symlink(outside.join("victim"), scratch.root().join("f")).unwrap();
    let source = scratch.plain();
    let mut writer = writer(&*source);
    let error = put(&mut *writer, "way/f", b"x", Expect::Absent).unwrap_err();
    assert_eq!((error.kind, error.hint.is_some()), (ErrorKind::Refused, true), "{error}");
    let error = writer
        .put(&entry("way/d", FileKind::Directory, 0), &mut io::empty(), Expect::Absent)
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert_eq!(writer.remove("way/f", Expect::Absent).unwrap_err().kind, ErrorKind::Refused);
    // The link itself can be replaced when it is what the plan saw.
    let target = outside.join("victim").to_str().unwrap().to_owned();
    put(&mut *writer, "f", b"x", content(target.as_bytes())).unwrap();
    assert!(names(&outside).is_empty());
    assert_eq!(fs::read(scratch.root().join("f")).unwrap(), b"x");
}

#[test]
fn paths_that_lead_out_are_refused() {
    let scratch = Scratch::new();
    let source = scratch.plain();
    let mut writer = writer(&*source);
    for path in ["../x", "a/../../x", "/tmp/x", "", "a//b", "%2E%2E/x", "..%2Fx", "a\0", "."] {
        assert_eq!(
            put(&mut *writer, path, b"x", Expect::Absent).unwrap_err().kind,
            ErrorKind::Refused,
            "{path:?}"
        );
        assert_eq!(
            writer.remove(path, content(b"x")).unwrap_err().kind,
            ErrorKind::Refused,
            "{path:?}"
        );
    }
    assert_eq!(names(scratch.dir.path()), ["src"]);
}

#[test]
fn a_directory_where_a_file_should_go_and_the_reverse() {
    let scratch = Scratch::new();
    scratch.file("dir/in", "x");
    scratch.file("file", "x");
    let source = scratch.plain();
    let mut writer = writer(&*source);
    let directory = |path: &str| entry(path, FileKind::Directory, 0);
    for expect in [Expect::Absent, content(b""), content(b"x")] {
        assert_eq!(put(&mut *writer, "dir", b"y", expect).unwrap_err().kind, ErrorKind::Changed);
        assert_eq!(
            put(&mut *writer, "file/below", b"y", expect).unwrap_err().kind,
            ErrorKind::Changed
        );
        let error = writer.put(&directory("file"), &mut io::empty(), expect).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Changed);
    }
    assert_eq!(
        writer
            .put(&directory("dir"), &mut io::empty(), Expect::Absent)
            .unwrap_err()
            .kind,
        ErrorKind::Changed
    );
    let missing = writer.put(&directory("none"), &mut io::empty(), content(b""));
    assert_eq!(missing.unwrap_err().kind, ErrorKind::Changed);
    assert_eq!(
        writer.remove("dir", content(b"")).unwrap_err().kind,
        ErrorKind::Refused,
        "not empty"
    );
    writer.remove("dir/in", content(b"x")).unwrap();
    writer.remove("dir", content(b"")).unwrap();
    assert_eq!(names(&scratch.root()), ["file"]);
}

#[test]
fn directories_get_their_mode_and_times_when_their_content_is_there() {
    let scratch = Scratch::new();
    let modified: DateTime<Utc> = "2001-02-03T04:05:06.789012345Z".parse().unwrap();
    let dir = |path: &str, mode: u32| FileEntry {
        meta: FileMeta {
            mode: Some(mode),
            modified: Some(modified),
            ..FileMeta::default()
        },
        ..entry(path, FileKind::Directory, 0)
    };
    let target = scratch.new_place("new");
    let root = scratch.beside("new");
    let mut writer = writer(&*target);
    writer.put(&dir("a", 0o555), &mut io::empty(), Expect::Absent).unwrap();
    assert_eq!(mode(&root.join("a")), 0o700, "closed to others while it is being filled");
    put(&mut *writer, "a/f", b"x", Expect::Absent).unwrap();
    put(&mut *writer, "b/implied/f", b"x", Expect::Absent).unwrap();
    assert_eq!(mode(&root.join("a")), 0o555, "done as soon as the work is elsewhere");
    writer
        .put(&dir("b/implied", 0o750), &mut io::empty(), Expect::Absent)
        .unwrap();
    writer.finish().unwrap();
    for (path, expected) in [("a", 0o555), ("b/implied", 0o750)] {
        let meta = fs::metadata(root.join(path)).unwrap();
        assert_eq!(
            (meta.mtime(), meta.mtime_nsec()),
            (modified.timestamp(), 789_012_345),
            "{path}"
        );
        assert_eq!(mode(&root.join(path)), expected, "{path}");
    }
    // A directory that is there can be given its facts again.
    writer.put(&dir("a", 0o711), &mut io::empty(), content(b"")).unwrap();
    writer.finish().unwrap();
    assert_eq!(mode(&root.join("a")), 0o711);
}

#[test]
fn holes_stay_holes_and_long_zeros_become_some() {
    let scratch = Scratch::new();
    let target = scratch.new_place("new");
    let mut writer = writer(&*target);
    let mut bytes = vec![0; 8 << 20];
    bytes[5_000_000] = 1;
    bytes.extend_from_slice(b"tail");
    let mut sparse = file_entry("sparse", &bytes);
    sparse.meta.sparse = true;
    writer.put(&sparse, &mut bytes.as_slice(), Expect::Absent).unwrap();
    put(&mut *writer, "plain", &bytes, Expect::Absent).unwrap();
    let zeros = vec![0; 1 << 20];
    put(&mut *writer, "all", &zeros, Expect::Absent).unwrap();
    writer.finish().unwrap();
    let disk = |name: &str| fs::metadata(scratch.beside("new").join(name)).unwrap().blocks() * 512;
    assert!(disk("sparse") <= 64 * 1024, "{}", disk("sparse"));
    assert!(disk("plain") <= 256 * 1024, "{}", disk("plain"));
    assert_eq!(disk("all"), 0);
    for (name, wanted) in [("sparse", &bytes), ("plain", &bytes), ("all", &zeros)] {
        assert!(fs::read(scratch.beside("new").join(name)).unwrap() == *wanted, "{name}");
    }
}

/// Content that ends with an error.
struct Broken(usize);

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("pack 1234 is damaged"));
        }
        let n = self.0.min(buffer.len());
        self.0 -= n;
        Ok(n)
    }
}

#[test]
fn content_that_fails_or_has_another_length_leaves_nothing() {
    let scratch = Scratch::new();
    scratch.file("f", "live");
    let source = scratch.plain();
    let mut writer = writer(&*source);
    for (expect, path) in [(Expect::Absent, "new"), (content(b"live"), "f")] {
        let mut with =
            |size: u64, bytes: &mut dyn Read| writer.put(&entry(path, FileKind::File, size), bytes, expect).unwrap_err();
        assert_eq!(with(1_000_000, &mut Broken(500_000)).kind, ErrorKind::Io);
        assert_eq!(with(5, &mut &b"four"[..]).kind, ErrorKind::Damaged);
        assert_eq!(with(3, &mut &b"four"[..]).kind, ErrorKind::Damaged);
    }
    assert_eq!(names(&scratch.root()), ["f"]);
    assert_eq!(fs::read(scratch.root().join("f")).unwrap(), b"live");
}

#[test]
fn cancelling_within_a_file_leaves_nothing() {
    let scratch = Scratch::new();
    let cancel = Cancel::default();
    let mut writer = scratch.plain().file_writer(&cancel).unwrap();
    let stop = || cancel.cancel();
    let mut slow = Then(Cursor::new(vec![1; 100]), &stop).chain(Then(Cursor::new(vec![1; 1_000_000]), &|| {}));
    let error = writer
        .put(&entry("f", FileKind::File, 1_000_100), &mut slow, Expect::Absent)
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Cancelled);
    assert!(names(&scratch.root()).is_empty());
}

#[test]
fn beside_what_is_there_under_a_new_name() {
    let scratch = Scratch::new();
    scratch.file("d/notes.txt", "live");
    let source = scratch.plain();
    let mut writer = writer(&*source);
    let mut new_names = Vec::new();
    for _ in 0..2 {
        let written = writer
            .put_beside(&file_entry("d/notes.txt", b"backup"), &mut &b"backup"[..])
            .unwrap();
        assert_eq!(written.hash, Some(ContentHash::of(b"backup")));
        let id = written.new_id.unwrap();
        assert!(id.starts_with("d/notes (restored 20") && id.ends_with(").txt"), "{id}");
        assert_eq!(fs::read(scratch.root().join(&id)).unwrap(), b"backup");
        new_names.push(id);
    }
    assert_ne!(new_names[0], new_names[1]);
    assert_eq!(fs::read(scratch.root().join("d/notes.txt")).unwrap(), b"live");
    let error = writer
        .put_beside(&entry("d", FileKind::Directory, 0), &mut io::empty())
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
}

/// Name of the temporary file of `name`.
fn temp_name(name: &str) -> String {
    format!(".backstay-{}.part", ContentHash::of(name.as_bytes()))
}

#[test]
fn what_a_killed_restore_left_is_cleared_and_a_running_one_respected() {
    let scratch = Scratch::new();
    let leftover = scratch.file(&temp_name("f"), "half");
    let source = scratch.plain();
    let mut writer = writer(&*source);
    put(&mut *writer, "f", b"whole", Expect::Absent).unwrap();
    assert_eq!(names(&scratch.root()), ["f"]);
    fs::write(&leftover, "half").unwrap();
    fs::remove_file(scratch.root().join("f")).unwrap();
    let other = File::open(&leftover).unwrap();
    other.lock().unwrap();
    assert_eq!(
        put(&mut *writer, "f", b"whole", Expect::Absent).unwrap_err().kind,
        ErrorKind::Locked
    );
    assert_eq!(fs::read(&leftover).unwrap(), b"half", "left to the one who writes it");
    drop(other);
    put(&mut *writer, "f", b"whole", Expect::Absent).unwrap();
    let mut link = entry("l", FileKind::Symlink("f".to_owned()), 0);
    link.meta.mode = None;
    symlink("elsewhere", scratch.root().join(temp_name("l"))).unwrap();
    writer.put(&link, &mut io::empty(), Expect::Absent).unwrap();
    assert_eq!(names(&scratch.root()), ["f", "l"]);
    assert_eq!(fs::read_link(scratch.root().join("l")).unwrap(), Path::new("f"));
}

#[test]
fn a_folder_that_may_not_be_written_says_so() {
    let scratch = Scratch::new();
    scratch.file("d/f", "live");
    for dir in ["d", "."] {
        fs::set_permissions(scratch.root().join(dir), fs::Permissions::from_mode(0o555)).unwrap();
    }
    let Some(()) = crate::unprivileged::run(|| {
        let source = scratch.plain();
        let mut writer = writer(&*source);
        assert_eq!(
            put(&mut *writer, "d/g", b"x", Expect::Absent).unwrap_err().kind,
            ErrorKind::Auth
        );
        assert_eq!(
            put(&mut *writer, "d/f", b"x", content(b"live")).unwrap_err().kind,
            ErrorKind::Auth
        );
        assert_eq!(
            put(&mut *writer, "new/f", b"x", Expect::Absent).unwrap_err().kind,
            ErrorKind::Auth
        );
        assert_eq!(writer.remove("d/f", content(b"live")).unwrap_err().kind, ErrorKind::Auth);
    }) else {
        return;
    };
    assert_eq!(live(&*scratch.plain()).hash("d/f").unwrap(), ContentHash::of(b"live"));
}

#[test]
fn an_owner_that_cannot_be_set_takes_no_powers_along() {
    let scratch = Scratch::new();
    let mut tool = file_entry("tool", b"x");
    tool.meta.mode = Some(0o6755);
    (tool.meta.uid, tool.meta.gid) = (Some(12_345), Some(12_345));
    let Some(()) = crate::unprivileged::run(|| {
        let source = scratch.plain();
        let mut writer = writer(&*source);
        writer.put(&tool, &mut &b"x"[..], Expect::Absent).unwrap();
        writer.finish().unwrap();
    }) else {
        return;
    };
    assert_eq!(mode(&scratch.root().join("tool")), 0o755, "not set-user-id for somebody else");
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    // A file size limit of the process would need a signal handler; a small disk needs the administrator.
    let scratch = Scratch::new();
    let disk = scratch.beside("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
        .arg(&disk)
        .output();
    if !mounted.is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: no small disk could be mounted");
        return;
    }
    let source = scratch.new_place("disk");
    let mut writer = writer(&*source);
    let kept = put(&mut *writer, "small", b"x", Expect::Absent).map(|_| ());
    let full = put(&mut *writer, "large", &vec![1; 2 << 20], Expect::Absent);
    let over = put(&mut *writer, "small", &vec![1; 2 << 20], content(b"x"));
    let left = names(&disk);
    let small = fs::read(disk.join("small"));
    let remounted = std::process::Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(&disk)
        .status()
        .unwrap()
        .success();
    let read_only = put(&mut *writer, "more", b"x", Expect::Absent);
    drop(writer);
    let unmounted = std::process::Command::new("umount").arg(&disk).status().unwrap().success();
    kept.unwrap();
    assert_eq!(full.unwrap_err().kind, ErrorKind::Full);
    assert_eq!(over.unwrap_err().kind, ErrorKind::Full);
    assert_eq!(left, ["small"]);
    assert_eq!(small.unwrap(), b"x");
    assert!(remounted && unmounted);
    let error = read_only.unwrap_err();
    assert!(
        error.kind == ErrorKind::Auth && error.message.contains("read-only"),
        "{error}"
    );
}

#[test]
fn records_are_not_taken() {
    let scratch = Scratch::new();
    let taken = backstay_source_kit::Taken::default();
    let error = scratch.plain().record_writer(&taken, &Cancel::default()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Unsupported);
    assert!(scratch.plain().live_records(&Cancel::default()).unwrap().is_none());
}
