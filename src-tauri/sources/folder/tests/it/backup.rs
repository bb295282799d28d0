//! A backup run gives everything there is, and names what it could not give.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{Read, Seek as _, SeekFrom, Write as _},
    os::unix::{
        ffi::OsStrExt as _,
        fs::{MetadataExt as _, PermissionsExt as _, symlink},
        net::UnixListener,
    },
    sync::Arc,
};

use backstay_model::{ErrorKind, FileEntry, FileKind, Gap, WorkspaceMeta};
use backstay_source::{Cancel, FeedMode, FileHint, FileView as _, Result, Sink, SourceError, Stored};
use backstay_source_kit::DirSink;
use parking_lot::Mutex;
use serde_json::json;

use crate::kit::{Scratch, open, run, try_run};

#[test]
fn gives_files_directories_and_links_with_their_facts() {
    let scratch = Scratch::new();
    let file = scratch.file("a/b/text", "hello");
    scratch.file("a.txt", "");
    fs::create_dir(scratch.root().join("empty")).unwrap();
    symlink("../elsewhere", scratch.root().join("a/link")).unwrap();
    symlink("a", scratch.root().join("to-dir")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o4750)).unwrap();

    let taken = scratch.run(json!({}));
    assert_eq!(taken.paths(), ["a", "a/b", "a/b/text", "a/link", "a.txt", "empty", "to-dir"]);
    assert!(taken.gaps.is_empty(), "{:?}", taken.gaps);
    assert_eq!(taken.bytes("a/b/text").unwrap().unwrap(), "hello");
    let entry = &taken.file("a/b/text").unwrap().entry;
    let system = fs::metadata(&file).unwrap();
    assert_eq!((entry.kind.clone(), entry.size), (FileKind::File, 5));
    assert_eq!(entry.meta.mode, Some(0o4750));
    assert_eq!((entry.meta.uid, entry.meta.gid), (Some(system.uid()), Some(system.gid())));
    assert_eq!(
        (entry.meta.inode, entry.meta.device, entry.meta.links),
        (system.ino(), system.dev(), 1)
    );
    let modified = entry.meta.modified.unwrap();
    assert_eq!(modified.timestamp(), system.mtime());
    assert_eq!(i64::from(modified.timestamp_subsec_nanos()), system.mtime_nsec());
    assert_eq!(
        taken.file("a/link").unwrap().entry.kind,
        FileKind::Symlink("../elsewhere".to_owned())
    );
    assert_eq!(taken.file("empty").unwrap().entry.kind, FileKind::Directory);
    let mut left = taken.left.clone();
    left.sort();
    assert_eq!(
        left,
        ["a", "a/b", "empty"],
        "every directory is left once; a link to one is none"
    );
}

#[test]
fn odd_names_come_back_byte_for_byte() {
    let scratch = Scratch::new();
    let long = "l".repeat(255);
    let odd: [&[u8]; 6] = [b"caf\xe9", b"new\nline", b"100%", b"%41", b" \t ", long.as_bytes()];
    for name in odd {
        fs::write(scratch.root().join(OsStr::from_bytes(name)), name).unwrap();
    }
    fs::create_dir(scratch.root().join(OsStr::from_bytes(b"d\xff"))).unwrap();
    fs::write(scratch.root().join(OsStr::from_bytes(b"d\xff/in")), "x").unwrap();
    let taken = scratch.run(json!({}));
    assert!(taken.gaps.is_empty(), "{:?}", taken.gaps);
    for name in odd {
        let path = FileEntry::escape(name);
        assert_eq!(taken.bytes(&path).unwrap().unwrap(), name, "{path}");
    }
    assert_eq!(taken.bytes("d%FF/in").unwrap().unwrap(), "x");
}

