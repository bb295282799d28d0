//! Restore drills: what comes back is compared, damage is found and named, and no scratch place stays behind.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use backstay_engine::{
    EngineError, Reporter, Silent,
    drill::{DrillDone, DrillError, DrillRequest, DrillScope, DrillWay, drill, sweep},
};
use backstay_model::{ErrorKind, Gap, Progress, Stage, Verdict};
use backstay_source::{Cancel, Connector};
use backstay_source_kit::MemorySource;
use backstay_vault::{FileKind, Id, Place as _, Snapshot, pack::BlobKind};

use crate::{
    backup::fill,
    bench::{Bench, Dump, json},
    careless::Careless,
    disk::{Disk, connector},
};

const TABLES: &str = "create table authors(id integer primary key, name text);
    create table books(id integer primary key, title text, author integer references authors, cover blob);
    create table tags(code text primary key, label text) without rowid;
    create view titles as select title from books;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 50) insert into authors select i, 'author ' || i from n;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 400)
        insert into books select i, 'book ' || i, 1 + i % 50, randomblob(3000) from n;
    insert into tags values ('a', 'x'), ('b', 'y');";

/// Every folder there is, and an empty one, a link and a hidden file.
fn folder(disk: &Disk) {
    for n in 0..60_u32 {
        let content: Vec<u8> = (0..2000 * (n % 4)).map(|at| (at * n) as u8).collect();
        disk.write(&format!("docs/{}/{n}.bin", n % 5), &content);
    }
    disk.write("docs/top.txt", b"top");
    disk.write("docs/.hidden", b"h");
    std::fs::create_dir_all(disk.path("docs/empty")).unwrap();
    std::os::unix::fs::symlink("top.txt", disk.path("docs/link")).unwrap();
}

fn databases(disk: &Disk) {
    for db in ["data/a/shop.db", "data/notes.db"] {
        disk.sql(db, TABLES);
    }
}

impl Disk {
    fn scratch(&self) -> PathBuf {
        self.path("scratch")
    }

    fn request(&self, scope: DrillScope) -> DrillRequest {
        DrillRequest {
            scope,
            scratch: self.scratch(),
            limit_bytes: None,
        }
    }

    fn drill(&self, kind: &str, snapshot: &Snapshot, scope: DrillScope) -> Result<DrillDone, EngineError> {
        self.drill_for(kind, snapshot, scope, &Silent)
    }

    fn drill_for(
        &self,
        kind: &str,
        snapshot: &Snapshot,
        scope: DrillScope,
        reporter: &dyn Reporter,
    ) -> Result<DrillDone, EngineError> {
        let connector = connector(kind).unwrap();
        drill(
            &self.vault,
            snapshot,
            &connector,
            &self.request(scope),
            &self.job_for(reporter),
        )
    }
}

fn is_empty(scratch: &Path) -> bool {
    !scratch.exists() || std::fs::read_dir(scratch).unwrap().next().is_none()
}

fn all_well(done: &DrillDone) {
    assert_eq!(
        (done.verdict, done.differing_count, done.score, &done.differing[..]),
        (Verdict::Complete, 0, 100.0, &[][..])
    );
    assert!(done.compared > 0);
}

#[test]
fn a_folder_comes_back_though_the_source_is_gone() {
    let disk = Disk::new();
    folder(&disk);
    let snapshot = disk.backup("folder", "docs").snapshot;
    std::fs::remove_dir_all(disk.path("docs")).unwrap();
    let done = disk.drill("folder", &snapshot, DrillScope::Everything).unwrap();
    all_well(&done);
    assert_eq!((done.files, done.records, done.way), (62, 0, DrillWay::SamePlace));
    assert_eq!(done.compared, 62 + 6 + 1, "files, folders and the link");
    assert_eq!(done.bytes, 5 * 3 * (2000 + 4000 + 6000) + 4);
    assert!(done.seconds > 0.0 && done.compare_seconds > 0.0);
    assert_eq!((done.snapshot.clone(), done.taken), (snapshot.id.to_hex(), snapshot.time));
    assert!(!disk.path("docs").exists());
    let one = disk.drill("folder", &snapshot, DrillScope::OneRecordEach).unwrap();
    all_well(&one);
    assert_eq!(
        (one.files, one.compared),
        (6, 6),
        "one of each top folder, and one at the top"
    );
    assert!(is_empty(&disk.scratch()));
}

