//! Archives made to do harm, given to every command that takes a bundle: refused with their code, at once, and nothing is
//! written anywhere.

use std::{fs, io::Write, time::Instant};

use flate2::{Compression, write::DeflateEncoder};
use sha2::{Digest, Sha256};

use crate::{
    bench::Bench,
    data::{self, tree},
};

/// An entry of an archive, with what about it can be a lie.
#[derive(Clone)]
struct Entry {
    name: Vec<u8>,
    content: Vec<u8>,
    method: u16,
    flags: u16,
    mode: u32,
    crc: Option<u32>,
    size: Option<u32>,
    at: Option<u32>,
    wrong_sum: bool,
    unlisted: bool,
}

fn entry(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Entry {
    Entry {
        name: name.as_ref().to_vec(),
        content: content.as_ref().to_vec(),
        method: 8,
        flags: 0,
        mode: 0o100_644,
        crc: None,
        size: None,
        at: None,
        wrong_sum: false,
        unlisted: false,
    }
}

fn archive(entries: &[Entry]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for e in entries {
        let packed = if e.method == 8 {
            let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
            deflate.write_all(&e.content).unwrap();
            deflate.finish().unwrap()
        } else {
            e.content.clone()
        };
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap();
        let mut both = Vec::new();
        for two in [20, e.flags, e.method, 0, 33] {
            both.extend(u16::to_le_bytes(two));
        }
        let crc = e.crc.unwrap_or_else(|| crc32fast::hash(&e.content));
        for four in [crc, length(&packed), e.size.unwrap_or(length(&e.content))] {
            both.extend(four.to_le_bytes());
        }
        both.extend(length(&e.name).to_le_bytes());
        list.extend(*b"PK\x01\x02\x14\x03");
        list.extend(&both);
        list.extend([0; 6]);
        list.extend((e.mode << 16).to_le_bytes());
        list.extend(e.at.unwrap_or(length(&out)).to_le_bytes());
        list.extend(&e.name);
        out.extend(*b"PK\x03\x04");
        out.extend(&both);
        out.extend(&e.name);
        out.extend(&packed);
    }
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    let (size, at) = (list.len() as u32, out.len() as u32);
    out.extend(list);
    out.extend(*b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
    out.extend([0; 2]);
    out
}

/// The entries of an honest bundle.
struct Honest(Vec<Entry>);

impl Honest {
    /// Taken from a directory bundle.
    fn of(bench: &Bench) -> Self {
        let root = bench.path("honest");
        bench.long(&["export", "docs@latest", root.to_str().unwrap(), "--format", "directory"]);
        let files = tree(&root)
            .into_iter()
            .filter(|(path, what)| what != "dir" && path.to_str() != Some("checksums"));
        let read = |(path, _): (std::path::PathBuf, String)| entry(path.to_str().unwrap(), fs::read(root.join(&path)).unwrap());
        Self(files.map(read).collect())
    }

    /// With other entries before its own, and checksums of all.
    fn with(&self, odd: &[Entry]) -> Vec<u8> {
        let own = self.0.iter().filter(|own| odd.iter().all(|odd| odd.name != own.name));
        let mut all: Vec<Entry> = odd.iter().chain(own).cloned().collect();
        let mut sums = Vec::new();
        for e in all.iter().filter(|e| !e.unlisted && !e.name.ends_with(b"/")) {
            let mut hash = Sha256::digest(&e.content);
            hash[0] ^= u8::from(e.wrong_sum);
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            sums.extend(hex.bytes().chain(*b"  ").chain(e.name.clone()).chain(*b"\n"));
        }
        all.push(entry("checksums", sums));
        archive(&all)
    }

    fn content(&self, name: &str) -> String {
        let own = self.0.iter().find(|own| own.name == name.as_bytes()).unwrap();
        String::from_utf8(own.content.clone()).unwrap()
    }
}

/// Exit code of what is damaged, and the code scripts see.
const DAMAGED: (i32, &str) = (8, "damaged");
const LIMIT: (i32, &str) = (1, "limit");
const UNSUPPORTED: (i32, &str) = (1, "unsupported");

fn hostile(honest: &Honest) -> Vec<(&'static str, Vec<u8>, (i32, &'static str))> {
    let with = |change: &dyn Fn(&mut Entry)| {
        let mut odd = entry("pages/odd.md", "some text");
        change(&mut odd);
        honest.with(&[odd])
    };
    let named = |name: &'static str| with(&|e| e.name = name.into());
    let two = |a: &str, b: &str| honest.with(&[entry(a, "1"), entry(b, "2")]);
    let whole = honest.with(&[]);
    let newer = honest
        .content("metadata.json")
        .replace("\"formatVersion\": 1", "\"formatVersion\": 99");
    let list = honest.content("files.ndjson");
    let bomb = vec![0; 64 << 20];
    let shared = Entry {
        at: Some(0),
        ..entry("pages/b", "one content for two")
    };
    vec![
        ("leads out", named("../evil"), DAMAGED),
        ("leads out below", named("pages/../../evil"), DAMAGED),
        ("absolute", named("/tmp/evil"), DAMAGED),
        ("drive", named("C:/evil"), DAMAGED),
        ("backslash", named("pages\\..\\evil"), DAMAGED),
        ("NUL", named("pages/a\0b"), DAMAGED),
        ("twice", two("pages/a", "pages/a"), DAMAGED),
        ("case", two("pages/a", "pages/A"), DAMAGED),
        ("accents", two("pages/\u{e9}", "pages/e\u{301}"), DAMAGED),
        ("file and directory", two("pages/a", "pages/a/b"), DAMAGED),
        (
            "link",
            with(&|e| (e.mode, e.content) = (0o120_777, "/etc/passwd".into())),
            DAMAGED,
        ),
        ("device", with(&|e| e.mode = 0o020_666), DAMAGED),
        ("encrypted", with(&|e| e.flags = 1), UNSUPPORTED),
        ("method", with(&|e| e.method = 14), UNSUPPORTED),
        ("bomb", with(&|e| e.content.clone_from(&bomb)), LIMIT),
        (
            "small on paper",
            with(&|e| (e.content, e.size) = (bomb.clone(), Some(100))),
            DAMAGED,
        ),
        ("large on paper", with(&|e| e.size = Some(4000)), DAMAGED),
        (
            "overlap",
            honest.with(&[entry("pages/a", "one content for two"), shared]),
            DAMAGED,
        ),
        ("crc", with(&|e| e.crc = Some(7)), DAMAGED),
        ("checksum", with(&|e| e.wrong_sum = true), DAMAGED),
        ("unlisted", with(&|e| e.unlisted = true), DAMAGED),
        ("cut", whole[..whole.len() - 40].to_vec(), DAMAGED),
        ("tail", [&whole[..], b"tail"].concat(), DAMAGED),
        ("newer", honest.with(&[entry("metadata.json", newer)]), UNSUPPORTED),
        ("no JSON", honest.with(&[entry("metadata.json", "{")]), DAMAGED),
        (
            "list leads out",
            honest.with(&[entry(
                "files.ndjson",
                list.replace("\"path\":\"notes.txt\"", "\"path\":\"../notes.txt\""),
            )]),
            DAMAGED,
        ),
        ("stranger", honest.with(&[entry("surprise.exe", "MZ")]), DAMAGED),
        (
            "somebody's",
            archive(&[entry("readme.txt", "a ZIP of somebody")]),
            UNSUPPORTED,
        ),
        ("no archive", b"hello".to_vec(), UNSUPPORTED),
    ]
}

#[test]
fn every_command_refuses_what_is_made_to_do_harm() {
    let bench = Bench::with_vault();
    data::folder(&bench.path("docs"));
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    let honest = Honest::of(&bench);
    fs::remove_dir_all(bench.path("honest")).unwrap();
    fs::create_dir_all(bench.path("in/here")).unwrap();
    fs::write(bench.path("in/canary"), "alive").unwrap();
    let file = bench.path("in/here/odd.backstay.zip");
    let name = file.to_str().unwrap();
    let to = bench.text("in/copy");
    // By hand, but honest; with an archive in it that nobody opens.
    let nested = entry("pages/nested.zip", honest.with(&[entry("../evil", "x")]));
    fs::write(&file, honest.with(&[nested])).unwrap();
    bench.long(&["import", name, "--check"]);
    bench.long(&["restore", name, "--to", &to]);
    assert_eq!(tree(&bench.path("in/copy")), tree(&bench.path("docs")));
    fs::remove_dir_all(bench.path("in/copy")).unwrap();

    let kept = |bench: &Bench| {
        let all = ["in", "docs", "vault/snapshots"].map(|part| tree(&bench.path(part)));
        let top: Vec<_> = fs::read_dir(bench.path(""))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        (all, top.len(), std::path::Path::new("/tmp/evil").exists())
    };
    for (what, bytes, (exit, code)) in hostile(&honest) {
        fs::write(&file, bytes).unwrap();
        let before = kept(&bench);
        for args in [
            &["import", name, "--check"][..],
            &["import", name],
            &["restore", name, "--to", &to],
            &["restore", name, "--in-place", "--on-conflict", "remote", "--yes"],
            &["export", name, &to],
        ] {
            let begun = Instant::now();
            let ran = bench.run(&[args, &["--json"]].concat());
            assert!(begun.elapsed().as_secs() < 20, "{what}: {args:?} took {:?}", begun.elapsed());
            let said = |ran: &crate::bench::Ran| ran.events().pop().unwrap()["error"]["code"].clone();
            // Content is compared when it is read: what a restore or an export does not need, it does not judge.
            let by_content = ["crc", "checksum", "small on paper", "large on paper"].contains(&what);
            if by_content && args.contains(&"--check") {
                assert_eq!((ran.code, &ran.result()["damaged"]), (8, &1.into()), "{what}: {ran:#?}");
            } else if by_content && args[0] != "import" {
                assert!([0, 3].contains(&ran.code), "{what}: {args:?}: {ran:#?}");
                for made in [&to, &file.with_extension("partial").display().to_string()] {
                    let _ = fs::remove_dir_all(made).or_else(|_| fs::remove_file(made));
                }
            } else {
                assert_eq!((ran.code, said(&ran)), (exit, code.into()), "{what}: {args:?}: {ran:#?}");
            }
            assert_eq!(kept(&bench), before, "{what}: {args:?} wrote something");
        }
        for args in [&["ls", name][..], &["show", name], &["diff", name, "docs@latest"]] {
            let ran = bench.run(&[args, &["--json"]].concat());
            assert!([0, exit].contains(&ran.code), "{what}: {args:?}: {ran:#?}");
        }
    }
    bench.ok(&["verify", "safe", "--read-data"]);
}