#[test]
fn hard_links_and_holes_are_told() {
    let scratch = Scratch::new();
    let first = scratch.file("first", "same");
    fs::hard_link(&first, scratch.root().join("second")).unwrap();
    let mut holes = File::create(scratch.root().join("holes")).unwrap();
    holes.seek(SeekFrom::Start(10 << 20)).unwrap();
    holes.write_all(b"end").unwrap();
    drop(holes);
    let taken = scratch.run(json!({}));
    let meta = |path: &str| taken.file(path).unwrap().entry.meta.clone();
    assert_eq!((meta("first").inode, meta("first").links), (meta("second").inode, 2));
    assert!(meta("holes").sparse && !meta("first").sparse);
    assert_eq!(taken.bytes("holes").unwrap().unwrap().len(), (10 << 20) + 3);
}

#[test]
fn a_second_run_reads_only_what_changed() {
    let scratch = Scratch::new();
    for n in 0..200 {
        scratch.file(&format!("d{}/f{n}", n % 7), format!("{n}"));
    }
    let first = Arc::new(scratch.run(json!({})));
    scratch.file("d3/f3", "other");
    fs::remove_file(scratch.root().join("d4/f4")).unwrap();
    let second = try_run(&*scratch.plain(), DirSink::after(first)).unwrap();
    assert_eq!(second.read.iter().collect::<Vec<_>>(), ["d3/f3"]);
    assert_eq!(second.unchanged.len(), 198);
    assert_eq!(second.bytes("d3/f3").unwrap().unwrap(), "other");
    assert!(second.file("d4/f4").is_none());
}

#[test]
fn directories_are_left_after_all_that_is_in_them() {
    let scratch = Scratch::new();
    for n in 0..600 {
        scratch.file(&format!("a{}/b{}/c{}/f{n}", n % 3, n % 7, n % 11), "x");
    }
    // The sink notes what comes after its directory was left, and what is left twice; the helper insists on neither.
    let taken = scratch.run(json!({}));
    let directories = taken.files().filter(|f| f.entry.kind == FileKind::Directory).count();
    assert_eq!((taken.left.len(), taken.read.len()), (directories, 600));
    let place = |path: &str| taken.left.iter().position(|l| l == path);
    for path in &taken.left {
        if let Some((parent, _)) = path.rsplit_once('/') {
            assert!(place(path) < place(parent), "{path} before {parent}");
        }
    }
}

