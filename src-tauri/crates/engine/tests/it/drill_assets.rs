//! Restore drills of records with attachments: what is not in the backup is found by name.

use backstay_engine::drill::{DrillRequest, DrillScope, drill};
use backstay_model::{AssetRef, Change, CollectionKind, Record, Verdict};
use backstay_source::{FeedMode, Sink};
use backstay_source_kit::MemorySource;

use crate::{
    bench::{Bench, json},
    service::Told,
};

#[test]
fn an_attachment_that_is_not_in_the_backup_is_found() {
    let bench = Bench::new();
    let told = Told(Box::new(|sink: &dyn Sink| {
        let about = MemorySource::default();
        about.collection_of_kind("notes/@local", CollectionKind::Aside);
        sink.begin_collection(&about.now().collections["notes/@local"].collection, FeedMode::Full)?;
        let asset = |name: &str, sha256: Option<String>| AssetRef {
            name: name.to_owned(),
            sha256,
            size: None,
            media_type: None,
        };
        let stored = sink.asset("there.txt", 5, &mut &b"there"[..])?;
        let assets = vec![
            asset("there.txt", Some(stored)),
            asset("lost.jpg", Some("ab".repeat(32))),
            asset("never fetched", None),
        ];
        let record = Record {
            assets,
            ..Record::new("odd", json("1"))
        };
        sink.records("notes/@local", vec![Change::Upsert(record)])?;
        sink.end_collection("notes/@local")
    }));
    let snapshot = bench.backup_of(&told, &bench.vault).unwrap().snapshot;
    let request = DrillRequest {
        scope: DrillScope::Everything,
        scratch: bench.dir.path().join("scratch"),
        limit_bytes: None,
    };
    let done = drill(&bench.vault, &snapshot, &bench.connector, &request, &bench.job()).unwrap();
    assert_eq!((done.verdict, done.differing_count), (Verdict::Failed, 1));
    assert_eq!(done.differing[0].subject, "notes/@local/odd: lost.jpg");
    assert_eq!(
        done.compared, 3,
        "the record, the attachment that is there, and the one that is not"
    );
}