#[test]
fn folders_closed_to_writing_are_removed_too() {
    let disk = Disk::new();
    disk.write("docs/a/b/closed.txt", b"x");
    let mode = |mode| {
        for rel in ["docs/a/b", "docs/a"] {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            std::fs::set_permissions(disk.path(rel), mode).unwrap();
        }
    };
    mode(0o500);
    let snapshot = disk.backup("folder", "docs").snapshot;
    let done = disk.drill("folder", &snapshot, DrillScope::Everything);
    mode(0o700);
    all_well(&done.unwrap());
    assert!(is_empty(&disk.scratch()));
}

#[test]
fn databases_come_back_row_by_row() {
    for (rel, files) in [("data", 2), ("data/notes.db", 1)] {
        let disk = Disk::new();
        databases(&disk);
        let snapshot = disk.backup("sqlite", rel).snapshot;
        std::fs::remove_dir_all(disk.path("data")).unwrap();
        let done = disk.drill("sqlite", &snapshot, DrillScope::Everything).unwrap();
        all_well(&done);
        assert_eq!((done.files, done.records), (files, files * 452));
        assert!(done.compared >= files * 453, "{} compared", done.compared);
        let one = disk.drill("sqlite", &snapshot, DrillScope::OneRecordEach).unwrap();
        all_well(&one);
        assert_eq!(
            (one.records, one.compared),
            (files * 3, files * 3),
            "a row of each table, foreign keys or not"
        );
        assert!(is_empty(&disk.scratch()));
    }
}

#[test]
fn a_database_without_an_ending_comes_back() {
    let disk = Disk::new();
    disk.sql("store/history", TABLES);
    let snapshot = disk.backup("sqlite", "store/history").snapshot;
    let done = disk.drill("sqlite", &snapshot, DrillScope::Everything).unwrap();
    all_well(&done);
    assert_eq!((done.files, done.records), (1, 452));
}

#[test]
fn records_of_a_service_come_back_as_files() {
    let bench = Bench::new();
    fill(&bench.source);
    let snapshot = bench.backup().snapshot;
    let scratch = bench.dir.path().join("scratch");
    let at = |scope| {
        let request = DrillRequest {
            scope,
            scratch: scratch.clone(),
            limit_bytes: None,
        };
        drill(&bench.vault, &snapshot, &bench.connector, &request, &bench.job()).unwrap()
    };
    let done = at(DrillScope::Everything);
    all_well(&done);
    assert_eq!((done.records, done.files, done.way), (1202, 3, DrillWay::Files));
    assert_eq!(done.compared, 1202 + 3 + 3 + 1, "records, files, folders, an attachment");
    let one = at(DrillScope::OneRecordEach);
    all_well(&one);
    assert_eq!((one.records, one.files), (2, 2));
    assert!(is_empty(&scratch));
}

#[test]
fn an_empty_snapshot_is_no_failure() {
    let disk = Disk::new();
    std::fs::create_dir_all(disk.path("docs")).unwrap();
    let snapshot = disk.backup("folder", "docs").snapshot;
    for scope in [DrillScope::Everything, DrillScope::OneRecordEach] {
        let done = disk.drill("folder", &snapshot, scope).unwrap();
        assert_eq!((done.verdict, done.compared, done.score), (Verdict::Complete, 0, 100.0));
    }
}

/// Ids of all packs, in order.
fn packs(disk: &Disk) -> Vec<Id> {
    let mut packs: Vec<Id> = disk
        .place
        .list(FileKind::Pack)
        .unwrap()
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    packs.sort();
    packs
}

