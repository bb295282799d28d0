//! Folders, previews and saved files of a snapshot.

use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::{
    bench::Bench,
    shelf::{at, shelf},
};

fn folder(bench: &Bench, snapshot: &str, path: &str, offset: u64, limit: u64) -> Value {
    bench.ok(
        "browse.folder",
        json!({"at": at(snapshot), "path": path, "offset": offset, "limit": limit}),
    )
}

fn names(reply: &Value) -> Vec<String> {
    let entries = reply["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_folder_shows_its_children_as_people_expect_them() {
    let bench = shelf("folder");
    let root = bench.path("source");
    std::fs::create_dir_all(root.join("Zoo/deep")).unwrap();
    std::fs::create_dir_all(root.join("archive")).unwrap();
    for name in [
        "img10.png",
        "img2.png",
        "Äpfel.txt",
        "apple.txt",
        "100%.txt",
        "Zoo/deep/inner.txt",
        "Zoo/a.txt",
    ] {
        std::fs::write(root.join(name), name).unwrap();
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        std::fs::write(root.join(std::ffi::OsStr::from_bytes(b"odd\xff")), "x").unwrap();
    }
    let snapshot = bench.backup(&[]);
    for place in [snapshot.as_str(), "live:notes"] {
        let top = folder(&bench, place, "", 0, 100);
        let expected = [
            "archive",
            "Zoo",
            "100%.txt",
            "Äpfel.txt",
            "apple.txt",
            "img2.png",
            "img10.png",
            "odd\u{fffd}",
        ];
        assert_eq!(names(&top), expected, "{place}");
        assert_eq!(top["total"], 8);
        assert_eq!(names(&folder(&bench, place, "", 2, 2)), ["100%.txt", "Äpfel.txt"]);
        assert_eq!(names(&folder(&bench, place, "Zoo", 0, 10)), ["deep", "a.txt"]);
        assert_eq!(folder(&bench, place, "Zoo/", 0, 10)["entries"][1]["path"], "Zoo/a.txt");
        assert_eq!(folder(&bench, place, "archive", 0, 10)["total"], 0);
        let none = bench.err("browse.folder", json!({"at": at(place), "path": "nowhere", "limit": 5}));
        assert_eq!(none.code, ErrorKind::NotFound);
        let file = bench.err("browse.folder", json!({"at": at(place), "path": "apple.txt", "limit": 5}));
        assert_eq!(file.code, ErrorKind::NotFound);
    }
}

#[test]
fn a_folder_of_many_files_pages_at_once() {
    let bench = Bench::ready();
    let source = bench.source();
    let count = 5_000_u64;
    for n in 0..count {
        source.file(&format!("many/file {n}.txt"), &b"x"[..]);
    }
    let snapshot = bench.backup(&[]);
    let first = folder(&bench, &snapshot, "many", 0, 3);
    assert_eq!(
        (&first["total"], names(&first)),
        (
            &json!(count),
            vec!["file 0.txt".into(), "file 1.txt".into(), "file 2.txt".into()]
        )
    );
    let begin = std::time::Instant::now();
    for page in 0..10 {
        let reply = folder(&bench, &snapshot, "many", page * 450, 200);
        assert_eq!(names(&reply)[0], format!("file {}.txt", page * 450));
    }
    assert!(begin.elapsed().as_millis() < 2000, "{:?}", begin.elapsed());
}

#[test]
fn files_are_shown_by_what_they_are() {
    let bench = Bench::ready();
    let source = bench.source();
    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &[7; 60]].concat();
    source.file("docs/letter.md", "# Größe\n".as_bytes().to_vec());
    source.file("docs/lies.txt", png.clone());
    source.file("docs/data.bin", vec![0_u8, 1, 2, 3]);
    source.file("docs/long.txt", vec![b'x'; 600 << 10]);
    crate::bench::put(&source, "1", "{}");
    source.attach("c", "1", "a.png", png.clone());
    let snapshot = bench.backup(&[]);
    let show = |place: &str, path: &str| bench.ok("file.preview", json!({"at": at(place), "path": path}));
    for place in [snapshot.as_str(), "live:notes"] {
        let text = show(place, "files/docs/letter.md");
        assert_eq!(
            (&text["kind"], &text["text"], &text["truncated"]),
            (&json!("text"), &json!("# Größe\n"), &json!(false))
        );
        assert_eq!(show(place, "docs/letter.md"), text);
        let image = show(place, "docs/lies.txt");
        assert_eq!(
            (&image["kind"], &image["mediaType"], &image["size"]),
            (&json!("image"), &json!("image/png"), &json!(png.len()))
        );
        assert!(image["base64"].as_str().unwrap().starts_with("iVBORw0KGgo"));
        assert_eq!(show(place, "docs/data.bin")["kind"], "binary");
        let long = show(place, "docs/long.txt");
        assert_eq!(
            (long["text"].as_str().unwrap().len(), &long["truncated"]),
            (512 << 10, &json!(true))
        );
        assert_eq!(
            bench.err("file.preview", json!({"at": at(place), "path": "docs"})).code,
            ErrorKind::NotFound
        );
    }
    let record = bench.ok("record.get", json!({"at": at(&snapshot), "collection": "c", "id": "1"}));
    let sha = record["record"]["assets"][0]["sha256"].as_str().unwrap();
    let assets = folder_of_assets(&bench, &snapshot, sha);
    assert_eq!(show(&snapshot, &assets)["kind"], "image");
    let meta = show(&snapshot, "metadata.json");
    assert_eq!(meta["mediaType"], "application/json");
}