#[test]
fn a_tree_deeper_than_any_path_or_handle_limit() {
    use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
    let scratch = Scratch::new();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let mut at = openat(CWD, scratch.root().as_path(), flags, Mode::empty()).unwrap();
    let depth = 1_200;
    for _ in 0..depth {
        mkdirat(&at, c"deep", Mode::RWXU).unwrap();
        at = openat(&at, c"deep", flags, Mode::empty()).unwrap();
    }
    let file = openat(&at, c"bottom", OFlags::CREATE | OFlags::WRONLY, Mode::RWXU).unwrap();
    rustix::io::write(&file, b"found").unwrap();
    let taken = scratch.run(json!({}));
    assert!(taken.gaps.is_empty(), "{:?}", taken.gaps);
    let bottom = format!("{}bottom", "deep/".repeat(depth));
    assert!(bottom.len() > 4096);
    assert_eq!(taken.bytes(&bottom).unwrap().unwrap(), "found");
    let source = scratch.plain();
    let live = crate::kit::live(&*source);
    assert_eq!(live.stat(&bottom).unwrap().unwrap().size, 5);
    assert_eq!(live.walk(Some(&bottom)).unwrap().count(), 1);
    assert_eq!(live.hash(&bottom).unwrap(), taken.hash(&bottom).unwrap());

    let target = scratch.new_place("restored");
    let mut writer = crate::kit::writer(&*target);
    for file in taken.files() {
        let mut content: Box<dyn Read> = Box::new(file.content.open().unwrap());
        writer
            .put(&file.entry, &mut content, backstay_source::Expect::Absent)
            .unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(
        crate::kit::live(&*target).hash(&bottom).unwrap(),
        taken.hash(&bottom).unwrap()
    );
}

#[test]
fn sockets_and_pipes_are_named_or_left_out_by_rule() {
    let scratch = Scratch::new();
    let _socket = UnixListener::bind(scratch.root().join("s")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, scratch.root().join("p"), rustix::fs::Mode::RUSR).unwrap();
    scratch.file("f", "x");
    let taken = scratch.run(json!({}));
    assert_eq!(taken.paths(), ["f"]);
    assert_eq!(taken.gap("s").unwrap().kind, ErrorKind::Unsupported);
    assert!(taken.gap("s").unwrap().message.contains("is a socket"));
    assert!(taken.gap("p").unwrap().message.contains("is a pipe"));
    let by_rule = scratch.run(json!({"skip-special": true}));
    assert!(by_rule.gaps.is_empty() && by_rule.paths() == ["f"]);
    let excluded = scratch.run(json!({"exclude": ["/s", "/p"]}));
    assert!(excluded.gaps.is_empty());
}

#[test]
fn a_missing_folder_and_a_file_as_folder_are_errors_with_a_next_step() {
    let scratch = Scratch::new();
    let missing = open(&scratch.beside("nowhere"), json!({})).unwrap();
    let error = try_run(&*missing, DirSink::new()).unwrap_err();
    assert_eq!((error.kind, error.hint.is_some()), (ErrorKind::NotFound, true), "{error}");
    assert_eq!(missing.probe(&Cancel::default()).unwrap_err().kind, ErrorKind::NotFound);
    let file = scratch.file("file", "x");
    let error = try_run(&*open(&file, json!({})).unwrap(), DirSink::new()).unwrap_err();
    assert_eq!((error.kind, error.hint.is_some()), (ErrorKind::Usage, true), "{error}");
}

#[test]
fn a_cancelled_run_ends_with_that() {
    let scratch = Scratch::new();
    scratch.file("f", "x");
    let cancel = Cancel::default();
    cancel.cancel();
    let error = try_run(&*scratch.plain(), DirSink::new().with_cancel(cancel)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Cancelled);
}

/// What a [`Meddler`] does with a path.
type Meddling = Box<dyn Fn(&str) + Send + Sync>;

/// A sink that meddles with files at chosen moments, as other programs do.
struct Meddler {
    inner: DirSink,
    /// Called before a file is announced to the sink proper.
    before: Meddling,
    /// Called after the first byte of content was read.
    within: Meddling,
    fired: Mutex<Vec<String>>,
}

impl Meddler {
    fn new(before: Meddling, within: Meddling) -> Self {
        Self {
            inner: DirSink::new(),
            before,
            within,
            fired: Mutex::new(Vec::new()),
        }
    }
}

impl Sink for Meddler {
    fn begin_collection(&self, collection: &backstay_model::Collection, mode: FeedMode) -> Result<()> {
        self.inner.begin_collection(collection, mode)
    }
    fn records(&self, collection: &str, batch: Vec<backstay_model::Change>) -> Result<()> {
        self.inner.records(collection, batch)
    }
    fn end_collection(&self, collection: &str) -> Result<()> {
        self.inner.end_collection(collection)
    }
    fn file(&self, entry: &FileEntry, hint: FileHint, open: &mut dyn FnMut() -> Result<Box<dyn Read + Send>>) -> Result<Stored> {
        (self.before)(&entry.path);
        let mut opened = || -> Result<Box<dyn Read + Send>> {
            let mut reader = open()?;
            let mut first = vec![0; 1.min(usize::try_from(entry.size).unwrap())];
            reader.read_exact(&mut first).map_err(|e| SourceError::io(&entry.path, e))?;
            (self.within)(&entry.path);
            self.fired.lock().push(entry.path.clone());
            Ok(Box::new(std::io::Cursor::new(first).chain(reader)))
        };
        self.inner.file(entry, hint, &mut opened)
    }
    fn leave_directory(&self, path: &str) -> Result<()> {
        self.inner.leave_directory(path)
    }
    fn keep(&self, path: &str) -> Result<bool> {
        self.inner.keep(path)
    }
    fn asset(&self, name: &str, size: u64, content: &mut (dyn Read + Send)) -> Result<String> {
        self.inner.asset(name, size, content)
    }
    fn workspace(&self, meta: WorkspaceMeta) {
        self.inner.workspace(meta);
    }
    fn gap(&self, gap: Gap) {
        self.inner.gap(gap);
    }
    fn total(&self, items: Option<u64>, bytes: Option<u64>) {
        self.inner.total(items, bytes);
    }
    fn cancel(&self) -> &Cancel {
        self.inner.cancel()
    }
}

fn nothing() -> Meddling {
    Box::new(|_| {})
}

/// Runs with another program changing files; gives what came and how often content was read.
fn meddled(scratch: &Scratch, before: Meddling, within: Meddling) -> (backstay_source_kit::Taken, usize) {
    let sink = Meddler::new(before, within);
    scratch.plain().changes(None, &sink).unwrap();
    let fired = sink.fired.lock().len();
    let taken = sink.inner.finish();
    assert!(taken.breaches.is_empty(), "{:?}", taken.breaches);
    (taken, fired)
}

#[test]
fn a_file_that_changes_once_while_read_is_read_again() {
    let scratch = Scratch::new();
    let path = scratch.file("f", "old old");
    let done = Mutex::new(false);
    let (taken, read) = meddled(
        &scratch,
        nothing(),
        Box::new(move |_| {
            if !std::mem::replace(&mut *done.lock(), true) {
                fs::write(&path, "new and longer").unwrap();
            }
        }),
    );
    assert_eq!(read, 2);
    assert_eq!(taken.bytes("f").unwrap().unwrap(), "new and longer");
    assert!(taken.gaps.is_empty(), "{:?}", taken.gaps);
}

#[test]
fn a_file_replaced_between_look_and_open_is_looked_at_again() {
    let scratch = Scratch::new();
    let path = scratch.file("f", "old");
    let done = Mutex::new(false);
    let (taken, _) = meddled(
        &scratch,
        Box::new(move |_| {
            if !std::mem::replace(&mut *done.lock(), true) {
                let other = path.with_extension("new");
                fs::write(&other, "new").unwrap();
                fs::rename(&other, &path).unwrap();
            }
        }),
        nothing(),
    );
    assert_eq!(taken.bytes("f").unwrap().unwrap(), "new");
    assert!(taken.gaps.is_empty(), "{:?}", taken.gaps);
}

#[test]
fn a_file_that_never_rests_is_stored_and_named() {
    let scratch = Scratch::new();
    let path = scratch.file("log", "line\n");
    let (taken, read) = meddled(
        &scratch,
        nothing(),
        Box::new(move |_| {
            let mut log = File::options().append(true).open(&path).unwrap();
            log.write_all(b"line\n").unwrap();
        }),
    );
    assert_eq!(read, 3, "three attempts");
    assert_eq!(taken.gap("log").unwrap().kind, ErrorKind::Changed);
    let stored = taken.bytes("log").unwrap().unwrap();
    assert_eq!(stored, "line\n".repeat(3), "as it was when the last attempt began");
    assert_eq!(taken.file("log").unwrap().entry.size, 15);
}

#[test]
fn a_file_that_keeps_shrinking_is_named_and_not_half_stored() {
    let scratch = Scratch::new();
    let path = scratch.file("f", vec![1; 10_000]);
    let (taken, read) = meddled(
        &scratch,
        nothing(),
        Box::new(move |_| {
            let file = File::options().write(true).open(&path).unwrap();
            let size = file.metadata().unwrap().len();
            file.set_len(size / 2).unwrap();
        }),
    );
    assert_eq!(read, 3);
    assert_eq!(taken.gap("f").unwrap().kind, ErrorKind::Changed);
    assert!(taken.file("f").is_none());
}

#[test]
fn what_disappears_between_listing_and_reading_is_named() {
    let scratch = Scratch::new();
    let path = scratch.file("f", "x");
    scratch.file("g", "y");
    let (taken, _) = meddled(
        &scratch,
        Box::new(move |name| {
            if name == "f" {
                fs::remove_file(&path).unwrap();
            }
        }),
        nothing(),
    );
    let gap = taken.gap("f").unwrap();
    assert_eq!(
        (gap.kind, gap.message.as_str()),
        (ErrorKind::Changed, "disappeared while being read")
    );
    assert_eq!(taken.paths(), ["g"], "the rest goes on");
}

#[test]
fn a_file_that_becomes_a_link_is_never_followed() {
    let scratch = Scratch::new();
    let secret = scratch.beside("secret");
    fs::write(&secret, "secret").unwrap();
    let path = scratch.file("f", "public");
    let (taken, _) = meddled(
        &scratch,
        Box::new({
            let secret = secret.clone();
            move |_| {
                let _ = fs::remove_file(&path);
                symlink(&secret, &path).unwrap();
            }
        }),
        nothing(),
    );
    let target = FileKind::Symlink(secret.to_str().unwrap().to_owned());
    assert_eq!(taken.file("f").unwrap().entry.kind, target);
    assert!(taken.bytes("f").unwrap().unwrap().is_empty());
}

#[test]
fn an_error_of_the_sink_ends_the_run() {
    struct Full(DirSink);
    impl Sink for Full {
        fn begin_collection(&self, _: &backstay_model::Collection, _: FeedMode) -> Result<()> {
            Ok(())
        }
        fn records(&self, _: &str, _: Vec<backstay_model::Change>) -> Result<()> {
            Ok(())
        }
        fn end_collection(&self, _: &str) -> Result<()> {
            Ok(())
        }
        fn file(&self, e: &FileEntry, h: FileHint, o: &mut dyn FnMut() -> Result<Box<dyn Read + Send>>) -> Result<Stored> {
            if e.path == "d/150" {
                return Err(SourceError::new(ErrorKind::Full, "vault", "is full"));
            }
            self.0.file(e, h, o)
        }
        fn leave_directory(&self, _: &str) -> Result<()> {
            Ok(())
        }
        fn keep(&self, _: &str) -> Result<bool> {
            Ok(false)
        }
        fn asset(&self, _: &str, _: u64, _: &mut (dyn Read + Send)) -> Result<String> {
            Ok(String::new())
        }
        fn workspace(&self, _: WorkspaceMeta) {}
        fn gap(&self, _: Gap) {}
        fn total(&self, _: Option<u64>, _: Option<u64>) {}
        fn cancel(&self) -> &Cancel {
            self.0.cancel()
        }
    }
    let scratch = Scratch::new();
    for n in 0..1_000 {
        scratch.file(&format!("d/{n}"), "x");
    }
    let error = scratch.plain().changes(None, &Full(DirSink::new())).unwrap_err();
    assert_eq!((error.kind, error.subject.as_str()), (ErrorKind::Full, "vault"));
}

#[test]
fn what_may_not_be_read_is_named_and_the_rest_goes_on() {
    let scratch = Scratch::new();
    scratch.file("ok", "x");
    let file = scratch.file("secret", "x");
    scratch.file("closed/in", "x");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(scratch.root().join("closed"), fs::Permissions::from_mode(0o311)).unwrap();
    let Some(taken) = crate::unprivileged::run(|| run(&*scratch.plain())) else {
        return;
    };
    assert_eq!(taken.paths(), ["closed", "ok"]);
    assert_eq!(taken.gap("secret").unwrap().kind, ErrorKind::Auth);
    assert_eq!(taken.gap("closed").unwrap().kind, ErrorKind::Auth);
    assert_eq!(taken.gaps.len(), 2);
}
