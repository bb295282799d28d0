//! What is written: the same for the same content, whole or not there, and right in the eyes of other programs.

use std::{
    fs,
    io::{self, Read, Seek, SeekFrom},
    process::Command,
};

use backstay_bundle::{Bundle, BundleError, BundleWriter, EntryOptions, Format, Limits, Manifest};

use crate::support::{self, target};

const FILES: &[(&str, &[u8])] = &[
    ("A", b"upper"),
    ("a", b"lower"),
    ("con", b"device"),
    ("d/", b""),
    ("d/empty/", b""),
    ("d/x:y", b"colon"),
    ("d/zeros", &[0; 200_000]),
    ("odd%FF", b"not UTF-8"),
];

fn run(program: &str, args: &[&str], dir: &std::path::Path) -> Option<String> {
    let out = match Command::new(program).args(args).current_dir(dir).output() {
        Ok(out) => out,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            eprintln!("skipped: {program} is not installed");
            return None;
        }
        Err(error) => panic!("{program}: {error}"),
    };
    let text = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{program} {args:?}: {text}");
    Some(text)
}

#[test]
fn both_kinds_hold_what_was_put_in_and_others_agree() {
    let dir = tempfile::tempdir().unwrap();
    let zip = support::write(&dir.path().join("x.backstay.zip"), Format::Zip, FILES);
    let folder = support::write(&dir.path().join("x"), Format::Directory, FILES);
    assert_eq!(zip.identity, folder.identity, "one content, one identity");
    for path in [&zip.path, &folder.path] {
        let bundle = Bundle::open(path, &Limits::default()).unwrap();
        let list = Manifest::open(&bundle, None).unwrap().unwrap();
        let mut found = Vec::new();
        for entry in list.from("") {
            let entry = entry.unwrap();
            let mut content = Vec::new();
            if let Some(place) = &entry.place {
                bundle.content(place, None).unwrap().read_to_end(&mut content).unwrap();
            }
            found.push((entry.entry.path, content));
        }
        let wanted: Vec<_> = FILES
            .iter()
            .map(|(name, content)| (name.trim_end_matches('/').to_owned(), content.to_vec()))
            .collect();
        assert_eq!(found, wanted);
        assert_eq!(list.find("d/x:y").unwrap().unwrap().entry.size, 5);
        assert_eq!(list.find("d/nothing").unwrap(), None);
    }
    run("sha256sum", &["--check", "--strict", "--quiet", "checksums"], &folder.path);
    let name = zip.path.to_str().unwrap();
    run("unzip", &["-tq", name], dir.path());
    let script = "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(len(z.namelist()))";
    if let Some(text) = run("python3", &["-c", script, name], dir.path()) {
        // Two directories, six files, list, metadata, checksums.
        assert_eq!(text.trim(), "11");
    }
    let out = dir.path().join("out");
    fs::create_dir(&out).unwrap();
    if run("unzip", &["-q", name, "-d", out.to_str().unwrap()], dir.path()).is_some() {
        Bundle::open(&out, &Limits::default()).expect("unpacked by another program it is a directory bundle");
    }
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let a = support::write(&dir.path().join("a.zip"), Format::Zip, FILES);
    let b = support::write(&dir.path().join("b.zip"), Format::Zip, FILES);
    assert_eq!(fs::read(a.path).unwrap(), fs::read(b.path).unwrap());
}

#[test]
fn what_lies_there_is_kept_unless_it_may_go() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.zip");
    fs::write(&path, "mine").unwrap();
    assert!(matches!(
        BundleWriter::create(target(&path, Format::Zip)),
        Err(BundleError::Exists { .. })
    ));
    let mut over = target(&path, Format::Zip);
    over.overwrite = true;
    drop(BundleWriter::create(over.clone()).unwrap());
    assert_eq!(fs::read(&path).unwrap(), b"mine", "given up before the end: untouched");
    BundleWriter::create(over).unwrap().finish(&support::meta()).unwrap();
    Bundle::open(&path, &Limits::default()).unwrap();

    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    support::write(&folder, Format::Directory, FILES);
    let mut over = target(&folder, Format::Directory);
    assert!(matches!(BundleWriter::create(over.clone()), Err(BundleError::Exists { .. })));
    over.overwrite = true;
    BundleWriter::create(over.clone()).unwrap().finish(&support::meta()).unwrap();
    assert!(!folder.join("files").exists(), "replaced as a whole");
    let strange = dir.path().join("strange");
    fs::create_dir(&strange).unwrap();
    fs::write(strange.join("thesis.txt"), "years of work").unwrap();
    over.path = strange;
    assert!(matches!(BundleWriter::create(over), Err(BundleError::NotReplaced { .. })));
    assert_eq!(support::tree(dir.path()).len(), 6, "{:?}", support::tree(dir.path()));
}