/// Where an attachment lies in the snapshot's tree.
fn folder_of_assets(bench: &Bench, snapshot: &str, sha: &str) -> String {
    for path in [
        format!("assets/{}/{sha}.png", &sha[..2]),
        format!("assets/{}/{sha}", &sha[..2]),
    ] {
        if bench.call("file.preview", json!({"at": at(snapshot), "path": path})).is_ok() {
            return path;
        }
    }
    panic!("no asset {sha}");
}

#[test]
fn a_file_is_saved_without_surprises() {
    let bench = Bench::ready();
    let source = bench.source();
    let content: Vec<u8> = (0..3_000_000_u32).map(|n| (n * 31 % 251) as u8).collect();
    source.file("big.bin", content.clone());
    let snapshot = bench.backup(&[]);
    let to = bench.path("saved.bin");
    let request = |overwrite: bool| json!({"at": at(&snapshot), "path": "files/big.bin", "to": to, "overwrite": overwrite});
    let saved = bench.ok("file.save", request(false));
    assert_eq!(saved["bytes"], content.len());
    assert!(std::fs::read(&to).unwrap() == content);
    std::fs::write(&to, "mine").unwrap();
    assert_eq!(bench.err("file.save", request(false)).code, ErrorKind::Refused);
    assert_eq!(std::fs::read(&to).unwrap(), b"mine");
    bench.ok("file.save", request(true));
    assert!(std::fs::read(&to).unwrap() == content);
    let folder = json!({"at": at(&snapshot), "path": "big.bin", "to": bench.dir.path(), "overwrite": true});
    assert_eq!(bench.err("file.save", folder).code, ErrorKind::Refused);
    let nowhere = json!({"at": at(&snapshot), "path": "big.bin", "to": bench.path("no/such/place"), "overwrite": true});
    assert_eq!(bench.err("file.save", nowhere).code, ErrorKind::NotFound);
    let missing = json!({"at": at(&snapshot), "path": "small.bin", "to": bench.path("x")});
    assert_eq!(bench.err("file.save", missing).code, ErrorKind::NotFound);
    assert!(!bench.path("x").exists());
    bench.ok(
        "file.save",
        json!({"at": at("live:notes"), "path": "big.bin", "to": bench.path("live.bin")}),
    );
    assert!(std::fs::read(bench.path("live.bin")).unwrap() == content);
}
