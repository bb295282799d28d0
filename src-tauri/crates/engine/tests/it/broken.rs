//! Sources that fail on a script: no snapshot that looks complete, and what is missing has a name.

use std::{io::Read, sync::Arc};

use backstay_engine::EngineError;
use backstay_model::{Capabilities, ErrorKind, FileEntry, FileKind, FileMeta, Gap, RawJson, TargetSpec, Verdict};
use backstay_source::{
    Cancel, FileHint, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Result, Sink, Source, SourceError,
};
use backstay_source_kit::{Fault, MemorySource, ScriptedSource};

use crate::{
    backup::fill,
    bench::{Bench, Dump, json},
};

fn fails(fault: &Fault, expected: ErrorKind) {
    for before in [false, true] {
        let bench = Bench::new();
        fill(&bench.source);
        if before {
            bench.backup();
            for n in 0..600 {
                bench.source.put("notes", &format!("n{n:04}"), json("0"));
            }
            bench.source.file("docs/read me.txt", &b"changed"[..]);
            bench.source.file("docs/deep/er/data.bin", vec![8_u8; 300_000]);
        }
        let count = bench.vault.snapshots().unwrap().good.len();
        let source = ScriptedSource::new(Arc::new(bench.source.clone()), vec![fault.clone()]);
        let error = bench.backup_of(&source, &bench.vault).unwrap_err();
        assert!(source.unfired().is_empty(), "{fault:?} did not happen");
        assert_eq!(error.kind(), expected, "{fault:?}: {error}");
        assert_eq!(
            bench.vault.snapshots().unwrap().good.len(),
            count,
            "{fault:?} left a snapshot"
        );
        bench.cancel_again();
        let done = bench.backup();
        assert_eq!(done.meta.verdict, Verdict::Complete);
        assert_eq!(
            Dump::of(&bench.open(&done.snapshot)),
            Dump::of(&bench.live()),
            "after {fault:?}"
        );
    }
}

impl Bench {
    /// The next job is another one.
    fn cancel_again(&self) {
        self.cancel.flag().store(false, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn an_error_in_the_middle_leaves_no_snapshot() {
    fails(&Fault::FailAtRecord(1, ErrorKind::Unreachable), ErrorKind::Unreachable);
    fails(&Fault::FailAtRecord(701, ErrorKind::Auth), ErrorKind::Auth);
    fails(&Fault::FailAtFile(2, ErrorKind::Io), ErrorKind::Io);
    fails(&Fault::FailAtByte(1000), ErrorKind::Io);
    fails(&Fault::Truncate(1, 1), ErrorKind::Changed);
    fails(&Fault::Overstate(1, 10), ErrorKind::Changed);
}

#[test]
fn a_cancelled_run_leaves_no_snapshot() {
    fails(&Fault::CancelAtRecord(900), ErrorKind::Cancelled);
    fails(&Fault::CancelAtFile(3), ErrorKind::Cancelled);
}

/// Gives files of which some cannot be read. A careless one forgets to say so.
struct Holes {
    bad: &'static [&'static str],
    careless: bool,
    opens: bool,
    again: bool,
    keep: Option<&'static str>,
}

fn plain(path: &str, size: u64) -> FileEntry {
    FileEntry {
        path: path.to_owned(),
        kind: FileKind::File,
        size,
        meta: FileMeta::default(),
    }
}

struct Fails;
impl Read for Fails {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the disk says no"))
    }
}

impl Source for Holes {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }
    fn probe(&self, _: &Cancel) -> Result<Probe> {
        Ok(Probe::default())
    }
    fn changes(&self, _: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        if let Some(path) = self.keep {
            assert!(sink.keep(path)?);
        }
        for path in ["a", "b", "c"] {
            let entry = plain(path, 4);
            let bad = self.bad.contains(&path);
            let stored = sink.file(&entry, FileHint::Plain, &mut || match (bad, self.opens) {
                (true, false) => Err(SourceError::new(ErrorKind::Auth, path, "may not be read")),
                (true, true) => Ok(Box::new(Fails)),
                (false, _) => Ok(Box::new(&b"good"[..])),
            });
            match stored {
                Ok(_) => {}
                Err(_) if self.again => {
                    sink.file(&entry, FileHint::Plain, &mut || Ok(Box::new(&b"late"[..])))?;
                }
                Err(_) if self.careless => {}
                Err(error) => sink.gap(error.to_gap()),
            }
        }
        Ok(Outcome::default())
    }
    fn live_records(&self, _: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
    fn live_files(&self, _: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        Ok(None)
    }
    fn at(&self, _: &TargetSpec) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(MemorySource::default()))
    }
    fn record_writer(&self, _: &dyn RecordView, _: &Cancel) -> Result<Box<dyn RecordWriter>> {
        Err(SourceError::new(ErrorKind::Unsupported, "it", "cannot be written"))
    }
    fn file_writer(&self, _: &Cancel) -> Result<Box<dyn FileWriter>> {
        Err(SourceError::new(ErrorKind::Unsupported, "it", "cannot be written"))
    }
}