/// Damages the vault in many places, one at a time: what a drill says must follow from whether it reads there.
fn damaged(kind: &str, rel: &str, make: fn(&Disk)) -> (u64, u64) {
    let disk = Disk::new();
    make(&disk);
    let snapshot = disk.backup(kind, rel).snapshot;
    let (mut hit, mut spared) = (0, 0);
    for pack in packs(&disk) {
        let whole = disk.place.inner.read(FileKind::Pack, &pack).unwrap();
        for tenth in [0, 1, 3, 5, 7, 9] {
            let at = whole.len() * tenth / 10 + 20;
            disk.place.inner.tamper(FileKind::Pack, &pack, |mut bytes| {
                bytes[at] ^= 0x40;
                Some(bytes)
            });
            let done = disk.drill(kind, &snapshot, DrillScope::Everything).unwrap();
            disk.place.inner.tamper(FileKind::Pack, &pack, |_| Some(whole.to_vec()));
            if done.verdict == Verdict::Complete {
                // The headers at the end of a pack are not needed while the index is whole.
                spared += 1;
                assert!(at > whole.len() / 2, "byte {at} of {} went unnoticed", whole.len());
                continue;
            }
            hit += 1;
            assert_eq!(done.verdict, Verdict::Failed);
            assert!(done.score < 100.0 && done.differing_count > 0);
            assert!(
                done.differing.iter().any(|gap| gap.kind == ErrorKind::Damaged),
                "{:?}",
                done.differing
            );
            assert!(
                done.differing.iter().all(|gap| !gap.subject.is_empty()),
                "{:?}",
                done.differing
            );
        }
    }
    assert!(is_empty(&disk.scratch()));
    all_well(&disk.drill(kind, &snapshot, DrillScope::Everything).unwrap());
    (hit, spared)
}

#[test]
fn flipped_bytes_in_a_vault_of_files_fail_the_drill() {
    let (hit, spared) = damaged("folder", "docs", folder);
    assert!(hit >= 8 && spared <= 2, "{hit} hits, {spared} spared");
}

#[test]
fn flipped_bytes_in_a_vault_of_databases_fail_the_drill() {
    let (hit, spared) = damaged("sqlite", "data", databases);
    assert!(hit >= 8 && spared <= 2, "{hit} hits, {spared} spared");
}

#[test]
fn a_damaged_index_is_a_finding_or_gone_around() {
    for cut in [true, false] {
        let disk = Disk::new();
        folder(&disk);
        let snapshot = disk.backup("folder", "docs").snapshot;
        for (index, _) in disk.place.list(FileKind::Index).unwrap() {
            disk.place.inner.tamper(FileKind::Index, &index, |mut bytes| {
                bytes[30] ^= 1;
                (!cut).then_some(bytes)
            });
        }
        let done = disk.drill("folder", &snapshot, DrillScope::Everything).unwrap();
        match done.verdict {
            Verdict::Complete => all_well(&done),
            verdict => {
                assert_eq!((verdict, done.score), (Verdict::Failed, 0.0));
                assert!(!done.differing.is_empty());
            }
        }
    }
}

#[test]
fn damaged_content_names_its_file_and_the_rest_comes_back() {
    let disk = Disk::new();
    disk.write("docs/first/kept.txt", b"kept");
    disk.write("docs/second/lost.txt", b"lost");
    let snapshot = disk.backup("folder", "docs").snapshot;
    let reader = disk.vault.reader().unwrap();
    let node = reader.find(&snapshot, "files/second/lost.txt").unwrap().unwrap();
    let index = reader.index();
    let blob = index.first(BlobKind::Data, &node.content[0]).unwrap();
    let pack = index.packs()[blob.pack as usize].id;
    disk.place.inner.tamper(FileKind::Pack, &pack, |mut bytes| {
        bytes[blob.blob.offset as usize + 20] ^= 1;
        Some(bytes)
    });
    let done = disk.drill("folder", &snapshot, DrillScope::Everything).unwrap();
    let names: Vec<_> = done.differing.iter().map(|gap| (gap.subject.as_str(), gap.kind)).collect();
    assert_eq!(names, [("second/lost.txt", ErrorKind::Damaged)]);
    assert_eq!((done.verdict, done.differing_count, done.compared), (Verdict::Failed, 1, 4));
    assert_eq!((done.files, done.score), (1, 75.0));
    assert!(done.differing[0].message.contains("damaged"), "{:?}", done.differing);
    assert!(is_empty(&disk.scratch()));
}

