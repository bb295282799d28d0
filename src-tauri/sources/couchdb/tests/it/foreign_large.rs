//! Lines and attachments far larger than memory, and compressed files that stand for very much.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    time::Duration,
};

use backstay_couchdb::CouchDb;
use backstay_model::{Change, Collection, ErrorKind, FileEntry, Gap, WorkspaceMeta};
use backstay_source::{Cancel, Connector as _, FeedMode, FileHint, Result, Sink, Stored};
use flate2::{Compression, write::GzEncoder};
use parking_lot::Mutex;

use crate::foreign::HEADER;

/// Bytes of the large attachment's text: more than the process may ever hold.
const LARGE: u64 = 200 << 20;

/// Counts and keeps nothing.
#[derive(Default)]
struct Counting {
    cancel: Cancel,
    assets: Mutex<Vec<u64>>,
    records: Mutex<u64>,
}

impl Sink for Counting {
    fn begin_collection(&self, _: &Collection, _: FeedMode) -> Result<()> {
        Ok(())
    }
    fn records(&self, _: &str, batch: Vec<Change>) -> Result<()> {
        *self.records.lock() += batch.len() as u64;
        Ok(())
    }
    fn end_collection(&self, _: &str) -> Result<()> {
        Ok(())
    }
    fn file(&self, _: &FileEntry, _: FileHint, _: &mut dyn FnMut() -> Result<Box<dyn Read + Send>>) -> Result<Stored> {
        Ok(Stored::Read)
    }
    fn leave_directory(&self, _: &str) -> Result<()> {
        Ok(())
    }
    fn keep(&self, _: &str) -> Result<bool> {
        Ok(false)
    }
    fn asset(&self, _: &str, size: u64, content: &mut (dyn Read + Send)) -> Result<String> {
        let read = io::copy(content, &mut io::sink()).unwrap();
        assert_eq!(read, size);
        self.assets.lock().push(size);
        Ok(format!("{size:064}"))
    }
    fn workspace(&self, _: WorkspaceMeta) {}
    fn gap(&self, gap: Gap) {
        panic!("{gap:?}")
    }
    fn total(&self, _: Option<u64>, _: Option<u64>) {}
    fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}

fn read(path: &std::path::Path, sink: &Counting) -> Result<()> {
    let files = CouchDb.foreign().unwrap();
    files.read(path, files.recognise(path).unwrap(), sink)
}

/// Most memory this process ever took, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
    kib.unwrap_or_default() << 10
}

#[test]
fn a_line_with_a_large_attachment_takes_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.txt");
    let mut out = BufWriter::new(File::create(&path).unwrap());
    out.write_all(HEADER.as_bytes()).unwrap();
    out.write_all(br#"[{"_id":"a","_rev":"1-a","_attachments":{"big":{"data":""#)
        .unwrap();
    let piece = [b'A'; 64 << 10];
    for _ in 0..LARGE / piece.len() as u64 {
        out.write_all(&piece).unwrap();
    }
    out.write_all(b"\",\"contentType\":\"x/y\"}}},{\"_id\":\"b\",\"_rev\":\"1-b\"}]\n")
        .unwrap();
    out.into_inner().unwrap();
    let before = peak();
    let sink = Counting::default();
    read(&path, &sink).unwrap();
    assert_eq!(*sink.assets.lock(), [LARGE / 4 * 3]);
    assert_eq!(*sink.records.lock(), 2);
    assert!(peak() - before < 40 << 20, "{} bytes", peak() - before);
}

#[test]
fn a_compressed_file_that_unpacks_to_very_much_can_be_stopped_and_fills_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.gz");
    let mut out = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
    out.write_all(HEADER.as_bytes()).unwrap();
    out.write_all(br#"[{"_id":"a","_rev":"1-a","x":""#).unwrap();
    let piece = vec![b' '; 1 << 20];
    for _ in 0..200 {
        out.write_all(&piece).unwrap();
    }
    out.write_all(b"\"}]\n").unwrap();
    let packed = out.finish().unwrap().metadata().unwrap().len();
    assert!(packed < 2 << 20, "{packed}");
    // One document beyond all measure is refused long before its end.
    let error = read(&path, &Counting::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported, "{error}");
    assert!(error.message.contains("line 2"), "{error}");

    let blanks = dir.path().join("y.gz");
    let mut out = GzEncoder::new(File::create(&blanks).unwrap(), Compression::fast());
    out.write_all(HEADER.as_bytes()).unwrap();
    for _ in 0..300 {
        out.write_all(&piece).unwrap();
    }
    out.finish().unwrap();
    let sink = Counting::default();
    let stop = sink.cancel.clone();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(10));
        stop.cancel();
    });
    let read = read(&blanks, &sink);
    stopper.join().unwrap();
    assert_eq!(read.unwrap_err().kind, ErrorKind::Cancelled);
}