#[test]
fn what_could_not_be_read_is_named_even_by_a_careless_connector() {
    for (careless, opens) in [(false, false), (false, true), (true, false), (true, true)] {
        let bench = Bench::new();
        let source = Holes {
            bad: &["b"],
            careless,
            opens,
            again: false,
            keep: None,
        };
        let done = bench.backup_of(&source, &bench.vault).unwrap();
        assert_eq!(done.meta.verdict, Verdict::Partial, "careless {careless}, opens {opens}");
        assert!(done.snapshot.tags.iter().any(|t| t == "partial"));
        let named: Vec<&Gap> = done.meta.gaps.iter().filter(|gap| gap.subject == "b").collect();
        assert_eq!(named.len(), 1, "{:?}", done.meta.gaps);
        assert_eq!(done.meta.gaps.len(), 1);
        assert_eq!(named[0].kind, if opens { ErrorKind::Io } else { ErrorKind::Auth });
        let dump = Dump::of(&bench.open(&done.snapshot));
        assert_eq!(dump.files.keys().collect::<Vec<_>>(), ["a", "c"]);
    }
}

#[test]
fn a_file_that_comes_at_the_second_attempt_is_no_gap() {
    for opens in [false, true] {
        let bench = Bench::new();
        let source = Holes {
            bad: &["b"],
            careless: false,
            opens,
            again: true,
            keep: None,
        };
        let done = bench.backup_of(&source, &bench.vault).unwrap();
        assert_eq!(done.meta.gaps, []);
        assert_eq!(Dump::of(&bench.open(&done.snapshot)).files["b"], "late");
        assert_eq!(done.meta.files, 3);
    }
}

#[test]
fn nothing_readable_is_a_failure_and_no_snapshot() {
    for careless in [false, true] {
        let bench = Bench::new();
        let source = Holes {
            bad: &["a", "b", "c"],
            careless,
            opens: false,
            again: false,
            keep: None,
        };
        let error = bench.backup_of(&source, &bench.vault).unwrap_err();
        let EngineError::NothingRead { gaps } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(gaps.len(), 3);
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(bench.vault.snapshots().unwrap().good.is_empty());
    }
}

#[test]
fn files_taken_over_with_their_directory_are_counted() {
    let bench = Bench::new();
    fill(&bench.source);
    bench.backup();
    let source = Holes {
        bad: &["a", "b", "c"],
        careless: false,
        opens: false,
        again: false,
        keep: Some("docs"),
    };
    let done = bench.backup_of(&source, &bench.vault).unwrap();
    assert_eq!((done.meta.files, done.meta.file_bytes, done.unchanged_files), (2, 300_005, 2));
    assert_eq!(done.meta.gaps.len(), 3);
    let kept = Dump::of(&bench.open(&done.snapshot)).files;
    assert_eq!(kept["docs/read me.txt"], "hello");
}