#[test]
fn what_killed_programs_left_is_cleared_and_what_others_write_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let left = |name: &str| dir.path().join(name).exists();
    for (name, format) in [("x.zip", Format::Zip), ("x", Format::Directory)] {
        let dead = format!(".{name}.aB3xyZ.partial");
        let dead_directory = format!(".{name}.000000.partial");
        let strangers = [
            format!(".{name}.aB3xyZ.partial.old"),
            format!(".{name}.long-er.partial"),
            format!(".other-{name}.aB3xyZ.partial"),
            format!("{name}.aB3xyZ.partial"),
        ];
        fs::write(dir.path().join(&dead), "half").unwrap();
        fs::create_dir_all(dir.path().join(&dead_directory).join("files")).unwrap();
        fs::write(dir.path().join(&dead_directory).join("files/a"), "half").unwrap();
        for stranger in &strangers {
            fs::write(dir.path().join(stranger), "not ours").unwrap();
        }
        let path = dir.path().join(name);
        let mut first = BundleWriter::create(target(&path, format)).unwrap();
        assert!(!left(&dead) && !left(&dead_directory), "{:?}", support::tree(dir.path()));
        assert!(strangers.iter().all(|name| left(name)), "{:?}", support::tree(dir.path()));
        first.bytes("pages/first", b"1").unwrap();
        // Another one on the way to the same name: neither takes the other's place away.
        let mut second = BundleWriter::create(target(&path, format)).unwrap();
        second.bytes("pages/second", b"2").unwrap();
        first.bytes("pages/more", b"3").unwrap();
        first.finish(&support::meta()).unwrap();
        second
            .finish(&support::meta())
            .expect_err("it may not replace what is there now");
        let bundle = Bundle::open(&path, &Limits::default()).unwrap();
        assert_eq!(bundle.below("pages/").count(), 2);
        for stranger in &strangers {
            fs::remove_file(dir.path().join(stranger)).unwrap();
        }
    }
    let names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "nothing half is left: {names:?}");
}

#[test]
fn content_that_fails_is_left_out_and_the_bundle_goes_on() {
    struct Fails(u32);
    impl Read for Fails {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            if self.0 > 3 {
                return Err(io::Error::other("the disk is gone"));
            }
            buffer.fill(b'x');
            Ok(buffer.len())
        }
    }
    let dir = tempfile::tempdir().unwrap();
    for (name, format) in [("x.zip", Format::Zip), ("x", Format::Directory)] {
        let path = dir.path().join(name);
        let mut out = BundleWriter::create(target(&path, format)).unwrap();
        out.bytes("pages/before", b"1").unwrap();
        let options = EntryOptions {
            size: 1 << 20,
            ..EntryOptions::default()
        };
        let failed = out.file("pages/fails", &options, &mut || Ok(Box::new(Fails(0))));
        assert!(matches!(failed, Err(BundleError::Content { .. })));
        out.bytes("pages/after", b"2").unwrap();
        out.finish(&support::meta()).unwrap();
        let bundle = Bundle::open(&path, &Limits::default()).unwrap();
        let names: Vec<_> = bundle.below("pages/").map(|entry| entry.name).collect();
        assert_eq!(names, ["pages/after", "pages/before"]);
    }
}

#[test]
fn archives_that_need_64_bits() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("many.zip");
    let mut out = BundleWriter::create(target(&path, Format::Zip)).unwrap();
    // Room for 64-bit sizes is made by what is announced; what comes may be small.
    let options = EntryOptions {
        size: 5 << 30,
        ..EntryOptions::default()
    };
    out.file("pages/announced", &options, &mut || Ok(Box::new(&b"small after all"[..])))
        .unwrap();
    for number in 0..66_000 {
        out.bytes(&format!("pages/{number}"), b"x").unwrap();
    }
    out.finish(&support::meta()).unwrap();
    let bundle = Bundle::open(&path, &Limits::default()).unwrap();
    assert_eq!(bundle.below("pages/").count(), 66_001);
    assert_eq!(bundle.bytes("pages/announced").unwrap(), b"small after all");
    let script = "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(len(z.namelist()))";
    if let Some(text) = run("python3", &["-c", script, path.to_str().unwrap()], dir.path()) {
        assert_eq!(text.trim(), "66003");
    }
}

#[test]
fn holes_stay_holes_in_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    let size = 64_u64 << 20;
    let mut out = BundleWriter::create(target(&path, Format::Directory)).unwrap();
    let options = EntryOptions {
        size,
        sparse: true,
        ..EntryOptions::default()
    };
    let open = || -> io::Result<Box<dyn Read>> { Ok(Box::new(io::repeat(0).take(size))) };
    out.file("pages/big", &options, &mut || open()).unwrap();
    out.finish(&support::meta()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let about = fs::metadata(path.join("pages/big")).unwrap();
        assert_eq!(about.len(), size);
        assert!(about.blocks() * 512 < size / 16, "it occupies {} blocks", about.blocks());
    }
    let bundle = Bundle::open(&path, &Limits::default()).unwrap();
    let mut content = bundle.content("pages/big", None).unwrap();
    content.seek(SeekFrom::Start(size - 2)).unwrap();
    let mut tail = Vec::new();
    content.read_to_end(&mut tail).unwrap();
    assert_eq!(tail, [0, 0]);
}