#[test]
fn lost_packs_of_records_fail_the_drill() {
    let bench = Bench::new();
    fill(&bench.source);
    let snapshot = bench.backup().snapshot;
    let request = DrillRequest {
        scope: DrillScope::Everything,
        scratch: bench.dir.path().join("scratch"),
        limit_bytes: None,
    };
    let mut failed = 0;
    for (pack, _) in bench.place.list(FileKind::Pack).unwrap() {
        let whole = bench.place.read(FileKind::Pack, &pack).unwrap();
        bench.place.tamper(FileKind::Pack, &pack, |_| None);
        let done = drill(&bench.vault, &snapshot, &bench.connector, &request, &bench.job()).unwrap();
        assert_eq!(done.verdict, Verdict::Failed);
        assert!(!done.differing.is_empty());
        failed += 1;
        bench.place.tamper(FileKind::Pack, &pack, |_| Some(whole.to_vec()));
    }
    assert!(failed >= 2);
    assert!(is_empty(&request.scratch));
}

#[test]
fn no_room_is_told_before_anything_is_written() {
    let disk = Disk::new();
    folder(&disk);
    let snapshot = disk.backup("folder", "docs").snapshot;
    let connector = connector("folder").unwrap();
    let request = DrillRequest {
        limit_bytes: Some(1 << 20),
        ..disk.request(DrillScope::Everything)
    };
    let error = drill(&disk.vault, &snapshot, &connector, &request, &disk.job()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Full);
    let EngineError::Drill(DrillError::OverLimit { need, limit, .. }) = error else {
        panic!("{error:?}")
    };
    assert!(need > 180_000 && limit == 1 << 20, "{need}");
    assert!(!disk.scratch().exists(), "nothing was made");
    // A file system that has no room at all.
    let request = DrillRequest {
        scratch: "/proc/drills".into(),
        ..disk.request(DrillScope::Everything)
    };
    let error = drill(&disk.vault, &snapshot, &connector, &request, &disk.job()).unwrap_err();
    assert!(error.hint().is_some());
    let EngineError::Drill(DrillError::NoRoom { need: same, free: 0, .. }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(same, need);
    assert!(!disk.scratch().exists());
}

#[test]
fn another_kind_of_source_is_refused() {
    let disk = Disk::new();
    folder(&disk);
    let snapshot = disk.backup("folder", "docs").snapshot;
    let error = disk.drill("sqlite", &snapshot, DrillScope::Everything).unwrap_err();
    assert!(matches!(error, EngineError::Drill(DrillError::OtherKind { .. })), "{error:?}");
}

/// Cancels when a stage has begun, and remembers whether it did.
struct CancelAt {
    stage: Stage,
    cancel: Cancel,
    fired: AtomicU64,
    scratch: PathBuf,
    seen: AtomicU64,
}

impl Reporter for CancelAt {
    fn progress(&self, progress: &Progress) {
        if progress.stage == Some(self.stage) {
            self.seen.store(u64::from(!is_empty(&self.scratch)), Ordering::Relaxed);
            self.fired.fetch_add(1, Ordering::Relaxed);
            self.cancel.cancel();
        }
    }
    fn gap(&self, _: &Gap) {}
    fn note(&self, _: &str) {}
}

#[test]
fn a_cancelled_drill_leaves_nothing() {
    for stage in [Stage::Preparing, Stage::Comparing, Stage::Writing, Stage::Verifying] {
        for (kind, rel) in [("folder", "docs"), ("sqlite", "data")] {
            let disk = Disk::new();
            folder(&disk);
            databases(&disk);
            let snapshot = disk.backup(kind, rel).snapshot;
            let reporter = CancelAt {
                stage,
                cancel: disk.cancel.clone(),
                fired: AtomicU64::new(0),
                scratch: disk.scratch(),
                seen: AtomicU64::new(0),
            };
            let error = disk
                .drill_for(kind, &snapshot, DrillScope::Everything, &reporter)
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled, "{stage:?}");
            assert!(reporter.fired.load(Ordering::Relaxed) > 0, "{stage:?} came");
            let was_there = reporter.seen.load(Ordering::Relaxed) == 1;
            assert_eq!(was_there, stage != Stage::Preparing, "the place was there at {stage:?}");
            assert!(is_empty(&disk.scratch()), "{stage:?}");
        }
    }
}

/// Says that the drill is in the middle, and stays there.
struct Stay;

