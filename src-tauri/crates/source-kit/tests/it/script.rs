//! Faults fire where they are planned, and say so.

use std::{sync::Arc, time::Duration};

use backstay_model::{ErrorKind, RawJson};
use backstay_source::{Source as _, SourceError};
use backstay_source_kit::{DirSink, Fault, MemorySource, ScriptedSource, Taken};

fn source(faults: Vec<Fault>) -> ScriptedSource {
    let memory = MemorySource::default();
    for n in 0..1_200 {
        memory.put("c", &format!("{n:05}"), RawJson::parse(b"{}").unwrap());
    }
    for n in 0..5 {
        memory.file(&format!("f{n}"), vec![1; 100]);
    }
    ScriptedSource::new(Arc::new(memory), faults)
}

/// A run with one fault, which must have fired.
fn run(fault: Fault) -> (Option<SourceError>, Taken) {
    let source = source(vec![fault]);
    let sink = DirSink::new();
    let error = source.changes(None, &sink).err();
    assert_eq!(source.unfired(), Vec::new());
    (error, sink.finish())
}

#[test]
fn errors_come_at_the_planned_item() {
    let (error, taken) = run(Fault::FailAtRecord(700, ErrorKind::Unreachable));
    assert_eq!(error.unwrap().kind, ErrorKind::Unreachable);
    assert_eq!(taken.collections["c"].given, 699);
    assert!(!taken.collections["c"].ended);
    let (error, taken) = run(Fault::FailAtFile(3, ErrorKind::Auth));
    assert_eq!(error.unwrap().kind, ErrorKind::Auth);
    assert_eq!(taken.paths(), ["f0", "f1"]);
    let (error, taken) = run(Fault::FailAtByte(250));
    assert_eq!(error.unwrap().kind, ErrorKind::Io);
    assert_eq!(taken.paths(), ["f0", "f1"]);
}

#[test]
fn cancel_wrong_sizes_and_slowness() {
    for fault in [Fault::CancelAtRecord(600), Fault::CancelAtFile(2)] {
        assert_eq!(run(fault).0.unwrap().kind, ErrorKind::Cancelled);
    }
    for fault in [Fault::Truncate(2, 1), Fault::Overstate(2, 7)] {
        assert_eq!(run(fault).0.unwrap().kind, ErrorKind::Changed);
    }
    assert!(run(Fault::Slow(Duration::from_micros(100))).0.is_none());
}

#[test]
fn what_did_not_happen_is_told() {
    let never = vec![
        Fault::FailAtFile(6, ErrorKind::Io),
        Fault::FailAtByte(501),
        Fault::CancelAtRecord(1_201),
    ];
    let source = source(never.clone());
    source.changes(None, &DirSink::new()).unwrap();
    assert_eq!(source.unfired(), never);
}