impl Reporter for Stay {
    fn progress(&self, progress: &Progress) {
        if progress.stage == Some(Stage::Verifying) {
            println!("\nREADY");
            std::io::stdout().flush().unwrap();
            std::thread::sleep(Duration::from_secs(60));
        }
    }
    fn gap(&self, _: &Gap) {}
    fn note(&self, _: &str) {}
}

const SCRATCH: &str = "BACKSTAY_TEST_SCRATCH";

/// Not a test by itself: a process that is killed in the middle of a drill.
#[test]
fn other_process() {
    let Ok(scratch) = std::env::var(SCRATCH) else { return };
    let disk = Disk::new();
    folder(&disk);
    let snapshot = disk.backup("folder", "docs").snapshot;
    let request = DrillRequest {
        scratch: scratch.into(),
        ..disk.request(DrillScope::Everything)
    };
    let connector = connector("folder").unwrap();
    drill(&disk.vault, &snapshot, &connector, &request, &disk.job_for(&Stay)).unwrap();
}

#[test]
fn what_a_killed_drill_left_goes_with_the_next() {
    let disk = Disk::new();
    folder(&disk);
    let snapshot = disk.backup("folder", "docs").snapshot;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "drill::other_process", "--nocapture", "--test-threads=1"])
        .env(SCRATCH, disk.scratch())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines.any(|line| line.unwrap().contains("READY")),
        "the other process ended early"
    );
    assert_eq!(sweep(&disk.scratch()).unwrap(), 0, "it lives, and its place stays");
    assert!(!is_empty(&disk.scratch()));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!is_empty(&disk.scratch()), "it was killed in the middle");
    disk.write("scratch/mine.txt", b"a person's");
    all_well(&disk.drill("folder", &snapshot, DrillScope::Everything).unwrap());
    let left: Vec<_> = std::fs::read_dir(disk.scratch())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left, ["mine.txt"]);
}

#[test]
fn numbers_of_a_drill_reach_scripts() {
    let bench = Bench::new();
    bench.source.put("c", "1", json("1"));
    let snapshot = bench.backup().snapshot;
    let request = DrillRequest {
        scope: DrillScope::Everything,
        scratch: bench.dir.path().join("scratch"),
        limit_bytes: None,
    };
    let done = drill(&bench.vault, &snapshot, &Arc::clone(&bench.connector), &request, &bench.job()).unwrap();
    let text = serde_json::to_string(&done).unwrap();
    assert!(
        text.contains(r#""differingCount":0"#) && text.contains(r#""way":"files""#),
        "{text}"
    );
    assert_eq!(serde_json::from_str::<DrillDone>(&text).unwrap(), done);
}

#[test]
fn what_a_target_loses_without_a_word_is_found() {
    let bench = Bench::new();
    fill(&bench.source);
    let snapshot = bench.backup().snapshot;
    let before = Dump::of(&bench.live());
    let request = |scope| DrillRequest {
        scope,
        scratch: bench.dir.path().join("scratch"),
        limit_bytes: None,
    };
    for careless in [false, true] {
        let connector: Arc<dyn Connector> = Arc::new(Careless(MemorySource::default(), careless));
        let done = drill(
            &bench.vault,
            &snapshot,
            &connector,
            &request(DrillScope::Everything),
            &bench.job(),
        )
        .unwrap();
        assert_eq!((done.compared, done.way), (1208, DrillWay::SamePlace));
        if !careless {
            all_well(&done);
            assert_eq!((done.records, done.files), (1202, 3));
            let one = drill(
                &bench.vault,
                &snapshot,
                &connector,
                &request(DrillScope::OneRecordEach),
                &bench.job(),
            )
            .unwrap();
            all_well(&one);
            assert_eq!((one.records, one.files, one.compared), (2, 2, 4));
            continue;
        }
        let named: Vec<_> = done
            .differing
            .iter()
            .map(|gap| (gap.subject.as_str(), gap.message.as_str()))
            .collect();
        assert_eq!(
            named,
            [
                ("notes/n0007", "is not there"),
                ("notes/n0008", "has other content than the backup")
            ]
        );
        assert_eq!((done.verdict, done.differing_count), (Verdict::Failed, 2));
        assert!(done.score < 100.0 && done.score > 99.0);
    }
    assert_eq!(Dump::of(&bench.live()), before, "the source is as it was");
}
